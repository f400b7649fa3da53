"""Public pages of territories: find one, read who it is, what it carries, who is near."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from maillage.common import tables
from maillage.territories import maps
from maillage.territories.directory import directory
from maillage.territories.enums import FormerKind, Zone
from maillage.territories.models import (
    Arrondissement,
    Commune,
    CommuneQuerySet,
    Department,
    Epci,
    FormerCommune,
    Region,
)
from maillage.territories.portrait import portrait
from maillage.territories.search import Suggestion, search

PAGE_SIZE: Final = 50
_HEADER: Final = (
    *("Code COG", "Commune", "Population municipale", "Codes postaux", "SIREN"),
    *("Intercommunalité", "SIREN de l'intercommunalité", "Arrondissement", "Département"),
)


@login_not_required
def search_page(request: HttpRequest) -> HttpResponse:
    """Search a commune or an EPCI; below, the regions and their départements."""
    text = _text(request)
    kind = _kind(request, "all")
    limit = None if text.isdigit() else 30
    found = search(text, kind=kind, limit=limit) if text else []
    if len(found) == 1 and found[0].certain:
        return redirect(_address(found[0]))
    results = [{"suggestion": one, "address": _address(one)} for one in found]
    regions: dict[Region, list[Department]] = defaultdict(list)
    if not text:
        for place in Department.objects.select_related("region").order_by("code"):
            regions[place.region].append(place)
    context = {
        "text": text,
        "kind": kind,
        "results": results,
        "regions": sorted(
            regions.items(), key=lambda pair: (pair[0].zone == Zone.COM, pair[0].sort_key)
        ),
    }
    return render(request, "territories/search.html", context)


@login_not_required
def suggest(request: HttpRequest) -> HttpResponse:
    """Suggestions as one types, in JSON; a browser without JavaScript gets the search page."""
    if "text/html" in request.headers.get("Accept", ""):
        return search_page(request)
    found = search(_text(request), kind=_kind(request, "commune"))
    results = [{**one._asdict(), "address": _address(one)} for one in found]
    response = JsonResponse({"results": results})
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@login_not_required
def commune(request: HttpRequest, code: str) -> HttpResponse:
    """A commune: who it is, what it carries, who is near. Former codes lead to it."""
    known = directory()
    current = known.resolve(code)
    if current is None:
        raise Http404("Ce code n'est celui d'aucune commune.")
    if current in known.epcis:
        return redirect("territories:epci", current, permanent=True)
    if current != code:
        return redirect("territories:commune", current, permanent=True)
    place = get_object_or_404(Commune.objects.for_display(), pk=current)
    former = FormerCommune.objects.filter(commune_id=current).exclude(name="")
    seat = place.arrondissement.seat if place.arrondissement else None
    context = {
        "commune": place,
        "territory": known.engine_territory(current),
        "portrait": portrait(current),
        "former": former.exclude(kind=FormerKind.MUNICIPAL_DISTRICT),
        "seat": seat,
        "seat_is_prefecture": seat is not None and seat.pk == place.department.seat_id,
        "neighbours": known.neighbours(current, 10),
        "map": maps.commune_map(current),
    }
    return render(request, "territories/commune.html", context)


@login_not_required
def epci(request: HttpRequest, siren: str) -> HttpResponseBase:
    """An EPCI: who it is, what it carries, its members (also as a file)."""
    place = get_object_or_404(Epci, pk=siren)
    members = Commune.objects.of_epci(siren)
    if "format" in request.GET:
        return _export(f"communes-{siren}", members, request.GET["format"])
    known = directory()
    context = {
        "epci": place,
        "departments": [known.departments[code] for code in known.departments_of(siren)],
        "portrait": portrait(siren),
        "members": members.order_by("sort_key"),
        "map": maps.epci_map(siren),
    }
    return render(request, "territories/epci.html", context)


@login_not_required
def department(request: HttpRequest, code: str) -> HttpResponseBase:
    """A département: its arrondissements, its EPCI, the list of its communes."""
    place = get_object_or_404(Department.objects.select_related("region", "seat"), pk=code.upper())
    communes = Commune.objects.of_department(place.pk)
    if "format" in request.GET:
        return _export(f"communes-{place.pk}", _filtered(communes, request), request.GET["format"])
    context = {
        "place": place,
        "arrondissements": Arrondissement.objects.filter(department=place).select_related("seat"),
        "epcis": Epci.objects.of_department(place.pk),
        "map": maps.department_map(place.pk),
        **_page(request, communes),
    }
    return render(request, "territories/department.html", context)


@login_not_required
def region(request: HttpRequest, code: str) -> HttpResponseBase:
    """A région: its départements, the list of its communes."""
    place = get_object_or_404(Region.objects.select_related("seat"), pk=code.upper())
    communes = Commune.objects.of_region(place.pk)
    if "format" in request.GET:
        name = f"communes-region-{place.pk}"
        return _export(name, _filtered(communes, request), request.GET["format"])
    context = {
        "place": place,
        "departments": Department.objects.filter(region=place).select_related("seat"),
        "map": maps.region_map(place.pk),
        **_page(request, communes),
    }
    return render(request, "territories/region.html", context)


def _text(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\x00", " ").strip()[:80]


def _kind(request: HttpRequest, default: str) -> str:
    kind = request.GET.get("kind", default)
    return kind if kind in ("commune", "epci", "all") else default


def _address(one: Suggestion) -> str:
    return reverse(f"territories:{one.kind}", args=[one.code])


def _filtered(communes: CommuneQuerySet, request: HttpRequest) -> CommuneQuerySet:
    text = _text(request)
    return communes.named(text) if text else communes


def _page(request: HttpRequest, communes: CommuneQuerySet) -> dict[str, Any]:
    """A page of the list of communes and what its template says of it."""
    rows = _filtered(communes, request).select_related("epci").order_by("sort_key", "code")
    return {
        "text": _text(request),
        "page": Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page")),
    }


def _export(name: str, communes: CommuneQuerySet, kind: str) -> HttpResponseBase:
    def rows() -> Iterator[tuple[Any, ...]]:
        for one in communes.select_related("epci", "arrondissement").order_by("sort_key", "code"):
            yield (
                one.code,
                one.name,
                one.population,
                " ".join(one.postal_codes),
                one.siren,
                one.epci.name if one.epci else "",
                one.epci_id or "",
                one.arrondissement.name if one.arrondissement else "",
                one.department_id,
            )

    return tables.export(name, _HEADER, rows(), kind)
