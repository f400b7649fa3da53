"""Which desk, which bodies: found from official codes and from the catalogue's pages."""

from django.utils.timezone import now

from maillage.accounts.enums import OrganisationKind
from maillage.accounts.models import Organisation
from maillage.catalog.models import Provider
from maillage.desk.enums import Capacity
from maillage.desk.models import Desk, Party, Request
from maillage.territories.directory import directory
from maillage.territories.naming import of_town


def desk_for(code: str) -> Desk | None:
    """The open desk of the commune or EPCI of official code `code`; ``None`` without one.

    An EPCI over several départements goes to the desk of the one where most of its people are
    (the others are informed, see `other_desks`). Raises ``KeyError`` for an unknown code.
    """
    return next(iter(_desks(code)), None)


def other_desks(code: str) -> list[Desk]:
    """Desks of the other départements over which the territory `code` extends."""
    return _desks(code)[1:]


def _desks(code: str) -> list[Desk]:
    known = directory()
    commune = known.communes.get(code)
    if commune is None:
        known.epci(code)  # says so when the code is no one's
    departments = [commune.department] if commune else known.departments_of(code)
    found = {
        desk.territory: desk
        for desk in Desk.objects.of_keys([f"dep:{d}" for d in departments]).select_related(
            "organisation", "circuit"
        )
    }
    return [found[f"dep:{d}"] for d in departments if f"dep:{d}" in found]


def body_for_territory(code: str) -> Organisation:
    """The commune or EPCI `code` as a body for which people act; made at its first use."""
    known = directory()
    if code in known.communes:
        commune = known.communes[code]
        kind, name, key, siren = (
            OrganisationKind.COMMUNE, f"Commune {of_town(commune.name)}", commune.key,
            commune.siren,
        )  # fmt: skip
    else:
        epci = known.epci(code)
        kind, name, key, siren = OrganisationKind.EPCI, epci.name, epci.key, epci.siren
    body, _ = Organisation.objects.get_or_create(
        kind=kind, territory=key, defaults={"name": name, "siren": siren}
    )
    return body


def body_for_provider(slug: str) -> Organisation:
    """The body of the catalogue's provider `slug`; made at its first use.

    Raises ``Provider.DoesNotExist``.
    """
    held = Organisation.objects.filter(provider=slug).first()
    if held is not None:
        return held
    provider = Provider.objects.visible().get(slug=slug)
    kind = OrganisationKind.STATE if provider.family == "state" else OrganisationKind.PROVIDER
    territory = provider.perimeter[0] if len(provider.perimeter) == 1 else ""
    return Organisation.objects.create(
        kind=kind, name=provider.name, provider=slug, territory=territory
    )


def take_part(request: Request, organisation: Organisation, capacity: str) -> None:
    """Make `organisation` take part in `request` in this capacity (again, if it had left)."""
    Party.objects.update_or_create(
        request=request, organisation=organisation, capacity=capacity, defaults={"ended_at": None}
    )


def leave(request: Request, capacity: str, organisation: Organisation | None = None) -> None:
    """End the part of `organisation` (or of all) in this capacity."""
    parts = request.parties.filter(capacity=capacity, ended_at=None)
    if organisation is not None:
        parts = parts.filter(organisation=organisation)
    parts.update(ended_at=now())


def give_lead(request: Request, organisation: Organisation) -> None:
    """Make `organisation` the one interlocuteur unique: the former one ends first."""
    leave(request, Capacity.LEAD)
    take_part(request, organisation, Capacity.LEAD)
