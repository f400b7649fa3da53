"""Lists as files: the same rows as CSV, ODS or XLSX.

A cell that a spreadsheet would take for a formula is written as text (it starts with ``'``), so
that nothing typed by a visitor is ever run on an agent's computer.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.text import slugify
from django.utils.timezone import localtime
from odfdo import Document, Element
from openpyxl import Workbook

Cell = str | int | float | None
FORMATS: Final[dict[str, str]] = {
    "csv": "text/csv; charset=utf-8",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: What cannot stand in XML, and spreadsheets refuse.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def safe(value: Any) -> Cell:
    """Return what may be written in a cell: numbers as they are, text that cannot be a formula."""
    if value is None or isinstance(value, int | float):
        return value
    if isinstance(value, Decimal):
        return float(value)
    text = _CONTROL.sub("", str(value))
    return f"'{text}" if text.startswith(_FORMULA) else text


def in_a_cell(moment: Any) -> str:
    """Write a moment as spreadsheets sort it; "" for None."""
    return f"{localtime(moment):%Y-%m-%d %H:%M}" if moment else ""


def export(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], kind: str
) -> HttpResponse | StreamingHttpResponse:
    """Answer with the table as a file called `name`, in the format `kind` (csv, ods or xlsx).

    CSV is streamed; the two others hold the whole table in memory (some tens of thousands of
    rows at most). Raises ``Http404`` for another format.
    """
    if kind not in FORMATS:
        raise Http404("Format d'export inconnu.")
    writer = {"csv": _csv, "ods": _ods, "xlsx": _xlsx}[kind]
    response = writer(header, rows)
    response.headers["Content-Type"] = FORMATS[kind]
    response.headers["Content-Disposition"] = f'attachment; filename="{slugify(name)}.{kind}"'
    return response


class _Echo:
    """A file that gives back what is written, for the csv module to format a line at a time."""

    def write(self, line: str) -> str:
        return line


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    writer = csv.writer(_Echo(), delimiter=";")

    def lines() -> Iterable[str]:
        yield "\ufeff"  # spreadsheets guess the encoding from this mark
        yield writer.writerow(header)
        for row in rows:
            yield writer.writerow([_in_french(safe(cell)) for cell in row])

    return StreamingHttpResponse(lines())


def _in_french(cell: Cell) -> Cell:
    """A number with its decimal comma: a French spreadsheet takes « 120.5 » for a text.

    >>> _in_french(120000.0), _in_french(-0.1), _in_french("0.1"), _in_french(12)
    ('120000', '-0,1', '0.1', 12)
    >>> _in_french(1e22), _in_french(1e-7)
    ('10000000000000000000000', '0,0000001')
    """
    if not isinstance(cell, float):
        return cell
    said = repr(cell)
    if "e" in said or "n" in said:  # 1e+22, nan, inf
        said = f"{Decimal(said).normalize():f}"
    return said.removesuffix(".0").replace(".", ",")


def _ods(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    return HttpResponse(workbook([("Liste", header, rows)]))


def workbook(sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Any]]]]) -> bytes:
    """An ODS file of several sheets: (name, header, rows) each."""
    document = Document("spreadsheet")
    document.body.clear()
    for name, header, rows in sheets:
        # One element parsed from text: made cell by cell, five hundred rows take two seconds.
        body = "".join(
            f"<table:table-row>{''.join(_ods_cell(cell) for cell in cells)}</table:table-row>"
            for cells in (header, *rows)
        )
        named = f"<table:table table:name={quoteattr(_CONTROL.sub('', name))}>"
        document.body.append(Element.from_tag(f"{named}{body}</table:table>"))
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _ods_cell(value: Any) -> str:
    cell = safe(value)
    if cell is None:
        return "<table:table-cell/>"
    text = escape(str(cell))
    kind = 'office:value-type="string"'
    if isinstance(cell, int | float):
        kind = f'office:value-type="float" office:value="{text}"'
    return f"<table:table-cell {kind}><text:p>{text}</text:p></table:table-cell>"


def _xlsx(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Liste")
    for cells in (header, *rows):
        sheet.append([safe(cell) for cell in cells])
    buffer = io.BytesIO()
    book.save(buffer)
    return HttpResponse(buffer.getvalue())
