"""Writes of the area: the demonstration's people."""

from dataclasses import dataclass
from typing import Final

from django.db import transaction

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Mandate, Organisation, User


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An invented person of the demonstration: an address that exists nowhere, a role, a body."""

    email: str
    name: str
    role: Role
    organisation: str
    kind: OrganisationKind
    territory: str
    staff: bool = False


DEMO_ACCOUNTS: Final = (
    DemoAccount(
        "mairie@exemple.test", "Mairie de Bourrou (démonstration)", Role.APPLICANT,
        "Commune de Bourrou", OrganisationKind.COMMUNE, "com:24061",
    ),
    DemoAccount(
        "guichet@exemple.test", "Agent du guichet (démonstration)", Role.AGENT,
        "Préfecture de la Dordogne", OrganisationKind.PREFECTURE, "dep:24",
    ),
    DemoAccount(
        "delegue@exemple.test", "Délégué territorial (démonstration)", Role.DELEGATE,
        "Préfecture de la Dordogne", OrganisationKind.PREFECTURE, "dep:24",
    ),
    DemoAccount(
        "offreur@exemple.test", "Agence technique (démonstration)", Role.PROVIDER,
        "Agence technique départementale de la Dordogne", OrganisationKind.PROVIDER, "dep:24",
    ),
    DemoAccount(
        "comite@exemple.test", "Comité de l'ANCT (démonstration)", Role.COMMITTEE,
        "Agence nationale de la cohésion des territoires", OrganisationKind.ANCT, "FR",
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
        organisation, _ = Organisation.objects.get_or_create(
            name=account.organisation,
            defaults={"kind": account.kind, "territory": account.territory},
        )
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
        Mandate.objects.get_or_create(user=user, organisation=organisation, role=account.role)
    return taken


def retire_demo_accounts() -> int:
    """Close the demonstration's accounts, sessions included; return how many were open."""
    emails = [account.email for account in DEMO_ACCOUNTS]
    return User.objects.filter(email__in=emails, is_active=True).update(
        is_active=False, is_staff=False, is_superuser=False
    )
