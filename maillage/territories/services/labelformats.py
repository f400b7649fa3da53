"""Read a file of labels as it comes: encoding, separator, columns (`data/labels/formats.toml`)."""

import csv
import gzip
import hashlib
import io
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from maillage.territories.enums import DERIVED, LABEL_NAMES

FORMATS: Final = Path(__file__).resolve().parents[2] / "data" / "labels" / "formats.toml"
VALUE_LENGTH: Final = 120
#: The documented shape, the same for every label.
STANDARD: Final = ("code", "valeur", "libelle", "date")


class ImportRefused(Exception):
    """The file cannot be imported; the message says why, in French."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one label is read from the lines of a file (keys documented in `formats.toml`)."""

    label: str
    code: str = "code"
    code_pattern: str = ""
    code_separator: str = ""
    value: str = ""
    value_separator: str = ""
    value_pattern: str = ""
    values: dict[str, str] = field(default_factory=dict)
    absent_values: tuple[str, ...] = ()
    unknown_values: tuple[str, ...] = ()
    name: str = ""
    date: str = ""
    where: dict[str, list[str]] = field(default_factory=dict)
    carriers: tuple[str, ...] = ("commune",)
    complete: bool = False
    lists_all: bool = False
    merge_duplicates: bool = False
    only_carriers: bool = False
    zones: tuple[str, ...] = ("metro", "drom")
    note: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """The shape of a file: its columns, and a rule for each label that it holds."""

    id: str
    title: str
    columns: tuple[str, ...]
    rules: tuple[Rule, ...]
    vintage: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file once read: its header, its lines with their numbers, its digest."""

    name: str
    digest: str
    columns: tuple[str, ...]
    lines: tuple[tuple[int, dict[str, str]], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One territory named by one line. ``value`` is None when the line says « not carried »."""

    line: int
    code: str
    value: str | None
    name: str = ""
    signed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line of the file."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"ligne {self.line} : {self.message}"


def read_sheet(path: Path) -> Sheet:
    """Read a CSV (gzipped or not, UTF-8 or Windows-1252, « ; », « , » or tab).

    Raises `ImportRefused` when it is not one.
    """
    try:
        raw = path.read_bytes()
        data = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError) as error:
        raise ImportRefused(f"Le fichier {path.name} ne peut pas être lu : {error}") from error
    text = _decode(data)
    if "\0" in text:
        raise ImportRefused(f"{path.name} n'est pas un fichier CSV (contenu binaire).")
    first = text.partition("\n")[0]
    separator = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header = tuple(cell.strip() for cell in next(reader, []))
    if not any(header):
        raise ImportRefused(f"{path.name} est vide.")
    lines: list[tuple[int, dict[str, str]]] = []
    number = reader.line_num
    for cells in reader:
        start, number = number + 1, reader.line_num
        if any(cell.strip() for cell in cells):
            padded = [*cells, *[""] * (len(header) - len(cells))]
            lines.append((start, {c: v.strip() for c, v in zip(header, padded, strict=False)}))
    return Sheet(path.name, hashlib.sha256(data).hexdigest(), header, tuple(lines))


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


@cache
def formats() -> tuple[dict[str, Rule], tuple[Format, ...]]:
    """Return the rule of each label in the documented shape, and the other known shapes."""
    known = tomllib.loads(FORMATS.read_text("utf-8"))
    usual = known["labels"]
    standard = {
        label: _rule(
            {**usual[label], "label": label, "value": "valeur", "name": "libelle", "date": "date"}
        )
        for label in usual
    }
    shapes = tuple(
        Format(
            id=shape["id"],
            title=shape["title"],
            columns=tuple(shape["columns"]),
            vintage=shape.get("vintage", ""),
            source=shape.get("source", ""),
            rules=tuple(
                _rule({**_coverage(usual[rule["label"]]), **rule}) for rule in shape["labels"]
            ),
        )
        for shape in known["formats"]
    )
    return standard, shapes


def _coverage(usual: dict[str, Any]) -> dict[str, Any]:
    """What a format takes from the label's own table: whom it covers, not how it is written."""
    return {key: usual[key] for key in ("carriers", "complete", "zones") if key in usual}


def _rule(table: dict[str, Any]) -> Rule:
    lists = ("carriers", "zones", "absent_values", "unknown_values")
    table = {key: tuple(v) if key in lists else v for key, v in table.items()}
    table["where"] = {
        column: [v] if isinstance(v, str) else v for column, v in table.get("where", {}).items()
    }
    return Rule(**table)


def choose(sheet: Sheet, label: str | None, name: str | None) -> Format:
    """Find the format of a file: the one named, else the one whose columns are the file's.

    Raises `ImportRefused` when the format is unknown or does not hold `label`.
    """
    standard, shapes = formats()
    if label in DERIVED:
        base = DERIVED[label][0]
        raise ImportRefused(
            f"« {label} » ne s'importe pas à part : il se lit dans les valeurs du label « {base} »."
        )
    if label is not None and label not in LABEL_NAMES:
        raise ImportRefused(f"Label inconnu : {label}. Connus : {', '.join(sorted(LABEL_NAMES))}.")
    found = next(
        (s for s in shapes if (s.id == name if name else set(s.columns) <= set(sheet.columns))),
        None,
    )
    if found is None and name not in (None, "maillage"):
        known = ", ".join(["maillage", *(shape.id for shape in shapes)])
        raise ImportRefused(f"Format inconnu : {name}. Connus : {known}.")
    if found is None:
        return _standard(sheet, label, standard)
    missing = [column for column in found.columns if column not in sheet.columns]
    if missing:
        raise ImportRefused(f"Format {found.id} : il manque la colonne {', '.join(missing)}.")
    if label is not None and label not in {rule.label for rule in found.rules}:
        held = ", ".join(sorted({rule.label for rule in found.rules}))
        raise ImportRefused(f"Le format {found.id} ne contient pas « {label} » mais : {held}.")
    return found


def _standard(sheet: Sheet, label: str | None, rules: dict[str, Rule]) -> Format:
    if "code" not in sheet.columns:
        raise ImportRefused(
            f"Colonnes non reconnues : {', '.join(sheet.columns)}. La forme attendue est "
            f"« {';'.join(STANDARD)} » (voir maillage/data/labels/README.md)."
        )
    if label is None:
        raise ImportRefused("Dites de quel label il s'agit : --label pvd (par exemple).")
    return Format("maillage", "Forme documentée", STANDARD, (rules[label],))


def entries(sheet: Sheet, rule: Rule) -> Iterator[Entry | Problem]:
    """Read every line for one label: the territories it names, or what is wrong with it."""
    for number, line in sheet.lines:
        if any(line.get(column) not in accepted for column, accepted in rule.where.items()):
            continue
        codes = _codes(line.get(rule.code, ""), rule)
        if not codes:
            yield Problem(number, f"aucun code dans la colonne « {rule.code} »")
            continue
        written = line.get(rule.value, "") if rule.value else ""
        if written in rule.unknown_values:
            continue
        day = _day(line.get(rule.date, "")) if rule.date else None
        if isinstance(day, str):
            yield Problem(number, f"date illisible « {day} » (attendu 2024-09-30 ou 30/09/2024)")
            continue
        name = line.get(rule.name, "") if rule.name else ""
        if written in rule.absent_values:
            yield from (Entry(number, code, None) for code in codes)
            continue
        for value in written.split(rule.value_separator) if rule.value_separator else [written]:
            read = _value(value.strip(), rule)
            if isinstance(read, Problem):
                yield Problem(number, read.message)
            else:
                yield from (Entry(number, code, read, name[:250], day) for code in codes)


def _codes(text: str, rule: Rule) -> list[str]:
    if rule.code_pattern:
        return re.findall(rule.code_pattern, text)
    parts = text.split(rule.code_separator) if rule.code_separator else [text]
    return [part.strip().upper() for part in parts if part.strip()]


def _value(text: str, rule: Rule) -> str | Problem:
    if rule.values:
        if text in rule.values:
            return rule.values[text]
        if text in rule.values.values():
            return text
        accepted = ", ".join(dict.fromkeys(rule.values.values()))
        return Problem(0, f"valeur inconnue « {text} » (attendu : {accepted})")
    if rule.value_pattern:
        found = re.fullmatch(rule.value_pattern, text)
        if not found:
            return Problem(0, f"valeur mal formée « {text} »")
        text = found[1] if found.groups() else text
    if len(text) > VALUE_LENGTH:
        return Problem(0, f"valeur trop longue ({len(text)} caractères, {VALUE_LENGTH} au plus)")
    return text


def _day(text: str) -> date | str | None:
    """Read a date, ISO or French; None when empty, the text itself when it cannot be read."""
    if not text:
        return None
    for shape in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, shape).date()
        except ValueError:
            continue
    return text
