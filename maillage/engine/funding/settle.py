"""From the euros of a solver to amounts to the cent, which every check accepts."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from maillage.engine.funding.candidates import Usable, resource_of
from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import (
    CENT,
    ZERO,
    Check,
    Euros,
    Fund,
    Plan,
    Resource,
    Verdict,
)

Chosen = Sequence[tuple[Usable, Decimal]]
OWN_LABEL: Final = "Fonds propres"
_ROUNDS: Final = 40


class Unsettled(Exception):
    """A check refuses the plan whatever is done to its cents; ``check`` says why."""

    def __init__(self, check: Check) -> None:
        self.check = check
        super().__init__(check.sentence)


def settle(plan: Plan, chosen: Chosen, law: Law) -> Plan:
    """The plan with amounts to the cent; own money fills the rest.

    A cent that rounding has put on the wrong side of a rule is taken back from what it limits.
    Raises `Unsettled` if it cannot be.
    """
    amounts = {one.candidate.id: _rounded(one, value) for one, value in chosen}
    for _ in range(_ROUNDS):
        made = filled(plan, chosen, amounts)
        broken = [c for c in check_plan(made, law) if c.verdict is Verdict.FAILS]
        if not broken:
            return made
        gap = max((check.gap or CENT for check in broken), default=CENT)
        if gap > Decimal(1) or not _lowered(broken[0].id, chosen, amounts, gap):
            break
    raise Unsettled(broken[0])


def filled(plan: Plan, chosen: Chosen, amounts: dict[str, Euros]) -> Plan:
    """The plan with these amounts by candidate, own money for the rest."""
    every = frozenset(line.id for line in plan.costs)
    resources = [
        resource_of(
            one.candidate,
            frozenset() if one.lines == every else one.lines,
            amounts[one.candidate.id],
        )
        for one, _ in chosen
        if amounts[one.candidate.id]
    ]
    own = plan.cost - sum((r.amount for r in resources), ZERO)
    own_line = [Resource("own", OWN_LABEL, Fund.OWN, own)] if own else []
    return replace(plan, resources=(*resources, *own_line))


def _rounded(one: Usable, value: Decimal) -> Euros:
    """To the cent, never beyond the bounds; a bound that is nearly reached is reached."""
    for bound in (one.most, one.least):
        if abs(value - bound) <= CENT:
            return bound
    return min(max(value.quantize(CENT), one.least), one.most)


def _lowered(rule: str, chosen: Chosen, amounts: dict[str, Euros], gap: Euros) -> bool:
    """Take `gap` from an amount that may go down, first from the fund that the rule limits."""
    wanted = {"group-half": Fund.GROUP, "leader": Fund.LEADER}.get(rule)
    order = sorted(chosen, key=lambda pair: pair[0].candidate.fund is not wanted)
    for one, _ in order:
        name = one.candidate.id
        if one.candidate.granted is None and amounts[name] - gap >= one.least:
            amounts[name] -= gap
            return True
    return False
