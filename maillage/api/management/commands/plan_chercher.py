"""`maillage plan chercher`: the best plans among aids that might be asked, in a terminal."""

import json
from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandParser

from maillage.api.planfiles import add_file, opened
from maillage.api.plans import plans_out
from maillage.api.planshapes import BestOut, PlansOut
from maillage.common.commands import Command as Base
from maillage.common.terminal import wrapped
from maillage.engine.funding.words import euros
from maillage.funding.planning import best


class Command(Base):
    called = "plan chercher"
    help = (
        "Cherche les meilleurs plans pour des dépenses, parmi les ressources du fichier prises "
        "comme des aides possibles (taux ou forfait). Code de sortie : 0 s'il y en a, "
        "1 si aucun plan ne tient, 2 si le fichier ne peut pas être lu."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_file(parser)
        parser.add_argument("--json", action="store_true", help="la réponse de l'API, en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        document = opened(options["fichier"])
        found = plans_out(document, best(document))
        if options["json"]:
            said = found.model_dump(mode="json")
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(in_words(found)))
        if not found.plans:
            raise SystemExit(1)


def in_words(found: PlansOut) -> Iterable[str]:
    """The lines of an answer, for a terminal."""
    yield f"Dépenses : {euros(found.cost)}"
    if not found.cost:
        yield "Écrivez d'abord au moins une dépense."
    if found.conflict:
        yield from wrapped(found.conflict.sentence)
        if found.conflict.nearest:
            yield from _plan(found.conflict.nearest, "Le plan le plus proche")
    for plan in found.plans:
        alike = [one for one in found.plans if one.resources == plan.resources]
        if alike[0] is plan:
            yield from _plan(plan, " · ".join(one.label for one in alike))
    if found.set_aside:
        yield ""
        yield "Mis de côté"
        for one in found.set_aside:
            yield from wrapped(f"- {one.label} : {one.reason}", "  ", "    ")


def _plan(plan: BestOut, title: str) -> Iterable[str]:
    yield ""
    yield title
    yield "─" * len(title)
    width = max((len(one.label) for one in plan.resources), default=0)
    for one in plan.resources:
        yield f"  {one.label[:60]:{min(width, 60)}}  {euros(one.amount):>18}"
    for reason in plan.reasons:
        yield from wrapped(f"- {reason}", "  ", "    ")
    if plan.limits:
        yield "  Ce qui le limite :"
        for limit in plan.limits:
            yield from wrapped(f"- {limit.sentence}", "    ", "      ")
        if plan.together_sentence:
            yield from wrapped(plan.together_sentence, "    ")
