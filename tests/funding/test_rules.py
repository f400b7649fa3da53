"""The rules as dated data: the law of a plan is that of its day."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.engine.funding.rules import Period, UnknownRule, law_of, periods
from maillage.engine.funding.types import Rule
from maillage.funding.rulebook import RuleFileError, shipped_rules
from maillage.funding.validity import said
from tests.funding.factories import LAW, RULES


def test_every_rule_says_its_law_and_its_source() -> None:
    assert len(RULES) >= 20
    for rule in RULES:
        assert rule.sentence.endswith(".")
        assert rule.reference
        assert rule.source
        assert rule.scope


def test_what_is_a_bill_is_never_law() -> None:
    assert "own-share-small" not in LAW
    assert not next(r for r in RULES if r.id == "own-share-small").active


def test_what_was_not_read_is_said_to_be_confirmed() -> None:
    state = {rule.id: rule.confirmed for rule in RULES}
    assert state["own-share"]
    assert not state["state-cap"]
    assert not state["own-share-small"]


def test_the_display_of_a_plan_is_due_for_works_begun_since_october_2020() -> None:
    (display,) = (rule for rule in RULES if rule.id == "display")
    assert "display" not in law_of(RULES, date(2020, 9, 30))
    assert law_of(RULES, date(2020, 10, 1))["display"] is display
    assert "D1111-8" in display.reference
    assert display.confirmed


def test_the_limit_for_farms_rose_at_the_end_of_2024() -> None:
    on = [law_of(RULES, date(2024, 12, day)).number("state-aid", "agriculture") for day in (15, 16)]
    assert on == [20_000, 50_000]
    before = law_of(RULES, date(2023, 12, 31))
    assert before.number("state-aid", "de_minimis") == 200_000


def test_vintages_of_a_rule_never_overlap() -> None:
    for name in {rule.id for rule in RULES}:
        dated = sorted(
            (r.valid_from or date.min, r.valid_to or date.max) for r in RULES if r.id == name
        )
        assert all(end < start for (_, end), (start, _) in pairwise(dated)), name


def test_rates_are_exact() -> None:
    assert str(LAW.number("fctva", "rate")) == "0.16404"


def test_a_rule_that_is_not_there_is_said() -> None:
    with pytest.raises(UnknownRule):
        LAW["nulle-part"]


days = st.dates(date(2000, 1, 1), date(2040, 1, 1))


@given(days, days)
def test_the_day_chooses_the_vintage(change: date, day: date) -> None:
    before = Rule("x", "ancienne", "")
    after = Rule("x", "nouvelle", "", valid_from=change)
    for rules in ([before, after], [after, before]):
        assert law_of(rules, day)["x"].title == ("nouvelle" if day >= change else "ancienne")


@given(days, days, days)
def test_outside_its_dates_a_rule_is_not_law(one: date, other: date, day: date) -> None:
    start, end = sorted((one, other))
    law = law_of([Rule("x", "", "", valid_from=start, valid_to=end)], day)
    assert ("x" in law) == (start <= day <= end)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("pas du toml", "n'est pas un fichier de règles"),
        ('[[rules]]\nid = "x"', "il manque"),
        ('[[rules]]\nid="x"\ntitle="t"\nsentence="s"\nscope="s"\nreference="r"\nsource="s"\n'
         'state="sûr"', "l'état est"),
        ('[[rules]]\nid="x"\ntitle="t"\nsentence="s"\nscope="s"\nreference="r"\nsource="s"\n'
         'state="verified"\nvalid_from="hier"', "est une date"),
        ('[[rules]]\nid="x"\ntitle="t"\nsentence="s"\nscope="s"\nreference="r"\nsource="s"\n'
         'state="verified"\n[rules.parameters]\nshare="un cinquième"', "un nombre"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_what_to_do(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "essai.toml").write_text(text)
    with pytest.raises(RuleFileError, match=said):
        shipped_rules(tmp_path)


# -- When each vintage is in force


def test_a_vintage_gives_way_to_the_next_and_comes_back_after_it() -> None:
    shipped = Rule("x", "livrée", "")
    month = Rule("x", "un mois", "", valid_from=date(2026, 12, 1), valid_to=date(2026, 12, 31))
    assert periods([month, shipped]) == [
        [Period(date(2026, 12, 1), date(2026, 12, 31))],
        [Period(None, date(2026, 11, 30)), Period(date(2027, 1, 1), None)],
    ]


def test_a_vintage_that_ends_under_another_does_not_cut_it() -> None:
    old = Rule("x", "ancienne", "", valid_to=date(2026, 3, 31))
    new = Rule("x", "nouvelle", "", valid_from=date(2026, 1, 1))
    assert periods([new, old]) == [
        [Period(date(2026, 1, 1), None)], [Period(None, date(2025, 12, 31))],
    ]  # fmt: skip


def test_of_two_vintages_of_the_same_day_one_never_is() -> None:
    one, other = (Rule("x", title, "", valid_from=date(2026, 1, 1)) for title in "ab")
    assert periods([one, other]) == [[Period(date(2026, 1, 1), None)], []]


bounds = st.none() | st.integers(0, 12).map(lambda n: date(2026, 1, 1 + n))


@given(st.lists(st.tuples(bounds, bounds, st.booleans()), min_size=1, max_size=5), st.data())
def test_the_periods_are_those_of_the_law(dated: list[tuple[Any, Any, bool]], data: Any) -> None:
    vintages = [
        Rule("x", str(number), "", valid_from=first, valid_to=last, active=active)
        for number, (first, last, active) in enumerate(dated)
    ]
    day = date(2025, 12, 25) + timedelta(days=data.draw(st.integers(0, 30)))
    inside = [
        one
        for one, spans in zip(vintages, periods(vintages), strict=True)
        if any((s.first or date.min) <= day <= (s.last or date.max) for s in spans)
    ]
    assert len(inside) <= 1
    law = law_of(vintages, day)
    assert [one for one in inside if one.active] == list(law.rules.values())


# -- Dates that the texts say


@pytest.mark.parametrize(
    ("rule", "eve"),
    [
        ("own-share", date(2011, 12, 31)), ("own-share-corsica", date(2012, 3, 15)),
        ("detr-communes", date(2010, 12, 31)), ("dsil", date(2017, 12, 31)),
        ("dsid-departments", date(2018, 12, 31)), ("lead-share", date(2014, 1, 28)),
        ("detr-rate", date(2011, 5, 12)), ("council-notice", date(1996, 2, 23)),
    ],
)  # fmt: skip
def test_a_rule_holds_from_the_day_of_its_text(rule: str, eve: date) -> None:
    assert rule not in law_of(RULES, eve)
    assert law_of(RULES, eve + timedelta(days=1))[rule].valid_from == eve + timedelta(days=1)


def test_the_thresholds_of_groups_are_those_of_their_year() -> None:
    found = [
        (int(law.number("detr-groups", "block")), int(law.number("detr-groups", "density")))
        for law in (law_of(RULES, date(year, 6, 1)) for year in (2015, 2017, 2018, 2019, 2026))
    ]
    assert found == [(50_000, 0), (75_000, 0), (75_000, 0), (75_000, 150), (75_000, 150)]
    assert [law_of(RULES, date(year, 6, 1)).number("fctva", "rate") for year in (2013, 2014)] == [
        Decimal("0.15482"), Decimal("0.15761"),
    ]  # fmt: skip


def test_when_a_rule_holds_is_said_and_what_is_not_known_is_not_made_up() -> None:
    now = date(2026, 11, 21)
    own = next(rule for rule in RULES if rule.id == "own-share")
    assert said([Period(own.valid_from, own.valid_to)], now) == "depuis le 1er janvier 2012"
    assert said([Period(None, None)], now) == "date de début non connue"
    assert said([Period(None, now)], now) == "jusqu'au 21 novembre 2026 (date de début non connue)"
    later = [Period(None, date(2026, 11, 30)), Period(date(2027, 1, 1), None)]
    assert said(later, now) == (
        "jusqu'au 30 novembre 2026 (date de début non connue), puis de nouveau à partir du "
        "1er janvier 2027"
    )
    assert said([Period(date(2014, 1, 1), date(2014, 12, 31))], now) == (
        "du 1er janvier 2014 au 31 décembre 2014"
    )
    assert "aucun jour" in said([], now)
