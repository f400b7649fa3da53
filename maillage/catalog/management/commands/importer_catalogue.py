from argparse import ArgumentParser
from typing import Any

from maillage.catalog import files as catalogue_files
from maillage.catalog.services.loading import load_catalogue
from maillage.common.commands import Command as BaseCommand
from maillage.territories.models import Commune


class Command(BaseCommand):
    called = "importer catalogue"
    help = (
        "Charge le catalogue livré (maillage/data) et les organismes déduits du code officiel "
        "géographique. Tout ou rien ; ce qui a été corrigé ici n'est pas touché ; ce qui a quitté "
        "les fichiers est retiré, pas effacé. Peut être relancé autant de fois qu'on veut."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--verifier", action="store_true", help="vérifie les fichiers sans rien écrire"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["verifier"]:
                files = catalogue_files.read()
                self.stdout.write(
                    f"Les fichiers sont bons : {len(files.providers)} offreurs, "
                    f"{len(files.offers)} offres, {len(files.project_types)} types de projet, "
                    f"{len(files.thesaurus)} entrées de thésaurus."
                )
                return
            if not Commune.objects.exists():
                raise self.refuse(
                    "Aucune commune n'est chargée : "
                    "lancez d'abord « maillage importer territoires »."
                )
            counts = load_catalogue(self.progress())
        except catalogue_files.CatalogueFileError as error:
            raise self.refuse(
                f"Rien n'a été écrit. À corriger ({len(error.problems)}) :\n{error}"
            ) from error
        self.stdout.write(
            f"Chargé : {counts['providers']} offreurs, {counts['offers']} offres, "
            f"{counts['types']} types de projet, {counts['thesaurus']} entrées de thésaurus."
        )
