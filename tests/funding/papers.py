"""Subjects of papers for tests: the example, and its extremes."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from maillage.engine.funding.types import CostLine, Fund, Status
from maillage.funding.document import PlanDocument, Source
from maillage.funding.papers.examples import example
from maillage.funding.papers.subject import Subject
from maillage.funding.planning import checks

DAY = date(2026, 11, 21)
LONG = "maçonnerie, charpente, couverture et menuiseries du bâtiment communal " * 3


def subject(document: PlanDocument | None = None, **said: Any) -> Subject:
    """The example, with another plan."""
    made = example(DAY)
    if document is not None:
        made = replace(made, document=document, checks=checks(document))
    return replace(made, **said)


def changed(**said: Any) -> Subject:
    """The example, some fields of its plan changed."""
    return subject(replace(example(DAY).document, **said))


def empty() -> Subject:
    """A plan without anything."""
    return subject(
        PlanDocument(DAY), project="Projet", body="", email="", phone="", need="", phase="",
        starts_on=None, ends_on=None,
    )  # fmt: skip


def crowded(costs: int = 25, resources: int = 40) -> Subject:
    """A plan of tens of lines, of every fund and in every status, with long labels."""
    funds, statuses = list(Fund), list(Status)
    return changed(
        costs=tuple(
            CostLine(f"c{n}", f"Lot {n} : {LONG}"[:200].strip(),
                     Decimal("1000.50"), Decimal("1200.60"))
            for n in range(costs)
        ),
        resources=tuple(
            Source(f"r{n}", f"Financeur {n} : {LONG}"[:200].strip(), funds[n % len(funds)],
                   Decimal(1_000 * n) + Decimal("0.33"), statuses[n % len(statuses)])
            for n in range(resources)
        ),
    )  # fmt: skip


def hostile(typed: str) -> Subject:
    """Every text of the plan is `typed`."""
    made = example(DAY).document
    return subject(
        replace(
            made,
            bearer=replace(made.bearer, name=typed),
            costs=tuple(replace(line, label=typed) for line in made.costs),
            resources=tuple(replace(one, label=typed) for one in made.resources),
        ),
        project=typed, need=typed, body=typed, email=typed, phone=typed,
    )  # fmt: skip


def plain(text: str) -> str:
    """One kind of space and of apostrophe."""
    for hard in "\u00a0\u202f":
        text = text.replace(hard, " ")
    return text.replace("’", "'").replace("\u200b", "")
