"""From the rows of the catalogue to what the freshness and the score look at."""

from datetime import date
from typing import Any

from django.conf import settings
from django.utils.timezone import localdate

from maillage.catalog.enums import Origin
from maillage.catalog.models import Offer, Provider
from maillage.catalog.quality.freshness import Freshness, Standing, is_long_over, standing
from maillage.catalog.quality.memory import is_broken
from maillage.catalog.quality.score import LONG_ENOUGH, Facts, Score, score
from maillage.engine.vocabulary import Cost, Kind, State


def freshness_of(entry: Provider | Offer, today: date) -> Standing:
    """Where an entry stands on `today`: ``.state``, ``.label``, ``.sentence``. No query."""
    closes = entry.closes if isinstance(entry, Offer) else None
    long_over = is_long_over(closes, today, settings.MAILLAGE["CLOSED_MONTHS"])
    return standing(
        checked=entry.checked_on,
        loaded=localdate(entry.created_at),
        today=today,
        confirm=settings.MAILLAGE["CONFIRM_MONTHS"],
        aside=entry.set_aside_at is not None,
        over=closes if long_over else None,
        official=entry.origin == Origin.CONSTRUCTION,
        confirmed=entry.state != State.TO_CONFIRM,
    )


def is_confirmed(entry: Provider | Offer) -> bool:
    """Who offers it has confirmed it once, or an official file says it."""
    said = entry.checked_on is not None and entry.state != State.TO_CONFIRM
    return said or entry.origin == Origin.CONSTRUCTION


def score_of(entry: Provider | Offer, today: date, *, has_rates: bool | None = None) -> Score:
    """The quality score of an entry: ``.value`` out of 100, ``.missing`` in words.

    Of an offer, `has_rates` says whether it has figures; without it they are read (prefetch
    ``rates`` for a list), as its provider is (``select_related``).
    """
    return score(facts_of(entry, today, has_rates=has_rates))


def facts_of(entry: Provider | Offer, today: date, *, has_rates: bool | None = None) -> Facts:
    """What the score looks at on `today`."""
    now = freshness_of(entry, today)
    last = entry.closes if isinstance(entry, Offer) else None
    return facts(
        entry,
        fresh=now.state in (Freshness.FRESH, Freshness.UNCONFIRMED),
        dated=last is not None and last >= today,
        has_rates=has_rates,
    )


def facts(
    entry: Provider | Offer, *, fresh: bool, dated: bool, has_rates: bool | None = None
) -> Facts:
    """What the score looks at, when what depends on the day is known."""
    provider = entry if isinstance(entry, Provider) else entry.provider
    offer = entry if isinstance(entry, Offer) else None
    link = provider.website if offer is None else offer.link or provider.website
    common: dict[str, Any] = {
        "contact": bool(entry.contact or provider.contact),
        "link": bool(link),
        "link_broken": is_broken(link),
        "summary": min(len(entry.summary.strip()), LONG_ENOUGH),
        "perimeter": bool(entry.perimeter),
        "source_detail": bool(entry.source_detail),
        "fresh": fresh,
        "confirmed": is_confirmed(entry),
        "capacity": _tells_capacity(entry) or _tells_capacity(provider),
    }
    if offer is None:
        return Facts(provider=True, **common)
    if has_rates is None:
        has_rates = offer.kind != Kind.ENGINEERING and bool(offer.rates.all())
    return Facts(
        **common,
        themes=bool(offer.themes),
        phases=bool(offer.phases),
        audiences=bool(offer.audiences),
        cost=offer.cost != Cost.UNKNOWN,
        rates=has_rates,
        dates=dated,
        gives_help=offer.kind != Kind.FUNDING,
        gives_money=offer.kind != Kind.ENGINEERING,
    )


def _tells_capacity(entry: Provider | Offer) -> bool:
    return entry.waiting_weeks is not None or entry.available is not None or bool(entry.capacity)
