"""What only our own table says of a line (`table`): read back, cell by cell."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from maillage.common.readings import Unread, cents_of, count_of, plan_day_of
from maillage.engine.funding.types import Nature
from maillage.engine.text import fold
from maillage.funding.document import MOST_LINES
from maillage.funding.enums import NATURES
from maillage.funding.pastedcells import Cell, share_of
from maillage.funding.source import Payment

#: Columns that name other lines by their numbers, and what these lines are.
TIES: Final = {"lines": "dépense", "excludes": "ressource", "needs": "ressource"}
_NATURE_NAMES: Final = {fold(label): Nature(value) for value, label in NATURES}
_PAYMENT: Final = re.compile(r"(.+) le (\S+)")
_RANGE: Final = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?", re.ASCII)
_LONGEST: Final = 200
_TEXTS: Final = ("label", "note", "scheme", "offer")
#: The value of a cell by name; ``None`` when it is blank, or wrong.
Read = Callable[[str, Callable[[Cell], Any]], Any]


def of_cost(read: Read) -> dict[str, Any]:
    """The nature and the signature of a cost, when the table says them."""
    nature = read("nature", _nature)
    said = {"signed_on": read("signed_on", plan_day_of)}
    return said if nature is None else {**said, "nature": nature}


def of_resource(read: Read) -> dict[str, Any]:
    """The details of a resource that the table says."""
    said = {
        "rate": read("rate_said", share_of),
        "advance": read("advance", share_of),
        "chance": read("chance", share_of),
        "days": read("days", count_of),
        "paid_on": read("paid_on", plan_day_of),
        "payments": read("payments", payments_of),
        "letter": read("letter", lambda cell: fold(cell) == "oui"),
        "scheme": read("scheme", _text),
        "offer": read("offer", _text),
    }
    return {name: value for name, value in said.items() if value is not None}


def tied(text: str, lines: Sequence[str], what: str) -> tuple[str, ...]:
    """The identifiers of `lines` that numbers name: « 1, 3-4 ». Raises `Unread`.

    >>> tied("1, 3-4", ["a", "b", "c", "d"], "dépense")
    ('a', 'c', 'd')
    """
    found: list[str] = []
    for part in re.split(r"[\s,;]+", text.strip()):
        match = _RANGE.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= len(lines):
            raise Unread(
                f"« {part[:20]} » n'est pas le numéro d'une {what} de ce tableau : écrivez par "
                "exemple 1, 3."
            )
        found += lines[first - 1 : last]
    return tuple(dict.fromkeys(found))


def texts_of(cells: Sequence[Cell], places: Mapping[str, int]) -> dict[str, Cell]:
    """The texts of a line of our own table: whatever was typed, « - » included."""
    return {
        name: Cell(cells[place].raw)
        for name in _TEXTS
        if (place := places.get(name, len(cells))) < len(cells) and cells[place].raw
    }


def _nature(cell: Cell) -> Nature:
    found = _NATURE_NAMES.get(fold(cell))
    if found is None:
        raise Unread(f"« {cell[:30]} » : écrivez {', '.join(label for _, label in NATURES)}.")
    return found


def _text(cell: Cell) -> str:
    return str(cell)[:_LONGEST]


def payments_of(text: str) -> tuple[Payment, ...]:
    """Payments as `table.payments_said` writes them. Raises `Unread`."""
    found = []
    for part in text.split(" + ")[:MOST_LINES]:
        match = _PAYMENT.fullmatch(part.strip())
        if match is None:
            raise Unread(
                f"« {part[:40]} » n'est pas un versement : écrivez par exemple 800,50 le "
                "2027-03-04."
            )
        found.append(Payment(plan_day_of(match[2]), cents_of(match[1])))
    return tuple(found)
