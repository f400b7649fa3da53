"""Nothing is begun before the funder has received the request (F9)."""

from collections.abc import Iterable
from typing import Final

from maillage.engine.funding.outcome import fails, holds, out
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import (
    STATE_CGCT,
    STATE_OTHER,
    Check,
    CostLine,
    Figure,
    Fund,
    Nature,
    Plan,
    Resource,
)
from maillage.engine.funding.words import euros

#: Funders that refuse what was begun before they received the request.
STRICT: Final = STATE_CGCT | STATE_OTHER | {Fund.LEADER}
#: Signing these is a start; studies and land are not (R2334-24).
STARTS: Final = frozenset({Nature.WORKS, Nature.OTHER})


def no_start(plan: Plan, law: Law) -> Iterable[Check]:
    """A signed quote, order or contract before the receipt loses the grant."""
    if "no-start" not in law:
        return
    rule = law["no-start"]
    asked = [r for r in plan.counted if r.fund in STRICT and r.amount]
    if not asked:
        yield out("no-start", rule, "Aucune aide du plan n'interdit de commencer.")
        return
    found = False
    for line in plan.costs:
        early = [r for r in asked if _early(line, r)]
        if line.nature in STARTS and early:
            found = True
            names = ", ".join(f"« {r.label} »" for r in early)
            said = f"{line.signed_on:%d/%m/%Y}"
            yield fails(
                "no-start", rule,
                f"« {line.label} » a été signé le {said}, avant que la demande soit reçue par "
                f"{names}.", (Figure(line.label, plan.amount(line)),),
                "Demandez une dispense au préfet, ou retirez cette ligne "
                f"({euros(plan.amount(line))}) de la dépense subventionnable.", plan.amount(line),
            )  # fmt: skip
    if not found:
        waiting = [r for r in asked if r.received_on is None]
        more = (
            " Ne signez ni devis, ni commande, ni marché avant l'accusé de réception."
            if waiting
            else ""
        )
        yield holds("no-start", rule, f"Rien n'a été commencé trop tôt.{more}")


def _early(line: CostLine, resource: Resource) -> bool:
    if line.signed_on is None or (resource.lines and line.id not in resource.lines):
        return False
    return resource.received_on is None or line.signed_on < resource.received_on
