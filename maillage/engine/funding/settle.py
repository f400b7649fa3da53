"""From the euros of a solver to amounts to the cent, which every check accepts."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain, count
from typing import Final

from maillage.engine.funding.candidates import Usable, resource_of
from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.outcome import presses
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
Checks = tuple[Check, ...]
OWN_LABEL: Final = "Fonds propres"
_ROUNDS: Final = 40


class Unsettled(Exception):
    """A check refuses the plan whatever is done to its cents; ``check`` says why."""

    def __init__(self, check: Check) -> None:
        self.check = check
        super().__init__(check.sentence)


def settle(
    plan: Plan, chosen: Chosen, law: Law, own_most: Euros | None = None
) -> tuple[Plan, Checks]:
    """The plan with amounts to the cent, own money for the rest; and its checks.

    A cent that rounding has put on the wrong side of a rule is taken back from what it limits; one
    that it has added to own money beyond `own_most` is asked of an aid. Raises `Unsettled` if a
    rule is still broken.
    """
    amounts = {one.candidate.id: _rounded(one, value) for one, value in chosen}
    for _ in range(_ROUNDS):
        made = filled(plan, chosen, amounts)
        checks = check_plan(made, law)
        broken = [c for c in checks if presses(c)]
        if not broken:
            return _within(plan, chosen, amounts, law, made, own_most) or (made, checks)
        gap = max((check.gap or CENT for check in broken), default=CENT)
        if gap > Decimal(1) or not _lowered(plan, broken[0], chosen, amounts, gap, law):
            break
    wrong = [check for check in broken if check.verdict is Verdict.FAILS]
    if wrong:
        raise Unsettled(max(wrong, key=lambda check: check.gap or ZERO))
    return made, checks


def _within(
    plan: Plan, chosen: Chosen, amounts: dict[str, Euros], law: Law, made: Plan,
    own_most: Euros | None,
) -> tuple[Plan, Checks] | None:  # fmt: skip
    """The plan with own money brought back under `own_most`, if it is beyond and an aid may bring
    what is.
    """
    over = made.brought(frozenset({Fund.OWN})) - (made.cost if own_most is None else own_most)
    if over <= ZERO:
        return None
    for one, _ in chosen:
        name = one.candidate.id
        if amounts[name] + over <= one.most:
            raised = filled(plan, chosen, {**amounts, name: amounts[name] + over})
            checks = check_plan(raised, law)
            if not any(presses(check) for check in checks):
                return raised, checks
    return None


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
    taken = {r.id for r in resources}
    free = chain(("own",), (f"own-{n}" for n in count(2)))
    name = next(one for one in free if one not in taken)
    own_line = [Resource(name, OWN_LABEL, Fund.OWN, own)] if own else []
    return replace(plan, resources=(*resources, *own_line))


def _rounded(one: Usable, value: Decimal) -> Euros:
    """To the cent, never beyond the bounds; a bound that is nearly reached is reached."""
    for bound in (one.most, one.least):
        if abs(value - bound) <= CENT:
            return bound
    return min(max(value.quantize(CENT), one.least), one.most)


def _lowered(
    plan: Plan, broken: Check, chosen: Chosen, amounts: dict[str, Euros], gap: Euros, law: Law
) -> bool:
    """Take `gap` from an amount that may go down and mends something of the `broken` rule, first
    from the fund that the rule limits.
    """
    wanted = {"group-half": Fund.GROUP, "leader": Fund.LEADER}.get(broken.id)
    order = sorted(chosen, key=lambda pair: pair[0].candidate.fund is not wanted)
    for one, _ in order:
        name = one.candidate.id
        if one.candidate.granted is None and amounts[name] - gap >= one.least:
            amounts[name] -= gap
            checks = check_plan(filled(plan, chosen, amounts), law)
            after = next((c for c in checks if c.id == broken.id and presses(c)), None)
            mended = after is None or (after.gap or ZERO) < (broken.gap or ZERO)
            if mended or one.candidate.fund is wanted:
                return True
            amounts[name] += gap
    return False
