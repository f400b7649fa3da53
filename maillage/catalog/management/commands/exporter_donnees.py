from typing import Any

from maillage.catalog.opendata import files
from maillage.common.commands import Command as Base


class Command(Base):
    called = "exporter donnees"
    help = "Refait les fichiers de données ouvertes (comme chaque nuit) et dit où ils sont."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the files."""
        self.stdout.write(str(files.build(self.progress())))
