"""The matrix as tables: a line by provider in each cell, or the eighty cells."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from maillage.catalog.matrix.places import Place
from maillage.catalog.models import CellLead
from maillage.catalog.snapshot import Shelf
from maillage.engine.matrix import Matrix, Spot
from maillage.engine.vocabulary import FAMILY_LABELS, LEVEL_LABELS, PHASES, THEMES, Family

Leads = Mapping[Spot, Sequence[CellLead]]
LINES_HEADER: Final = (
    "territoire", "cle_territoire", "theme", "theme_libelle", "etape", "etape_libelle", "offreur",
    "offreur_nom", "famille", "famille_libelle", "echelon", "echelon_libelle", "couverture",
    "a_verifier", "demonstration", "chef_de_file", "offres", "offres_titres",
)  # fmt: skip
CELLS_HEADER: Final = (
    "territoire", "cle_territoire", "theme", "theme_libelle", "etape", "etape_libelle",
    "offreurs", *(f"offreurs_{family.value}" for family in Family), "operateurs_etat",
    "recouvrement", "vide", "chef_de_file", "decide_par", "decide_le", "offreurs_noms",
)  # fmt: skip


def line_rows(matrix: Matrix, place: Place, leads: Leads, held: Shelf) -> Iterator[list[Any]]:
    """One row by cell and provider, in the order of the page."""
    numbers, offers = held.snapshot.number_of, held.snapshot.offers
    for cell in matrix.cells:
        leading = {lead.provider.slug for lead in leads.get(cell.spot, ())}
        for one in cell.presences:
            titles = [offers[numbers[o]].title for o in one.offers if o in numbers]
            yield [
                *_where(place, cell.spot), one.provider, one.name, one.family.value,
                FAMILY_LABELS[one.family], one.level.code, LEVEL_LABELS[one.level],
                "tout" if one.whole else "partie", _yes(one.to_verify), _yes(one.invented),
                _yes(one.provider in leading), len(one.offers), " | ".join(titles),
            ]  # fmt: skip


def cell_rows(matrix: Matrix, place: Place, leads: Leads) -> Iterator[list[Any]]:
    """The eighty cells, those where nobody acts included."""
    for cell in matrix.cells:
        counts, leading = cell.by_family, leads.get(cell.spot, ())
        yield [
            *_where(place, cell.spot), len(cell.presences),
            *(counts.get(family, 0) for family in Family),
            ", ".join(one.name for one in cell.operators), _yes(cell.overlap), _yes(cell.gap),
            " | ".join(lead.provider.name for lead in leading),
            " | ".join(lead.decided_by for lead in leading),
            " | ".join(lead.decided_on.isoformat() for lead in leading),
            ", ".join(one.name for one in cell.presences),
        ]  # fmt: skip


def _where(place: Place, spot: Spot) -> list[str]:
    theme, phase = spot
    return [place.name, place.key, theme, THEMES[theme], phase, PHASES[phase]]


def _yes(said: bool) -> str:
    return "oui" if said else "non"
