"""What the API takes and gives. Codes everywhere; their French labels are in ``/vocabulary``."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final

from ninja import Field, Schema
from pydantic import StringConstraints

from maillage.engine.vocabulary import (
    PHASES,
    Audience,
    Cost,
    Family,
    Kind,
    State,
)

Phase = StrEnum("Phase", {code: code for code in PHASES})
#: Most kinds of project that one may choose.
MOST_TYPES: Final = 12
MOST_ROWS: Final = 100
MOST_PLACES: Final = 20
Slug = Annotated[str, StringConstraints(max_length=100)]


class PlaceKind(StrEnum):
    """Which territories to search."""

    COMMUNE = "commune"
    EPCI = "epci"
    ALL = "all"


class Error(Schema):
    """Ce qui n'a pas pu être fait, et que faire."""

    detail: str = Field(description="Une phrase en français, à montrer telle quelle")


class Labelled(Schema):
    """Un code et son libellé."""

    code: str
    label: str


# -- Orientation


class OrientationIn(Schema):
    """Un besoin, dit avec les mots de la commune, et où elle est."""

    text: str = Field(
        "",
        description="Le besoin, de deux mots à trois pages. Au-delà de 8 000 caractères, la suite "
        "n'est pas lue et la réponse le dit (« cut »)",
        examples=["On voudrait rouvrir le bistrot dans l'ancienne école"],
    )
    commune: str | None = Field(
        None,
        max_length=20,
        description="Code COG de la commune (un ancien code est accepté) ou SIREN de la commune ou "
        "de l'intercommunalité. Sans lui, seules les réponses valables partout sont données",
        examples=["24061"],
    )
    audience: Audience = Field(Audience.COMMUNE, description="Qui demande")
    phase: Phase | None = Field(None, description="Étape du projet, si elle est connue")
    types: list[Slug] | None = Field(
        None,
        max_length=MOST_TYPES,
        description="Types de projet choisis par la personne : ils remplacent ceux qui auraient "
        "été reconnus",
    )


class TypeOut(Schema):
    """Un type de projet reconnu."""

    id: str
    label: str
    confidence: float = Field(description="De 0 à 1")
    words: list[str] = Field(description="Les mots du texte qui y ont mené")
    first_step: str = Field(description="Par quoi l'on commence d'ordinaire")


class ReadingOut(Schema):
    """Une expression courante et les mots de l'administration qu'elle recouvre."""

    said: str
    read_as: list[str]


class CorrectionOut(Schema):
    """Un mot mal écrit et celui qui a été compris."""

    written: str
    corrected: str


class UnderstoodOut(Schema):
    """Ce qui a été compris du texte."""

    types: list[TypeOut]
    suggestions: list[TypeOut] = Field(description="Types possibles, à proposer à la personne")
    themes: list[str]
    phase: str | None
    readings: list[ReadingOut]
    corrections: list[CorrectionOut]
    amounts: list[int] = Field(description="Montants lus dans le texte, en euros")
    years: list[int] = Field(description="Années lues dans le texte")
    confident: bool = Field(description="Faux : demandez à la personne de préciser")
    empty: bool = Field(description="Vrai : rien n'a été compris")
    cut: bool = Field(description="Vrai : le texte était trop long, sa fin n'a pas été lue")


class ReasonOut(Schema):
    """Une raison : un code pour les machines, une phrase pour les personnes."""

    code: str
    text: str


class ProviderRef(Schema):
    """Un organisme, en bref."""

    id: str
    name: str
    family: Family
    level: str = Field(description="L'échelon depuis lequel il agit")


class ProposalOut(Schema):
    """Une offre proposée pour ce besoin, avec ses raisons."""

    id: str
    title: str
    summary: str
    provider: ProviderRef
    level: str = Field(description="Le cercle où l'offre est montrée, du plus proche au national")
    kind: Kind
    cost: Cost
    score: float = Field(description="De 0 à 1 ; ne se compare qu'à l'intérieur d'une réponse")
    adequate: bool = Field(
        description="Faux : un contact sûr, dont on ne sait pas s'il répond à ce besoin précis"
    )
    sentence: str = Field(description="Pourquoi cette proposition, en une phrase")
    reasons: list[ReasonOut]
    to_check: list[ReasonOut] = Field(description="Ce que la commune doit vérifier")
    figures: list[str] = Field(description="Taux, plafonds, planchers en vigueur")
    closes: date | None = Field(description="Dernier jour pour demander")
    waiting_weeks: int | None
    contact: str = Field(description="Comment demander, ou comment joindre l'organisme")
    state: State = Field(description="Jusqu'où se fier à cette fiche")
    checked_on: date | None = Field(description="Jour où la source a été relue")
    url: str = Field(description="Page de l'offre, à la suite de l'adresse du site")


class ExperienceOut(Schema):
    """Une commune qui l'a fait."""

    id: str
    title: str
    territory: str
    population: int | None = Field(description="Celle qui est imprimée dans la source")
    themes: list[str]
    summary: str
    score: float
    sentence: str = Field(description="En quoi elle ressemble")
    url: str


class SetAsideOut(Schema):
    """Une offre qui parle de ce besoin, mais qui n'est pas pour cette commune."""

    id: str
    title: str
    provider: ProviderRef
    level: str
    kind: Kind
    score: float
    reason: ReasonOut
    url: str


class SetAsideCount(Schema):
    """Combien d'offres écartées par cette règle."""

    code: str
    count: int


class BranchOut(Schema):
    """Le conseil : répondre localement, ou demander l'appui national."""

    code: str = Field(description="« local », « national » ou « ask » (à préciser)")
    sentence: str
    grounds: list[str] = Field(description="Ce qui justifierait l'appui national")
    counts: dict[str, int] = Field(description="Organismes qui répondent, par échelon")


class TerritoryOut(Schema):
    """Le territoire qui demande."""

    code: str = Field(description="Code COG en vigueur, ou SIREN de l'intercommunalité")
    name: str
    population: int | None


class OrientationOut(Schema):
    """Qui peut aider, qui peut financer, qui l'a fait, ce qui a été mis de côté, le conseil."""

    territory: TerritoryOut | None
    understood: UnderstoodOut
    help: list[ProposalOut] = Field(description="Du plus proche au plus lointain")
    funding: list[ProposalOut]
    experiences: list[ExperienceOut]
    set_aside: list[SetAsideOut] = Field(description="Les plus proches du besoin")
    set_aside_total: int
    set_aside_counts: list[SetAsideCount]
    branch: BranchOut
    desk: ProposalOut | None = Field(description="Le guichet : à qui s'adresser dans tous les cas")
    demonstration: bool = Field(description="Vrai : certaines propositions sont inventées")


# -- Territories


class PlacesAsked(Schema):
    """Ce que l'on cherche parmi les territoires."""

    q: str = Field(description="Nom (même mal écrit), code postal, code COG ou SIREN")
    kind: PlaceKind = Field(PlaceKind.COMMUNE, description="Ce que l'on cherche")
    limit: int = Field(10, ge=1, le=MOST_PLACES, description="Propositions au plus")


class PlaceOut(Schema):
    """Un territoire proposé pour ce qui a été tapé."""

    kind: str = Field(description="« commune » ou « epci »")
    code: str
    name: str
    label: str = Field(description="Le nom, avec ce qui le distingue de ses homonymes")
    detail: str = Field(description="Ce qui aide à choisir : département, ancien nom…")
    population: int | None
    postal_codes: list[str]


class PlacesOut(Schema):
    """Les territoires qui ressemblent à ce qui a été tapé, le plus probable d'abord."""

    results: list[PlaceOut]


class EpciOut(Schema):
    """Une intercommunalité à fiscalité propre."""

    siren: str
    name: str
    type: str
    population: int | None


class LabelsOut(Schema):
    """Programmes et zonages : ce que l'on sait, et ce que l'on ne sait pas."""

    known: list[Labelled] = Field(description="La commune en relève")
    absent: list[Labelled] = Field(description="Un fichier dit qu'elle n'en relève pas")
    unknown: list[Labelled] = Field(description="Aucun fichier chargé ne le dit : ce n'est pas non")


class CommuneOut(Schema):
    """Une commune : ce que disent les fichiers officiels chargés ici."""

    code: str
    name: str
    asked: str = Field(
        description="Le code demandé : il diffère de « code » si la commune a changé"
    )
    siren: str
    population: int | None = Field(description="Population municipale (INSEE)")
    postal_codes: list[str]
    longitude: float | None
    latitude: float | None
    department: Labelled
    region: Labelled
    arrondissement: Labelled | None
    epci: EpciOut | None
    density: int | None = Field(description="Grille de densité à 7 niveaux (INSEE)")
    overseas: bool
    labels: LabelsOut
    url: str
