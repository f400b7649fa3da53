"""What the Senate counted in 2024, beside the same count of the same six operators here."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from maillage.engine.matrix import Matrix

FILE: Final = Path(__file__).resolve().parents[2] / "data" / "qui-fait-quoi.toml"


@dataclass(frozen=True, slots=True)
class Counted:
    """What the report says: cells in all, filled, most operators in one; ``quote`` its sentence."""

    source: str
    day: date
    cells: int
    filled: int
    most: int
    quote: str
    operators: frozenset[str]


@dataclass(frozen=True, slots=True)
class Compared:
    """The report, and here: cells where at least one of the six acts, two, and the most in one."""

    senate: Counted
    filled: int
    overlaps: int
    most: int
    known: int


@cache
def counted() -> Counted:
    """The figures of the report, from the data."""
    said = tomllib.loads(FILE.read_text(encoding="utf-8"))["senat"]
    return Counted(
        said["source"], said["date"], said["cases"], said["remplies"], said["plus"],
        said["citation"], frozenset(said["operateurs"]),
    )  # fmt: skip


def compare(matrix: Matrix) -> Compared:
    """Count the six operators of the report in a matrix."""
    report = counted()
    six = matrix.only(providers=report.operators)
    return Compared(
        senate=report,
        filled=six.filled,
        overlaps=len(six.overlaps),
        most=max(len(cell.presences) for cell in six.cells),
        known=len(six.providers),
    )
