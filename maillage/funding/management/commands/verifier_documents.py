"""Command: make the papers of an example plan, open them with LibreOffice, compare."""

from argparse import ArgumentParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from maillage.common.commands import Command as Base
from maillage.common.office import LIMIT, OfficeError, find_office
from maillage.common.templatetags.maillage import pluriel
from maillage.funding.papers.checking import differences, make_all
from maillage.funding.papers.examples import example


class Command(Base):
    help = (
        "Fait tous les documents d'un plan d'exemple (plan, délibération, lettres, affiche, "
        "données), les ouvre avec LibreOffice s'il est installé, recalcule le tableau, et dit ce "
        "qui n'y est pas lu comme prévu."
    )
    called = "verifier documents"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dossier", type=Path, metavar="DOSSIER",
            help="y garder les documents et ce que LibreOffice en lit (dossier neuf ou vide)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dossier"] is None:
            with TemporaryDirectory() as folder:
                self._check(Path(folder))
            return
        kept: Path = options["dossier"]
        if kept.exists() and (not kept.is_dir() or any(kept.iterdir())):
            raise self.refuse(f"« {kept} » existe et n'est pas vide : donnez un dossier neuf.")
        kept.mkdir(parents=True, exist_ok=True)
        self._check(kept)
        self.stdout.write(f"Les documents sont dans « {kept} ».")

    def _check(self, folder: Path) -> None:
        subject = example()
        made = make_all(subject, folder)
        self.stdout.write(f"{pluriel(len(made), 'document fait,documents faits')}.")
        program = find_office()
        if program is None:
            self.stdout.write(
                "LibreOffice n'est pas installé sur cette machine : les documents n'ont pas été "
                "rouverts. Sous Debian : apt install libreoffice-writer-nogui "
                "libreoffice-calc-nogui."
            )
            return
        try:
            found = differences(subject, folder, program)
        except OfficeError as error:
            raise self.refuse(f"{error} (chaque conversion a {LIMIT} secondes au plus)") from error
        for line in found:
            self.stdout.write(f"  {line}")
        if found:
            raise self.refuse(
                f"{pluriel(len(found), 'différence,différences')} entre ce qui était voulu et ce "
                "que LibreOffice lit."
            )
        self.stdout.write(
            "LibreOffice les ouvre tous : noms, montants, totaux et formules recalculées sont ceux "
            "qui étaient voulus."
        )
