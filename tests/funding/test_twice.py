"""Nothing is paid twice: exactly, whatever the number of groups of lines; in few words."""

from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.flow import overflows
from maillage.engine.funding.types import ZERO, Fund, Spending, Verdict
from tests.funding.factories import DAY, LAW, line, money, plan
from tests.funding.test_doubts import ROOF, RUN, WALL, checks

HOLDS, FAILS, UNKNOWN = Verdict.HOLDS, Verdict.FAILS, Verdict.UNKNOWN


def test_many_groups_of_lines_are_looked_at_exactly() -> None:
    """420 tied to three lines of 100, in three pairs, beside eight other groups."""
    lines = [line(100, f"L{n}") for n in range(3)] + [line(1000, f"L{n}") for n in range(3, 14)]
    tied = [money(Fund.REGION, 140, id=f"r{n}", lines=frozenset(pair))
            for n, pair in enumerate((("L0", "L1"), ("L1", "L2"), ("L0", "L2")))]  # fmt: skip
    more = [money(Fund.OPERATOR, 1, id=f"x{n}", label=f"x{n}", lines=frozenset({f"L{n}"}))
            for n in range(3, 11)]  # fmt: skip
    found = [c for c in check_plan(plan(lines, *tied, *more), LAW) if c.id == "no-double"]
    assert [(c.verdict, c.gap) for c in found if c.gap] == [(FAILS, Decimal(120))]


def test_each_group_that_is_paid_beyond_its_cost_is_told() -> None:
    lines = [line(100, "Toit"), line(100, "Mur"), line(100, "Cave")]
    made = plan(
        lines, money(Fund.REGION, 130, lines=ROOF), money(Fund.OPERATOR, 120, lines=WALL),
        money(Fund.EUROPE, 60, lines=frozenset({"Cave", "Mur"})),
    )  # fmt: skip
    found = [c for c in check_plan(made, LAW) if c.id == "no-double"]
    assert [(c.verdict, c.gap) for c in found] == [(FAILS, Decimal(20)), (FAILS, Decimal(30))]


@given(st.data())
def test_what_overflows_is_what_trying_every_union_of_lines_finds(data: Any) -> None:
    names = "abcde"[: data.draw(st.integers(1, 5))]
    sets = st.frozensets(st.sampled_from(names), min_size=1)
    amounts = data.draw(st.lists(st.tuples(sets, st.integers(0, 20).map(Decimal)), max_size=6))
    room = {name: Decimal(data.draw(st.integers(0, 25))) for name in names}
    unions = (frozenset(some) for n in range(1, 6) for some in combinations(names, n))
    worst = max(
        sum((a for lines, a in amounts if lines <= union), ZERO)
        - sum((room[name] for name in union), ZERO)
        for union in unions
    )
    assert sum((one.excess for one in overflows(amounts, room)), ZERO) == max(worst, ZERO)


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ({}, {}, UNKNOWN), ({"lines": ROOF}, {"lines": WALL}, HOLDS),
        ({"fund": Fund.REGION, "label": "Région"}, {"fund": Fund.REGION, "label": "région"},
         UNKNOWN),
        ({"fund": Fund.REGION, "label": "Toit"}, {"fund": Fund.REGION, "label": "Murs"}, HOLDS),
    ],
)  # fmt: skip
def test_what_looks_like_the_same_aid_is_asked(
    first: dict[str, Any], second: dict[str, Any], verdict: Verdict
) -> None:
    given = [money(said.pop("fund", Fund.DETR), 30, id=str(n), **said)
             for n, said in enumerate((dict(first), dict(second)))]  # fmt: skip
    made = plan([line(100, "Toit"), line(100, "Mur")], *given, money(Fund.OWN, 140))
    assert checks(made)["no-double"].verdict is verdict


def test_a_plan_that_repeats_itself_is_told_in_few_words() -> None:
    many = [money(Fund.STATE, 1, id=str(n), scheme="x") for n in range(60)]
    lines = [line(1, f"L{n}", signed_on=DAY) for n in range(60)]
    found = check_plan(plan(lines, *many), LAW)
    for name, more in (("no-double", "1760 autres"), ("no-start", "50 autres")):
        told = [c for c in found if c.id == name]
        assert len(told) == 10
        assert more in told[-1].sentence
    assert max(len(c.sentence) for c in found) < 400


def test_the_detr_of_mixed_lines_pays_running_costs_beyond_its_investment() -> None:
    lines = [line(10, "Toit"), line(100, "Animation", spending=Spending.OPERATION),
             line(1000, "Mur")]  # fmt: skip
    made = plan(lines, money(Fund.DETR, 60, lines=ROOF | RUN), money(Fund.OWN, 1050))
    check = checks(made)["running-costs"]
    assert check.verdict is UNKNOWN
    assert "50\u00a0€" in check.sentence


def test_to_give_up_a_small_grant_may_be_the_smallest_change() -> None:
    made = plan(100, money(Fund.DETR, 5), money(Fund.REGION, 90), money(Fund.OWN, 5))
    check = checks(made)["state-cap"]
    assert check.gap == 5
    assert check.change.startswith("Renoncez à « detr »")
