"""What each funder says of its own aid: with which others it does not go, without which it is not
given. Nobody but the funder knows it: it is what the bearer noted of its regulation.
"""

from collections.abc import Iterable
from functools import partial
from typing import Final

from maillage.engine.funding.outcome import fails, holds, in_few
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import Check, Figure, Plan, Resource, Rule

_RULE: Final = "funder-terms"
#: Aids that a sentence names.
_NAMED: Final = 4


def funder_terms(plan: Plan, law: Law) -> Iterable[Check]:
    """None of the aids that exclude each other stand together; each that needs another has one.

    Nothing when no funder is said to ask it. Refused aids, and those of nothing, are not there.
    """
    rule = law[_RULE]
    given = {one.id: one for one in plan.counted if one.amount}
    told = [one for one in given.values() if one.excludes or one.needs]
    apart = list(dict.fromkeys(
        tuple(sorted((one.id, other)))
        for one in told for other in sorted(one.excludes) if other in given and other != one.id
    ))  # fmt: skip
    alone = [one for one in told if one.needs and not one.needs & given.keys() - {one.id}]
    yield from in_few(apart, partial(_apart, given, rule), "couples d'aides")
    yield from in_few(alone, partial(_alone, plan, rule), "aides qui en demandent une autre")
    if told and not apart and not alone:
        yield holds(_RULE, rule, "Les conditions notées de chaque financeur sont respectées.")


def _apart(given: dict[str, Resource], rule: Rule, pair: tuple[str, ...]) -> Check:
    first, second = (given[name] for name in pair)
    least = min((first, second), key=lambda one: one.amount)
    return fails(
        _RULE, rule, f"« {first.label} » ne va pas avec « {second.label} » : vous l'avez noté.",
        (Figure(first.label, first.amount), Figure(second.label, second.amount)),
        "Choisissez l'une des deux.", least.amount,
    )  # fmt: skip


def _alone(plan: Plan, rule: Rule, one: Resource) -> Check:
    others = [f"« {other.label} »" for other in plan.resources if other.id in one.needs]
    asked = " ou ".join(others[:_NAMED]) or "une aide qui n'est plus au plan"
    return fails(
        _RULE, rule, f"« {one.label} » ne se donne qu'avec {asked} : vous l'avez noté.",
        (Figure(one.label, one.amount),),
        f"Ajoutez {asked}, ou retirez « {one.label} »." if others else f"Retirez « {one.label} ».",
        one.amount,
    )  # fmt: skip
