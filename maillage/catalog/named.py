"""Named catalogues: sets of entries beside the one in force, for measures. They are never shown on
a page: `maillage orienter` and `maillage mesurer` alone read them.

An entry is the cleaned line of a file (`NamedEntry.data`, by the names of the model's fields). An
identifier and a title are all that it must have: what it does not say is what the engine takes for
« not said » (for communes, everywhere, of a network, at national level).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Any, Final, TypeVar

from django.db.models import Count, QuerySet
from django.utils.timezone import localdate

from maillage.catalog.children import day, figures_in_words
from maillage.catalog.columns import columns_of
from maillage.catalog.enums import LEVEL_BY_CODE, ImportKind, PopulationKind
from maillage.catalog.models import NamedCatalogue, NamedEntry
from maillage.catalog.snapshot import Details, Shelf, knowledge, vectors
from maillage.engine import types
from maillage.engine.snapshot import build_snapshot
from maillage.engine.text import fold
from maillage.engine.vocabulary import (
    COST_LABELS,
    PHASES,
    THEMES,
    Audience,
    Cost,
    Family,
    Kind,
    Level,
    State,
)

Values = Mapping[str, Any]
_Word = TypeVar("_Word", bound=Enum)
#: Names of catalogues that a message quotes at most.
_QUOTED: Final = 12


class UnknownName(LookupError):
    """No catalogue has this name: the message says which ones there are."""


def catalogues() -> "QuerySet[NamedCatalogue]":
    """Every named catalogue, each with ``size``, the number of its entries."""
    return NamedCatalogue.objects.annotate(size=Count("entries")).order_by("slug")


def find(name: str) -> NamedCatalogue:
    """The catalogue of this name. Raises `UnknownName`, whose message quotes the known ones."""
    found = catalogues().filter(slug=name).first()
    if found is not None:
        return found
    names = list(catalogues().values_list("slug", flat=True))
    if not names:
        raise UnknownName(
            f"Aucun catalogue ne s'appelle « {name} » : il n'y en a encore aucun. Pour le faire : "
            f"maillage importer offres FICHIER --catalogue {name} --ecrire"
        )
    quoted = ", ".join(f"« {one} »" for one in names[:_QUOTED])
    more = f" et {len(names) - _QUOTED} autres" if len(names) > _QUOTED else ""
    raise UnknownName(
        f"Aucun catalogue ne s'appelle « {name} ». Catalogues connus : {quoted}{more}."
    )


def shelf_of(catalogue: NamedCatalogue) -> Shelf:
    """A catalogue ready to answer, with the project types, the thesaurus and the word vectors of
    this installation. It is built at each call: nothing is held in memory.
    """
    rows = list(catalogue.entries.order_by("kind", "key"))
    providers = _Providers(row for row in rows if row.kind == ImportKind.PROVIDERS)
    offers: dict[str, types.Offer] = {}
    details: dict[str, Details] = {}
    today = localdate()
    for row in rows:
        if row.kind == ImportKind.PROVIDERS:
            continue
        # The same identifier may name an aid and an offer: aids, read first, keep theirs.
        slug = row.key if row.key not in offers else f"{row.kind}:{row.key}"
        provider = providers.of(row.data)
        offers[slug] = _offer(slug, row, provider)
        details[slug] = _details(row, provider, catalogue, today)
    built = build_snapshot(
        replace(knowledge(), offers=tuple(offers.values()), version=catalogue.slug), vectors()
    )
    return Shelf(snapshot=built, details=details, columns=columns_of(built.offers))


@dataclass(frozen=True, slots=True)
class _Provider:
    """What is known of who offers."""

    slug: str = "offreur-non-dit"
    name: str = "Organisme non précisé"
    family: str = ""
    level: str = ""
    perimeter: tuple[str, ...] = ()
    website: str = ""
    contact: str = ""


class _Providers:
    """The providers that the catalogue holds, found by identifier or by name, accents aside."""

    def __init__(self, rows: Iterable[NamedEntry]) -> None:
        self._known: dict[str, Values] = {}
        for row in rows:
            held = {**row.data, "slug": row.key}
            self._known.setdefault(row.key, held)
            self._known.setdefault(fold(str(held.get("name") or "")), held)

    def of(self, entry: Values) -> _Provider:
        """Who offers `entry`: what its line says, completed by the provider's own."""
        said = entry.get("provider") or {}
        name = str(said.get("name") or "")
        slug = str(said.get("slug") or "") or fold(name).replace(" ", "-")
        known = self._known.get(slug) or (self._known.get(fold(name)) if name else None) or {}

        def value(field: str) -> Any:
            return said.get(field) or known.get(field) or ""

        if not slug:
            return _Provider()
        return _Provider(
            slug=str(known.get("slug") or slug),
            name=str(value("name") or slug),
            family=str(value("family")),
            level=str(value("level")),
            perimeter=tuple(value("perimeter") or ()),
            website=str(value("website")),
            contact=str(value("contact")),
        )


def _offer(slug: str, row: NamedEntry, provider: _Provider) -> types.Offer:
    said: Values = row.data
    usual = Kind.FUNDING if row.kind == ImportKind.AIDS else Kind.ENGINEERING
    level = str(said.get("level") or provider.level)
    population_kind = str(said.get("population_kind") or "")
    return types.Offer(
        id=slug,
        title=str(said.get("title") or row.key),
        provider_id=provider.slug,
        provider_name=provider.name,
        family=_word(Family, provider.family, Family.NETWORK),
        level=LEVEL_BY_CODE.get(level, Level.NATIONAL),
        kind=_word(Kind, said.get("kind"), usual),
        perimeter=frozenset(said.get("perimeter") or provider.perimeter or ("FR",)),
        summary=str(said.get("summary") or ""),
        description=str(said.get("description") or ""),
        themes=frozenset(said.get("themes") or ()) & THEMES.keys(),
        phases=frozenset(said.get("phases") or ()) & PHASES.keys(),
        audiences=frozenset(a for a in Audience if a.value in (said.get("audiences") or ()))
        or frozenset({Audience.COMMUNE}),
        population_min=said.get("population_min"),
        population_max=said.get("population_max"),
        population_kind=population_kind
        if population_kind in PopulationKind.values
        else "municipal",
        labels_any=frozenset(said.get("labels_any") or ()),
        cost=_word(Cost, said.get("cost"), Cost.UNKNOWN),
        words=tuple(str(word) for word in said.get("words") or ()),
        generalist=bool(said.get("generalist")),
        opens=day(said.get("opens")),
        closes=day(said.get("closes")),
        waiting_weeks=said.get("waiting_weeks"),
        state=_word(State, said.get("state"), State.TO_CONFIRM),
    )


def _details(
    row: NamedEntry, provider: _Provider, catalogue: NamedCatalogue, today: date
) -> Details:
    """What a card shows: nothing is made up, and there is no page."""
    said: Values = row.data
    return Details(
        pk=row.pk,
        url="",
        contact=str(said.get("contact") or provider.contact),
        apply=str(said.get("apply") or ""),
        link=str(said.get("link") or ""),
        website=provider.website,
        cost_label=COST_LABELS[_word(Cost, said.get("cost"), Cost.UNKNOWN)],
        cost_note=str(said.get("cost_note") or ""),
        figures=tuple(figures_in_words(said.get("rates") or (), today)),
        capacity=str(said.get("capacity") or ""),
        checked_on=day(said.get("checked_on")),
        vintage=str(said.get("vintage") or ""),
        source=f"Catalogue « {catalogue.slug} »",
        created_at=catalogue.created_at,
        updated_at=catalogue.updated_at,
    )


def _word(words: type[_Word], value: object, otherwise: _Word) -> _Word:
    """The member of this code; `otherwise` when it is not said, or is none of them."""
    return next((one for one in words if one.value == value), otherwise)
