"""`maillage demo`: the accounts of the demonstration."""

from typing import Any

from maillage.accounts.demonstration import load_demo_accounts
from maillage.common.commands import Command as Base


class Command(Base):
    called = "demo"
    help = (
        "Crée les comptes de démonstration, ou les remet comme au départ, et les montre. "
        "Personne n'existe derrière : ne le faites pas sur un site en service."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = load_demo_accounts()
        width = max(len(account.email) for account in accounts)
        self.stdout.write(f"{len(accounts)} comptes de démonstration :\n\n")
        for account in accounts:
            self.stdout.write(f"  {account.email:<{width}}  {account.role.label}")
            self.stdout.write(f"  {'':<{width}}  {account.organisation}\n\n")
        self.stdout.write(
            "Ils n'ont pas de mot de passe : on y entre d'un clic, depuis la page « Comptes de "
            "démonstration », quand le site est lancé par « maillage run --demo »."
        )
