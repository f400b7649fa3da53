"""The matrix of a territory, computed from the catalogue in memory and kept until it changes."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from maillage.catalog.matrix import days
from maillage.catalog.matrix.places import Place, choose
from maillage.catalog.snapshot import Shelf, shelf
from maillage.engine.matrix import HELP, MONEY, Matrix, build_matrix
from maillage.engine.types import Offer
from maillage.engine.vocabulary import Kind
from maillage.territories.directory import Directory, directory

#: What is counted: value of the filter → kinds of offers.
NATURES: Final[Mapping[str, frozenset[Kind]]] = {
    "ingenierie": HELP,
    "financement": MONEY,
    "tout": frozenset(Kind),
}
#: Matrices kept in memory: the country, and the territories that people look at just now.
_MOST: Final = 48


def in_force(offers: Sequence[Offer], day: date) -> list[Offer]:
    """The offers to which one may apply on `day`."""
    return [
        o for o in offers
        if (o.opens is None or o.opens <= day) and (o.closes is None or o.closes >= day)
    ]  # fmt: skip


def matrix_from(
    offers: Sequence[Offer], place: Place, nature: str, day: date, known: Directory
) -> Matrix:
    """The matrix that some offers make of a territory on a day."""
    here, whole = choose(place, in_force(offers, day), known)
    return build_matrix(here, NATURES[nature], whole)


@dataclass
class _Kept:
    """Matrices of one edition of the catalogue and of the territories, last used last."""

    shelf: Shelf | None = None
    known: Directory | None = None
    made: dict[tuple[Any, ...], Matrix] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_kept: Final = _Kept()


def matrix_of(place: Place, nature: str, day: date) -> Matrix:
    """The matrix of a territory in the catalogue that this process holds."""
    return _remembered(
        (place.key, nature, day, ""),
        lambda held, known: matrix_from(held.snapshot.offers, place, nature, day, known),
    )


def matrix_of_kept(place: Place, nature: str, day: date, digest: str) -> Matrix:
    """The matrix of a territory on a kept day, which has this digest. Raises
    ``CatalogueDay.DoesNotExist``.
    """
    return _remembered(
        (place.key, nature, day, digest),
        lambda _, known: matrix_from(days.offers_of(day), place, nature, day, known),
    )


def _remembered(key: tuple[Any, ...], make: Callable[[Shelf, Directory], Matrix]) -> Matrix:
    """What was already made of this edition of the catalogue and of the territories, else made."""
    held, known = shelf(), directory()
    with _kept.lock:
        if _kept.shelf is not held or _kept.known is not known:
            _kept.shelf, _kept.known, _kept.made = held, known, {}
        found = _kept.made.pop(key, None)
        if found is not None:
            _kept.made[key] = found
            return found
    found = make(held, known)
    with _kept.lock:
        if _kept.shelf is held and _kept.known is known:
            _kept.made[key] = found
            while len(_kept.made) > _MOST:
                del _kept.made[next(iter(_kept.made))]
    return found
