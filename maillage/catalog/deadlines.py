"""The dates of the offers that a search finds, in order: when they open, when they close."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event

from maillage.catalog.searching import Search
from maillage.catalog.snapshot import Details
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


def by_month(dates: Sequence[Deadline]) -> list[tuple[date, list[Deadline]]]:
    """Dates in order, under the first day of their month."""
    grouped: dict[date, list[Deadline]] = {}
    for one in dates:
        grouped.setdefault(one.day.replace(day=1), []).append(one)
    return list(grouped.items())


def calendar_of(dates: Sequence[Deadline], name: str) -> bytes:
    """An iCalendar (RFC 5545) of all-day events, which fall on their day in any time zone.

    The identifier of an event is that of its offer and of what happens, and its stamp the last
    change of the offer: a calendar that reads it again moves the event instead of adding one.
    """
    site = settings.MAILLAGE["URL"]
    host = urlsplit(site).hostname or "maillage"
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//{host}//Maillage//FR")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    for one in dates[:MOST_IN_CALENDAR]:
        event = Event()
        event.add("uid", f"{one.offer.id}-{one.what}@{host}")
        event.add("dtstamp", one.details.updated_at.astimezone(UTC))
        event.add("dtstart", one.day)
        event.add("dtend", one.day + timedelta(days=1))
        event.add("summary", f"{one.label} : {one.offer.title}")
        event.add("description", _description(one))
        event.add("url", f"{site}{one.details.url}")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _description(one: Deadline) -> str:
    lines = [one.offer.provider_name, one.offer.summary, one.details.apply]
    return "\n".join(line for line in lines if line)
