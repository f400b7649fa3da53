"""Why no plan is possible: the rules without which one would be, one at a time, then two."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations
from typing import Final

from maillage.engine.funding.candidates import Usable, begun
from maillage.engine.funding.checks import Run, ran
from maillage.engine.funding.eligibility import detr, dsid, fctva_as_grant
from maillage.engine.funding.finished import Question
from maillage.engine.funding.matching import group_half
from maillage.engine.funding.program import OWN, FloatArray, Layout, Program, build
from maillage.engine.funding.rules import Law
from maillage.engine.funding.settle import filled
from maillage.engine.funding.solver import NoPlan, TooLong, search
from maillage.engine.funding.timing import no_start
from maillage.engine.funding.types import ZERO, BearerKind, Check, Euros, Plan, Verdict
from maillage.engine.funding.words import euros, named

#: What may be in the way, as it is said, by name of the rows of the program.
NAMES: Final = {
    "own-share": "la participation minimale",
    "state-cap": "le plafond des aides avec une dotation de l'État",
    "public-cap": "le plafond des aides publiques",
    "group-half": "la règle de moitié des fonds de concours",
    "leader": "la contrepartie nationale de LEADER",
    "leader-own": "la part du porteur avec LEADER",
    "no-double": "l'interdiction de payer deux fois une dépense",
    "pairs": "les aides qui ne se cumulent pas",
    "excludes": "les aides dites incompatibles",
    "needs": "les aides qui en demandent une autre",
    "floor": "les montants minimaux des aides",
    "detr-rate": "le taux minimal de la DETR",
}
Sets = tuple[tuple[str, ...], ...]
_NEAR: Final = 1e-5
#: For all the rules that are tried, and for the nearest plan.
_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Nearest:
    """The plan that is the least far from what was asked; ``proved`` unless it was stopped."""

    usable: Sequence[Usable]
    layout: Layout
    columns: FloatArray
    proved: bool


def in_the_way(program: Program) -> tuple[Sets, bool]:
    """The rules without which `program` has a solution: each alone if some are, else by two; and
    whether every one could be tried to the end.
    """
    present = [name for name in NAMES if any(row[0] == name for row in program.rows)]
    whole, left = True, _SECONDS
    for size in (1, 2):
        found = []
        for some in combinations(present, size):
            possible, spent = _possible(program, some, left / 3)
            left = max(left - spent, 0.01)
            whole = whole and possible is not None
            if possible:
                found.append(some)
        if found:
            return tuple(found), whole
    return (), whole


def in_words(sets: Sets) -> str:
    """« la participation minimale, ou le plafond… » ; « … et … ensemble »; empty without any."""
    said = [" et ".join(NAMES[name] for name in some) for some in sets[:3]]
    together = " ensemble" if sets and len(sets[0]) > 1 else ""
    return f"{', ou '.join(said)}{together}" if said else ""


def nearest_to_granted(plan: Plan, usable: Sequence[Usable], law: Law) -> tuple[Nearest, Euros]:
    """The plan that keeps the most of what is granted, and what it must give up. Raises `NoPlan`.

    In it, what is granted may be lowered like any other aid.
    """
    free = [
        replace(one, candidate=replace(one.candidate, granted=None, asked=False), least=ZERO)
        if one.candidate.granted is not None
        else one
        for one in usable
    ]
    held = [n for n, one in enumerate(usable) if one.candidate.granted is not None]
    program, layout = build(plan, free, law)
    first = search(program, {layout.brings[n]: -1.0 for n in held}, _SECONDS / 2)
    kept = first.columns
    least, most = [*program.least], [*program.most]
    for n in held:
        # What is kept in full stays so; the rest may not go lower than it must.
        least[layout.brings[n]] = max(float(kept[layout.brings[n]]) - _NEAR, 0.0)
        least[layout.asked[n]] = most[layout.asked[n]] = float(round(kept[layout.asked[n]]))
    second = search(replace(program, least=least, most=most), {OWN: 1.0}, _SECONDS / 2)
    columns = second.columns
    lost = sum((usable[n].most for n in held), ZERO) - sum(
        (Decimal(repr(float(columns[layout.brings[n]]))) for n in held), ZERO
    )
    return Nearest(free, layout, columns, first.proved and second.proved), lost


def wrong_granted(
    plan: Plan, usable: Sequence[Usable], law: Law
) -> list[tuple[Usable, Check]]:  # fmt: skip
    """What is granted or asked and that a rule refuses by itself, whatever its amount and the other
    aids: it is not for this bearer, or pays what was begun too early.
    """
    found = []
    for one in usable:
        if one.candidate.granted is not None:
            check = _refuses(plan, one, law)
            if check is not None:
                found.append((one, check))
    return found


def _refuses(plan: Plan, one: Usable, law: Law) -> Check | None:
    made = filled(plan, [(one, one.most)], {one.candidate.id: one.most})
    runs: list[Run] = [detr, dsid, no_start, fctva_as_grant]
    if plan.bearer.kind not in (BearerKind.COMMUNE, BearerKind.EPCI):
        runs.append(group_half)  # to another bearer, no amount is right
    told = (check for run in runs for check in ran(run, made, law))
    return next((check for check in told if check.verdict is Verdict.FAILS), None)


def given_up(
    asked: Question, wrong: Sequence[tuple[Usable, Check]]
) -> tuple[list[Usable], str]:  # fmt: skip
    """The aids that are left without those that are `wrong`, and what was done of these, in words:
    kept for the lines that were not begun when they hold it, otherwise given up.
    """
    plan, law = asked.plan, asked.law
    mended: dict[str, Usable | None] = {}
    for one, _ in wrong:
        free = replace(one.candidate, granted=None)
        lines = one.lines - {line.id for line in plan.costs if begun(line, free)}
        narrowed = replace(one, lines=lines)
        fits = bool(lines) and plan.cost_of(lines) >= one.most
        good = fits and _refuses(plan, narrowed, law) is None
        mended[one.candidate.id] = narrowed if good else None
    kept = [mended.get(one.candidate.id, one) for one in asked.usable]
    said = []
    names = [one.candidate.label for one, _ in wrong if mended[one.candidate.id] is not None]
    if names:
        said.append(f"Le plan le plus proche garde {named(names)} pour les autres dépenses : "
                    "demandez d'abord si c'est admis.")  # fmt: skip
    lost = [one for one, _ in wrong if mended[one.candidate.id] is None]
    if lost:
        amount = sum((one.most for one in lost), ZERO)
        names = [one.candidate.label for one in lost]
        said.append(f"Le plan le plus proche renonce à {named(names)} ({euros(amount)}).")
    return [one for one in kept if one is not None], " ".join(said)


def _possible(
    program: Program, without: tuple[str, ...], seconds: float
) -> tuple[bool | None, float]:
    """Whether there is a solution without these rules (``None`` when the search was stopped), and
    the seconds that it took.
    """
    rows = [row for row in program.rows if row[0] not in without]
    try:
        found = search(replace(program, rows=rows), {}, seconds)
    except TooLong as error:
        return None, error.seconds
    except NoPlan as error:
        return False, error.seconds
    return True, found.seconds
