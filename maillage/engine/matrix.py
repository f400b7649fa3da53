"""Who does what: sixteen themes × five phases, counted by family, with overlaps and gaps."""

from collections.abc import Iterable
from dataclasses import dataclass

from maillage.engine.types import Offer
from maillage.engine.vocabulary import PHASES, THEMES, Family, Kind


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: offers and providers by family; ``operators`` are the State operators there."""

    theme: str
    phase: str
    offers: tuple[str, ...]
    by_family: dict[Family, int]
    operators: tuple[str, ...]
    generalists: int = 0

    @property
    def overlap(self) -> bool:
        """At least two State operators in the same cell."""
        return len(self.operators) >= 2

    @property
    def gap(self) -> bool:
        """Nobody but sure contacts."""
        return not self.offers


@dataclass(frozen=True, slots=True)
class Matrix:
    """The eighty cells, theme by theme then phase by phase."""

    cells: tuple[Cell, ...]

    def cell(self, theme: str, phase: str) -> Cell:
        """One cell; ``KeyError`` for an unknown theme or phase."""
        return (
            self.cells[list(THEMES).index(theme) * len(PHASES) + list(PHASES).index(phase)]
            if (theme in THEMES and phase in PHASES)
            else _unknown(theme, phase)
        )

    @property
    def overlaps(self) -> tuple[Cell, ...]:
        """Cells where two State operators or more say that they act."""
        return tuple(c for c in self.cells if c.overlap)

    @property
    def gaps(self) -> tuple[Cell, ...]:
        """Cells where nobody says that they act."""
        return tuple(c for c in self.cells if c.gap)


def _unknown(theme: str, phase: str) -> Cell:
    raise KeyError((theme, phase))


def build_matrix(offers: Iterable[Offer], funding: bool = False) -> Matrix:
    """Count the offers by cell: engineering by default, money when ``funding`` is asked.

    A generalist counts apart: that it exists does not say that it does this.
    """
    refused = Kind.ENGINEERING if funding else Kind.FUNDING
    held: dict[tuple[str, str], list[Offer]] = {}
    for offer in sorted(offers, key=lambda o: o.id):
        if offer.kind is not refused:
            for theme in offer.themes:
                for phase in offer.phases:
                    held.setdefault((theme, phase), []).append(offer)
    cells: list[Cell] = []
    for theme in THEMES:
        for phase in PHASES:
            here = held.get((theme, phase), [])
            real = [o for o in here if not o.generalist]
            providers: dict[Family, set[str]] = {}
            for offer in real:
                providers.setdefault(offer.family, set()).add(offer.provider_id)
            cells.append(
                Cell(
                    theme,
                    phase,
                    tuple(o.id for o in real),
                    {f: len(providers[f]) for f in Family if f in providers},
                    tuple(sorted(providers.get(Family.STATE_OPERATOR, ()))),
                    len(here) - len(real),
                )
            )
    return Matrix(tuple(cells))
