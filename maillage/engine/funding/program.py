"""A plan as a mixed-integer linear program: the law as rows, amounts and dossiers as columns.

Column 0 is the bearer's own money; then, for each usable candidate, whether it is asked (0 or 1)
and what it brings (euros); then, when lines are many, how what it brings is shared among them; then
marks that are 1 when a kind of grant is asked. All amounts are in euros, as floats: the exact
amounts are settled after the solution (`settle`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt

from maillage.engine.funding.candidates import Usable, resource_of
from maillage.engine.funding.matching import refund
from maillage.engine.funding.pairs import forbidden, same_aid
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import (
    NATIONAL_PUBLIC,
    PRIVATE,
    PUBLIC,
    STATE_CGCT,
    STATE_OTHER,
    BearerKind,
    Fund,
    Plan,
    Spending,
)

FloatArray = npt.NDArray[np.float64]
OWN = 0
_INFINITE = float("inf")
#: Unions of sets of lines beyond which amounts are shared by columns.
_MOST_UNIONS = 64


@dataclass(slots=True)
class Program:
    """Minimise ``cost · x`` with ``low ≤ rows · x ≤ high`` and ``least ≤ x ≤ most``.

    ``rows`` are sparse: (name of the rule, {column: factor}, low, high). ``amount`` says which
    columns are euros: the others are 0 or 1.
    """

    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    amount: list[bool] = field(default_factory=list)
    rows: list[tuple[str, dict[int, float], float, float]] = field(default_factory=list)

    def column(self, least: float, most: float, *, whole: bool = False, amount: bool = True) -> int:
        """Add a column; its number."""
        self.least.append(least)
        self.most.append(most)
        self.whole.append(whole)
        self.amount.append(amount)
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
        asked.append(program.column(1.0 if held else 0.0, 1.0, whole=True, amount=False))
        brings.append(program.column(float(one.least) if held else 0.0, float(one.most)))
    layout = Layout(tuple(asked), tuple(brings))
    for one, y, x in zip(usable, asked, brings, strict=True):
        if one.least == one.most:
            program.row("most", {x: 1.0, y: -float(one.most)}, 0.0, 0.0)
            continue
        program.row("most", {x: 1.0, y: -float(one.most)}, high=0.0)
        if one.least:
            program.row("floor", {x: 1.0, y: -float(one.least)}, low=0.0)
    program.row("balance", {OWN: 1.0, **dict.fromkeys(brings, 1.0)}, total, total)
    _lines(program, plan, usable, layout)
    _law(program, plan, usable, layout, law)
    _together(program, usable, layout, law)
    return program, layout


def _of(usable: Sequence[Usable], layout: Layout, funds: Iterable[Fund]) -> list[int]:
    wanted = frozenset(funds)
    pairs = zip(usable, layout.brings, strict=True)
    return [x for one, x in pairs if one.candidate.fund in wanted]


def _mark(program: Program, asked: Sequence[int]) -> int:
    """A column that is 1 as soon as one of these aids is asked; −1 when there is none."""
    if len(asked) <= 1:
        return asked[0] if asked else -1
    mark = program.column(0.0, 1.0)
    for y in asked:
        program.row("mark", {mark: 1.0, y: -1.0}, low=0.0)
    return mark


def _lines(program: Program, plan: Plan, usable: Sequence[Usable], layout: Layout) -> None:
    """No line is paid twice.

    What may pay every line always finds room, since all resources together make the cost. The
    others fit if and only if, for every union of the sets of lines that they pay, those that pay
    nothing else do not pass its cost (Hall). Unions too many: what each brings is shared by columns
    among the lines that candidates see alike.
    """
    price = {line.id: float(plan.amount(line)) for line in plan.costs}
    tied = [n for n, one in enumerate(usable) if len(one.lines) < len(price)]
    unions: set[frozenset[str]] = set()
    for lines in {usable[n].lines for n in tied}:
        unions |= {lines | other for other in unions} | {lines}
        if len(unions) > _MOST_UNIONS:
            _shares(program, price, {n: usable[n].lines for n in tied}, layout)
            return
    for union in sorted(unions, key=sorted):
        inside = [n for n in tied if usable[n].lines <= union]
        cost = sum(price[line] for line in union)
        if sum(float(usable[n].most) for n in inside) > cost:
            program.row("no-double", {layout.brings[n]: 1.0 for n in inside}, high=cost)


def _shares(
    program: Program, price: dict[str, float], lines: dict[int, frozenset[str]], layout: Layout
) -> None:
    classes: dict[frozenset[int], float] = {}
    for line, cost in price.items():
        seen = frozenset(n for n, paid in lines.items() if line in paid)
        classes[seen] = classes.get(seen, 0.0) + cost
    shares: dict[int, list[int]] = {n: [] for n in lines}
    for seen, cost in classes.items():
        here = []
        for n in sorted(seen):
            column = program.column(0.0, cost)
            shares[n].append(column)
            here.append(column)
        if here:
            program.row("no-double", dict.fromkeys(here, 1.0), high=cost)
    for n, columns in shares.items():
        program.row("shares", {layout.brings[n]: 1.0, **dict.fromkeys(columns, -1.0)}, 0.0, 0.0)


def _law(program: Program, plan: Plan, usable: Sequence[Usable], layout: Layout, law: Law) -> None:
    total = float(plan.cost)
    lines = plan.invested
    # Aids that pay only running costs are outside these rules, as in the checks.
    public = [
        x
        for one, x in zip(usable, layout.brings, strict=True)
        if one.candidate.fund in PUBLIC and one.lines & lines
    ]
    eligible = float(plan.spent_on(Spending.INVESTMENT, Spending.ENGINEERING))
    local = plan.bearer.local_authority
    overseas = plan.bearer.department in law.codes("own-share-overseas", "departments")
    if local and not overseas and lines and "own-share" in law:
        share = float(law.number("own-share", "share"))
        program.row("own-share", {OWN: 1.0 - share, **dict.fromkeys(public, -share)}, low=0.0)
        if len(lines) < len(plan.costs):
            tied = _inside(usable, layout, PUBLIC, lines)
            given = dict.fromkeys(_inside(usable, layout, PRIVATE, lines), 1.0 - share)
            factors = {**given, **dict.fromkeys(tied, 1.0)}
            if tied:
                program.row("own-share", factors, high=(1.0 - share) * eligible)
    for name, funds in (("state-cap", STATE_CGCT), ("public-cap", STATE_OTHER)):
        if name in law:
            _cap(program, plan, usable, layout, law, name, funds, public)
    _group(program, plan, usable, layout, law)
    mark = _mark(program, _asked(usable, layout, Fund.LEADER))
    if mark >= 0 and "leader" in law:
        share = float(law.number("leader", "share"))
        ratio = share / (1.0 - share)
        factors = dict.fromkeys(_of(usable, layout, NATIONAL_PUBLIC), -ratio)
        factors |= dict.fromkeys(_of(usable, layout, (Fund.LEADER,)), 1.0)
        factors[OWN] = -ratio if local else 0.0
        program.row("leader", factors, high=0.0)
        least = float(law.number("leader", "own")) * total
        program.row("leader-own", {OWN: 1.0, mark: -least}, low=0.0)


def _asked(usable: Sequence[Usable], layout: Layout, fund: Fund) -> list[int]:
    pairs = zip(usable, layout.asked, strict=True)
    return [y for one, y in pairs if one.candidate.fund is fund]


def _inside(
    usable: Sequence[Usable], layout: Layout, funds: frozenset[Fund], lines: frozenset[str]
) -> list[int]:
    """What these funds bring to `lines` and to nothing else."""
    pairs = zip(usable, layout.brings, strict=True)
    return [x for one, x in pairs if one.candidate.fund in funds and one.lines <= lines]


def _cap(
    program: Program, plan: Plan, usable: Sequence[Usable], layout: Layout, law: Law, name: str,
    funds: frozenset[Fund], public: Sequence[int],
) -> None:  # fmt: skip
    """Public aid under its share of what is invested, and of what each of these grants pays."""
    total, lines, share = float(plan.cost), plan.invested, float(law.number(name, "share"))
    pairs = zip(usable, layout.asked, strict=True)
    grants = [(one.lines & lines, y) for one, y in pairs if one.candidate.fund in funds]
    grants = [(base, y) for base, y in grants if base]
    most = share * float(plan.cost_of(lines))
    if grants and most < total:
        mark = _mark(program, [y for _, y in grants])
        program.row(name, {**dict.fromkeys(public, 1.0), mark: total - most}, high=total)
    for base in sorted({base for base, _ in grants} - {lines}, key=sorted):
        cost, here = float(plan.cost_of(base)), _inside(usable, layout, PUBLIC, base)
        for y in (y for its, y in grants if here and its == base and share < 1.0):
            factors = {**dict.fromkeys(here, 1.0), y: cost * (1.0 - share)}
            program.row(name, factors, high=cost)


def _group(
    program: Program, plan: Plan, usable: Sequence[Usable], layout: Layout, law: Law
) -> None:
    mark = _mark(program, _asked(usable, layout, Fund.GROUP))
    if mark < 0 or "group-half" not in law or plan.bearer.kind is BearerKind.SYNDICATE:
        return  # of a syndicate nobody can tell: the check asks, the search does not refuse
    total, share = float(plan.cost), float(law.number("group-half", "share"))
    back = float(refund(plan, law))
    others = _of(usable, layout, (PUBLIC | PRIVATE) - {Fund.GROUP})
    factors = {**dict.fromkeys(others, share), mark: share * back}
    factors |= dict.fromkeys(_of(usable, layout, (Fund.GROUP,)), 1.0)
    program.row("group-half", factors, high=share * total)


def _together(program: Program, usable: Sequence[Usable], layout: Layout, law: Law) -> None:
    """Which aids are not asked together, and which are not asked without another."""
    number = {one.candidate.id: n for n, one in enumerate(usable)}
    for name, pairs in _apart(usable, number, law):
        for group in _cliques(pairs):
            program.row(name, {layout.asked[n]: 1.0 for n in group}, high=1.0)
    for n, first in enumerate(usable):
        if first.candidate.needs:
            with_it = [layout.asked[number[i]] for i in first.candidate.needs if i in number]
            program.row(
                "needs", {layout.asked[n]: -1.0, **dict.fromkeys(with_it, 1.0)}, low=0.0
            )  # fmt: skip


Pairs = list[tuple[int, int]]


def _apart(
    usable: Sequence[Usable], number: Mapping[str, int], law: Law
) -> Iterable[tuple[str, Pairs]]:
    """Pairs that are not asked together, by rule: those that fail a check, those one asked for."""
    made = [resource_of(one.candidate, one.lines, one.most) for one in usable]
    yield "pairs", [(n, m) for n, m, _ in forbidden(made, law)]
    yield "no-double", [(n, m) for n, m, _ in same_aid(made)]
    chosen = {
        (min(n, number[other]), max(n, number[other]))
        for n, one in enumerate(usable)
        for other in one.candidate.excludes
        if number.get(other, n) != n
    }
    yield "excludes", sorted(chosen)


def _cliques(pairs: Pairs) -> list[list[int]]:
    """Groups of which no two go together, that cover every pair: one row says all of a group."""
    near: dict[int, set[int]] = {}
    for n, m in pairs:
        near.setdefault(n, set()).add(m)
        near.setdefault(m, set()).add(n)
    left, found = dict.fromkeys(pairs), []
    while left:
        n, m = next(iter(left))
        group, common = [n, m], near[n] & near[m]
        while common:
            group.append(min(common))
            common = common & near[group[-1]]
        for pair in combinations(sorted(group), 2):
            left.pop(pair, None)
        found.append(group)
    return found
