"""Dates as iCalendars (RFC 5545) of all-day events, which fall on their day in any time zone; and
by month, as pages show them.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event


class _OnADay(Protocol):
    @property
    def day(self) -> date: ...


D = TypeVar("D", bound=_OnADay)


def by_month(found: Iterable[D]) -> list[tuple[date, list[D]]]:
    """What happens on a day, in order, under the first day of its month."""
    grouped: dict[date, list[D]] = {}
    for one in found:
        grouped.setdefault(one.day.replace(day=1), []).append(one)
    return list(grouped.items())


def new_calendar(name: str, refresh: timedelta) -> Calendar:
    """An empty calendar of the site. `refresh`: how often whoever follows it looks again."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//{_host()}//Maillage//FR")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", refresh, parameters={"VALUE": "DURATION"})
    return calendar


def add_days(
    calendar: Calendar, *, key: str, changed: datetime, first: date, last: date, summary: str,
    text: str, path: str,
) -> None:  # fmt: skip
    """Add an event from `first` to `last`. `key` is its own for ever: a calendar that reads it
    again moves the event instead of adding one. `path` is its page on the site.
    """
    event = Event()
    event.add("uid", f"{key}@{_host()}")
    event.add("dtstamp", changed.astimezone(UTC))
    event.add("dtstart", first)
    event.add("dtend", last + timedelta(days=1))
    event.add("summary", summary)
    event.add("description", text)
    event.add("url", f"{settings.MAILLAGE['URL']}{path}")
    event.add("transp", "TRANSPARENT")
    calendar.add_component(event)


def _host() -> str:
    return urlsplit(settings.MAILLAGE["URL"]).hostname or "maillage"
