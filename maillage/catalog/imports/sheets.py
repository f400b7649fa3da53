"""ODS and XLSX → lines. A spreadsheet is a zip of XML: what it may hold is bounded before it is
opened, its XML may not declare entities, and a formula is refused with the address of its cell.

Only one sheet is read: the first one whose titles are known. What a zip holds beside is never
opened, archives in it included.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from maillage.catalog.imports import ods, xlsx
from maillage.catalog.imports.raw import (
    MOST_LINES,
    Raw,
    SheetRow,
    Unreadable,
    header_of,
    line_of,
    too_many_lines,
)

#: Whether the titles of a sheet are those of the table that is looked for.
Known = Callable[[list[str]], bool]
#: Sheets that a refusal names.
_MOST_NAMED: Final = 10
_MOST_ENTRIES: Final = 2_000
_MOST_BYTES: Final = 250 * 1024 * 1024
#: A table shrinks ten to fifty times; what shrinks more is made to fill a memory.
_MOST_SHRUNK: Final = 120
_SMALL: Final = 4 * 1024 * 1024
_DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, ParseError, EOFError, LookupError, ValueError, TypeError,
    AttributeError, ArithmeticError, OSError, RuntimeError, struct.error, InvalidFileException,
)  # fmt: skip


def read(
    path: Path, name: str, remarks: list[str], known: Known | None = None
) -> tuple[str, Iterator[Raw]]:
    """The format of a spreadsheet, and its lines (see `reading.read`)."""
    try:
        with zipfile.ZipFile(path) as archive:
            kind = _kind(archive, name)
    except _DAMAGED as error:
        raise _damaged(name) from error
    if not name.lower().endswith(f".{kind}"):
        remarks.append(f"Le fichier est un classeur {kind.upper()} : il a été lu ainsi.")
    return kind, _lines(path, name, kind, remarks, known)


def values(path: Path, name: str, kind: str) -> Iterator[SheetRow]:
    """The rows of the first sheet that is not blank, as they are, of a workbook that `read` has
    accepted; a formula counts for the value that it had when the workbook was saved.
    """
    sheet = None
    try:
        with zipfile.ZipFile(path) as archive:
            rows = xlsx.rows if kind == "xlsx" else ods.rows
            for row in rows(archive, name, formulas=True):
                sheet = row.sheet if sheet is None else sheet
                if row.sheet != sheet:
                    return
                yield row
    except DefusedXmlException as error:
        raise _entities(name) from error
    except _DAMAGED as error:
        raise _damaged(name) from error


def about(path: Path, kind: str) -> int:
    """About how many rows the sheets of a workbook have, by the marks of their beginning."""
    mark = b"<row" if kind == "xlsx" else b"table-row"
    count = 0
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.filename == "content.xml" or "sheet1.xml" in entry.filename:
                    with archive.open(entry) as file:
                        while block := file.read(1 << 20):
                            count += block.count(mark)
    except _DAMAGED:
        return 0  # the reading itself will say it
    return count if kind == "xlsx" else count // 2


def _kind(archive: zipfile.ZipFile, name: str) -> str:
    """``ods`` or ``xlsx``. Raises `Unreadable` for what is neither, or is not safe to open."""
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" in names or "[Content_Types].xml" in names:
        kind = "xlsx"
    elif "content.xml" in names and b"spreadsheet" in _mimetype(archive, names):
        kind = "ods"
    else:
        raise Unreadable(
            f"« {name} » est une archive ou un document, pas un tableau : enregistrez le tableau "
            "en CSV, ODS ou XLSX, puis recommencez."
        )
    size = sum(entry.file_size for entry in entries)
    too_dense = any(
        entry.file_size > _SMALL and entry.file_size > _MOST_SHRUNK * max(1, entry.compress_size)
        for entry in entries
    )
    if len(entries) > _MOST_ENTRIES or size > _MOST_BYTES or too_dense:
        raise Unreadable(
            f"« {name} » se déplie en {size // 1024**2} Mo ({len(entries)} éléments), ce qu'un "
            "tableau ne fait pas : ne gardez que les lignes et les colonnes du modèle, sans mise "
            "en forme ni image, ou enregistrez-le en CSV."
        )
    locked = any(entry.flag_bits & 1 for entry in entries)
    if locked or (kind == "ods" and b"encryption-data" in _manifest(archive, names)):
        raise Unreadable(
            f"« {name} » est protégé par un mot de passe : ouvrez-le, retirez la protection, "
            "enregistrez-le, puis recommencez."
        )
    return kind


def _mimetype(archive: zipfile.ZipFile, names: set[str]) -> bytes:
    if "mimetype" not in names:
        return b""
    with archive.open("mimetype") as file:
        return file.read(200)


def _manifest(archive: zipfile.ZipFile, names: set[str]) -> bytes:
    if "META-INF/manifest.xml" not in names:
        return b""
    with archive.open("META-INF/manifest.xml") as file:
        return file.read(1 << 20)


def _damaged(name: str) -> Unreadable:
    return Unreadable(
        f"« {name} » est abîmé ou coupé : il ne peut pas être ouvert comme un classeur. Ouvrez-le "
        "dans votre tableur, enregistrez-le de nouveau, puis recommencez."
    )


def _entities(name: str) -> Unreadable:
    return Unreadable(
        f"« {name} » déclare des entités XML, ce qu'aucun tableur ne fait : il n'est pas lu. "
        "Enregistrez le tableau en CSV, puis recommencez."
    )


def _lines(
    path: Path, name: str, kind: str, remarks: list[str], known: Known | None
) -> Iterator[Raw]:
    try:
        with zipfile.ZipFile(path) as archive:
            rows = xlsx.rows(archive, name) if kind == "xlsx" else ods.rows(archive, name)
            table = _Table(name, remarks, known)
            yield from table.lines(rows)
        if len(table.sheets) == 1 and not table.header:
            # A sheet alone is the table: its titles are what is to be corrected.
            yield from _lines(path, name, kind, remarks, None)
    except DefusedXmlException as error:
        raise _entities(name) from error
    except _DAMAGED as error:
        raise _damaged(name) from error


class _Table:
    """The lines of one sheet of a workbook: its first row that is not blank is the header.

    ``sheets`` are the names of those seen, ``header`` the titles of the one that is read.
    """

    def __init__(self, name: str, remarks: list[str], known: Known | None) -> None:
        self.header: list[str] = []
        self.sheets: list[str] = []
        self._name = name
        self._remarks = remarks
        self._known = known

    def lines(self, rows: Iterator[SheetRow]) -> Iterator[Raw]:
        """The lines of the sheet whose titles are known. Raises `Unreadable` when none has them
        among several; yields nothing when there is but one.
        """
        given = 0
        for row in rows:
            begins = row.sheet not in self.sheets
            if self.header:
                if begins:
                    return
                given += 1
                if given > MOST_LINES:
                    raise too_many_lines(self._name)
                line = line_of(self.header, row.cells, row.number, whole=False)
                line.problems += row.problems
                yield line
            elif begins:
                self.sheets.append(row.sheet)
                self._begin(row)
        if not self.header and len(self.sheets) > 1:
            seen = ", ".join(f"« {sheet[:40]} »" for sheet in self.sheets[:_MOST_NAMED])
            raise Unreadable(
                f"« {self._name} » : aucune feuille n'a les titres du modèle sur sa première ligne "
                f"(feuilles vues : {seen}). Mettez le tableau dans une feuille à lui, titres en "
                "haut."
            )

    def _begin(self, row: SheetRow) -> None:
        titles = [str(cell) for cell in row.cells]
        if self._known is not None and not self._known([" ".join(t.split()) for t in titles if t]):
            return
        if row.problems:
            raise Unreadable(*(f"Ligne {row.number} : {said}" for said in row.problems))
        self.header = header_of(titles, self._name)
        if len(self.sheets) > 1:
            self._remarks.append(
                f"Feuille lue : « {row.sheet[:40]} » (celles d'avant n'ont pas les titres du "
                "modèle)."
            )
