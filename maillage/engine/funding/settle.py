"""From the euros of a solver to amounts to the cent, which every check accepts."""

import math
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from maillage.engine.funding.words import short

Chosen = Sequence[tuple[Usable, Decimal]]
Checks = tuple[Check, ...]
OWN_LABEL: Final = "Fonds propres"
_ROUNDS: Final = 40
_OWN: Final = frozenset({Fund.OWN})
_NOTHING: Final[Mapping[str, Euros]] = {}
#: Own money that rounding alone may leave.
_FEW_CENTS: Final = 3 * CENT
#: How the line of what an aid pays of running costs is named after it.
_SECOND: Final = ", pour le fonctionnement"
_SECOND_ID: Final = "-fonctionnement"
#: Characters of a label, in a plan's document.
_LONGEST: Final = 200


class OutOfTime(Exception):
    """The time is over before the plan is settled."""


class Unsettled(Exception):
    """A check refuses the plan whatever is done to its cents; ``check`` says why."""

    def __init__(self, check: Check) -> None:
        self.check = check
        super().__init__(check.sentence)


@dataclass(frozen=True, slots=True)
class Settled:
    """A plan to the cent and its checks; what each candidate brings in it, by id; and, for a line
    of the plan that is the second of an aid (what of it pays running costs), the id of the aid.
    """

    plan: Plan
    checks: Checks
    amounts: Mapping[str, Euros]
    second: Mapping[str, str]


def settle(
    plan: Plan, chosen: Chosen, law: Law, own_most: Euros | None = None,
    running: Mapping[str, Euros] = _NOTHING, until: float = math.inf,
) -> Settled:  # fmt: skip
    """The plan with amounts to the cent, own money for the rest; and its checks.

    A cent that rounding has put on the wrong side of a rule is taken back from what it limits; one
    that it has added to own money beyond `own_most` is asked of an aid. `running` says what each
    aid pays of running costs, by id. Raises `Unsettled` if a rule is still broken, `OutOfTime`
    when it is not known yet at `until` (`time.thread_time`).
    """
    amounts = {one.candidate.id: _rounded(one, value) for one, value in chosen}
    work = _Work(plan, chosen, law, running, until)
    for _ in range(_ROUNDS):
        made = work.filled(amounts)
        checks = work.checked(made)
        broken = [c for c in checks if presses(c)]
        if not broken:
            raised = _within(work, amounts, made, own_most) or _given_back(work, amounts, made)
            made, checks, amounts = raised or (made, checks, amounts)
            return Settled(made, checks, amounts, work.second)
        gap = max((check.gap or CENT for check in broken), default=CENT)
        if gap > Decimal(1) or not _lowered(work, broken[0], amounts, gap):
            break
    wrong = [check for check in broken if check.verdict is Verdict.FAILS]
    if wrong:
        raise Unsettled(max(wrong, key=lambda check: check.gap or ZERO))
    return Settled(made, checks, amounts, work.second)


@dataclass(slots=True)
class _Work:
    """What is being settled."""

    plan: Plan
    chosen: Chosen
    law: Law
    running: Mapping[str, Euros]
    until: float
    second: dict[str, str] = field(default_factory=dict)

    def filled(self, amounts: Mapping[str, Euros]) -> Plan:
        self.second.clear()
        return filled(self.plan, self.chosen, amounts, self.running, self.second)

    def checked(self, made: Plan) -> Checks:
        if time.thread_time() > self.until:
            raise OutOfTime
        return check_plan(made, self.law)


def _within(
    work: _Work, amounts: dict[str, Euros], made: Plan, own_most: Euros | None
) -> tuple[Plan, Checks, dict[str, Euros]] | None:
    """The plan with own money brought back under `own_most`, if it is beyond and an aid may bring
    what is.
    """
    over = made.brought(_OWN) - (made.cost if own_most is None else own_most)
    return _raised(work, amounts, over) if over > ZERO else None


def _given_back(
    work: _Work, amounts: dict[str, Euros], made: Plan
) -> tuple[Plan, Checks, dict[str, Euros]] | None:
    """The plan without the cents of own money that rounding alone has left, when an aid may bring
    them: more of an aid never costs more.
    """
    left = made.brought(_OWN)
    return _raised(work, amounts, left) if ZERO < left <= _FEW_CENTS else None


def _raised(
    work: _Work, amounts: dict[str, Euros], over: Euros
) -> tuple[Plan, Checks, dict[str, Euros]] | None:
    for one, _ in work.chosen:
        name = one.candidate.id
        if amounts[name] + over <= one.most:
            higher = {**amounts, name: amounts[name] + over}
            raised = work.filled(higher)
            checks = work.checked(raised)
            if not any(presses(check) for check in checks):
                return raised, checks, higher
    work.filled(amounts)
    return None


def filled(
    plan: Plan, chosen: Chosen, amounts: Mapping[str, Euros],
    running: Mapping[str, Euros] = _NOTHING, second: dict[str, str] | None = None,
) -> Plan:  # fmt: skip
    """The plan with these amounts by candidate, own money for the rest.

    An aid of which `running` says what it pays of running costs is tied to them, or is two lines,
    whose second one is written in `second` (its id → the id of the aid).
    """
    every, invested = frozenset(line.id for line in plan.costs), plan.invested
    resources: list[Resource] = []
    ids = {one.candidate.id for one, _ in chosen}
    for one, _ in chosen:
        name, amount = one.candidate.id, amounts[one.candidate.id]
        there = min(running.get(name, ZERO), amount)
        if not amount:
            continue
        if not there:
            lines = frozenset[str]() if one.lines == every else one.lines
            resources.append(resource_of(one.candidate, lines, amount))
            continue
        paid = resource_of(one.candidate, one.lines - invested, there)
        if there < amount:
            resources.append(resource_of(one.candidate, one.lines & invested, amount - there))
            label = f"{short(one.candidate.label, _LONGEST - len(_SECOND))}{_SECOND}"
            paid = replace(paid, id=_free(name[: _LONGEST // 2] + _SECOND_ID, ids), label=label)
            ids.add(paid.id)
            if second is not None:
                second[paid.id] = name
        resources.append(paid)
    own = plan.cost - sum((r.amount for r in resources), ZERO)
    name = _free("own", {r.id for r in resources})
    own_line = [Resource(name, OWN_LABEL, Fund.OWN, own)] if own else []
    return replace(plan, resources=(*resources, *own_line))


def _free(name: str, taken: Collection[str]) -> str:
    names = chain((name,), (f"{name}-{n}" for n in count(2)))
    return next(one for one in names if one not in taken)


def _rounded(one: Usable, value: Decimal) -> Euros:
    """To the cent, never beyond the bounds; a bound that is nearly reached is reached."""
    for bound in (one.most, one.least, one.usual or one.least):
        if abs(value - bound) <= CENT:
            return bound
    return min(max(value.quantize(CENT), one.least), one.most)


def _lowered(work: _Work, broken: Check, amounts: dict[str, Euros], gap: Euros) -> bool:
    """Take `gap` from an amount that may go down and mends something of the `broken` rule, first
    from the fund that the rule limits.
    """
    wanted = {"group-half": Fund.GROUP, "leader": Fund.LEADER}.get(broken.id)
    order = sorted(work.chosen, key=lambda pair: pair[0].candidate.fund is not wanted)
    for one, _ in order:
        name = one.candidate.id
        if one.candidate.granted is None and amounts[name] - gap >= one.least:
            amounts[name] -= gap
            checks = work.checked(work.filled(amounts))
            after = next((c for c in checks if c.id == broken.id and presses(c)), None)
            mended = after is None or (after.gap or ZERO) < (broken.gap or ZERO)
            if mended or one.candidate.fund is wanted:
                return True
            amounts[name] += gap
    return False
