"""The best plans for a project: least own money, fewest dossiers, surest and soonest.

Exact optima of one program (`program`), settled to the cent, then checked again by the very checks
that people's own plans go through: a plan that fails one is never returned.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from maillage.engine.funding.answer import Answer, BestPlan, Conflict
from maillage.engine.funding.candidates import Candidate, Usable, sort_out
from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.conflict import (
    given_up,
    in_the_way,
    in_words,
    nearest_to_granted,
    wrong_granted,
)
from maillage.engine.funding.finished import Question, again, finished, supposition
from maillage.engine.funding.program import OWN, Layout, Program, build
from maillage.engine.funding.rules import Law
from maillage.engine.funding.settle import OutOfTime, Unsettled, filled
from maillage.engine.funding.solver import NoPlan, Restarted, Solution, TooLong, search
from maillage.engine.funding.types import ZERO, Check, Euros, Plan, Verdict
from maillage.engine.funding.words import euros, named, percent, up

#: Chance given to an aid of which nobody said anything: neither good nor bad. Said on the page.
UNKNOWN_CHANCE: Final = Decimal("0.5")
#: Days until the money comes, when nobody said.
UNKNOWN_DAYS: Final = 365
#: When the bearer has not said how much it can bring: what the second and third plans may ask of
#: it above the least possible, as a share of the cost.
MARGIN: Final = Decimal("0.05")
#: What waiting a year counts, beside the doubt that an aid comes at all (1: surely not).
YEAR_AS_DOUBT: Final = Decimal("0.1")
#: Rules of which the program has closer rows (`build`).
_CLOSE: Final = ("own-share", "state-cap", "public-cap")
#: Solutions of the solver are true within this (euros); amounts are settled to the cent after.
_NEAR: Final = 1e-5
#: What is the same own money, to the cent.
_SAME: Final = 1e-3
#: Seconds of the solver for the three plans, and the least that a search has.
_SECONDS: Final = 3.0
_SHORTEST: Final = 0.05
#: What is not worth waiting for, as a share of the cost: own money, money that may not come.
_NEGLIGIBLE: Final = 1e-4
_NEGLIGIBLE_DOUBT: Final = 1e-3
#: Seconds to break a tie among plans that are not proved the best: the next cent breaks it too.
_TIE_SECONDS: Final = 0.1
_TOO_LONG: Final = Conflict(
    "La recherche n'a rien trouvé dans le temps prévu : retirez des aides ou regroupez des "
    "dépenses.", (), None,
)  # fmt: skip


def best_plans(
    plan: Plan, candidates: Iterable[Candidate], law: Law, own_most: Euros | None = None
) -> Answer:
    """The three best plans for the costs of `plan`; its own resources are not looked at.

    `own_most` is what the bearer can bring at most, when it said so.
    """
    usable, aside = sort_out(plan, candidates, law)
    if not plan.cost:
        return Answer((), ())  # nothing to pay: nothing is said of those who pay
    wrong = _wrong_anyway(plan, law)
    if wrong is not None:
        return Answer((), tuple(aside), _refused(wrong))
    found = _found(Question(plan, usable, law, own_most))
    if isinstance(found, Conflict):
        return Answer((), tuple(aside), found)
    return Answer(found, tuple(aside))


def _found(asked: Question) -> tuple[BestPlan, ...] | Conflict:
    """The three plans, or why there is none."""
    try:
        try:
            return _three(asked)
        except Unsettled as error:
            if error.check.rule not in _CLOSE:
                raise
            return _three(asked, closely=True)
    except (TooLong, OutOfTime):
        return _TOO_LONG
    except (NoPlan, Unsettled) as error:
        wrong = wrong_granted(asked.plan, asked.usable, asked.law)
        if wrong:
            return _without(asked, wrong, searched=isinstance(error, Unsettled))
        if isinstance(error, Unsettled):
            return _not_found(error.check)
    try:
        return _conflict(asked)
    except OutOfTime:
        return _TOO_LONG


def _three(asked: Question, *, closely: bool = False) -> tuple[BestPlan, ...]:
    plan, usable, law, own_most = asked
    most = None if own_most is None else float(own_most) + _NEAR
    program, layout = build(plan, usable, law, most, closely=closely)
    searching = _Search(plan, program, layout, usable, most)
    found: list[BestPlan] = []
    known: dict[tuple[float, ...], BestPlan] = {}
    for kind, solution in searching.three().items():
        amounts = tuple(solution.columns[[OWN, *layout.asked, *layout.brings]].round(4))
        same = known.get(amounts) if solution.proved else None
        one = (
            again(kind, same) if same
            else finished(kind, asked, layout, solution, searching.better.get(kind, ""))
        )  # fmt: skip
        found.append(one)
        if solution.proved:
            known[amounts] = one
    return tuple(_with_margin(one, found[0], own_most) for one in found)


class _Search:
    """The three searches of a question: each takes half of the time that is left, at most."""

    def __init__(
        self, plan: Plan, program: Program, layout: Layout, usable: Sequence[Usable],
        most: float | None = None,
    ) -> None:  # fmt: skip
        self.plan, self.program, self.layout, self.usable = plan, program, layout, usable
        self.most = most
        self.left = _SECONDS
        #: By kind, what a plan that is not proved leaves possible, in words.
        self.better: dict[str, str] = {}

    def three(self) -> dict[str, Solution]:
        """The best plans, by kind."""
        least = self._least_usual()
        own, cost = float(least.columns[OWN]), float(self.plan.cost)
        room = min(cost, own + float(MARGIN) * cost) if self.most is None else self.most
        return {
            "own": least,
            "few": self.few(room, least),
            "sure": self.sure(room, least),
        }

    def _least_usual(self) -> Solution:
        """The least own money with each DETR at its usual least; under it only when that alone
        allows a plan, or less own money: the law has it so, to stay under the cap of public aid.
        """
        loose = _without_rows(self.program, "detr-rate")
        if loose is self.program:
            return self.least()
        usual = self.program
        try:
            first = self.least()
        except TooLong:
            raise
        except NoPlan:
            self.program = loose
            return self.least()
        most = float(first.columns[OWN]) - _SAME
        at_best = replace(loose, whole=[False] * loose.width)
        if (Restarted(at_best, {OWN: 1.0}).value() or 0.0) >= most - _SAME:
            return first
        self.program = _under(loose, most - _SAME)
        try:
            second = self.least()
        except NoPlan:
            self.program = usual
            return first
        self.program = loose
        return second

    def least(self) -> Solution:
        """Least own money; among those, to the cent, the fewest dossiers."""
        first = self._new(self.program, {OWN: 1.0}, _NEGLIGIBLE)
        self.better["own"] = _less(first, "de fonds propres en moins")
        if self._dossiers(first) <= sum(self.program.least[y] for y in self.layout.asked):
            return first
        narrowed = _under(self.program, float(first.columns[OWN]) + _SAME)
        found = self._then(first, narrowed, self._count())
        fewer = ", au même prix avec moins de dossiers"
        self.better["own"] = fewer if first.proved else _less(first, "de fonds propres en moins")
        return found

    def few(self, room: float, least: Solution) -> Solution:
        """Fewest dossiers, own money under `room`; with so many dossiers, the least own money.

        `least` is taken when it has no more dossiers: nothing asks less of the bearer.
        """
        narrowed = _under(self.program, room)
        first = self._known(least, narrowed, self._count())
        count = self._dossiers(first)
        self.better["few"] = (
            _fewer(first.gap) if not first.proved
            else ", avec autant de dossiers et moins de fonds propres"
        )  # fmt: skip
        if self._dossiers(least) <= count:
            return replace(least, proved=least.proved and first.proved)
        row = ("count", self._count(), float("-inf"), float(count))
        fewest = replace(narrowed, rows=[*narrowed.rows, row])
        return self._then(first, fewest, {OWN: 1.0}, _NEGLIGIBLE)

    def sure(self, room: float, least: Solution) -> Solution:
        """The surest dossiers, own money under `room`; with those dossiers, the least own money;
        then the surest split of what they bring. Asking less of an aid than it gives is no surer:
        own money that is kept back stays there, whether the aid comes or not.
        """
        narrowed, doubts = _under(self.program, room), _doubts(self.layout, self.usable)
        first = self._known(least, narrowed, doubts, _NEGLIGIBLE_DOUBT)
        self.better["sure"] = _less(first, "qui peuvent ne pas venir en moins")
        chosen = {y: float(round(first.columns[y])) for y in self.layout.asked}
        fixed = replace(
            narrowed,
            least=[chosen.get(n, low) for n, low in enumerate(narrowed.least)],
            most=[chosen.get(n, high) for n, high in enumerate(narrowed.most)],
        )
        second = self._then(first, fixed, {OWN: 1.0})
        return self._then(second, _under(fixed, float(second.columns[OWN])), doubts)

    def _new(
        self, program: Program, objective: dict[int, float], negligible: float = 0.0,
        seconds: float = _SECONDS,
    ) -> Solution:  # fmt: skip
        """The best solution; or one surely as near to it as this share of the cost, in time."""
        near = negligible * float(self.plan.cost)
        try:
            found = search(program, objective, min(max(self.left / 2, _SHORTEST), seconds), near)
        except NoPlan as error:
            self.left -= error.seconds
            raise
        self.left -= found.seconds
        return found

    def _known(
        self, known: Solution, program: Program, objective: dict[int, float],
        negligible: float = 0.0, seconds: float = _SECONDS,
    ) -> Solution:  # fmt: skip
        """The best solution; the one that is `known` already when none is found in time."""
        try:
            return self._new(program, objective, negligible, seconds)
        except NoPlan:
            return replace(known, proved=False, gap=math.inf)

    def _then(
        self, first: Solution, program: Program, objective: dict[int, float],
        negligible: float = 0.0,
    ) -> Solution:  # fmt: skip
        """The best solution of what `first` has narrowed: proved if both are."""
        seconds = _SECONDS if first.proved else _TIE_SECONDS
        found = self._known(first, program, objective, negligible, seconds)
        return replace(found, proved=first.proved and found.proved)

    def _count(self) -> dict[int, float]:
        return dict.fromkeys(self.layout.asked, 1.0)

    def _dossiers(self, found: Solution) -> int:
        return round(float(sum(found.columns[y] for y in self.layout.asked)))


def _less(found: Solution, what: str) -> str:
    """How many euros less a better plan has at most, when that is known."""
    if not 0 < found.gap < math.inf:
        return ""
    return f", avec au plus {euros(Decimal(math.ceil(found.gap)))} {what}"


def _fewer(gap: float) -> str:
    """How many dossiers less a better plan has at most, when that is known."""
    if not 0 < gap < math.inf:
        return ""
    count = math.floor(gap + _NEAR)
    return f", avec au plus {count} dossier{'s' if count > 1 else ''} de moins"


def _doubts(layout: Layout, usable: Sequence[Usable]) -> dict[int, float]:
    """The money that may not come, a year of waiting counted as doubt."""
    pairs = zip(layout.brings, usable, strict=True)
    return {x: float(_doubt(one.candidate)) for x, one in pairs}


def _doubt(one: Candidate) -> Decimal:
    """What a euro of an aid costs in doubt and in waiting."""
    days = UNKNOWN_DAYS if one.days is None else one.days
    chance = UNKNOWN_CHANCE if one.chance is None else one.chance
    return (ZERO if one.decided else 1 - chance) + YEAR_AS_DOUBT * days / 365


def _without_rows(program: Program, name: str) -> Program:
    """The same program without the rows of this name: itself when it has none."""
    kept = [row for row in program.rows if row[0] != name]
    return program if len(kept) == len(program.rows) else replace(program, rows=kept)


def _under(program: Program, room: float) -> Program:
    """The same program, its own money under `room`."""
    return replace(program, most=[room + _NEAR, *program.most[1:]])


def _with_margin(found: BestPlan, first: BestPlan, own_most: Euros | None) -> BestPlan:
    """The same, where own money that nobody spoke of is said to be supposed."""
    if own_most is not None or found.own <= first.own:
        return found
    supposed = (
        f"Vous n'avez pas dit ce que vous pouvez apporter : nous avons supposé au plus "
        f"{percent(MARGIN)} du coût au-dessus du minimum ({euros(first.own)}). Dites-le dans les "
        "réglages du plan."
    )
    return replace(found, reasons=(*found.reasons, supposed))


# -- When nothing is possible


def _wrong_anyway(plan: Plan, law: Law) -> Check | None:
    """A check that no choice of aids can mend: it fails with own money alone."""
    alone = check_plan(filled(plan, (), {}), law)
    return next((check for check in alone if check.verdict is Verdict.FAILS), None)


def _refused(check: Check) -> Conflict:
    said = " ".join(filter(None, (check.sentence, check.change)))
    return Conflict(f"Aucun plan ne tient. {said}", (check.rule,), None)


def _not_found(check: Check) -> Conflict:
    """The plan that the program found is refused by a check: others may hold, and nobody knows."""
    said = " ".join(filter(None, (check.sentence, check.change)))
    return Conflict(f"Aucun plan n'a été trouvé. {said}", (check.rule,), None)


def _without(asked: Question, wrong: Sequence[tuple[Usable, Check]], *, searched: bool) -> Conflict:
    """Nothing holds with what is granted or asked as it is: the plan that gives it up, or keeps it
    for the lines that it may still pay.
    """
    kept, words = given_up(asked, wrong)
    found = _found(asked._replace(usable=kept))
    nearest = found.nearest if isinstance(found, Conflict) else found[0]
    more = f" {found.sentence}" if isinstance(found, Conflict) else ""
    rules = tuple(dict.fromkeys(check.rule for _, check in wrong))
    said = " ".join(dict.fromkeys(check.sentence for _, check in wrong))
    return Conflict(
        f"Aucun plan ne tient avec ce qui est déjà accordé ou demandé. {said} {words}{more}",
        rules, nearest, (rules,) if searched and nearest else (),
    )  # fmt: skip


def _conflict(asked: Question) -> Conflict:
    """The nearest plan asks more own money than was said, or leaves what was granted aside."""
    plan, usable, law, own_most = asked
    program, layout = build(plan, usable, law)
    try:
        least = _Search(plan, program, layout, usable)._least_usual()
    except TooLong:
        return _TOO_LONG
    except NoPlan:
        return _conflict_of_granted(asked, program)
    said = own_most or ZERO
    try:
        nearest = finished("own", asked._replace(own_most=None), layout, least)
    except Unsettled as error:
        return _not_found(error.check)  # it is a rule, not own money, that is in the way
    own = nearest.own
    sets, whole = in_the_way(build(plan, usable, law, float(said))[0])
    if sets:
        why = f"Un plan serait possible sans {in_words(sets)}."
    elif whole:
        why = "Les aides retenues n'apportent pas assez, quelle que soit la règle que l'on lève."
    else:
        why = "La recherche des règles en cause a été arrêtée avant la fin."
    supposed = supposition(asked)
    if supposed:
        return Conflict(
            f"Avec {euros(said)} de fonds propres, aucun plan n'a été trouvé. {supposed} Ainsi "
            f"comptée, la part propre serait de {euros(own)}. {why}", _rules(sets), nearest, sets,
        )  # fmt: skip
    needed = (
        f"il en faut au moins {euros(own)}"
        if least.proved
        else f"le meilleur plan trouvé avant l'arrêt de la recherche en demande {euros(own)}"
    )
    return Conflict(
        f"Avec {euros(said)} de fonds propres, aucun plan ne tient : {needed}, soit "
        f"{euros(own - said)} de plus. {why}", _rules(sets), nearest, sets,
    )  # fmt: skip


def _conflict_of_granted(asked: Question, program: Program) -> Conflict:
    plan, usable, law, _ = asked
    held = [one for one in usable if one.candidate.granted is not None]
    names = named([one.candidate.label for one in held])
    granted = sum((one.most for one in held), ZERO)
    said = f"Ce qui est déjà accordé ou demandé ({names}) ne peut pas tenir ensemble dans ce coût."
    supposed = supposition(asked)
    if supposed:
        said = f"Aucun plan n'a été trouvé avec ce qui est déjà accordé ou demandé. {supposed}"
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
    nearest = "Le plan le plus proche" if near.proved else "Le plan le plus proche trouvé à temps"
    said += f" {nearest} rend {euros(up(lost))} de ce qui est accordé ou demandé."
    found = Solution(near.columns, near.proved)
    try:
        there = Question(plan, near.usable, law, None)
        closest = finished("own", there, near.layout, found)
    except Unsettled as error:
        return _not_found(error.check)
    return Conflict(said, _rules(sets), closest, sets)


def _rules(sets: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The rules of law that `sets` name: LEADER has two rows of the program for one rule."""
    names = (name for some in sets for name in some)
    return tuple(dict.fromkeys("leader" if name == "leader-own" else name for name in names))
