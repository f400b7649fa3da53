"""Who answers for an entry: the people of its provider, else of the desk that holds its page, else
of the desk of its département.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from django.utils.timezone import localdate

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Mandate, User
from maillage.catalog.models import Provider
from maillage.territories.directory import Directory, directory

AGENTS: Final = (Role.AGENT, Role.DELEGATE, Role.DEPUTY)
#: An entry that covers more départements than this is not one desk's to keep.
MOST_DEPARTMENTS: Final = 2


def departments_of(perimeter: Iterable[str], known: Directory | None = None) -> frozenset[str]:
    """Codes of the départements in which a perimeter lies, all of them for ``FR`` and ``DEP``.

    A key that this installation does not know lies nowhere.
    """
    known = known or directory()
    found: set[str] = set()
    for key in perimeter:
        kind, _, code = key.partition(":")
        if key in ("FR", "DEP"):
            return frozenset(known.departments)
        if kind == "reg":
            found |= {d.code for d in known.departments.values() if d.region == code}
        elif kind == "dep":
            found |= {code} & known.departments.keys()
        elif kind == "arr":
            found |= {code[:-1]} & known.departments.keys()
        elif kind == "epci" and code in known.epcis:
            found.update(known.departments_of(code))
        elif kind == "com" and code in known.communes:
            found.add(known.communes[code].department)
        elif kind == "per":
            found |= _of_named(key, known)
    return frozenset(found)


def _of_named(key: str, known: Directory) -> set[str]:
    """Départements of a named perimeter, by the keys that it holds."""
    inside = {held for held, names in known.perimeters.items() if key in names}
    return set(departments_of(inside - {key}, known))


def is_local(perimeter: Iterable[str]) -> bool:
    """True of a perimeter that one desk, or two neighbours, know well."""
    return 0 < len(departments_of(perimeter)) <= MOST_DEPARTMENTS


def owners_of(providers: Iterable[Provider]) -> dict[int, list[User]]:
    """Active people who answer for each provider, by its key. Two queries for them all.

    Empty for a body that nobody keeps and that is no one desk's: the administrator's to look at.
    """
    rows = list(providers)
    mandates = (
        Mandate.objects.in_force(localdate())
        .filter(user__is_active=True)
        .select_related("user", "organisation")
        .order_by("user_id")
    )
    by_provider: dict[str, list[User]] = defaultdict(list)
    by_body: dict[int, list[User]] = defaultdict(list)
    by_department: dict[str, list[User]] = defaultdict(list)
    for mandate in mandates.filter(role__in=(Role.PROVIDER, *AGENTS)):
        body = mandate.organisation
        if mandate.role == Role.PROVIDER:
            if body.provider:
                by_provider[body.provider].append(mandate.user)
            continue
        by_body[body.pk].append(mandate.user)
        if mandate.role == Role.AGENT and body.kind == OrganisationKind.PREFECTURE:
            by_department[body.territory.removeprefix("dep:")].append(mandate.user)
    found = {}
    for row in rows:
        people = by_provider.get(row.slug) or by_body.get(row.held_by_id or 0)
        if not people and is_local(row.perimeter):
            people = [u for d in sorted(departments_of(row.perimeter)) for u in by_department[d]]
        found[row.pk] = list({user.pk: user for user in people or ()}.values())
    return found
