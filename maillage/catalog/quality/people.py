"""To whom the catalogue speaks: owners, desks, administrators."""

from collections.abc import Iterable

from django.utils.timezone import localdate

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Mandate, User
from maillage.catalog.models import Provider
from maillage.catalog.owners import departments_of, is_local, owners_of


def administrators() -> list[User]:
    """Active people who act as administrators today."""
    mandates = Mandate.objects.in_force(localdate()).filter(
        role=Role.ADMINISTRATOR, user__is_active=True
    )
    return list({m.user_id: m.user for m in mandates.select_related("user")}.values())


def desk_of(provider: Provider) -> list[User]:
    """Active agents of the desk of its département, when it is local; nobody for a wide one."""
    if not is_local(provider.perimeter):
        return []
    places = [f"dep:{code}" for code in departments_of(provider.perimeter)]
    mandates = Mandate.objects.in_force(localdate()).filter(
        role=Role.AGENT,
        user__is_active=True,
        organisation__kind=OrganisationKind.PREFECTURE,
        organisation__territory__in=places,
    )
    return list({m.user_id: m.user for m in mandates.select_related("user")}.values())


def concerned(provider: Provider) -> list[User]:
    """Who is told of an error: its owners and the desk; the administrators when there is nobody."""
    people = {u.pk: u for u in (*owners_of([provider])[provider.pk], *desk_of(provider))}
    return list(people.values()) or administrators()


def answerable(providers: Iterable[Provider]) -> dict[int, list[User]]:
    """Who confirms each provider's entries, by its key: its owners, else the administrators."""
    rows = list(providers)
    last = administrators()
    return {pk: people or last for pk, people in owners_of(rows).items()}
