"""Small catalogues in words, for tests that read as sentences."""

from maillage.engine.snapshot import Snapshot, build_snapshot
from maillage.engine.types import (
    Catalogue,
    Experience,
    Offer,
    ProjectType,
    Territory,
    ThesaurusEntry,
)
from maillage.engine.vocabulary import Family, Kind, Level, State

KEYS = frozenset({"FR", "reg:75", "dep:24", "arr:243", "epci:200040392", "com:24061"})

TYPES = (
    ProjectType(
        id="rouvrir-cafe",
        label="Maintenir ou rouvrir le dernier café du village",
        themes=("commerce", "bourg"),
        phases=("faisabilite", "montage", "travaux", "animation"),
        vocabulary=("débit de boissons", "licence IV", "café-commerce", "commerce rural",
                    "gérance", "dernier commerce"),
        phrases=("Le bistrot a fermé et il n'y a plus rien pour se retrouver",
                 "On voudrait racheter la licence du café",
                 "Plus de bar dans le village depuis deux ans",
                 "Le patron du café part à la retraite sans repreneur"),
    ),
    ProjectType(
        id="renover-ecole",
        label="Rénover énergétiquement une école communale",
        themes=("energie", "jeunesse"),
        phases=("strategie", "faisabilite", "travaux"),
        vocabulary=("rénovation énergétique", "bâtiment scolaire", "audit énergétique", "isolation",
                    "chaufferie"),
        phrases=("L'école est une passoire et on chauffe les moineaux",
                 "Les enfants gardent leur manteau en classe",
                 "La facture de chauffage de l'école a doublé",
                 "Il faudrait isoler les classes"),
    ),
    ProjectType(
        id="pont-ferme",
        label="Réparer un pont communal fermé",
        themes=("mobilite",),
        phases=("strategie", "faisabilite", "travaux"),
        vocabulary=("ouvrage d'art", "inspection détaillée", "limitation de tonnage", "voirie"),
        phrases=("Le pont est fermé aux camions", "Le parapet du pont s'effondre",
                 "On nous interdit de passer sur le pont", "Le tablier du pont est fissuré"),
    ),
    ProjectType(
        id="fuites-eau",
        label="Réduire les fuites du réseau d'eau potable",
        themes=("eau",),
        phases=("strategie", "faisabilite", "travaux"),
        vocabulary=("eau potable", "rendement du réseau", "recherche de fuites", "canalisation",
                    "schéma directeur"),
        phrases=("On perd la moitié de l'eau dans les tuyaux", "Les canalisations cassent souvent",
                 "Le réseau d'eau fuit", "La facture d'eau explose à cause des fuites"),
    ),
)  # fmt: skip

THESAURUS = (
    ThesaurusEntry("bistrot", ("débit de boissons", "commerce rural"), ("commerce",)),
    ThesaurusEntry("café fermé", ("dernier commerce",), ("commerce",)),
    ThesaurusEntry("passoire", ("rénovation énergétique",), ("energie",)),
)

_THEMES = {"cafe": "commerce", "ecole": "energie", "pont": "mobilite", "eau": "eau"}
_TEXTS = {
    "cafe": ("Rouvrir un café ou un commerce de village",
             "Aide à la reprise d'un débit de boissons, dernier commerce rural."),
    "ecole": ("Rénovation énergétique des écoles",
              "Audit énergétique et isolation des bâtiments scolaires."),
    "pont": ("Assistance pour les ponts et ouvrages d'art",
             "Inspection des ponts, voirie communale, limitation de tonnage."),
    "eau": ("Réseaux d'eau potable : trouver les fuites",
            "Recherche de fuites, rendement du réseau, canalisations."),
}  # fmt: skip
_PERIMETERS = {
    Level.MUNICIPAL: "epci:200040392",
    Level.DEPARTMENT: "dep:24",
    Level.REGION: "reg:75",
    Level.NATIONAL: "FR",
}


def commune(**changes: object) -> Territory:
    """Bourrou (Dordogne), 126 inhabitants, about which no label is known."""
    values: dict[str, object] = {
        "code": "24061", "name": "Bourrou", "keys": KEYS, "population": 126, "density": 7,
    }  # fmt: skip
    return Territory(**{**values, **changes})  # type: ignore[arg-type]


def offer(identifier: str, about: str = "cafe", level: Level = Level.DEPARTMENT,
          **changes: object) -> Offer:  # fmt: skip
    """An offer about ``cafe``, ``ecole``, ``pont`` or ``eau``, valid around Bourrou."""
    title, summary = _TEXTS[about]
    values: dict[str, object] = {
        "id": identifier, "title": title, "summary": summary,
        "provider_id": f"organisme-{identifier}", "provider_name": f"Organisme {identifier}",
        "family": Family.DEPARTMENT, "level": level, "kind": Kind.ENGINEERING,
        "perimeter": frozenset({_PERIMETERS[level]}), "themes": frozenset({_THEMES[about]}),
        "phases": frozenset({"faisabilite", "travaux"}), "state": State.CONFIRMED,
    }  # fmt: skip
    return Offer(**{**values, **changes})  # type: ignore[arg-type]


def contact(identifier: str, level: Level = Level.DEPARTMENT) -> Offer:
    """A sure contact, of whom nothing else is known."""
    return Offer(
        id=identifier, title=f"Contact {identifier}", provider_id=identifier,
        provider_name=f"Maison {identifier}", family=Family.STATE, level=level,
        kind=Kind.ENGINEERING, perimeter=frozenset({_PERIMETERS[level]}), generalist=True,
    )  # fmt: skip


EXPERIENCES = (
    Experience("bourrou-cafe", "Café Lib'", "Bourrou", 126, 7, frozenset({"commerce"}),
               "Un café associatif rouvert au cœur du village.", ("bistrot", "café")),
    Experience("ville-ecole", "Une école rénovée", "Grandeville", 24_000, 2,
               frozenset({"energie"}), "Rénovation énergétique de l'école.", ("école",)),
)  # fmt: skip


def everything() -> tuple[Offer, ...]:
    """One offer by subject and level, one aid by subject, and the sure contacts."""
    helps = [offer(f"{about}-{level.code}", about, level) for about in _TEXTS for level in Level]
    money = [offer(f"aide-{about}", about, Level.NATIONAL, kind=Kind.FUNDING) for about in _TEXTS]
    return (*helps, *money, contact("prefecture"), contact("interco", Level.MUNICIPAL))


def snapshot_of(*offers: Offer, **changes: object) -> Snapshot:
    """A snapshot of these offers over the small knowledge of this file."""
    values: dict[str, object] = {
        "offers": offers, "project_types": TYPES, "thesaurus": THESAURUS,
        "experiences": EXPERIENCES,
    }  # fmt: skip
    return build_snapshot(Catalogue(**{**values, **changes}))  # type: ignore[arg-type]
