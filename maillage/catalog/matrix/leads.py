"""The provider that a committee names to lead a cell: who may say it, and how it is kept.

A CLCT names it for its département, the ANCT's committee for France. A lead that is replaced or
ended stays, with its dates: the history of a cell is what was in force.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from django.db import IntegrityError, transaction

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import User
from maillage.catalog.matrix.places import Place
from maillage.catalog.models import CellLead, Provider
from maillage.catalog.owners import AGENTS
from maillage.common.rights import Allowed, Denied, Right
from maillage.engine.matrix import Spot

_STATE: Final = (OrganisationKind.PREFECTURE, OrganisationKind.STATE)
_NOT_HERE: Final = "Un chef de file se nomme pour un département, ou pour la France entière."
_LOCAL: Final = "Le chef de file d'un département est nommé par son CLCT : son guichet le note ici."
_NATIONAL: Final = "Le chef de file national est nommé par le comité de l'ANCT, qui le note ici."


class Changed(Exception):
    """The cell has another lead than when the form was opened: nothing was written."""


class Refused(Exception):
    """What is asked cannot be; says why, in French. ``field`` is that of the form, or ""."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


def may_name(user: User, place: Place) -> Right:
    """May name and end the leads of a territory: the people of its desk, the ANCT's committee."""
    if place.is_france:
        named = user.is_authenticated and bool(user.bodies(Role.COMMITTEE))
        return Allowed() if named else Denied(_NATIONAL)
    if not place.may_have_leads:
        return Denied(_NOT_HERE)
    bodies = user.bodies(*AGENTS) if user.is_authenticated else []
    mine = {body.territory for body in bodies if body.kind in _STATE}
    return Allowed() if place.key in mine else Denied(_LOCAL)


def leads_of(place: Place) -> dict[Spot, list[CellLead]]:
    """Leads in force that hold in a territory, by cell, closest first (one query)."""
    return in_force(place.lead_keys)


def in_force(keys: Iterable[str]) -> dict[Spot, list[CellLead]]:
    """Leads in force of some territories, by cell, in the order of the territories."""
    order = {key: rank for rank, key in enumerate(keys)}
    rows = CellLead.objects.filter(territory__in=order, ended_on=None).select_related("provider")
    found: dict[Spot, list[CellLead]] = {}
    for row in sorted(rows, key=lambda one: order[one.territory]):
        found.setdefault((row.theme, row.phase), []).append(row)
    return found


def history(place: Place, spot: Spot) -> list[CellLead]:
    """Every lead of a cell of this territory, the latest first."""
    rows = CellLead.objects.filter(territory=place.key, theme=spot[0], phase=spot[1])
    return list(rows.select_related("provider").order_by("-decided_on", "-pk"))


def between(place: Place, first: date, last: date) -> tuple[list[CellLead], list[CellLead]]:
    """Leads of the territory named after `first` and until `last`, and those that ended then."""
    rows = CellLead.objects.filter(territory__in=place.lead_keys).select_related("provider")
    named = rows.filter(decided_on__gt=first, decided_on__lte=last)
    ended = rows.filter(ended_on__gt=first, ended_on__lte=last)
    return list(named), list(ended)


@transaction.atomic
def name(
    *,
    place: Place,
    spot: Spot,
    provider: Provider,
    decided_by: str,
    decided_on: date,
    note: str,
    by: User,
    seen: int,
) -> CellLead:
    """Name the lead of a cell; the one before ends that day. `seen` is the key of the lead that
    the form showed (0: none).

    Raises `Changed` when it is another by now, `Refused` when the dates cannot follow.
    """
    former = _present(place, spot, seen)
    if former is not None:
        if decided_on < former.decided_on:
            raise Refused(
                "Le chef de file actuel a été choisi après cette date. Vérifiez la date de la "
                "décision.", "decided_on",
            )  # fmt: skip
        former.ended_on = decided_on
        former.save(update_fields=["ended_on", "updated_at"])
    try:
        with transaction.atomic():
            return CellLead.objects.create(
                territory=place.key, theme=spot[0], phase=spot[1], provider=provider,
                decided_by=decided_by, decided_on=decided_on, note=note, written_by=by,
            )  # fmt: skip
    except IntegrityError as other:
        raise Changed from other


@transaction.atomic
def end(*, place: Place, spot: Spot, ended_on: date, seen: int) -> CellLead:
    """End the lead of a cell, without another. Raises `Changed`, or `Refused` as `name` does."""
    former = _present(place, spot, seen)
    if former is None:
        raise Changed
    if ended_on < former.decided_on:
        raise Refused("Il n'était pas encore choisi à cette date. Vérifiez la date.", "ended_on")
    former.ended_on = ended_on
    former.save(update_fields=["ended_on", "updated_at"])
    return former


def _present(place: Place, spot: Spot, seen: int) -> CellLead | None:
    """The lead in force, held until the end of the transaction. Raises `Changed`."""
    rows = CellLead.objects.select_for_update().filter(
        territory=place.key, theme=spot[0], phase=spot[1], ended_on=None
    )
    found = rows.first()
    if (found.pk if found else 0) != seen:
        raise Changed
    return found
