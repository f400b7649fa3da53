"""`maillage plan verifier`: does a financing plan hold? Exit code 1 when a check fails."""

import json
from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandParser

from maillage.api.planfiles import add_file, opened
from maillage.api.plans import checks_out
from maillage.api.planshapes import CheckOut, ChecksOut
from maillage.common.commands import Command as Base
from maillage.common.templatetags.maillage import lettres
from maillage.common.terminal import wrapped
from maillage.engine.funding.types import Verdict
from maillage.engine.funding.words import euros
from maillage.funding.enums import VERDICTS


class Command(Base):
    called = "plan verifier"
    help = (
        "Dit si un plan de financement tient : chaque règle, ses nombres, sa loi, et le plus petit "
        "changement qui suffit. Code de sortie : 0 s'il tient, 1 si une règle est "
        "enfreinte, 2 si le fichier ne peut pas être lu."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_file(parser)
        parser.add_argument("--json", action="store_true", help="la réponse de l'API, en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = checks_out(opened(options["fichier"]))
        if options["json"]:
            said = found.model_dump(mode="json")
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(in_words(found)))
        if not found.holds:
            raise SystemExit(1)


def in_words(found: ChecksOut) -> Iterable[str]:
    """The lines of a verdict, for a terminal: what fails first."""
    yield from wrapped(found.headline)
    yield from wrapped(
        f"Dépenses : {euros(found.cost)} ; ressources : {euros(found.resources)}. Droit du "
        f"{lettres(found.date)}."
    )
    for verdict in VERDICTS:
        for check in found.checks:
            if check.verdict is verdict:
                yield ""
                yield from _check(check)


def _check(check: CheckOut) -> Iterable[str]:
    rule = check.rule
    yield from wrapped(f"{' '.join(VERDICTS[check.verdict])} : {rule.title}", "", "  ")
    yield from wrapped(check.sentence, "  ")
    if check.change:
        yield from wrapped(f"Le plus petit changement : {check.change}", "  ")
    if check.verdict is not Verdict.OUT:
        state = "" if rule.confirmed else " (règle à confirmer)"
        yield from wrapped(f"{rule.reference}{state}", "  ")
