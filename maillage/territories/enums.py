"""The words of territories: zones, kinds of EPCI and perimeters, labels and what they carry."""

from typing import Final

from django.db.models import TextChoices

from maillage.engine.vocabulary import LABELS


class Zone(TextChoices):
    """The three legal worlds of French territory (COG)."""

    METRO = "metro", "Métropole"
    DROM = "drom", "Département et région d'outre-mer"
    COM = "com", "Collectivité d'outre-mer"


class FormerKind(TextChoices):
    """Why a code that is not a commune's own leads to it."""

    MERGED = "fusionnee", "Ancienne commune"
    DELEGATED = "deleguee", "Commune déléguée"
    ASSOCIATED = "associee", "Commune associée"
    MUNICIPAL_DISTRICT = "municipal", "Arrondissement municipal"


class EpciType(TextChoices):
    """Kinds of EPCI à fiscalité propre (Banatic's codes)."""

    CC = "CC", "Communauté de communes"
    CA = "CA", "Communauté d'agglomération"
    CU = "CU", "Communauté urbaine"
    METRO = "METRO", "Métropole"
    MET69 = "MET69", "Métropole de Lyon"


class FiscalRegime(TextChoices):
    """How an EPCI levies taxes."""

    FPU = "FPU", "Fiscalité professionnelle unique"
    FA = "FA", "Fiscalité additionnelle"


class PerimeterType(TextChoices):
    """Kinds of named perimeters (``maillage/data/perimeters.toml``)."""

    BASIN = "bassin", "Bassin hydrographique"
    MASSIF = "massif", "Massif de montagne"
    PARK = "parc", "Parc naturel régional"
    PETR = "petr", "Pôle d'équilibre territorial et rural"
    GAL = "gal", "Groupe d'action locale (LEADER)"
    MAINLAND = "metropole", "Partie métropolitaine"
    OVERSEAS = "outremer", "Outre-mer"
    EPCI = "epci", "Intercommunalité"
    OTHER = "adhoc", "Périmètre particulier"


class Carrier(TextChoices):
    """The kind of territory that carries a label."""

    COMMUNE = "commune", "Commune"
    EPCI = "epci", "Intercommunalité"


#: Labels of the engine that no file carries apart: they are read from the values of another.
DERIVED: Final[dict[str, tuple[str, frozenset[str]]]] = {
    "rural": ("densite", frozenset({"5", "6", "7"})),
    "frr_plus": ("frr", frozenset({"FRR+"})),
}
#: What a file can tell of a territory: the engine's labels, and three zonings with a value.
LABEL_NAMES: Final[dict[str, str]] = {
    **{code: name for code, name in LABELS.items() if code not in DERIVED},
    "densite": "Grille communale de densité (7 niveaux)",
    "ruralite": "Typologie des ruralités",
    "centralite": "Niveau de centralité",
}

#: Levels of the INSEE density grid. Rural: 5 to 7 (``DERIVED``).
DENSITY: Final[dict[int, str]] = {
    1: "Grands centres urbains",
    2: "Centres urbains intermédiaires",
    3: "Ceintures urbaines",
    4: "Petites villes",
    5: "Bourgs ruraux",
    6: "Rural à habitat dispersé",
    7: "Rural à habitat très dispersé",
}

#: One value a territory: a second one in the same file is an error.
SINGLE_VALUED: Final = frozenset({"densite", "ruralite", "centralite", "montagne", "frr", "zrr"})
#: Borne by the EPCI; its communes are in the programme too.
INHERITED: Final = frozenset({"crte", "ti"})
#: Over: shown apart, as history, and never as what replaced it.
HISTORICAL: Final = frozenset({"zrr"})
