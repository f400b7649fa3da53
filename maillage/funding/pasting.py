"""Lines pasted from a spreadsheet, or read in a file: all or nothing, with a report by line.

Columns are recognised at their titles (`columns`); without titles, they are guessed: the text is
what the line is, the first amount is its price. A line with a funder is a resource, else a cost.
What is not said of the VAT is derived when it can be, assumed when it cannot, and said.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from maillage.catalog.imports import sheets, texts
from maillage.catalog.imports.raw import Unreadable
from maillage.catalog.imports.reading import read as read_file
from maillage.common.uploads import MEGABYTE
from maillage.engine.funding.words import number
from maillage.funding.document import MOST_LINES
from maillage.funding.pastedcells import cell_of
from maillage.funding.pastedlines import Reader
from maillage.funding.pastedtable import Around, Pasted

__all__ = ["Around", "Pasted", "from_file", "from_rows", "from_text"]

_THEIRS: Final = (
    ("CSV, ODS, XLSX ou JSON Lines", "CSV, ODS ou XLSX"),
    (".ods, .xlsx ou .jsonl", ".ods ou .xlsx"),
    ("il faut une ligne de titres et des fiches", "choisissez celui où sont vos lignes"),
    ("ne gardez que les lignes et les colonnes du modèle", "ne gardez que les lignes du plan"),
)  # fmt: skip
MOST_CHARACTERS: Final = 200_000
_TOO_LONG: Final = (
    f"Ce texte a plus de {number(MOST_CHARACTERS)} caractères : ne collez que les lignes du plan, "
    "ou collez-les en plusieurs fois. Son début est gardé ci-dessous."
)
#: Bytes of a file, lines that hold something, all lines, columns.
MOST_BYTES: Final = 2 * MEGABYTE
TOO_BIG: Final = (
    "Ce fichier fait plus de 2 Mo, ou est plein de lignes vides : ne gardez que les lignes du plan."
)
_MOST_UNFOLDED: Final = 12 * MEGABYTE
_MOST_ROWS: Final = MOST_LINES * 3
_MOST_BLANK: Final = 20_000
_MOST_COLUMNS: Final = 200
_TOO_MANY: Final = (
    f"Ce tableau a plus de {_MOST_ROWS} lignes : ne gardez que les lignes du plan, qui en a "
    f"{MOST_LINES} au plus de chaque côté."
)


def from_text(text: str, around: Around) -> Pasted:
    """Lines of a paste: tabs between cells (a spreadsheet), else semicolons."""
    if len(text) > MOST_CHARACTERS:
        return Pasted(problems=[_TOO_LONG])
    text = text.replace("\x00", "").strip("\r\n")
    if not text.strip():
        return Pasted(problems=["Il n'y a rien à ajouter : collez d'abord vos lignes."])
    return _from_csv(text, "\t" if "\t" in text else ";", around)


def _from_csv(text: str, mark: str, around: Around) -> Pasted:
    """Lines of a text, read one by one: what is too long is refused where it becomes so."""
    rows: list[tuple[int, Sequence[Any]]] = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=mark), 1):
            if number > _MOST_BLANK:
                return Pasted(problems=[_TOO_MANY])
            if any(cells):
                rows.append((number, cells))
                if problem := _too_large(rows):
                    return Pasted(problems=[problem])
    except csv.Error:
        return Pasted(problems=["Ces lignes n'ont pas pu être lues : un guillemet est mal fermé, "
                                "ou une cellule est démesurée."])  # fmt: skip
    return from_rows(rows, around)


def _too_large(rows: Sequence[tuple[int, Sequence[Any]]]) -> str:
    """Why a table that ends so is not read any further; "" when it may be."""
    if len(rows) > _MOST_ROWS:
        return _TOO_MANY
    number, cells = rows[-1]
    if len(cells) > _MOST_COLUMNS:
        return f"Ligne {number} : plus de {_MOST_COLUMNS} colonnes. Ne gardez que celles du plan."
    return ""


def from_file(content: bytes, name: str, around: Around) -> Pasted:
    """Lines of a CSV, ODS or XLSX file. A formula counts for the value that it had when saved."""
    rows: list[tuple[int, Sequence[Any]]] = []
    if len(content) > MOST_BYTES or _unfolded(content) > _MOST_UNFOLDED:
        return Pasted(problems=[TOO_BIG])
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "tableau"
            path.write_bytes(content)
            kind = read_file(path, name).format
            if kind == "jsonl":
                return Pasted(
                    problems=["Ce n'est pas un tableau : choisissez un CSV, ODS ou XLSX."]
                )
            if kind == "csv":
                text = content.decode(texts.encoding_of(path, name, [])).replace("\x00", "")
                first = next((line for line in io.StringIO(text) if line.strip()), "")
                return _from_csv(text, texts.separator_of(first), around)
            for row in sheets.values(path, name, kind):
                if row.problems:
                    return Pasted(problems=[f"Ligne {row.number} : {p}" for p in row.problems])
                rows.append((row.number, row.cells))
                if problem := _too_large(rows):
                    return Pasted(problems=[problem])
    except Unreadable as error:
        return Pasted(problems=[_of_a_table(said) for said in error.problems])
    return from_rows(rows, around)


def _unfolded(content: bytes) -> int:
    """Bytes of a workbook once unzipped, as it says: blank rows shrink to nothing, and take time.
    What is no zip is left to the reader of files.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return 0


def _of_a_table(said: str) -> str:
    """A refusal of the reader of catalogues, in the words of a plan."""
    for theirs, ours in _THEIRS:
        said = said.replace(theirs, ours)
    return said


def from_rows(rows: Iterable[tuple[int, Sequence[Any]]], around: Around) -> Pasted:
    """Lines of a table: (number as a spreadsheet shows it, cells)."""
    filled = [(n, [cell_of(one) for one in cells]) for n, cells in rows]
    filled = [(n, cells) for n, cells in filled if any(cells)]
    if not filled:
        return Pasted(problems=["Ces lignes sont vides."])
    reader = Reader(around)
    reader.read(filled)
    return reader.done()
