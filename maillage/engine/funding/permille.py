"""A fund fed by a small share of what local bodies invest, then shared out among communes.

A study, not a scheme: the Senate asks to examine a national fund for the engineering of small
communes, fed by 0.1 % of local investment (report 693, 2023-2024). Here: what each body would pay,
what each commune would receive, by keys that one chooses. Amounts are whole cents, and what is
shared out is exactly what is paid in. Arrays are parallel: one place a body.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Kinds of bodies; an array holds their places here.
KINDS: Final = ("commune", "epci", "departement", "region")
COMMUNE: Final = 0
#: Levels of the INSEE density grid that are rural.
RURAL_LEVELS: Final = (5, 6, 7)
#: A rate is written in millionths: 1 ‰ is 1 000 of them.
RATE_UNIT: Final = 1_000_000
#: Nobody counts more than three times for being poor.
_MOST_POOR: Final = 3.0
#: Precision of the key of wealth: thousandths of an inhabitant.
_FINE: Final = 1_000


class Key(StrEnum):
    """What the fund is shared by."""

    POPULATION = "population"
    RURAL = "rural"
    SMALL = "petites"
    WEALTH = "richesse"


class NobodyReceives(ValueError):
    """No commune answers to any of the keys: there would be a fund and nobody to receive it."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """Local bodies. `spending`: investment of the year, in cents. `population`: 0 when unknown.
    `density`: 1 to 7, 0 when unknown. `wealth`: potentiel financier by inhabitant, in cents, 0
    when unknown. `codes` tell apart bodies of one kind.
    """

    codes: NDArray[np.str_]
    kind: Ints
    spending: Ints
    population: Ints
    density: Ints
    wealth: Ints

    def __len__(self) -> int:
        return len(self.codes)


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules of a fund: who pays how much, who receives, by which keys (any unit: only their
    proportions matter). A contribution under `least` cents is not asked for; none passes `most`.
    """

    payers: frozenset[int] = frozenset(range(len(KINDS)))
    rate: int = 1_000
    least: int = 0
    most: int | None = None
    #: Only communes of at most this many inhabitants receive; None: all of them.
    receivers: int | None = 3_500
    #: A small commune has at most this many inhabitants.
    small: int = 500
    weights: Mapping[Key, int] | None = None


@dataclass(frozen=True, slots=True)
class Sharing:
    """What each body pays and receives, in cents; the part of the fund that went by each key, and
    the keys that nobody answers to, whose part went to the others.
    """

    pays: Ints
    receives: Ints
    pots: dict[Key, int]
    idle: tuple[Key, ...]

    @property
    def fund(self) -> int:
        """The fund, in cents."""
        return int(self.pays.sum())

    @property
    def balance(self) -> Ints:
        """What is received less what is paid, by body: it sums to zero."""
        return self.receives - self.pays


@dataclass(frozen=True, slots=True)
class Line:
    """A group of bodies: how many, how many gain or lose, and cents paid and received."""

    bodies: int
    gaining: int
    losing: int
    pays: int
    receives: int

    @property
    def balance(self) -> int:
        """Received less paid, in cents."""
        return self.receives - self.pays


def share_out(total: int, measures: Ints, rank: Ints) -> Ints:
    """`total` cents in proportion to `measures` (not negative, one above zero at least), exactly:
    each has its whole cents, then the largest remainders have one more. `rank` breaks ties.

    >>> share_out(100, np.array([1, 1, 1]), np.array([0, 1, 2])).tolist()
    [34, 33, 33]
    """
    whole = int(measures.sum())
    if whole <= 0 or total < 0:
        raise ValueError("nothing to share by")
    # Python's integers: the products pass 64 bits.
    products = measures.astype(object) * total
    shares: Ints = (products // whole).astype(np.int64)
    left = total - int(shares.sum())
    if left:
        remainders = (products % whole).astype(np.int64)
        shares[np.lexsort((rank, -remainders))[:left]] += 1
    return shares


def contributions(bodies: Bodies, terms: Terms) -> Ints:
    """What each body pays, in cents, rounded to the nearest."""
    paid = (bodies.spending * terms.rate + RATE_UNIT // 2) // RATE_UNIT
    paid[~np.isin(bodies.kind, list(terms.payers)) | (paid < terms.least)] = 0
    if terms.most is not None:
        paid = np.minimum(paid, terms.most)
    return paid


def measures_of(bodies: Bodies, terms: Terms) -> dict[Key, Ints]:
    """By key, what each body counts for: inhabitants, rural inhabitants, one for a small commune,
    inhabitants weighted by how poor their commune is beside the mean of those that receive.
    """
    people = np.where(bodies.kind == COMMUNE, bodies.population, 0)
    if terms.receivers is not None:
        people = np.where(people <= terms.receivers, people, 0)
    rural = np.isin(bodies.density, RURAL_LEVELS)
    small = (people > 0) & (people <= terms.small)
    return {
        Key.POPULATION: people,
        Key.RURAL: np.where(rural, people, 0),
        Key.SMALL: small.astype(np.int64),
        Key.WEALTH: _poor(people, bodies.wealth),
    }


def _poor(people: Ints, wealth: Ints) -> Ints:
    known = (people > 0) & (wealth > 0)
    if not known.any():
        return np.zeros_like(people)
    mean = float((people[known] * wealth[known]).sum()) / float(people[known].sum())
    ratio = np.minimum(mean / np.maximum(wealth, 1), _MOST_POOR)
    weighted: Ints = np.where(known, np.rint(people * ratio * _FINE), 0).astype(np.int64)
    return weighted


def study(bodies: Bodies, terms: Terms) -> Sharing:
    """Who pays and who receives. Raises `NobodyReceives`."""
    pays = contributions(bodies, terms)
    fund = int(pays.sum())
    asked = {key: weight for key, weight in (terms.weights or {}).items() if weight > 0}
    measures = measures_of(bodies, terms)
    used = [key for key in Key if key in asked and measures[key].any()]
    if not used:
        raise NobodyReceives
    parts = np.array([asked[key] for key in used], np.int64)
    pots = share_out(fund, parts, np.arange(len(used)))
    rank = np.empty(len(bodies), np.int64)
    rank[np.lexsort((bodies.codes, bodies.kind))] = np.arange(len(bodies))
    receives = np.zeros(len(bodies), np.int64)
    for key, pot in zip(used, pots, strict=True):
        receives += share_out(int(pot), measures[key], rank)
    return Sharing(
        pays,
        receives,
        {key: int(pot) for key, pot in zip(used, pots, strict=True)},
        tuple(key for key in Key if key in asked and key not in used),
    )


def by_group(sharing: Sharing, group: Ints, count: int) -> list[Line]:
    """Sum by group: `group` holds the number of each body's (from 0, -1 for none)."""
    inside = group >= 0
    numbers = group[inside]

    def total(values: Ints) -> Ints:
        sums = np.zeros(count, np.int64)
        np.add.at(sums, numbers, values[inside])
        return sums

    balance = sharing.balance
    columns = (
        np.bincount(numbers, minlength=count),
        total((balance > 0).astype(np.int64)),
        total((balance < 0).astype(np.int64)),
        total(sharing.pays),
        total(sharing.receives),
    )
    return [Line(*(int(column[n]) for column in columns)) for n in range(count)]


def top_tenth(amounts: Ints) -> float:
    """Of what is given, the share that goes to the tenth with the most, among those with
    something; 0 when nobody has anything. A tenth, when all have the same.

    >>> top_tenth(np.array([91, *[1] * 9]))
    0.91
    """
    some = np.sort(amounts[amounts > 0])[::-1]
    if not len(some):
        return 0.0
    return float(some[: -(-len(some) // 10)].sum() / some.sum())
