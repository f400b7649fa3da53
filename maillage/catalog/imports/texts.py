"""CSV and JSON Lines → lines. The encoding and the separator are found, not asked."""

import codecs
import csv
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, TextIO

from maillage.catalog.imports.raw import (
    MOST_COLUMNS,
    MOST_LINES,
    Raw,
    Unreadable,
    header_of,
    line_of,
    too_many_columns,
    too_many_lines,
)

#: A line of text longer than this is no line of a table, in characters.
_LONGEST_LINE: Final = 2_000_000
_BLOCK: Final = 1 << 18
_SEPARATORS: Final = ";,|\t"
_CUT: Final = (
    "le fichier semble coupé : sa dernière ligne n'a pas de fin. Vérifiez que son texte est entier "
    "et qu'il ne manque aucune fiche après elle."
)
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
#: Bytes that mean nothing in Windows-1252.
_NOT_WINDOWS: Final = (b"\x81", b"\x8d", b"\x8f", b"\x90", b"\x9d")


def read_csv(path: Path, name: str, remarks: list[str]) -> Iterator[Raw]:
    """Lines of a CSV file (see `reading.read`)."""
    encoding = encoding_of(path, name, remarks)
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline(_LONGEST_LINE)
        if len(first) >= _LONGEST_LINE:
            raise too_many_columns(name, 1)
        separator = separator_of(first)
    with path.open(encoding=encoding, newline="") as file:
        yield from _rows(file, name, separator)


def _rows(file: TextIO, name: str, separator: str) -> Iterator[Raw]:
    last = _Last(_lines(file, name))
    reader = csv.reader(last, delimiter=separator, strict=True)
    header: list[str] = []
    number = given = 0
    try:
        for cells in reader:
            number += 1
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > MOST_COLUMNS:
                raise too_many_columns(name, number)
            if not header:
                header = header_of([cell.strip() for cell in cells], name)
                continue
            given += 1
            if given > MOST_LINES:
                raise too_many_lines(name)
            line = line_of(header, [_stripped(cell) for cell in cells], number, whole=True)
            if last.is_cut(separator):
                line.remarks = (_CUT,)
            yield line
    except csv.Error as error:
        raise Unreadable(_csv_problem(str(error), name, number + 1)) from error


class _Last(Iterator[str]):
    """The lines of a text, of which the last one read is kept in mind."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._line = ""

    def __next__(self) -> str:
        self._line = next(self._lines)
        return self._line

    def is_cut(self, separator: str) -> bool:
        """Whether the line, not the first, ends without an end of line inside a bare text."""
        return not self._line.endswith(("\n", "\r", '"', separator))


def _stripped(cell: str) -> str:
    """The text of a cell, without the blanks that nobody sees."""
    return cell.strip(" \t\r\n\xa0")


def _csv_problem(error: str, name: str, number: int) -> str:
    place = f"« {name} », ligne {number}"
    if "field larger" in error or "unexpected end" in error:
        return (
            f"{place} : un guillemet ouvert n'est jamais fermé, ou une cellule est démesurée. "
            "Le fichier est peut-être coupé : exportez-le de nouveau, en entier."
        )
    if "expected after" in error:
        return (
            f"{place} : un guillemet est fermé au milieu d'un texte. Dans un texte entre "
            'guillemets, un guillemet s\'écrit deux fois ("").'
        )
    return f"{place} : cette ligne ne peut pas être lue. Exportez de nouveau le tableau en CSV."


def _lines(file: TextIO, name: str) -> Iterator[str]:
    """Lines of a text, as they are, none of them huge nor with what no text holds."""
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) >= _LONGEST_LINE:
            raise Unreadable(
                f"« {name} », ligne {number} : plus de {_LONGEST_LINE} caractères sur une ligne. "
                "Ce n'est pas un tableau, ou ses retours à la ligne sont perdus."
            )
        if "\0" in line:
            raise Unreadable(
                f"« {name} », ligne {number} : elle contient des caractères nuls. Le fichier est "
                "abîmé, ou n'est pas un texte : exportez-le de nouveau."
            )
        yield line


def about(path: Path) -> int:
    """About how many lines a text has."""
    count = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            count += block.count(b"\n")
    return count


def separator_of(line: str) -> str:
    """The separator of a header: the mark that is there most often out of quotes, else « ; »."""
    bare = "".join(line.split('"')[::2])
    best = max(_SEPARATORS, key=bare.count)
    return best if best in bare else ";"


def encoding_of(path: Path, name: str, remarks: list[str]) -> str:
    """The encoding of a text: UTF-8 (or UTF-16, marked), else Windows-1252, which is remarked.

    Raises `Unreadable` when some lines are in one and some in the other.
    """
    with path.open("rb") as file:
        if file.read(2) in _UTF16:
            remarks.append("Le fichier est en UTF-16 : il a été lu ainsi.")
            _check(path, name, "utf-16")
            return "utf-16"
    broken = _first_broken_line(path)
    if not broken:
        return "utf-8-sig"
    if _has_utf8_letters(path):
        raise Unreadable(
            f"« {name} », ligne {broken} : des lettres accentuées ne sont pas dans le même "
            "encodage que le reste. Corrigez cette ligne, ou exportez de nouveau en UTF-8."
        )
    _check(path, name, "cp1252")
    remarks.append(
        "Le fichier n'est pas en UTF-8 : il a été lu en Windows-1252. Vérifiez les accents."
    )
    return "cp1252"


def _check(path: Path, name: str, encoding: str) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    with path.open("rb") as file:
        while True:
            block = file.read(_BLOCK)
            try:
                lines += decoder.decode(block, not block).count("\n")
            except UnicodeDecodeError as error:
                lines += block[: error.start].count(b"\n")
                raise Unreadable(
                    f"« {name} », vers la ligne {lines} : des caractères ne peuvent pas être lus. "
                    "Exportez de nouveau le tableau en CSV, encodage UTF-8."
                ) from error
            if not block:
                return


def _first_broken_line(path: Path) -> int:
    """Number of the first line that is not UTF-8; 0 when all are."""
    number = 0
    with path.open("rb") as file:
        rest = b""
        while block := file.read(_BLOCK):
            block = rest + block
            cut = block.rfind(b"\n") + 1
            if not cut and len(block) > _LONGEST_LINE:
                cut = len(block) - 4
            part, rest = block[:cut], block[cut:]
            try:
                part.decode()
            except UnicodeDecodeError as error:
                return number + part[: error.start].count(b"\n") + 1
            number += part.count(b"\n")
        try:
            rest.decode()
        except UnicodeDecodeError:
            return number + 1
    return 0


def _has_utf8_letters(path: Path) -> bool:
    """True when a line has letters that are surely UTF-8 (« Ã© » once read otherwise)."""
    with path.open("rb") as file:
        while line := file.readline(_BLOCK):
            if line.isascii():
                continue
            try:
                line.decode()
            except UnicodeDecodeError:
                continue
            return True
    return False


def read_json_lines(path: Path, name: str, remarks: list[str]) -> Iterator[Raw]:
    """Objects of a JSON Lines file, one a line (see `reading.read`); no line is a header."""
    encoding = encoding_of(path, name, remarks)
    with path.open(encoding=encoding, newline="") as file:
        given = 0
        for number, line in enumerate(_lines(file, name), 1):
            if not line.strip():
                continue
            given += 1
            if given > MOST_LINES:
                raise too_many_lines(name)
            yield Raw(number, _object(line, name, number))


def _object(line: str, name: str, number: int) -> dict[str, Any]:
    place = f"« {name} », ligne {number}"
    try:
        value = json.loads(
            line, object_pairs_hook=_once, parse_constant=_finite, parse_float=_finite
        )
        if "\\u" in line and not _storable(value):
            raise ValueError(line)
    except (ValueError, RecursionError) as error:
        if isinstance(error, _Twice):
            raise Unreadable(f"{place} : « {error} » y est deux fois ; gardez-en un.") from error
        if number == 1 and line.lstrip().startswith("["):
            raise Unreadable(_is_list(place)) from error
        raise Unreadable(
            f"{place} : ce n'est pas une fiche JSON entière (le fichier est peut-être coupé). "
            'Chaque ligne est un objet : {"id": …, "titre": …}.'
        ) from error
    if number == 1 and isinstance(value, list):
        raise Unreadable(_is_list(place))
    if not isinstance(value, dict):
        raise Unreadable(f'{place} : chaque ligne doit être un objet JSON {{"id": …}}.')
    if len(value) > MOST_COLUMNS:
        raise too_many_columns(name, number)
    return value


def _is_list(place: str) -> str:
    return (
        f"{place} : c'est une liste JSON. Écrivez une fiche par ligne (JSON Lines), sans crochets "
        "ni virgules entre elles."
    )


class _Twice(ValueError):
    """A name that an object holds twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return found


def _finite(text: str) -> float:
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(text)
    return found


def _storable(value: Any) -> bool:
    """False of what holds characters that no text may: null ones, halves of a character."""
    written = json.dumps(value, ensure_ascii=False)
    return "\\u0000" not in written and not any("\ud800" <= c <= "\udfff" for c in written)
