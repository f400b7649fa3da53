"""What the API takes and gives of the catalogue: offers, providers, codes."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from ninja import Field, Schema

from maillage.api.schemas import MOST_ROWS, Labelled, Phase, ProviderRef
from maillage.catalog.enums import CapacityUnit
from maillage.engine.vocabulary import THEMES, Audience, Cost, Family, Kind, Level, State

Theme = StrEnum("Theme", {code: code for code in THEMES})
LevelCode = StrEnum("LevelCode", {level.code: level.code for level in Level})


class KindAsked(StrEnum):
    """An offer that is both answers to either."""

    ENGINEERING = "engineering"
    FUNDING = "funding"


class OffersAsked(Schema):
    """Les filtres de la liste des offres : ceux de la page du catalogue.

    Un filtre peut être répété (« theme=eau&theme=energie ») : l'une ou l'autre valeur convient.
    """

    q: str = Field("", description="Ce que l'on cherche, avec ses mots")
    theme: list[Theme] = Field([], description="Thème ; se répète")
    phase: list[Phase] = Field([], description="Étape du projet ; se répète")
    kind: list[KindAsked] = Field(
        [], description="Aide humaine, ou argent ; une offre qui est les deux répond aux deux"
    )
    cost: list[Cost] = Field([], description="Coût pour la commune ; se répète")
    audience: list[Audience] = Field([], description="Pour qui ; se répète")
    level: list[LevelCode] = Field([], description="Échelon ; se répète")
    family: list[Family] = Field([], description="Famille de l'offreur ; se répète")
    state: list[State] = Field([], description="Confiance dans la fiche ; se répète")
    commune: str = Field(
        "", max_length=20, description="Code COG ou SIREN : ce qui vaut pour ce territoire"
    )
    departement: str = Field(
        "", max_length=3, description="Code du département : ce qui vaut dans une partie au moins"
    )
    region: str = Field(
        "", max_length=3, description="Code de la région : ce qui vaut dans une partie au moins"
    )
    open: bool = Field(False, description="Vrai : sans ce dont la date limite est passée")
    contacts: bool = Field(
        False,
        description="Vrai : avec les contacts généralistes (préfectures, intercommunalités…), qui "
        "sont toujours donnés pour une commune",
    )
    page: int = Field(1, ge=1, le=100_000, description="Page, à partir de 1")
    limit: int = Field(20, ge=1, le=MOST_ROWS, description="Offres par page")


class OfferRow(Schema):
    """Une offre dans une liste."""

    id: str
    title: str
    summary: str
    provider: ProviderRef
    level: str
    kind: Kind
    cost: Cost
    themes: list[str]
    phases: list[str]
    audiences: list[str]
    closes: date | None
    state: State
    url: str


class OfferPage(Schema):
    """Une page de la liste des offres."""

    count: int = Field(description="Offres trouvées, toutes pages comprises")
    page: int
    limit: int
    results: list[OfferRow]


class RateOut(Schema):
    """Un chiffre daté et sourcé."""

    kind: str
    value: Decimal
    unit: str
    base: str
    valid_from: date | None
    valid_to: date | None
    in_force: bool
    source: str
    state: State
    text: str = Field(description="Le même, en toutes lettres")


class SourceOut(Schema):
    """D'où vient une information."""

    id: str
    title: str
    publisher: str
    year: int
    url: str
    detail: str
    vintage: str


class ConditionOut(Schema):
    """Ce que l'offre demande à un public, quand ce n'est pas la même chose pour tous."""

    audience: Audience
    cost: Cost
    note: str
    text: str = Field(description="La même, en toutes lettres")


class CapacityOut(Schema):
    """Ce qu'il reste à donner, et combien de temps on attend ; rien quand ce n'est pas dit."""

    waiting_weeks: int | None = Field(description="Attente, en semaines")
    capacity: str = Field(description="Ce que l'organisme en dit, avec ses mots")
    available: int | None = Field(description="Ce qu'il reste, compté en « available_unit »")
    available_unit: CapacityUnit | None = Field(
        description="« days » (jours) ou « cases » (dossiers) ; rien sans « available »"
    )
    available_until: date | None = Field(description="Ce qui reste est dit jusqu'à ce jour")


class OfferOut(CapacityOut, OfferRow):
    """Une offre, en entier. Sa capacité est la sienne ; sinon, voyez celle de l'organisme."""

    description: str
    cost_note: str
    perimeter: list[str] = Field(description="Clés de territoire : FR, reg:75, dep:24, com:24061…")
    population_min: int | None
    population_max: int | None
    population_kind: str
    labels_any: list[str] = Field(description="Au moins un de ces programmes est requis")
    words: list[str] = Field(description="Comment les gens le disent")
    apply: str
    contact: str
    link: str
    opens: date | None
    generalist: bool
    rates: list[RateOut]
    conditions: list[ConditionOut] = Field(description="Ce qui change d'un public à l'autre")
    source: SourceOut
    checked_on: date | None = Field(
        description="Jour où l'offreur l'a confirmée quand « state » est « confirmed » ; sinon, "
        "jour où la source a été relue"
    )


class ProviderEntryOut(CapacityOut, ProviderRef):
    """Un organisme."""

    full_name: str
    summary: str
    perimeter: list[str]
    website: str
    contact: str
    generalist: bool
    state: State
    source: SourceOut
    url: str


class ProviderOut(ProviderEntryOut):
    """Un organisme et ce qu'il apporte."""

    offers: list[OfferRow]


class TypeRef(Schema):
    """Un type de projet."""

    id: str
    label: str


class VocabularyOut(Schema):
    """Les codes de l'API et leurs libellés."""

    themes: list[Labelled]
    phases: list[Labelled]
    levels: list[Labelled] = Field(description="Du plus proche au plus lointain")
    families: list[Labelled]
    kinds: list[Labelled]
    costs: list[Labelled]
    audiences: list[Labelled]
    states: list[Labelled]
    labels: list[Labelled] = Field(description="Programmes et zonages")
    project_types: list[TypeRef]
