from argparse import ArgumentParser
from typing import Any, Final

from maillage.catalog.aides_territoires.client import Failed
from maillage.catalog.aides_territoires.reading import UNKNOWN
from maillage.catalog.aides_territoires.run import Busy, interrupted, run
from maillage.catalog.enums import Action, RunState
from maillage.catalog.models import ConnectorRun
from maillage.common.commands import Command as BaseCommand
from maillage.common.templatetags.maillage import pluriel
from maillage.territories.models import Commune

#: What was done of the aids, in the order in which it is said.
_DONE: Final = (
    (Action.NEW, "nouvelle,nouvelles"), (Action.CHANGED, "changée,changées"),
    (Action.SAME, "inchangée,inchangées"), (Action.GONE, "fermée,fermées"),
)  # fmt: skip


class Command(BaseCommand):
    called = "importer aides-territoires"
    help = (
        "Lit toutes les aides d'Aides-territoires par son API, puis écrit au catalogue ce qui a "
        "changé, d'un coup. L'adresse, la version et le jeton se règlent par "
        "MAILLAGE_AIDES_TERRITOIRES_URL, _VERSION et _TOKEN. Une aide qui n'est plus dans la liste "
        "est fermée, pas effacée."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--reprendre", action="store_true",
            help="reprend le dernier passage interrompu, à la page où il s'est arrêté",
        )  # fmt: skip
        parser.add_argument(
            "--essai", action="store_true", help="lit et compare, sans rien écrire au catalogue"
        )
        parser.add_argument(
            "--accepter-fermetures", action="store_true",
            help="ferme ce qui n'est plus listé, même si c'est plus de la moitié",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if options["reprendre"] and options["essai"]:
            raise self.refuse("Un essai ne se reprend pas : choisissez --reprendre ou --essai.")
        if not Commune.objects.exists():
            raise self.refuse(
                "Aucune commune n'est chargée : lancez d'abord « maillage importer territoires »."
            )
        if options["reprendre"] and interrupted() is None:
            raise self.refuse(
                "Aucun passage récent n'est à reprendre : relancez la commande sans --reprendre."
            )
        try:
            record = run(
                resume=options["reprendre"], trial=options["essai"],
                accept_gone=options["accepter_fermetures"], progress=self.progress(),
            )  # fmt: skip
        except (Failed, Busy) as refused:
            raise self.refuse(str(refused)) from refused
        if record.state != RunState.DONE:
            raise self.refuse(f"{record.get_state_display()}. {record.error}")
        self._say(record)

    def _say(self, record: ConnectorRun) -> None:
        counts = record.parent.counts if record.parent else {}
        said = [pluriel(counts.get(action, 0), forms) for action, forms in _DONE]
        self.stdout.write(
            f"{pluriel(record.read, 'aide lue,aides lues')} en "
            f"{pluriel(record.pages, 'page,pages')} : {', '.join(said)}."
        )
        if record.error:
            self.stdout.write(record.error)
        for kind, label in UNKNOWN.items():
            held = record.unknown.get(kind, {})
            if held:
                times = sum(line["times"] for line in held.values())
                self.stdout.write(f"Non compris, {label.lower()} : {len(held)} ({times} fois)")
