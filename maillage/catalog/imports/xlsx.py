"""XLSX → rows, by openpyxl's reader of cells, one row at a time. Formats of cells are looked at for
dates and percentages only.
"""

import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse
from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.styles.stylesheet import apply_stylesheet
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from maillage.catalog.imports.raw import (
    MOST_COLUMNS,
    SheetRow,
    Unreadable,
    number_of,
    percent_of,
    sheet_row,
    too_many_columns,
)

_ROW: Final = f"{{{SHEET_MAIN_NS}}}row"
_CELL: Final = f"{{{SHEET_MAIN_NS}}}c"
_STRING: Final = f"{{{SHEET_MAIN_NS}}}si"
#: Texts that a workbook may keep apart, and cells that a row may hold, blank ones included.
_MOST_STRINGS: Final = 3_000_000
_MOST_CELLS: Final = 17_000


def rows(archive: zipfile.ZipFile, name: str, *, formulas: bool = False) -> Iterator[SheetRow]:
    """Rows of the sheets that are not blank; `formulas`: each counts for the value kept with it,
    else it is a problem of its row. Raises `Unreadable`, or what a damaged file makes openpyxl
    raise.
    """
    with warnings.catch_warnings():
        # What it does not support (drawings, validations) is none of our business.
        warnings.simplefilter("ignore")
        # By its content: openpyxl wants a name that ends in .xlsx, which a file just sent has not.
        with Path(archive.filename or "").open("rb") as file:
            reader = ExcelReader(file, read_only=True)
            reader.read_manifest()
            reader.read_workbook()
            apply_stylesheet(reader.archive, reader.wb)
            sheets = [(sheet.name, found.target) for sheet, found in reader.parser.find_sheets()
                      if "chartsheet" not in found.Type]  # fmt: skip
            if not sheets:
                raise Unreadable(f"« {name} » n'a aucune feuille.")
            cells = WorkSheetParser(
                None,
                _strings(reader),
                data_only=formulas,
                epoch=reader.wb.epoch,
                date_formats=reader.wb._date_formats,
                timedelta_formats=reader.wb._timedelta_formats,
            )
            percents = _percents(reader.wb)
        for title, target in sheets:
            cells.row_counter = 0
            with archive.open(target) as sheet:
                for row in _rows(sheet, name, cells, percents):
                    row.sheet = title
                    yield row


def _strings(reader: ExcelReader) -> list[str]:
    """The texts that cells refer to by their number."""
    part = reader.package.find(SHARED_STRINGS)
    if part is None:
        return []
    found: list[str] = []
    with reader.archive.open(part.PartName[1:]) as file:
        root: Element | None = None
        for event, element in iterparse(file, events=("start", "end")):
            if root is None:
                root = element
            if event == "end" and element.tag == _STRING:
                found.append(Text.from_tree(element).content)
                root.clear()
                if len(found) > _MOST_STRINGS:
                    raise ValueError("too many shared strings")
    return found


def _percents(book: Any) -> set[int]:
    """Numbers of the styles that show a percentage."""
    own = book._number_formats
    found = set()
    for place, style in enumerate(book._cell_styles):
        number = style.numFmtId
        shown = own[number - 164] if number >= 164 else BUILTIN_FORMATS.get(number, "")
        if "%" in (shown or ""):
            found.add(place)
    return found


def _rows(sheet: Any, name: str, parser: WorkSheetParser, percents: set[int]) -> Iterator[SheetRow]:
    parents: list[Element] = []
    found: dict[int, Any] = {}
    problems: list[str] = []
    seen = 0
    for event, element in iterparse(sheet, events=("start", "end")):
        if event == "start":
            parents.append(element)
            if element.tag == _ROW:
                parser.row_counter = int(element.get("r") or parser.row_counter + 1)
                parser.col_counter = seen = 0
                found, problems = {}, []
            continue
        parents.pop()
        if element.tag == _CELL:
            seen += 1
            if seen > _MOST_CELLS:
                raise too_many_columns(name, parser.row_counter)
            _cell(parser.parse_cell(element), found, problems, percents)
            if found and max(found) > MOST_COLUMNS:
                raise too_many_columns(name, parser.row_counter)
            parents[-1].clear()
        elif element.tag == _ROW:
            if row := sheet_row(parser.row_counter, found, problems):
                yield row
            parents[-1].clear()
        elif _CELL not in (parent.tag for parent in parents):
            element.clear()


def _cell(
    cell: dict[str, Any], found: dict[int, Any], problems: list[str], percents: set[int]
) -> None:
    """Add the value of a cell to those of its row, or say what is wrong with it."""
    value, place = cell["value"], cell["column"]
    address = f"{get_column_letter(place)}{cell['row']}"
    if cell["data_type"] == "f":
        problems.append(
            f"la cellule {address} contient une formule : remplacez-la par sa valeur (copier, puis "
            "collage spécial « valeurs »)."
        )
    elif cell["data_type"] == "e":
        problems.append(f"la cellule {address} contient une erreur ({value}) : corrigez-la.")
    elif value is not None:
        plain = _plain(value, cell["style_id"] in percents)
        if plain != "":
            found[place] = plain


def _plain(value: Any, percent: bool) -> Any:
    if isinstance(value, datetime):
        at_midnight = value.time() == time()
        return value.date().isoformat() if at_midnight else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return percent_of(value) if percent else number_of(value)
    return str(value).strip(" \t\r\n\xa0")
