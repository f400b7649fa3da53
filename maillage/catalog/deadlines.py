"""The dates of the offers that a search finds, in order: when they open, when they close."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from maillage.catalog.searching import Search
from maillage.catalog.snapshot import Details
from maillage.common.calendars import add_days, new_calendar
from maillage.engine import types

CLOSES: Final = "closes"
OPENS: Final = "opens"
LABELS: Final = {CLOSES: "Dernier jour", OPENS: "Ouverture"}
#: Dates that a calendar takes, the soonest first.
MOST_IN_CALENDAR: Final = 1000
#: How often a calendar that follows the address looks again.
_REFRESH: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date of an offer. ``what`` is `CLOSES` or `OPENS`; ``days`` from today, never negative."""

    day: date
    what: str
    offer: types.Offer
    details: Details
    days: int

    @property
    def label(self) -> str:
        """« Dernier jour » or « Ouverture »."""
        return LABELS[self.what]

    @property
    def month(self) -> str:
        """« 2026-12 », as the address of a month says it."""
        return f"{self.day:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Month:
    """A month that has dates: its first day, its address, how many."""

    first: date
    code: str
    count: int


def deadlines(done: Search, today: date) -> list[Deadline]:
    """Dates from today on, the soonest first; an offer that opens later has two."""
    found = []
    for offer in done.offers():
        for what, day in ((OPENS, offer.opens), (CLOSES, offer.closes)):
            if day is not None and day >= today:
                details = done.shelf.details[offer.id]
                found.append(Deadline(day, what, offer, details, (day - today).days))
    return sorted(found, key=lambda one: (one.day, one.what, one.offer.title, one.offer.id))


def months(dates: Iterable[Deadline]) -> list[Month]:
    """The months that have dates, in order."""
    counts = Counter(one.day.replace(day=1) for one in dates)
    return [Month(first, f"{first:%Y-%m}", count) for first, count in sorted(counts.items())]


def calendar_of(dates: Sequence[Deadline], name: str) -> bytes:
    """An iCalendar of these dates. The identifier of an event is that of its offer and of what
    happens, its stamp the last change of the offer.
    """
    calendar = new_calendar(name, _REFRESH)
    for one in dates[:MOST_IN_CALENDAR]:
        add_days(
            calendar, key=f"{one.offer.id}-{one.what}", changed=one.details.updated_at,
            first=one.day, last=one.day, summary=f"{one.label} : {one.offer.title}",
            text=_description(one), path=one.details.url,
        )  # fmt: skip
    return bytes(calendar.to_ical())


def _description(one: Deadline) -> str:
    lines = [one.offer.provider_name, one.offer.summary, one.details.apply]
    return "\n".join(line for line in lines if line)
