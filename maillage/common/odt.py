"""A text document (ODT) of the house: real styles, A4, numbered pages, in French, to be edited.

The text is written in styles that a word processor knows (Title, Heading 1, Text body…), so that
whoever finishes the document finds its outline, and readers of the screen too.
"""

import io
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils.timezone import localdate
from odfdo import Document

from maillage.common.templatetags.maillage import nombre, typo

MIME: Final = "application/vnd.oasis.opendocument.text"
#: What stands where nothing is known: written in a style that is seen from afar.
BLANK: Final = "[à compléter]"
#: What is still to be done by hand: `BLANK`, « [à vérifier] », « [à régler avant le vote] »…
_TO_DO: Final = re.compile(r"\[à [a-zàâçéèêîôû’ ]{3,40}\]")

_STYLES: Final = (Path(__file__).parent / "papers" / "styles.xml").read_text(encoding="utf-8")
#: Width between the margins of `styles.xml`, in centimetres.
_WIDTH: Final = 17
#: Rows of a table that fits in half a page.
_SHORT: Final = 20
_SPACES: Final = ' xmlns:%s="urn:oasis:names:tc:opendocument:xmlns:%s:1.0"'
_NAMED: Final = "".join(
    _SPACES % (short, long)
    for short, long in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"),
        ("fo", "xsl-fo-compatible"),
    )
)  # fmt: skip
#: The space of « 3 décembre », which no line should cut.
_MONTHS: Final = "janv|févr|mars|avril|mai|juin|juil|août|sept|oct|nov|déc"
_DATE: Final = re.compile(rf"(\d|1er) (?={_MONTHS})")
#: Marks that turn the direction of the writing: a name could be read backwards.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """`text` with what XML may hold only, its French punctuation tied to its words."""
    kept = "".join(
        c
        for c in unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
        if c == "\n" or (unicodedata.category(c) not in {"Cc", "Cs", "Cn"} and c not in _TURNING)
    )
    return _DATE.sub("\\1\u00a0", typo(kept.replace("'", "’")))


def _spans(text: str) -> str:
    """`text` as XML; what is still to be done in its own style."""
    said = re.sub(r" {2,}", " ", escape(clean(text)))
    return _TO_DO.sub(_to_do, said)


def _to_do(found: re.Match[str]) -> str:
    tied = found.group().replace(" ", "\u00a0")
    return f'<text:span text:style-name="Blank">{tied}</text:span>'


class Paper:
    """A document that is written from its start to its end, then given back by `octets`.

    `day` is the date that its properties show: today unless it is said.
    """

    def __init__(self, title: str, day: date | None = None) -> None:
        self.title = title
        self.day = day or localdate()
        self._parts: list[str] = []
        self._styles: list[str] = []
        self._tables = 0

    def head(self, subtitle: str = "") -> None:
        """The title, and a line under it."""
        self._line(self.title, "Title")
        if subtitle:
            self._line(subtitle, "Subtitle")

    def heading(self, text: str, level: int = 1, *, new_page: bool = False) -> None:
        """A heading, 1 to 3; `new_page` puts it at the head of a page."""
        style = "New_20_page" if new_page else f"Heading_20_{level}"
        self._parts.append(
            f'<text:h text:style-name="{style}" text:outline-level="{level}">'
            f"{_spans(text)}</text:h>"
        )

    def text(self, text: str, style: str = "Text_20_body") -> None:
        """A paragraph for each line of `text`; `BLANK` when there is nothing."""
        for line in [line for line in text.splitlines() if line.strip()] or [BLANK]:
            self._line(line.strip(), style)

    def quote(self, text: str) -> None:
        """What someone wrote, as they wrote it."""
        self.text(f"« {text.strip()} »" if text.strip() else "", "Quotations")

    def note(self, text: str) -> None:
        """A remark in small letters."""
        self.text(text, "Note")

    def field(self, label: str, text: str) -> None:
        """« Label : text », the label in bold."""
        first, *rest = [line for line in text.splitlines() if line.strip()] or [BLANK]
        bold = f'<text:span text:style-name="Strong">{_spans(f"{label} :")}</text:span>'
        self._parts.append(
            f'<text:p text:style-name="Text_20_body">{bold} {_spans(first.strip())}</text:p>'
        )
        for line in rest:
            self._line(line.strip(), "Text_20_body")

    def bullets(self, lines: Iterable[str]) -> None:
        """A list; `BLANK` when it is empty."""
        items = "".join(
            f'<text:list-item><text:p text:style-name="List_20_item">{_spans(line)}</text:p>'
            "</text:list-item>"
            for line in [line for line in lines if line.strip()] or [BLANK]
        )
        self._parts.append(f'<text:list text:style-name="Bullets">{items}</text:list>')

    def table(
        self,
        header: Sequence[str],
        rows: Iterable[Sequence[Any]],
        widths: Sequence[int] = (),
        *,
        right: Collection[int] = (),
        totals: Collection[int] = (),
        tall: bool = False,
        together: bool = False,
        kept: bool = False,
    ) -> None:
        """A table whose first row is a real header; `widths` are shares of the page.

        `tall` rows leave room for a signature. Numbers stand on the right, written in French, and
        so does all that is in the columns `right`. The rows `totals` are in bold (from 0). A table
        that is kept `together` is not cut between two pages, unless it is longer than half a page;
        one that is `kept` stays on the page of what follows it.
        """
        self._tables += 1
        name = f"Tableau{self._tables}"
        shares = [*widths, *([1] * (len(header) - len(widths)))]
        columns = ""
        for number, share in enumerate(shares, 1):
            self._styles.append(
                f'<style:style style:name="{name}.{number}" style:family="table-column">'
                f"<style:table-column-properties "
                f'style:column-width="{_WIDTH * share / sum(shares):.2f}cm"/></style:style>'
            )
            columns += f'<table:table-column table:style-name="{name}.{number}"/>'
        head = "".join(
            _cell(text, "Table_20_Total" if n in right else "Table_20_Heading", "CellHead")
            for n, text in enumerate(header)
        )
        rows = list(rows)
        look = "WideKept" if together and len(rows) <= _SHORT else "Wide"
        look = "WideNext" if kept else look
        after = "After_20_table_20_kept" if kept else "After_20_table"
        row = '<table:table-row table:style-name="Tall">' if tall else "<table:table-row>"
        body = "".join(
            f"{row}{_cells(cells, right, bold=n in totals)}</table:table-row>"
            for n, cells in enumerate(rows)
        )
        self._parts.append(
            f'<table:table table:name="{name}" table:style-name="{look}">{columns}'
            f"<table:table-header-rows><table:table-row>{head}</table:table-row>"
            f"</table:table-header-rows>{body}</table:table>"
            f'<text:p text:style-name="{after}"/>'
        )

    def octets(self) -> bytes:
        """The file."""
        made = Document("text")
        made.meta.title = self.title
        made.meta.language = "fr-FR"
        made.meta.initial_creator = settings.MAILLAGE["NAME"]
        made.meta.set_creation_date(self.day)
        styles = _STYLES.replace("$TITLE", _spans(self.title))
        made.set_part("styles.xml", styles.encode())
        made.set_part("content.xml", self._content().encode())
        out = io.BytesIO()
        made.save(out)
        return out.getvalue()

    def _line(self, text: str, style: str) -> None:
        self._parts.append(f'<text:p text:style-name="{style}">{_spans(text)}</text:p>')

    def _content(self) -> str:
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{_NAMED} '
            f'office:version="1.3"><office:automatic-styles>{_TABLE_STYLES}{"".join(self._styles)}'
            "</office:automatic-styles><office:body><office:text>"
            f"{''.join(self._parts)}</office:text></office:body></office:document-content>"
        )


def _cells(values: Iterable[Any], right: Collection[int], *, bold: bool) -> str:
    styles = (
        ("Table_20_Heading", "Table_20_Total") if bold else ("Table_20_Contents", "Table_20_Number")
    )
    box = "CellHead" if bold else "Cell"
    return "".join(_cell(value, styles[n in right], box) for n, value in enumerate(values))


def _cell(value: Any, style: str = "Table_20_Contents", cell: str = "Cell") -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value, style = nombre(value), "Table_20_Number"
    lines = str("" if value is None else value).splitlines() or [""]
    said = "".join(f'<text:p text:style-name="{style}">{_spans(line)}</text:p>' for line in lines)
    return (
        f'<table:table-cell table:style-name="{cell}" office:value-type="string">{said}'
        "</table:table-cell>"
    )


def _cell_style(name: str, more: str = "") -> str:
    return (
        f'<style:style style:name="{name}" style:family="table-cell"><style:table-cell-properties '
        f'fo:padding="0.15cm" fo:border="0.5pt solid #8a9a96"{more}/></style:style>'
    )


_TABLE_STYLES: Final = (
    '<style:style style:name="Wide" style:family="table"><style:table-properties '
    f'style:width="{_WIDTH}cm" table:align="margins"/></style:style>'
    '<style:style style:name="WideKept" style:family="table"><style:table-properties '
    f'style:width="{_WIDTH}cm" table:align="margins" style:may-break-between-rows="false"/>'
    "</style:style>"
    '<style:style style:name="WideNext" style:family="table"><style:table-properties '
    f'style:width="{_WIDTH}cm" table:align="margins" fo:keep-with-next="always" '
    'style:may-break-between-rows="false"/></style:style>'
    '<style:style style:name="Tall" style:family="table-row"><style:table-row-properties '
    'style:min-row-height="3.2cm" fo:keep-together="always"/></style:style>'
    + _cell_style("Cell")
    + _cell_style("CellHead", ' fo:background-color="#eef4f2"')
)
