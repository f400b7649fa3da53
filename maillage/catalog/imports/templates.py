"""The files to fill, made from the schemas: CSV, ODS or XLSX, with a sheet that explains."""

import csv
import io
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from maillage.catalog.imports.schema import Field, Schema, schema
from maillage.common.tables import FORMATS, safe, workbook

_EXPLAINED: Final = ("colonne", "titre", "à remplir", "ce qu'on y écrit", "valeurs possibles",
                     "exemple")  # fmt: skip
_WIDE: Final = (22, 30, 12, 80, 60, 40)
_HELP: Final = "Explications"


def template(kind: str, format: str) -> bytes:
    """The file to fill for offers, aids or providers, with one line as an example to replace.

    Raises ``KeyError`` for a format that is none of `FORMATS`. The CSV has no second sheet.
    """
    columns = schema(kind)
    header = [field.name for field in columns.fields]
    example = [_example(field) for field in columns.fields]
    if format == "csv":
        return _csv(header, example)
    explained = [_explained(field) for field in columns.fields]
    if format == "ods":
        return workbook([(kind.capitalize(), header, [example]), (_HELP, _EXPLAINED, explained)])
    if format != "xlsx":
        raise KeyError(f"{format}: one of {', '.join(FORMATS)}")
    return _xlsx(columns, header, example, explained)


def _example(field: Field) -> str:
    """What stands in the example line: figures in words would say twice what columns say."""
    return "" if field.reads == "figures" or field.target in _SPARED else field.example


#: Columns that the example leaves empty: they are for rare cases, and say others otherwise.
_SPARED: Final = frozenset(
    ("provider.slug", "perimeter_keys", "rates.rate", "rates.flat", "rates.envelope", "labels_any")
)


def _explained(field: Field) -> list[str]:
    values = " ; ".join(f"{label} ({code})" for code, label in field.codes.items())
    if field.type == "boolean":
        values = "oui ; non"
    must = "obligatoire" if field.required else "facultatif"
    return [field.name, field.title, must, field.description, values, field.example]


def _csv(header: list[str], example: list[str]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(header)
    writer.writerow([safe(cell) for cell in example])
    return text.getvalue().encode("utf-8-sig")


def _xlsx(columns: Schema, header: list[str], example: list[str], explained: Any) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = columns.kind.capitalize()
    sheet.append(header)
    # Text, so that codes keep their first zero and « = » is never run.
    sheet.append([safe(cell) for cell in example])
    _dress(sheet, [max(14, len(name) + 4) for name in header])
    guide = book.create_sheet(_HELP)
    for cells in (_EXPLAINED, *explained):
        guide.append([safe(cell) for cell in cells])
    _dress(guide, _WIDE)
    for row in guide.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _dress(sheet: Any, widths: Any) -> None:
    """Header in bold that stays in sight, columns wide enough."""
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
