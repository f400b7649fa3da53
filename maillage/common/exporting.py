"""The base of the commands that export a list: to a file by its extension, or CSV on the output."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from maillage.common.commands import Command
from maillage.common.tables import FORMATS, export

_KINDS = (*FORMATS, "jsonl")


class ExportCommand(Command):
    """A command called ``maillage exporter <what> [--sortie FILE]``."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file to write."""
        parser.add_argument(
            "--sortie",
            type=Path,
            metavar="FICHIER",
            help="fichier à écrire ; son extension dit le format (csv, ods, xlsx ou jsonl). "
            "Sans elle : CSV sur la sortie standard",
        )

    def header(self) -> Sequence[str]:
        """Names of the columns."""
        raise NotImplementedError

    def rows(self) -> Iterable[Sequence[Any]]:
        """Rows, in the order of the columns."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        target: Path | None = options["sortie"]
        kind = target.suffix.lstrip(".").lower() if target else "csv"
        if kind not in _KINDS:
            raise self.refuse(f"« {target} » : terminez le nom par {', '.join(_KINDS)}.")
        content = self._content(kind)
        if target is None:
            self.stdout.write(content.decode("utf-8-sig"), ending="")
            return
        try:
            target.write_bytes(content)
        except OSError as error:
            raise self.refuse(f"« {target} » ne peut pas être écrit : {error.strerror}.") from error
        self.stderr.write(f"Écrit : {target}")

    def _content(self, kind: str) -> bytes:
        if kind == "jsonl":
            names = self.header()
            lines = (dict(zip(names, row, strict=True)) for row in self.rows())
            text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
            return text.encode()
        return export("export", self.header(), self.rows(), kind).getvalue()
