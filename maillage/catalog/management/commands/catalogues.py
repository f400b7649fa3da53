"""`maillage catalogues`: the named catalogues, and how to be rid of one."""

from typing import Any

from django.core.management.base import CommandParser

from maillage.catalog import named
from maillage.common.commands import Command as Base
from maillage.common.templatetags.maillage import lettres, pluriel


class Command(Base):
    called = "catalogues"
    help = "Liste les catalogues nommés, faits pour les mesures ; en supprime un."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--supprimer", metavar="NOM", help="supprimer ce catalogue")
        parser.add_argument("--oui", action="store_true", help="supprimer sans demander")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["supprimer"]:
            self._delete(options["supprimer"], sure=options["oui"])
            return
        found = list(named.catalogues())
        for one in found:
            size = pluriel(one.size, "fiche,fiches")
            self.stdout.write(f"{one.slug:<30} {size}, depuis le {lettres(one.created_at)}")
        if not found:
            self.stdout.write(
                "Aucun catalogue nommé. Pour en faire un : "
                "maillage importer offres FICHIER --catalogue NOM --ecrire"
            )

    def _delete(self, name: str, *, sure: bool) -> None:
        try:
            catalogue = named.find(name)
        except named.UnknownName as error:
            raise self.refuse(str(error)) from error
        size = pluriel(catalogue.size, "fiche,fiches")
        if not sure and not self._agreed(f"Supprimer « {name} » et ses {size} ? (oui/non) "):
            raise self.refuse(f"« {name} » est gardé : rien n'a été supprimé.")
        catalogue.delete()
        self.stdout.write(f"« {name} » est supprimé ({size}).")

    def _agreed(self, question: str) -> bool:
        try:
            return input(question).strip().lower() in {"o", "oui"}
        except EOFError:
            raise self.refuse("Personne ne répond : ajoutez --oui pour supprimer.") from None
