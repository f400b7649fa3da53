from argparse import ArgumentParser
from typing import Any

from maillage.common.commands import Command as BaseCommand
from maillage.experiences.files import ExperienceFileError, read
from maillage.experiences.services import load_experiences


class Command(BaseCommand):
    called = "importer experiences"
    help = (
        "Charge les expériences livrées (maillage/data/experiences). Tout ou rien ; ce qui a été "
        "corrigé ici n'est pas touché. Peut être relancé autant de fois qu'on veut."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--verifier", action="store_true", help="vérifie les fichiers sans rien écrire"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["verifier"]:
                self.stdout.write(f"Les fichiers sont bons : {len(read())} expériences.")
                return
            self.stdout.write(f"Chargé : {load_experiences()} expériences.")
        except ExperienceFileError as error:
            raise self.refuse(f"Rien n'a été écrit. À corriger :\n{error}") from error
