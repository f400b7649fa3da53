"""Where a request comes from, and how long it waited: what tables and lines say of it."""

from typing import Final

from maillage.common.workdays import working_days_between
from maillage.desk.consolidation.facts import Facts

#: Strata of population: (label, first number of inhabitants above it).
STRATA: Final = (
    ("Moins de 500 habitants", 500),
    ("500 à 1 999 habitants", 2_000),
    ("2 000 à 3 499 habitants", 3_500),
    ("3 500 à 9 999 habitants", 10_000),
    ("10 000 habitants et plus", None),
)
SIREN: Final = 9
SEVERAL: Final = "*"
GROUPS: Final = "Intercommunalités et leurs groupements"
UNKNOWN: Final = "Non précisé"


def stratum(one: Facts) -> str:
    """The stratum of population of who asks."""
    if len(one.code) == SIREN:
        return GROUPS
    if one.population is None:
        return UNKNOWN
    return next(label for label, above in STRATA if above is None or one.population < above)


def epci_of(one: Facts) -> str:
    """SIREN of its EPCI; "" when it has none."""
    if len(one.code) == SIREN:
        return one.code
    return next((key[5:] for key in one.keys if key.startswith("epci:")), "")


def arrondissement_of(one: Facts) -> str:
    """Code of its arrondissement; `SEVERAL` for an EPCI, "" when it has none."""
    if len(one.code) == SIREN:
        return SEVERAL
    return next((key[4:] for key in one.keys if key.startswith("arr:")), "")


def days_of(one: Facts, department: str) -> int:
    """Working days that its first answer took (one that has had none: 0)."""
    if one.first_answer is None:
        return 0
    return max(working_days_between(one.received_on, one.first_answer, department), 0)
