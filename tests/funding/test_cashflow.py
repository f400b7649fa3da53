"""When the money moves: what goes out and what comes in add up, whatever the calendar."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from maillage.engine.funding.cashflow import Quarter, Terms, cash_flow
from maillage.engine.funding.types import Bearer, BearerKind, Fund, Plan, Spending
from tests.funding.factories import LAW, line, money, plan

START = Quarter(2027, 1)
D = Decimal


def works(*resources: Any, **said: Any) -> Plan:
    return plan([line(1_000, year=2027)], *resources, **said)


def test_costs_go_out_with_vat_over_the_year() -> None:
    found = cash_flow(works(), LAW, START, refund_lag=2)
    assert [x.spent for x in found.lines[:4]] == [D(300)] * 4
    assert found.lowest == 1_200
    assert found.when == Quarter(2027, 4)


def test_the_refund_of_vat_comes_in_its_year() -> None:
    for lag, when in ((0, Quarter(2028, 1)), (1, Quarter(2028, 3)), (2, Quarter(2029, 3))):
        flows = cash_flow(works(), LAW, START, refund_lag=lag).flows
        refund = [f for f in flows if f.kind == "vat"]
        assert [(f.quarter, f.amount) for f in refund] == [(when, D("196.84"))]


def test_an_association_has_no_refund() -> None:
    body = Bearer(BearerKind.ASSOCIATION, department="24")
    assert not [f for f in cash_flow(works(bearer=body), LAW, START).flows if f.kind == "vat"]


def test_running_costs_have_no_refund() -> None:
    running = plan([line(1_000, year=2027, spending=Spending.OPERATION)])
    assert not [f for f in cash_flow(running, LAW, START).flows if f.kind == "vat"]


def test_the_state_pays_an_advance_then_in_step_then_the_rest() -> None:
    found = cash_flow(works(money(Fund.DETR, 400)), LAW, START)
    paid = [(f.quarter, f.amount) for f in found.flows if f.kind == "resource"]
    assert paid[0] == (Quarter(2027, 2), D(120))  # thirty percent
    assert sum(a for q, a in paid if q <= Quarter(2028, 1)) == 320  # eighty at most before the end
    assert paid[-1] == (Quarter(2028, 2), D(80))


def test_others_pay_after_the_end_and_a_loan_before() -> None:
    found = cash_flow(works(money(Fund.REGION, 300), money(Fund.LOAN, 500)), LAW, START)
    paid = {f.label: f.quarter for f in found.flows if f.kind == "resource"}
    assert paid == {"region": Quarter(2028, 2), "loan": Quarter(2027, 1)}


def test_a_calendar_of_one_s_own() -> None:
    when = (Quarter(2028, 2), Quarter(2028, 4))
    found = cash_flow(works(), LAW, START, schedule={"Travaux": when})
    assert [(f.quarter, f.amount) for f in found.flows if f.kind == "cost"] == [
        (when[0], D(-600)), (when[1], D(-600)),
    ]  # fmt: skip
    assert [x.quarter for x in found.lines][:3] == [when[0], Quarter(2028, 3), when[1]]


def test_nothing_is_nothing() -> None:
    found = cash_flow(plan([]), LAW, START)
    assert (found.lines, found.lowest, found.when) == ((), 0, None)


amounts = st.decimals(0, 10**7, places=2, allow_nan=False)
shares = st.decimals(0, 1, places=2, allow_nan=False)


@given(
    st.lists(st.tuples(amounts, st.sampled_from([None, 2027, 2028, 2030])), max_size=4),
    st.lists(st.tuples(st.sampled_from([f for f in Fund if f is not Fund.OWN]), amounts),
             max_size=5),
    st.tuples(shares, shares, st.integers(0, 6), st.integers(0, 6)), st.sampled_from([0, 1, 2]),
)  # fmt: skip
def test_money_is_neither_made_nor_lost(
    costs: Any, resources: Any, said: tuple[Decimal, Decimal, int, int], lag: int
) -> None:
    made = plan(
        [line(net, f"L{n}", year=year) for n, (net, year) in enumerate(costs)],
        *[money(fund, amount, id=f"R{n}") for n, (fund, amount) in enumerate(resources)],
    )
    made = replace(made, costs=tuple(
        replace(x, gross=x.gross.quantize(D("0.01"))) for x in made.costs))  # fmt: skip
    terms = {r.id: Terms(*said) for r in made.resources}
    found = cash_flow(made, LAW, START, terms=terms, refund_lag=lag)
    spent = sum((x.spent for x in found.lines), D(0))
    received = sum((x.received for x in found.lines), D(0))
    assert spent == sum((x.gross for x in made.costs), D(0))
    assert received == sum((r.amount for r in made.resources), D(0))
    assert found.left == received + sum((x.vat for x in found.lines), D(0)) - spent
    assert found.lowest == max([D(0), *(-x.balance for x in found.lines)])
    quarters = [x.quarter for x in found.lines]
    assert quarters == [quarters[0].after(n) for n in range(len(quarters))]
