"""Words of the area. The vocabularies themselves are the engine's, so that both always agree."""

from typing import Final

from django.db import models

from maillage.common.transitions import Transitions
from maillage.engine import vocabulary as v

FAMILIES: Final = [(member.value, label) for member, label in v.FAMILY_LABELS.items()]
LEVELS: Final = [(level.code, label) for level, label in v.LEVEL_LABELS.items()]
KINDS: Final = [(member.value, label) for member, label in v.KIND_LABELS.items()]
COSTS: Final = [(member.value, label) for member, label in v.COST_LABELS.items()]
STATES: Final = [(member.value, label) for member, label in v.STATE_LABELS.items()]
AUDIENCES: Final = [(member.value, label) for member, label in v.AUDIENCE_LABELS.items()]
LEVEL_BY_CODE: Final = {level.code: level for level in v.Level}


class Origin(models.TextChoices):
    """Where a row comes from; a load only touches the rows of its own origin."""

    FILE = "file", "Catalogue livré avec Maillage"
    CONSTRUCTION = "construction", "Déduit du code officiel géographique"
    EDITED = "edited", "Saisi ou corrigé ici"
    IMPORTED = "imported", "Importé d'un fichier ou d'un site partenaire"


#: What `load_catalogue` writes and withdraws; nothing else.
SHIPPED: Final = (Origin.FILE, Origin.CONSTRUCTION)


class Publication(models.TextChoices):
    """Where an offer is in its life."""

    DRAFT = "draft", "Brouillon"
    PUBLISHED = "published", "Publiée"
    SUSPENDED = "suspended", "Suspendue"
    ARCHIVED = "archived", "Archivée"


#: The life of an offer, by verb.
LIFE: Final = Transitions(
    {
        "publish": ({Publication.DRAFT, Publication.SUSPENDED}, Publication.PUBLISHED),
        "suspend": ({Publication.PUBLISHED}, Publication.SUSPENDED),
        "archive": (
            {Publication.DRAFT, Publication.PUBLISHED, Publication.SUSPENDED},
            Publication.ARCHIVED,
        ),
        "restore": ({Publication.ARCHIVED}, Publication.DRAFT),
    },
    {
        "publish": "Publier",
        "suspend": "Suspendre",
        "archive": "Archiver",
        "restore": "Reprendre en brouillon",
        **dict(Publication.choices),
    },
)


class CapacityUnit(models.TextChoices):
    """What is counted of the help that is left."""

    DAYS = "days", "jours"
    CASES = "cases", "dossiers"


class Verb(models.TextChoices):
    """What has become of an entry, in its history."""

    CREATED = "created", "Créée"
    EDITED = "edited", "Modifiée"
    CONFIRMED = "confirmed", "Confirmée"
    PUBLISHED = "publish", "Publiée"
    SUSPENDED = "suspend", "Suspendue"
    ARCHIVED = "archive", "Archivée"
    RESTORED = "restore", "Reprise en brouillon"
    IMPORTED = "imported", "Mise à jour par un import"
    WITHDRAWN = "withdrawn", "Retirée du catalogue"
    PUT_BACK = "put_back", "Remise au catalogue"
    SET_ASIDE = "set_aside", "Mise de côté, faute de confirmation"
    HELD = "held", "Prise en charge par un guichet"
    RELEASED = "released", "Rendue par le guichet"
    INVITED = "invited", "Offreur invité"
    CLAIMED = "claimed", "Fiche confiée à l'offreur"


class ClaimState(models.TextChoices):
    """What an agent made of a claim."""

    PENDING = "pending", "À vérifier"
    ACCEPTED = "accepted", "Acceptée"
    REFUSED = "refused", "Refusée"


class DatasetKind(models.TextChoices):
    """How the entries of a feed come."""

    FILE = "file", "Fichier"
    CONNECTOR = "connector", "Connecteur"


class ImportKind(models.TextChoices):
    """What the lines of a file are."""

    OFFERS = "offres", "Offres d'ingénierie"
    AIDS = "aides", "Aides financières"
    PROVIDERS = "offreurs", "Offreurs"


class ImportState(models.TextChoices):
    """Where an import stands."""

    READING = "reading", "En lecture"
    READY = "ready", "Prêt à écrire"
    REFUSED = "refused", "Refusé : à corriger"
    WRITTEN = "written", "Écrit"
    CANCELLED = "cancelled", "Abandonné"


class Action(models.TextChoices):
    """What a line would do."""

    NEW = "new", "Nouvelle"
    CHANGED = "changed", "Modifiée"
    SAME = "same", "Inchangée"
    GONE = "gone", "Disparue du fichier"
    REFUSED = "refused", "À corriger"


class RunState(models.TextChoices):
    """Where a passage of a connector stands."""

    RUNNING = "running", "En cours"
    STOPPED = "stopped", "Interrompu, à reprendre"
    FAILED = "failed", "Échoué"
    DONE = "done", "Terminé"


class LinkState(models.TextChoices):
    """What an address answers. One failure is a doubt, several days of them a broken link."""

    UNKNOWN = "unknown", "Pas encore vérifié"
    OK = "ok", "Répond"
    DOUBT = "doubt", "N'a pas répondu la dernière fois"
    BROKEN = "broken", "Ne répond plus"


class ReportState(models.TextChoices):
    """What became of a reported error."""

    OPEN = "open", "À traiter"
    CORRECTED = "corrected", "Corrigée"
    DISMISSED = "dismissed", "Sans suite"


class UnmetReason(models.TextChoices):
    """Why a need is looked at."""

    NOTHING = "nothing", "Rien trouvé"
    CORRECTED = "corrected", "Compris de travers"


class UnmetState(models.TextChoices):
    """What became of a need that was not understood."""

    OPEN = "open", "À regarder"
    HANDLED = "handled", "Traité"
    IGNORED = "ignored", "Écarté"


class AlertFrequency(models.TextChoices):
    """How often an alert is sent."""

    DAILY = "daily", "Chaque jour"
    WEEKLY = "weekly", "Chaque semaine"


class RateKind(models.TextChoices):
    """What a figure of an offer is."""

    RATE = "rate", "Taux"
    RATE_MAX = "rate_max", "Taux maximum"
    CAP = "cap", "Plafond"
    FLOOR = "floor", "Plancher"
    FLAT = "flat", "Montant forfaitaire"
    ENVELOPE = "envelope", "Enveloppe"


class PopulationKind(models.TextChoices):
    """Which population the bounds of an offer speak of."""

    MUNICIPAL = "municipal", "Population municipale (INSEE)"
    DGF = "dgf", "Population DGF"
