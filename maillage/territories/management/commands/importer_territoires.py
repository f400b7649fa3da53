from typing import Any

from maillage.common.commands import Command as BaseCommand
from maillage.territories.services import load_reference


class Command(BaseCommand):
    called = "importer territoires"
    help = (
        "Charge les communes, intercommunalités, arrondissements, départements, régions et "
        "périmètres livrés avec Maillage. Sans effet s'ils sont déjà à jour."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = load_reference(self.progress())
        except ValueError as error:
            raise self.refuse(str(error)) from error
        if not report.changed:
            self.stdout.write(f"Territoires déjà à jour : {report.communes} communes.")
            return
        self.stdout.write(f"Territoires chargés : {report.communes} communes.")
        for old, new in report.moved:
            self.stdout.write(f"  {old} a rejoint {new} : ce qui s'y rattachait a suivi.")
