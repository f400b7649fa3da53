"""The closed vocabularies of the field: codes (kept in data) and French labels (shown).

The sixteen themes and five phases make the eighty cells of the "qui fait quoi" matrix
(Sénat, rapport n° 126, 2024-2025, part 2.A, describes a grid of eighty cells; its axes are
not published, these are ours).
"""

from enum import IntEnum, StrEnum
from typing import Final

THEMES: Final[dict[str, str]] = {
    "energie": "Énergie et bâtiments publics",
    "eau": "Eau, assainissement, déchets",
    "biodiversite": "Biodiversité, risques et adaptation",
    "amenagement": "Aménagement, foncier et urbanisme",
    "habitat": "Habitat et logement",
    "bourg": "Centre-bourg et revitalisation",
    "commerce": "Commerce et artisanat",
    "economie": "Économie, industrie, emploi et formation",
    "agriculture": "Agriculture, alimentation et forêt",
    "mobilite": "Mobilités, voirie et ouvrages d'art",
    "numerique": "Numérique et données",
    "services": "Services à la population et accès aux droits",
    "sante": "Santé, vieillissement et inclusion",
    "jeunesse": "Jeunesse, éducation et sports",
    "culture": "Culture, patrimoine et tourisme",
    "cooperation": "Participation, coopération et tiers-lieux",
}

PHASES: Final[dict[str, str]] = {
    "strategie": "Stratégie et diagnostic",
    "faisabilite": "Faisabilité et programmation",
    "montage": "Montage financier et juridique",
    "travaux": "Maîtrise d'ouvrage et travaux",
    "animation": "Animation, gestion et évaluation",
}


class Level(IntEnum):
    """Rings of subsidiarity, closest first: the order is the rule, not a decoration."""

    MUNICIPAL = 1
    DEPARTMENT = 2
    REGION = 3
    NATIONAL = 4

    @property
    def code(self) -> str:
        """The word kept in data and shown by the API (``municipal`` … ``national``)."""
        return self.name.lower()


LEVEL_LABELS: Final[dict[Level, str]] = {
    Level.MUNICIPAL: "Tout près (commune, intercommunalité)",
    Level.DEPARTMENT: "Dans le département",
    Level.REGION: "Dans la région",
    Level.NATIONAL: "Appui national",
}


class Family(StrEnum):
    """Who the provider is. Being a State operator never changes a rank."""

    MUNICIPAL = "municipal"
    DEPARTMENT = "department"
    REGION = "region"
    STATE = "state"
    STATE_OPERATOR = "state_operator"
    NETWORK = "network"
    PRIVATE = "private"


FAMILY_LABELS: Final[dict[Family, str]] = {
    Family.MUNICIPAL: "Commune, intercommunalité",
    Family.DEPARTMENT: "Département et ses agences",
    Family.REGION: "Région et Europe en région",
    Family.STATE: "Services de l'État",
    Family.STATE_OPERATOR: "Opérateur de l'État",
    Family.NETWORK: "Réseau ou association",
    Family.PRIVATE: "Structure privée",
}


class Kind(StrEnum):
    """What the offer gives: people's help, money, or both."""

    ENGINEERING = "engineering"
    FUNDING = "funding"
    BOTH = "both"


KIND_LABELS: Final[dict[Kind, str]] = {
    Kind.ENGINEERING: "Ingénierie",
    Kind.FUNDING: "Aide financière",
    Kind.BOTH: "Ingénierie et aide financière",
}


class Cost(StrEnum):
    """What it costs the commune to be helped."""

    FREE = "free"
    MEMBER = "member"
    PAID = "paid"
    COFINANCED = "cofinanced"
    UNKNOWN = "unknown"


COST_LABELS: Final[dict[Cost, str]] = {
    Cost.FREE: "Gratuit",
    Cost.MEMBER: "Pour les adhérents",
    Cost.PAID: "Payant",
    Cost.COFINANCED: "Cofinancé",
    Cost.UNKNOWN: "Coût à demander",
}


class Audience(StrEnum):
    """The kind of body that asks."""

    COMMUNE = "commune"
    EPCI = "epci"
    SYNDICATE = "syndicate"
    DEPARTMENT = "department"
    ASSOCIATION = "association"
    COMPANY = "company"
    INHABITANT = "inhabitant"


AUDIENCE_LABELS: Final[dict[Audience, str]] = {
    Audience.COMMUNE: "Commune",
    Audience.EPCI: "Intercommunalité",
    Audience.SYNDICATE: "Syndicat, PETR, pôle",
    Audience.DEPARTMENT: "Département",
    Audience.ASSOCIATION: "Association",
    Audience.COMPANY: "Entreprise, commerce",
    Audience.INHABITANT: "Habitant",
}


class State(StrEnum):
    """How far an entry can be trusted; always visible, never hidden."""

    CONFIRMED = "confirmed"
    TO_CONFIRM = "to_confirm"
    DEMONSTRATION = "demonstration"


STATE_LABELS: Final[dict[State, str]] = {
    State.CONFIRMED: "Confirmée",
    State.TO_CONFIRM: "À confirmer par l'offreur",
    State.DEMONSTRATION: "Démonstration",
}

#: Programme labels and zonings a territory can carry. A label that no file has told us
#: about is *unknown*: it is absent from both sets of ``Territory``, never taken for "no".
LABELS: Final[dict[str, str]] = {
    "pvd": "Petites villes de demain",
    "acv": "Action cœur de ville",
    "va": "Villages d'avenir",
    "crte": "Contrat pour la réussite de la transition écologique",
    "ti": "Territoires d'industrie",
    "ort": "Opération de revitalisation de territoire",
    "rural": "Commune rurale (grille de densité, niveaux 5 à 7)",
    "montagne": "Commune de massif",
    "qpv": "Quartier prioritaire de la politique de la ville",
    "frr": "France ruralités revitalisation",
    "frr_plus": "France ruralités revitalisation +",
    "zrr": "Ancienne zone de revitalisation rurale (jusqu'au 30 juin 2024)",
    "france_services": "France services",
    "fabrique": "Fabrique de territoire",
    "manufacture": "Manufacture de proximité",
}
