"""Pages of the area: the list of offers and its facets, an offer, providers, sources."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from maillage.catalog.columns import FACETS
from maillage.catalog.enums import FAMILIES, LEVEL_BY_CODE, LEVELS
from maillage.catalog.exports import (
    OFFER_HEADER,
    PROVIDER_HEADER,
    offer_rows,
    provider_rows,
)
from maillage.catalog.forms.filters import SORTS, OfferFilters, ProviderFilters
from maillage.catalog.listing import find
from maillage.catalog.models import Offer, Provider, Rate
from maillage.catalog.providers import find_providers
from maillage.catalog.snapshot import Details, shelf
from maillage.catalog.wording import (
    audiences_in_words,
    cited,
    labels_in_words,
    places,
    population_in_words,
)
from maillage.common.models import Source
from maillage.common.paging import page_numbers
from maillage.common.tables import export
from maillage.common.templatetags.maillage import lettres
from maillage.engine import types
from maillage.engine import vocabulary as v
from maillage.experiences.models import Experience
from maillage.territories.directory import directory
from maillage.territories.models import LabelFile, Perimeter, ReferenceSet, sort_key
from maillage.territories.search import Suggestion
from maillage.territories.search import search as search_territories

PER_PAGE: Final = 20
OTHERS_SHOWN: Final = 6
EXPERIENCES_SHOWN: Final = 2


# -- The list of offers


@dataclass(frozen=True, slots=True)
class Line:
    """An offer as the list shows it. ``days_left`` is negative once it is over."""

    offer: types.Offer
    details: Details
    kind_label: str
    family_label: str
    state_label: str
    days_left: int | None


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use, and the query string of the same list without it."""

    label: str
    without: str


@dataclass(frozen=True, slots=True)
class Where:
    """The territory of a list: resolved, or not known, or to be chosen among several."""

    territory: types.Territory | None = None
    label: str = ""
    choices: tuple[Suggestion, ...] = ()
    unknown: str = ""


@login_not_required
@require_safe
def offers(request: HttpRequest) -> HttpResponseBase:
    """All that the catalogue publishes: search, facets, one territory, export."""
    filters = OfferFilters.read(request.GET)
    where = _where(filters)
    if where.territory is not None:
        filters = replace(filters, code=where.territory.code)
    held, today = shelf(), localdate()
    listing = find(filters, held, where.territory, today)
    if "export" in request.GET:
        chosen = (held.snapshot.offers[n] for n in listing.numbers)
        kind = request.GET["export"]
        return export("maillage-aides-et-appuis", OFFER_HEADER, offer_rows(chosen, held), kind)
    page = Paginator(listing.numbers, PER_PAGE).get_page(request.GET.get("page"))
    lines = [_line(held.snapshot.offers[n], held.details, today) for n in page]
    context = {
        "filters": filters,
        "where": where,
        "listing": listing,
        "page": page,
        "pages": page_numbers(page),
        "lines": lines,
        "chips": _chips(request.GET, filters, where),
        "sorts": SORTS,
        "demonstration": any(line.offer.state is v.State.DEMONSTRATION for line in lines),
    }
    return render(request, "catalog/list.html", context)


def _where(filters: OfferFilters) -> Where:
    """Resolve the territory: what was typed wins over a code that no longer goes with it."""
    known = directory()
    if filters.code:
        try:
            territory = known.engine_territory(filters.code)
        except KeyError:
            if not filters.place:
                return Where(unknown=filters.code)
        else:
            if sort_key(filters.place).startswith(sort_key(territory.name)) or not filters.place:
                return Where(territory, known.label(territory.code))
    if not filters.place:
        return Where()
    found = search_territories(filters.place, kind="all", limit=8)
    sure = [suggestion for suggestion in found if suggestion.certain] or found
    if len(sure) == 1:
        territory = known.engine_territory(sure[0].code)
        return Where(territory, known.label(territory.code))
    return Where(choices=tuple(found), unknown=filters.place)


def _line(offer: types.Offer, details: Any, today: date) -> Line:
    return Line(
        offer=offer,
        details=details[offer.id],
        kind_label=v.KIND_LABELS[offer.kind],
        family_label=v.FAMILY_LABELS[offer.family],
        state_label=v.STATE_LABELS[offer.state],
        days_left=(offer.closes - today).days if offer.closes else None,
    )


def _chips(query: QueryDict, filters: OfferFilters, where: Where) -> list[Chip]:
    chips = []
    if filters.text:
        chips.append(Chip(f"« {filters.text} »", _without(query, "q")))
    if where.territory is not None:
        chips.append(Chip(where.label, _without(query, "commune", "lieu")))
    elif filters.contacts:
        chips.append(Chip("Contacts locaux", _without(query, "contacts")))
    for facet in FACETS:
        for value in filters.chosen.get(facet.name, ()):
            chips.append(Chip(facet.values[value], _without_value(query, facet.name, value)))
    return chips


def _without(query: QueryDict, *names: str) -> str:
    """Query string of the first page of the same list, without some parameters."""
    kept = query.copy()
    for name in (*names, "page", "export"):
        kept.pop(name, None)
    return f"?{kept.urlencode()}"


def _without_value(query: QueryDict, name: str, value: str) -> str:
    kept = query.copy()
    kept.setlist(name, [other for other in kept.getlist(name) if other != value])
    if name == "cout":
        kept.pop("gratuit", None)
    return _without(kept)


# -- An offer


@login_not_required
@require_safe
def offer(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that is known of an offer, said plainly; 410 once it is withdrawn."""
    row = get_object_or_404(
        Offer.objects.visible().with_provider().select_related("source"), slug=slug
    )
    if row.withdrawn_at or row.provider.withdrawn_at:
        return render(request, "catalog/offer_withdrawn.html", {"offer": row}, status=410)
    today = localdate()
    context = {
        "offer": row,
        "paragraphs": [" ".join(p.split()) for p in row.description.split("\n\n") if p.strip()],
        "places": _places(row.perimeter),
        "audiences": audiences_in_words(row.audiences),
        "population": population_in_words(
            row.population_min, row.population_max, row.population_kind
        ),
        "labels": labels_in_words(row.labels_any),
        "themes": [(code, v.THEMES[code]) for code in v.THEMES if code in row.themes],
        "phases": [v.PHASES[code] for code in v.PHASES if code in row.phases],
        "rates": _rates(row, today),
        "days_left": (row.closes - today).days if row.closes else None,
        "days_before": (row.opens - today).days if row.opens else None,
        "others": _other_offers(row),
        "experiences": _experiences(frozenset(row.themes)),
        "level_label": v.LEVEL_LABELS[LEVEL_BY_CODE[row.level]],
    }
    return render(request, "catalog/offer.html", context)


def _places(keys: Iterable[str]) -> list[Any]:
    slugs = cited(keys)
    perimeters = Perimeter.objects.in_bulk(slugs) if slugs else {}
    return places(keys, directory(), perimeters)


def _rates(row: Offer, today: date) -> list[tuple[Rate, bool]]:
    """Figures of the offer, each with whether it is in force on `today`."""
    return [(rate, rate.in_force(today)) for rate in row.rates.select_related("source")]


def _other_offers(row: Offer) -> list[Offer]:
    others = Offer.objects.published().filter(provider=row.provider).exclude(pk=row.pk)
    return list(others.only("slug", "title", "summary")[:OTHERS_SHOWN])


def _experiences(themes: frozenset[str]) -> list[types.Experience]:
    """Two experiences with the most themes in common, ties by id (they are in order of id)."""
    near = [e for e in shelf().snapshot.experiences if e.themes & themes]
    return sorted(near, key=lambda e: -len(e.themes & themes))[:EXPERIENCES_SHOWN]


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
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filters": filters,
        "page": page,
        "pages": page_numbers(page),
        "families": FAMILIES,
        "levels": LEVELS,
    }
    return render(request, "catalog/providers.html", context)


@login_not_required
@require_safe
def provider(request: HttpRequest, slug: str) -> HttpResponse:
    """Who a provider is, where it acts, all its offers; 410 once it is withdrawn."""
    row = get_object_or_404(Provider.objects.visible().select_related("source"), slug=slug)
    if row.withdrawn_at:
        return render(request, "catalog/provider_withdrawn.html", {"provider": row}, status=410)
    held, today = shelf(), localdate()
    numbers = held.snapshot.number_of
    slugs = Offer.objects.published().filter(provider=row).values_list("slug", flat=True)
    mine = [held.snapshot.offers[numbers[slug]] for slug in slugs if slug in numbers]
    context = {
        "provider": row,
        "places": _places(row.perimeter),
        "level_label": v.LEVEL_LABELS[LEVEL_BY_CODE[row.level]],
        "lines": [_line(o, held.details, today) for o in mine],
    }
    return render(request, "catalog/provider.html", context)


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
