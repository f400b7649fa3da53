"""When the money goes out and comes in, by quarter: what the bearer has to advance, and when.

Everything here is with VAT: it is what is really paid. The bearer's own money is not a flow, it is
the answer: the lowest point of the balance says how much must be found, and in which quarter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import (
    CENT,
    OWN,
    STATE_CGCT,
    STATE_OTHER,
    ZERO,
    Bearer,
    CostLine,
    Euros,
    Fund,
    Plan,
    Resource,
    Spending,
)
from maillage.engine.funding.words import down


class Quarter(NamedTuple):
    """A quarter of a year, 1 to 4."""

    year: int
    number: int

    def after(self, count: int) -> "Quarter":
        """The quarter that comes `count` quarters later (or sooner).

        >>> Quarter(2026, 4).after(1), Quarter(2026, 1).after(-1)
        (Quarter(year=2027, number=1), Quarter(year=2025, number=4))
        """
        total = self.year * 4 + self.number - 1 + count
        return Quarter(total // 4, total % 4 + 1)

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter of a day."""
        return cls(day.year, (day.month - 1) // 3 + 1)

    def __str__(self) -> str:
        return f"{self.number}{'er' if self.number == 1 else 'e'} trimestre {self.year}"


@dataclass(frozen=True, slots=True)
class Terms:
    """How a funder pays: a share at the start, instalments as the money is spent (with the advance,
    up to ``instalments``), the rest after the end. Delays are in quarters.
    """

    advance: Decimal = ZERO
    instalments: Decimal = ZERO
    delay: int = 1
    final_delay: int = 2


@dataclass(frozen=True, slots=True)
class Receipts:
    """What has already come of a resource, when; ``last`` when nothing more will."""

    payments: tuple[tuple[Quarter, Euros], ...]
    last: bool = False


@dataclass(frozen=True, slots=True)
class Flow:
    """An amount that comes in (positive) or goes out (negative) in a quarter."""

    quarter: Quarter
    label: str
    amount: Euros
    kind: str  # "cost", "resource", "vat"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A quarter of the table: spent and received (both positive), and what is left in the end."""

    quarter: Quarter
    spent: Euros
    received: Euros
    vat: Euros
    balance: Euros


@dataclass(frozen=True, slots=True)
class CashFlow:
    """The whole: every quarter from the first flow to the last, without a hole.

    ``lowest`` is the most that must be advanced (positive, 0 when nothing must), in the quarter
    ``when``. ``left`` is the balance after the last flow: minus what the bearer pays in the end.
    """

    flows: tuple[Flow, ...]
    lines: tuple[Line, ...]
    lowest: Euros
    when: Quarter | None
    left: Euros


#: Years between spending and the refund of VAT: the same year, the next, or two years after.
REFUND_LAGS: Final = (0, 1, 2)
_REFUND_QUARTER: Final = 3


def cash_flow(
    plan: Plan,
    law: Law,
    start: Quarter,
    *,
    schedule: Mapping[str, tuple[Quarter, ...]] | None = None,
    terms: Mapping[str, Terms] | None = None,
    refund_lag: int = 1,
    receipts: Mapping[str, Receipts] | None = None,
    now: Quarter | None = None,
) -> CashFlow:
    """The flows of a plan that begins in `start`.

    `schedule` says in which quarters a cost line is paid, in equal parts; without it, over the four
    quarters of its year, or over four from `start`. `terms` says how each resource is paid; without
    it, by the law for the State's grants, after the end for the others. `refund_lag` is one of
    `REFUND_LAGS`. `receipts` is what has come already, at its true dates; what has not come yet
    cannot come before `now`.
    """
    flows = list(_costs(plan, start, schedule or {}))
    spent = list(flows)
    for one in plan.counted:
        if one.fund not in OWN or one.fund is Fund.LOAN:
            said = (terms or {}).get(one.id) or default_terms(one, law)
            expected = _expected(one, said, spent, start)
            flows += _received(expected, one, (receipts or {}).get(one.id), now)
    flows += _refund(plan, law, flows, refund_lag)
    return _table(sorted(flows, key=lambda flow: (flow.quarter, flow.kind, flow.label)))


def default_terms(one: Resource, law: Law) -> Terms:
    """How a funder pays when nobody said otherwise."""
    if one.fund is Fund.LOAN:
        return Terms(advance=Decimal(1), delay=0)
    for funds, rule in ((STATE_CGCT, "detr-life"), (STATE_OTHER, "state-payment")):
        if one.fund in funds and rule in law:
            return Terms(law.number(rule, "advance"), law.number(rule, "instalments"))
    return Terms()


def _costs(plan: Plan, start: Quarter, schedule: Mapping[str, tuple[Quarter, ...]]) -> list[Flow]:
    found = []
    for line in plan.costs:
        quarters = schedule.get(line.id) or _usual(line, start)
        parts = _parts(line.gross, len(quarters))
        found += [
            Flow(quarter, line.label, -part, "cost", line.id)
            for quarter, part in zip(quarters, parts, strict=True)
            if part
        ]
    return found


def _usual(line: CostLine, start: Quarter) -> tuple[Quarter, ...]:
    first = start if line.year is None or line.year == start.year else Quarter(line.year, 1)
    return tuple(first.after(n) for n in range(4))


def _parts(amount: Euros, count: int) -> list[Euros]:
    """`amount` in `count` parts, equal to the cent; the last one takes what is left.

    >>> _parts(Decimal("100.00"), 3)
    [Decimal('33.33'), Decimal('33.33'), Decimal('33.34')]
    """
    part = down(amount / count)
    return [*[part] * (count - 1), amount - part * (count - 1)]


def _expected(one: Resource, terms: Terms, costs: list[Flow], start: Quarter) -> list[Flow]:
    """Advance, instalments in step with what is spent of its lines, the rest after the end."""
    tied = [flow for flow in costs if flow.source in one.lines]
    spent = [(flow.quarter, -flow.amount) for flow in tied or costs]
    total = sum((amount for _, amount in spent), ZERO)
    quarters = sorted({quarter for quarter, _ in spent}) or [start]
    given = down(one.amount * min(terms.advance, Decimal(1)))
    found = [Flow(quarters[0].after(terms.delay), one.label, given, "resource", one.id)]
    ceiling = max(min(terms.instalments, Decimal(1)), min(terms.advance, Decimal(1))) * one.amount
    done = ZERO
    for quarter in quarters if total and terms.instalments else ():
        done += sum((amount for when, amount in spent if when == quarter), ZERO)
        due = min(down(one.amount * done / total), down(ceiling))
        if due - given >= CENT:
            found.append(
                Flow(quarter.after(terms.delay), one.label, due - given, "resource", one.id)
            )
            given = due
    rest = one.amount - given
    found.append(Flow(quarters[-1].after(terms.final_delay), one.label, rest, "resource", one.id))
    return [flow for flow in found if flow.amount]


def _received(
    expected: list[Flow], one: Resource, come: Receipts | None, now: Quarter | None
) -> list[Flow]:
    """What has come, then what is still expected: the first amounts are those that came first."""
    payments = come.payments if come else ()
    found = [Flow(when, one.label, amount, "resource", one.id) for when, amount in payments]
    if come and come.last:
        return found
    before = sum((amount for _, amount in payments), ZERO)
    for flow in expected:
        covered = min(before, flow.amount)
        before -= covered
        when = flow.quarter if now is None else max(flow.quarter, now)
        if flow.amount > covered:
            found.append(Flow(when, one.label, flow.amount - covered, "resource", one.id))
    return found


def recovers(bearer: Bearer) -> bool:
    """Whether VAT comes back by the FCTVA: it is for local authorities (CGCT, L1615-1); one that
    said nothing is taken to have it.
    """
    return bearer.local_authority and bearer.recovers_vat is not False


def deducts(bearer: Bearer) -> bool:
    """Whether VAT comes back because it is deducted from the one that is collected: an association
    or a company that said it recovers it.
    """
    return not bearer.local_authority and bool(bearer.recovers_vat)


def refunded(costs: Iterable[CostLine]) -> list[CostLine]:
    """The lines on which the FCTVA is paid: investments that bore VAT. A land bought without VAT
    has none to be given back.
    """
    return [x for x in costs if x.spending is Spending.INVESTMENT and x.gross > x.net]


def not_refunded(plan: Plan) -> list[CostLine]:
    """The lines whose VAT the FCTVA leaves out, for a bearer that has it: studies as long as no
    works are said to follow them (they are investments then), and running costs.
    """
    if not recovers(plan.bearer):
        return []
    return [x for x in plan.costs if x.spending is not Spending.INVESTMENT and x.gross > x.net]


def fctva(costs: Iterable[CostLine], law: Law) -> Euros:
    """What the FCTVA gives back of these costs, in all; nothing when the law has none."""
    rate = law.number("fctva", "rate") if "fctva" in law else ZERO
    return down(rate * sum((x.gross for x in refunded(costs)), ZERO))


def _refund(plan: Plan, law: Law, flows: list[Flow], lag: int) -> list[Flow]:
    """The FCTVA on what was invested each year, in its year; all the VAT, in the quarter that
    follows each expense, for who deducts it.
    """
    if deducts(plan.bearer):
        return list(_deducted(plan, flows))
    if not recovers(plan.bearer):
        return []
    invested = {line.id for line in refunded(plan.costs)}
    by_year: dict[int, Euros] = {}
    last: dict[int, Quarter] = {}
    for flow in flows:
        if flow.kind == "cost" and flow.source in invested:
            by_year[flow.quarter.year] = by_year.get(flow.quarter.year, ZERO) - flow.amount
            last[flow.quarter.year] = max(last.get(flow.quarter.year, flow.quarter), flow.quarter)
    rate = law.number("fctva", "rate") if "fctva" in law else ZERO
    found = []
    for year, amount in sorted(by_year.items()):
        when = last[year].after(1) if lag == 0 else Quarter(year + lag, _REFUND_QUARTER)
        found.append(Flow(when, f"FCTVA sur {year}", down(rate * amount), "vat", str(year)))
    return [flow for flow in found if flow.amount]


def _deducted(plan: Plan, flows: list[Flow]) -> Iterable[Flow]:
    """The VAT of each expense, as it is paid; to the cent over the whole line."""
    for line in plan.costs:
        tax, paid = line.gross - line.net, ZERO
        given = ZERO
        for flow in flows:
            if tax <= 0 or flow.kind != "cost" or flow.source != line.id:
                continue
            paid -= flow.amount
            part = down(tax * paid / line.gross) - given
            given += part
            yield Flow(flow.quarter.after(1), f"TVA récupérée : {line.label}", part, "vat", line.id)


def _table(flows: list[Flow]) -> CashFlow:
    if not flows:
        return CashFlow((), (), ZERO, None, ZERO)
    lines: list[Line] = []
    balance, lowest, when = ZERO, ZERO, None
    quarter = flows[0].quarter
    while quarter <= flows[-1].quarter:
        here = [flow for flow in flows if flow.quarter == quarter]
        spent = -sum((f.amount for f in here if f.kind == "cost"), ZERO)
        vat = sum((f.amount for f in here if f.kind == "vat"), ZERO)
        received = sum((f.amount for f in here if f.kind == "resource"), ZERO)
        balance += received + vat - spent
        lines.append(Line(quarter, spent, received, vat, balance))
        if balance < -lowest:
            lowest, when = -balance, quarter
        quarter = quarter.after(1)
    return CashFlow(tuple(flows), tuple(lines), lowest, when, balance)
