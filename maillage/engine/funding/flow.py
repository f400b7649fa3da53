"""Whether amounts that are tied to cost lines find room in them (a maximum flow, exact).

Each amount is poured into the lines that it may pay; when they are full, what other amounts have
poured there is moved to lines where these have room (an augmenting path). An amount for which no
such way exists is too much, with all the amounts and lines that were reached while looking for one
(a minimum cut): they are closed, and nothing that comes after has to look there again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from maillage.engine.funding.linesets import Bits, LineSets, numbers
from maillage.engine.funding.types import ZERO, Euros

Lines = frozenset[str]


@dataclass(frozen=True, slots=True)
class Overflow:
    """Amounts tied to ``lines`` and to nothing else that pass what these lines hold. ``left`` is
    what of them found no room, by the lines that it is tied to.
    """

    lines: Lines
    paid: Euros
    room: Euros
    left: tuple[tuple[Lines, Euros], ...] = ()

    @property
    def excess(self) -> Euros:
        """The least that must be taken away."""
        return self.paid - self.room


def overflows(amounts: Iterable[tuple[Lines, Euros]], room: Mapping[str, Euros]) -> list[Overflow]:
    """The groups of lines that are paid beyond their room, apart from each other; none when every
    amount can be shared out among its lines. A line that is not in `room` has none.
    """
    sets = LineSets()
    asked: dict[Bits, Euros] = {}
    for lines, amount in amounts:
        bits = sets.bits(lines)
        asked[bits] = asked.get(bits, ZERO) + amount
    free = {line: room.get(line, ZERO) for line in sets.lines(sets.every)}
    pouring = Pouring({sets.number(line): size for line, size in free.items() if size})
    left = {}
    for bits in sorted((b for b in asked if asked[b]), key=int.bit_count):
        left[bits] = pouring.pour(bits, asked[bits])
    found = []
    for union, group in _apart(pouring.closed):
        lines = sets.lines(union)
        paid = sum((asked[bits] for bits in group), ZERO)
        beyond = tuple((sets.lines(bits), left[bits]) for bits in group if left[bits])
        found.append(Overflow(lines, paid, sum((free[line] for line in lines), ZERO), beyond))
    return sorted(found, key=lambda one: sorted(one.lines))


class Pouring:
    """Amounts poured into lines. ``room`` is what is left in each line (by its number), ``given``
    what each set of lines has poured into a line, ``closed`` the sets that are too much.
    """

    def __init__(self, room: dict[int, Euros]) -> None:
        self.room = room
        self.free: Bits = sum(1 << line for line in room)
        self.given: dict[int, dict[Bits, Euros]] = {}
        self.closed: dict[Bits, None] = {}
        self._closed_lines: Bits = 0

    def pour(self, start: Bits, amount: Euros) -> Euros:
        """Pour an amount tied to the lines `start`, as far as it finds a way; what is left of it.
        What was poured before stays poured, in other lines if it must.
        """
        while amount:
            way = self._way(start)
            if not way:
                return amount
            # Each set of the way pours into its line what it takes back from the line before.
            end = way[0][1]
            back = [(way[n][0], way[n + 1][1]) for n in range(len(way) - 1)]
            moved = min(amount, self.room[end], *(self.given[line][bits] for bits, line in back))
            for bits, line in way:
                here = self.given.setdefault(line, {})
                here[bits] = here.get(bits, ZERO) + moved
            for bits, line in back:
                left = self.given[line][bits] - moved
                if left:
                    self.given[line][bits] = left
                else:
                    del self.given[line][bits]
            self.room[end] -= moved
            if not self.room[end]:
                self.free &= ~(1 << end)
            amount -= moved
        return amount

    def _way(self, start: Bits) -> list[tuple[Bits, int]]:
        """The shortest way to a line with room: (a set, the line into which it is to pour), from
        that line back to `start`. Without any, what was reached is closed, and the way is empty.
        """
        came: dict[Bits, tuple[Bits, int] | None] = {start: None}
        queue, seen = [start], self._closed_lines
        for bits in queue:
            if bits & self.free:
                return self._back(bits, came)
            new, seen = bits & ~seen, seen | bits
            for line in numbers(new):
                for other in self.given.get(line, ()):
                    if other not in came:
                        came[other] = bits, line
                        queue.append(other)
        self.closed |= dict.fromkeys(queue)
        self._closed_lines = seen
        return []

    def _back(
        self, last: Bits, came: Mapping[Bits, tuple[Bits, int] | None]
    ) -> list[tuple[Bits, int]]:
        way = [(last, next(numbers(last & self.free)))]
        step = came[last]
        while step is not None:
            way.append(step)
            step = came[step[0]]
        return way


def _apart(sets: Iterable[Bits]) -> list[tuple[Bits, list[Bits]]]:
    """Sets grouped with those that they share a line with: (their lines, the sets)."""
    groups: list[tuple[Bits, list[Bits]]] = []
    for bits in sets:
        near = [group for group in groups if group[0] & bits]
        if not near:
            groups.append((bits, [bits]))
            continue
        groups = [group for group in groups if not group[0] & bits]
        union = bits
        for lines, _ in near:
            union |= lines
        groups.append((union, [*(s for _, some in near for s in some), bits]))
    return groups
