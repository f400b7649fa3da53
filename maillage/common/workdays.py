"""Working days of a place: Saturdays, Sundays and its public holidays are not worked.

The days come from the `holidays` package: the eleven of the Code du travail (L3133-1), those of
Alsace and Moselle (L3134-13), the abolition of slavery overseas (L3422-2), and the days that
overseas administrations close by usage (Good Friday in the Antilles, for instance).
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import holidays

#: Départements and collectivities that have days of their own → how the package calls them. All
#: others keep those of the whole of France.
_PLACES: Final = {
    "57": "57", "67": "6AE", "68": "6AE",
    "971": "971", "972": "972", "973": "973", "974": "974", "976": "976",
    "975": "PM", "977": "BL", "978": "MF", "984": "TF", "986": "WF", "987": "PF", "988": "NC",
}  # fmt: skip
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


@lru_cache(maxsize=512)
def holidays_of(department: str, year: int) -> Mapping[date, str]:
    """Public holidays of `year` in the département `department` (« 24 », « 2A », « 972 »): day →
    French name, in the order of the year.
    """
    found = holidays.France(subdiv=_PLACES.get(department), years=year, expand=False, language="fr")
    return MappingProxyType(dict(sorted(found.items())))


def is_working_day(day: date, department: str = "") -> bool:
    """True when offices of `department` are open on `day` (of the whole of France without one)."""
    return day.weekday() < _SATURDAY and day not in holidays_of(department, day.year)


def add_working_days(start: date, days: int, department: str) -> date:
    """The day that comes `days` working days after `start`.

    `start` itself is never counted: one day after a Saturday or a Sunday is Monday, one day after
    a Monday is Tuesday. With 0: `start` when it is worked, else the next working day.
    Raises ``ValueError`` for a negative number.
    """
    if days < 0:
        raise ValueError("A deadline is after its start.")
    day, left = start, days
    while left or not is_working_day(day, department):
        day += _DAY
        left -= left > 0 and is_working_day(day, department)
    return day


def working_days_between(first: date, last: date, department: str) -> int:
    """Working days after `first`, up to `last` included; negative when `last` comes before.

    It is the inverse of `add_working_days`: how many days a deadline leaves, or is late by.
    """
    if last < first:
        return -working_days_between(last, first, department)
    return sum(
        is_working_day(first + n * _DAY, department) for n in range(1, (last - first).days + 1)
    )
