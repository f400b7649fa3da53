"""Offers and providers as the API gives them."""

from collections.abc import Iterable
from datetime import date

from django.utils.timezone import localdate

from maillage.api import catalogshapes as out
from maillage.api.orientation import offer_url, provider_ref
from maillage.catalog.capacity import capacity_of
from maillage.catalog.models import Condition, Offer, Provider, Rate, Sourced
from maillage.engine import types
from maillage.engine.vocabulary import Kind


def row_of_snapshot(offer: types.Offer) -> out.OfferRow:
    """A line of the list, from what is held in memory."""
    return out.OfferRow(
        id=offer.id,
        title=offer.title,
        summary=offer.summary,
        provider=provider_ref(offer),
        level=offer.level.code,
        kind=offer.kind,
        cost=offer.cost,
        themes=sorted(offer.themes),
        phases=sorted(offer.phases),
        audiences=sorted(a.value for a in offer.audiences),
        closes=offer.closes,
        state=offer.state,
        url=offer_url(offer.id),
    )


def offer_out(row: Offer, today: date) -> out.OfferOut:
    """An offer whole; `row` comes with its provider, source, conditions, and rates with their
    sources.
    """
    return out.OfferOut(
        **_line(row, row.provider),
        **_capacity(row),
        description=row.description,
        cost_note=row.cost_note,
        perimeter=row.perimeter,
        population_min=row.population_min,
        population_max=row.population_max,
        population_kind=row.population_kind,
        labels_any=row.labels_any,
        words=row.words,
        apply=row.apply,
        contact=row.contact or row.provider.contact,
        link=row.link,
        opens=row.opens,
        generalist=row.generalist,
        rates=[_rate(rate, today) for rate in row.rates.all()],
        conditions=[_condition(one) for one in row.conditions.all()],
        source=_source(row),
        checked_on=row.checked_on,
    )


def provider_out(row: Provider, offers: Iterable[Offer]) -> out.ProviderOut:
    """A provider and what it gives; `row` comes with its source."""
    rows = [out.OfferRow(**_line(offer, row)) for offer in offers]
    return out.ProviderOut(**_provider(row), offers=rows)


def provider_entry_out(row: Provider) -> out.ProviderEntryOut:
    """A provider alone; `row` comes with its source."""
    return out.ProviderEntryOut(**_provider(row))


def _provider(row: Provider) -> dict[str, object]:
    return {
        **_ref(row),
        **_capacity(row),
        "full_name": row.full_name,
        "summary": row.summary,
        "perimeter": row.perimeter,
        "website": row.website,
        "contact": row.contact,
        "generalist": row.generalist,
        "state": row.state,
        "source": _source(row),
        "url": row.get_absolute_url(),
    }


def _capacity(row: Offer | Provider) -> dict[str, object]:
    """What is left, as it was said of the offer, else of its provider; a unit without a number
    would say nothing.
    """
    room = capacity_of(row)
    left = room.now(localdate()) or next(iter(room.left), None)
    return {
        "waiting_weeks": room.waiting_weeks,
        "capacity": room.text,
        "available": left.number if left else None,
        "available_unit": left.unit if left else None,
        "available_until": left.until if left else None,
    }


def _condition(row: Condition) -> out.ConditionOut:
    return out.ConditionOut(audience=row.audience, cost=row.cost, note=row.note, text=str(row))


def _ref(row: Provider) -> dict[str, object]:
    return {"id": row.slug, "name": row.name, "family": row.family, "level": row.level}


def _line(row: Offer, provider: Provider) -> dict[str, object]:
    return {
        "id": row.slug,
        "title": row.title,
        "summary": row.summary,
        "provider": _ref(provider),
        "level": row.level,
        "kind": Kind(row.kind),
        "cost": row.cost,
        "themes": sorted(row.themes),
        "phases": sorted(row.phases),
        "audiences": sorted(row.audiences),
        "closes": row.closes,
        "state": row.state,
        "url": row.get_absolute_url(),
    }


def _rate(rate: Rate, today: date) -> out.RateOut:
    return out.RateOut(
        kind=rate.kind,
        value=rate.value.normalize(),
        unit=rate.unit,
        base=rate.base,
        valid_from=rate.valid_from,
        valid_to=rate.valid_to,
        in_force=rate.in_force(today),
        source=rate.source.title,
        state=rate.state,
        text=rate.in_words(),
    )


def _source(row: Sourced) -> out.SourceOut:
    return out.SourceOut(
        id=row.source.slug,
        title=row.source.title,
        publisher=row.source.publisher,
        year=row.source.year,
        url=row.source.url,
        detail=row.source_detail,
        vintage=row.vintage,
    )
