"""The smallest change, in words that one can follow: which aids to lower, and by how much."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from maillage.engine.funding.types import HELD, ZERO, Euros, Fund, Plan, Resource
from maillage.engine.funding.words import euros

#: Aids that a sentence names, each with its amount.
_NAMED: Final = 6


class Part(NamedTuple):
    """What is taken from an aid, in euros."""

    aid: Resource
    amount: Euros


def taken(
    aids: Iterable[Resource], amount: Euros, rank: Callable[[Resource], int] = lambda _: 0
) -> list[Part]:
    """`amount` taken from these aids: by `rank`; what is already granted last; from the largest, so
    that few of them change. Less than `amount` when they bring less.
    """
    found = []
    for one in sorted(aids, key=lambda a: (rank(a), a.status in HELD, -a.amount)):
        part = min(one.amount, amount)
        if part <= 0:
            continue
        found.append(Part(one, part))
        amount -= part
    return found


def made(plan: Plan, parts: Sequence[Part], *, swap: bool = False) -> Plan:
    """The plan once these parts are taken from it and, where it would lack them, replaced by own
    money for the same lines (always, with `swap`): what `lowered` says.
    """
    less: dict[str, Euros] = {}
    for aid, amount in parts:
        less[aid.id] = less.get(aid.id, ZERO) + amount
    kept = [
        replace(one, amount=one.amount - less[one.id]) if one.id in less else one
        for one in plan.resources
    ]
    if swap or _lacking(plan, parts):
        kept += [
            Resource(f"{aid.id}-{n}", aid.label, Fund.OWN, amount, lines=aid.lines)
            for n, (aid, amount) in enumerate(parts)
        ]
    return replace(plan, resources=tuple(kept))


def _lacking(plan: Plan, parts: Iterable[Part]) -> bool:
    gone = sum((part.amount for part in parts), ZERO)
    return sum((one.amount for one in plan.counted), ZERO) - gone < plan.cost


def merged(parts: Iterable[Part], plan: Plan) -> list[Part]:
    """One part for each aid of `plan`, the largest first."""
    sums: dict[str, Euros] = {}
    for aid, amount in parts:
        sums[aid.id] = sums.get(aid.id, ZERO) + amount
    found = [Part(one, sums[one.id]) for one in plan.resources if one.id in sums]
    return sorted(found, key=lambda part: -part.amount)


def in_words(parts: Sequence[Part]) -> str:
    """« 1 000 € de « DETR » et 19 000 € de « Région » ». Of many, the largest are named."""
    said = [f"{euros(part.amount)} de « {part.aid.label} »" for part in parts[:_NAMED]]
    if len(parts) > _NAMED:
        rest = sum((part.amount for part in parts[_NAMED:]), ZERO)
        said.append(f"{euros(rest)} d'autres aides")
    return " et ".join(filter(None, (", ".join(said[:-1]), said[-1])))


def lowered(plan: Plan, parts: Sequence[Part], *, swap: bool = False) -> str:
    """Take these parts away; own money takes their place when the plan would lack them, or always
    with `swap`.
    """
    if swap or _lacking(plan, parts):
        return f"Remplacez {in_words(parts)} par autant de fonds propres, sur les mêmes dépenses."
    return f"Retirez {in_words(parts)}."
