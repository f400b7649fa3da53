"""ODS → rows, from ``content.xml`` read as it comes: repeated blanks cost nothing."""

import zipfile
from collections.abc import Iterator
from typing import Any, Final
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse
from openpyxl.utils import get_column_letter

from maillage.catalog.imports.raw import (
    MOST_COLUMNS,
    SheetRow,
    Unreadable,
    number_of,
    percent_of,
    sheet_row,
    too_many_columns,
)

_OFFICE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT: Final = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CELLS: Final = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_SHEET: Final = f"{_TABLE}table"
_ROW: Final = f"{_TABLE}table-row"
#: The same line more often than this is a mistake of the hand, or a trap.
_MOST_REPEATED: Final = 1_000
#: Cells that a row may hold, blank ones included, and elements that a cell may.
_MOST_CELLS: Final = 17_000
_MOST_INSIDE: Final = 20_000


def rows(archive: zipfile.ZipFile, name: str, *, formulas: bool = False) -> Iterator[SheetRow]:
    """Rows of the sheets that are not blank; `formulas`: each counts for the value kept with it,
    else it is a problem of its row. Raises `Unreadable`, or ``ParseError``.
    """
    with archive.open("content.xml") as content:
        yield from _rows(content, name, formulas)


def _rows(content: Any, name: str, formulas: bool) -> Iterator[SheetRow]:
    parents: list[Element] = []
    row = _Row(name, 0, 0, formulas)
    inside = 0
    sheet = ""
    for event, element in iterparse(content, events=("start", "end")):
        tag = element.tag
        if event == "start":
            parents.append(element)
            if tag == _SHEET and not inside:
                sheet = element.get(f"{_TABLE}name", "")
                row = _Row(name, 0, 0, formulas)
            elif tag == _ROW:
                repeated = _count(element, "number-rows-repeated")
                row = _Row(name, row.number + row.repeated, repeated, formulas)
            elif tag in _CELLS:
                inside = 1
            elif inside:
                inside += 1
                if inside > _MOST_INSIDE:
                    raise Unreadable(f"« {name} », ligne {row.number + 1} : une cellule démesurée.")
            continue
        parents.pop()
        if tag in _CELLS:
            inside = 0
            row.add(element)
        elif tag == _ROW:
            for line in row.lines():
                line.sheet = sheet
                yield line
        if not inside and parents:
            parents[-1].clear()


class _Row:
    """A row being read; ``number`` is of the row before it, ``repeated`` how often it is there."""

    def __init__(self, name: str, number: int, repeated: int, formulas: bool) -> None:
        self.name = name
        self._formulas = formulas
        self.number = number
        self.repeated = repeated
        self._found: dict[int, Any] = {}
        self._problems: list[str] = []
        self._place = self._seen = 0

    def add(self, cell: Element) -> None:
        """Take a cell and its copies."""
        copies = _count(cell, "number-columns-repeated")
        value = _value(cell)
        first = self._place + 1
        self._place += copies
        self._seen += 1
        if self._seen > _MOST_CELLS:
            raise too_many_columns(self.name, self.number + 1)
        if cell.get(f"{_TABLE}formula") and not self._formulas:
            address = f"{get_column_letter(min(first, _MOST_CELLS))}{self.number + 1}"
            self._problems.append(
                f"la cellule {address} contient une formule : remplacez-la par sa valeur (copier, "
                "puis collage spécial « valeurs »)."
            )
        elif value != "":
            if self._place > MOST_COLUMNS:
                raise too_many_columns(self.name, self.number + 1)
            self._found.update(dict.fromkeys(range(first, self._place + 1), value))

    def lines(self) -> Iterator[SheetRow]:
        """The rows, when they are not blank."""
        if sheet_row(self.number + 1, self._found, self._problems) is None:
            return
        if self.repeated > _MOST_REPEATED:
            raise Unreadable(
                f"« {self.name} », ligne {self.number + 1} : elle est répétée {self.repeated} fois."
                " Effacez ces lignes, puis recommencez."
            )
        for step in range(self.repeated):
            row = sheet_row(self.number + 1 + step, self._found, self._problems)
            if row:
                yield row


def _count(element: Element, name: str) -> int:
    return max(1, int(element.get(f"{_TABLE}{name}") or 1))


def _value(cell: Element) -> Any:
    """The value of a cell: number, yes/no, date in ISO, else its text."""
    kind = cell.get(f"{_OFFICE}value-type", "")
    if kind in ("float", "currency", "percentage"):
        number = float(cell.get(f"{_OFFICE}value") or 0)
        return percent_of(number) if kind == "percentage" else number_of(number)
    if kind == "date":
        return (cell.get(f"{_OFFICE}date-value") or "").removesuffix("T00:00:00")
    if kind == "boolean":
        return cell.get(f"{_OFFICE}boolean-value") == "true"
    paragraphs = [_text(child) for child in cell if child.tag == f"{_TEXT}p"]
    said = "\n".join(paragraphs) if paragraphs else cell.get(f"{_OFFICE}string-value") or ""
    return said.strip(" \t\r\n\xa0")


def _text(element: Element) -> str:
    """The text of a paragraph; ODS writes blanks, tabs and ends of line as elements."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            parts.append(" " * min(1_000, int(child.get(f"{_TEXT}c") or 1)))
        elif child.tag == f"{_TEXT}tab":
            parts.append("\t")
        elif child.tag == f"{_TEXT}line-break":
            parts.append("\n")
        elif not child.tag.startswith(_OFFICE):
            parts.append(_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
