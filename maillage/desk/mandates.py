"""Which mandates the people of a desk may see, open and end: its own bodies, and its territory.

The roles that each role may give are in `accounts.perms`; here is said for which bodies.
"""

from collections.abc import Iterable
from typing import Final

from django.db.models import Q

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Mandate, MandateQuerySet, Organisation, User
from maillage.accounts.perms import may_give
from maillage.common.rights import Allowed, Denied, Right
from maillage.desk import bodies
from maillage.desk.models import Desk
from maillage.desk.models.desks import DESK_ROLES
from maillage.desk.reach import inside, keys_inside
from maillage.desk.services import desks as keepers
from maillage.territories.search import search

_BEARERS: Final = (OrganisationKind.COMMUNE, OrganisationKind.EPCI, OrganisationKind.SYNDICATE)
_BEYOND: Final = (
    "{body} n'est pas de votre département, ou agit aussi ailleurs : l'accès montrerait les "
    "demandes des autres. Demandez-le à l'administrateur."
)
_NOT_DESK: Final = (
    "Un agent ou un adjoint agit pour la préfecture qui tient le guichet, ou pour un service qui "
    "pilote avec elle. Ajoutez d'abord ce service aux pilotes, dans les réglages."
)
_NOT_BEARER: Final = (
    "Un demandeur agit pour une commune, une intercommunalité ou un syndicat de votre département."
)
_ELSEWHERE: Final = "Cet accès n'est pas tenu par votre guichet."
_OWN: Final = "Vous ne pouvez pas terminer votre propre accès : demandez à un collègue."
MOST_PLACES: Final = 8


def working_bodies(desk: Desk) -> list[Organisation]:
    """The body that holds the desk, and those that pilot with it."""
    return [desk.organisation, *desk.pilots.all()]


def mandates_of(desks: Iterable[Desk]) -> MandateQuerySet:
    """Mandates of the desks' bodies, and of the bodies of their territory."""
    scope = Q()
    for desk in desks:
        own = [body.pk for body in working_bodies(desk)]
        if desk.circuit_id:
            own.append(desk.circuit_id)
        scope |= Q(organisation__in=own)
        scope |= Q(organisation__territory__in=keys_inside(desk.department))
    if not scope:
        return Mandate.objects.none()
    return Mandate.objects.filter(scope).select_related("user", "organisation")


def roles_at(user: User, desk: Desk) -> set[str]:
    """Roles in which `user` works for the desk today."""
    own = {body.pk for body in working_bodies(desk)}
    return {
        mandate.role
        for mandate in user.acting
        if mandate.organisation_id in own and mandate.role in DESK_ROLES
    }


def decides(user: User, desk: Desk) -> bool:
    """True of the delegate of the desk, and of a deputy who has a delegation."""
    own = {body.pk for body in working_bodies(desk)}
    return any(
        mandate.organisation_id in own
        and (mandate.role == Role.DELEGATE or (mandate.role == Role.DEPUTY and mandate.signs))
        for mandate in user.acting
    )


def may_open(by: User, desk: Desk, body: Organisation, role: str, *, signs: bool = False) -> Right:
    """May `by` open an access in `role` for `body`?"""
    right = may_give(roles_at(by, desk), role, signs=signs)
    if not right:
        return right
    if role in DESK_ROLES:
        return Allowed() if body in working_bodies(desk) else Denied(_NOT_DESK)
    if role == Role.APPLICANT and body.kind not in _BEARERS:
        return Denied(_NOT_BEARER)
    if not inside(body.territory, desk.department):
        return Denied(_BEYOND.format(body=body.name))
    return Allowed()


def may_end(by: User, desk: Desk, mandate: Mandate) -> Right:
    """May `by` end this mandate? Only those that this desk keeps (`mandates_of`)."""
    if not mandates_of([desk]).filter(pk=mandate.pk).exists():
        return Denied(_ELSEWHERE)
    if mandate.user_id == by.pk:
        return Denied(_OWN)
    return may_give(roles_at(by, desk), mandate.role)


# -- Choosing a body


def choices(text: str, desk: Desk) -> bodies.Groups:
    """Bodies for which an access may be opened: those of the desk, and those found by `text`
    (« t:24061 »: a commune or an EPCI, whose body is made at its first use).
    """
    own = [(bodies.value_of(body), body.name) for body in working_bodies(desk)]
    found = search(text, kind="all", limit=MOST_PLACES) if text.strip() else []
    places = [(f"t:{one.code}", f"{one.label}, {one.detail}".rstrip(", ")) for one in found]
    return bodies.merged(
        [("Communes et intercommunalités", places)] if places else [],
        bodies.search(text),
        [("Le guichet", own)],
    )


def body_of(value: str) -> Organisation:
    """The body of a choice, made at its first use (in a transaction that writes)."""
    kind, _, key = value.partition(":")
    return keepers.body_for_territory(key) if kind == "t" else bodies.body_of(value)
