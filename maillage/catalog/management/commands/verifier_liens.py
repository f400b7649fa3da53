"""Command: look at the links of the catalogue now."""

from argparse import ArgumentParser
from typing import Any

from django.utils.timezone import localdate

from maillage.catalog.quality.checking import MOST, check_links, default_looker
from maillage.common.commands import Command as Base
from maillage.common.templatetags.maillage import pluriel


class Command(Base):
    help = (
        "Vérifie les adresses du catalogue qui doivent l'être (les plus anciennes d'abord), comme "
        "chaque nuit, et dit lesquelles ne répondent pas."
    )
    called = "verifier liens"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--au-plus", type=int, default=MOST, metavar="N", help=f"adresses au plus ({MOST})"
        )
        parser.add_argument(
            "--toutes", action="store_true", help="aussi celles qui viennent d'être vérifiées"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["au_plus"] < 1:
            raise self.refuse("--au-plus : donnez un nombre d'adresses, à partir de 1.")
        tally = check_links(
            today=localdate(),
            looker=default_looker(),
            most=options["au_plus"],
            everything=options["toutes"],
            progress=self.progress(),
        )
        if tally.away:
            raise self.refuse(
                "Presque aucun site ne répond : c'est sans doute cette machine qui n'a pas accès "
                "à internet. Rien n'a été conclu de ces dernières adresses."
            )
        self.stdout.write(
            f"{pluriel(tally.looked, 'adresse vérifiée,adresses vérifiées')} : "
            f"{tally.fine} répondent, {tally.failed} non."
        )
        for url in tally.broken:
            self.stdout.write(f"  ne répond plus depuis trois nuits : {url}")
