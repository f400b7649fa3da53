"""Writes of the area: read, choose a frequency, try a mail again. Telling is `messages`."""

from django.db import transaction
from django.utils import timezone

from maillage.accounts.models import User
from maillage.notifications import tasks
from maillage.notifications.enums import Frequency, MailState
from maillage.notifications.models import Mail, Notification, Preference


@transaction.atomic
def read(*, notification: Notification) -> None:
    """Note that a message was read; the first time counts."""
    Notification.objects.filter(pk=notification.pk).unread().update(read_at=timezone.now())


@transaction.atomic
def read_all(*, user: User) -> int:
    """Note that all the messages of `user` were read; return how many were not."""
    return Notification.objects.visible_to(user).unread().update(read_at=timezone.now())


@transaction.atomic
def choose_frequency(*, user: User, frequency: Frequency) -> None:
    """Keep how often `user` wants mails. Choosing the essential drops the summary to come."""
    Preference.objects.update_or_create(user=user, defaults={"frequency": frequency})
    if frequency is Frequency.ESSENTIAL:
        Notification.objects.for_digest().filter(user=user).update(awaits_digest=False)


@transaction.atomic
def try_again(*, mail: int | None = None) -> int:
    """Try now to send the mail `mail`, or all those that failed or were abandoned.

    Return how many will be tried. An erased mail is not: nothing of it is left.
    """
    failed = Mail.objects.filter(
        state__in=(MailState.FAILING, MailState.ABANDONED), erased_at__isnull=True
    )
    if mail is not None:
        failed = failed.filter(pk=mail)
    count = failed.update(state=MailState.WAITING, attempts=0, next_try_at=timezone.now())
    if count:
        tasks.deliver_mails.defer()
    return count
