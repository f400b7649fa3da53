"""The lines of a plan as a table for spreadsheets, which comes back whole when it is imported
(`pasting`): each title is one that `columns` knows.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from maillage.engine.funding.types import FUND_LABELS, CostLine
from maillage.funding.document import Payment, PlanDocument
from maillage.funding.enums import NATURES, SPENDINGS, STATUSES

HEADER: Final = (
    "Côté", "Numéro", "Intitulé", "Nature ou origine", "Montant HT", "Montant TTC", "Part (%)",
    "Travaux, étude ou terrain", "Année", "Premier engagement le", "État", "Demandé", "Accordé",
    "Versé", "Détail des versements", "Dernier versement le", "Déposé le", "Accusé de réception",
    "Décision", "Dernier jour", "Commission", "Lettre d'intention", "Dépenses qu'elle paie",
    "Ne va pas avec", "Seulement avec", "Taux de cette aide", "Plafond", "Plancher", "Forfait",
    "Avance", "Chance de l'obtenir", "Jours avant l'argent", "Code du dispositif",
    "Fiche du catalogue", "Note",
)  # fmt: skip
_SPENDINGS: Final = dict(SPENDINGS)
_NATURES: Final = dict(NATURES)
_STATUSES: Final = dict(STATUSES)
_OF_COSTS: Final = 10
_PART: Final = Decimal("0.000001")


def rows(document: PlanDocument) -> Iterator[tuple[Any, ...]]:
    """Costs, then resources, in the order of `HEADER`: amounts in euros, days in ISO, shares in
    percent; lines name each other by their numbers.
    """
    plan = document.plan()
    costs = [line.id for line in document.costs]
    for number, line in enumerate(document.costs, 1):
        share = _share(plan.amount(line), plan.cost)
        yield (*_cost(number, line, share), *[""] * (len(HEADER) - _OF_COSTS))
    others = [one.id for one in document.resources]
    for number, one in enumerate(document.resources, 1):
        share = _share(one.counted, plan.cost)
        money = (one.counted, None) if document.in_net else (None, one.counted)
        yield (
            "Ressource", number, one.label, FUND_LABELS[one.fund], *money, share, "", "", "",
            _STATUSES[one.status.value], one.amount, one.granted, one.paid,
            payments_said(one.payments),
            *[day.isoformat() if day else "" for day in
              (one.paid_on, one.filed_on, one.received_on, one.decided_on, one.closes,
               one.commission_on)],
            "oui" if one.letter else "", _numbers(one.lines, costs),
            _numbers(one.excludes, others), _numbers(one.needs, others), _percent(one.rate),
            one.cap, one.floor, one.flat, _percent(one.advance), _percent(one.chance), one.days,
            one.scheme, one.offer, one.note,
        )  # fmt: skip


def _cost(number: int, line: CostLine, share: Decimal | None) -> tuple[Any, ...]:
    return (
        "Dépense", number, line.label, _SPENDINGS[line.spending.value], line.net, line.gross, share,
        _NATURES[line.nature.value], line.year,
        line.signed_on.isoformat() if line.signed_on else "",
    )  # fmt: skip


def _share(amount: Decimal, cost: Decimal) -> Decimal | None:
    """In percent of the whole."""
    return round(amount / cost * 100, 2) if cost else None


def payments_said(payments: Iterable[Payment]) -> str:
    """« 12000,00 le 2027-03-04 + 800,50 le 2027-09-01 »: `pasteddetails.payments_of` reads it."""
    return " + ".join(
        f"{paid.amount:.2f} le {paid.on.isoformat()}".replace(".", ",") for paid in payments
    )


def _percent(share: Decimal | None) -> str:
    """« 33,3333 % », whatever the digits."""
    if share is None:
        return ""
    said = f"{(share * 100).quantize(_PART):f}".rstrip("0").rstrip(".")
    return f"{said.replace('.', ',')} %"


def _numbers(named: Iterable[str], lines: Sequence[str]) -> str:
    """The numbers of lines in the table: « 1, 3 »."""
    return ", ".join(str(lines.index(name) + 1) for name in named if name in lines)
