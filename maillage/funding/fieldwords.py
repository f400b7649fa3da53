"""The fields of a plan in plain words, and what they hold."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from maillage.engine.funding.types import FUND_LABELS, Fund
from maillage.engine.funding.words import euros, number, percent, short
from maillage.funding.enums import BEARERS, NATURES, SPENDINGS, STATUSES
from maillage.funding.source import Payment

#: What a field is called on the pages.
WORDS: Final[Mapping[str, str]] = {
    "label": "nom", "net": "montant HT", "gross": "montant TTC", "spending": "type de dépense",
    "nature": "nature", "year": "année", "signed_on": "premier engagement",
    "fund": "origine de l'argent", "amount": "montant demandé", "status": "état",
    "scheme": "dispositif", "offer": "aide du catalogue", "lines": "dépenses payées",
    "letter": "lettre d'intention", "filed_on": "date du dépôt",
    "received_on": "date de l'accusé de réception", "decided_on": "date de la décision",
    "granted": "montant accordé", "paid": "montant versé", "paid_on": "date du dernier versement",
    "payments": "versements", "closes": "dernier jour pour déposer",
    "commission_on": "date de la commission", "advance": "avance", "rate": "taux", "cap": "plafond",
    "floor": "plancher", "flat": "forfait", "chance": "chance de l'obtenir",
    "days": "jours avant l'argent", "note": "note", "excludes": "ne va pas avec",
    "needs": "seulement avec",
    "kind": "sorte de porteur", "name": "nom", "department": "département",
    "population_dgf": "population DGF", "wealth": "potentiel financier",
    "recovers_vat": "récupère la TVA", "block": "habitants d'un seul tenant",
    "centre": "habitants du plus gros centre", "density": "habitants au km²",
    "date": "date", "in_net": "en hors taxes", "economic": "une entreprise en profite",
    "own_most": "argent disponible", "total": "total annoncé",
}  # fmt: skip
_SHARES: Final = frozenset({"advance", "rate", "chance"})
_PLAIN: Final = frozenset({"wealth", "density"})
_CODES: Final = {
    "status": dict(STATUSES), "spending": dict(SPENDINGS), "nature": dict(NATURES),
    "kind": dict(BEARERS), "fund": {fund.value: label for fund, label in FUND_LABELS.items()},
}  # fmt: skip
_LONGEST: Final = 80


def value_said(field: str, value: Any, names: Mapping[str, str]) -> str:
    """What a field holds, in words; `names` are the labels of lines by identifier.

    >>> value_said("rate", Decimal("0.4"), {}), value_said("filed_on", date(2026, 11, 18), {})
    ('40\\xa0%', '18/11/2026')
    >>> value_said("lines", ("c1",), {"c1": "Toiture"}), value_said("note", "", {})
    ('« Toiture »', 'rien')
    """
    if field in _CODES:
        said = _CODES[field][Fund(value) if field == "fund" else str(value)].lower()
    elif isinstance(value, bool):
        said = "oui" if value else "non"
    elif isinstance(value, date):
        said = f"{value:%d/%m/%Y}"
    elif isinstance(value, Decimal) and field in _SHARES:
        said = percent(value)
    elif isinstance(value, Decimal):
        said = number(value) if field in _PLAIN else euros(value)
    elif isinstance(value, tuple | frozenset):
        said = ", ".join(_one(one, names) for one in value)
    else:
        said = "" if value is None else short(str(value), _LONGEST)
    return said or ("toutes" if field == "lines" else "rien")


def _one(value: Any, names: Mapping[str, str]) -> str:
    if isinstance(value, Payment):
        return f"{euros(value.amount)} le {value.on:%d/%m/%Y}"
    return f"« {short(names.get(str(value), str(value)), _LONGEST)} »"
