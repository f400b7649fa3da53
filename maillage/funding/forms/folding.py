"""Long plans in the editor: the details of lines are folded away, and opened one by one.

A folded line keeps its details in hidden fields, those that are filled only; the costs that a
resource pays are then said by their numbers, as they stand in the page: « 1-12, 15 ».
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from maillage.common.readings import Unread
from maillage.engine.funding.types import Fund
from maillage.funding.forms.cells import Cell, Row

#: Lines (costs and resources) from which details are folded.
MOST_OPEN: Final = 40
#: Fields that stay in sight, by kind of line; and what a field holds when nobody changed it.
_IN_SIGHT: Final = {
    "c": ("id", "was", "label", "net", "vat", "gross"),
    "r": ("id", "scheme", "offer", "payments", "label", "fund", "amount", "status"),
}
_USUAL: Final = {"spending": "investment", "nature": "works"}
_RANGE: Final = re.compile(r"(\d{1,3})(?:-(\d{1,3}))?")


def lines_of(text: str, costs: Sequence[str]) -> tuple[str, ...]:
    """The costs (identifiers, in the order of the page) that numbers name: « 1 à 3, 7 ». Raises
    `Unread`.

    >>> lines_of("1 à 2 ; 4", ["a", "b", "c", "d"])
    ('a', 'b', 'd')
    """
    found: set[int] = set()
    bare = re.sub(r"\s*(?:-|–|à)\s*", "-", text.strip())
    for part in filter(None, re.split(r"[\s,;]+|\bet\b", bare)):
        match = _RANGE.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= len(costs):
            raise Unread(
                f"« {part[:20]} » n'est pas un numéro de dépense : écrivez par exemple 1-3, 7 "
                f"(il y en a {len(costs)})."
            )
        found |= set(range(first, last + 1))
    return tuple(costs[number - 1] for number in sorted(found))


def numbers_of(lines: Iterable[str], costs: Sequence[str]) -> str:
    """The numbers of these costs.

    >>> numbers_of(["d", "a", "b"], ["a", "b", "c", "d"])
    '1-2, 4'
    """
    ticked = set(lines)
    runs: list[list[int]] = []
    for number, name in enumerate(costs, 1):
        if name in ticked and runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        elif name in ticked:
            runs.append([number, number])
    return ", ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in runs)


def is_own(row: Row) -> bool:
    """Whether it is the bearer's own money: no dossier, no rate; its details are only a note."""
    known = (*_IN_SIGHT["r"], "note")
    return row.values["fund"] == Fund.OWN and not any(name not in known for name in row.errors)


def hidden(row: Row, but: Sequence[str] = ()) -> list[Cell]:
    """The fields of a folded line that are not in sight (`but` those) and hold something."""
    seen = (*_IN_SIGHT[row.name[0]], *but)
    return [
        row[name]
        for name, value in row.values.items()
        if name not in seen and value and value != _USUAL.get(name)
    ]


def is_open(row: Row) -> bool:
    """Whether the details of a line of a long plan are shown: asked for, or one is wrong."""
    return row.values["open"] == "oui" or any(
        name not in _IN_SIGHT[row.name[0]] for name in row.errors
    )
