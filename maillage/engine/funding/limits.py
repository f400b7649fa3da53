"""What holds a plan where it is: rules and ceilings that one cent more of an aid would pass."""

import math
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations
from typing import Final, NamedTuple

from maillage.engine.funding.answer import Limit
from maillage.engine.funding.candidates import Usable
from maillage.engine.funding.caps import public_cap, state_cap
from maillage.engine.funding.checks import Run, ran
from maillage.engine.funding.matching import group_half, leader
from maillage.engine.funding.outcome import presses
from maillage.engine.funding.own_share import own_share
from maillage.engine.funding.program import OWN, Layout, Program, build
from maillage.engine.funding.rules import Law
from maillage.engine.funding.settle import Chosen, Settled
from maillage.engine.funding.solver import NoPlan, Restarted, solve
from maillage.engine.funding.types import (
    CENT,
    ZERO,
    Euros,
    Fund,
    Plan,
    Rule,
)
from maillage.engine.funding.types import OWN as OWN_FUNDS
from maillage.engine.funding.words import euros, named

#: What is added to the most that an aid brings, or to a line, to see what it would change.
STEP: Final = Decimal(1000)


@dataclass(frozen=True, slots=True)
class _Point:
    """A check, the parameter that makes it looser, and its words."""

    check: str
    rule: str
    parameter: str
    step: Decimal
    label: str
    words: str


_MORE, _LESS = ("un point de plus", Decimal("0.01")), ("un point de moins", Decimal("-0.01"))
_POINTS: Final = tuple(
    _Point(check, rule, parameter, step, label, words)
    for check, rule, parameter, (words, step), label in (
        ("own-share", "own-share", "share", _LESS, "Participation minimale"),
        ("state-cap", "state-cap", "share", _MORE, "Plafond des dotations de l'État"),
        ("public-cap", "public-cap", "share", _MORE, "Plafond des aides publiques"),
        ("group-half", "group-half", "share", _MORE, "Fonds de concours"),
        ("leader", "leader", "share", _MORE, "Part de LEADER"),
        ("leader-own", "leader", "own", _LESS, "Part du porteur avec LEADER"),
    )
)
_CHECKS: Final[tuple[Run, ...]] = (own_share, state_cap, public_cap, group_half, leader)
#: Seconds of processor for what limits one plan: ordinary ones need a hundredth of it.
_SECONDS: Final = 0.7
#: Sets of lines beyond which lines paid in full are not named.
_MOST_SETS: Final = 6


class Limits(NamedTuple):
    """What limits a plan, what all the steps save at once, and whether all of it was looked for."""

    found: tuple[Limit, ...]
    together: Euros
    whole: bool = True


class _Clock:
    """The time that is left: of this thread's processor, whatever runs beside it."""

    def __init__(self) -> None:
        self._end = time.thread_time() + _SECONDS

    @property
    def over(self) -> bool:
        """Whether nothing more is to be started."""
        return time.thread_time() > self._end


def limits(settled: Settled, chosen: Chosen, law: Law) -> Limits:
    """What limits the plan settled from `chosen`: each with what one step alone saves of own money
    with the same dossiers; and what all the steps save together.

    Whether something limits is exact (amounts to the cent); what a step saves is to the cent. Of a
    plan that a search stopped too early has left above what its dossiers ask, nothing is said. Nor
    of what would take too long: with hundreds of aids and lines, the rest is not looked for.
    """
    made, clock = settled.plan, _Clock()
    usable = [one for one, _ in chosen if one.most]
    points, whole = _points(made, law, clock)
    full = _full(made)
    at_most = [n for n, one in enumerate(usable) if _at_most(settled, one)]
    if clock.over:
        return Limits((), ZERO, whole=False)
    # A DETR that is at its usual least, or above, is not led under it.
    usable = [
        replace(one, least=max(one.least, one.usual))
        if settled.amounts[one.candidate.id] >= one.usual
        else one
        for one in usable
    ]
    program, layout = _fixed(made, usable, law)
    mosts = layout.brings
    lp = Restarted(program, {OWN: 1.0})
    before = lp.value()
    if before is None:
        return Limits((), ZERO, whole)
    own = made.brought(frozenset({Fund.OWN}))
    least = Decimal(repr(before)).quantize(CENT)
    if own - least > CENT:
        return Limits((), ZERO, whole)
    found = []
    for point in points:
        if clock.over:
            return Limits(tuple(found), ZERO, whole=False)
        after = _least(_fixed(made, usable, _moved(law, [point]))[0])
        found.append(Limit(point.check, point.label, point.words, _saved(before, after)))
    words = f"{euros(STEP)} de plus"
    for lines in full:
        number = layout.rooms.get(lines)
        after = before
        if number is not None:
            lp.row(number, float(STEP))
            after = lp.value() or 0.0
            lp.row(number, 0.0)
        names = named([c.label for c in made.costs if c.id in lines])
        found.append(Limit("no-double", f"Payé en entier : {names}", words, _saved(before, after)))
    for n in at_most:
        if clock.over:
            return Limits(tuple(found), ZERO, whole=False)
        lp.column(mosts[n], float(STEP))
        found.append(Limit("ceiling", usable[n].candidate.label, words, _saved(before, lp.value())))
        lp.column(mosts[n], 0.0)
    if clock.over:
        return Limits(tuple(found), ZERO, whole=False)
    return Limits(tuple(found), _together(made, usable, law, points, full, at_most, before), whole)


def _together(
    made: Plan, usable: Sequence[Usable], law: Law, points: Sequence[_Point],
    full: Sequence[frozenset[str]], at_most: Sequence[int], before: float,
) -> Euros:  # fmt: skip
    """What all the steps save at once."""
    program, layout = _fixed(made, usable, _moved(law, points))
    for n in at_most:
        program.most[layout.brings[n]] += float(STEP)
    for number in (layout.rooms[lines] for lines in full if lines in layout.rooms):
        name, factors, low, high = program.rows[number]
        program.rows[number] = (name, factors, low, high + float(STEP))
    return _saved(before, _least(program))


def _points(made: Plan, law: Law, clock: _Clock) -> tuple[list[_Point], bool]:
    """The rules of law that one cent more of an aid, taken from own money, would break; and whether
    every aid could be tried in time.

    Each rule is first looked at where it stands the worst: a cent more of every aid at once. What
    it allows even there, no aid alone would break; few rules are then left to try aid by aid.
    """
    own = made.brought(frozenset({Fund.OWN}))
    if own < CENT:
        return [], True
    aids = {(r.fund, r.lines): n for n, r in enumerate(made.resources) if r.fund is not Fund.OWN}
    broken: set[str] = set()
    for run in _CHECKS:
        # Other aids call LEADER: its rule stands the worst when it alone has more. A loan is own
        # money: more of it holds no plan back.
        heavy = {Fund.LEADER} if run is leader else frozenset(Fund) - OWN_FUNDS
        every = [n for n, r in enumerate(made.resources) if r.fund in heavy]
        worst = _pressed(run, _pushed(made, every), law)
        for n in aids.values():
            if worst <= broken or clock.over:
                break
            broken |= _pressed(run, _pushed(made, [n]), law)
    found = [point for point in _POINTS if point.check in broken and point.rule in law]
    return found, not clock.over


def _pushed(made: Plan, more: Collection[int]) -> Plan:
    """The plan with a cent more of the aids of these places, and a cent less of own money."""
    places = frozenset(more)
    moved = tuple(
        replace(r, amount=r.amount - CENT) if r.fund is Fund.OWN
        else replace(r, amount=r.amount + CENT) if n in places
        else r
        for n, r in enumerate(made.resources)
    )  # fmt: skip
    return replace(made, resources=moved)


def _pressed(run: Run, plan: Plan, law: Law) -> set[str]:
    return {check.id for check in ran(run, plan, law) if presses(check)}


def _full(made: Plan) -> list[frozenset[str]]:
    """Sets of lines that are paid to the cent by aids that pay nothing else."""
    sets = sorted({one.lines for one in made.resources if one.lines}, key=sorted)
    if len(sets) > _MOST_SETS:
        return []
    unions = {
        frozenset().union(*some)
        for size in range(1, len(sets) + 1)
        for some in combinations(sets, size)
    }
    found: list[frozenset[str]] = []
    for lines in sorted(unions, key=lambda s: (len(s), sorted(s))):
        paid = sum((r.amount for r in made.resources if r.lines and r.lines <= lines), ZERO)
        cost = sum((made.amount(line) for line in made.costs if line.id in lines), ZERO)
        if paid + CENT > cost and not any(smaller <= lines for smaller in found):
            found.append(lines)
    return found


def _at_most(settled: Settled, one: Usable) -> bool:
    """Brings its most, and its most could be another: not what is granted, nor a flat amount."""
    if one.candidate.granted is not None or one.candidate.flat is not None:
        return False
    return settled.amounts.get(one.candidate.id) == one.most


def _fixed(plan: Plan, usable: Sequence[Usable], law: Law) -> tuple[Program, Layout]:
    """The program when every one of these candidates is asked, all whole numbers known.

    Rows are those of amounts a step above: none is left out as surely respected.
    """
    higher = [replace(one, most=one.most + STEP, usual=ZERO) for one in usable]
    program, layout = build(plan, higher, law, closely=True)
    free: tuple[str, dict[int, float], float, float] = ("", {}, -math.inf, math.inf)
    program.rows = [free if row[0] in ("most", "floor") else row for row in program.rows]
    for one, y, x in zip(usable, layout.asked, layout.brings, strict=True):
        program.least[y] = 1.0
        program.least[x], program.most[x] = float(one.least), float(one.most)
    program.whole = [False] * program.width
    return program, layout


def _least(program: Program) -> float | None:
    try:
        return float(solve(program, {OWN: 1.0})[OWN])
    except NoPlan:
        return None


def _saved(before: float, after: float | None) -> Euros:
    if after is None:
        return ZERO
    return max(Decimal(repr(before - after)).quantize(CENT), ZERO)


def _moved(law: Law, points: Iterable[_Point]) -> Law:
    """The law with each of these rules a step looser."""
    rules: dict[str, Rule] = dict(law.rules)
    for point in points:
        rule = rules[point.rule]
        value = rule.parameters[point.parameter]
        if isinstance(value, Decimal):
            looser = {**rule.parameters, point.parameter: value + point.step}
            rules[point.rule] = replace(rule, parameters=looser)
    return replace(law, rules=rules)
