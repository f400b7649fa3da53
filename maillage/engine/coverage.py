"""The whole country at once: how many answers each commune has in each of the eighty cells.

The same rules as :mod:`eligibility`, by groups: offers that share their perimeter, population
bounds, labels and audiences are counted together, so the work follows the number of distinct
conditions, not that of offers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from maillage.engine.eligibility import NO_MAXIMUM
from maillage.engine.types import Offer, Territory
from maillage.engine.vocabulary import PHASES, THEMES, Audience, Kind, Level

CELLS: Final = tuple((theme, phase) for theme in THEMES for phase in PHASES)
Counts = npt.NDArray[np.uint16]


class Condition(NamedTuple):
    """What offers that are counted together share."""

    perimeter: frozenset[str]
    low: int
    high: int
    dgf: bool
    labels: frozenset[str]
    local: bool


Groups = dict[Condition, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Engineering offers by territory (in the order given) and cell (order of ``CELLS``).

    ``local`` counts those below the national level, ``national`` the others, both uint16 arrays
    of shape (territories, 80).
    """

    local: Counts
    national: Counts

    def deserts(self) -> npt.NDArray[np.int16]:
        """By territory, the number of cells without any local answer."""
        return np.asarray((self.local == 0).sum(axis=1), dtype=np.int16)


def coverage(
    offers: Sequence[Offer],
    territories: Sequence[Territory],
    audience: Audience = Audience.COMMUNE,
    today: date | None = None,
) -> Coverage:
    """Count the adequate engineering offers: neither generalist, nor closed, nor for others.

    What is unknown (a label, a DGF population) does not exclude, as for one need.
    """
    groups: Groups = {}
    for offer in offers:
        cells = _cells(offer)
        if not cells or not _counts(offer, audience, today):
            continue
        key = Condition(
            offer.perimeter,
            offer.population_min or 0,
            NO_MAXIMUM if offer.population_max is None else offer.population_max,
            offer.population_kind == "dgf",
            offer.labels_any,
            offer.level < Level.NATIONAL,
        )
        counts = groups.get(key)
        if counts is None:
            counts = groups[key] = np.zeros(len(CELLS), np.float32)
        counts[cells] += 1
    local = _sum({k: v for k, v in groups.items() if k.local}, territories)
    national = _sum({k: v for k, v in groups.items() if not k.local}, territories)
    return Coverage(local, national)


_PLACES: Final = {cell: i for i, cell in enumerate(CELLS)}


def _cells(offer: Offer) -> list[int]:
    return [_PLACES[t, p] for t in offer.themes for p in offer.phases if (t, p) in _PLACES]


def _counts(offer: Offer, audience: Audience, today: date | None) -> bool:
    return (
        offer.kind is not Kind.FUNDING
        and not offer.generalist
        and audience in offer.audiences
        and (today is None or offer.closes is None or offer.closes >= today)
    )


def _sum(
    groups: Groups,
    territories: Sequence[Territory],
) -> Counts:
    """Σ over groups of (territory fits group) × (cells of group)."""
    if not groups or not territories:
        return np.zeros((len(territories), len(CELLS)), np.uint16)
    keys: dict[str, list[int]] = {}
    for number, territory in enumerate(territories):
        for key in territory.keys:
            keys.setdefault(key, []).append(number)
    inside = {k: np.asarray(v, dtype=np.int32) for k, v in keys.items()}
    known = np.asarray([-1 if t.population is None else t.population for t in territories])
    dgf = np.asarray([-1 if t.population_dgf is None else t.population_dgf for t in territories])
    refused: dict[frozenset[str], npt.NDArray[np.bool_]] = {}
    rows: list[npt.NDArray[np.int32]] = []
    lengths: list[int] = []
    # Groups in one order whatever the order of the offers: sums of small integers are exact.
    for condition in groups:
        low, high, labels = condition.low, condition.high, condition.labels
        lists = [inside[k] for k in condition.perimeter if k in inside]
        where = (
            np.empty(0, np.int32) if not lists
            else lists[0] if len(lists) == 1
            else np.unique(np.concatenate(lists))
        )  # fmt: skip
        if low or high != NO_MAXIMUM:
            population = (dgf if condition.dgf else known)[where]
            if condition.dgf:
                # Unknown, it is at least the municipal population.
                where = where[(population >= 0) | (known[where] <= high)]
                population = dgf[where]
            where = where[(population < 0) | ((population >= low) & (population <= high))]
        if labels:
            if labels not in refused:
                refused[labels] = np.asarray(
                    [not t.labels & labels and labels <= t.labels_absent for t in territories]
                )
            where = where[~refused[labels][where]]
        rows.append(where)
        lengths.append(len(where))
    fits = sparse.csr_matrix(
        (
            np.ones(sum(lengths), np.float32),
            (np.concatenate(rows), np.repeat(np.arange(len(groups), dtype=np.int32), lengths)),
        ),
        shape=(len(territories), len(groups)),
    )
    return np.asarray(fits @ np.vstack(list(groups.values()))).astype(np.uint16)
