"""What the tests of the runs do, and look at."""

from typing import Any

from django.conf import LazySettings

from maillage.catalog.aides_territoires import run as runs
from maillage.catalog.aides_territoires.client import Client
from maillage.catalog.models import ConnectorRun, Offer
from tests.catalog.aides_territoires_server import TOKEN, Site


def say(settings: LazySettings, url: str, version: str = "1.6", token: str = "") -> None:
    """Set the address, the version and the token of the connector."""
    settings.MAILLAGE = {
        **settings.MAILLAGE, "AIDES_TERRITOIRES_URL": url, "AIDES_TERRITOIRES_VERSION": version,
        "AIDES_TERRITOIRES_TOKEN": token,
    }  # fmt: skip


def connect(settings: LazySettings, site: Site) -> None:
    """Set the connector to read this site."""
    say(settings, site.address, site.version, TOKEN if site.version == "1.8" else "")


def go(**said: Any) -> ConnectorRun:
    """A run that never sleeps."""
    return runs.run(make_client=lambda address: Client(address, sleep=lambda seconds: None), **said)


def live() -> list[int]:
    """Numbers of the aids that are in the catalogue."""
    rows = Offer.objects.filter(dataset="aides-territoires", withdrawn_at=None)
    return sorted(int(key) for key in rows.values_list("external_id", flat=True))


def offer(number: int) -> Offer:
    """The offer made of this aid."""
    return Offer.objects.get(dataset="aides-territoires", external_id=str(number))


def counts(record: ConnectorRun) -> dict[str, int]:
    """What a run did, by action."""
    assert record.parent
    record.parent.refresh_from_db()
    return record.parent.counts
