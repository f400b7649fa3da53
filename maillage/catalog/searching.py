"""A search of the catalogue from its address to what it finds: the same for the list, the map, the
feed, the deadlines and the alerts.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from django.http import QueryDict

from maillage.catalog.areas import DEPARTMENT, REGION, area_label, areas_named
from maillage.catalog.columns import FACETS
from maillage.catalog.forms.filters import OfferFilters
from maillage.catalog.listing import Listing, find
from maillage.catalog.snapshot import Details, Shelf
from maillage.catalog.wording import enumerated
from maillage.engine import types
from maillage.engine import vocabulary as v
from maillage.territories.directory import directory
from maillage.territories.models import sort_key
from maillage.territories.search import Suggestion, normalise
from maillage.territories.search import search as search_territories

_MOST_VALUES: Final = 3


@dataclass(frozen=True, slots=True)
class Where:
    """The territory of a list: resolved, or not known, or to be chosen among several.

    ``department`` and ``region`` are the labels of those that the list keeps to.
    """

    territory: types.Territory | None = None
    label: str = ""
    choices: tuple[Suggestion, ...] = ()
    unknown: str = ""
    department: str = ""
    region: str = ""

    @property
    def written(self) -> str:
        """What the field of the territory shows once it is understood."""
        return self.label or self.department or self.region


@dataclass(frozen=True, slots=True)
class Search:
    """What was asked, where, and what it found in `shelf`."""

    filters: OfferFilters
    where: Where
    shelf: Shelf
    listing: Listing

    @property
    def query(self) -> str:
        """The search as a query string, in one order; "" for the whole catalogue."""
        return self.filters.query()

    def offers(self) -> Iterable[types.Offer]:
        """What was found, in order."""
        return (self.shelf.snapshot.offers[number] for number in self.listing.numbers)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use, and the query string of the same list without it."""

    label: str
    without: str


@dataclass(frozen=True, slots=True)
class Line:
    """An offer as the list shows it. ``days_left`` is negative once it is over; ``full`` says that
    there is no room for now, or is empty; ``is_kept`` says whether it is among the reader's
    favourites.
    """

    offer: types.Offer
    details: Details
    kind_label: str
    family_label: str
    state_label: str
    days_left: int | None
    full: str
    is_kept: bool


def search(data: QueryDict, held: Shelf, today: date) -> Search:
    """Read the address of a list and find what it asks for in `held`."""
    filters = OfferFilters.read(data)
    known = directory()
    areas = areas_named(filters.place, known)
    where = _where(filters, areas)
    if len(areas) == 1 and not where.choices and where.territory is None:
        department = "" if areas[0].kind == REGION else areas[0].code
        region = areas[0].code if areas[0].kind == REGION else ""
        filters = replace(filters, place="", code="", department=department, region=region)
    filters = replace(
        filters,
        code=where.territory.code if where.territory else filters.code,
        department=filters.department if filters.department in known.departments else "",
        region=filters.region if filters.region in known.regions else "",
    )
    where = replace(
        where,
        department=area_label(DEPARTMENT, filters.department, known) if filters.department else "",
        region=area_label(REGION, filters.region, known) if filters.region else "",
    )
    return Search(filters, where, held, find(filters, held, where.territory, today))


def _where(filters: OfferFilters, areas: tuple[Suggestion, ...]) -> Where:
    """Resolve the territory: what was typed wins over a code that no longer goes with it.

    `areas` are the départements and régions of that name: with a commune of the same name, or
    with one another, they are choices.
    """
    known = directory()
    if filters.code:
        try:
            territory = known.engine_territory(filters.code)
        except KeyError:
            if not filters.place:
                return Where(unknown=filters.code)
        else:
            if sort_key(filters.place).startswith(sort_key(territory.name)) or not filters.place:
                return Where(territory, known.label(territory.code))
    if not filters.place:
        return Where()
    found = search_territories(filters.place, kind="all", limit=8)
    sure = [suggestion for suggestion in found if suggestion.certain]
    if areas:
        named = normalise(filters.place)
        same = sure or [one for one in found if normalise(one.label.partition(" (")[0]) == named]
        choices = (*areas, *same)
        return Where() if len(choices) == 1 else Where(choices=choices, unknown=filters.place)
    sure = sure or found
    if len(sure) == 1:
        territory = known.engine_territory(sure[0].code)
        return Where(territory, known.label(territory.code))
    return Where(choices=tuple(found), unknown=filters.place)


def line_of(
    offer: types.Offer, held: Shelf, today: date, kept: Container[int] = frozenset()
) -> Line:
    """An offer of `held` as a line of a list; `kept` are the keys of the reader's favourites."""
    details = held.details[offer.id]
    return Line(
        offer=offer,
        details=details,
        kind_label=v.KIND_LABELS[offer.kind],
        family_label=v.FAMILY_LABELS[offer.family],
        state_label=v.STATE_LABELS[offer.state],
        days_left=(offer.closes - today).days if offer.closes else None,
        full=details.room.full_in_words(today),
        is_kept=details.pk in kept,
    )


def in_words(done: Search) -> str:
    """The search as one reads it: « « pont », à Bourrou (24), Thème : Mobilités »."""
    filters, where = done.filters, done.where
    parts = [f"« {filters.text} »"] if filters.text else []
    parts += [f"à {where.label}"] if where.territory else []
    parts += [where.department] if where.department else []
    parts += [where.region] if where.region else []
    for facet in FACETS:
        chosen = [facet.values[value] for value in filters.chosen.get(facet.name, ())]
        if len(chosen) > _MOST_VALUES:
            chosen = [*chosen[: _MOST_VALUES - 1], f"{len(chosen) - _MOST_VALUES + 1} autres"]
        parts += [f"{facet.label} : {enumerated(chosen, 'ou')}"] if chosen else []
    parts += ["propres à un territoire"] if filters.tied else []
    parts += ["encore ouvertes"] if filters.open_only else []
    parts += ["contacts locaux compris"] if filters.contacts and not where.territory else []
    return ", ".join(parts) or "tout le catalogue"


def chips_of(data: QueryDict, done: Search) -> list[Chip]:
    """The filters in place, each with the address of the list without it."""
    filters, chips = done.filters, []
    if filters.text:
        chips.append(Chip(f"« {filters.text} »", _without(data, "q")))
    if done.where.territory is not None:
        chips.append(Chip(done.where.label, _without(data, "commune", "lieu")))
    elif filters.contacts:
        chips.append(Chip("Contacts locaux", _without(data, "contacts")))
    typed = () if done.where.territory else ("lieu", "commune")
    if done.where.department:
        chips.append(Chip(done.where.department, _without(data, "departement", *typed)))
    if done.where.region:
        chips.append(Chip(done.where.region, _without(data, "region", *typed)))
    for facet in FACETS:
        for value in filters.chosen.get(facet.name, ()):
            chips.append(Chip(facet.values[value], _without_value(data, facet.name, value)))
    if filters.tied:
        chips.append(Chip("Propres à un territoire", _without(data, "propres")))
    if filters.open_only:
        chips.append(Chip("Encore ouvertes", _without(data, "ouvertes")))
    return chips


def _without(data: QueryDict, *names: str) -> str:
    """Query string of the first page of the same list, without some parameters."""
    kept = data.copy()
    for name in (*names, "page", "export"):
        kept.pop(name, None)
    return f"?{kept.urlencode()}"


def _without_value(data: QueryDict, name: str, value: str) -> str:
    kept = data.copy()
    kept.setlist(name, [other for other in kept.getlist(name) if other != value])
    if name == "cout":
        kept.pop("gratuit", None)
    return _without(kept)
