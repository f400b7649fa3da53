"""What the official registers say of who carries a plan: told once, so that it is typed nowhere."""

from dataclasses import dataclass
from typing import Final

from maillage.accounts.enums import OrganisationKind
from maillage.accounts.models import Organisation
from maillage.engine.funding.types import BearerKind
from maillage.funding.document import TERRITORY, PlanDocument
from maillage.territories.directory import directory

_OWNERS: Final = {
    BearerKind.COMMUNE: OrganisationKind.COMMUNE, BearerKind.EPCI: OrganisationKind.EPCI,
    BearerKind.SYNDICATE: OrganisationKind.SYNDICATE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Identity:
    """SIREN; INSEE code, town and its postal codes (of a commune). "" for what is not known: no
    register that this site holds knows streets.
    """

    siren: str = ""
    insee: str = ""
    town: str = ""
    postal_codes: tuple[str, ...] = ()


NOBODY: Final = Identity()


def identity_of(document: PlanDocument, owner: Organisation) -> Identity:
    """Of the bearer of a plan whose project is `owner`'s: by its place when it is a commune or an
    EPCI, else the SIREN of the owner when it is the bearer. Read in memory.
    """
    bearer, known = document.bearer, directory()
    same = _OWNERS.get(bearer.kind) == owner.kind
    place = owner.territory.partition(":")[2] if same else ""
    code = known.resolve(document.notes.get(TERRITORY, "") or place) or ""
    if bearer.kind is BearerKind.COMMUNE and code in known.communes:
        town = known.communes[code]
        return Identity(town.siren or _siren(owner, town.key), code, town.name, town.postal_codes)
    if bearer.kind is BearerKind.EPCI and code in known.epcis:
        return Identity(code)
    named = bearer.name in ("", owner.name)
    return Identity(owner.siren) if same and named else NOBODY


def _siren(owner: Organisation, key: str) -> str:
    return owner.siren if owner.territory == key else ""
