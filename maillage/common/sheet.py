"""A spreadsheet (ODS) laid out by hand: real formulas with their values already computed, amounts
and dates that a spreadsheet knows, landscape pages. For plain lists, see `tables.workbook`.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from textwrap import wrap
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from odfdo import Document

from maillage.common.odt import clean
from maillage.common.tables import safe

#: How a cell looks; each name is a style of the file.
LOOKS: Final = ("empty", "text", "head", "head-right", "head-share", "title", "note", "money",
                "asked", "share", "date", "total", "total-money", "total-share",
                "group")  # fmt: skip
#: What an amount in the look « asked » says when it is nothing: nobody knows it yet.
ASKED: Final = "à demander"
_SPACES: Final = "".join(
    f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}"'
    for short, long in (
        ("office", "office:1.0"), ("text", "text:1.0"), ("table", "table:1.0"),
        ("style", "style:1.0"), ("fo", "xsl-fo-compatible:1.0"), ("number", "datastyle:1.0"),
        ("of", "of:1.2"),
    )
)  # fmt: skip


#: In centimetres: a letter of 10 points (wide, to be safe), a line, what surrounds a text.
_LETTER: Final = 0.175
_LINE: Final = 0.4
_PADDING: Final = 0.25
_MOST_LINES: Final = 24


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its value (text, amount, share or day; ``None`` is empty), its look (`LOOKS`), its
    formula in OpenFormula (``of:=SUM([.C2:.C9])``, "" for none), how many columns it covers.
    """

    value: str | Decimal | date | None = None
    look: str = "text"
    formula: str = ""
    span: int = 1


EMPTY: Final = Cell(look="empty")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: name, widths of the columns in centimetres, rows; the number of the one (from 0)
    that is printed again at the head of each page, ``None`` for none.
    """

    name: str
    widths: Sequence[float]
    rows: Sequence[Sequence[Cell]]
    head: int | None = None


def spreadsheet(title: str, day: date, sheets: Iterable[Sheet]) -> bytes:
    """The ODS file of these sheets; `title` and `day` are its properties."""
    made = Document("spreadsheet")
    made.meta.title = clean(title)
    made.meta.language = "fr-FR"
    made.meta.initial_creator = settings.MAILLAGE["NAME"]
    made.meta.set_creation_date(day)
    columns: list[str] = []
    tables = "".join(_table(sheet, number, columns) for number, sheet in enumerate(sheets, 1))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{_SPACES} '
        f'office:version="1.3"><office:automatic-styles>{_STYLES}{"".join(columns)}'
        f"</office:automatic-styles><office:body><office:spreadsheet>{tables}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    made.set_part("content.xml", content.encode())
    made.set_part("styles.xml", _PAGE.encode())
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def address(column: int, row: int) -> str:
    """How a formula names a cell, both counted from 0.

    >>> address(2, 8)
    '[.C9]'
    """
    return f"[.{chr(65 + column)}{row + 1}]"


def span(column: int, first: int, last: int) -> str:
    """How a formula names the cells of a column from one row to another, counted from 0.

    >>> span(2, 8, 10)
    '[.C9:.C11]'
    """
    return f"[.{chr(65 + column)}{first + 1}:.{chr(65 + column)}{last + 1}]"


def _table(sheet: Sheet, number: int, columns: list[str]) -> str:
    said = ""
    for column, width in enumerate(sheet.widths):
        name = f"col{number}.{column}"
        columns.append(
            f'<style:style style:name="{name}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{width}cm"/></style:style>'
        )
        said += f'<table:table-column table:style-name="{name}"/>'
    made = [
        f'<table:table-row table:style-name="row{lines_of(row, sheet.widths)}">'
        f"{''.join(_cell(cell) for cell in row)}</table:table-row>"
        for row in sheet.rows
    ]
    if sheet.head is not None:
        head = made[sheet.head]
        made[sheet.head] = f"<table:table-header-rows>{head}</table:table-header-rows>"
    rows = "".join(made)
    return (
        f'<table:table table:name={quoteattr(sheet.name)} table:style-name="sheet">{said}{rows}'
        "</table:table>"
    )


def lines_of(row: Sequence[Cell], widths: Sequence[float]) -> int:
    """On how many lines the texts of a row stand, at most.

    >>> lines_of([Cell("Un libellé bien trop long pour sa colonne"), Cell("court")], [4, 3])
    2
    """
    found, column = 1, 0
    for cell in row:
        room = sum(widths[column : column + cell.span]) - _PADDING
        column += cell.span
        if isinstance(cell.value, str) and cell.look != "title":
            wrapped = (wrap(line, max(int(room / _LETTER), 1)) for line in cell.value.splitlines())
            found = max(found, sum(max(len(lines), 1) for lines in wrapped))
    return min(found, _MOST_LINES)


def _cell(cell: Cell) -> str:
    said = f' table:style-name="{cell.look}"'
    if cell.formula:
        said += f" table:formula={quoteattr(cell.formula)}"
    if cell.span > 1:
        said += f' table:number-columns-spanned="{cell.span}"'
    covered = "<table:covered-table-cell/>" * (cell.span - 1)
    kind, shown = _value(cell)
    if shown is None:
        return f"<table:table-cell{said}/>{covered}"
    text = "".join(f"<text:p>{escape(line)}</text:p>" for line in shown.splitlines() or [""])
    return f"<table:table-cell{said}{kind}>{text}</table:table-cell>{covered}"


def _value(cell: Cell) -> tuple[str, str | None]:
    """The attributes that give the value, and what is read in the cell."""
    value = cell.value
    if value is None:
        return "", None
    if isinstance(value, date):
        said = f' office:value-type="date" office:date-value="{value.isoformat()}"'
        return said, f"{value:%d/%m/%Y}"
    if isinstance(value, Decimal):
        if cell.look.endswith("share"):
            shown = f"{value * 100:.2f} %".replace(".", ",")
            return f' office:value-type="percentage" office:value="{value:f}"', shown
        shown = f"{value:,.2f} €".replace(",", "\u202f").replace(".", ",")
        shown = ASKED if cell.look == "asked" and not value else shown
        said = f' office:value-type="currency" office:currency="EUR" office:value="{value:f}"'
        return said, shown
    return ' office:value-type="string"', str(safe(value))


def _look(name: str, text: str = "", cell: str = "", paragraph: str = "", data: str = "") -> str:
    border = "" if name in {"empty", "title", "note"} else ' fo:border-bottom="0.5pt solid #8a9a96"'
    wrap = "" if name == "title" else ' fo:wrap-option="wrap"'
    linked = f' style:data-style-name="{data}"' if data else ""
    return (
        f'<style:style style:name="{name}" style:family="table-cell"{linked}>'
        f'<style:table-cell-properties fo:padding="0.1cm"{border}{wrap} '
        f'style:vertical-align="top"{cell}/><style:paragraph-properties {paragraph}/>'
        f'<style:text-properties fo:font-family="Liberation Sans" fo:font-size="10pt" '
        f'fo:language="fr" fo:country="FR" {text}/></style:style>'
    )


def _row(lines: int) -> str:
    """The style of a row of so many lines. Spreadsheets measure wrapped texts on the screen and cut
    the last line when they print: only rows of one line are left to them.
    """
    height = "" if lines == 1 else f' style:row-height="{lines * _LINE + _PADDING:.2f}cm"'
    return (
        f'<style:style style:name="row{lines}" style:family="table-row">'
        f"<style:table-row-properties{height} "
        f'style:use-optimal-row-height="{"true" if lines == 1 else "false"}"/></style:style>'
    )


_BOLD: Final = 'fo:font-weight="bold"'
_GREEN: Final = f'{_BOLD} fo:color="#12504d"'
_PALE: Final = ' fo:background-color="#eef4f2"'
_END: Final = 'fo:text-align="end"'
#: What stands on the right does not touch the text of the next column.
_APART: Final = ' fo:padding-right="0.35cm"'
_EUROS: Final = (
    '<number:number number:decimal-places="2" number:min-decimal-places="2" '
    'number:min-integer-digits="1" number:grouping="true"/><number:text>\u00a0</number:text>'
    '<number:currency-symbol number:language="fr" number:country="FR">€</number:currency-symbol>'
)
_CURRENCY: Final = '<number:currency-style style:name="%s" number:language="fr" number:country="FR"'
_NUMBERS: Final = (
    f"{_CURRENCY % 'euros'}>{_EUROS}</number:currency-style>"
    f'{_CURRENCY % "nothing"} style:volatile="true"><number:text>{ASKED}</number:text>'
    "</number:currency-style>"
    f'{_CURRENCY % "asked"}>{_EUROS}<style:map style:condition="value()=0" '
    'style:apply-style-name="nothing"/></number:currency-style>'
    '<number:percentage-style style:name="part" number:language="fr" number:country="FR">'
    '<number:number number:decimal-places="2" number:min-decimal-places="2" '
    'number:min-integer-digits="1"/><number:text>\u00a0%</number:text></number:percentage-style>'
    '<number:date-style style:name="day" number:language="fr" number:country="FR">'
    '<number:day number:style="long"/><number:text>/</number:text><number:month '
    'number:style="long"/><number:text>/</number:text><number:year number:style="long"/>'
    "</number:date-style>"
)
_STYLES: Final = (
    _NUMBERS
    + "".join(_row(lines) for lines in range(1, _MOST_LINES + 1))
    + '<style:style style:name="sheet" style:family="table" style:master-page-name="Standard">'
    '<style:table-properties table:display="true"/></style:style>'
    + _look("empty")
    + _look("text")
    + _look("title", 'fo:font-size="15pt" fo:font-weight="bold" fo:color="#12504d"').replace(
        ' fo:font-size="10pt"', "", 1)
    + _look("note", 'fo:color="#55625f"')
    + _look("head", _GREEN, _PALE)
    + _look("head-right", _GREEN, _PALE, _END)
    + _look("head-share", _GREEN, _PALE + _APART, _END)
    + _look("group", _GREEN)
    + _look("money", paragraph=_END, data="euros")
    + _look("asked", paragraph=_END, data="asked")
    + _look("share", cell=_APART, paragraph=_END, data="part")
    + _look("date", paragraph=_END, data="day")
    + _look("total", _BOLD, _PALE)
    + _look("total-money", _BOLD, _PALE, _END, "euros")
    + _look("total-share", _BOLD, _PALE + _APART, _END, "part")
)  # fmt: skip
_PAGE: Final = (
    f'<?xml version="1.0" encoding="UTF-8"?><office:document-styles{_SPACES} office:version="1.3">'
    '<office:styles><style:style style:name="Default" style:family="table-cell"/></office:styles>'
    '<office:automatic-styles><style:page-layout style:name="A4"><style:page-layout-properties '
    'fo:page-width="29.7cm" fo:page-height="21cm" style:print-orientation="landscape" '
    'fo:margin-top="1.3cm" fo:margin-bottom="1.3cm" fo:margin-left="1.3cm" '
    'fo:margin-right="1.3cm" style:scale-to-X="1" style:scale-to-Y="0"/></style:page-layout>'
    '</office:automatic-styles><office:master-styles><style:master-page style:name="Standard" '
    'style:page-layout-name="A4"/></office:master-styles></office:document-styles>'
)
