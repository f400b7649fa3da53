"""A line as it was read, and the limits of what is read."""

import re
from dataclasses import dataclass
from typing import Any, Final

from maillage.common.templatetags.maillage import pluriel

#: Beyond these, a file is refused: nobody fills such a table by hand.
MOST_COLUMNS: Final = 500
MOST_LINES: Final = 200_000
MOST_CHARACTERS: Final = 100_000

_QUOTED_FORMULA: Final = re.compile(r"'(?=[=+\-@\t\r])")


class Unreadable(Exception):
    """A file cannot be read; ``problems`` say in French where, and what to do."""

    def __init__(self, *problems: str) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(problems))


@dataclass(slots=True)
class Raw:
    """A line: its number as a spreadsheet shows it (the header is 1), column → value as read
    (text, number, yes/no, list…), what is wrong with the line as a whole, and what is to be
    noticed of it.
    """

    number: int
    values: dict[str, Any]
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def header_of(cells: list[str], name: str) -> list[str]:
    """The names of the columns. Raises `Unreadable` when they cannot name them."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    if len(cells) > MOST_COLUMNS:
        raise too_many_columns(name, 1)
    titles = [" ".join(cell.split()) for cell in cells]
    problems = []
    seen: dict[str, int] = {}
    for place, title in enumerate(titles, 1):
        if title and title in seen:
            problems.append(
                f"Ligne 1 : la colonne « {title} » est là deux fois (colonnes {seen[title]} et "
                f"{place}) : renommez ou retirez l'une des deux."
            )
        seen.setdefault(title, place)
    if problems:
        raise Unreadable(*problems)
    return titles


def line_of(header: list[str], cells: list[Any], number: int, *, whole: bool) -> Raw:
    """A line from its cells. `whole`: a line must hold a cell for each column (CSV)."""
    problems = []
    extra = [place for place, cell in enumerate(cells) if place >= len(header) and cell != ""]
    if extra:
        problems.append(
            f"il y a {_cells(extra[-1] + 1)} pour {_columns(header)} : un texte qui contient "
            "le séparateur doit être entre guillemets."
            if whole
            else f"la colonne {extra[0] + 1} a une valeur mais pas de titre."
        )
    if whole and len(cells) < len(header):
        problems.append(
            f"il n'y a que {_cells(len(cells))} pour {_columns(header)} : la ligne est "
            "coupée, ou un texte qui tient sur plusieurs lignes n'est pas entre guillemets."
        )
    values = {}
    cells = [*cells, *[""] * (len(header) - len(cells))]
    for place, (title, cell) in enumerate(zip(header, cells, strict=False)):
        if cell == "" and not title:
            continue
        if not title:
            problems.append(f"la colonne {place + 1} a une valeur mais pas de titre.")
            continue
        if isinstance(cell, str) and len(cell) > MOST_CHARACTERS:
            problems.append(
                f"la colonne « {title} » a {len(cell)} caractères, pour {MOST_CHARACTERS} au plus."
            )
            cell = ""
        values[title] = _QUOTED_FORMULA.sub("", cell, count=1) if _is_quoted(cell) else cell
    return Raw(number, values, tuple(problems))


def _cells(count: int) -> str:
    return pluriel(count, "cellule,cellules")


def _columns(header: list[str]) -> str:
    return pluriel(len(header), "colonne,colonnes")


def _is_quoted(cell: Any) -> bool:
    """True of a text that our own exports have marked so that no spreadsheet runs it."""
    return isinstance(cell, str) and _QUOTED_FORMULA.match(cell) is not None


def too_many_columns(name: str, number: int) -> Unreadable:
    """The refusal of a line that is too wide."""
    return Unreadable(
        f"« {name} », ligne {number} : plus de {MOST_COLUMNS} colonnes. Vérifiez le séparateur, "
        "ou ne gardez que les colonnes du modèle."
    )


def too_many_lines(name: str) -> Unreadable:
    """The refusal of a file that is too long."""
    return Unreadable(
        f"« {name} » a plus de {MOST_LINES} lignes : découpez-le en plusieurs jeux de données."
    )


@dataclass(slots=True)
class SheetRow:
    """A row of a spreadsheet that is not blank; "" where a cell is. ``sheet`` is its sheet's."""

    number: int
    cells: list[Any]
    problems: tuple[str, ...] = ()
    sheet: str = ""


def sheet_row(number: int, found: dict[int, Any], problems: list[str]) -> SheetRow | None:
    """A row from its cells by place (from 1); ``None`` when it is blank."""
    filled = {place: value for place, value in found.items() if value != ""}
    if not filled and not problems:
        return None
    widest = max(filled, default=0)
    return SheetRow(number, [filled.get(i, "") for i in range(1, widest + 1)], tuple(problems))


def number_of(value: float) -> int | float:
    """A number as people write it: 24 rather than 24.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def percent_of(value: float) -> str:
    """« 80 % » for a cell of 0.8 shown as a percentage."""
    return f"{number_of(round(value * 100, 6))} %"
