"""The demonstration's people: invented, opened by the demonstration only, closed when it ends."""

from dataclasses import dataclass
from typing import Final

from django.db import transaction

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Mandate, Organisation, User


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An invented person: an address that exists nowhere, a role, a body.

    ``provider`` is the page of the body in the catalogue; ``signs`` a deputy's delegation.
    """

    email: str
    name: str
    role: Role
    organisation: str
    kind: OrganisationKind
    territory: str
    staff: bool = False
    provider: str = ""
    signs: bool = False


_PREFECTURE: Final = ("Préfecture de la Dordogne", OrganisationKind.PREFECTURE, "dep:24")
_ANCT: Final = (
    "Agence nationale de la cohésion des territoires", OrganisationKind.ANCT, "FR",
)  # fmt: skip

DEMO_ACCOUNTS: Final = (
    DemoAccount(
        "mairie@exemple.test", "Mairie de Bourrou (démonstration)", Role.APPLICANT,
        "Commune de Bourrou", OrganisationKind.COMMUNE, "com:24061",
    ),
    DemoAccount(
        "guichet@exemple.test", "Agent du guichet (démonstration)", Role.AGENT, *_PREFECTURE,
        provider="prefecture-24",
    ),
    DemoAccount(
        "collegue@exemple.test", "Collègue du guichet (démonstration)", Role.AGENT, *_PREFECTURE,
        provider="prefecture-24",
    ),
    DemoAccount(
        "delegue@exemple.test", "Délégué territorial (démonstration)", Role.DELEGATE, *_PREFECTURE,
        provider="prefecture-24",
    ),
    DemoAccount(
        "adjointe@exemple.test", "Adjointe du délégué, DDT (démonstration)", Role.DEPUTY,
        "DDT de la Dordogne", OrganisationKind.STATE, "dep:24", provider="ddt-24", signs=True,
    ),
    DemoAccount(
        "offreur@exemple.test", "Agence technique (démonstration)", Role.PROVIDER,
        "Agence technique départementale de la Dordogne (démonstration)",
        OrganisationKind.PROVIDER, "dep:24", provider="demo24-atd",
    ),
    DemoAccount(
        "voisin@exemple.test", "Guichet voisin, Lot (démonstration)", Role.AGENT,
        "Préfecture du Lot", OrganisationKind.PREFECTURE, "dep:46", provider="prefecture-46",
    ),
    DemoAccount(
        "comite@exemple.test", "Comité de l'ANCT (démonstration)", Role.COMMITTEE, *_ANCT,
        provider="anct",
    ),
    DemoAccount(
        "elu@exemple.test", "Élue observatrice (démonstration)", Role.OBSERVER,
        "Parlementaires de la Dordogne", OrganisationKind.OTHER, "dep:24",
    ),
    DemoAccount(
        "admin@exemple.test", "Administratrice (démonstration)", Role.ADMINISTRATOR,
        "Équipe de Maillage", OrganisationKind.OTHER, "FR", staff=True,
    ),
)  # fmt: skip


@transaction.atomic
def load_demo_accounts(*, administrator: bool = True) -> tuple[DemoAccount, ...]:
    """Create the demonstration's people, or bring them back to what they were. Idempotent.

    Without `administrator`, the one who may change everything is left out (a demonstration that
    others than this machine can reach). Return the accounts that can be taken.
    """
    retire_demo_accounts()
    taken = tuple(a for a in DEMO_ACCOUNTS if administrator or not a.staff)
    for account in taken:
        user, created = User.objects.update_or_create(
            email=account.email,
            defaults={
                "name": account.name,
                "is_staff": account.staff,
                "is_superuser": account.staff,
                "is_active": True,
            },
        )
        if created:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        Mandate.objects.update_or_create(
            user=user, organisation=_body(account), role=account.role,
            defaults={"signs": account.signs, "starts": None, "ends": None},
        )  # fmt: skip
    return taken


def _body(account: DemoAccount) -> Organisation:
    """The body of an account: the real one when it is already known, by its official place."""
    by_place = account.kind in {OrganisationKind.COMMUNE, OrganisationKind.EPCI}
    known = {"provider": account.provider} if account.provider else {"name": account.organisation}
    if by_place:
        known = {"kind": account.kind, "territory": account.territory}
    body, _ = Organisation.objects.get_or_create(
        **known,
        defaults={
            "name": account.organisation, "kind": account.kind, "territory": account.territory,
        },
    )  # fmt: skip
    return body


def retire_demo_accounts() -> int:
    """Close the demonstration's accounts, sessions included; return how many were open."""
    emails = [account.email for account in DEMO_ACCOUNTS]
    return User.objects.filter(email__in=emails, is_active=True).update(
        is_active=False, is_staff=False, is_superuser=False
    )
