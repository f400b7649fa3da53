"""When the money moves: what goes out and what comes in add up, whatever the calendar."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from maillage.engine.funding.cashflow import Quarter, Receipts, Terms, cash_flow
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


def test_who_deducts_its_vat_has_no_fctva_and_has_it_all_the_quarter_after() -> None:
    for kind in (BearerKind.ASSOCIATION, BearerKind.COMPANY):
        body = Bearer(kind, department="24", recovers_vat=True)
        found = cash_flow(works(bearer=body), LAW, START)
        vat = [f for f in found.flows if f.kind == "vat"]
        assert [(f.quarter, f.amount) for f in vat] == [
            (START.after(n), D(50)) for n in range(1, 5)
        ]
        assert not any("FCTVA" in f.label for f in vat)
        # All of it, of running costs too: what is left to pay is without VAT.
        assert found.left == -1_000
        running = plan([line(1_000, year=2027, spending=Spending.OPERATION)], bearer=body)
        assert cash_flow(running, LAW, START).left == -1_000


def test_vat_that_is_deducted_comes_back_to_the_cent() -> None:
    body = Bearer(BearerKind.COMPANY, department="24", recovers_vat=True)
    cost = replace(line(1_000, year=2027), net=D("100.01"), gross=D("120.03"))
    found = cash_flow(plan([cost], bearer=body), LAW, START)
    assert sum(f.amount for f in found.flows if f.kind == "vat") == D("20.02")


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


def test_a_land_bought_without_vat_has_no_refund() -> None:
    made = plan([line(1_000, "Terrain", gross=1_000, year=2027), line(100, "Travaux", year=2027)])
    refund = [f.amount for f in cash_flow(made, LAW, START).flows if f.kind == "vat"]
    assert refund == [D("19.68")]  # 16.404 % of the 120 that bore VAT


def test_instalments_follow_the_lines_that_an_aid_pays() -> None:
    made = plan(
        [line(1_000, "A", year=2027), line(1_000, "B", year=2029)],
        money(Fund.DETR, 400, lines=frozenset({"B"})),
    )
    came = [f.quarter for f in cash_flow(made, LAW, START).flows if f.kind == "resource"]
    assert came[0] == Quarter(2029, 2)
    assert came[-1] == Quarter(2030, 2)


def test_what_has_come_stands_at_its_date_and_the_rest_is_still_expected() -> None:
    come = {"detr": Receipts(((Quarter(2026, 2), D(100)), (Quarter(2026, 4), D(50))))}
    found = cash_flow(works(money(Fund.DETR, 400)), LAW, START, receipts=come)
    paid = [(f.quarter, f.amount) for f in found.flows if f.kind == "resource"]
    # 120, 80, 100, 20, 80 were expected: the 150 that came are the first of them.
    assert paid == [
        (Quarter(2026, 2), D(100)), (Quarter(2026, 4), D(50)), (Quarter(2027, 3), D(50)),
        (Quarter(2027, 4), D(100)), (Quarter(2028, 1), D(20)), (Quarter(2028, 2), D(80)),
    ]  # fmt: skip
    assert found.lines[0].quarter == Quarter(2026, 2)


def test_after_the_last_payment_nothing_more_is_expected() -> None:
    come = {"region": Receipts(((Quarter(2027, 1), D(250)),), last=True)}
    found = cash_flow(works(money(Fund.REGION, 300)), LAW, START, receipts=come)
    assert sum(f.amount for f in found.flows if f.kind == "resource") == 250


def test_what_has_not_come_cannot_come_in_the_past() -> None:
    now = Quarter(2027, 4)
    found = cash_flow(works(money(Fund.DETR, 400)), LAW, START, now=now)
    paid = [(f.quarter, f.amount) for f in found.flows if f.kind == "resource"]
    assert min(quarter for quarter, _ in paid) == now
    assert sum(amount for quarter, amount in paid if quarter == now) == 300
    assert sum(amount for _, amount in paid) == 400


def test_a_plan_by_hand_to_the_cent() -> None:
    """Two years of works, an advance, instalments, a loan, the refund of each year."""
    made = plan(
        [line("100000.00", "A", year=2027), line("50000.10", "B", gross="60000.12", year=2028)],
        money(Fund.DETR, "60000.00"), money(Fund.LOAN, "20000.00"),
    )  # fmt: skip
    found = cash_flow(made, LAW, START, refund_lag=1)
    rows = [(str(x.quarter), x.spent, x.received, x.vat, x.balance) for x in found.lines]
    # DETR: 18 000 first; in step, 60 000 x spent / 180 000.12, 48 000 at most; 12 000 at the end.
    assert rows == [
        ("1er trimestre 2027", D("30000"), D("20000"), D(0), D("-10000")),
        ("2e trimestre 2027", D("30000"), D("18000"), D(0), D("-22000")),
        ("3e trimestre 2027", D("30000"), D("1999.98"), D(0), D("-50000.02")),
        ("4e trimestre 2027", D("30000"), D("10000.00"), D(0), D("-70000.02")),
        ("1er trimestre 2028", D("15000.03"), D("9999.99"), D(0), D("-75000.06")),
        ("2e trimestre 2028", D("15000.03"), D("5000.01"), D(0), D("-85000.08")),
        ("3e trimestre 2028", D("15000.03"), D("3000.02"), D("19684.80"), D("-77315.29")),
        ("4e trimestre 2028", D("15000.03"), D(0), D(0), D("-92315.32")),
        ("1er trimestre 2029", D(0), D(0), D(0), D("-92315.32")),
        ("2e trimestre 2029", D(0), D("12000"), D(0), D("-80315.32")),
        ("3e trimestre 2029", D(0), D(0), D("9842.41"), D("-70472.91")),
    ]
    assert (found.lowest, found.when) == (D("92315.32"), Quarter(2028, 4))


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
