"""`maillage exporter openapi`: the contract of the API, as the file that a test compares."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from maillage.api.views import api
from maillage.common.commands import Command as Base


def contract() -> str:
    """The OpenAPI document, as it is kept in ``docs/openapi.json``."""
    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=2) + "\n"


class Command(Base):
    called = "exporter openapi"
    help = "Écrit le contrat de l'API (OpenAPI), à garder dans docs/openapi.json."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sortie", type=Path, help="fichier à écrire (sinon : à l'écran)")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path | None = options["sortie"]
        if file is None:
            self.stdout.write(contract(), ending="")
            return
        try:
            file.write_text(contract(), encoding="utf-8")
        except OSError as error:
            raise self.refuse(f"« {file} » n'a pas pu être écrit : {error.strerror}.") from error
        self.stdout.write(f"Contrat écrit dans {file}.")
