"""Files to import, for the tests of imports."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from maillage.catalog.enums import ImportState
from maillage.catalog.imports import pipeline
from maillage.catalog.imports.raw import Raw, Unreadable
from maillage.catalog.imports.reading import read
from maillage.catalog.models import Dataset, Import

TWO_LINES = ("id;titre;offreur;themes", "a1;Un;Agence d'essai;eau", "a2;Deux;Agence d'essai;eau")


def csv(folder: Path, *lines: str, name: str = "offres.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def load(feed: Dataset, folder: Path, *lines: str, kind: str = "offres", **more: Any) -> Import:
    """Prepare these lines, and write them when they are good."""
    path = csv(folder, *lines)
    parent = pipeline.prepare(kind=kind, path=path, name=path.name, dataset=feed)
    if parent.state == ImportState.READY:
        pipeline.write(parent, **more)
    return parent


def tried(feed: Dataset, folder: Path, *lines: str, kind: str = "offres", **more: Any) -> Import:
    path = csv(folder, *lines)
    return pipeline.prepare(kind=kind, path=path, name=path.name, dataset=feed, **more)


def said(parent: Import) -> str:
    lines = parent.lines.exclude(problems=[]).values_list("problems", flat=True)
    return " ".join([*parent.problems, *(p["message"] for one in lines for p in one)])


OFFICE = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def lines(folder: Path, name: str, content: bytes | str) -> list[Raw]:
    path = folder / "recu"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read(path, name))


def refusal(folder: Path, name: str, content: bytes | str) -> str:
    with pytest.raises(Unreadable) as caught:
        lines(folder, name, content)
    return " ".join(caught.value.problems)


def ods(rows: str, before: str = "") -> bytes:
    """An ODS whose sheet holds this XML."""
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f'<?xml version="1.0"?>{before}<office:document-content {OFFICE}>'
            f'<office:body><office:spreadsheet><table:table table:name="F">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        }
    )


def cells(*values: str, more: str = "") -> str:
    """A row of text cells, then any XML."""
    texts = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{v}</text:p></table:table-cell>'
        for v in values
    )
    return f"<table:table-row>{texts}{more}</table:table-row>"


def zipped(entries: dict[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def xlsx(*rows: list[Any], styles: dict[str, str] | None = None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for place, style in (styles or {}).items():
        book.active[place].number_format = style
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def patched(content: bytes, entry: str, old: str, new: str) -> bytes:
    """A workbook one of whose files is changed."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert old.encode() in held[entry]
    held[entry] = held[entry].replace(old.encode(), new.encode())
    return zipped(held)
