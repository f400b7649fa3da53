"""What holds a plan where it is: rules and ceilings that one cent more of an aid would pass."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations
from typing import Final

from maillage.engine.funding.answer import Limit
from maillage.engine.funding.candidates import Usable
from maillage.engine.funding.caps import public_cap, state_cap
from maillage.engine.funding.checks import Run, ran
from maillage.engine.funding.matching import group_half, leader
from maillage.engine.funding.outcome import presses
from maillage.engine.funding.own_share import own_share
from maillage.engine.funding.program import OWN, Program, build
from maillage.engine.funding.rules import Law
from maillage.engine.funding.settle import Chosen
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
#: Sets of lines beyond which lines paid in full are not named.
_MOST_SETS: Final = 6


def limits(made: Plan, chosen: Chosen, law: Law) -> tuple[tuple[Limit, ...], Euros]:
    """What limits `made`, settled from `chosen`: each with what one step alone saves of own money
    with the same dossiers; and what all the steps save together.

    Whether something limits is exact (amounts to the cent); what a step saves is to the cent. Of a
    plan that a search stopped too early has left above what its dossiers ask, nothing is said.
    """
    usable = [one for one, _ in chosen if one.most]
    points = _points(made, law)
    full = _full(made, usable)
    at_most = [n for n, one in enumerate(usable) if _at_most(made, one)]
    program, mosts = _fixed(made, usable, law)
    lp = Restarted(program, {OWN: 1.0})
    before = lp.value()
    if before is None:
        return (), ZERO
    own = made.brought(frozenset({Fund.OWN}))
    least = Decimal(repr(before)).quantize(CENT)
    if own - least > CENT:
        return (), ZERO
    found = []
    for point in points:
        after = _least(_fixed(made, usable, _moved(law, [point]))[0])
        found.append(Limit(point.check, point.label, point.words, _saved(before, after)))
    words = f"{euros(STEP)} de plus"
    rows = {frozenset(factors): n for n, (name, factors, *_) in enumerate(program.rows)
            if name == "no-double"}  # fmt: skip
    for lines in full:
        inside = frozenset(x for x, one in zip(mosts, usable, strict=True) if one.lines <= lines)
        number = rows.get(inside)
        after = before
        if number is not None:
            lp.row(number, float(STEP))
            after = lp.value() or 0.0
            lp.row(number, 0.0)
        names = named([c.label for c in made.costs if c.id in lines])
        found.append(Limit("no-double", f"Payé en entier : {names}", words, _saved(before, after)))
    for n in at_most:
        lp.column(mosts[n], float(STEP))
        found.append(Limit("ceiling", usable[n].candidate.label, words, _saved(before, lp.value())))
        lp.column(mosts[n], 0.0)
    return tuple(found), _together(made, usable, law, points, full, at_most, before)


def _together(
    made: Plan, usable: Sequence[Usable], law: Law, points: Sequence[_Point],
    full: Sequence[frozenset[str]], at_most: Sequence[int], before: float,
) -> Euros:  # fmt: skip
    """What all the steps save at once."""
    program, mosts = _fixed(made, usable, _moved(law, points))
    for n in at_most:
        program.most[mosts[n]] += float(STEP)
    wider = {frozenset(x for x, one in zip(mosts, usable, strict=True) if one.lines <= lines)
             for lines in full}  # fmt: skip
    for n, (name, factors, low, high) in enumerate(program.rows):
        if name == "no-double" and frozenset(factors) in wider:
            program.rows[n] = (name, factors, low, high + float(STEP))
    return _saved(before, _least(program))


def _points(made: Plan, law: Law) -> list[_Point]:
    """The rules of law that one cent more of an aid, taken from own money, would break.

    Each rule is first looked at where it stands the worst: a cent more of every aid at once. What
    it allows even there, no aid alone would break; few rules are then left to try aid by aid.
    """
    own = made.brought(frozenset({Fund.OWN}))
    if own < CENT:
        return []
    aids = {(r.fund, r.lines): n for n, r in enumerate(made.resources) if r.fund is not Fund.OWN}
    broken: set[str] = set()
    for run in _CHECKS:
        # Other aids call LEADER: its rule stands the worst when it alone has more. A loan is own
        # money: more of it holds no plan back.
        heavy = {Fund.LEADER} if run is leader else frozenset(Fund) - OWN_FUNDS
        every = [n for n, r in enumerate(made.resources) if r.fund in heavy]
        worst = _pressed(run, _pushed(made, every), law)
        for n in aids.values():
            if worst <= broken:
                break
            broken |= _pressed(run, _pushed(made, [n]), law)
    return [point for point in _POINTS if point.check in broken and point.rule in law]


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


def _full(made: Plan, usable: Sequence[Usable]) -> list[frozenset[str]]:
    """Sets of lines that are paid to the cent by aids that pay nothing else."""
    every = frozenset(line.id for line in made.costs)
    sets = sorted({one.lines for one in usable if one.lines != every}, key=sorted)
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


def _at_most(made: Plan, one: Usable) -> bool:
    """Brings its most, and its most could be another: not what is granted, nor a flat amount."""
    if one.candidate.granted is not None or one.candidate.flat is not None:
        return False
    return any(r.id == one.candidate.id and r.amount == one.most for r in made.resources)


def _fixed(plan: Plan, usable: Sequence[Usable], law: Law) -> tuple[Program, tuple[int, ...]]:
    """The program when every one of these candidates is asked, all whole numbers known.

    Rows are those of amounts a step above: none is left out as surely respected.
    """
    higher = [replace(one, most=one.most + STEP) for one in usable]
    program, layout = build(plan, higher, law)
    program.rows = [row for row in program.rows if row[0] not in ("most", "floor")]
    for one, y, x in zip(usable, layout.asked, layout.brings, strict=True):
        program.least[y] = 1.0
        program.least[x], program.most[x] = float(one.least), float(one.most)
    program.whole = [False] * program.width
    return program, layout.brings


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
