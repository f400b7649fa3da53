"""The plan made public during the works (rule « display »): an A4 or A3 sheet to be put up."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from maillage.common.templatetags.maillage import lettres
from maillage.common.typeset import as_pdf, as_read, cut, house
from maillage.engine.funding.types import (
    FUND_LABELS,
    OWN,
    STATE_CGCT,
    STATE_OTHER,
    ZERO,
    Fund,
    Status,
)
from maillage.engine.funding.words import euros
from maillage.funding.document import Source
from maillage.funding.papers.amounts import column, part
from maillage.funding.papers.plan import calendar
from maillage.funding.papers.subject import Subject, asked, giver

TEMPLATE: Final = Path(__file__).with_suffix(".typ")
TITLE: Final = "Ces travaux sont financés par"
#: Beyond it, funders are shown by family: the sheet is read from afar.
MOST_ROWS: Final = 14
LONGEST_LABEL: Final = 70
_PAYERS: Final = STATE_CGCT | STATE_OTHER | {Fund.LEADER, Fund.EUROPE}
LONGEST_NAME: Final = 200


def display_as_a4(subject: Subject) -> bytes:
    """The sheet as an A4 PDF."""
    return as_pdf(TEMPLATE, _data(subject, "a4"))


def display_as_a3(subject: Subject) -> bytes:
    """The sheet as an A3 PDF."""
    return as_pdf(TEMPLATE, _data(subject, "a3"))


def display_as_read(subject: Subject, paper: str = "a4") -> dict[str, Any]:
    """What the laid-out sheet says of itself (its metadata), to check it."""
    return as_read(TEMPLATE, _data(subject, paper))


def _data(subject: Subject, paper: str) -> dict[str, Any]:
    plan = subject.plan
    rows = _rows(subject)
    brought = sum((amount for _, _, amount in rows), ZERO)
    *written, total = column([*(amount for _, _, amount in rows), brought])
    return {
        **house(TITLE, subject.today),
        "paper": paper,
        "project": cut(subject.project, LONGEST_NAME),
        "bearer": cut(subject.called.title, LONGEST_NAME),
        "cost": f"{euros(plan.cost)} {subject.money}" if plan.costs else "",
        "calendar": calendar(subject),
        "rows": [
            {
                "label": cut(label, LONGEST_NAME),
                "origin": cut(fund, LONGEST_LABEL),
                "amount": said,
                "share": part(amount, brought),
                "width": float(amount / brought) if brought else 0.0,
            }
            for (label, fund, amount), said in zip(rows, written, strict=True)
        ],
        "total": total,
        "notes": _notes(subject, brought),
    }


def _rows(subject: Subject) -> list[tuple[str, str, Decimal]]:
    """Who pays what (label, fund, amount), the largest first; the bearer last, its loan with its
    own money.
    """
    others = [
        s
        for s in subject.document.resources
        if s.fund not in OWN and s.status is not Status.REFUSED and s.counted
    ]
    own = subject.plan.brought(OWN)
    found = [_named(subject, s) for s in others]
    if len(found) > MOST_ROWS:
        found = _by_family(others)
    found.sort(key=lambda row: -row[2])
    return [*found, (subject.called.title, "", own)] if own else found


def _named(subject: Subject, source: Source) -> tuple[str, str, Decimal]:
    """Who pays is told first, the aid beside: the provider of an entry of the catalogue, or the
    State and Europe, whose aids have names of their own.
    """
    payer, amount = subject.payer(source), source.counted
    if not payer and source.fund in _PAYERS:
        payer = giver(source)
    if payer:
        return payer, source.label, amount
    return source.label, giver(source), amount


def _by_family(sources: Sequence[Source]) -> list[tuple[str, str, Decimal]]:
    sums: dict[Fund, Decimal] = {}
    for source in sources:
        sums[source.fund] = sums.get(source.fund, ZERO) + source.counted
    return [(FUND_LABELS[fund].split(" (")[0], "", amount) for fund, amount in sums.items()]


def _notes(subject: Subject, brought: Decimal) -> list[str]:
    plan = subject.plan
    said = []
    if plan.brought(frozenset({Fund.LOAN})):
        said.append(
            f"La part {cut(subject.called.of, LONGEST_NAME)} comprend un emprunt de "
            f"{euros(plan.brought(frozenset({Fund.LOAN})))}."
        )
    if any(source.amount for source in asked(subject)):
        said.append("Des aides sont encore demandées : ce plan est prévisionnel.")
    funders = sum(1 for one in plan.counted if one.fund not in OWN and one.amount)
    if funders > MOST_ROWS:
        said.append(
            f"Les {funders} financeurs sont réunis par famille : le plan publié les dit un par un."
        )
    if plan.costs and brought != plan.cost:
        said.append("Le total des financements n'est pas celui des dépenses : plan à corriger.")
    said.append(f"Plan de financement établi le {lettres(subject.today)}.")
    if "display" in subject.law and subject.bearer.local_authority:
        text = subject.law["display"].reference
        said.append(f"Affiché au public pendant les travaux : {text[0].lower()}{text[1:]}.")
    return said
