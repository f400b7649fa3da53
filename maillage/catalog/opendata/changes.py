"""What has changed in the catalogue since a moment, in an order that never moves.

Entries come in the order of their last change, then of their key, so that a copy kept elsewhere
goes on from the last one it read. What has left the catalogue comes too, as a tombstone.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Greatest
from django.utils.timezone import now

from maillage.catalog.enums import Publication, Verb
from maillage.catalog.models import Offer, Provider, Revision

Row = TypeVar("Row", Offer, Provider)
#: What is served is at least this old, beside what transactions under way may still write.
_SETTLED: Final = timedelta(seconds=1)


class BadCursor(Exception):
    """A cursor that this site has not given."""


@dataclass(frozen=True, slots=True)
class Changes(Generic[Row]):
    """A page of changes. ``cursor`` goes on after the last one; ``complete`` when there is nothing
    more for now. Each row has ``changed_at``, and ``shown`` is false of a tombstone.
    """

    rows: Sequence[Row]
    cursor: str
    complete: bool


def changed_offers(since: datetime | None, cursor: str, limit: int) -> Changes[Offer]:
    """Offers changed since `since` (all without), after `cursor`. An offer changes when its
    provider does: it may be shown or hidden by it. Three queries. Raises `BadCursor`.
    """
    rows = (
        Offer.objects.with_provider()
        .select_related("source")
        .prefetch_related("rates__source", "conditions")
        .annotate(
            changed_at=Greatest("updated_at", "provider__updated_at"),
            shown=_in(Offer.objects.published()),
        )
    )
    published_once = Revision.objects.filter(offer=OuterRef("pk"), verb=Verb.PUBLISHED)
    never_shown = Q(publication=Publication.DRAFT) & ~Exists(published_once)
    known = rows.exclude(never_shown).filter(
        _in(Offer.objects.visible()) | Q(publication=Publication.DRAFT)
    )
    return _page(known, since, cursor, limit)


def changed_providers(since: datetime | None, cursor: str, limit: int) -> Changes[Provider]:
    """Providers changed since `since` (all without), after `cursor`. Raises `BadCursor`."""
    rows = Provider.objects.visible().select_related("source")
    rows = rows.annotate(changed_at=F("updated_at"), shown=_in(Provider.objects.published()))
    return _page(rows, since, cursor, limit)


def _in(rows: Any) -> Exists:
    return Exists(rows.filter(pk=OuterRef("pk")))


def _page(rows: Any, since: datetime | None, cursor: str, limit: int) -> Changes[Any]:
    found = rows.filter(changed_at__lt=_settled()).order_by("changed_at", "pk")
    if since is not None:
        found = found.filter(changed_at__gte=since)
    if cursor:
        moment, key = _read(cursor)
        found = found.filter(Q(changed_at__gt=moment) | Q(changed_at=moment, pk__gt=key))
    page = list(found[: limit + 1])
    complete = len(page) <= limit
    page = page[:limit]
    after = _written(page[-1].changed_at, page[-1].pk) if page else cursor
    return Changes(page, after, complete)


def _settled() -> datetime:
    """A moment before which nothing more will be written: the start of the oldest transaction that
    writes. A row is dated when it is made, and seen when its transaction ends.
    """
    with connection.cursor() as held:
        held.execute(
            "SELECT min(xact_start) FROM pg_stat_activity WHERE backend_xid IS NOT NULL "
            "AND datname = current_database() AND pid <> pg_backend_pid()"
        )
        oldest = held.fetchone()[0]
    return min(oldest or now(), now() - _SETTLED)


def _written(moment: datetime, key: int) -> str:
    said = json.dumps([moment.astimezone(UTC).isoformat(), key]).encode()
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, int]:
    try:
        said = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        moment, key = json.loads(said)
        return datetime.fromisoformat(moment).astimezone(UTC), int(key)
    except (binascii.Error, ValueError, TypeError, UnicodeError) as error:
        raise BadCursor from error
