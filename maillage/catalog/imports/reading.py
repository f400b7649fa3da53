"""A file → its lines, a few at a time, or a clear refusal. The first line is the header.

The content says what the file is, not its name: CSV and JSON Lines (``texts``), ODS and XLSX
(``sheets``). Nothing of a file is run, and nothing of it is held whole in memory.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from maillage.catalog.imports import sheets, texts
from maillage.catalog.imports.raw import Raw, Unreadable
from maillage.catalog.imports.sheets import Known

__all__ = ["Raw", "Reading", "Unreadable", "read"]

LARGEST: Final = 200 * 1024 * 1024
#: First bytes of what is neither a text nor a spreadsheet of today.
_OTHER: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x89PNG", "une image (PNG)"), (b"\xff\xd8\xff", "une image (JPEG)"),
    (b"GIF8", "une image (GIF)"), (b"BM", "une image (BMP)"), (b"%PDF", "un document PDF"),
    (b"\x1f\x8b", "une archive (gzip)"), (b"Rar!", "une archive (RAR)"),
    (b"7z\xbc\xaf", "une archive (7-Zip)"), (b"\x7fELF", "un programme"),
    (b"{\\rtf", "un document RTF"), (b"SQLite format", "une base SQLite"),
)  # fmt: skip
_TEXTS: Final = {"csv": "csv", "tsv": "csv", "txt": "csv", "jsonl": "jsonl", "ndjson": "jsonl",
                 "jsonlines": "jsonl"}  # fmt: skip
_ADVICE: Final = "Enregistrez le tableau en CSV, ODS, XLSX ou JSON Lines, puis recommencez."


class Reading(Iterator[Raw]):
    """The lines of a file; ``remarks`` what was noticed on the way, ``format`` what it is,
    ``total`` about how many lines it has (for the progress).
    """

    def __init__(self, format: str, lines: Iterator[Raw], remarks: list[str], total: int) -> None:
        self.format = format
        self.total = total
        self.remarks = remarks
        self._lines = lines

    def __next__(self) -> Raw:
        return next(self._lines)


def read(path: Path, name: str, known: Known | None = None) -> Reading:
    """Iterate over the lines of the file at `path`, called `name` by who sent it.

    Of a workbook, the first sheet whose titles are `known`; the first sheet when none is given.
    Raises `Unreadable`, at once or on the way, with what is wrong and what to do.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise Unreadable(f"« {name} » ne peut pas être ouvert : {error.strerror}.") from error
    if not start.strip(b"\xef\xbb\xbf\xff\xfe\x00 \r\n\t"):
        raise Unreadable(f"« {name} » est vide : il faut une ligne de titres et des fiches.")
    if size > LARGEST:
        raise Unreadable(
            f"« {name} » fait {size // 1024**2} Mo, pour {LARGEST // 1024**2} au plus : "
            "découpez-le en plusieurs jeux de données."
        )
    remarks: list[str] = []
    if start.startswith(b"PK"):
        kind, lines = sheets.read(path, name, remarks, known)
        return Reading(kind, lines, remarks, sheets.about(path, kind))
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(_old_office(path, name))
    for mark, what in _OTHER:
        if start.startswith(mark):
            raise Unreadable(f"« {name} » est {what}, pas un tableau. {_ADVICE}")
    kind = _TEXTS.get(name.rpartition(".")[2].lower(), "")
    if not kind:
        if not start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
            raise Unreadable(
                f"« {name} » : le format se lit à la fin du nom (.csv, .ods, .xlsx ou .jsonl). "
                f"{_ADVICE}"
            )
        kind = "jsonl"
    reader = texts.read_csv if kind == "csv" else texts.read_json_lines
    return Reading(kind, reader(path, name, remarks), remarks, texts.about(path))


def _old_office(path: Path, name: str) -> str:
    """What to do of a file of the former Office: an .xls, or an .xlsx behind a password."""
    with path.open("rb") as file:
        content = file.read(4 * 1024 * 1024)
    if "EncryptedPackage".encode("utf-16-le") in content:
        return (
            f"« {name} » est protégé par un mot de passe : ouvrez-le, retirez la protection, "
            "enregistrez-le, puis recommencez."
        )
    return (
        f"« {name} » est un ancien classeur Excel (.xls) : ouvrez-le et enregistrez-le "
        "en .xlsx, .ods ou .csv, puis recommencez."
    )
