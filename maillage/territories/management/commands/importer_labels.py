from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from maillage.common.commands import Command as BaseCommand
from maillage.territories.services import ImportRefused, LabelReport, import_labels, read_labels

#: Lines of each list that are printed; --tout prints them all.
SHOWN = 10


class Command(BaseCommand):
    called = "importer labels"
    help = (
        "Importe un fichier de labels ou de zonages (Petites villes de demain, densité, FRR…). "
        "Sans --ecrire, montre seulement ce qui changerait. Les formes de fichiers sont décrites "
        "dans maillage/data/labels/README.md."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("fichier", type=Path, help="fichier CSV, compressé (.gz) ou non")
        parser.add_argument(
            "--label", help="le label du fichier (pvd, frr, densite…) ; sans lui, tous ceux trouvés"
        )
        parser.add_argument("--vintage", default="", help="de quand date le fichier : 2024-09")
        parser.add_argument("--source", default="", help="d'où vient le fichier : son adresse")
        parser.add_argument("--format", help="nom du format (sinon reconnu à ses colonnes)")
        parser.add_argument(
            "--partiel",
            action="store_true",
            help="le fichier ne couvre pas la France : ne pas y figurer reste « inconnu »",
        )
        parser.add_argument(
            "--tolerer", action="store_true", help="laisse de côté les lignes refusées"
        )
        parser.add_argument(
            "--accepter-pertes",
            action="store_true",
            help="écrit même si plus de la moitié des territoires perdent le label",
        )
        parser.add_argument("--tout", action="store_true", help="montre toutes les lignes")
        choice = parser.add_mutually_exclusive_group()
        choice.add_argument(
            "--dry-run", action="store_true", help="n'écrit rien (par défaut) : montre l'effet"
        )
        choice.add_argument("--ecrire", action="store_true", help="écrit, tout ou rien")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            reports = read_labels(
                options["fichier"],
                label=options["label"],
                vintage=options["vintage"],
                source=options["source"],
                file_format=options["format"],
                partial=options["partiel"],
            )
            for report in reports:
                self._tell(report, None if options["tout"] else SHOWN)
            if options["ecrire"]:
                written = import_labels(
                    reports,
                    tolerate=options["tolerer"],
                    accept_losses=options["accepter_pertes"],
                )
                self.stdout.write(f"\nÉcrit : {written} affectation(s).")
            else:
                self.stdout.write("\nRien n'a été écrit. Ajoutez --ecrire pour écrire.")
        except ImportRefused as error:
            raise self.refuse(str(error)) from error

    def _tell(self, report: LabelReport, shown: int | None) -> None:
        self.stdout.write(
            f"\n{report.name} ({report.label}, {report.carrier}), millésime {report.vintage}\n"
            f"  {len(report.assigned)} territoires, {report.assignments} affectations ; "
            f"ne pas y figurer veut dire « {report.absence} »"
        )
        if report.silent:
            self._list("communes dont le fichier ne dit rien", report.silent, shown)
        self._list(
            "codes convertis", [f"{old} devient {new}" for old, new in report.remapped], shown
        )
        self._list("ajoutés", report.added, shown)
        self._list("retirés", report.removed, shown)
        self._list("modifiés", report.changed, shown)
        self._list("à savoir", [str(warning) for warning in report.warnings], shown)
        self._list("REFUSÉ", [str(problem) for problem in report.problems], shown)

    def _list(self, title: str, items: list[str], shown: int | None) -> None:
        if not items:
            return
        self.stdout.write(f"  {title} : {len(items)}")
        for item in items[:shown]:
            self.stdout.write(f"    {item}")
        if shown is not None and len(items) > shown:
            self.stdout.write(f"    … et {len(items) - shown} autres (--tout les montre)")
