"""Small catalogues: what a test does not say is plain."""

from typing import Any

from maillage.catalog.columns import columns_of
from maillage.catalog.files import Entry
from maillage.catalog.models import Offer, Provider
from maillage.catalog.snapshot import Shelf
from maillage.common.models import Source
from maillage.engine import types
from maillage.engine.snapshot import build_snapshot
from maillage.engine.vocabulary import Family, Kind, Level


def engine_offer(slug: str, **said: Any) -> types.Offer:
    """An offer as the engine sees it."""
    plain: dict[str, Any] = {
        "title": slug.replace("-", " "),
        "provider_id": "offreur",
        "provider_name": "Offreur",
        "family": Family.NETWORK,
        "level": Level.NATIONAL,
        "kind": Kind.ENGINEERING,
        "perimeter": frozenset({"FR"}),
        "themes": frozenset({"eau"}),
    }
    return types.Offer(id=slug, **{**plain, **said})


def shelf_of(*offers: types.Offer) -> Shelf:
    """A shelf of these offers, without the details that only pages need."""
    built = build_snapshot(types.Catalogue(offers=offers))
    return Shelf(snapshot=built, details={}, columns=columns_of(built.offers))


def source() -> Source:
    """A source."""
    return Source.objects.get_or_create(
        slug="essai", defaults={"title": "Document d'essai", "publisher": "Essai", "year": 2025}
    )[0]


def make_provider(slug: str = "offreur-essai", **said: Any) -> Provider:
    """A provider in the database."""
    plain: dict[str, Any] = {
        "name": "Offreur d'essai", "family": "network", "level": "national",
        "perimeter": ["FR"], "source": source(),
    }  # fmt: skip
    return Provider.objects.create(slug=slug, **{**plain, **said})


def make_offer(slug: str = "offre-essai", provider: Provider | None = None, **said: Any) -> Offer:
    """An offer in the database."""
    plain: dict[str, Any] = {
        "title": "Offre d'essai", "summary": "Une aide pour les essais.", "kind": "engineering",
        "level": "national", "perimeter": ["FR"], "themes": ["eau"], "phases": ["travaux"],
        "audiences": ["commune"], "cost": "free", "source": source(),
    }  # fmt: skip
    return Offer.objects.create(
        slug=slug, provider=provider or make_provider(), **{**plain, **said}
    )


def provider_entry(slug: str = "offreur-essai", **said: Any) -> Entry:
    """A provider as the files write it."""
    plain = {
        "id": slug, "name": "Offreur d'essai", "family": "network", "level": "national",
        "perimeter": ["FR"], "state": "to_confirm", "source": "cgct",
    }  # fmt: skip
    return {**plain, **said}


def offer_entry(slug: str = "offre-essai", **said: Any) -> Entry:
    """An offer as the files write it."""
    plain = {
        "id": slug, "provider": "offreur-essai", "title": "Offre d'essai", "summary": "Une aide.",
        "kind": "funding", "cost": "free", "themes": ["eau"], "phases": ["travaux"],
        "audiences": ["commune"], "state": "to_confirm", "source": "cgct",
    }  # fmt: skip
    return {**plain, **said}
