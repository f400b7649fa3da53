"""Cells of the plan editor: what was typed, what it means, what is wrong with it.

What is typed is never lost: a cell keeps its text, whether it could be read or not.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Final

from maillage.common.readings import Unread, cents_of

#: Characters kept of a cell, and of a note.
LONGEST: Final = 200
LONGEST_NOTE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as a template writes it. ``name`` is also its id in the page."""

    name: str
    value: str
    error: str = ""

    @property
    def error_id(self) -> str:
        """Id of its error message."""
        return f"{self.name}-erreur"


@dataclass(slots=True)
class Row:
    """A line of the editor: `values` as typed by field, `lines` the costs ticked, `others` the
    other resources ticked, by field; `errors`.
    """

    name: str
    values: dict[str, str]
    lines: tuple[str, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)
    others: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: What only the page shows (part of the total, options, hints).
    extra: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Cell:
        """The cell of a field (``row.net`` in a template)."""
        if name not in self.values:
            raise KeyError(name)
        return Cell(f"{self.name}-{name}", self.values[name], self.errors.get(name, ""))

    def filled(self, *names: str) -> bool:
        """Whether something is typed in one of these fields."""
        return any(self.values.get(name, "").strip() for name in names)

    def read(self, name: str, reader: Callable[[str], Any]) -> Any:
        """What a field means; ``None`` when it is blank, or wrong (the error is noted)."""
        text = self.values.get(name, "").strip()
        if not text:
            return None
        try:
            return reader(text)
        except Unread as error:
            self.errors[name] = str(error)
            return None

    def money(self, name: str) -> Decimal | None:
        """The amount of a field, which is then shown as amounts are: « 72 000 »."""
        found: Decimal | None = self.read(name, cents_of)
        if found is not None:
            self.values[name] = written_money(found)
        return found


# -- From a text to a value


def code(allowed: Iterable[str]) -> Callable[[str], str]:
    """A reader of one value among `allowed`."""
    known = frozenset(allowed)

    def reader(text: str) -> str:
        if text not in known:
            raise Unread("Choisissez dans la liste.")
        return text

    return reader


def answer(text: str) -> bool | None:
    """Yes, no, or nothing said."""
    return {"oui": True, "non": False}.get(text)


# -- From a value to a text


def written_money(value: Decimal | None) -> str:
    """An amount as people write it: « 27 300,50 »; "" for none."""
    if value is None:
        return ""
    whole, _, cents = f"{value:.2f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", " ")
    return grouped if cents == "00" else f"{grouped},{cents}"


def written_number(value: Decimal | int | None) -> str:
    """A number with its comma; "" for none."""
    if value is None:
        return ""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",")


def written_share(value: Decimal | None) -> str:
    """A share as a percentage: 0.4 → « 40 », 0.004 → « 0,4 % »."""
    if value is None:
        return ""
    return written_number(value * 100) + (" %" if 0 < value < Decimal("0.01") else "")


def written_day(value: date | None) -> str:
    """A date as the browser's calendar takes it."""
    return value.isoformat() if value else ""


def written_answer(value: bool | None) -> str:
    """« oui », « non », or nothing."""
    return {True: "oui", False: "non", None: ""}[value]


def clean(text: str, longest: int = LONGEST) -> str:
    """What is kept of a text: no null character, no half of a character, not beyond `longest`."""
    return text.replace("\x00", "").encode(errors="replace").decode()[:longest]
