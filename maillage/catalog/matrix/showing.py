"""The matrix made ready for its pages: lines of cells with their words, figures of the top."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode

from maillage.catalog.forms.matrix import MatrixFilters
from maillage.catalog.matrix.places import Place
from maillage.catalog.models import CellLead
from maillage.catalog.searching import search
from maillage.catalog.snapshot import shelf
from maillage.engine.matrix import Cell, Matrix, Presence, Spot
from maillage.engine.vocabulary import FAMILY_LABELS, PHASES, THEMES, Family

#: Names written in a cell of the grid; the others are on its page.
NAMED: Final = 3
#: From how many providers a cell is of the next shade (see the legend).
SHADES: Final = (1, 2, 6, 16)


@dataclass(frozen=True, slots=True)
class CellShown:
    """A cell of the grid: ``names`` are those written, ``more`` how many are not."""

    cell: Cell
    phase: str
    address: str
    shade: int
    names: tuple[Presence, ...]
    more: int
    leads: tuple[CellLead, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A theme and its five cells."""

    code: str
    theme: str
    cells: tuple[CellShown, ...]


@dataclass(frozen=True, slots=True)
class FamilyFigures:
    """A family: its providers, and the cells where it has someone."""

    code: str
    label: str
    providers: int
    cells: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures above the grid. ``sure`` counts the cells that are filled without the kinds of
    bodies that are to verify.
    """

    filled: int
    gaps: tuple[Cell, ...]
    singles: int
    overlaps: tuple[Cell, ...]
    providers: int
    invented: int
    partial: int
    to_verify: int
    sure: int
    contacts: int
    unplaced: int
    families: tuple[FamilyFigures, ...]


def lines(
    matrix: Matrix, place: Place, filters: MatrixFilters, leads: Mapping[Spot, Sequence[CellLead]]
) -> list[Line]:
    """The sixteen lines of the grid."""
    base, query = place.path, filters.query
    return [
        Line(
            theme,
            label,
            tuple(
                _cell(matrix.cell(theme, phase), said, f"{base}{theme}/{phase}/{query}", leads)
                for phase, said in PHASES.items()
            ),
        )
        for theme, label in THEMES.items()
    ]


def _cell(
    cell: Cell, phase: str, address: str, leads: Mapping[Spot, Sequence[CellLead]]
) -> CellShown:
    first = widest_first(cell.presences)
    # One name left out takes as much room as it would written.
    named = len(first) if len(first) == NAMED + 1 else NAMED
    return CellShown(
        cell, phase, address, shade(len(first)), first[:named], len(first[named:]),
        tuple(leads.get(cell.spot, ())),
    )  # fmt: skip


def shade(count: int) -> int:
    """From 0 (nobody) to 4 (many)."""
    return sum(count >= least for least in SHADES)


def widest_first(presences: Sequence[Presence]) -> tuple[Presence, ...]:
    """Those that cover the whole territory first, from the closest to the farthest."""
    return tuple(sorted(presences, key=lambda one: not one.whole))


def summary(matrix: Matrix) -> Summary:
    """Count what stands above the grid."""
    whole, sure, real = (
        {p.provider for c in matrix.cells for p in c.presences if kept(p)}
        for kept in (_whole, _sure, _real)
    )
    everyone = len(matrix.providers)
    return Summary(
        filled=matrix.filled,
        gaps=matrix.gaps,
        singles=len(matrix.singles),
        overlaps=matrix.overlaps,
        providers=everyone,
        invented=everyone - len(real),
        partial=everyone - len(whole),
        to_verify=everyone - len(sure),
        sure=sum(any(map(_sure, cell.presences)) for cell in matrix.cells),
        contacts=matrix.contacts,
        unplaced=matrix.unplaced,
        families=tuple(_families(matrix)),
    )


def _whole(one: Presence) -> bool:
    return one.whole


def _sure(one: Presence) -> bool:
    return not one.to_verify


def _real(one: Presence) -> bool:
    return not one.invented


def _families(matrix: Matrix) -> list[FamilyFigures]:
    providers = dict.fromkeys(Family, 0)
    cells = dict.fromkeys(Family, 0)
    for one in matrix.providers.values():
        providers[one.family] += 1
    for cell in matrix.cells:
        for family in cell.by_family:
            cells[family] += 1
    return [
        FamilyFigures(family.value, FAMILY_LABELS[family], providers[family], cells[family])
        for family in Family
        if providers[family]
    ]


def list_address(place: Place, filters: MatrixFilters, cell: Cell) -> str:
    """The list of offers with the same theme, step and filters, at this place."""
    return f"{reverse('catalog:list')}?{_list_query(place, filters, cell)}"


def listed(place: Place, filters: MatrixFilters, cell: Cell, today: date) -> int:
    """How many offers that list shows: not always those of the cell."""
    query = QueryDict(_list_query(place, filters, cell))
    return len(search(query, shelf(), today).listing.numbers)


def _list_query(place: Place, filters: MatrixFilters, cell: Cell) -> str:
    where = {"commune": "commune", "epci": "commune", "departement": "departement",
             "region": "region"}  # fmt: skip
    pairs = [(where[place.kind], place.code)] if place.kind in where else []
    pairs += [("theme", cell.theme), ("phase", cell.phase), *filters.in_the_list]
    return urlencode([*pairs, ("ouvertes", "1")])


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the same theme, on the page of a cell: its word, its page, how many act there."""

    code: str
    label: str
    address: str
    count: int


def step(place: Place, filters: MatrixFilters, cell: Cell) -> Step:
    """The step of a cell."""
    address = place.address("cell", theme=cell.theme, phase=cell.phase)
    return Step(cell.phase, PHASES[cell.phase], f"{address}{filters.query}", len(cell.presences))
