"""Erasing a person: what names them goes, what happened stays.

RGPD, articles 5 and 17: what is kept of a person is what serves, as long as it serves. The journal
of a request is a public record: its passages stay, without the name.
"""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils.timezone import localdate, now

from maillage.accounts.models import Absence, Mandate, User
from maillage.desk.enums import ENDED_STATES
from maillage.desk.models import FilingLink, JournalEntry, Message, Request
from maillage.notifications.models import Mail, Notification

#: What stands for a name that was erased.
ERASED: Final = "Personne effacée"
_CONTACT: Final = {
    "contact_name": "", "contact_role": "", "contact_email": "", "contact_phone": "",
}  # fmt: skip


@transaction.atomic
def erase_person(email: str) -> dict[str, int]:
    """Erase who has this address: account, contacts, labels, mails. Return how many of each.

    The account stays as an empty shell, closed, so that what it did keeps an author; its mandates
    end. An address without an account is erased where it was given as a contact.
    """
    email = email.strip().lower()
    user = User.objects.select_for_update().filter(email=email).first()
    counts = {
        "contacts": Request.objects.filter(contact_email__iexact=email).update(**_CONTACT),
        "leads": Request.objects.filter(lead_email__iexact=email).update(
            lead_person="", lead_email="", lead_phone=""
        ),
        "links": FilingLink.objects.filter(email=email).delete()[0],
        "mails": Mail.objects.filter(to__iexact=email).delete()[0],
    }
    if user is None:
        return counts | {"accounts": 0, "labels": 0}
    counts["labels"] = JournalEntry.objects.filter(by=user).update(by_label=ERASED)
    counts["labels"] += Message.objects.filter(author=user).update(author_label=ERASED)
    Notification.objects.filter(user=user).delete()
    Absence.objects.filter(user=user).delete()
    Mandate.objects.filter(user=user).exclude(ends__lt=localdate()).delete()
    user.views.all().delete()
    user.email = f"personne-{user.pk}@efface.invalid"
    user.name = ERASED
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()
    return counts | {"accounts": 1}


def forget_old_contacts(days: int) -> int:
    """Erase the contacts of requests that ended more than `days` days ago; return how many."""
    old = Request.objects.filter(
        state__in=ENDED_STATES, ended_at__lt=now() - timedelta(days=days)
    ).exclude(**_CONTACT)
    return old.update(**_CONTACT)
