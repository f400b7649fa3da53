"""The catalogue in memory: rows of the database → frozen values → the engine's snapshot.

Each process holds one, rebuilt apart when the catalogue changes (`common.held`). Beside what the
engine needs stands what a card shows, so that an answer needs no query.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache

from django.urls import reverse
from django.utils.timezone import localdate

from maillage.catalog.capacity import UNSAID, Capacity, capacity_of
from maillage.catalog.columns import Columns, columns_of
from maillage.catalog.enums import LEVEL_BY_CODE
from maillage.catalog.models import Offer, ProjectType, Provider, Rate, ThesaurusEntry
from maillage.catalog.reach import NOWHERE, Reach, reach_of
from maillage.common.held import Held
from maillage.common.models import DataVersion, Source
from maillage.engine import types
from maillage.engine.snapshot import Snapshot, build_snapshot
from maillage.engine.vectors import WordVectors, find_package, load
from maillage.engine.vocabulary import Audience, Cost, Family, Kind, State
from maillage.experiences.models import Experience
from maillage.experiences.search import engine_experience
from maillage.territories.directory import directory

_SETS = ("catalogue", "experiences", "territories")


@dataclass(frozen=True, slots=True)
class Details:
    """What a card shows of an offer, beyond what the engine knows. ``url`` is its page; ``room`` is
    its capacity, of which ``capacity`` is the words: its own, else that of its provider.
    """

    pk: int
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
    created_at: datetime
    updated_at: datetime
    room: Capacity = UNSAID


@dataclass(frozen=True, slots=True)
class Shelf:
    """The snapshot, the details of its offers by id, their columns for the list's facets, and in
    which départements each is of use.
    """

    snapshot: Snapshot
    details: Mapping[str, Details]
    columns: Columns
    reach: Reach = NOWHERE


def shelf() -> Shelf:
    """What is in force in this process."""
    return held.get()


def snapshot() -> Snapshot:
    """The snapshot now in force in this process."""
    return held.get().snapshot


def knowledge() -> types.Catalogue:
    """What this installation knows of what people say (types, words), without offers."""
    return types.Catalogue(
        offers=(),
        project_types=tuple(engine_type(row) for row in ProjectType.objects.all()),
        thesaurus=in_order(engine_entry(row) for row in ThesaurusEntry.objects.all()),
        version=str(DataVersion.objects.number("catalogue")),
    )


def in_order(entries: Iterable[types.ThesaurusEntry]) -> tuple[types.ThesaurusEntry, ...]:
    """The thesaurus in one order, whatever the database sorts by; without the expressions that are
    read as nothing (switched off).
    """
    return tuple(sorted((e for e in entries if e.terms), key=lambda e: e.expression))


def engine_offers(rows: Iterable[Offer]) -> tuple[types.Offer, ...]:
    """Offers as the engine sees them; `rows` come with their provider."""
    return tuple(_offer(row) for row in rows)


def _catalogue(offers: list[Offer]) -> types.Catalogue:
    return replace(
        knowledge(),
        offers=engine_offers(offers),
        experiences=tuple(engine_experience(row) for row in Experience.objects.all()),
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
        waiting_weeks=capacity_of(row).waiting_weeks,
        state=State(row.state),
    )


def engine_type(row: ProjectType) -> types.ProjectType:
    """A kind of project as the engine sees it."""
    return types.ProjectType(
        id=row.slug,
        label=row.label,
        themes=tuple(row.themes),
        phases=tuple(row.phases),
        vocabulary=tuple(row.vocabulary),
        phrases=tuple(row.phrases),
        first_step=row.first_step,
    )


def engine_entry(row: ThesaurusEntry) -> types.ThesaurusEntry:
    """A line of the thesaurus as the engine sees it."""
    return types.ThesaurusEntry(row.expression, tuple(row.terms), tuple(row.themes))


def _details(row: Offer, page: str, figures: Mapping[int, list[str]]) -> Details:
    """What a card shows; `page` is the address of any offer, with « * » for its identifier."""
    room = capacity_of(row)
    return Details(
        pk=row.pk,
        url=page.replace("*", row.slug),
        contact=row.contact or row.provider.contact,
        apply=row.apply,
        link=row.link,
        website=row.provider.website,
        cost_label=row.get_cost_display(),
        cost_note=row.cost_note,
        figures=tuple(figures.get(row.pk, ())),
        capacity=room.text,
        checked_on=row.checked_on,
        vintage=row.vintage,
        source=row.source.title,
        created_at=row.created_at,
        updated_at=row.updated_at,
        room=room,
    )


@cache
def vectors() -> WordVectors | None:
    """Word vectors, when their optional package is installed (``make vecteurs``)."""
    vocabulary = find_package()
    return load(vocabulary) if vocabulary else None


def _rows() -> list[Offer]:
    """The published offers; those of one provider share it, and so do those of one source: at
    twenty thousand, one object for each would be half of the time.
    """
    providers = {row.pk: row for row in Provider.objects.all()}
    sources = {row.pk: row for row in Source.objects.all()}
    rows = list(Offer.objects.published())
    for row in rows:
        row.provider, row.source = providers[row.provider_id], sources[row.source_id]
    return rows


def _figures(today: date) -> dict[int, list[str]]:
    """The figures in force on `today`, in words, by offer."""
    found: dict[int, list[str]] = {}
    for rate in Rate.objects.all():
        if rate.in_force(today):
            found.setdefault(rate.offer_id, []).append(rate.in_words())
    return found


def _build() -> Shelf:
    offers, figures = _rows(), _figures(localdate())
    page = reverse("catalog:offer", args=["x"]).replace("/x/", "/*/")
    built = build_snapshot(_catalogue(offers), vectors())
    return Shelf(
        snapshot=built,
        details={row.slug: _details(row, page, figures) for row in offers},
        columns=columns_of(built.offers),
        reach=reach_of(built.facts, directory()),
    )


held: Held[Shelf] = Held(_build, *_SETS)
