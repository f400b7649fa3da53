"""How much help is left to give: what an offer says, else what its provider says."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from maillage.catalog.enums import CapacityUnit
from maillage.catalog.models import Offer, Provider
from maillage.common.templatetags.maillage import lettres, pluriel

_UNITS: Final = {CapacityUnit.DAYS: "jour,jours", CapacityUnit.CASES: "dossier,dossiers"}


@dataclass(frozen=True, slots=True)
class Left:
    """What is left: a number of days or of cases, true until a day (included) or for good."""

    number: int
    unit: str
    until: date | None

    def holds(self, today: date) -> bool:
        """False once its date is past: it then says nothing."""
        return self.until is None or self.until >= today


@dataclass(frozen=True, slots=True)
class Capacity:
    """``left``: what is said to be left, the nearest first (the offer, then its provider);
    ``waiting_weeks``: the wait, in weeks, ``None`` when it is not said; ``text``: the rest, in
    words.
    """

    left: tuple[Left, ...] = ()
    waiting_weeks: int | None = None
    text: str = ""

    def now(self, today: date) -> Left | None:
        """What is left on `today`: the nearest that still holds."""
        return next((left for left in self.left if left.holds(today)), None)

    def in_words(self, today: date) -> str:
        """« Il reste 12 jours, jusqu'au 31 décembre 2026 »; "" when it is not said, or is over."""
        left = self.now(today)
        if left is None:
            return ""
        until = f", jusqu'au {lettres(left.until)}" if left.until else ""
        if left.number == 0:
            return f"Plus de place pour le moment{until}"
        return f"Il reste {pluriel(left.number, _UNITS[CapacityUnit(left.unit)])}{until}"

    def full_in_words(self, today: date) -> str:
        """« Plus de place pour le moment »; "" when there is room, or nobody says."""
        left = self.now(today)
        return self.in_words(today) if left is not None and left.number == 0 else ""


#: Nobody says anything.
UNSAID: Final = Capacity()


def capacity_of(row: Offer | Provider) -> Capacity:
    """The capacity of an entry: each thing that an offer does not say is what its provider says.

    An offer comes with its provider.
    """
    rows = (row, row.provider) if isinstance(row, Offer) else (row,)
    waits = (one.waiting_weeks for one in rows)
    return Capacity(
        left=tuple(
            Left(one.available, one.available_unit, one.available_until)
            for one in rows
            if one.available is not None
        ),
        waiting_weeks=next((weeks for weeks in waits if weeks is not None), None),
        text=next((one.capacity for one in rows if one.capacity), ""),
    )
