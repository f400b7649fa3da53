"""The list of offers: text, territory and facets over the arrays held in memory, without a query.

Within a facet the values add up (one or the other); from a facet to the next they restrict. The
count beside a value is what ticking it alone in its facet would give, the other filters kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from maillage.catalog.columns import FACETS, BoolArray, Columns
from maillage.catalog.forms.filters import OfferFilters
from maillage.catalog.snapshot import Shelf
from maillage.engine.eligibility import Rule, first_failures
from maillage.engine.ranking import score_entries
from maillage.engine.snapshot import Snapshot
from maillage.engine.text import words
from maillage.engine.types import Need, Territory
from maillage.engine.understanding import read_need
from maillage.engine.vocabulary import Audience

#: Found by a text: at least this score, and this share of the best one.
LEAST: Final = 0.25
LEAST_SHARE: Final = 0.35
#: What an offer gains whose title or provider holds every word of a short search (« DETR »).
NAMED: Final = 0.5
_SHORT: Final = 6
_SET_ASIDE: Final = (Rule.TERRITORY, Rule.POPULATION, Rule.LABEL)
_NEVER: Final = 10_000_000
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value to tick, with how many offers it would give."""

    code: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class FacetShown:
    """A facet with the values that would give something (and those already chosen)."""

    name: str
    label: str
    values: tuple[FacetValue, ...]
    chosen: int


@dataclass(frozen=True, slots=True)
class Listing:
    """What was found: numbers of the offers in the snapshot, in order, and the facets.

    ``contacts`` counts the generalist bodies that the present filters would add or have added;
    ``still_open`` what would remain without those that are over.
    """

    numbers: tuple[int, ...]
    facets: tuple[FacetShown, ...]
    contacts: int
    contacts_shown: bool
    still_open: int = 0


def find(filters: OfferFilters, shelf: Shelf, territory: Territory | None, today: date) -> Listing:
    """Apply the filters; `territory` is the one that `filters` names, once resolved."""
    snapshot, columns = shelf.snapshot, shelf.columns
    if not snapshot.offers:
        return Listing((), (), 0, False)
    valid = _valid(snapshot, columns, territory)
    if filters.department in shelf.reach.numbers:
        valid &= shelf.reach.of(filters.department)
    if filters.region in shelf.reach.regions:
        valid &= shelf.reach.regions[filters.region]
    if filters.tied and shelf.reach.numbers:
        valid &= shelf.reach.tied
    scores = _scores(filters.text, snapshot, columns)
    specific = valid & ~snapshot.facts.generalist
    found = _found(scores, specific) if scores is not None else specific
    with_contacts = filters.contacts or territory is not None
    generalist = valid & snapshot.facts.generalist
    contacts = _found(scores, generalist) if scores is not None else generalist
    kept = found | contacts if with_contacts else found
    chosen = _by_facet(filters.chosen, columns)
    open_now = snapshot.facts.closes >= today.toordinal()
    may_be_open = kept & open_now
    if filters.open_only:
        kept = may_be_open
    everywhere = np.ones(len(snapshot.offers), dtype=np.bool_)
    for mask in chosen.values():
        everywhere &= mask
    numbers = np.flatnonzero(kept & everywhere)
    order = _order(filters.sort, numbers, scores, snapshot, columns, territory, today)
    return Listing(
        numbers=tuple(order.tolist()),
        facets=_facets(filters.chosen, chosen, kept, columns),
        contacts=int(np.count_nonzero(contacts & everywhere)),
        contacts_shown=with_contacts,
        still_open=int(np.count_nonzero(may_be_open & everywhere)),
    )


def _valid(snapshot: Snapshot, columns: Columns, territory: Territory | None) -> BoolArray:
    """Offers that cover the territory and do not exclude it by its size or its programmes.

    What is for the inhabitants, the companies or the associations of a commune is of use there;
    what is for départements alone is not.
    """
    if territory is None:
        return np.ones(len(snapshot.offers), dtype=np.bool_)
    failed = first_failures(snapshot.facts, territory, Audience.COMMUNE, None)
    return columns.local & ~np.isin(failed, _SET_ASIDE)


def _scores(text: str, snapshot: Snapshot, columns: Columns) -> FloatArray | None:
    """How much each offer speaks of the text; ``None`` without a text."""
    if not text:
        return None
    read = read_need(Need(text), snapshot)
    totals = score_entries(read, snapshot.index, snapshot.facts.themes, snapshot).total.copy()
    typed = words(text)
    if 0 < len(typed) <= _SHORT:
        first, *others = [f" {word} " for word in typed]
        named = [n for n, name in enumerate(columns.names) if first in name]
        named = [n for n in named if all(word in columns.names[n] for word in others)]
        totals[named] += NAMED
    return totals


def _found(scores: FloatArray, among: BoolArray) -> BoolArray:
    best = float(scores[among].max()) if among.any() else 0.0
    return among & (scores >= max(LEAST, LEAST_SHARE * min(best, 1.0)))


def _by_facet(chosen: Mapping[str, Sequence[str]], columns: Columns) -> dict[str, BoolArray]:
    """For each facet in use, the offers that have one of its chosen values."""
    masks = {}
    for name, values in chosen.items():
        held = columns.facets[name]
        masks[name] = np.logical_or.reduce([held[value] for value in values])
    return masks


def _facets(
    asked: Mapping[str, Sequence[str]],
    chosen: Mapping[str, BoolArray],
    kept: BoolArray,
    columns: Columns,
) -> tuple[FacetShown, ...]:
    shown = []
    for facet in FACETS:
        base = kept.copy()
        for name, mask in chosen.items():
            if name != facet.name:
                base &= mask
        ticked = asked.get(facet.name, ())
        values = []
        for code, label in facet.values.items():
            count = int(np.count_nonzero(base & columns.facets[facet.name][code]))
            if count or code in ticked:
                values.append(FacetValue(code, label, count, code in ticked))
        if values:
            shown.append(FacetShown(facet.name, facet.label, tuple(values), len(ticked)))
    return tuple(shown)


def _order(
    sort: str,
    numbers: npt.NDArray[np.intp],
    scores: FloatArray | None,
    snapshot: Snapshot,
    columns: Columns,
    territory: Territory | None,
    today: date,
) -> npt.NDArray[np.intp]:
    """Numbers in the asked order; ties by title, then by id (the order of the snapshot)."""
    titles = columns.title_rank[numbers]
    if sort == "titre":
        return numbers[np.argsort(titles, kind="stable")]
    if sort == "date":
        closes = snapshot.facts.closes[numbers].astype(np.int64)
        # Soonest first, then what has no end, then what is over (latest first).
        over = closes < today.toordinal()
        return numbers[np.lexsort((titles, np.where(over, 2 * _NEVER - closes, closes)))]
    if scores is not None:
        return numbers[np.lexsort((titles, -np.round(scores[numbers], 6)))]
    if territory is not None:
        generalist = snapshot.facts.generalist[numbers]
        return numbers[np.lexsort((titles, generalist, snapshot.facts.level[numbers]))]
    return numbers[np.argsort(titles, kind="stable")]
