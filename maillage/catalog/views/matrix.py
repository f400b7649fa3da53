"""« Qui fait quoi »: the matrix of a territory and the page of each of its cells, open to all."""

from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from maillage.catalog.forms.filters import clean
from maillage.catalog.forms.matrix import FAMILY_CHOICES, NATURE_LABELS, MatrixFilters
from maillage.catalog.matrix import exports, leads, senate, showing
from maillage.catalog.matrix.finding import Choice, below, find_places
from maillage.catalog.matrix.places import Place, Unknown, choose, france, place_of
from maillage.catalog.matrix.reading import matrix_of
from maillage.catalog.snapshot import Shelf, shelf
from maillage.common.tables import export
from maillage.engine import types
from maillage.engine.matrix import Cell, Matrix, Presence, Spot
from maillage.engine.vocabulary import FAMILY_LABELS, LEVEL_LABELS, PHASES, THEMES, Family
from maillage.territories.directory import directory

#: Sure contacts shown on the page of a cell where nobody acts.
CONTACTS_SHOWN: Final = 6


def place_or_404(kind: str, code: str) -> Place:
    """The territory of an address. Raises ``Http404``."""
    if not kind:
        return france()
    try:
        return place_of(kind, code, directory())
    except Unknown as unknown:
        raise Http404("Ce code n'est celui d'aucun territoire.") from unknown


def moved(place: Place, code: str) -> bool:
    """The address says a former code, or a code in small letters: there is a better one."""
    return place.code != code


# -- The grid


@login_not_required
@require_safe
@gzip_page  # eighty cells weigh 90 kB, a tenth of it once compressed
def grid(request: HttpRequest, kind: str = "", code: str = "") -> HttpResponseBase:
    """The sixteen themes and five steps of a territory: who is in each cell."""
    place = place_or_404(kind, code)
    filters = MatrixFilters.read(request.GET)
    if moved(place, code):
        return redirect(f"{place.path}{filters.query}", permanent=True)
    choices, unknown = _asked(request)
    if len(choices) == 1 and choices[0].certain:
        return redirect(f"{choices[0].place.path}{filters.query}")
    everything = matrix_of(place, filters.nature, localdate())
    matrix = everything.only(filters.families)
    leading = leads.leads_of(place)
    if "export" in request.GET:
        return _export(request, matrix, place, leading)
    context = {
        "place": place,
        "filters": filters,
        "natures": NATURE_LABELS,
        "families": [(Family(code), label) for code, label in FAMILY_CHOICES],
        "choices": choices,
        "unknown": unknown,
        "phases": PHASES,
        "lines": showing.lines(matrix, place, filters, leading),
        "summary": showing.summary(matrix),
        "operators_shown": filters.counts_operators,
        "senate": senate.compare(everything) if filters.nature == "ingenierie" else None,
        "below": below(place, directory()),
        "poster": place.address("poster"),
        "changes": place.address("changes"),
        "site_address": settings.MAILLAGE["URL"],
        "today": localdate(),
    }
    return render(request, "catalog/matrix/grid.html", context)


def _asked(request: HttpRequest) -> tuple[list[Choice], str]:
    """Territories that the chooser may mean, and what was typed when it means none or several."""
    text = clean(request.GET.get("lieu", ""), 100)
    found = find_places(text, clean(request.GET.get("commune", ""), 9), directory())
    return found, text


def _export(request: HttpRequest, matrix: Matrix, place: Place, leading: Any) -> HttpResponseBase:
    name, kind = f"qui-fait-quoi-{place.slug}", request.GET["export"]
    if request.GET.get("table") == "cases":
        rows = exports.cell_rows(matrix, place, leading)
        return export(f"{name}-cases", exports.CELLS_HEADER, rows, kind)
    return export(
        name, exports.LINES_HEADER, exports.line_rows(matrix, place, leading, shelf()), kind
    )


# -- A cell


@login_not_required
@require_safe
def cell(
    request: HttpRequest, theme: str, phase: str, kind: str = "", code: str = ""
) -> HttpResponse:
    """Who acts in one cell: by family, closest first, with their offers; who leads it."""
    place = place_or_404(kind, code)
    filters = MatrixFilters.read(request.GET)
    if moved(place, code):
        address = place.address("cell", theme=theme, phase=phase)
        return redirect(f"{address}{filters.query}", permanent=True)
    today, held = localdate(), shelf()
    everything = matrix_of(place, filters.nature, today)
    matrix = everything.only(filters.families)
    found, spot = matrix.cell(theme, phase), (theme, phase)
    leading = leads.leads_of(place)
    history = leads.history(place, spot) if place.may_have_leads else []
    context = {
        "place": place,
        "filters": filters,
        "cell": found,
        "theme": THEMES[theme],
        "phase": PHASES[phase],
        "nature": NATURE_LABELS[filters.nature],
        "steps": [showing.step(place, filters, matrix.cell(theme, one)) for one in PHASES],
        "families": _by_family(found, held),
        "all_families": len(everything.cell(theme, phase).presences),
        "leads": leading.get(spot, []),
        "own_lead": next((one for one in history if one.ended_on is None), None),
        "history": history,
        **_naming(request, place, spot),
        "list_address": showing.list_address(place, filters, found),
        "listed": showing.listed(place, filters, found, today),
        "offers": len(found.offers),
        "contacts": _contacts(place, held) if found.gap else [],
        "elsewhere": _elsewhere(place, filters, theme, phase) if found.gap else 0,
        "france": france().address("cell", theme=theme, phase=phase),
    }
    return render(request, "catalog/matrix/cell.html", context)


def _naming(request: HttpRequest, place: Place, spot: Spot) -> dict[str, Any]:
    """Where this person may name the lead of a cell, and end it."""
    if not leads.may_name(request.user, place):
        return {"may_name": False}
    theme, phase = spot
    return {
        "may_name": True,
        "lead_address": place.address("lead", theme=theme, phase=phase),
        "end_address": place.address("lead_end", theme=theme, phase=phase),
    }


def _by_family(found: Cell, held: Shelf) -> list[dict[str, Any]]:
    """Families that act there, each with its providers and their offers, closest first."""
    groups: dict[Family, list[dict[str, Any]]] = {}
    for one in found.presences:
        groups.setdefault(one.family, []).append(_provider(one, held))
    return [
        {"code": family.value, "label": FAMILY_LABELS[family], "providers": groups[family]}
        for family in Family
        if family in groups
    ]


def _provider(one: Presence, held: Shelf) -> dict[str, Any]:
    numbers, offers = held.snapshot.number_of, held.snapshot.offers
    mine = [offers[numbers[slug]] for slug in one.offers if slug in numbers]
    return {
        "presence": one,
        "level": LEVEL_LABELS[one.level],
        "offers": [(offer, held.details.get(offer.id)) for offer in mine],
    }


def _contacts(place: Place, held: Shelf) -> list[types.Offer]:
    """Sure contacts that cover the whole territory, closest first: where to ask all the same."""
    if place.is_france:
        return []
    sure = [offer for offer in held.snapshot.offers if offer.generalist]
    here, whole = choose(place, sure, directory())
    near = [offer for offer in here if whole is None or offer.id in whole]
    return sorted(near, key=lambda offer: (offer.level, offer.id))[:CONTACTS_SHOWN]


def _elsewhere(place: Place, filters: MatrixFilters, theme: str, phase: str) -> int:
    """How many act there in the whole country, for a territory where nobody does."""
    if place.is_france:
        return 0
    country = matrix_of(france(), filters.nature, localdate()).only(filters.families)
    return len(country.cell(theme, phase).presences)
