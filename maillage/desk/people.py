"""Who is told what: the people behind the bodies that take part in a request."""

from collections.abc import Iterable
from typing import Final

from django.db.models import Q
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.accounts.models import Mandate, MandateQuerySet, Organisation, User
from maillage.accounts.services import relays_of
from maillage.desk.enums import Capacity
from maillage.desk.models import Request
from maillage.desk.models.desks import DESK_ROLES
from maillage.desk.models.requests import CAPACITIES_OF

#: Roles in which one answers for a body that is asked, designated or informed.
_PARTNERS: Final = (Role.PROVIDER, *DESK_ROLES)


def members(bodies: Iterable[Organisation | int], *roles: str) -> list[User]:
    """Active people who act today for `bodies`, in one of `roles`.

    Without `roles`: those who can read what their body is asked. Who only observes, or only asks
    for their commune, does not.
    """
    keys = [body if isinstance(body, int) else body.pk for body in bodies]
    mandates = _mandates().filter(organisation__in=keys, role__in=roles or _PARTNERS)
    found = User.objects.filter(is_active=True, mandates__in=mandates)
    return list(found.distinct().order_by("pk"))


def readers(request: Request, body: Organisation) -> list[User]:
    """People of `body` who read what is written to it, by the capacity in which it takes part."""
    held = {
        part.capacity
        for part in request.parties.all()
        if part.organisation_id == body.pk and part.ended_at is None
    }
    roles = [role for role, capacities in CAPACITIES_OF.items() if capacities & held]
    return members([body], *roles) if roles else []


def _taking_part(request: Request, *capacities: str) -> list[int]:
    return [
        part.organisation_id
        for part in request.parties.all()
        if part.capacity in capacities and part.ended_at is None
    ]


def applicants(request: Request) -> list[User]:
    """People of the mairie, and who filed for it while the desk has not checked them yet."""
    found = members(_taking_part(request, Capacity.APPLICANT), Role.APPLICANT)
    author = request.created_by
    if author and not request.address_checked and author not in found:
        found.append(author)
    return found


def contact_addresses(request: Request) -> list[str]:
    """The address that the mairie gave, which may be no account's."""
    given = request.contact_email
    author = request.created_by
    # Nobody is written to on the word of a stranger: an address not checked is its author's only.
    if not request.address_checked and (author is None or given != author.email):
        return []
    return [given] if given else []


def agents(request: Request) -> list[User]:
    """The agent in charge, and their relay when they are away; all the desk's when none is.

    Who has left the desk is no longer in charge, even if nobody has taken the request over yet.
    """
    working = members(_desk(request), *DESK_ROLES)
    if request.assigned_to in working:
        return _with_relays([request.assigned_to], working)
    return _with_relays(members(_desk(request), Role.AGENT), working) or deciders(request)


def colleagues(request: Request) -> list[User]:
    """All who work for the desk of this request, or for a service that pilots for it."""
    return members(_taking_part(request, Capacity.DESK, Capacity.PILOT), *DESK_ROLES)


def deciders(request: Request) -> list[User]:
    """The delegate, and the deputies who have a delegation."""
    bodies = _desk(request)
    signing = _mandates().filter(
        Q(role=Role.DELEGATE) | Q(role=Role.DEPUTY, signs=True), organisation__in=bodies
    )
    found = User.objects.filter(is_active=True, mandates__in=signing).distinct().order_by("pk")
    return _with_relays(found, members(bodies, *DESK_ROLES))


def _desk(request: Request) -> list[int]:
    return _taking_part(request, Capacity.DESK, Capacity.PILOT)


def _mandates() -> MandateQuerySet:
    return Mandate.objects.in_force(localdate())


def lead_people(request: Request) -> list[User]:
    """People of the interlocuteur unique."""
    return members(_taking_part(request, Capacity.LEAD))


def committee(request: Request) -> list[User]:
    """Members of the ANCT's committee, once the request is before it."""
    return members(_taking_part(request, Capacity.COMMITTEE), Role.COMMITTEE)


def in_charge(request: Request, user: User) -> list[User]:
    """`user`, to whom the request is given, and who relays them today among the desk's people."""
    return _with_relays([user], members(_desk(request), *DESK_ROLES))


def _with_relays(people: Iterable[User], working: list[User]) -> list[User]:
    """The same people, and those who relay the absent ones today, if they work for the desk."""
    present = list(people)
    for relay in relays_of(present, localdate()).values():
        if relay in working and relay not in present:
            present.append(relay)
    return present
