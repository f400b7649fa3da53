"""The best plans for a project: least own money, fewest dossiers, surest and soonest.

Exact optima of one program (`program`), settled to the cent, then checked again by the very checks
that people's own plans go through: a plan that fails one is never returned.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from maillage.engine.funding.candidates import (
    Candidate,
    SetAside,
    Usable,
    resource_of,
    sort_out,
)
from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.program import OWN, FloatArray, Layout, Program, build
from maillage.engine.funding.rules import Law
from maillage.engine.funding.solver import NoPlan, solve
from maillage.engine.funding.types import (
    CENT,
    ZERO,
    Check,
    Euros,
    Fund,
    Plan,
    Resource,
    Rule,
    Verdict,
)
from maillage.engine.funding.words import euros, percent, up

#: Chance given to an aid of which nobody said anything: neither good nor bad. Said on the page.
UNKNOWN_CHANCE: Final = Decimal("0.5")
#: Days until the money comes, when nobody said.
UNKNOWN_DAYS: Final = 365
#: When the bearer has not said how much it can bring: what the second and third plans may ask of
#: it above the least possible, as a share of the cost.
MARGIN: Final = Decimal("0.05")
#: What waiting a year counts, beside the doubt that an aid comes at all (1: surely not).
YEAR_AS_DOUBT: Final = Decimal("0.1")
#: Solutions of the solver are true within this (euros); amounts are settled to the cent after.
_NEAR: Final = 1e-5
#: What all dossiers together weigh beside own money, in euros: less than a cent.
_TIE: Final = 0.004
_ROUNDS: Final = 40

LABELS: Final = {
    "own": "Le moins d'argent propre",
    "few": "Le moins de dossiers",
    "sure": "Le plus sûr et le plus tôt",
}


@dataclass(frozen=True, slots=True)
class Limit:
    """What holds a plan where it is, and what one more would change for the bearer.

    ``change`` says the step in words (« un point de plus »), ``saved`` the own money that it saves.
    """

    rule: str
    label: str
    change: str
    saved: Euros


@dataclass(frozen=True, slots=True)
class BestPlan:
    """A plan found: its resources, its own money, its reasons, and what limits it."""

    kind: str
    label: str
    plan: Plan
    own: Euros
    dossiers: int
    reasons: tuple[str, ...]
    limits: tuple[Limit, ...]
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """No plan is possible as asked: which rules are in the way, and the nearest plan."""

    sentence: str
    rules: tuple[str, ...]
    nearest: BestPlan | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The three plans (the same one may stand twice), what was set aside, or why there is none."""

    plans: tuple[BestPlan, ...]
    set_aside: tuple[SetAside, ...]
    conflict: Conflict | None = None


def best_plans(
    plan: Plan, candidates: Iterable[Candidate], law: Law, own_most: Euros | None = None
) -> Answer:
    """The three best plans for the costs of `plan`; its own resources are not looked at.

    `own_most` is what the bearer can bring at most, when it said so.
    """
    usable, aside = sort_out(plan, candidates, law)
    if not plan.cost:
        return Answer((), tuple(aside))
    most = None if own_most is None else float(own_most)
    program, layout = build(plan, usable, law, most)
    try:
        least = _least(program, layout)
    except NoPlan:
        return Answer((), tuple(aside), _conflict(plan, usable, law, own_most))
    room = min(float(plan.cost), least[OWN] + float(MARGIN * plan.cost)) if most is None else most
    solutions = {
        "own": least,
        "few": _few(program, layout, room, least),
        "sure": _sure(program, layout, usable, room),
    }
    found = tuple(
        _finished(kind, plan, usable, layout, columns, law) for kind, columns in solutions.items()
    )
    return Answer(found, tuple(aside))


def _least(program: Program, layout: Layout) -> FloatArray:
    """Least own money; among those, to the cent, the fewest dossiers."""
    return solve(
        program, {OWN: 1.0, **dict.fromkeys(layout.asked, _TIE / len(layout.asked or " "))}
    )


def _few(program: Program, layout: Layout, room: float, least: FloatArray) -> FloatArray:
    """Fewest dossiers, own money under `room`; with those dossiers, the least own money.

    `least` is taken when it has no more dossiers: nothing asks less of the bearer.
    """
    narrowed = _under(program, room)
    first = solve(narrowed, dict.fromkeys(layout.asked, 1.0))
    if _dossiers(least, layout) <= _dossiers(first, layout):
        return least
    chosen = {y: float(round(first[y])) for y in layout.asked}
    fixed = replace(
        narrowed,
        least=[chosen.get(n, low) for n, low in enumerate(narrowed.least)],
        most=[chosen.get(n, high) for n, high in enumerate(narrowed.most)],
    )
    return solve(fixed, {OWN: 1.0})


def _dossiers(columns: FloatArray, layout: Layout) -> int:
    return round(float(sum(columns[y] for y in layout.asked)))


def _sure(program: Program, layout: Layout, usable: Sequence[Usable], room: float) -> FloatArray:
    """Least money that may not come, a year of waiting counted as doubt, own money under `room`."""
    doubt = {x: float(_doubt(one.candidate)) for x, one in zip(layout.brings, usable, strict=True)}
    return solve(_under(program, room), doubt)


def _doubt(one: Candidate) -> Decimal:
    """What a euro of an aid costs in doubt and in waiting."""
    days = UNKNOWN_DAYS if one.days is None else one.days
    chance = UNKNOWN_CHANCE if one.chance is None else one.chance
    sure = one.granted is not None
    return (ZERO if sure else 1 - chance) + YEAR_AS_DOUBT * days / 365


def _under(program: Program, room: float) -> Program:
    """The same program, its own money under `room`."""
    return replace(program, most=[room + _NEAR, *program.most[1:]])


# -- From columns to euros


def _finished(
    kind: str, plan: Plan, usable: Sequence[Usable], layout: Layout, columns: FloatArray, law: Law
) -> BestPlan:
    chosen = [
        (one, Decimal(repr(float(columns[x]))))
        for one, y, x in zip(usable, layout.asked, layout.brings, strict=True)
        if columns[y] > 0.5
    ]
    made = settle(plan, chosen, law)
    limits = _limits(made, chosen, law)
    resources = [r for r in made.resources if r.fund is not Fund.OWN]
    own = made.brought(frozenset({Fund.OWN}))
    return BestPlan(
        kind=kind,
        label=LABELS[kind],
        plan=made,
        own=own,
        dossiers=len(resources),
        reasons=_reasons(made, chosen, own),
        limits=limits,
        checks=check_plan(made, law),
    )


def settle(plan: Plan, chosen: Sequence[tuple[Usable, Decimal]], law: Law) -> Plan:
    """The plan with amounts to the cent; own money fills the rest.

    A cent that rounding has put on the wrong side of a rule is taken back from what it limits.
    Raises `NoPlan` if it cannot be.
    """
    amounts = {one.candidate.id: _rounded(one, value) for one, value in chosen}
    for _ in range(_ROUNDS):
        made = _with(plan, chosen, amounts)
        broken = [c for c in check_plan(made, law) if c.verdict is Verdict.FAILS]
        if not broken:
            return made
        gap = max((check.gap or CENT for check in broken), default=CENT)
        if gap > Decimal(1) or not _lowered(broken[0].id, chosen, amounts, gap):
            break
    raise NoPlan


def _rounded(one: Usable, value: Decimal) -> Euros:
    """To the cent, never beyond the bounds; a bound that is nearly reached is reached."""
    for bound in (one.most, one.least):
        if abs(value - bound) <= CENT:
            return bound
    return min(max(value.quantize(CENT), one.least), one.most)


def _lowered(
    rule: str, chosen: Sequence[tuple[Usable, Decimal]], amounts: dict[str, Euros], gap: Euros
) -> bool:
    """Take `gap` from an amount that may go down, first from the fund that the rule limits."""
    wanted = {"group-half": Fund.GROUP, "leader": Fund.LEADER}.get(rule)
    order = sorted(chosen, key=lambda pair: pair[0].candidate.fund is not wanted)
    for one, _ in order:
        name = one.candidate.id
        if one.candidate.granted is None and amounts[name] - gap >= one.least:
            amounts[name] -= gap
            return True
    return False


def _with(plan: Plan, chosen: Sequence[tuple[Usable, Decimal]], amounts: dict[str, Euros]) -> Plan:
    every = frozenset(line.id for line in plan.costs)
    resources = [
        resource_of(
            one.candidate,
            frozenset() if one.lines == every else one.lines,
            amounts[one.candidate.id],
        )
        for one, _ in chosen
    ]
    own = plan.cost - sum((r.amount for r in resources), ZERO)
    own_line = [Resource("own", "Fonds propres", Fund.OWN, own)] if own else []
    return replace(plan, resources=(*resources, *own_line))


# -- Why


def _reasons(made: Plan, chosen: Sequence[tuple[Usable, Decimal]], own: Euros) -> tuple[str, ...]:
    cost = made.cost
    said = [f"{euros(own)} de fonds propres, soit {percent(own / cost)} du coût."]
    amounts = {r.id: r.amount for r in made.resources}
    for one, _ in chosen:
        amount, name = amounts[one.candidate.id], one.candidate.label
        if one.candidate.granted is not None:
            said.append(f"« {name} » est déjà accordée : {euros(amount)}.")
        elif amount == one.most:
            said.append(f"« {name} » est à son maximum pour ce projet : {euros(amount)}.")
        else:
            said.append(f"« {name} » est retenue par une règle à {euros(amount)}.")
    return tuple(said)


_POINTS: Final = (
    ("own-share", "share", Decimal("-0.01"), "Participation minimale", "un point de moins"),
    ("state-cap", "share", Decimal("0.01"), "Plafond avec une dotation de l'État",
     "un point de plus"),
    ("public-cap", "share", Decimal("0.01"), "Plafond des aides publiques", "un point de plus"),
    ("group-half", "share", Decimal("0.01"), "Fonds de concours", "un point de plus"),
    ("leader", "share", Decimal("0.01"), "Part de LEADER", "un point de plus"),
)  # fmt: skip
#: What is added to the most that an aid brings, to see what it would change.
_STEP: Final = Decimal(1000)


def _limits(made: Plan, chosen: Sequence[tuple[Usable, Decimal]], law: Law) -> tuple[Limit, ...]:
    """What one step more on each rule or ceiling would save, with the same dossiers."""
    usable = [one for one, _ in chosen]
    before = _own_with(made, usable, law)
    if before is None:
        return ()
    found = []
    for rule, parameter, step, label, words in _POINTS:
        if rule in law:
            after = _own_with(made, usable, _moved(law, rule, parameter, step))
            if after is not None and before - after >= CENT:
                found.append(Limit(rule, label, words, before - after))
    for number, one in enumerate(usable):
        if one.candidate.granted is not None or one.candidate.flat is not None:
            continue
        more = [*usable]
        more[number] = replace(one, most=one.most + _STEP)
        after = _own_with(made, more, law)
        if after is not None and before - after >= CENT:
            words = f"{euros(_STEP)} de plus"
            found.append(Limit("ceiling", one.candidate.label, words, before - after))
    return tuple(found)


def _own_with(plan: Plan, usable: Sequence[Usable], law: Law) -> Euros | None:
    """Least own money when every one of these candidates is asked."""
    program, layout = build(plan, usable, law)
    for y in layout.asked:
        program.least[y] = 1.0
        program.whole[y] = False
    try:
        return Decimal(repr(float(solve(program, {OWN: 1.0})[OWN]))).quantize(CENT)
    except NoPlan:
        return None


def _moved(law: Law, name: str, parameter: str, step: Decimal) -> Law:
    rule: Rule = law[name]
    value = law.number(name, parameter) + step
    changed = replace(rule, parameters={**rule.parameters, parameter: value})
    return replace(law, rules={**law.rules, name: changed})


# -- When nothing is possible


def _conflict(plan: Plan, usable: Sequence[Usable], law: Law, own_most: Euros | None) -> Conflict:
    """The nearest plan asks more own money than was said, or leaves what was granted aside."""
    program, layout = build(plan, usable, law)
    try:
        columns = _least(program, layout)
    except NoPlan:
        held = [one for one in usable if one.candidate.granted is not None]
        names = ", ".join(f"« {one.candidate.label} »" for one in held)
        return Conflict(
            f"Ce qui est déjà accordé ({names}) ne peut pas tenir ensemble dans ce coût.",
            ("no-double", "own-share", "state-cap", "public-cap"), None,
        )  # fmt: skip
    nearest = _finished("own", plan, usable, layout, columns, law)
    lacking = up(nearest.own - (own_most or ZERO))
    rules = tuple(limit.rule for limit in nearest.limits)
    return Conflict(
        f"Avec {euros(own_most or ZERO)} de fonds propres, aucun plan ne tient : il en faut au "
        f"moins {euros(nearest.own)}, soit {euros(lacking)} de plus.", rules, nearest,
    )  # fmt: skip
