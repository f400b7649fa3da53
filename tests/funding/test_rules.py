"""The rules as dated data: the law of a plan is that of its day."""

from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.engine.funding.rules import UnknownRule, law_of
from maillage.engine.funding.types import Rule
from maillage.funding.rulebook import RuleFileError, shipped_rules
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
