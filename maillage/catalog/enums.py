"""Words of the area. The vocabularies themselves are the engine's, so that both always agree."""

from typing import Final

from django.db import models

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
