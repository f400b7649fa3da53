"""`maillage manage effacer_personne ADRESSE`: erase what names a person, at their request."""

from argparse import ArgumentParser
from typing import Any

from maillage.common.commands import Command as Base
from maillage.desk.services.privacy import erase_person


class Command(Base):
    called = "manage effacer_personne"
    help = (
        "Efface une personne : compte fermé et vidé, mandats, coordonnées données comme contact, "
        "courriels. Les passages des demandes restent, sans son nom. Rien ne se récupère."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("adresse", help="son adresse électronique")
        parser.add_argument("--oui", action="store_true", help="ne pas demander de confirmer")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["adresse"]
        if not options["oui"]:
            self.stdout.write(f"Tout ce qui nomme « {email} » va être effacé, sans retour.")
            if input("Tapez l'adresse pour confirmer : ").strip().lower() != email.lower():
                raise self.refuse("Rien n'a été effacé.")
        counts = erase_person(email)
        if not any(counts.values()):
            raise self.refuse(f"« {email} » n'est connue nulle part : rien n'a été effacé.")
        self.stdout.write(
            f"Effacé : {counts['accounts']} compte, {counts['contacts'] + counts['leads']} fois "
            f"comme contact, {counts['labels']} mentions, {counts['links']} liens, "
            f"{counts['mails']} courriels."
        )
