"""After a refusal: the next best plans, from what is already granted and asked."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from maillage.engine.funding.answer import Answer, BestPlan
from maillage.engine.funding.types import OWN, STATE_CGCT, Status
from maillage.engine.funding.words import euros
from maillage.funding.document import PlanDocument, Source
from maillage.funding.planning import aids_of_project, best
from maillage.funding.taking import taken
from maillage.projects.models import Project


@dataclass(frozen=True, slots=True)
class NextPlan:
    """A plan that may be taken: what it changes for the lines, in words, and as a document.

    ``titles`` are what it is the best at. ``first`` says which dossiers, filed already, would have
    to change: the plan is then shown and not taken, since what was sent to a funder is not ours to
    rewrite.
    """

    kind: str
    titles: tuple[str, ...]
    found: BestPlan
    document: PlanDocument
    added: tuple[str, ...]
    changed: tuple[str, ...]
    dropped: tuple[str, ...]
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Next:
    """What may be done after a refusal. ``answer`` holds what was set aside, and the conflict."""

    plans: tuple[NextPlan, ...]
    answer: Answer


def next_plans(document: PlanDocument, project: Project, today: date) -> Next:
    """The best plans for the costs of a plan without what was refused: what is granted, and what
    is already asked, stays as it is; the aids of the catalogue that answer the need may come in.
    Two queries.
    """
    known = {name for one in document.resources for name in (one.offer, one.id) if name}
    # The DETR is one envelope: it is not asked again under the name of one of its categories.
    envelopes = {one.fund for one in document.resources} & STATE_CGCT
    aids = [
        one
        for one in aids_of_project(project, today)
        if one.offer not in known and one.fund not in envelopes
    ]
    answer = best(document, [*document.resources, *aids])
    found = answer.plans or ((answer.conflict.nearest,) if answer.conflict else ())
    plans = [_next(document, one, aids) for one in found if one is not None]
    return Next(tuple(_distinct(plans)), answer)


def _next(document: PlanDocument, found: BestPlan, aids: Sequence[Source]) -> NextPlan:
    before = {one.id: one for one in document.resources if one.fund not in OWN}
    amounts = {one.id: one.amount for one in found.plan.resources if one.fund not in OWN}
    labels = {one.id: one.label for one in found.plan.resources}
    moved = {
        name: one for name, one in before.items()
        if one.status is not Status.REFUSED and amounts.get(name) != one.counted
    }  # fmt: skip
    settled = {name for name, one in moved.items() if one.held or one.filed}
    return NextPlan(
        kind=found.kind,
        titles=(found.label,),
        found=found,
        document=taken(document, found, {one.id: one for one in aids}),
        added=tuple(labels[name] for name in amounts if name not in before),
        changed=tuple(one.label for name, one in moved.items() if name in amounts),
        dropped=tuple(one.label for name, one in moved.items() if name not in amounts),
        first=tuple(_instead(moved[name], amounts) for name in moved if name in settled),
    )


def _instead(one: Source, amounts: dict[str, Decimal]) -> str:
    was, now = one.counted, amounts.get(one.id)
    rest = "à retirer" if not now else f"{euros(now)} au lieu de {euros(was)}"
    return f"{one.label} : {rest}"


def _distinct(plans: Iterable[NextPlan]) -> list[NextPlan]:
    """The same plan found twice stands once, with all its titles."""
    kept: dict[str, NextPlan] = {}
    for one in plans:
        same = json.dumps(one.document.as_json(), sort_keys=True)
        held = kept.get(same)
        kept[same] = replace(held, titles=(*held.titles, *one.titles)) if held else one
    return list(kept.values())
