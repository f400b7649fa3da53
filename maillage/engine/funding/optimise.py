"""The best plans for a project: least own money, fewest dossiers, surest and soonest.

Exact optima of one program (`program`), settled to the cent, then checked again by the very checks
that people's own plans go through: a plan that fails one is never returned.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from maillage.engine.funding.answer import Answer, BestPlan, Conflict
from maillage.engine.funding.candidates import Candidate, Usable, sort_out
from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.conflict import in_the_way, in_words, nearest_to_granted
from maillage.engine.funding.limits import limits
from maillage.engine.funding.program import OWN, Layout, Program, build
from maillage.engine.funding.rules import Law
from maillage.engine.funding.settle import Chosen, Unsettled, filled, settle
from maillage.engine.funding.solver import NoPlan, Solution, TooLong, search
from maillage.engine.funding.types import (
    ZERO,
    Check,
    Euros,
    Fund,
    Plan,
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
#: Aids that a sentence names at most.
_NAMED: Final = 6
#: Solutions of the solver are true within this (euros); amounts are settled to the cent after.
_NEAR: Final = 1e-5
_STOPPED: Final = (
    "La recherche a été arrêtée avant la fin, il y a trop d'aides ou de dépenses : ce plan tient, "
    "mais un meilleur existe peut-être."
)
_TOO_LONG: Final = Conflict(
    "La recherche n'a rien trouvé dans le temps prévu : retirez des aides ou regroupez des "
    "dépenses.", (), None,
)  # fmt: skip

LABELS: Final = {
    "own": "Le moins d'argent propre",
    "few": "Le moins de dossiers",
    "sure": "Le plus sûr et le plus tôt",
}


def best_plans(
    plan: Plan, candidates: Iterable[Candidate], law: Law, own_most: Euros | None = None
) -> Answer:
    """The three best plans for the costs of `plan`; its own resources are not looked at.

    `own_most` is what the bearer can bring at most, when it said so.
    """
    usable, aside = sort_out(plan, candidates, law)
    if not plan.cost:
        return Answer((), tuple(aside))
    wrong = _wrong_anyway(plan, law)
    if wrong is not None:
        return Answer((), tuple(aside), _refused(wrong))
    most = None if own_most is None else float(own_most) + _NEAR
    program, layout = build(plan, usable, law, most)
    try:
        solutions = _three(plan, program, layout, usable, most)
        found = tuple(
            _finished(kind, plan, usable, layout, solution, law)
            for kind, solution in solutions.items()
        )
    except TooLong:
        return Answer((), tuple(aside), _TOO_LONG)
    except NoPlan:
        return Answer((), tuple(aside), _conflict(plan, usable, law, own_most))
    except Unsettled as error:
        return Answer((), tuple(aside), _refused(error.check))
    return Answer(found, tuple(aside))


def _three(
    plan: Plan, program: Program, layout: Layout, usable: Sequence[Usable], most: float | None
) -> dict[str, Solution]:
    least = _least(program, layout)
    own = float(least.columns[OWN])
    room = min(float(plan.cost), own + float(MARGIN * plan.cost)) if most is None else most
    return {
        "own": least,
        "few": _few(program, layout, room, least),
        "sure": _search(_under(program, room), _doubts(layout, usable), least),
    }


def _least(program: Program, layout: Layout) -> Solution:
    """Least own money; among those, to the cent, the fewest dossiers."""
    first = search(program, {OWN: 1.0})
    if _dossiers(first, layout) <= sum(program.least[y] for y in layout.asked):
        return first
    narrowed = _under(program, float(first.columns[OWN]))
    second = _search(narrowed, dict.fromkeys(layout.asked, 1.0), first)
    return Solution(second.columns, first.proved and second.proved)


def _few(program: Program, layout: Layout, room: float, least: Solution) -> Solution:
    """Fewest dossiers, own money under `room`; with those dossiers, the least own money.

    `least` is taken when it has no more dossiers: nothing asks less of the bearer.
    """
    narrowed = _under(program, room)
    first = _search(narrowed, dict.fromkeys(layout.asked, 1.0), least)
    if _dossiers(least, layout) <= _dossiers(first, layout):
        return Solution(least.columns, least.proved and first.proved)
    chosen = {y: float(round(first.columns[y])) for y in layout.asked}
    fixed = replace(
        narrowed,
        least=[chosen.get(n, low) for n, low in enumerate(narrowed.least)],
        most=[chosen.get(n, high) for n, high in enumerate(narrowed.most)],
    )
    return Solution(search(fixed, {OWN: 1.0}).columns, first.proved)


def _search(program: Program, objective: dict[int, float], known: Solution) -> Solution:
    """The best solution; the one that is `known` already when none is found in time."""
    try:
        return search(program, objective)
    except NoPlan:
        return Solution(known.columns, proved=False)


def _dossiers(found: Solution, layout: Layout) -> int:
    return round(float(sum(found.columns[y] for y in layout.asked)))


def _doubts(layout: Layout, usable: Sequence[Usable]) -> dict[int, float]:
    """The money that may not come, a year of waiting counted as doubt."""
    pairs = zip(layout.brings, usable, strict=True)
    return {x: float(_doubt(one.candidate)) for x, one in pairs}


def _doubt(one: Candidate) -> Decimal:
    """What a euro of an aid costs in doubt and in waiting."""
    days = UNKNOWN_DAYS if one.days is None else one.days
    chance = UNKNOWN_CHANCE if one.chance is None else one.chance
    sure = one.granted is not None
    return (ZERO if sure else 1 - chance) + YEAR_AS_DOUBT * days / 365


def _under(program: Program, room: float) -> Program:
    """The same program, its own money under `room`."""
    return replace(program, most=[room + _NEAR, *program.most[1:]])


# -- From columns to a plan


def _finished(
    kind: str, plan: Plan, usable: Sequence[Usable], layout: Layout, found: Solution, law: Law
) -> BestPlan:
    chosen = [
        (one, Decimal(repr(float(found.columns[x]))))
        for one, y, x in zip(usable, layout.asked, layout.brings, strict=True)
        if found.columns[y] > 0.5
    ]
    made = settle(plan, chosen, law)
    held, together = limits(made, chosen, law)
    own = made.brought(frozenset({Fund.OWN}))
    kept = any(limit.rule == "own" for limit in held)
    reasons = _reasons(made, chosen, own, kept=kept)
    return BestPlan(
        kind=kind,
        label=LABELS[kind],
        plan=made,
        own=own,
        dossiers=sum(r.fund is not Fund.OWN for r in made.resources),
        reasons=reasons if found.proved else (*reasons, _STOPPED),
        limits=held,
        checks=check_plan(made, law),
        together=together,
        proved=found.proved,
    )


def _reasons(made: Plan, chosen: Chosen, own: Euros, *, kept: bool) -> tuple[str, ...]:
    """`kept`: the plan keeps more own money than its dossiers ask."""
    said = [f"{euros(own)} de fonds propres, soit {percent(own / made.cost)} du coût."]
    amounts = {r.id: r.amount for r in made.resources}
    for one, _ in chosen:
        amount, name = amounts.get(one.candidate.id, ZERO), one.candidate.label
        if one.candidate.granted is not None:
            said.append(f"« {name} » est déjà accordée : {euros(amount)}.")
        elif amount == one.most:
            said.append(f"« {name} » est à son maximum pour ce projet : {euros(amount)}.")
        elif kept:
            said.append(
                f"« {name} » est demandée pour {euros(amount)} : vos fonds propres sont plus sûrs."
            )
        elif not own:
            said.append(f"« {name} » suffit à {euros(amount)} : tout est payé.")
        else:
            said.append(f"« {name} » est retenue par une règle à {euros(amount)}.")
    return tuple(said)


# -- When nothing is possible


def _wrong_anyway(plan: Plan, law: Law) -> Check | None:
    """A check that no choice of aids can mend: it fails with own money alone."""
    alone = check_plan(filled(plan, (), {}), law)
    return next((check for check in alone if check.verdict is Verdict.FAILS), None)


def _refused(check: Check) -> Conflict:
    said = " ".join(filter(None, (check.sentence, check.change)))
    return Conflict(f"Aucun plan ne tient. {said}", (check.rule,), None)


def _conflict(plan: Plan, usable: Sequence[Usable], law: Law, own_most: Euros | None) -> Conflict:
    """The nearest plan asks more own money than was said, or leaves what was granted aside."""
    program, layout = build(plan, usable, law)
    try:
        least = _least(program, layout)
    except TooLong:
        return _TOO_LONG
    except NoPlan:
        return _conflict_of_granted(plan, usable, law, program)
    said = own_most or ZERO
    nearest = _nearest(plan, usable, layout, least, law)
    own = nearest.own if nearest else up(Decimal(repr(float(least.columns[OWN]))))
    sets, whole = in_the_way(build(plan, usable, law, float(said))[0])
    if sets:
        why = f"Un plan serait possible sans {in_words(sets)}."
    elif whole:
        why = "Les aides retenues n'apportent pas assez, quelle que soit la règle que l'on lève."
    else:
        why = "La recherche des règles en cause a été arrêtée avant la fin."
    needed = (
        f"il en faut au moins {euros(own)}"
        if least.proved
        else f"le meilleur plan trouvé avant l'arrêt de la recherche en demande {euros(own)}"
    )
    return Conflict(
        f"Avec {euros(said)} de fonds propres, aucun plan ne tient : {needed}, soit "
        f"{euros(own - said)} de plus. {why}", _rules(sets), nearest, sets,
    )  # fmt: skip


def _conflict_of_granted(
    plan: Plan, usable: Sequence[Usable], law: Law, program: Program
) -> Conflict:
    held = [one for one in usable if one.candidate.granted is not None]
    names = ", ".join(f"« {one.candidate.label} »" for one in held[:_NAMED])
    names += " et d'autres" if len(held) > _NAMED else ""
    granted = sum((one.most for one in held), ZERO)
    said = f"Ce qui est déjà accordé ({names}) ne peut pas tenir ensemble dans ce coût."
    sets, _ = in_the_way(program)
    if granted > plan.cost:
        said += f" Il y en a {euros(granted)} pour {euros(plan.cost)} de dépenses."
        sets = (("balance",),)
    elif sets:
        said += f" Un plan serait possible sans {in_words(sets)}."
    try:
        near, lost = nearest_to_granted(plan, usable, law)
    except NoPlan:
        return Conflict(said, _rules(sets), None, sets)
    said += f" Le plan le plus proche rend {euros(up(lost))} de ce qui est accordé."
    found = Solution(near.columns, proved=True)
    nearest = _nearest(plan, near.usable, near.layout, found, law)
    return Conflict(said, _rules(sets), nearest, sets)


def _nearest(
    plan: Plan, usable: Sequence[Usable], layout: Layout, found: Solution, law: Law
) -> BestPlan | None:
    try:
        return _finished("own", plan, usable, layout, found, law)
    except Unsettled:
        return None


def _rules(sets: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The rules of law that `sets` name: LEADER has two rows of the program for one rule."""
    names = (name for some in sets for name in some)
    return tuple(dict.fromkeys("leader" if name == "leader-own" else name for name in names))
