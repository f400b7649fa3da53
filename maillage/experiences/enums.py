"""Words of the area."""

from typing import Final

from django.db import models


class Origin(models.TextChoices):
    """Where a row comes from; a load only touches the rows of its own origin."""

    FILE = "file", "Expériences livrées avec Maillage"
    EDITED = "edited", "Saisie ou corrigée ici"


class TerritoryKind(models.TextChoices):
    """Who did it."""

    COMMUNE = "commune", "Commune"
    CC = "epci", "Communauté de communes"
    CA = "agglo", "Communauté d'agglomération"
    PETR = "petr", "Pôle d'équilibre territorial et rural"


class Certainty(models.TextChoices):
    """How sure it is that an experience follows a principle. « inconnu » is never a « non »."""

    CERTAIN = "certain", "Certain"
    PROBABLE = "probable", "Probable"
    UNKNOWN = "inconnu", "Inconnu"


#: The five guiding principles of the Guide Smart village (2022), as its summary table names them.
PRINCIPLES: Final[dict[str, str]] = {
    "cooperation": "Coopération territoriale",
    "participation": "Participation citoyenne",
    "numerique": "Outils numériques",
    "resilience": "Développement soutenable",
    "communs": "Mouvement des communs",
}

#: Sizes by which experiences are chosen: code, label, fewest and most inhabitants (inclusive).
SIZES: Final[tuple[tuple[str, str, int, int], ...]] = (
    ("500", "Moins de 500 habitants", 0, 499),
    ("2000", "De 500 à 1 999 habitants", 500, 1_999),
    ("10000", "De 2 000 à 9 999 habitants", 2_000, 9_999),
    ("plus", "10 000 habitants et plus", 10_000, 10**9),
)
