"""Whether amounts that are tied to cost lines find room in them (a maximum flow, exact)."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from maillage.engine.funding.types import ZERO, Euros

Lines = frozenset[str]


@dataclass(frozen=True, slots=True)
class Overflow:
    """Amounts tied to ``lines`` and to nothing else that pass what these lines hold."""

    lines: Lines
    paid: Euros
    room: Euros

    @property
    def excess(self) -> Euros:
        """The least that must be taken away."""
        return self.paid - self.room


def overflows(amounts: Iterable[tuple[Lines, Euros]], room: Mapping[str, Euros]) -> list[Overflow]:
    """The groups of lines that are paid beyond their room, apart from each other; none when every
    amount can be shared out among its lines. A line that is not in `room` has none.
    """
    asked: dict[Lines, Euros] = {}
    for lines, amount in amounts:
        asked[lines] = asked.get(lines, ZERO) + amount
    sets = sorted((s for s in asked if asked[s]), key=lambda s: (len(s), sorted(s)))
    left = {lines: asked[lines] for lines in sets}
    free = {line: room.get(line, ZERO) for lines in sets for line in lines}
    given: dict[tuple[Lines, str], Euros] = {}
    for lines in sets:
        while left[lines] and _send(lines, left, free, given):
            pass
    # What is reached from the amounts that are left over is what holds them back (minimum cut).
    stuck = [lines for lines in sets if left[lines]]
    reached, _ = _reach(stuck, free, given)
    return [
        Overflow(lines, sum((asked[s] for s in group), ZERO),
                 sum((room.get(line, ZERO) for line in lines), ZERO))
        for lines, group in _apart(reached)
    ]  # fmt: skip


def _send(
    start: Lines, left: dict[Lines, Euros], free: dict[str, Euros],
    given: dict[tuple[Lines, str], Euros],
) -> bool:  # fmt: skip
    """Send what is possible of `start` to a line with room, moving others aside if need be."""
    reached, way = _reach([start], free, given, stop=True)
    end = next((line for line in way if free[line]), None)
    if end is None:
        return False
    path: list[tuple[Lines, str]] = []
    line: str | None = end
    while line is not None:
        giver = way[line]
        path.append((giver, line))
        line = reached[giver]
    # Each amount of the way gives to its line what it takes back from the one before.
    back = [(path[n][0], path[n + 1][1]) for n in range(len(path) - 1)]
    amount = min(left[start], free[end], *(given[pair] for pair in back))
    for pair in path:
        given[pair] = given.get(pair, ZERO) + amount
    for pair in back:
        given[pair] -= amount
    left[start] -= amount
    free[end] -= amount
    return True


def _reach(
    starts: Iterable[Lines], free: Mapping[str, Euros], given: Mapping[tuple[Lines, str], Euros],
    *, stop: bool = False,
) -> tuple[dict[Lines, str | None], dict[str, Lines]]:  # fmt: skip
    """What can be reached from some amounts: amounts with the line that leads to each (none for a
    start), lines with the amount that leads to each. With `stop`, until a line has room.
    """
    holders: dict[str, list[Lines]] = {}
    for (lines, line), amount in given.items():
        if amount:
            holders.setdefault(line, []).append(lines)
    reached: dict[Lines, str | None] = dict.fromkeys(starts)
    way: dict[str, Lines] = {}
    queue = deque(reached)
    while queue:
        lines = queue.popleft()
        for line in sorted(lines - way.keys()):
            way[line] = lines
            if stop and free[line]:
                return reached, way
            for other in holders.get(line, ()):
                if other not in reached:
                    reached[other] = line
                    queue.append(other)
    return reached, way


def _apart(sets: Iterable[Lines]) -> list[tuple[Lines, list[Lines]]]:
    """Sets grouped with those that they share a line with: (their lines, the sets)."""
    groups: list[tuple[Lines, list[Lines]]] = []
    for lines in sets:
        near = [group for group in groups if group[0] & lines]
        groups = [group for group in groups if not group[0] & lines]
        union = lines.union(*(group[0] for group in near))
        groups.append((union, [*(s for group in near for s in group[1]), lines]))
    return sorted(groups, key=lambda group: sorted(group[0]))
