"""From the columns of a solution to a plan to the cent, with its reasons and what limits it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final, NamedTuple

from maillage.engine.funding.answer import BestPlan
from maillage.engine.funding.candidates import Usable, left_out
from maillage.engine.funding.caps import public_cap, state_cap
from maillage.engine.funding.checks import ran
from maillage.engine.funding.limits import limits
from maillage.engine.funding.outcome import presses
from maillage.engine.funding.own_share import own_share
from maillage.engine.funding.parts import in_doubt, shared_out, to_cents
from maillage.engine.funding.program import FloatArray, Layout, build
from maillage.engine.funding.rules import Law
from maillage.engine.funding.settle import Chosen, Settled, filled, settle
from maillage.engine.funding.solver import NoPlan, Solution, solve
from maillage.engine.funding.types import PRIVATE, ZERO, Euros, Fund, Plan
from maillage.engine.funding.words import down, euros, named, percent

LABELS: Final = {
    "own": "Le moins d'argent propre",
    "few": "Le moins de dossiers",
    "sure": "Le plus sûr et le plus tôt",
}
#: Limits that are not a rule of law.
_NO_RULES: Final = ("ceiling", "no-double")
_STOPPED: Final = (
    "La recherche a été arrêtée avant la fin, il y a trop d'aides ou de dépenses : ce plan tient, "
    "mais un meilleur existe peut-être{better}."
)
_LIMITS_STOPPED: Final = (
    "Ce qui limite ce plan n'a pas été cherché jusqu'au bout : il y a trop d'aides ou de dépenses."
)
#: The checks that look at what is invested.
_INVESTED: Final = (own_share, state_cap, public_cap)
#: Euros under which the solver knows nothing; seconds of processor to settle a plan.
_NEAR: Final = 1e-4
_HALF_CENT: Final = 0.005
_SECONDS: Final = 1.5


Running = dict[str, Euros]


class Question(NamedTuple):
    """What is asked: the costs and their bearer, the aids that may be used, the law of the day, and
    what the bearer can bring at most, when it said so.
    """

    plan: Plan
    usable: Sequence[Usable]
    law: Law
    own_most: Euros | None = None


def finished(
    kind: str, asked: Question, layout: Layout, found: Solution, better: str = ""
) -> BestPlan:
    """The plan to the cent, checked, with its reasons; `better` says what a better one, if the
    search was stopped, would change at most. Raises `Unsettled` or `OutOfTime` (`settle`).
    """
    plan, usable, law, own_most = asked
    chosen = [
        (one, Decimal(repr(float(found.columns[x]))))
        for one, y, x in zip(usable, layout.asked, layout.brings, strict=True)
        if found.columns[y] > 0.5
    ]
    until = time.thread_time() + _SECONDS
    running = _running(asked, layout, found.columns, chosen)
    made = settle(plan, chosen, law, own_most, running, until)
    limit = limits(made, chosen, law)
    own = made.plan.brought(frozenset({Fund.OWN}))
    rules = [x.label for x in limit.found if x.rule not in _NO_RULES]
    reasons = _reasons(made, chosen, own, rules)
    doubtful = supposition(asked) if own else ""
    if doubtful:
        reasons.append(f"{doubtful} Un meilleur plan existe peut-être.")
    if not found.proved:
        reasons.append(_STOPPED.format(better=better))
    if not limit.whole:
        reasons.insert(1, _LIMITS_STOPPED)
    return BestPlan(
        kind=kind,
        label=LABELS[kind],
        plan=made.plan,
        own=own,
        dossiers=len([r for r in made.plan.resources if r.fund is not Fund.OWN
                      and r.id not in made.second]),
        reasons=tuple(reasons),
        limits=limit.found,
        checks=made.checks,
        together=limit.together,
        proved=found.proved and not doubtful,
        second=made.second,
    )  # fmt: skip


def again(kind: str, known: BestPlan) -> BestPlan:
    """A plan that was found already, as the best of another kind."""
    return replace(known, kind=kind, label=LABELS[kind])


def supposition(asked: Question) -> str:
    """What had to be supposed of aids that stay as they are, in words; nothing when all is said."""
    doubt = in_doubt(asked.plan, asked.usable, asked.law)
    if not doubt:
        return ""
    many = len(doubt) > 1
    return (
        f"Le plan ne dit pas si {named([one.candidate.label for one in doubt])} "
        f"{'paient' if many else 'paie'} l'investissement ou le fonctionnement : nous avons "
        f"compté l'investissement. Dites les dépenses que {'chacune' if many else 'cette aide'} "
        "paie, puis cherchez de nouveau."
    )


def _running(asked: Question, layout: Layout, columns: FloatArray, chosen: Chosen) -> Running:
    """What each aid has to pay of running costs for the plan to hold, by id: as little as can be,
    and nothing when the plan holds without saying it.
    """
    if all(columns[one.column] < _HALF_CENT for one in layout.running if one.shown):
        return {}
    amounts = {one.candidate.id: to_cents(float(value)) for one, value in chosen}
    whole = filled(asked.plan, chosen, amounts)
    if not any(presses(one) for run in _INVESTED for one in ran(run, whole, asked.law)):
        return {}
    usable = [one for one, _ in chosen]
    program, here = build(asked.plan, usable, asked.law, closely=True)
    for (_, value), y, x in zip(chosen, here.asked, here.brings, strict=True):
        program.least[y] = 1.0
        program.least[x], program.most[x] = float(value) - _NEAR, float(value) + _NEAR
    program.rows = [row for row in program.rows if row[0] not in ("most", "floor", "detr-rate")]
    program.whole = [False] * program.width
    shown = [one for one in here.running if one.shown]
    try:
        found = solve(program, dict.fromkeys((one.column for one in shown), 1.0))
    except NoPlan:  # a hair's breadth of the solver: what it found first is as good
        names = {one.candidate.id: n for n, one in enumerate(asked.usable)}
        first = [
            (replace(one, members=tuple(n for n, m in enumerate(usable)
                                        if names[m.candidate.id] in one.members)),
             to_cents(float(columns[one.column])))
            for one in layout.running if one.shown
        ]  # fmt: skip
        return shared_out(first, usable, amounts)
    return shared_out([(one, to_cents(float(found[one.column]))) for one in shown], usable, amounts)


def _reasons(made: Settled, chosen: Chosen, own: Euros, rules: Sequence[str]) -> list[str]:
    """Why these amounts; `rules` are those that hold the plan, in words."""
    plan, amounts = made.plan, made.amounts
    said = [f"{euros(own)} de fonds propres, soit {percent(own / plan.cost)} du coût."]
    for one, _ in chosen:
        amount, name = amounts.get(one.candidate.id, ZERO), one.candidate.label
        if one.candidate.decided:
            said.append(f"« {name} » est déjà accordée : {euros(amount)}.")
        elif one.candidate.asked:
            said.append(f"« {name} » est déjà demandée pour {euros(amount)} : elle reste.")
        elif one.candidate.on_hope and amount == one.most:
            ask = (
                "demandez-lui de l'écrire"
                if one.candidate.fund in PRIVATE
                else "demandez son taux à qui la donne"
            )
            said.append(f"« {name} » : {euros(amount)}, le montant que vous avez écrit ; {ask}.")
        elif amount == one.most:
            base = _base(plan, one)
            said.append(f"« {name} » est à son maximum pour ce projet : {euros(amount)}{base}.")
        elif not own:
            said.append(f"« {name} » suffit à {euros(amount)} : tout est payé.")
        else:
            why = f", à cause de : {' ; '.join(rules)}" if rules else ", une règle la retient"
            said.append(f"« {name} » : {euros(amount)} et pas plus{why}.")
        if one.candidate.granted is None:
            out = left_out(plan, one.candidate)
            said += [f"« {name} » ne paie pas {' ; ni '.join(out)}."] if out else []
    return said + _two_natures(made, chosen)


def _base(plan: Plan, one: Usable) -> str:
    """« , 20 % de 407 000 € » when a rate says the most that an aid brings."""
    rate = one.candidate.rate
    base = plan.cost_of(one.lines)
    if rate is None or one.candidate.flat is not None or one.most != min(down(rate * base), base):
        return ""
    return f", {percent(rate)} de {euros(base)}"


def _two_natures(made: Settled, chosen: Chosen) -> list[str]:
    """What is to be asked of an aid that stands in two lines."""
    amounts: Mapping[str, Euros] = {r.id: r.amount for r in made.plan.resources}
    labels = {one.candidate.id: one.candidate.label for one, _ in chosen}
    return [
        f"« {labels[name]} » tient sur deux lignes, pour un seul dossier : "
        f"{euros(amounts[name])} pour l'investissement et {euros(amounts[second])} pour le "
        "fonctionnement, qui ne compte pas dans la part minimale. Demandez à qui la donne s'il "
        "l'accepte ainsi."
        for second, name in made.second.items()
    ]
