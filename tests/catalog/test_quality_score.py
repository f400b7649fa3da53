"""Freshness and score: pure functions, told as sentences and properties."""

from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from maillage.catalog.quality.freshness import (
    Freshness,
    Standing,
    is_long_over,
    months_between,
    standing,
)
from maillage.catalog.quality.nightly import NOTICE_DAYS, is_reminder_due
from maillage.catalog.quality.score import LONG_ENOUGH, Facts, score

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
LOADED = date(2025, 11, 21)

# -- Freshness


def _standing(today: date, checked: date | None = None, **said: Any) -> Standing:
    return standing(checked=checked, loaded=LOADED, today=today, confirm=12, **said)


@pytest.mark.parametrize(
    ("today", "checked", "said", "sentence"),
    [
        (date(2026, 1, 5), None, {},
         "Reprise le 21 novembre 2025, pas encore confirmée par l'offreur"),
        (date(2026, 11, 20), None, {},
         "Reprise le 21 novembre 2025, pas encore confirmée par l'offreur"),
        (date(2026, 11, 21), None, {}, "Jamais confirmée depuis 12\u00a0mois"),
        (date(2026, 4, 1), date(2026, 3, 1), {}, "Confirmée le 1er mars 2026"),
        (date(2026, 4, 1), date(2026, 3, 1), {"confirmed": False},
         "Source relue le 1er mars 2026, pas encore confirmée par l'offreur"),
        (date(2027, 5, 1), date(2026, 3, 1), {"confirmed": False},
         "Source relue le 1er mars 2026, jamais confirmée par l'offreur"),
        (date(2027, 5, 1), date(2026, 3, 1), {}, "Non confirmée depuis 14\u00a0mois"),
        (date(2028, 5, 1), date(2026, 3, 1), {"aside": True},
         "Mise de côté\u00a0: non confirmée depuis 26\u00a0mois"),
        (date(2026, 5, 1), date(2026, 3, 1), {"aside": True, "over": date(2025, 9, 1)},
         "Mise de côté\u00a0: close depuis le 1er septembre 2025"),
        (date(2036, 5, 1), None, {"official": True},
         "Déduite du code officiel géographique, à jour avec lui"),
    ],
)  # fmt: skip
def test_an_entry_says_where_it_stands(
    today: date, checked: date | None, said: dict[str, object], sentence: str
) -> None:
    assert _standing(today, checked, **said).sentence == sentence


def test_what_is_confirmed_again_is_fresh_whatever_its_load() -> None:
    assert _standing(date(2030, 1, 1), date(2029, 12, 1)).state is Freshness.FRESH


def test_only_what_was_confirmed_is_up_to_date() -> None:
    day = date(2026, 4, 1)
    read = _standing(day, date(2026, 3, 1), confirmed=False)
    assert (read.state, read.label) == (Freshness.UNCONFIRMED, "À confirmer par l'offreur")
    assert _standing(day).state is Freshness.UNCONFIRMED
    assert _standing(day, official=True).state is Freshness.FRESH


def test_zero_months_means_for_ever() -> None:
    found = standing(checked=None, loaded=LOADED, today=date(2040, 1, 1), confirm=0)
    assert found.state is Freshness.UNCONFIRMED
    assert not is_long_over(date(2000, 1, 1), date(2040, 1, 1), 0)


@given(DAYS, DAYS, DAYS, st.integers(1, 48))
def test_time_alone_never_makes_an_entry_fresher(
    loaded: date, one: date, other: date, confirm: int
) -> None:
    order = list(Freshness)
    first, last = sorted((one, other))
    before = standing(checked=None, loaded=loaded, today=first, confirm=confirm)
    after = standing(checked=None, loaded=loaded, today=last, confirm=confirm)
    assert order.index(before.state) <= order.index(after.state)
    assert before.months <= after.months


@given(DAYS, st.integers(0, 60))
def test_months_are_counted_whole(since: date, months: int) -> None:
    later = since + relativedelta(months=months)
    # The 31st of January and a month is the 28th of February, which is not a whole month yet.
    if later.day == since.day:
        assert months_between(since, later) == months
        assert months_between(since, later - timedelta(days=1)) == max(0, months - 1)


# -- Reminders


def test_one_is_reminded_before_the_day_on_the_day_then_each_month() -> None:
    due, reminded, told = date(2026, 11, 30), None, []
    for number in range(400):
        today = date(2026, 9, 1) + timedelta(days=number)
        if is_reminder_due(due, reminded, today):
            told.append(today)
            reminded = today
    assert told[:5] == [
        date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 30), date(2027, 1, 30),
        date(2027, 2, 28),
    ]  # fmt: skip


@given(DAYS, st.lists(st.integers(1, 20), max_size=80))
def test_a_worker_that_was_away_tells_once_when_it_is_back(due: date, gaps: list[int]) -> None:
    """Whatever the nights on which it runs, two reminders after the day are a month apart or are
    on either side of a monthly return, and never on the same day.
    """
    reminded: date | None = None
    today = due - timedelta(days=NOTICE_DAYS + 5)
    for gap in gaps:
        today += timedelta(days=gap)
        if is_reminder_due(due, reminded, today):
            assert reminded is None or reminded < today
            assert not is_reminder_due(due, today, today)
            reminded = today
        elif reminded is not None and today >= due:
            assert reminded >= due
            assert (today - reminded).days < 31
        elif reminded is None:
            assert today < due - timedelta(days=NOTICE_DAYS)


# -- Score

_OTHERS = ("summary", "provider", "gives_help", "gives_money", "link_broken")
_FLAGS = [one.name for one in fields(Facts) if one.name not in _OTHERS]
FACTS = st.builds(
    Facts,
    summary=st.integers(0, 200),
    provider=st.booleans(),
    gives_help=st.booleans(),
    gives_money=st.booleans(),
    link_broken=st.booleans(),
    **{name: st.booleans() for name in _FLAGS},
).filter(lambda f: f.gives_help or f.gives_money)


@given(FACTS)
def test_a_score_is_out_of_a_hundred_and_says_all_that_is_missing(facts: Facts) -> None:
    found = score(facts)
    assert sum(line.worth for line in found.lines) == 100
    assert 0 <= found.value <= 100
    assert found.value + sum(line.lacks for line in found.missing) == 100
    lacks = [line.lacks for line in found.missing]
    assert lacks == sorted(lacks, reverse=True)
    assert all(lack > 0 for lack in lacks)


@given(FACTS, st.sampled_from(_FLAGS))
def test_saying_one_more_thing_never_lowers_the_score(facts: Facts, name: str) -> None:
    without, with_it = replace(facts, **{name: False}), replace(facts, **{name: True})
    assert score(without).value <= score(with_it).value


@given(FACTS, st.integers(1, 100))
def test_a_longer_sentence_never_lowers_the_score(facts: Facts, more: int) -> None:
    longer = replace(facts, summary=facts.summary + more)
    assert score(facts).value <= score(longer).value


@given(FACTS)
def test_a_link_that_breaks_lowers_the_score_but_not_below_no_link(facts: Facts) -> None:
    none = score(replace(facts, link=False)).value
    broken = score(replace(facts, link=True, link_broken=True)).value
    alive = score(replace(facts, link=True, link_broken=False)).value
    assert none < broken < alive


def test_nothing_said_is_zero_and_all_said_is_a_hundred() -> None:
    full = Facts(**dict.fromkeys(_FLAGS, True), summary=LONG_ENOUGH, gives_money=True)
    assert score(Facts()).value == 0
    assert score(full).value == 100
    assert score(full).missing == ()


def test_figures_are_asked_of_money_and_capacity_of_help() -> None:
    asked = {line.code: line.worth for line in score(Facts()).lines}
    assert (asked.get("rates"), asked["capacity"]) == (None, 10)
    money = {
        line.code: line.worth for line in score(Facts(gives_help=False, gives_money=True)).lines
    }
    assert (money["rates"], money.get("capacity")) == (10, None)
    both = {line.code: line.worth for line in score(Facts(gives_money=True)).lines}
    assert (both["rates"], both["capacity"]) == (5, 5)
