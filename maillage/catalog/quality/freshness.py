"""How long ago somebody said that an entry is right: fresh, never confirmed, to confirm, set aside.

Pure functions over dates. The date that counts is that of the last confirmation, or the day its
source was read, or the day it was loaded here: nothing leaves the answers on the day it comes in.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

from dateutil.relativedelta import relativedelta

from maillage.common.templatetags.maillage import lettres, pluriel


class Freshness(StrEnum):
    """How far an entry can still be believed."""

    FRESH = "fresh"
    UNCONFIRMED = "unconfirmed"
    TO_CONFIRM = "to_confirm"
    SET_ASIDE = "set_aside"


LABELS: Final = {
    Freshness.FRESH: "À jour",
    Freshness.UNCONFIRMED: "À confirmer par l'offreur",
    Freshness.TO_CONFIRM: "À confirmer",
    Freshness.SET_ASIDE: "Mise de côté",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an entry stands. ``months``: whole months since ``since``, the date that counts;
    ``confirmed`` is false when who offers it has never confirmed it; ``read`` is true when its
    source was read on ``since``; ``over`` the last day of one that was set aside because it is long
    over; ``official`` is true of what an official file says.
    """

    state: Freshness
    since: date
    confirmed: bool
    months: int
    over: date | None = None
    official: bool = False
    read: bool = False

    @property
    def label(self) -> str:
        """One or two words: « À jour »."""
        return LABELS[self.state]

    @property
    def sentence(self) -> str:
        """A sentence for pages and the API, without its full stop (« la fiche » is meant)."""
        if self.state is Freshness.SET_ASIDE:
            why = f"close depuis le {lettres(self.over)}" if self.over else self._silence()
            return f"Mise de côté\u00a0: {why}"
        if self.state is Freshness.TO_CONFIRM:
            silence = self._silence()
            return silence[0].upper() + silence[1:]
        if self.official:
            return "Déduite du code officiel géographique, à jour avec lui"
        if self.confirmed:
            return f"Confirmée le {lettres(self.since)}"
        begins = "Source relue" if self.read else "Reprise"
        return f"{begins} le {lettres(self.since)}, pas encore confirmée par l'offreur"

    def _silence(self) -> str:
        if self.read and not self.confirmed:
            return f"source relue le {lettres(self.since)}, jamais confirmée par l'offreur"
        if not self.months:
            return f"non confirmée depuis le {lettres(self.since)}"
        often = "non confirmée depuis" if self.confirmed else "jamais confirmée depuis"
        return f"{often} {pluriel(self.months, 'mois,mois')}"


@lru_cache(maxsize=4096)
def due_on(since: date, months: int) -> date | None:
    """When what was right on `since` is to be looked at again; ``None``: never (0 months)."""
    return since + relativedelta(months=months) if months > 0 else None


def is_long_over(closes: date | None, today: date, months: int) -> bool:
    """True of what closed `months` ago or before (0: never): it leaves the lists."""
    return closes is not None and months > 0 and closes + relativedelta(months=months) <= today


def months_between(since: date, today: date) -> int:
    """Whole months from a date to another, 0 when the second comes first."""
    gap = relativedelta(today, since)
    return max(0, 12 * gap.years + gap.months)


def standing(
    *,
    checked: date | None,
    loaded: date,
    today: date,
    confirm: int,
    aside: bool = False,
    over: date | None = None,
    official: bool = False,
    confirmed: bool = True,
) -> Standing:
    """Where an entry stands on `today`.

    `checked`: last confirmation, or when not `confirmed` the day its source was read; `loaded`:
    when it came here; `confirm`: months during which a confirmation is worth something (0: for
    ever); `aside`: it was set aside; `over`: its last day when it is long over; `official`: an
    official file says it, nobody has to.
    """
    since = checked or loaded
    due = None if official else due_on(since, confirm)
    late = due is not None and due <= today
    confirmed = confirmed and checked is not None
    state = Freshness.FRESH if confirmed or official else Freshness.UNCONFIRMED
    if late:
        state = Freshness.TO_CONFIRM
    return Standing(
        state=Freshness.SET_ASIDE if aside else state,
        since=since,
        confirmed=confirmed,
        months=months_between(since, today),
        over=over,
        official=official,
        read=checked is not None,
    )
