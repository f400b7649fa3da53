"""Pages of one entry: an offer, a provider. What is no longer proposed has a page that says so."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from maillage.catalog.capacity import capacity_of
from maillage.catalog.enums import LEVEL_BY_CODE, Publication, Verb
from maillage.catalog.favourites import kept
from maillage.catalog.models import Offer, Provider, Rate, Revision
from maillage.catalog.perms import may_keep
from maillage.catalog.quality import freshness_of, link_note
from maillage.catalog.searching import line_of
from maillage.catalog.snapshot import shelf
from maillage.catalog.wording import (
    audiences_in_words,
    cited,
    labels_in_words,
    places,
    population_in_words,
)
from maillage.engine import types
from maillage.engine import vocabulary as v
from maillage.territories.directory import directory
from maillage.territories.models import Perimeter

OTHERS_SHOWN: Final = 6
EXPERIENCES_SHOWN: Final = 2
OFFERS_SHOWN: Final = 50
CHANGES_SHOWN: Final = 3
#: What of the history is of use to a reader.
_TOLD: Final = (
    Verb.CREATED, Verb.EDITED, Verb.CONFIRMED, Verb.IMPORTED, Verb.PUBLISHED, Verb.SUSPENDED,
)  # fmt: skip
GONE: Final = 410


@login_not_required
@require_safe
def offer(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that is known of an offer, said plainly.

    404 for a draft; 410 once it is archived or withdrawn; suspended or not confirmed for too long,
    it says so and is not to be indexed.
    """
    rows = Offer.objects.visible().select_related("provider", "source")
    row = get_object_or_404(rows, slug=slug)
    if row.withdrawn_at or row.provider.withdrawn_at or row.publication == Publication.ARCHIVED:
        return render(request, "catalog/offer_withdrawn.html", {"offer": row}, status=GONE)
    return offer_page(request, row)


def offer_page(request: HttpRequest, row: Offer, *, preview: bool = False) -> HttpResponse:
    """The page of an offer, whatever its state: its keepers read a draft as mairies will."""
    today = localdate()
    room = capacity_of(row)
    aside = bool(row.set_aside_at or row.provider.set_aside_at)
    context = {
        "offer": row,
        "preview": preview,
        "suspended": row.publication == Publication.SUSPENDED,
        "aside": aside,
        "hidden": aside or row.publication != Publication.PUBLISHED,
        "paragraphs": [" ".join(p.split()) for p in row.description.split("\n\n") if p.strip()],
        "places": _places(row.perimeter),
        "audiences": audiences_in_words(row.audiences),
        "conditions": row.conditions.all(),
        "population": population_in_words(
            row.population_min, row.population_max, row.population_kind
        ),
        "labels": labels_in_words(row.labels_any),
        "themes": [(code, v.THEMES[code]) for code in v.THEMES if code in row.themes],
        "phases": [v.PHASES[code] for code in v.PHASES if code in row.phases],
        "rates": _rates(row, today),
        "days_left": (row.closes - today).days if row.closes else None,
        "days_before": (row.opens - today).days if row.opens else None,
        "capacity": room.in_words(today),
        "waiting_weeks": room.waiting_weeks,
        "capacity_text": room.text,
        "freshness": freshness_of(row, today),
        "link_note": link_note(row.link or row.provider.website),
        "changes": _changes(offer=row),
        "others": _other_offers(row),
        "experiences": _experiences(frozenset(row.themes)),
        "is_kept": row.pk in kept(request),
        "keeps": bool(may_keep(request.user, row.provider)),
    }
    return _page(request, "catalog/offer.html", context)


@login_not_required
@require_safe
def provider(request: HttpRequest, slug: str) -> HttpResponse:
    """Who a provider is, where it acts, its offers; 410 once it is withdrawn."""
    row = get_object_or_404(Provider.objects.visible().select_related("source"), slug=slug)
    if row.withdrawn_at:
        return render(request, "catalog/provider_withdrawn.html", {"provider": row}, status=GONE)
    held, today = shelf(), localdate()
    numbers = held.snapshot.number_of
    slugs = Offer.objects.published().filter(provider=row).values_list("slug", flat=True)
    mine = [held.snapshot.offers[numbers[slug]] for slug in slugs if slug in numbers]
    keys = frozenset(kept(request))
    context = {
        "provider": row,
        "hidden": row.set_aside_at is not None,
        "places": _places(row.perimeter),
        "level_label": v.LEVEL_LABELS[LEVEL_BY_CODE[row.level]],
        "lines": [line_of(o, held, today, keys) for o in mine[:OFFERS_SHOWN]],
        "count": len(mine),
        "capacity": capacity_of(row).in_words(today),
        "freshness": freshness_of(row, today),
        "link_note": link_note(row.website),
        "changes": _changes(provider=row, offer=None),
        "keeps": bool(may_keep(request.user, row)),
    }
    return _page(request, "catalog/provider.html", context)


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    if context["hidden"]:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _places(keys: Iterable[str]) -> list[Any]:
    slugs = cited(keys)
    perimeters = Perimeter.objects.in_bulk(slugs) if slugs else {}
    return places(keys, directory(), perimeters)


def _rates(row: Offer, today: date) -> list[tuple[Rate, bool]]:
    """Figures of the offer, each with whether it is in force on `today`."""
    return [(rate, rate.in_force(today)) for rate in row.rates.select_related("source")]


def _changes(**entry: Offer | Provider | None) -> list[Revision]:
    """The last changes that a reader may care for: what and when, never who."""
    rows = Revision.objects.filter(**entry, verb__in=_TOLD).only("verb", "at")
    return list(rows[:CHANGES_SHOWN])


def _other_offers(row: Offer) -> list[Offer]:
    others = Offer.objects.published().filter(provider=row.provider).exclude(pk=row.pk)
    return list(others.only("slug", "title", "summary")[:OTHERS_SHOWN])


def _experiences(themes: frozenset[str]) -> list[types.Experience]:
    """Two experiences with the most themes in common, ties by id (they are in order of id)."""
    near = [e for e in shelf().snapshot.experiences if e.themes & themes]
    return sorted(near, key=lambda e: -len(e.themes & themes))[:EXPERIENCES_SHOWN]
