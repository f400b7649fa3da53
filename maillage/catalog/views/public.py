"""Lists of the area: the offers and their facets, the providers, the sources."""

from datetime import date
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from maillage.catalog.enums import FAMILIES, LEVELS
from maillage.catalog.exports import (
    OFFER_HEADER,
    PROVIDER_HEADER,
    offer_rows,
    provider_rows,
)
from maillage.catalog.favourites import kept
from maillage.catalog.forms.filters import SORTS, ProviderFilters
from maillage.catalog.models import Offer, Provider, Rate
from maillage.catalog.providers import find_providers
from maillage.catalog.searching import chips_of, line_of, search
from maillage.catalog.snapshot import shelf
from maillage.common.models import Source
from maillage.common.paging import page_asked, page_numbers
from maillage.common.tables import export
from maillage.common.templatetags.maillage import lettres
from maillage.engine import vocabulary as v
from maillage.experiences.models import Experience
from maillage.territories.models import LabelFile, ReferenceSet

PER_PAGE: Final = 20


# -- The list of offers


@login_not_required
@require_safe
def offers(request: HttpRequest) -> HttpResponseBase:
    """All that the catalogue publishes: search, facets, one territory, export."""
    today = localdate()
    done = search(request.GET, shelf(), today)
    if "export" in request.GET:
        rows = offer_rows(done.offers(), done.shelf)
        return export("maillage-aides-et-appuis", OFFER_HEADER, rows, request.GET["export"])
    page = Paginator(done.listing.numbers, PER_PAGE).get_page(page_asked(request.GET))
    mine, offers_held = frozenset(kept(request)), done.shelf.snapshot.offers
    lines = [line_of(offers_held[n], done.shelf, today, mine) for n in page]
    context = {
        "filters": done.filters,
        "where": done.where,
        "listing": done.listing,
        "query": done.query,
        "page": page,
        "pages": page_numbers(page),
        "lines": lines,
        "chips": chips_of(request.GET, done),
        "sorts": SORTS,
        "kept": len(mine),
        "demonstration": any(line.offer.state is v.State.DEMONSTRATION for line in lines),
    }
    return render(request, "catalog/list.html", context)


# -- Providers


@login_not_required
@require_safe
def providers(request: HttpRequest) -> HttpResponseBase:
    """Who helps and who pays: search by name, family, level, export."""
    filters = ProviderFilters.read(request.GET)
    found = find_providers(filters)
    if "export" in request.GET:
        kind = request.GET["export"]
        return export("maillage-offreurs", PROVIDER_HEADER, provider_rows(found), kind)
    page = Paginator(found, PER_PAGE).get_page(page_asked(request.GET))
    context = {
        "filters": filters,
        "page": page,
        "pages": page_numbers(page),
        "families": FAMILIES,
        "levels": LEVELS,
    }
    return render(request, "catalog/providers.html", context)


# -- Sources


@login_not_required
@require_safe
def sources(request: HttpRequest) -> HttpResponse:
    """Where everything that the site says comes from, and how much comes from each."""
    counts = {
        "providers": _by_source(Provider.objects.published()),
        "offers": _by_source(Offer.objects.published()),
        "rates": _by_source(Rate.objects.all()),
        "experiences": _by_source(Experience.objects.all()),
    }
    lines = [
        {"source": row, **{name: held.get(row.slug, 0) for name, held in counts.items()}}
        for row in Source.objects.order_by("title")
    ]
    context = {
        "lines": lines,
        "references": [_edition(row.vintage) for row in ReferenceSet.objects.order_by("name")],
        "labels": LabelFile.objects.current(),
        "states": v.STATE_LABELS,
    }
    return render(request, "catalog/sources.html", context)


def _edition(vintage: str) -> str:
    """« du 1er janvier 2026 » for a date, else the vintage as it is."""
    try:
        return f"du {lettres(date.fromisoformat(vintage))}"
    except ValueError:
        return vintage


def _by_source(rows: Any) -> dict[str, int]:
    found = rows.order_by().values_list("source_id").annotate(Count("pk"))
    return dict(found)
