"""Words of the area. The funds, statuses and kinds of spending are the engine's."""

from typing import Final

from django.db import models

from maillage.common.transitions import Transitions
from maillage.engine.funding.types import (
    FUND_LABELS,
    BearerKind,
    Nature,
    Spending,
    Status,
    Verdict,
)

FUNDS: Final = [(fund.value, label) for fund, label in FUND_LABELS.items()]
SPENDINGS: Final = [
    (Spending.INVESTMENT.value, "Investissement"),
    (Spending.ENGINEERING.value, "Ingénierie, études"),
    (Spending.OPERATION.value, "Fonctionnement"),
]
NATURES: Final = [
    (Nature.WORKS.value, "Travaux, équipement"),
    (Nature.STUDY.value, "Étude"),
    (Nature.LAND.value, "Terrain, bâtiment acheté"),
    (Nature.OTHER.value, "Autre"),
]
BEARERS: Final = [
    (BearerKind.COMMUNE.value, "Commune"),
    (BearerKind.EPCI.value, "Intercommunalité à fiscalité propre"),
    (BearerKind.SYNDICATE.value, "Syndicat, PETR"),
    (BearerKind.DEPARTMENT.value, "Département"),
    (BearerKind.REGION.value, "Région"),
    (BearerKind.ASSOCIATION.value, "Association"),
    (BearerKind.COMPANY.value, "Entreprise"),
]
STATUSES: Final = [
    (Status.CONSIDERED.value, "Envisagé"),
    (Status.TO_FILE.value, "À déposer"),
    (Status.FILED.value, "Déposé"),
    (Status.RECEIVED.value, "Accusé de réception"),
    (Status.GRANTED.value, "Accordé"),
    (Status.REFUSED.value, "Refusé"),
    (Status.PAID.value, "Versé"),
]
#: The life of a resource, by verb.
LIFE: Final = Transitions(
    {
        "prepare": ({Status.CONSIDERED}, Status.TO_FILE),
        "file": ({Status.CONSIDERED, Status.TO_FILE}, Status.FILED),
        "receive": ({Status.FILED}, Status.RECEIVED),
        "grant": ({Status.FILED, Status.RECEIVED}, Status.GRANTED),
        "refuse": ({Status.FILED, Status.RECEIVED}, Status.REFUSED),
        "pay": ({Status.GRANTED}, Status.PAID),
        "reconsider": (
            {Status.TO_FILE, Status.FILED, Status.RECEIVED, Status.REFUSED, Status.GRANTED},
            Status.CONSIDERED,
        ),
    },
    {
        "prepare": "À déposer",
        "file": "Dossier déposé",
        "receive": "Accusé de réception reçu",
        "grant": "Aide accordée",
        "refuse": "Aide refusée",
        "pay": "Aide versée",
        "reconsider": "Revenir à « envisagé »",
        **dict(STATUSES),
    },
)


class RuleState(models.TextChoices):
    """How far a rule was checked."""

    VERIFIED = "verified", "Vérifiée"
    TO_CONFIRM = "to_confirm", "À confirmer"


#: What a check says of a rule (sign, word), on a page as on paper, in the order of reading.
VERDICTS: Final = {
    Verdict.FAILS: ("✖", "À corriger"),
    Verdict.UNKNOWN: ("?", "À préciser"),
    Verdict.HOLDS: ("✔", "Respecté"),
    Verdict.OUT: ("–", "Sans objet"),
}


class Paper(models.TextChoices):
    """What a document attached to a resource is, in the order of a dossier's life."""

    LETTER = "letter", "Lettre d'intention"
    DOSSIER = "dossier", "Dossier déposé"
    RECEIPT = "receipt", "Accusé de réception"
    DECISION = "decision", "Décision du financeur"
    PAYMENT = "payment", "Preuve de versement"
    OTHER = "other", "Autre pièce"


#: The paper that comes with a verb of the life of a resource.
PAPER_OF: Final = {
    "file": Paper.DOSSIER,
    "receive": Paper.RECEIPT,
    "grant": Paper.DECISION,
    "refuse": Paper.DECISION,
    "pay": Paper.PAYMENT,
}


class BodyKind(models.TextChoices):
    """The local bodies whose accounts are published (codes of `engine.funding.permille`)."""

    COMMUNE = "commune", "Communes"
    EPCI = "epci", "Intercommunalités"
    DEPARTMENT = "departement", "Départements"
    REGION = "region", "Régions"
