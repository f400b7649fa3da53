"""What each aid brings, in parts of which one knows which lines they pay.

The rules of public money look at what is invested. An aid that may also pay running costs is thus
two parts: a column says what of it pays these, the rest is on what is invested. Aids that may pay
the same lines share one column: no rule tells them apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from maillage.engine.funding.candidates import Usable
from maillage.engine.funding.rules import Law, overseas
from maillage.engine.funding.types import (
    CENT,
    PUBLIC,
    STATE_CGCT,
    STATE_OTHER,
    ZERO,
    Euros,
    Fund,
    Plan,
)

#: All that an aid brings, whatever its cents become.
_ALL = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class Part:
    """So many euros (``factors``, a sum of columns; ``most`` at most) for `lines` alone. Rules of
    public money do not look at one that is not ``ruled``: other parts already hold it.
    """

    lines: frozenset[str]
    factors: Mapping[int, float]
    most: float
    public: bool
    ruled: bool = True


@dataclass(frozen=True, slots=True)
class Running:
    """What some aids (``members``, their numbers) together pay of running costs: a column.
    ``shown``: the plan has to say it, for its checks to tell.
    """

    column: int
    members: tuple[int, ...]
    shown: bool


def own_share_applies(plan: Plan, law: Law) -> bool:
    """Whether the bearer has to keep a share of what it invests (F1)."""
    asked = plan.bearer.local_authority and not overseas(plan.bearer, law)
    return asked and bool(plan.invested) and "own-share" in law


def capped(plan: Plan, usable: Iterable[Usable], law: Law) -> bool:
    """Whether a grant of the State may cap what is invested (F8, F16)."""
    return any(
        name in law and one.candidate.fund in funds and one.lines & plan.invested
        for name, funds in (("state-cap", STATE_CGCT), ("public-cap", STATE_OTHER))
        for one in usable
    )


def in_doubt(plan: Plan, usable: Sequence[Usable], law: Law) -> list[Usable]:
    """Public aids that stay as they are, though nobody said which lines they pay, and on which a
    rule depends: they are counted on what is invested, where they weigh the most.
    """
    if not own_share_applies(plan, law) and not capped(plan, usable, law):
        return []
    return [
        one
        for one in usable
        if one.candidate.granted is not None
        and one.candidate.fund in PUBLIC
        and one.lines & plan.invested
        and one.lines - plan.invested
    ]


def classes(
    plan: Plan, usable: Sequence[Usable], law: Law, *, private: bool
) -> dict[tuple[bool, frozenset[str]], list[int]]:
    """The aids that are two parts, by (public, the lines that they may pay). Gifts are only when
    they have to be told apart too (`private`).
    """
    every = frozenset(line.id for line in plan.costs)
    invested = plan.invested
    found: dict[tuple[bool, frozenset[str]], list[int]] = {}
    if invested and invested != every and (
        own_share_applies(plan, law) or capped(plan, usable, law)
    ):  # fmt: skip
        for n, one in enumerate(usable):
            public = one.candidate.fund in PUBLIC
            free = one.candidate.granted is None if public else private and one.lines != every
            if free and one.lines & invested and one.lines - invested:
                found.setdefault((public, one.lines), []).append(n)
    return found


def shared_out(
    running: Sequence[tuple[Running, Euros]], usable: Sequence[Usable],
    amounts: Mapping[str, Euros],
) -> dict[str, Euros]:  # fmt: skip
    """What each aid pays of running costs, by id: of those that share a column, as many as can be
    pay nothing else, and at most one pays both. A fonds de concours pays an equipment first.
    """
    found: dict[str, Euros] = {}
    for one, whole in running:
        left, names = whole, [usable[n].candidate for n in one.members]
        names.sort(key=lambda c: (c.fund is Fund.GROUP, -amounts.get(c.id, ZERO), c.id))
        inside = []
        for candidate in names:
            amount = amounts.get(candidate.id, ZERO)
            if amount and amount <= left + CENT:
                found[candidate.id] = _ALL
                left -= amount
            elif amount:
                inside.append(candidate)
        if left >= CENT and inside:
            one_split = min(inside, key=lambda c: (c.fund is Fund.GROUP, amounts[c.id], c.id))
            found[one_split.id] = min(left, amounts[one_split.id])
    return found


def total(parts: Iterable[Part], factor: float = 1.0) -> dict[int, float]:
    """What these parts bring together, times `factor`: two parts of an aid make its column."""
    found: dict[int, float] = {}
    for part in parts:
        for column, value in part.factors.items():
            found[column] = found.get(column, 0.0) + factor * value
    return {column: value for column, value in found.items() if value}


def priced(plan: Plan, lines: frozenset[str]) -> float:
    """What these lines cost, as a float."""
    return float(plan.cost_of(lines))


def to_cents(value: float) -> Decimal:
    """A value of the solver, to the nearest cent."""
    return Decimal(repr(float(value))).quantize(CENT)
