"""The matrix on one A3 page (PDF/UA), to print and to hang: who is in each cell when it fits."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from maillage.catalog.forms.matrix import NATURE_LABELS, MatrixFilters
from maillage.catalog.matrix.places import Place
from maillage.catalog.matrix.showing import shade, summary, widest_first
from maillage.catalog.models import CellLead
from maillage.common.templatetags.maillage import pluriel
from maillage.common.typeset import as_pdf, as_read, house
from maillage.engine.matrix import Cell, Matrix, Presence, Spot
from maillage.engine.vocabulary import FAMILY_LABELS, PHASES, THEMES

TEMPLATE: Final = Path(__file__).with_suffix(".typ")
#: How many names each shorter way of filling a cell writes; the template takes the first that fits.
_SHORTER: Final = (24, 18, 14, 11, 9, 7, 6, 5, 4, 3, 2, 1, 0)
#: More letters than the smallest ones can hold in a cell.
_MOST_LETTERS: Final = 420


def as_paper(said: dict[str, Any]) -> bytes:
    """The poster."""
    return as_pdf(TEMPLATE, said)


def as_paper_read(said: dict[str, Any]) -> dict[str, Any]:
    """What the laid-out poster says of itself (its metadata), to check it."""
    return as_read(TEMPLATE, said)


def words(
    matrix: Matrix, place: Place, filters: MatrixFilters,
    leads: Mapping[Spot, Sequence[CellLead]], today: date, address: str,
) -> dict[str, Any]:  # fmt: skip
    """Everything that the poster says."""
    figures = summary(matrix)
    facts = [
        f"{figures.filled} cases remplies sur 80",
        pluriel(len(figures.gaps), "case où personne ne dit agir,cases où personne ne dit agir"),
        pluriel(figures.providers, "organisme,organismes"),
    ]
    if filters.counts_operators:
        over = pluriel(len(figures.overlaps), "case,cases")
        facts.append(f"{over} où deux opérateurs de l'État ou plus agissent")
    shown = [FAMILY_LABELS[family] for family in filters.families]
    return {
        **house(f"Qui fait quoi · {place.name}", today),
        "subtitle": f"{NATURE_LABELS[filters.nature]}"
        + (f" · {', '.join(shown)}" if shown else ""),
        "facts": facts,
        "invented": _invented(figures.invented),
        "phases": list(PHASES.values()),
        "rows": [
            {
                "theme": label,
                "cells": [_cell(matrix.cell(theme, p), leads.get((theme, p), ())) for p in PHASES],
            }
            for theme, label in THEMES.items()
        ],
        "address": address,
        "address_shown": address,
        "partly": any(not p.whole for c in matrix.cells for p in c.presences),
    }


def _invented(count: int) -> str:
    if not count:
        return ""
    return (
        f"Démonstration : {pluriel(count, 'organisme est inventé,organismes sont inventés')} "
        "pour montrer l'outil."
    )


def _cell(cell: Cell, leads: Sequence[CellLead]) -> dict[str, Any]:
    """A cell: its number, its marks, everyone who is there, and shorter ways of saying it, from the
    longest: the State operators of an overlap stay named, the others are counted.
    """
    everyone = widest_first(cell.presences)
    operators = [one.name for one in cell.operators] if cell.overlap else []
    others = [_named(one) for one in everyone if not operators or one not in cell.operators]
    return {
        "count": len(everyone),
        "shade": shade(len(everyone)),
        "operators": len(operators),
        "operators_named": ", ".join(operators),
        "lead": " ; ".join(lead.provider.name for lead in leads),
        # What is surely too long is not even tried: measuring takes time.
        "everyone": _if_it_may_fit(", ".join(map(_named, everyone))),
        "shorter": list(
            filter(
                None,
                (
                    _if_it_may_fit(_cut(others, most), len(", ".join(operators)))
                    for most in _SHORTER
                    if most < len(others)
                ),
            )
        ),
    }


def _if_it_may_fit(said: str, beside: int = 0) -> str:
    return said if len(said) + beside <= _MOST_LETTERS else ""


def _named(one: Presence) -> str:
    return one.name if one.whole else f"{one.name} (en partie)"


def _cut(names: list[str], most: int) -> str:
    others = pluriel(len(names) - most, "autre,autres")
    return f"{', '.join(names[:most])} et {others}" if most else f"et {others}"
