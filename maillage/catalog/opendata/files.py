"""The open files: CSV, JSON Lines and ODS, their dictionary and ``datapackage.json``, made apart
then put in place together, so that nobody ever reads half of them.
"""

import csv
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.timezone import now

from maillage.catalog.opendata.resources import Column, Resource, Value, resources
from maillage.common.progress import Progress, silent
from maillage.common.tables import safe, workbook

#: Files that this folder may give: name of the file → media type.
MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "json": "application/json",
}
DESCRIPTOR: Final = "datapackage.json"
_BETWEEN: Final = " | "
_DICTIONARY: Final = (
    "fichier", "colonne", "intitulé", "type", "description", "exemple", "codes",
)  # fmt: skip


def folder() -> Path:
    """Where the files in force are (it may not exist yet)."""
    root: Path = settings.OPEN_DATA_ROOT
    return root / "en-vigueur"


def build(progress: Progress = silent) -> Path:
    """Make every file again from the database, and put them in force together; their folder."""
    home = settings.OPEN_DATA_ROOT
    home.mkdir(parents=True, exist_ok=True)
    moment = now()
    made = home / f"{moment:%Y%m%d-%H%M%S-%f}"
    made.mkdir()
    try:
        tables = resources()
        described = []
        for number, table in enumerate(tables, 1):
            described += _write(table, made)
            progress("données ouvertes", number, len(tables))
        described += _write_dictionary(tables, made)
        (made / DESCRIPTOR).write_text(
            json.dumps(_package(described, moment), ensure_ascii=False, indent=2), encoding="utf-8"
        )
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    _put_in_force(made, home)
    return folder()


def descriptor() -> dict[str, Any] | None:
    """``datapackage.json`` of the files in force; ``None`` when none was made yet."""
    try:
        held: dict[str, Any] = json.loads((folder() / DESCRIPTOR).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return held


def _write(table: Resource, where: Path) -> list[dict[str, Any]]:
    """The three files of a table, read once; their descriptions."""
    names = [column.name for column in table.columns]
    text, lines = where / f"{table.name}.csv", where / f"{table.name}.jsonl"
    count, kept, contacts = 0, [], 0
    contact = names.index("generaliste") if "generaliste" in names else None
    with (
        text.open("w", encoding="utf-8-sig", newline="") as flat,
        lines.open("w", encoding="utf-8") as deep,
    ):
        writer = csv.writer(flat, delimiter=";")
        writer.writerow(names)
        for row in table.rows():
            cells = [in_a_cell(value) for value in row]
            writer.writerow([safe(cell) for cell in cells])
            deep.write(f"{json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False)}\n")
            kept.append(cells)
            count += 1
            contacts += contact is not None and row[contact] is True
    sheet = where / f"{table.name}.ods"
    sheet.write_bytes(workbook([(table.title[:31], names, kept)]))
    described = [
        _described(file, table.title, table.description, table.columns, count)
        for file in (text, lines, sheet)
    ]
    # How many lines are only a contact: the pages of the site count without them.
    return [{**one, "contacts": contacts} for one in described] if contacts else described


def in_a_cell(value: Value) -> str | int | float | None:
    """A value as one cell: lists are joined, objects say their ``text``, yes and no in French."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return _BETWEEN.join(one["text"] if isinstance(one, dict) else str(one) for one in value)
    return value


def _write_dictionary(tables: Sequence[Resource], where: Path) -> list[dict[str, Any]]:
    rows = list(_dictionary(tables))
    text, sheet = where / "dictionnaire.csv", where / "dictionnaire.ods"
    with text.open("w", encoding="utf-8-sig", newline="") as flat:
        writer = csv.writer(flat, delimiter=";")
        writer.writerow(_DICTIONARY)
        writer.writerows([safe(cell) for cell in row] for row in rows)
    sheet.write_bytes(workbook([("Dictionnaire", _DICTIONARY, rows)]))
    columns = tuple(Column(name, "string", name.capitalize(), "") for name in _DICTIONARY)
    said = "Ce que veut dire chaque colonne de chaque fichier."
    return [_described(file, "Dictionnaire", said, columns, len(rows)) for file in (text, sheet)]


def _dictionary(tables: Iterable[Resource]) -> Iterable[list[str]]:
    for table in tables:
        for one in table.columns:
            codes = " | ".join(f"{c} = {label}" for c, label in (one.codes or {}).items())
            yield [table.name, one.name, one.title, one.type, one.description, one.example, codes]


def _described(
    file: Path, title: str, description: str, columns: Iterable[Column], rows: int
) -> dict[str, Any]:
    kind = file.suffix.lstrip(".")
    content = file.read_bytes()
    said: dict[str, Any] = {
        "name": file.name.replace(".", "-"),
        "path": file.name,
        "title": title,
        "description": description,
        "format": kind,
        "mediatype": MEDIA[kind].split(";")[0],
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "rows": rows,
        "schema": {"fields": [column.described() for column in columns], "missingValues": [""]},
    }
    if kind == "csv":
        said |= {"encoding": "utf-8", "dialect": {"delimiter": ";", "header": True}}
    return said


def _package(described: list[dict[str, Any]], moment: datetime) -> dict[str, Any]:
    site = settings.MAILLAGE
    return {
        "name": "maillage-catalogue",
        "title": f"{site['NAME']} : le catalogue des aides et des appuis aux communes",
        "description": "Qui peut aider une commune, près de chez elle, et qui peut financer.",
        "homepage": f"{site['URL']}/donnees/",
        "created": moment.isoformat(),
        "licenses": [{"title": site["DATA_LICENCE"], "path": site["DATA_LICENCE_URL"]}],
        "contributors": [{"title": site["OPERATOR"] or site["NAME"], "role": "publisher"}],
        "resources": described,
    }


def _put_in_force(made: Path, home: Path) -> None:
    """Make the link lead to the new folder, in one move; keep the one before, erase the others."""
    link = home / f"{made.name}.lien"
    link.symlink_to(made.name)
    os.replace(link, home / "en-vigueur")
    earlier = sorted(p for p in home.iterdir() if p.is_dir() and not p.is_symlink())
    for old in earlier[:-2]:
        shutil.rmtree(old, ignore_errors=True)
