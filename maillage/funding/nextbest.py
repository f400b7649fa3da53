"""After a refusal: the next best plans, from what is already granted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from maillage.engine.funding.optimise import Answer, BestPlan
from maillage.engine.funding.types import ZERO, Fund, Status
from maillage.engine.types import Need
from maillage.funding.document import PlanDocument, Source
from maillage.funding.planning import aids_for, best
from maillage.projects.models import Project

_HELD: Final = frozenset({Status.GRANTED, Status.PAID})
_ASKED: Final = frozenset({Status.FILED, Status.RECEIVED})
_OWN_ID: Final = "own"


@dataclass(frozen=True, slots=True)
class NextPlan:
    """A plan that may be taken: what it changes for the lines, in words, and as a document."""

    kind: str
    found: BestPlan
    document: PlanDocument
    added: tuple[str, ...]
    changed: tuple[str, ...]
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Next:
    """What may be done after a refusal. ``answer`` holds what was set aside, and the conflict."""

    plans: tuple[NextPlan, ...]
    answer: Answer


def next_plans(document: PlanDocument, project: Project, today: date) -> Next:
    """The best plans for the costs of a plan without what was refused: what is granted stays as it
    is, what was typed without a rate may bring what it was asked at most, and the aids of the
    catalogue that answer the need may come in. Two queries.
    """
    kind, _, code = project.territory.partition(":")
    need = Need(text=project.need or project.name, phase=project.phase)
    known = {name for one in document.resources for name in (one.offer, one.id) if name}
    aids = [
        one
        for one in aids_for(need, code if kind in ("com", "epci") else None, today)
        if one.offer not in known
    ]
    sources = [*map(_bounded, document.resources), *aids]
    answer = best(document, sources)
    found = answer.plans or ((answer.conflict.nearest,) if answer.conflict else ())
    plans = [_next(document, one, sources) for one in found if one is not None]
    return Next(tuple(_distinct(plans)), answer)


def _bounded(one: Source) -> Source:
    """An aid whose amount was typed without a rate, or is already asked, may bring that at most."""
    known = one.rate is not None or one.flat is not None
    if one.status in _HELD or not one.amount or (known and one.status not in _ASKED):
        return one
    most = one.amount if one.cap is None else min(one.cap, one.amount)
    return replace(one, rate=one.rate if known else Decimal(1), cap=most)


def _next(document: PlanDocument, found: BestPlan, sources: Sequence[Source]) -> NextPlan:
    before = {one.id: one for one in document.resources}
    given = {one.id: one for one in sources}
    kept: list[Source] = []
    added, changed = [], []
    for resource in found.plan.resources:
        if resource.fund is Fund.OWN:
            continue
        source = before.get(resource.id) or given[resource.id]
        if resource.id not in before:
            added.append(resource.label)
        elif source.status not in _HELD and source.amount != resource.amount:
            changed.append(resource.label)
        if source.status not in _HELD:
            source = replace(source, amount=resource.amount, lines=tuple(sorted(resource.lines)))
        kept.append(source)
    used = {one.id for one in kept}
    dropped = [
        one.label
        for one in document.resources
        if one.id not in used and one.status is not Status.REFUSED
        and one.fund not in (Fund.OWN, Fund.LOAN)
    ]  # fmt: skip
    refused = [one for one in document.resources if one.status is Status.REFUSED]
    resources = (*kept, *_own(document, found.own), *refused)
    return NextPlan(
        found.kind, found, replace(document, resources=tuple(resources)),
        tuple(added), tuple(changed), tuple(dropped),
    )  # fmt: skip


def _own(document: PlanDocument, own: Decimal) -> Iterable[Source]:
    """Own money under the line that the plan had for it; a loan stays as far as it is needed."""
    left = own
    for one in document.resources:
        if one.fund is Fund.LOAN and one.status is not Status.REFUSED and left > ZERO:
            amount = min(one.amount, left)
            left -= amount
            yield replace(one, amount=amount)
    line = next((one for one in document.resources if one.fund is Fund.OWN), None)
    if left > ZERO:
        yield replace(line or Source(_OWN_ID, "Fonds propres", Fund.OWN), amount=left)


def _distinct(plans: Iterable[NextPlan]) -> list[NextPlan]:
    """The same plan found twice stands once, under its first name."""
    kept: list[NextPlan] = []
    for one in plans:
        if all(one.document.as_json() != other.document.as_json() for other in kept):
            kept.append(one)
    return kept
