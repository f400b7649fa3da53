"""The curve of the treasury, drawn on the server: steps by quarter in a box of whole numbers.

It is drawn twice, for a wide screen and for a telephone: scaled down, its words could not be read.
The page has the table beside it: the drawing says nothing that the table does not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from maillage.engine.funding.cashflow import CashFlow, Quarter
from maillage.engine.funding.words import euros

_TOP, _RIGHT, _BOTTOM = 20, 8, 32
_STEPS: Final = (1, 2, 5)
#: Pixels: a character of the words (14 pixels high in plans.css), a line of them, the named point.
_CHARACTER, _WORDS, _POINT = 8.2, 24, 6


@dataclass(frozen=True, slots=True)
class Size:
    """The box of a drawing, in pixels, and how many quarters have their name under it."""

    name: str
    width: int
    height: int
    most_names: int


SIZES: Final = (Size("wide", 640, 380, 8), Size("narrow", 360, 300, 4))


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the scale or a name under a quarter; ``at`` is its height, or place."""

    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Low:
    """The lowest point, and its words, centred at (``text_x``, ``text_y``)."""

    x: str
    y: str
    label: str
    text_x: str
    text_y: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """One drawing: paths and marks, all coordinates as texts (templates would group thousands)."""

    name: str
    width: str
    height: str
    left: str
    right: str
    line: str
    area: str
    zero: str
    scale: tuple[Mark, ...]
    names: tuple[Mark, ...]
    low: Low | None

    @property
    def box(self) -> str:
        """The box as SVG wants it."""
        return f"0 0 {self.width} {self.height}"

    @property
    def scale_at(self) -> str:
        """Where the words of the scale end."""
        return str(int(self.left) - 8)

    @property
    def names_at(self) -> str:
        """The height of the names of quarters."""
        return str(int(self.height) - 10)


@dataclass(frozen=True, slots=True)
class Curve:
    """The curve in words, and its drawings."""

    description: str
    drawings: tuple[Drawing, ...]


def curve_of(found: CashFlow) -> Curve | None:
    """The curve of the balance; ``None`` when nothing moves."""
    if not found.lines:
        return None
    return Curve(_described(found), tuple(_drawing(found, size) for size in SIZES))


def _drawing(found: CashFlow, size: Size) -> Drawing:
    balances = [float(line.balance) for line in found.lines]
    step = _step(min(0.0, *balances), max(0.0, *balances))
    bottom = _floor(min(0.0, *balances), step)
    top = -_floor(-max(0.0, *balances), step)
    if top == bottom:
        top = bottom + step
    labels = [(v, euros(Decimal(round(v)))) for v in _range(bottom, top, step)]
    left = round(8 + _CHARACTER * max(len(label) for _, label in labels))
    width = (size.width - left - _RIGHT) / len(balances)

    def y(value: float) -> int:
        return round(_TOP + (top - value) / (top - bottom) * (size.height - _TOP - _BOTTOM))

    def x(number: float) -> int:
        return round(left + number * width)

    zero = y(0)
    path = [f"M{x(0)} {zero}"]
    for number, value in enumerate(balances):
        path.append(f"V{y(value)}H{x(number + 1)}")
    line = "".join(path)
    worst = min(range(len(balances)), key=balances.__getitem__)
    low = None
    if found.when is not None:
        label = f"{euros(-found.lowest)} (T{found.when.number} {found.when.year})"
        low = _low(label, size, left, x(worst + 0.5), y(balances[worst]))
    return Drawing(
        name=size.name,
        width=str(size.width),
        height=str(size.height),
        left=str(left),
        right=str(size.width - _RIGHT),
        line=line,
        area=f"{line}V{zero}Z",
        zero=str(zero),
        scale=tuple(Mark(str(y(value)), label) for value, label in labels),
        names=_names([one.quarter for one in found.lines], size, x),
        low=low,
    )


def _names(quarters: Sequence[Quarter], size: Size, x: Callable[[float], int]) -> tuple[Mark, ...]:
    """The names under the drawing: every quarter, every half-year, every year… as room allows."""
    half = round(_CHARACTER * len("T1 2027") / 2)
    every = 1
    while -(-len(quarters) // every) > size.most_names:
        every *= 2
    return tuple(
        Mark(str(min(x(n + 0.5), size.width - half)), f"T{quarter.number} {quarter.year}")
        for n, quarter in enumerate(quarters)
        if n % every == 0
    )


def _low(label: str, size: Size, left: int, x: int, y: int) -> Low:
    """The lowest point: its words under it, above when there is no room, inside the drawing."""
    half = _CHARACTER * len(label) / 2
    middle = round(min(max(x, left + half), size.width - _RIGHT - half))
    under = y + _WORDS
    text = under if under < size.height - _BOTTOM else y - 2 * _POINT
    return Low(str(x), str(y), label, str(middle), str(text))


def _described(found: CashFlow) -> str:
    first, last = found.lines[0], found.lines[-1]
    low = f", au plus bas {euros(-found.lowest)} au {found.when}" if found.when else ""
    return (
        f"Ce qui reste en caisse pour ce projet, du {first.quarter} au {last.quarter}{low}, "
        f"{euros(last.balance)} à la fin. Le tableau donne chaque trimestre."
    )


def _step(low: float, high: float) -> float:
    """A round step that gives four to eight lines."""
    span = max(high - low, 1.0)
    power = 1.0
    while True:
        for part in _STEPS:
            if span / (part * power) <= 6:
                return part * power
        power *= 10


def _floor(value: float, step: float) -> float:
    return (value // step) * step


def _range(bottom: float, top: float, step: float) -> list[float]:
    return [bottom + n * step for n in range(round((top - bottom) / step) + 1)]
