"""Who does what: sixteen themes × five phases, who is in each cell, overlaps, gaps, differences.

Everything is told of one territory: its offers come in, chosen by the caller, with the identifiers
of those that cover it whole.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from maillage.engine.eligibility import is_generic
from maillage.engine.text import fold
from maillage.engine.types import Offer
from maillage.engine.vocabulary import PHASES, THEMES, Family, Kind, Level, State

#: A cell: (theme, phase).
Spot = tuple[str, str]
#: The eighty cells in the order of the page: theme by theme, then phase by phase.
SPOTS: Final[tuple[Spot, ...]] = tuple((t, p) for t in THEMES for p in PHASES)
HELP: Final = frozenset({Kind.ENGINEERING, Kind.BOTH})
MONEY: Final = frozenset({Kind.FUNDING, Kind.BOTH})


@dataclass(frozen=True, slots=True)
class Presence:
    """A provider in one cell. ``level`` is the closest of its offers there.

    ``whole``: one of them covers the whole territory. ``to_verify``: all are those of a kind of
    bodies that exists nearly everywhere (that one exists here is not known). ``invented``: all are
    made up for the demonstration.
    """

    provider: str
    name: str
    family: Family
    level: Level
    offers: tuple[str, ...]
    whole: bool = True
    to_verify: bool = False
    invented: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: who says that they act there, closest first.

    ``generalists`` counts the sure contacts that name this theme and phase: that they exist does
    not say that they do this, so they fill nothing.
    """

    theme: str
    phase: str
    presences: tuple[Presence, ...] = ()
    generalists: int = 0

    @property
    def spot(self) -> Spot:
        """Its theme and phase."""
        return (self.theme, self.phase)

    @property
    def offers(self) -> tuple[str, ...]:
        """Identifiers of the offers, in order."""
        return tuple(sorted(o for p in self.presences for o in p.offers))

    @property
    def by_family(self) -> dict[Family, int]:
        """Number of providers by family, the families that are there only, closest first."""
        counts = dict.fromkeys(Family, 0)
        for presence in self.presences:
            counts[presence.family] += 1
        return {family: count for family, count in counts.items() if count}

    @property
    def operators(self) -> tuple[Presence, ...]:
        """The State operators there."""
        return tuple(p for p in self.presences if p.family is Family.STATE_OPERATOR)

    @property
    def partial(self) -> int:
        """How many of its providers cover a part of the territory only."""
        return sum(not p.whole for p in self.presences)

    @property
    def overlap(self) -> bool:
        """At least two State operators in the same cell."""
        return len(self.operators) >= 2

    @property
    def single(self) -> bool:
        """One provider, and no other."""
        return len(self.presences) == 1

    @property
    def gap(self) -> bool:
        """Nobody but sure contacts."""
        return not self.presences


@dataclass(frozen=True)
class Matrix:
    """The eighty cells of a territory, theme by theme then phase by phase.

    ``contacts`` counts its sure contacts (providers), wherever they are; ``unplaced`` the offers
    that say no theme or no phase, and so are in no cell.
    """

    cells: tuple[Cell, ...]
    contacts: int = 0
    unplaced: int = 0

    def cell(self, theme: str, phase: str) -> Cell:
        """One cell; ``KeyError`` for an unknown theme or phase."""
        return self.by_spot[(theme, phase)]

    @cached_property
    def by_spot(self) -> Mapping[Spot, Cell]:
        """The cells by theme and phase."""
        return {cell.spot: cell for cell in self.cells}

    @cached_property
    def providers(self) -> Mapping[str, Presence]:
        """Every provider once, as in the first cell where it is, by identifier."""
        found: dict[str, Presence] = {}
        for cell in self.cells:
            for presence in cell.presences:
                found.setdefault(presence.provider, presence)
        return found

    @property
    def filled(self) -> int:
        """How many cells have someone."""
        return len(self.cells) - len(self.gaps)

    @property
    def overlaps(self) -> tuple[Cell, ...]:
        """Cells where two State operators or more say that they act."""
        return tuple(c for c in self.cells if c.overlap)

    @property
    def singles(self) -> tuple[Cell, ...]:
        """Cells held by one provider only."""
        return tuple(c for c in self.cells if c.single)

    @property
    def gaps(self) -> tuple[Cell, ...]:
        """Cells where nobody says that they act."""
        return tuple(c for c in self.cells if c.gap)

    def only(
        self, families: Collection[Family] = (), providers: Collection[str] | None = None
    ) -> "Matrix":
        """The same with the providers of some families (all when none is named), or only those
        that are named.
        """
        if not families and providers is None:
            return self

        def kept(one: Presence) -> bool:
            named = providers is None or one.provider in providers
            return named and (not families or one.family in families)

        cells = (replace(c, presences=tuple(filter(kept, c.presences))) for c in self.cells)
        return replace(self, cells=tuple(cells))


def build_matrix(
    offers: Iterable[Offer],
    kinds: Collection[Kind] = HELP,
    whole: Collection[str] | None = None,
) -> Matrix:
    """Place the offers of a territory in the cells: engineering by default.

    `whole` holds the identifiers of the offers that cover the whole territory; ``None``: all do.
    """
    held: dict[Spot, dict[str, list[Offer]]] = {}
    generalists: dict[Spot, int] = {}
    contacts: set[str] = set()
    unplaced = 0
    for offer in offers:
        if offer.generalist:
            contacts.add(offer.provider_id)
        if offer.kind not in kinds:
            continue
        spots = [(t, p) for t in offer.themes for p in offer.phases if t in THEMES and p in PHASES]
        if offer.generalist:
            for spot in spots:
                generalists[spot] = generalists.get(spot, 0) + 1
            continue
        if not spots:
            unplaced += 1
        for spot in spots:
            held.setdefault(spot, {}).setdefault(offer.provider_id, []).append(offer)
    folded: dict[str, str] = {}
    cells = tuple(
        Cell(
            *spot,
            _closest_first(
                [_presence(mine, whole) for mine in held.get(spot, {}).values()], folded
            ),
            generalists.get(spot, 0),
        )
        for spot in SPOTS
    )
    return Matrix(cells, len(contacts), unplaced)


def _presence(offers: list[Offer], whole: Collection[str] | None) -> Presence:
    if len(offers) == 1:  # nearly always: the eighty cells of a large catalogue hold thousands
        (one,) = offers
        return Presence(
            one.provider_id, one.provider_name, one.family, one.level, (one.id,),
            whole is None or one.id in whole, is_generic(one), one.state is State.DEMONSTRATION,
        )  # fmt: skip
    first = min(offers, key=lambda o: (o.level, o.id))
    return Presence(
        provider=first.provider_id,
        name=first.provider_name,
        family=first.family,
        level=first.level,
        offers=tuple(sorted(o.id for o in offers)),
        whole=whole is None or any(o.id in whole for o in offers),
        to_verify=all(is_generic(o) for o in offers),
        invented=all(o.state is State.DEMONSTRATION for o in offers),
    )


def _closest_first(presences: list[Presence], folded: dict[str, str]) -> tuple[Presence, ...]:
    """By level, those that are known there before those to verify, then by name without its
    accents (`folded` remembers them), then by identifier.
    """
    for one in presences:
        if one.name not in folded:
            folded[one.name] = fold(one.name)

    def rank(one: Presence) -> tuple[Level, bool, str, str]:
        return (one.level, one.to_verify, folded[one.name], one.provider)

    return tuple(sorted(presences, key=rank))


# -- Two dates


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that is not held by the same providers: who came, who left."""

    theme: str
    phase: str
    before: int
    after: int
    came: tuple[Presence, ...]
    left: tuple[Presence, ...]

    @property
    def gained(self) -> bool:
        """It was empty, and is not any more."""
        return not self.before

    @property
    def lost(self) -> bool:
        """It is empty now, and was not."""
        return not self.after


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs from one matrix to another of the same territory."""

    cells: tuple[CellChange, ...] = ()
    came: tuple[Presence, ...] = ()
    left: tuple[Presence, ...] = ()

    @property
    def gained(self) -> tuple[CellChange, ...]:
        """Cells that someone holds again."""
        return tuple(c for c in self.cells if c.gained)

    @property
    def lost(self) -> tuple[CellChange, ...]:
        """Cells that nobody holds any more."""
        return tuple(c for c in self.cells if c.lost)

    @property
    def others(self) -> tuple[CellChange, ...]:
        """Cells held before and after, by others."""
        return tuple(c for c in self.cells if not c.gained and not c.lost)

    def reversed(self) -> "Difference":
        """The way back."""
        cells = (
            replace(c, before=c.after, after=c.before, came=c.left, left=c.came) for c in self.cells
        )
        return Difference(tuple(cells), self.left, self.came)


def differ(before: Matrix, after: Matrix) -> Difference:
    """What changed from `before` to `after`: providers are compared by identifier."""
    changes = []
    for old, new in zip(before.cells, after.cells, strict=True):
        came, left = _apart(new.presences, old.presences), _apart(old.presences, new.presences)
        if came or left:
            count = (len(old.presences), len(new.presences))
            changes.append(CellChange(old.theme, old.phase, *count, came, left))
    return Difference(
        tuple(changes),
        _apart(tuple(after.providers.values()), tuple(before.providers.values())),
        _apart(tuple(before.providers.values()), tuple(after.providers.values())),
    )


def _apart(these: tuple[Presence, ...], those: tuple[Presence, ...]) -> tuple[Presence, ...]:
    known = {one.provider for one in those}
    return tuple(one for one in these if one.provider not in known)
