"""A plan as a mixed-integer linear program: the law as rows, amounts and dossiers as columns.

Column 0 is the bearer's own money; then, for each usable candidate, whether it is asked (0 or 1)
and what it brings (euros); then how what it brings is shared among the classes of lines; then
marks that are 1 when a kind of grant is asked. All amounts are in euros, as floats: the exact
amounts are settled after the solution (`settle`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt

from maillage.engine.funding.candidates import Usable
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import (
    LOCAL_AUTHORITIES,
    NATIONAL_PUBLIC,
    PRIVATE,
    PUBLIC,
    STATE_CGCT,
    STATE_OTHER,
    Fund,
    Plan,
    Spending,
)

FloatArray = npt.NDArray[np.float64]
OWN = 0
_INFINITE = float("inf")


@dataclass(slots=True)
class Program:
    """Minimise ``cost · x`` with ``low ≤ rows · x ≤ high`` and ``least ≤ x ≤ most``.

    ``rows`` are sparse: (name of the rule, {column: factor}, low, high).
    """

    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    rows: list[tuple[str, dict[int, float], float, float]] = field(default_factory=list)

    def column(self, least: float, most: float, *, whole: bool = False) -> int:
        """Add a column; its number."""
        self.least.append(least)
        self.most.append(most)
        self.whole.append(whole)
        return len(self.least) - 1

    def row(
        self, name: str, factors: dict[int, float], low: float = -_INFINITE, high: float = _INFINITE
    ) -> None:
        """Add a row that the rule `name` asks for."""
        self.rows.append((name, factors, low, high))

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.least)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are among the columns: by usable candidate, in their order."""

    asked: tuple[int, ...]
    brings: tuple[int, ...]


def build(
    plan: Plan, usable: Sequence[Usable], law: Law, own_most: float | None = None
) -> tuple[Program, Layout]:
    """The program of the costs of `plan` with these candidates, under the law of its day."""
    total = float(plan.cost)
    program = Program()
    program.column(0.0, total if own_most is None else min(own_most, total))
    asked, brings = [], []
    for one in usable:
        held = one.candidate.granted is not None
        asked.append(program.column(1.0 if held else 0.0, 1.0, whole=True))
        brings.append(program.column(float(one.least) if held else 0.0, float(one.most)))
    layout = Layout(tuple(asked), tuple(brings))
    for one, y, x in zip(usable, asked, brings, strict=True):
        program.row("most", {x: 1.0, y: -float(one.most)}, high=0.0)
        program.row("floor", {x: 1.0, y: -float(one.least)}, low=0.0)
    program.row("balance", {OWN: 1.0, **dict.fromkeys(brings, 1.0)}, total, total)
    _lines(program, plan, usable, layout)
    _law(program, plan, usable, layout, law)
    _pairs(program, usable, layout, law)
    return program, layout


def _of(usable: Sequence[Usable], layout: Layout, funds: Iterable[Fund]) -> list[int]:
    wanted = frozenset(funds)
    pairs = zip(usable, layout.brings, strict=True)
    return [x for one, x in pairs if one.candidate.fund in wanted]


def _mark(program: Program, usable: Sequence[Usable], layout: Layout, funds: Iterable[Fund]) -> int:
    """A column that is 1 as soon as one of these funds is asked; −1 when none can be."""
    wanted = frozenset(funds)
    here = [y for one, y in zip(usable, layout.asked, strict=True) if one.candidate.fund in wanted]
    if not here:
        return -1
    mark = program.column(0.0, 1.0)
    for y in here:
        program.row("mark", {mark: 1.0, y: -1.0}, low=0.0)
    return mark


def _lines(program: Program, plan: Plan, usable: Sequence[Usable], layout: Layout) -> None:
    """No line is paid twice: what is brought is shared among lines that candidates see alike."""
    classes: dict[frozenset[int], float] = {}
    for line in plan.costs:
        seen = frozenset(n for n, one in enumerate(usable) if line.id in one.lines)
        classes[seen] = classes.get(seen, 0.0) + float(plan.amount(line))
    if len([seen for seen in classes if seen]) <= 1:
        for seen, price in classes.items():
            if seen:
                program.row("no-double", {layout.brings[n]: 1.0 for n in seen}, high=price)
        return
    shares: dict[int, list[int]] = {n: [] for n in range(len(usable))}
    for seen, price in classes.items():
        here = []
        for n in sorted(seen):
            column = program.column(0.0, price)
            shares[n].append(column)
            here.append(column)
        if here:
            program.row("no-double", dict.fromkeys(here, 1.0), high=price)
    for n, columns in shares.items():
        program.row("shares", {layout.brings[n]: 1.0, **dict.fromkeys(columns, -1.0)}, 0.0, 0.0)


def _law(program: Program, plan: Plan, usable: Sequence[Usable], layout: Layout, law: Law) -> None:
    total = float(plan.cost)
    public = _of(usable, layout, PUBLIC)
    eligible = float(plan.spent_on(Spending.INVESTMENT, Spending.ENGINEERING))
    local = plan.bearer.kind in LOCAL_AUTHORITIES
    overseas = plan.bearer.department in law.codes("own-share-overseas", "departments")
    running = {line.id for line in plan.costs if line.spending is Spending.OPERATION}
    if local and not overseas and len(running) < len(plan.costs):
        share = float(law.number("own-share", "share"))
        counted = [
            x
            for one, x in zip(usable, layout.brings, strict=True)
            if one.candidate.fund in PUBLIC and not one.lines <= running
        ]
        program.row("own-share", {OWN: 1.0 - share, **dict.fromkeys(counted, -share)}, low=0.0)
    for name, funds in (("state-cap", STATE_CGCT), ("public-cap", STATE_OTHER)):
        mark = _mark(program, usable, layout, funds)
        if mark >= 0:
            most = float(law.number(name, "share")) * eligible
            program.row(name, {**dict.fromkeys(public, 1.0), mark: total}, high=most + total)
    _group(program, plan, usable, layout, law)
    mark = _mark(program, usable, layout, (Fund.LEADER,))
    if mark >= 0 and "leader" in law:
        share = float(law.number("leader", "share"))
        ratio = share / (1.0 - share)
        factors = dict.fromkeys(_of(usable, layout, NATIONAL_PUBLIC), -ratio)
        factors |= dict.fromkeys(_of(usable, layout, (Fund.LEADER,)), 1.0)
        factors[OWN] = -ratio if local else 0.0
        program.row("leader", factors, high=0.0)
        least = float(law.number("leader", "own")) * total
        program.row("leader", {OWN: 1.0, mark: -least}, low=0.0)


def _group(
    program: Program, plan: Plan, usable: Sequence[Usable], layout: Layout, law: Law
) -> None:
    mark = _mark(program, usable, layout, (Fund.GROUP,))
    if mark < 0:
        return
    total, share = float(plan.cost), float(law.number("group-half", "share"))
    back = 0.0
    if not plan.in_net and plan.bearer.recovers_vat is not False:
        back = float(law.number("fctva", "rate") * plan.spent_on(Spending.INVESTMENT))
    others = _of(usable, layout, (PUBLIC | PRIVATE) - {Fund.GROUP})
    factors = {**dict.fromkeys(others, share), mark: total}
    factors |= dict.fromkeys(_of(usable, layout, (Fund.GROUP,)), 1.0)
    program.row("group-half", factors, high=share * (total - back) + total)


def _pairs(program: Program, usable: Sequence[Usable], layout: Layout, law: Law) -> None:
    forbidden = [pair.split("|", 1) for pair in law.codes("pairs", "forbidden")]
    number = {one.candidate.id: n for n, one in enumerate(usable)}
    for (n, first), (m, second) in combinations(enumerate(usable), 2):
        one, other = first.candidate, second.candidate
        named = [{one.scheme, one.fund.value}, {other.scheme, other.fund.value}]
        same = bool(one.scheme) and one.scheme == other.scheme
        barred = any(
            (a in named[0] and b in named[1]) or (b in named[0] and a in named[1])
            for a, b in forbidden
        )
        chosen_apart = other.id in one.excludes or one.id in other.excludes
        if chosen_apart or ((same or barred) and first.lines & second.lines):
            program.row("pairs", {layout.asked[n]: 1.0, layout.asked[m]: 1.0}, high=1.0)
    for n, first in enumerate(usable):
        if first.candidate.needs:
            with_it = [layout.asked[number[i]] for i in first.candidate.needs if i in number]
            program.row(
                "needs", {layout.asked[n]: -1.0, **dict.fromkeys(with_it, 1.0)}, low=0.0
            )  # fmt: skip
