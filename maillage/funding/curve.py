"""The curve of the treasury, drawn on the server: steps by quarter in a box of whole numbers.

The page has the table beside it: the drawing says nothing that the table does not.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from maillage.engine.funding.cashflow import CashFlow
from maillage.engine.funding.words import euros

WIDTH: Final = 1000
HEIGHT: Final = 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 150, 20, 30, 50
_MOST_NAMES: Final = 8
_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Mark:
    """A line of the scale or a name under a quarter; ``at`` is its height, or place."""

    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A drawing: paths and marks, all coordinates as texts (templates would group thousands)."""

    line: str
    area: str
    zero: str
    scale: tuple[Mark, ...]
    names: tuple[Mark, ...]
    low_x: str
    low_y: str
    low_label: str
    low_anchor: str
    low_text_y: str
    description: str

    @property
    def box(self) -> str:
        """The box as SVG wants it."""
        return f"0 0 {WIDTH} {HEIGHT}"


def curve_of(found: CashFlow) -> Curve | None:
    """The curve of the balance; ``None`` when nothing moves."""
    if not found.lines:
        return None
    balances = [float(line.balance) for line in found.lines]
    step = _step(min(0.0, *balances), max(0.0, *balances))
    bottom = _floor(min(0.0, *balances), step)
    top = -_floor(-max(0.0, *balances), step)
    if top == bottom:
        top = bottom + step

    def y(value: float) -> int:
        return round(_TOP + (top - value) / (top - bottom) * (HEIGHT - _TOP - _BOTTOM))

    width = (WIDTH - _LEFT - _RIGHT) / len(balances)

    def x(number: int) -> int:
        return round(_LEFT + number * width)

    zero = y(0)
    path = [f"M{x(0)} {zero}"]
    for number, value in enumerate(balances):
        path.append(f"V{y(value)}H{x(number + 1)}")
    line = "".join(path)
    worst = min(range(len(balances)), key=balances.__getitem__)
    middle = round(_LEFT + (worst + 0.5) * width)
    every = -(-len(balances) // _MOST_NAMES)
    names = tuple(
        Mark(str(round(_LEFT + (n + 0.5) * width)), f"T{q.quarter.number} {q.quarter.year}")
        for n, q in enumerate(found.lines)
        if n % every == 0
    )
    low = y(balances[worst])
    return Curve(
        line=line,
        area=f"{line}V{zero}Z",
        zero=str(zero),
        scale=tuple(Mark(str(y(v)), _short(v)) for v in _range(bottom, top, step)),
        names=names,
        low_x=str(middle),
        low_y=str(low),
        low_label=f"{euros(-found.lowest)}" if found.when else "",
        low_anchor="start" if middle < WIDTH / 2 else "end",
        low_text_y=str(min(low + 24, HEIGHT - _BOTTOM - 4)),
        description=_described(found),
    )


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


def _short(value: float) -> str:
    return euros(Decimal(round(value)))
