"""What changed between two versions of a plan, in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from maillage.engine.funding.types import ZERO, CostLine, Fund, Status
from maillage.engine.funding.words import euros
from maillage.funding.document import PlanDocument, Source
from maillage.funding.enums import STATUSES

_MOST: Final = 8
_STATUSES: Final = dict(STATUSES)
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
            yield f"{label} : {_detail(known[name], one)}"
    for name, one in known.items():
        if name not in kept:
            yield f"« {one.label[:60] or 'ligne sans nom'} » retirée, {euros(was[name])}"


def _detail(before: CostLine | Source, after: CostLine | Source) -> str:
    """What else changed of a line: where its dossier stands, or its details."""
    if isinstance(before, Source) and isinstance(after, Source) and before.status != after.status:
        was, now = (_STATUSES[one.status.value].lower() for one in (before, after))
        return f"{now} au lieu de {was}"
    return "ses détails"


@dataclass(frozen=True, slots=True)
class Side:
    """A line that differs in two versions: its name, what it counted in each (``None``: it was not
    there, 0: refused), and where its dossier stood.
    """

    label: str
    before: Decimal | None
    after: Decimal | None
    stood: str
    stands: str


@dataclass(frozen=True, slots=True)
class Lines:
    """The costs, or the resources, of two versions: the lines that differ, how many are the same,
    and what all of them came to in each.
    """

    changed: tuple[Side, ...]
    same: int
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Sides:
    """Two versions side by side, then what changed around the lines, in words."""

    costs: Lines
    resources: Lines
    around: tuple[str, ...]

    @property
    def changed(self) -> bool:
        """Whether anything differs."""
        return bool(self.around or self.costs.changed or self.resources.changed)


def side_by_side(before: PlanDocument, after: PlanDocument) -> Sides:
    """Two versions beside each other: the lines that differ, those of the second first, then those
    that it lost. Costs are without VAT.
    """
    return Sides(
        _sides(before.costs, after.costs, _costs(before), _costs(after)),
        _sides(before.resources, after.resources, _came(before), _came(after)),
        tuple(_around(before, after)),
    )


def _came(plan: PlanDocument) -> dict[str, Decimal]:
    """What each resource counts: nothing once it is refused."""
    return {one.id: ZERO if one.status is Status.REFUSED else one.counted for one in plan.resources}


def _sides(
    before: Sequence[L], after: Sequence[L], was: Mapping[str, Decimal], now: Mapping[str, Decimal]
) -> Lines:
    known, kept = {one.id: one for one in before}, {one.id: one for one in after}
    every = list(kept | known)
    changed = []
    for name in every:
        old, new = known.get(name), kept.get(name)
        if old == new:
            continue
        labels = [one.label for one in (new, old) if one is not None]
        label = labels[0] if len(set(labels)) == 1 else f"{labels[0]} (avant : {labels[1]})"
        changed.append(Side(label, was.get(name), now.get(name), _state(old), _state(new)))
    total, rest = sum(was.values(), ZERO), sum(now.values(), ZERO)
    return Lines(tuple(changed), len(every) - len(changed), total, rest)


def _state(one: CostLine | Source | None) -> str:
    if not isinstance(one, Source) or one.fund is Fund.OWN:
        return ""
    return _STATUSES[one.status.value]


def _around(before: PlanDocument, after: PlanDocument) -> Iterator[str]:
    if before.bearer != after.bearer or before.economic != after.economic:
        yield "qui porte le projet"
    if before.in_net != after.in_net:
        yield "le plan passe en HT" if after.in_net else "le plan passe en TTC"
    if before.date != after.date:
        yield f"les règles du {after.date:%d/%m/%Y}"
    if (before.own_most, before.total) != (after.own_most, after.total):
        yield "l'argent disponible ou le total annoncé"
