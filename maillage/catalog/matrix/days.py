"""The catalogue as it was on a day: what the matrix needs of it, kept when it differs.

Each day holds the facts of its published offers as compressed JSON (see ADR 0015). The digest is
that of the facts, in a fixed order: the same catalogue always has the same one.
"""

import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from maillage.catalog.enums import LEVEL_BY_CODE
from maillage.catalog.models import CatalogueDay, Offer
from maillage.engine import types
from maillage.engine.vocabulary import Audience, Cost, Family, Kind, State

#: Days during which each kept day stays; older ones are kept one by month, the first.
EVERY_DAY_FOR: Final = 90
#: What is kept of an offer, in this order. A catalogue kept by an older version may lack the last.
_FIELDS: Final = (
    "slug", "title", "provider__slug", "provider__name", "provider__family", "level", "kind",
    "state", "perimeter", "themes", "phases", "audiences", "population_min", "population_max",
    "population_kind", "labels_any", "opens", "closes",
)  # fmt: skip
_SETS: Final = frozenset({"perimeter", "themes", "phases", "audiences", "labels_any"})


def facts(offers: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Rows of `_FIELDS` as they are kept: lists sorted, dates in ISO, in the order of the slugs."""
    return sorted([_plain(name, value) for name, value in zip(_FIELDS, row, strict=True)]
                  for row in offers)  # fmt: skip


def _plain(name: str, value: Any) -> Any:
    if name in _SETS:
        return sorted(value)
    return value.isoformat() if isinstance(value, date) else value


@transaction.atomic
def keep(day: date) -> bool:
    """Keep the catalogue of `day` if it differs from the last one kept; thin the old days.

    True when a day was written. A day that is kept again holds what the catalogue is now.
    """
    rows = Offer.objects.published().filter(generalist=False).values_list(*_FIELDS)
    content = json.dumps(facts(rows), ensure_ascii=False, separators=(",", ":")).encode()
    digest = hashlib.sha256(content).hexdigest()
    last = CatalogueDay.objects.filter(day__lte=day).order_by("-day").values_list("digest").first()
    if last == (digest,):
        return False
    CatalogueDay.objects.update_or_create(
        day=day,
        defaults={"digest": digest, "offers": len(rows), "content": zlib.compress(content, 9)},
    )
    thin(day)
    return True


def keep_the_first(day: date) -> bool:
    """Keep the catalogue of `day` if no day was ever kept: what later ones are compared with."""
    return not CatalogueDay.objects.exists() and keep(day)


def thin(today: date) -> int:
    """Erase, among days of more than `EVERY_DAY_FOR` days, those that are not the first kept of
    their month; return how many.
    """
    limit = today - timedelta(days=EVERY_DAY_FOR)
    old = CatalogueDay.objects.filter(day__lt=limit).order_by("day").values_list("day", flat=True)
    months: set[tuple[int, int]] = set()
    gone = []
    for day in old:
        if (day.year, day.month) in months:
            gone.append(day)
        months.add((day.year, day.month))
    return CatalogueDay.objects.filter(day__in=gone).delete()[0]


def kept_days() -> dict[date, str]:
    """Days that can be compared, latest first, with their digest (one query, without content)."""
    return dict(CatalogueDay.objects.order_by("-day").values_list("day", "digest"))


def offers_of(day: date) -> list[types.Offer]:
    """The offers of a kept day, as the engine sees them. Raises ``CatalogueDay.DoesNotExist``.

    What was invented is there in the demonstration only.
    """
    content = CatalogueDay.objects.values_list("content", flat=True).get(day=day)
    shown = settings.MAILLAGE["DEMO_OFFERS"]
    found = read(bytes(content))
    return [offer for offer in found if shown or offer.state is not State.DEMONSTRATION]


def read(content: bytes) -> list[types.Offer]:
    """The offers of the content of a kept day."""
    return [_offer(row) for row in json.loads(zlib.decompress(content))]


def _offer(row: list[Any]) -> types.Offer:
    said = dict(zip(_FIELDS, row, strict=False))
    return types.Offer(
        id=said["slug"],
        title=said["title"],
        provider_id=said["provider__slug"],
        provider_name=said["provider__name"],
        family=Family(said["provider__family"]),
        level=LEVEL_BY_CODE[said["level"]],
        kind=Kind(said["kind"]),
        state=State(said["state"]),
        perimeter=frozenset(said["perimeter"]),
        themes=frozenset(said["themes"]),
        phases=frozenset(said["phases"]),
        audiences=frozenset(Audience(code) for code in said["audiences"]),
        population_min=said["population_min"],
        population_max=said["population_max"],
        population_kind=said["population_kind"],
        labels_any=frozenset(said["labels_any"]),
        cost=Cost.UNKNOWN,
        opens=_day(said["opens"]),
        closes=_day(said["closes"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
