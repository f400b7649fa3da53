"""The quality of every entry, in memory: what the page of quality sorts, filters and counts.

Scores are those of `score.py`, cut in three so that a day that passes needs no new reading: what
does not change, what a fresh confirmation adds, what a date still to come adds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.utils.timezone import localdate

from maillage.catalog.enums import FAMILIES, Origin, Publication
from maillage.catalog.models import Offer, Provider, Rate
from maillage.catalog.owners import MOST_DEPARTMENTS, departments_of
from maillage.catalog.quality.entries import facts, is_confirmed
from maillage.catalog.quality.freshness import due_on
from maillage.catalog.quality.memory import LINKS
from maillage.catalog.quality.score import Facts, score
from maillage.common.held import Held
from maillage.engine.text import words
from maillage.territories.directory import directory

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int32]
OFFER: Final = "offre"
PROVIDER: Final = "offreur"
FAR: Final = date.max.toordinal()
_FAMILY: Final = {code: number for number, (code, _) in enumerate(FAMILIES)}
_COMMON: Final = (
    "slug", "origin", "state", "contact", "summary", "perimeter", "source_detail", "checked_on",
    "created_at", "set_aside_at", "waiting_weeks", "available", "capacity",
)  # fmt: skip
_PROVIDER: Final = (*_COMMON, "name", "family", "website", "held_by")
_OFFER: Final = (
    *_COMMON, "provider", "title", "kind", "themes", "phases", "audiences", "cost", "link",
    "closes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Keeper:
    """A provider, as far as who keeps it goes. ``departments`` is empty for a wide one."""

    pk: int
    slug: str
    held_by: int | None
    departments: frozenset[str]


@dataclass(frozen=True, slots=True)
class Board:
    """A line by entry. ``keys`` is (kind, key); ``provider`` a line of ``keepers``; dates are
    ordinals, `FAR` for none; ``base`` + ``confirming`` + ``dating`` make the score; ``priced`` is
    true of an offer that has figures, ``unconfirmed`` of what who offers it never confirmed.
    """

    keepers: tuple[Keeper, ...]
    keys: tuple[tuple[str, int], ...]
    names: tuple[str, ...]
    rank: IntArray
    provider: IntArray
    family: IntArray
    base: IntArray
    confirming: IntArray
    dating: IntArray
    due: IntArray
    closes: IntArray
    aside: BoolArray
    broken: BoolArray
    official: BoolArray
    priced: BoolArray
    unconfirmed: BoolArray

    def late(self, today: date, days: int = 0) -> BoolArray:
        """Entries in the answers that are to be confirmed on `today`, or within some `days`."""
        return ~self.aside & (self.due <= today.toordinal() + days)

    def scores(self, today: date) -> IntArray:
        """The score of each on `today`."""
        fresh = ~self.aside & (self.due > today.toordinal())
        still = (self.closes >= today.toordinal()) & (self.closes < FAR)
        found: IntArray = self.base + self.confirming * fresh + self.dating * still
        return found


def _build() -> Board:
    providers = list(Provider.objects.visible().filter(withdrawn_at=None).only("id", *_PROVIDER))
    by_pk = {row.pk: row for row in providers}
    offers = Offer.objects.visible().filter(withdrawn_at=None, provider__in=by_pk)
    offers = offers.exclude(publication=Publication.ARCHIVED).only("id", *_OFFER)
    priced = set(Rate.objects.values_list("offer_id", flat=True).distinct())
    entries: list[Provider | Offer] = []
    for offer in offers:
        offer.provider = by_pk[offer.provider_id]
        entries.append(offer)
    entries += providers
    lines = {row.pk: number for number, row in enumerate(providers)}
    told = [_best(row, row.pk in priced) for row in entries]
    parts = np.array([_parts(one) for one in told])
    parts = parts.reshape(len(entries), 3).astype(np.int32)
    names = [" ".join(words(str(row))) for row in entries]
    rank = np.empty(len(entries), dtype=np.int32)
    rank[sorted(range(len(entries)), key=names.__getitem__)] = np.arange(len(entries))
    owners = [row.provider if isinstance(row, Offer) else row for row in entries]
    searched = [f" {name} {' '.join(words(f'{owner.name} {row.slug}'))} "
                for name, owner, row in zip(names, owners, entries, strict=True)]  # fmt: skip
    return Board(
        keepers=_keepers(providers),
        keys=tuple((OFFER if isinstance(row, Offer) else PROVIDER, row.pk) for row in entries),
        names=tuple(searched),
        rank=rank,
        provider=_ints(lines[owner.pk] for owner in owners),
        family=_ints(_FAMILY[owner.family] for owner in owners),
        base=parts[:, 0],
        confirming=parts[:, 1],
        dating=parts[:, 2],
        due=_ints(_due(row) for row in entries),
        closes=_ints(_ordinal(getattr(row, "closes", None)) for row in entries),
        aside=_bools(row.set_aside_at is not None for row in entries),
        broken=_bools(one.link_broken for one in told),
        priced=_bools(one.rates for one in told),
        unconfirmed=_bools(not is_confirmed(row) for row in entries),
        official=_bools(row.origin == Origin.CONSTRUCTION for row in entries),
    )


def _best(row: Provider | Offer, has_rates: bool) -> Facts:
    """What the score looks at on the best of days: fresh, its last day to come if it has one."""
    dated = isinstance(row, Offer) and row.closes is not None
    return facts(row, fresh=True, dated=dated, has_rates=has_rates)


@cache
def _parts(facts: Facts) -> tuple[int, int, int]:
    """What does not change, what freshness adds, what a date to come adds."""
    points = {line.code: line.points for line in score(facts).lines}
    fresh, dates = points.pop("confirmed", 0), points.pop("dates", 0)
    return sum(points.values()), fresh, dates


def _keepers(providers: Iterable[Provider]) -> tuple[Keeper, ...]:
    known = directory()
    places: dict[tuple[str, ...], frozenset[str]] = {}
    found = []
    for row in providers:
        key = tuple(row.perimeter)
        if key not in places:
            where = departments_of(key, known)
            places[key] = where if len(where) <= MOST_DEPARTMENTS else frozenset()
        found.append(Keeper(row.pk, row.slug, row.held_by_id, places[key]))
    return tuple(found)


def _due(row: Provider | Offer) -> int:
    if row.origin == Origin.CONSTRUCTION:
        return FAR
    since = row.checked_on or localdate(row.created_at)
    return _ordinal(due_on(since, settings.MAILLAGE["CONFIRM_MONTHS"]))


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else FAR


def _ints(values: Iterable[int]) -> IntArray:
    return np.fromiter(values, dtype=np.int32)


def _bools(values: Iterable[bool]) -> BoolArray:
    return np.fromiter(values, dtype=np.bool_)


held: Held[Board] = Held(_build, "catalogue", "territories", LINKS)
