"""What changed between two versions of a plan, in words."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeVar

from maillage.engine.funding.types import CostLine
from maillage.engine.funding.words import euros
from maillage.funding.document import PlanDocument, Source

_MOST: Final = 8
L = TypeVar("L", CostLine, Source)


def between(before: PlanDocument, after: PlanDocument) -> list[str]:
    """Sentences, lines first: « Toiture : 120 000 € au lieu de 100 000 € » (costs without VAT).
    Empty for the same plan; at most `_MOST`, then how many more there are.
    """
    said = [
        *_lines(before.costs, after.costs, _costs(before), _costs(after)),
        *_lines(before.resources, after.resources, _brought(before), _brought(after)),
        *_around(before, after),
    ]
    more = len(said) - _MOST
    return said if more <= 1 else [*said[:_MOST], f"et {more} autres changements"]


def in_a_line(said: Sequence[str]) -> str:
    """What changed as the sentence that a version keeps."""
    return f"Modifié : {' ; '.join(said)}" if said else "Le plan est modifié"


def _costs(plan: PlanDocument) -> dict[str, Decimal]:
    return {line.id: line.net for line in plan.costs}


def _brought(plan: PlanDocument) -> dict[str, Decimal]:
    return {one.id: one.counted for one in plan.resources}


def _lines(
    before: Sequence[L], after: Sequence[L], was: Mapping[str, Decimal], now: Mapping[str, Decimal]
) -> Iterator[str]:
    known, kept = {one.id: one for one in before}, {one.id: one for one in after}
    for name, one in kept.items():
        label = f"« {one.label[:60] or 'ligne sans nom'} »"
        if name not in known:
            yield f"{label} ajoutée, {euros(now[name])}"
        elif was[name] != now[name]:
            yield f"{label} : {euros(now[name])} au lieu de {euros(was[name])}"
        elif known[name].label != one.label:
            yield f"« {known[name].label[:60]} » devient {label}"
        elif known[name] != one:
            yield f"{label} : ses détails"
    for name, one in known.items():
        if name not in kept:
            yield f"« {one.label[:60] or 'ligne sans nom'} » retirée, {euros(was[name])}"


def _around(before: PlanDocument, after: PlanDocument) -> Iterator[str]:
    if before.bearer != after.bearer or before.economic != after.economic:
        yield "qui porte le projet"
    if before.in_net != after.in_net:
        yield "le plan passe en HT" if after.in_net else "le plan passe en TTC"
    if before.date != after.date:
        yield f"les règles du {after.date:%d/%m/%Y}"
    if (before.own_most, before.total) != (after.own_most, after.total):
        yield "l'argent disponible ou le total annoncé"
