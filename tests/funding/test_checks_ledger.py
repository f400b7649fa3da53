"""Who may pay what, and the caps read on it: against the same thing counted line by line."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.ledger import Ledger
from maillage.engine.funding.linesets import LineSets, numbers
from maillage.engine.funding.types import OWN, PUBLIC, Fund, Plan, Spending, Verdict
from tests.funding.factories import LAW, line, money, plan

NAMES = "abcde"
funds = st.sampled_from([Fund.OWN, Fund.DETR, Fund.REGION, Fund.GIFT, Fund.STATE])
tied = st.frozensets(st.sampled_from([*NAMES, "ailleurs"]), max_size=4)


@st.composite
def plans(draw: Any) -> Plan:
    costs = [
        line(draw(st.integers(0, 30)), name, spending=draw(st.sampled_from(list(Spending))))
        for name in NAMES[: draw(st.integers(1, 5))]
    ]
    count = draw(st.integers(0, 6))
    return plan(costs, *(money(draw(funds), draw(st.integers(0, 30)), id=str(n), label=f"R{n}",
                               lines=draw(tied)) for n in range(count)))  # fmt: skip


@given(plans(), st.frozensets(st.sampled_from(NAMES)))
def test_a_ledger_adds_up_as_sets_do(made: Plan, some: frozenset[str]) -> None:
    every = frozenset(x.id for x in made.costs)
    some &= every
    ledger = Ledger(made)
    bits = ledger.bits(some)
    paid = {r.id: r.lines & every or every for r in made.resources}
    public = [r for r in made.resources if r.fund in PUBLIC]
    assert ledger.ids(bits) == some
    assert ledger.cost(bits) == made.cost_of(some)
    assert ledger.inside(PUBLIC, bits) == sum(r.amount for r in public if paid[r.id] <= some)
    assert ledger.touching(PUBLIC, bits) == sum(r.amount for r in public if paid[r.id] & some)
    assert ledger.ids(ledger.invested) == made.invested


@given(plans(), st.frozensets(st.sampled_from(NAMES), min_size=1))
def test_what_is_surely_on_lines_is_no_more_than_what_must_be(
    made: Plan, some: frozenset[str]
) -> None:
    """Of every way of sharing amounts out, the one with the least public money on these lines."""
    ledger = Ledger(made)
    bits = ledger.bits(some)
    said = ledger.surely_on(PUBLIC, bits)
    assert ledger.inside(PUBLIC, bits) <= said <= ledger.touching(PUBLIC, bits)
    every = [x.id for x in made.costs]
    columns = [(r, name) for r in made.resources
               for name in (r.lines & frozenset(every) or frozenset(every))]  # fmt: skip
    if not columns:
        return
    cost = [float(r.fund in PUBLIC and name in some) for r, name in columns]
    whole = [[float(r is one) for r, _ in columns] for one in made.resources]
    room = [[float(name == x) for _, name in columns] for x in every]
    exact = ledger.least_on(PUBLIC, bits)
    own = ledger.most_on(OWN, bits)
    least = linprog(
        cost, A_eq=whole, b_eq=[float(r.amount) for r in made.resources],
        A_ub=room, b_ub=[float(made.amount(x)) for x in made.costs],
    )  # fmt: skip
    if least.success:  # nothing is paid twice: the sharing exists
        assert float(said) <= least.fun + 1e-6
        assert abs(float(exact) - least.fun) < 1e-6
    most = linprog(
        [-float(r.fund in OWN and name in some) for r, name in columns], A_eq=whole,
        b_eq=[float(r.amount) for r in made.resources],
        A_ub=room, b_ub=[float(made.amount(x)) for x in made.costs],
    )  # fmt: skip
    if most.success:
        assert abs(float(own) + most.fun) < 1e-6


def test_what_may_only_go_elsewhere_has_its_room_first() -> None:
    made = plan(
        [line(50, "a"), line(50, "b")], money(Fund.DETR, 40), money(Fund.REGION, 50,
        lines=frozenset("b")), money(Fund.OWN, 10),
    )  # fmt: skip
    ledger = Ledger(made)
    assert ledger.least_on(PUBLIC, ledger.bits("a")) == 40


def test_what_is_tied_elsewhere_leaves_less_room_to_the_rest() -> None:
    """Of 75 that may go anywhere, a gift of 80 leaves 20 on the second line: 55 come here."""
    made = plan(
        [line(100, "a"), line(100, "b")], money(Fund.DETR, 40, lines=frozenset("a")),
        money(Fund.GIFT, 80, lines=frozenset("b")), money(Fund.REGION, 75), money(Fund.OWN, 5),
    )  # fmt: skip
    ledger = Ledger(made)
    for read in (ledger.surely_on, ledger.least_on):
        assert read(PUBLIC, ledger.bits("a")) == 95


@given(plans())
def test_a_cap_that_fails_is_passed_and_one_that_holds_is_not(made: Plan) -> None:
    """Whatever each aid pays: a failing cap names a gap; a holding one is not passed by the sum."""
    found = {c.id: c for c in check_plan(made, LAW)}
    ledger = Ledger(made)
    public = ledger.touching(PUBLIC, ledger.invested)
    cap = LAW.number("state-cap", "share") * ledger.cost(ledger.invested)
    check = found["state-cap"]
    if check.verdict is Verdict.HOLDS:
        assert public <= cap
    if check.verdict is Verdict.FAILS:
        assert check.gap is not None
        assert check.gap > 0


@given(st.lists(st.frozensets(st.text(max_size=2), max_size=5), max_size=6))
def test_sets_of_lines_come_back_as_they_went(some: list[frozenset[str]]) -> None:
    sets = LineSets()
    for one in some:
        assert sets.lines(sets.bits(one)) == one
    for one in some:
        assert len(list(numbers(sets.bits(one)))) == len(one)
        assert all(sets.bits(one) >> sets.number(name) & 1 for name in one)
