"""« Relancer l'offreur » : ask who keeps an entry to look at it."""

from typing import Final

from django.db import transaction
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.accounts.models import Mandate, Organisation, User
from maillage.catalog.models import Offer, Provider
from maillage.catalog.notifications.quality import ConfirmationAsked
from maillage.catalog.owners import AGENTS
from maillage.catalog.quality.entries import score_of

#: How many of the things that are missing the message says.
_SAID: Final = 3


@transaction.atomic
def ask_owner(*, entry: Provider | Offer, by: User, body: str) -> bool:
    """Ask the people of a provider (or of the desk that holds its page), once a day, to confirm an
    entry; without any, the address of the body. False when there is nobody but `by` to ask.
    """
    provider = entry.provider if isinstance(entry, Offer) else entry
    people = [user for user in _keepers(provider) if user != by]
    own = Organisation.objects.filter(provider=provider.slug).exclude(email="")
    emails = [] if people else list(own.values_list("email", flat=True))
    if not people and not emails:
        return False
    today = localdate()
    missing = [line.label for line in score_of(entry, today).missing][:_SAID]
    asked = ConfirmationAsked(str(entry), body, missing, entry.slug)
    kind = type(entry).__name__.lower()
    asked.send(to=people, emails=emails, key=f"{kind}-{entry.pk}-{today}")
    type(entry)._default_manager.filter(pk=entry.pk).update(reminded_on=today)
    return True


def _keepers(provider: Provider) -> list[User]:
    """Who has taken on to keep a page: not the desk of its département, which only watches it."""
    acting = Mandate.objects.in_force(localdate()).filter(user__is_active=True)
    own = acting.filter(role=Role.PROVIDER, organisation__provider=provider.slug)
    held = acting.filter(role__in=AGENTS, organisation=provider.held_by_id or 0)
    rows = own.select_related("user") or held.select_related("user")
    return list({mandate.user_id: mandate.user for mandate in rows}.values())
