"""A best plan as a document: each line keeps what was known of it, and what is filed stays."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from maillage.engine.funding.answer import BestPlan
from maillage.engine.funding.types import ZERO, Fund, Resource, Status
from maillage.funding.document import PlanDocument, Source
from maillage.funding.source import among

_OWN_ID: Final = "own"


def taken(
    document: PlanDocument, best: BestPlan, others: Mapping[str, Source] | None = None
) -> PlanDocument:
    """`document` with the resources of a best plan. `others` are the aids that were not in it, by
    id. What was refused stays, as a memory; a loan stays as far as it is needed.
    """
    known = {one.id: one for one in document.resources}
    known = {**(others or {}), **known}
    split = {*best.second, *best.second.values()}
    kept = tuple(
        _line(one, known.get(best.second.get(one.id, one.id)), part=one.id in split)
        for one in best.plan.resources
        if one.fund is not Fund.OWN
    )
    refused = tuple(one for one in document.resources if one.status is Status.REFUSED)
    return replace(document, resources=among((*kept, *_own(document, best.own), *refused)))


def _line(found: Resource, source: Source | None, *, part: bool) -> Source:
    """A line of the best plan with what its source knows. Of an aid in two lines, each is known by
    its amount: its rate and its ceiling are of both together.
    """
    if source is None:
        return Source(found.id, found.label, found.fund, found.amount, scheme=found.scheme)
    lines = tuple(sorted(found.lines))
    if source.held or source.filed:
        # What was sent is not rewritten; which lines it may still pay is what this plan says.
        return replace(source, lines=lines) if lines and not source.lines else source
    if part:
        source = replace(source, id=found.id, label=found.label, rate=None, cap=None, floor=None,
                         flat=None)  # fmt: skip
    return replace(source, amount=found.amount, lines=lines)


def _own(document: PlanDocument, own: Decimal) -> Iterable[Source]:
    """Own money under the line that the plan had for it; a loan first, as far as it is needed."""
    left = own
    for one in document.resources:
        if one.fund is Fund.LOAN and one.status is not Status.REFUSED and left > ZERO:
            amount = min(one.counted, left)
            left -= amount
            yield one if amount == one.counted else replace(one, amount=amount)
    line = next((one for one in document.resources if one.fund is Fund.OWN), None)
    if left > ZERO:
        yield replace(line or Source(_OWN_ID, "Fonds propres", Fund.OWN), amount=left)
