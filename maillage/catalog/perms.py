"""Who may do what in the catalogue. Each answer carries its reason; pages and API show the same."""

from collections.abc import Iterable
from typing import Final

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Organisation, User
from maillage.catalog.models import Provider
from maillage.catalog.owners import AGENTS, departments_of, is_local
from maillage.common.rights import Allowed, Denied, Right

_SIGN_IN: Final = "Connectez-vous d'abord."
_NOT_YOURS: Final = (
    "Cette fiche est tenue par d'autres : signalez-leur l'erreur depuis sa page, ou demandez à la "
    "tenir si c'est votre organisme."
)
_TOO_WIDE: Final = (
    "Cette fiche couvre plus que votre département : l'administrateur de Maillage s'en occupe."
)
_ELSEWHERE: Final = "Cette fiche est d'un autre département : son guichet s'en occupe."
_AGENTS_ONLY: Final = "Seuls les agents d'un guichet et l'administrateur le peuvent."
_ADMIN_ONLY: Final = "Seul l'administrateur de Maillage le peut."


def is_administrator(user: User) -> bool:
    """Acts as administrator today."""
    return user.is_authenticated and (
        user.is_superuser or any(m.role == Role.ADMINISTRATOR for m in user.acting)
    )


def agent_bodies(user: User) -> list[Organisation]:
    """Préfectures for whose desk this person works today."""
    if not user.is_authenticated:
        return []
    return [body for body in user.bodies(*AGENTS) if body.kind == OrganisationKind.PREFECTURE]


def agent_departments(user: User) -> frozenset[str]:
    """Codes of the départements for whose desk this person works today."""
    return frozenset(b.territory.removeprefix("dep:") for b in agent_bodies(user) if b.territory)


def kept_slugs(user: User) -> frozenset[str]:
    """Slugs of the providers for which this person acts today."""
    if not user.is_authenticated:
        return frozenset()
    return frozenset(body.provider for body in user.bodies(Role.PROVIDER) if body.provider)


def acting_body(user: User, provider: Provider) -> Organisation | None:
    """The body for which this person acts on a page: the provider's own, else their desk's."""
    for body in user.bodies(Role.PROVIDER):
        if body.provider == provider.slug:
            return body
    held = [body for body in agent_bodies(user) if body.pk == provider.held_by_id]
    return (held or [*agent_bodies(user), None])[0]


def may_keep(user: User, provider: Provider) -> Right:
    """May edit the page and the offers of a provider: its own people, the agents of the desk that
    holds it, the administrator.
    """
    if not user.is_authenticated:
        return Denied(_SIGN_IN)
    if provider.slug in kept_slugs(user) or is_administrator(user):
        return Allowed()
    if provider.held_by_id and provider.held_by_id in {body.pk for body in agent_bodies(user)}:
        return Allowed()
    return Denied(_NOT_YOURS)


def may_oversee(user: User, provider: Provider) -> Right:
    """May invite its people, check who claims it, hold its page, read its history and reports: the
    agents of its département when it is local, the administrator for all.
    """
    if not user.is_authenticated:
        return Denied(_SIGN_IN)
    if is_administrator(user):
        return Allowed()
    mine = agent_departments(user)
    if not mine:
        return Denied(_AGENTS_ONLY)
    if not mine & departments_of(provider.perimeter):
        return Denied(_ELSEWHERE)
    return Allowed() if is_local(provider.perimeter) else Denied(_TOO_WIDE)


def may_create_provider(user: User) -> Right:
    """May make the page of a body that has none."""
    if is_administrator(user) or agent_departments(user):
        return Allowed()
    return Denied(_AGENTS_ONLY)


def may_cover(user: User, perimeter: Iterable[str]) -> Right:
    """May write an entry of this perimeter, as an agent: inside their départements."""
    if is_administrator(user):
        return Allowed()
    places = departments_of(perimeter)
    if places and places <= agent_departments(user):
        return Allowed()
    return Denied(_TOO_WIDE if len(places) > 1 else _ELSEWHERE)


def may_import(user: User) -> Right:
    """May import a file: agents (inside their département), providers (their own offers), the
    administrator (everything).
    """
    if is_administrator(user) or agent_departments(user) or kept_slugs(user):
        return Allowed()
    return Denied("Seuls les agents d'un guichet, les offreurs et l'administrateur importent.")


def may_supervise(user: User) -> Right:
    """May see the quality of the whole catalogue, the connectors, and edit the words: agents read
    what is theirs, the administrator writes.
    """
    if is_administrator(user) or agent_departments(user):
        return Allowed()
    return Denied(_AGENTS_ONLY)


def may_administer(user: User) -> Right:
    """May change what all départements share: words, thesaurus, connectors."""
    return Allowed() if is_administrator(user) else Denied(_ADMIN_ONLY)
