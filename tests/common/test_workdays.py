"""Working days: real calendars of 2026, in several places."""

from datetime import date, timedelta

import pytest

from maillage.common.workdays import (
    add_working_days,
    holidays_of,
    is_working_day,
    working_days_between,
)


@pytest.mark.parametrize(
    ("start", "days", "department", "due"),
    [
        # A plain week: Monday to the next Monday.
        (date(2026, 11, 16), 5, "24", date(2026, 11, 23)),
        # Received on a Saturday or a Sunday: the count begins on Monday.
        (date(2026, 11, 21), 5, "24", date(2026, 11, 27)),
        (date(2026, 11, 22), 5, "24", date(2026, 11, 27)),
        # 1 May 2026 is a Friday, 8 May too: two short weeks.
        (date(2026, 4, 28), 5, "24", date(2026, 5, 6)),
        (date(2026, 5, 4), 5, "24", date(2026, 5, 12)),
        # Ascension, Thursday 14 May; Whit Monday, 25 May.
        (date(2026, 5, 11), 5, "24", date(2026, 5, 19)),
        (date(2026, 5, 20), 5, "24", date(2026, 5, 28)),
        # From one year to the next: 25 December and 1 January are Fridays.
        (date(2026, 12, 23), 5, "24", date(2026, 12, 31)),
        (date(2026, 12, 30), 5, "24", date(2027, 1, 7)),
        # Good Friday, 3 April 2026: not worked in Moselle and in Alsace, worked in Dordogne.
        (date(2026, 3, 31), 3, "24", date(2026, 4, 3)),
        (date(2026, 3, 31), 3, "57", date(2026, 4, 7)),
        (date(2026, 3, 31), 3, "67", date(2026, 4, 7)),
        (date(2026, 3, 31), 3, "68", date(2026, 4, 7)),
        # 22 May 2026, a Friday: abolition of slavery in Martinique.
        (date(2026, 5, 20), 2, "972", date(2026, 5, 26)),
        (date(2026, 5, 20), 2, "2A", date(2026, 5, 22)),
        # No day at all: the same one, or the next that is worked.
        (date(2026, 11, 20), 0, "24", date(2026, 11, 20)),
        (date(2026, 11, 21), 0, "24", date(2026, 11, 23)),
    ],
)
def test_a_deadline_counts_the_days_worked_there(
    start: date, days: int, department: str, due: date
) -> None:
    assert add_working_days(start, days, department) == due
    assert working_days_between(start, due, department) == (days or (start != due))


@pytest.mark.parametrize(
    ("day", "department", "worked"),
    [
        (date(2025, 12, 26), "24", True),  # a Friday
        (date(2025, 12, 26), "57", False),
        (date(2025, 12, 26), "67", False),
        (date(2026, 5, 27), "971", False),
        (date(2026, 5, 22), "971", True),
        (date(2026, 6, 10), "973", False),
        (date(2024, 12, 20), "974", False),
        (date(2026, 4, 27), "976", False),
        (date(2026, 5, 28), "978", False),
        (date(2026, 7, 14), "975", False),
        (date(2026, 7, 15), "975", True),
        (date(2026, 9, 24), "988", False),
        (date(2026, 7, 14), "2B", False),
    ],
)
def test_each_place_has_its_days(day: date, department: str, worked: bool) -> None:
    assert is_working_day(day, department) is worked


def test_holidays_are_named_in_french_in_the_order_of_the_year() -> None:
    found = holidays_of("24", 2026)
    assert list(found) == sorted(found)
    assert len(found) == 11
    assert found[date(2026, 5, 14)] == "Ascension"
    assert found[date(2026, 7, 14)] == "Fête nationale"
    assert "Vendredi saint" in holidays_of("68", 2026).values()


def test_nobody_can_change_the_calendar_that_is_kept() -> None:
    with pytest.raises(TypeError):
        holidays_of("24", 2026)[date(2026, 11, 23)] = "Rien"  # type: ignore[index]


def test_days_late_are_counted_backwards() -> None:
    due, today = date(2026, 4, 30), date(2026, 5, 11)
    assert working_days_between(today, due, "24") == -5
    assert working_days_between(due, due, "24") == 0


@pytest.mark.parametrize("department", ["24", "57", "67", "972", "974", "987"])
def test_adding_then_counting_comes_back(department: str) -> None:
    start = date(2026, 1, 1)
    for offset in range(0, 366, 7):
        first = start + timedelta(days=offset)
        for days in (1, 5, 10, 22):
            due = add_working_days(first, days, department)
            assert is_working_day(due, department)
            assert working_days_between(first, due, department) == days


def test_a_deadline_before_its_start_is_refused() -> None:
    with pytest.raises(ValueError, match="after its start"):
        add_working_days(date(2026, 11, 21), -1, "24")
