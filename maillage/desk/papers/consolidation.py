"""The yearly consolidation as a file: a text to be sent (ODT), figures to be used (ODS).

What it says is computed by `desk/consolidation.py`; nothing is counted here.
"""

import re
from collections.abc import Sequence
from typing import Any, Final, Protocol

from maillage.common.odt import Paper, clean
from maillage.common.tables import workbook

#: What the name of a sheet may not hold, for every spreadsheet to open it; and its length.
_NOT_IN_A_NAME: Final = re.compile(r"[\[\]*?:/\\']+")
LONGEST_SHEET: Final = 31


class Section(Protocol):
    """A table, with its title and a remark."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    note: str


class Consolidation(Protocol):
    """What a desk reports of a year."""

    year: int
    desk_name: str
    sections: Sequence[Section]
    sentences: Sequence[str]


def consolidation_as_odt(found: Consolidation) -> bytes:
    """The report as an editable text: its sentences, then each table under its title."""
    paper = Paper(f"Consolidation annuelle {found.year}")
    paper.head(found.desk_name)
    paper.heading("En bref")
    paper.bullets(found.sentences)
    for section in found.sections:
        paper.heading(section.title)
        if section.rows:
            # The first column holds words, the others figures most often.
            paper.table(section.header, section.rows, (2,))
        else:
            paper.text("Rien à compter cette année.")
        if section.note:
            paper.note(section.note)
    return paper.octets()


def consolidation_as_ods(found: Consolidation) -> bytes:
    """The same figures, a sheet by section; the first one says what the report is."""
    title = f"Consolidation annuelle {found.year}, {found.desk_name}"
    sheets = [("En bref", [title], [[sentence] for sentence in found.sentences])]
    names = {"en bref"}
    for section in found.sections:
        name = _sheet_name(section.title, names)
        rows = [list(row) for row in section.rows]
        sheets.append(
            (name, section.header, rows + ([[None], [section.note]] if section.note else []))
        )
    return workbook(sheets)


def _sheet_name(title: str, taken: set[str]) -> str:
    """A name that no other sheet has (spreadsheets do not tell capitals apart)."""
    base = " ".join(_NOT_IN_A_NAME.sub(" ", clean(title)).split())[:LONGEST_SHEET] or "Tableau"
    name, number = base, 1
    while name.lower() in taken:
        number += 1
        name = f"{base[: LONGEST_SHEET - 4].rstrip()} ({number})"
    taken.add(name.lower())
    return name
