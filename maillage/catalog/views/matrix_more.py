"""« Qui fait quoi », otherwise: what changed between two days, and the poster to print."""

from datetime import date
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from maillage.catalog.forms.matrix import NATURE_LABELS, MatrixFilters
from maillage.catalog.matrix import days, leads
from maillage.catalog.matrix import poster as paper
from maillage.catalog.matrix.places import Place
from maillage.catalog.matrix.reading import matrix_of, matrix_of_kept
from maillage.catalog.views.matrix import moved, place_or_404
from maillage.common.tables import export
from maillage.engine.matrix import CellChange, Matrix, differ
from maillage.engine.vocabulary import FAMILY_LABELS, PHASES, THEMES

_HEADER: Final = (
    "territoire", "cle_territoire", "du", "au", "theme", "theme_libelle", "etape", "etape_libelle",
    "mouvement", "offreur", "offreur_nom", "famille", "offreurs_avant", "offreurs_apres",
)  # fmt: skip


# -- Between two days


@login_not_required
@require_safe
def changes(request: HttpRequest, kind: str = "", code: str = "") -> HttpResponseBase:
    """What changed between two days: cells gained and lost, providers that came and left."""
    place, filters = place_or_404(kind, code), MatrixFilters.read(request.GET)
    if moved(place, code):
        return redirect(f"{place.address('changes')}{filters.query}", permanent=True)
    today = localdate()
    kept = days.kept_days()
    choices = [*kept] if today in kept else [today, *kept]
    first, last, problem = _dates(request, choices)
    before, after = (_at(place, filters, day, kept) for day in (first, last))
    found = differ(before, after)
    if "export" in request.GET:
        rows = [row for change in found.cells for row in _rows(place, first, last, change)]
        return export(f"changements-{place.slug}", _HEADER, rows, request.GET["export"])
    named, ended = leads.between(place, first, last)
    context = {
        "place": place,
        "filters": filters,
        "natures": NATURE_LABELS,
        "choices": choices,
        "first": first,
        "last": last,
        "problem": problem,
        "alone": len(choices) < 2,
        "before": before,
        "after": after,
        "found": found,
        "groups": [
            ("Cases où quelqu'un agit désormais", "gained", _lines(place, filters, found.gained)),
            ("Cases où plus personne ne dit agir", "lost", _lines(place, filters, found.lost)),
            ("Cases qui changent d'acteurs", "others", _lines(place, filters, found.others)),
        ],
        "named": named,
        "ended": ended,
        "family_labels": FAMILY_LABELS,
    }
    return render(request, "catalog/matrix/changes.html", context, status=422 if problem else 200)


def _dates(request: HttpRequest, choices: list[date]) -> tuple[date, date, str]:
    """The two days, in order; the widest span when they are not said. The last value says what is
    wrong with those that were.
    """
    asked = [request.GET.get(name, "") for name in ("du", "au")]
    found = [next((day for day in choices if day.isoformat() == text), None) for text in asked]
    first, last = found[0] or choices[-1], found[1] or choices[0]
    wrong = [text for text, day in zip(asked, found, strict=True) if text and day is None]
    problem = ""
    if wrong:
        problem = "Le catalogue n'a pas été gardé à cette date. Choisissez-en une dans les listes."
    return min(first, last), max(first, last), problem


def _at(place: Place, filters: MatrixFilters, day: date, kept: dict[date, str]) -> Matrix:
    """The matrix of a day: kept, or the catalogue of now."""
    if day in kept:
        made = matrix_of_kept(place, filters.nature, day, kept[day])
    else:
        made = matrix_of(place, filters.nature, day)
    return made.only(filters.families)


def _lines(
    place: Place, filters: MatrixFilters, found: tuple[CellChange, ...]
) -> list[dict[str, Any]]:
    return [
        {
            "change": one,
            "theme": THEMES[one.theme],
            "phase": PHASES[one.phase],
            "address": place.address("cell", theme=one.theme, phase=one.phase) + filters.query,
        }
        for one in found
    ]


def _rows(place: Place, first: date, last: date, change: CellChange) -> list[list[Any]]:
    where = [
        place.name, place.key, first.isoformat(), last.isoformat(), change.theme,
        THEMES[change.theme], change.phase, PHASES[change.phase],
    ]  # fmt: skip
    moves = [("arrive", one) for one in change.came] + [("part", one) for one in change.left]
    return [
        [*where, move, one.provider, one.name, one.family.value, change.before, change.after]
        for move, one in moves
    ]


# -- The poster


@login_not_required
@require_safe
def poster(request: HttpRequest, kind: str = "", code: str = "") -> HttpResponseBase:
    """The matrix on one A3 page, to print and to hang."""
    place, filters = place_or_404(kind, code), MatrixFilters.read(request.GET)
    if moved(place, code):
        return redirect(f"{place.address('poster')}{filters.query}", permanent=True)
    today = localdate()
    matrix = matrix_of(place, filters.nature, today).only(filters.families)
    said = paper.words(
        matrix, place, filters, leads.leads_of(place), today,
        f"{settings.MAILLAGE['URL']}{place.path}{filters.query}",
    )  # fmt: skip
    response = HttpResponse(paper.as_paper(said), content_type="application/pdf")
    response.headers["Content-Disposition"] = f'inline; filename="qui-fait-quoi-{place.slug}.pdf"'
    return response
