from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from maillage.common.commands import Command as BaseCommand
from maillage.engine.funding.words import euros, number
from maillage.funding.enums import BodyKind
from maillage.funding.services.accounts import (
    NotImported,
    Report,
    expected,
    read_accounts,
    write_accounts,
)
from maillage.territories.directory import directory

#: Lines of each list that are printed; --tout prints them all.
SHOWN = 10
YEARS = range(1990, 2100)


class Command(BaseCommand):
    called = "importer comptes"
    help = (
        "Importe les comptes des collectivités (investissement de l'année), pour l'étude « 1 ‰ ». "
        "Sans --ecrire, montre seulement ce qui serait écrit. La forme du fichier est décrite dans "
        "docs/un-pour-mille.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("fichier", type=Path, help="CSV, ODS, XLSX ou JSON Lines")
        parser.add_argument("--exercice", type=int, required=True, help="l'année : 2024")
        parser.add_argument("--source", default="", help="d'où vient le fichier : « OFGL, … »")
        parser.add_argument(
            "--tolerer", action="store_true", help="laisse de côté les lignes refusées"
        )
        parser.add_argument("--tout", action="store_true", help="montre toutes les lignes")
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument(
            "--dry-run", action="store_true", help="n'écrit rien (par défaut) : montre l'effet"
        )
        choice.add_argument(
            "--ecrire", action="store_true", help="écrit, à la place des comptes de cet exercice"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["fichier"]
        if options["exercice"] not in YEARS:
            raise self.refuse(f"--exercice {options['exercice']} : écrivez une année, 2024.")
        try:
            report = read_accounts(path, path.name, options["exercice"])
            self._tell(report, None if options["tout"] else SHOWN)
            if options["ecrire"]:
                made = write_accounts(report, options["source"], tolerate=options["tolerer"])
                self.stdout.write(f"\nÉcrit : {number(made.count)} collectivités.")
            else:
                self.stdout.write("\nRien n'a été écrit. Ajoutez --ecrire pour écrire.")
        except NotImported as error:
            raise self.refuse(str(error)) from error

    def _tell(self, report: Report, shown: int | None) -> None:
        self.stdout.write(f"\n{report.name}, exercice {report.year}")
        for kind, there in expected(directory()).items():
            if count := report.count(kind):
                self.stdout.write(
                    f"  {BodyKind(kind).label} : {number(count)} sur {number(there)}, "
                    f"{euros(report.total(kind))} d'investissement"
                )
        if report.compared is None:
            self.stdout.write("  Aucuns comptes en place pour cet exercice.")
        else:
            said = ", ".join(f"{number(n)} {word}" for word, n in report.compared.items() if n)
            self.stdout.write(f"  À la place des comptes présents : {said}")
        if report.other_years:
            self.stdout.write(f"  lignes d'autres exercices, laissées : {report.other_years}")
        self._list("codes convertis", report.converted, shown)
        self._list("à savoir", report.notes, shown)
        self._list("REFUSÉ", report.problems, shown)

    def _list(self, title: str, items: list[str], shown: int | None) -> None:
        if not items:
            return
        self.stdout.write(f"  {title} : {len(items)}")
        for item in items[:shown]:
            self.stdout.write(f"    {item}")
        if shown is not None and len(items) > shown:
            self.stdout.write(f"    … et {len(items) - shown} autres (--tout les montre)")
