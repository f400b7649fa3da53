"""Sets of cost lines as whole numbers, one bit a line.

Whether a set is inside another, or shares a line with it, is then one operation, however many lines
there are: plans of hundreds of lines and aids are checked while one waits.
"""

from collections.abc import Iterable, Iterator

#: A set of lines: bit n is the nth line that was numbered.
Bits = int


class LineSets:
    """Numbers lines as it meets them, and turns sets of them into bits and back."""

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._bit: dict[str, Bits] = {}
        self._known: dict[frozenset[str], Bits] = {}
        self._number(lines)

    def _number(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._bit.setdefault(line, 1 << len(self._bit))

    @property
    def every(self) -> Bits:
        """All the lines met so far."""
        return (1 << len(self._bit)) - 1

    def bits(self, lines: frozenset[str]) -> Bits:
        """A set of lines; those never met are numbered."""
        found = self._known.get(lines)
        if found is None:
            if not lines <= self._bit.keys():
                self._number(sorted(lines))
            found = self._known[lines] = sum(map(self._bit.__getitem__, lines))
        return found

    def number(self, line: str) -> int:
        """The number of a line that was met."""
        return self._bit[line].bit_length() - 1

    def lines(self, bits: Bits) -> frozenset[str]:
        """The lines of a set of bits."""
        return frozenset(line for line, bit in self._bit.items() if bit & bits)


def numbers(bits: Bits) -> Iterator[int]:
    """The numbers of the lines of a set, from the first.

    >>> list(numbers(0b1011))
    [0, 1, 3]
    """
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
