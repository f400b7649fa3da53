"""The catalogue in memory: rows of the database → frozen values → the engine's snapshot.

Each process holds one, rebuilt apart when the catalogue changes (`common.held`). Beside what the
engine needs stands what a card shows, so that an answer needs no query.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.utils.timezone import localdate

from maillage.catalog.columns import Columns, columns_of
from maillage.catalog.enums import LEVEL_BY_CODE
from maillage.catalog.models import Offer, ProjectType, ThesaurusEntry
from maillage.common.held import Held
from maillage.common.models import DataVersion
from maillage.engine import types
from maillage.engine.snapshot import Snapshot, build_snapshot
from maillage.engine.vectors import WordVectors, find_package, load
from maillage.engine.vocabulary import Audience, Cost, Family, Kind, State
from maillage.experiences.models import Experience
from maillage.experiences.search import engine_experience

_SETS = ("catalogue", "experiences", "territories")


@dataclass(frozen=True, slots=True)
class Details:
    """What a card shows of an offer, beyond what the engine knows. ``url`` is its page."""

    url: str
    contact: str
    apply: str
    link: str
    website: str
    cost_label: str
    cost_note: str
    figures: tuple[str, ...]
    capacity: str
    checked_on: date | None
    vintage: str
    source: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The snapshot, the details of its offers by id, and their columns for the list's facets."""

    snapshot: Snapshot
    details: Mapping[str, Details]
    columns: Columns


def shelf() -> Shelf:
    """What is in force in this process."""
    return held.get()


def snapshot() -> Snapshot:
    """The snapshot now in force in this process."""
    return held.get().snapshot


def _catalogue(offers: list[Offer]) -> types.Catalogue:
    return types.Catalogue(
        offers=tuple(_offer(row) for row in offers),
        experiences=tuple(engine_experience(row) for row in Experience.objects.all()),
        project_types=tuple(_project_type(row) for row in ProjectType.objects.all()),
        thesaurus=tuple(_entry(row) for row in ThesaurusEntry.objects.all()),
        version=str(DataVersion.objects.number("catalogue")),
    )


def _offer(row: Offer) -> types.Offer:
    return types.Offer(
        id=row.slug,
        title=row.title,
        provider_id=row.provider.slug,
        provider_name=row.provider.name,
        family=Family(row.provider.family),
        level=LEVEL_BY_CODE[row.level],
        kind=Kind(row.kind),
        perimeter=frozenset(row.perimeter),
        summary=row.summary,
        description=row.description,
        themes=frozenset(row.themes),
        phases=frozenset(row.phases),
        audiences=frozenset(Audience(code) for code in row.audiences),
        population_min=row.population_min,
        population_max=row.population_max,
        population_kind=row.population_kind,
        labels_any=frozenset(row.labels_any),
        cost=Cost(row.cost),
        words=tuple(row.words),
        generalist=row.generalist,
        opens=row.opens,
        closes=row.closes,
        waiting_weeks=row.waiting_weeks,
        state=State(row.state),
    )


def _project_type(row: ProjectType) -> types.ProjectType:
    return types.ProjectType(
        id=row.slug,
        label=row.label,
        themes=tuple(row.themes),
        phases=tuple(row.phases),
        vocabulary=tuple(row.vocabulary),
        phrases=tuple(row.phrases),
        first_step=row.first_step,
    )


def _entry(row: ThesaurusEntry) -> types.ThesaurusEntry:
    return types.ThesaurusEntry(row.expression, tuple(row.terms), tuple(row.themes))


def _details(row: Offer, today: date) -> Details:
    return Details(
        url=row.get_absolute_url(),
        contact=row.contact or row.provider.contact,
        apply=row.apply,
        link=row.link,
        website=row.provider.website,
        cost_label=row.get_cost_display(),
        cost_note=row.cost_note,
        figures=tuple(rate.in_words() for rate in row.rates.all() if rate.in_force(today)),
        capacity=row.capacity,
        checked_on=row.checked_on,
        vintage=row.vintage,
        source=row.source.title,
    )


@cache
def _vectors() -> WordVectors | None:
    """Word vectors, when their optional package is installed (``make vecteurs``)."""
    vocabulary = find_package()
    return load(vocabulary) if vocabulary else None


def _build() -> Shelf:
    offers = list(
        Offer.objects.published().with_provider().select_related("source").prefetch_related("rates")
    )
    today = localdate()
    built = build_snapshot(_catalogue(offers), _vectors())
    return Shelf(
        snapshot=built,
        details={row.slug: _details(row, today) for row in offers},
        columns=columns_of(built.offers),
    )


held: Held[Shelf] = Held(_build, *_SETS)
