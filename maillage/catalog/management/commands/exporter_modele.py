from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from maillage.catalog.enums import ImportKind
from maillage.catalog.imports.templates import template
from maillage.common.commands import Command as BaseCommand
from maillage.common.tables import FORMATS


class Command(BaseCommand):
    called = "exporter modele"
    help = "Écrit le tableau à remplir pour importer des offres, des aides ou des offreurs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--de", choices=ImportKind.values, default="offres", help="de quoi")
        parser.add_argument(
            "--sortie",
            type=Path,
            metavar="FICHIER",
            help=f"fichier à écrire ({', '.join(FORMATS)}) ; sans lui : CSV sur la sortie standard",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        target: Path | None = options["sortie"]
        kind = target.suffix.lstrip(".").lower() if target else "csv"
        if kind not in FORMATS:
            raise self.refuse(f"« {target} » : terminez le nom par {', '.join(FORMATS)}.")
        content = template(options["de"], kind)
        if target is None:
            self.stdout.write(content.decode("utf-8-sig"), ending="")
            return
        try:
            target.write_bytes(content)
        except OSError as error:
            raise self.refuse(f"« {target} » ne peut pas être écrit : {error.strerror}.") from error
        self.stderr.write(f"Écrit : {target}")
