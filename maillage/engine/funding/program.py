"""A plan as a mixed-integer linear program: the law as rows, amounts and dossiers as columns.

Column 0 is the bearer's own money; then, for each usable candidate, whether it is asked (0 or 1)
and what it brings (euros); then what aids that may pay both pay of running costs (`parts`); then,
when lines are many, how what is brought is shared among them; then marks that are 1 when a kind of
grant is asked. All amounts are in euros, as floats: the exact amounts are settled after the
solution (`settle`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt

from maillage.engine.funding.candidates import Usable, resource_of
from maillage.engine.funding.matching import refund
from maillage.engine.funding.pairs import forbidden, same_aid
from maillage.engine.funding.parts import (
    Part,
    Running,
    classes,
    own_share_applies,
    priced,
    total,
)
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
)

FloatArray = npt.NDArray[np.float64]
OWN = 0
_INFINITE = float("inf")
#: Unions of sets of lines beyond which amounts are shared by columns.
_MOST_UNIONS = 64
#: Sets of lines beside those of a grant, beyond which not every one is looked at.
_MOST_BESIDES = 12


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
    """Where things are among the columns: by usable candidate, in their order; what pays running
    costs; and the rows that say of a set of lines that it is not paid twice.
    """

    asked: tuple[int, ...]
    brings: tuple[int, ...]
    running: tuple[Running, ...] = ()
    rooms: Mapping[frozenset[str], int] = field(default_factory=dict)


def build(
    plan: Plan, usable: Sequence[Usable], law: Law, own_most: float | None = None, *,
    closely: bool = False,
) -> tuple[Program, Layout]:  # fmt: skip
    """The program of the costs of `plan` with these candidates, under the law of its day.

    `closely`: with what public aid surely pays of a grant's lines because it finds no room
    elsewhere, and what each aid, gifts too, may pay of running costs beside the others. It is much,
    and seldom matters: a plan that passes its checks without is as good.
    """
    whole = float(plan.cost)
    program = Program()
    program.column(0.0, whole if own_most is None else min(own_most, whole))
    asked, brings = [], []
    for one in usable:
        held = one.candidate.granted is not None
        asked.append(program.column(1.0 if held else 0.0, 1.0, whole=True, amount=False))
        brings.append(program.column(float(one.least) if held else 0.0, float(one.most)))
    for one, y, x in zip(usable, asked, brings, strict=True):
        if one.least == one.most:
            program.row("most", {x: 1.0, y: -float(one.most)}, 0.0, 0.0)
            continue
        program.row("most", {x: 1.0, y: -float(one.most)}, high=0.0)
        if one.least:
            program.row("floor", {x: 1.0, y: -float(one.least)}, low=0.0)
        usual = float(one.usual)
        if usual > one.least:
            program.row("detr-rate", {x: 1.0, y: -usual}, low=0.0)
    program.row("balance", {OWN: 1.0, **dict.fromkeys(brings, 1.0)}, whole, whole)
    parts, running = _parts(program, plan, usable, brings, law, closely=closely)
    rooms = _lines(program, plan, parts)
    layout = Layout(tuple(asked), tuple(brings), running, rooms)
    _law(program, plan, usable, layout, law, parts, closely=closely)
    _together(program, usable, layout, law)
    return program, layout


def _parts(
    program: Program, plan: Plan, usable: Sequence[Usable], brings: Sequence[int], law: Law, *,
    closely: bool,
) -> tuple[list[Part], tuple[Running, ...]]:  # fmt: skip
    """What aids bring, in parts; and the columns of what pays running costs."""
    split, invested = classes(plan, usable, law, private=closely), plan.invested
    apart = {n for members in split.values() for n in members}
    parts = [
        Part(one.lines, {x: 1.0}, float(one.most), one.candidate.fund in PUBLIC)
        for n, (one, x) in enumerate(zip(usable, brings, strict=True))
        if n not in apart
    ]
    groups: dict[tuple[bool, frozenset[str], frozenset[str]], list[int]] = {}
    for (public, lines), members in split.items():
        # Unless one looks closely, aids that may pay the same running costs are one.
        alone = lines if closely else frozenset[str]()
        groups.setdefault((public, lines - invested, alone), []).extend(members)
    running = []
    for (public, there, _), members in groups.items():
        both = dict.fromkeys((brings[n] for n in members), 1.0)
        most = sum(float(usable[n].most) for n in members)
        around = frozenset().union(*(usable[n].lines for n in members))
        column = program.column(0.0, most)
        program.row("parts", {column: 1.0, **dict.fromkeys(both, -1.0)}, high=0.0)
        parts.append(Part(there, {column: 1.0}, most, public))
        parts.append(Part(around & invested, {**both, column: -1.0}, most, public))
        running.append(Running(column, tuple(members), shown=public))
        parts += [
            Part(usable[n].lines, {brings[n]: 1.0}, float(usable[n].most), public, ruled=False)
            for n in members
            if usable[n].lines < around
        ]
    return parts, tuple(running)


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


def _lines(program: Program, plan: Plan, parts: Sequence[Part]) -> dict[frozenset[str], int]:
    """No line is paid twice; the rows, by the set of lines that they are of.

    What may pay every line always finds room, since all resources together make the cost. The
    others fit if and only if, for every union of the sets of lines that they pay, those that pay
    nothing else do not pass its cost (Hall). Unions too many: what each brings is shared by columns
    among the lines that candidates see alike.
    """
    price = {line.id: float(plan.amount(line)) for line in plan.costs}
    tied = [part for part in parts if len(part.lines) < len(price)]
    unions: set[frozenset[str]] = set()
    for lines in {part.lines for part in tied}:
        unions |= {lines | other for other in unions} | {lines}
        if len(unions) > _MOST_UNIONS:
            _shares(program, price, tied)
            return {}
    rows = {}
    for union in sorted(unions, key=sorted):
        inside = [part for part in tied if part.lines <= union]
        cost = sum(price[line] for line in union)
        if sum(part.most for part in inside) > cost:
            rows[union] = len(program.rows)
            program.row("no-double", total(inside), high=cost)
    return rows


def _shares(program: Program, price: dict[str, float], tied: Sequence[Part]) -> None:
    alike: dict[frozenset[int], float] = {}
    for line, cost in price.items():
        seen = frozenset(n for n, part in enumerate(tied) if line in part.lines)
        alike[seen] = alike.get(seen, 0.0) + cost
    shares: dict[int, list[int]] = {n: [] for n in range(len(tied))}
    for seen, cost in alike.items():
        here = []
        for n in sorted(seen):
            column = program.column(0.0, cost)
            shares[n].append(column)
            here.append(column)
        if here:
            program.row("no-double", dict.fromkeys(here, 1.0), high=cost)
    for n, columns in shares.items():
        program.row("shares", {**tied[n].factors, **dict.fromkeys(columns, -1.0)}, 0.0, 0.0)


def _law(
    program: Program, plan: Plan, usable: Sequence[Usable], layout: Layout, law: Law,
    parts: Sequence[Part], *, closely: bool,
) -> None:  # fmt: skip
    lines = plan.invested
    # What pays only running costs is outside these rules, as in the checks.
    parts = [part for part in parts if part.ruled]
    public = total(part for part in parts if part.public and part.lines & lines)
    if own_share_applies(plan, law):
        share = float(law.number("own-share", "share"))
        kept = {column: -share * factor for column, factor in public.items()}
        program.row("own-share", {OWN: 1.0 - share, **kept}, low=0.0)
        inside = [part for part in parts if part.lines <= lines]
        if len(lines) < len(plan.costs) and any(part.public for part in inside):
            # Own money is there too, in what neither public aid nor gifts leave.
            given = total((part for part in inside if not part.public), 1.0 - share)
            tied = total(part for part in inside if part.public)
            program.row("own-share", {**given, **tied}, high=(1.0 - share) * priced(plan, lines))
    for name, funds in (("state-cap", STATE_CGCT), ("public-cap", STATE_OTHER)):
        if name in law:
            _cap(program, plan, usable, layout, law, name, funds, parts, closely=closely)
    _group(program, plan, usable, layout, law)
    mark = _mark(program, _asked(usable, layout, Fund.LEADER))
    if mark >= 0 and "leader" in law:
        share = float(law.number("leader", "share"))
        ratio = share / (1.0 - share)
        factors = dict.fromkeys(_of(usable, layout, NATIONAL_PUBLIC), -ratio)
        factors |= dict.fromkeys(_of(usable, layout, (Fund.LEADER,)), 1.0)
        factors[OWN] = -ratio if plan.bearer.local_authority else 0.0
        program.row("leader", factors, high=0.0)
        least = float(law.number("leader", "own")) * float(plan.cost)
        program.row("leader-own", {OWN: 1.0, mark: -least}, low=0.0)


def _asked(usable: Sequence[Usable], layout: Layout, fund: Fund) -> list[int]:
    pairs = zip(usable, layout.asked, strict=True)
    return [y for one, y in pairs if one.candidate.fund is fund]


def _cap(
    program: Program, plan: Plan, usable: Sequence[Usable], layout: Layout, law: Law, name: str,
    funds: frozenset[Fund], parts: Sequence[Part], *, closely: bool,
) -> None:  # fmt: skip
    """Public aid under its share of what is invested, and of what each of these grants pays."""
    lines, share = plan.invested, float(law.number(name, "share"))
    pairs = zip(usable, layout.asked, strict=True)
    grants = [(one.lines & lines, y) for one, y in pairs if one.candidate.fund in funds]
    grants = [(base, y) for base, y in grants if base]
    public, whole = total(p for p in parts if p.public and p.lines & lines), float(plan.cost)
    most = share * priced(plan, lines)
    if grants and most < whole:
        mark = _mark(program, [y for _, y in grants])
        program.row(name, {**public, mark: whole - most}, high=whole)
    every = frozenset(line.id for line in plan.costs)
    for base in sorted({base for base, _ in grants} - {lines}, key=sorted) if share < 1.0 else ():
        cost = priced(plan, base)
        for beside in _besides(parts, base, lines, every) if closely else (frozenset[str](),):
            room = cost + priced(plan, beside)
            here = _surely_on(parts, base, beside)
            if sum(part.most for part in here) <= share * cost + room - cost:
                continue
            for y in (y for its, y in grants if its == base):
                program.row(name, {**total(here), y: cost * (1.0 - share)}, high=room)


def _besides(
    parts: Sequence[Part], base: frozenset[str], lines: frozenset[str], every: frozenset[str]
) -> list[frozenset[str]]:
    """Where public aid that may pay a base may go instead: every union of what each has beside it,
    as long as they are few, what is invested, and all the rest.
    """
    found = {frozenset[str](), lines - base, every - base}
    for around in sorted(
        {p.lines - base for p in parts if p.public and p.lines & base}, key=sorted
    ):
        if len(found) < _MOST_BESIDES:
            found |= {around | other for other in found}
    return sorted(found, key=sorted)


def _surely_on(
    parts: Sequence[Part], base: frozenset[str], beside: frozenset[str]
) -> list[Part]:  # fmt: skip
    """The parts that only have `base` and the lines `beside` it: what `beside` has no room for is
    on the base. Public aid, and all that has `beside` alone.
    """
    both = base | beside
    return [p for p in parts if p.lines <= beside or (p.public and p.lines <= both)]


def _group(
    program: Program, plan: Plan, usable: Sequence[Usable], layout: Layout, law: Law
) -> None:
    mark = _mark(program, _asked(usable, layout, Fund.GROUP))
    if mark < 0 or "group-half" not in law or plan.bearer.kind is BearerKind.SYNDICATE:
        return  # of a syndicate nobody can tell: the check asks, the search does not refuse
    share = float(law.number("group-half", "share"))
    back = float(refund(plan, law))
    others = _of(usable, layout, (PUBLIC | PRIVATE) - {Fund.GROUP})
    factors = {**dict.fromkeys(others, share), mark: share * back}
    factors |= dict.fromkeys(_of(usable, layout, (Fund.GROUP,)), 1.0)
    program.row("group-half", factors, high=share * float(plan.cost))


def _together(program: Program, usable: Sequence[Usable], layout: Layout, law: Law) -> None:
    """Which aids are not asked together, and which are not asked without another."""
    number = {one.candidate.id: n for n, one in enumerate(usable)}
    for name, pairs in _apart(usable, number, law):
        for group in _cliques(pairs):
            program.row(name, {layout.asked[n]: 1.0 for n in group}, high=1.0)
    for n, first in enumerate(usable):
        needs = first.candidate.needs - {first.candidate.id}
        if needs:
            with_it = [layout.asked[number[i]] for i in needs if i in number]
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
