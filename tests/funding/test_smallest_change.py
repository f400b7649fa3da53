"""The smallest change that a check proposes: followed by its words, the check fails no more."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.ledger import Ledger
from maillage.engine.funding.types import (
    PUBLIC,
    STATE_CGCT,
    Bearer,
    BearerKind,
    Check,
    Fund,
    Plan,
    Spending,
    Verdict,
)
from tests.funding.factories import COMMUNE, LAW, line, money, plan
from tests.funding.following import follow

HOLDS, FAILS, UNKNOWN = Verdict.HOLDS, Verdict.FAILS, Verdict.UNKNOWN
GUYANE = replace(COMMUNE, department="973")
#: Those whose change is an amount of money.
MONEY = ("balance", "own-share", "state-cap", "public-cap", "group-half", "leader", "leader-own",
         "no-double")  # fmt: skip
A, B, F = frozenset("a"), frozenset("b"), frozenset("f")


def found(made: Plan, name: str) -> list[Check]:
    return [check for check in check_plan(made, LAW) if check.id == name]


@st.composite
def plans(draw: Any) -> Plan:
    """Plans whose resources find room in their lines; some bring less than the cost."""
    names = "abcd"[: draw(st.integers(1, 4))]
    spendings = st.sampled_from([*Spending, Spending.INVESTMENT])
    costs = [line(draw(st.integers(1, 40)), name, spending=draw(spendings)) for name in names]
    free, given = {x.id: x.net for x in costs}, []
    funds = st.sampled_from([Fund.DETR, Fund.STATE, Fund.REGION, Fund.OWN, Fund.GIFT, Fund.LEADER,
                             Fund.GROUP])  # fmt: skip
    for n in range(draw(st.integers(1, 5))):
        lines = draw(st.frozensets(st.sampled_from(names)))
        room = sum((free[name] for name in lines or names), Decimal(0))
        amount = left = (room * draw(st.integers(1, 10)) / 10).quantize(Decimal("0.01"))
        for name in sorted(lines or names):
            part = min(left, free[name])
            free[name], left = free[name] - part, left - part
        given.append(money(draw(funds), str(amount), id=str(n), label=f"R{n}", lines=lines))
    if draw(st.booleans()):
        fund = draw(st.sampled_from([Fund.OWN, Fund.REGION, Fund.GIFT]))
        given.append(money(fund, str(sum(free.values())), id="rest", label="Reste"))
    bearer = draw(st.sampled_from([COMMUNE, GUYANE, Bearer(BearerKind.ASSOCIATION, "", "24")]))
    return plan(costs, *given, bearer=bearer)


@given(plans())
def test_each_smallest_change_followed_mends_its_check(made: Plan) -> None:
    for check in check_plan(made, LAW):
        wrong_kind = check.id == "group-half" and not made.bearer.local_authority
        if check.verdict is FAILS and check.id in MONEY and not wrong_kind:
            after = found(follow(made, check), check.id)
            assert all(one.verdict is not FAILS for one in after), (check, after)


@given(plans())
def test_a_cap_fails_by_what_every_way_of_sharing_needs(made: Plan) -> None:
    """The least to be taken from public aids for the cap of each grant to hold, by a linear program
    of its own: never less than what is said, and nothing to take when the check does not fail.
    """
    (check,) = found(made, "state-cap")
    every = [x.id for x in made.costs]
    grants = [r for r in made.resources if r.fund in STATE_CGCT and r.amount]
    bases = {frozenset(r.lines or every) & made.invested for r in grants} - {frozenset()}
    if not bases:
        return
    columns = [(r, name) for r in made.resources for name in (r.lines or every)]
    taken = len(columns)
    whole = [[float(r is one) for r, _ in columns] + [float(one is r) for r in made.resources]
             for one in made.resources]  # fmt: skip
    rows = [[float(name == x) for _, name in columns] + [0.0] * len(made.resources) for x in every]
    room = [float(made.amount(x)) for x in made.costs]
    for base in bases:
        rows.append([float(r.fund in PUBLIC and name in base) for r, name in columns]
                    + [0.0] * len(made.resources))  # fmt: skip
        room.append(0.8 * float(made.cost_of(base)))
    least = linprog(
        [0.0] * taken + [1.0] * len(made.resources), A_eq=whole,
        b_eq=[float(r.amount) for r in made.resources], A_ub=rows, b_ub=room,
        bounds=[(0, None)] * taken
        + [(0, float(r.amount) if r.fund in PUBLIC else 0) for r in made.resources],
    ).fun  # fmt: skip
    if check.verdict is FAILS:
        assert check.gap is not None
        assert least > 0
        if "Renoncez" not in check.change and len(bases) == 1:
            assert abs(float(check.gap) - least) < 0.02
    if check.verdict is HOLDS:
        assert least < 1e-6


def mixed(*resources: Any) -> Plan:
    running = line(100_000, "f", spending=Spending.OPERATION)
    return plan([line(100_000, "a"), running], *resources)


def two(*resources: Any) -> Plan:
    return plan([line(100_000, "a"), line(100_000, "b")], *resources, bearer=GUYANE)


@pytest.mark.parametrize(
    ("name", "made", "gap"),
    [
        # What is free has no room elsewhere either: one euro less where it is tied is not enough.
        ("state-cap", two(money(Fund.DETR, 81_000, lines=A), money(Fund.REGION, 119_000)), 20_000),
        ("own-share", mixed(money(Fund.REGION, 81_000, lines=A),
                            money(Fund.DEPARTMENT, 119_000)), 20_000),
        # A gift leaves less room on the other line: 55 000 of the region come to the first.
        ("state-cap", two(money(Fund.DETR, 40_000, lines=A), money(Fund.GIFT, 80_000, lines=B),
                          money(Fund.REGION, 75_000), money(Fund.OWN, 5_000)), 15_000),
    ],
)  # fmt: skip
def test_what_is_surely_passed_fails_by_its_true_amount(name: str, made: Plan, gap: int) -> None:
    (check,) = found(made, name)
    assert (check.verdict, check.gap) == (FAILS, gap)
    assert all(one.verdict is not FAILS for one in found(follow(made, check), name))


def test_what_is_tied_to_several_lines_is_followed_line_by_line() -> None:
    """The third line has room, but not for the region: 40 of its 50 come to the first."""
    made = plan(
        [line(100, name) for name in "abc"], money(Fund.DETR, 45, lines=A),
        money(Fund.REGION, 50, lines=A | B), money(Fund.GIFT, 90, lines=B), money(Fund.OWN, 115),
        bearer=GUYANE,
    )  # fmt: skip
    (check,) = found(made, "state-cap")
    assert (check.verdict, check.gap) == (FAILS, 5)
    ledger = Ledger(made)
    assert ledger.surely_on(PUBLIC, ledger.bits("a")) == 45  # what is read at once says less


def test_what_is_taken_from_a_base_counts_for_the_wider_one() -> None:
    """90 on the first line where 80 may be, 190 in all where 160 may be: 30, not 40."""
    made = two(money(Fund.DETR, 100_000), money(Fund.DSIL, 90_000, lines=A),
               money(Fund.OWN, 10_000))  # fmt: skip
    (check,) = found(made, "state-cap")
    assert (check.verdict, check.gap) == (FAILS, 30_000)
    assert found(follow(made, check), "state-cap")[0].verdict is not FAILS


def test_own_money_tied_to_lines_pays_no_more_than_them() -> None:
    """100 000 tied to 10 000 of investment and to running costs: 10 % of what is invested."""
    lines = [line(10_000, "a"), line(90_000, "b"),
             line(100_000, "f", spending=Spending.OPERATION)]  # fmt: skip
    made = plan(lines, money(Fund.REGION, 100_000), money(Fund.OWN, 100_000, lines=A | F))
    (check,) = found(made, "own-share")
    assert (check.verdict, check.gap) == (FAILS, 10_000)
    free = replace(made, resources=(made.resources[0], money(Fund.OWN, 100_000)))
    assert found(free, "own-share")[0].verdict is HOLDS


def test_several_aids_are_named_when_one_is_not_enough() -> None:
    made = plan(100, money(Fund.DETR, 45), money(Fund.REGION, 45), money(Fund.OWN, 10))
    (check,) = found(made, "state-cap")
    assert check.gap == 10
    assert "de « detr » par autant de fonds propres" in check.change
    many = [money(Fund.REGION, 10, id=str(n), label=f"R{n}") for n in range(9)]
    (check,) = found(plan(100, *many, money(Fund.DETR, 85)), "state-cap")
    assert check.gap == 85
    assert check.change.startswith("Renoncez à « detr »")
    (check,) = found(plan(100, *many, money(Fund.DETR, 15)), "balance")
    assert check.change.replace("\u00a0", " ") == "Retirez 5 € de « detr »."
    (check,) = found(plan(10, *many), "balance")
    assert check.change.replace("\u00a0", " ").endswith("« R5 » et 20 € d'autres aides.")


def test_a_cap_that_only_the_whole_passes_asks_the_right_thing() -> None:
    """All is tied: nothing depends on what each pays. What the State pays is under its cap."""
    made = two(money(Fund.DETR, 80_000, lines=A), money(Fund.REGION, 100_000, lines=B),
               money(Fund.OWN, 20_000, lines=A))  # fmt: skip
    (check,) = found(made, "state-cap")
    assert (check.verdict, check.gap) == (UNKNOWN, 20_000)
    assert "tout dépend" not in check.sentence
    assert "préfecture" in check.change


def test_a_plan_of_gifts_alone_has_no_share_to_keep() -> None:
    (check,) = found(plan(100, money(Fund.GIFT, 100)), "own-share")
    assert check.verdict is Verdict.OUT


def test_a_large_plan_is_read_without_trying_everything() -> None:
    """Where trying would be long, what is said is still true: the cap is passed, by no less."""
    names = [f"L{n}" for n in range(90)]
    lines = [line(100, name) for name in names]
    tied = [money(Fund.DETR, 90, id=f"d{n}", label=f"D{n}", lines=frozenset({name}))
            for n, name in enumerate(names)]  # fmt: skip
    made = plan(lines, *tied, money(Fund.OWN, 900), bearer=GUYANE)
    assert Ledger(made).sets > 60
    (check,) = found(made, "state-cap")
    assert check.verdict is FAILS
    assert check.change.endswith("Il en faudra davantage : vérifiez de nouveau.")
