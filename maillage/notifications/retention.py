"""What is no longer needed is erased, every night."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from maillage.notifications.enums import TO_SEND
from maillage.notifications.models import Mail, MailQuerySet, Notification


def forget(address: str, slugs: Iterable[str], holding: str, now: datetime) -> None:
    """Erase at once `address` and the content of the mails of some messages that it was sent.

    Those that still have to leave, and whose text holds `holding` (the secret of a link), do not
    leave. Call it in the transaction of what makes it forgotten.
    """
    mails = Mail.objects.filter(to=address, slug__in=list(slugs), erased_at__isnull=True)
    mails.filter(state__in=TO_SEND, text__contains=holding).delete()
    _erase(mails.exclude(state__in=TO_SEND), now)


def erase_old(now: datetime) -> None:
    """Erase what is older than the settings ``MAIL_DAYS`` and ``MESSAGE_DAYS`` allow.

    Mails that have left, or were abandoned, lose address and content; the empty row goes on
    refusing a second sending until it is erased with the messages. Messages that were not read,
    and mails that still have to leave, are kept.
    """
    mails = now - timedelta(days=settings.MAILLAGE["MAIL_DAYS"])
    messages = now - timedelta(days=settings.MAILLAGE["MESSAGE_DAYS"])
    over = Mail.objects.exclude(state__in=TO_SEND)
    _erase(over.filter(created_at__lt=mails, erased_at__isnull=True), now)
    over.filter(created_at__lt=messages, erased_at__isnull=False).delete()
    Notification.objects.filter(created_at__lt=messages, read_at__isnull=False).delete()
    _erase_files(mails)


def _erase(mails: MailQuerySet, now: datetime) -> None:
    mails.update(to="", subject="", text="", html="", folded="", last_error="", erased_at=now)


def _erase_files(before: datetime) -> None:
    """Erase the mails that were written as files, where there is no mail server."""
    folder = Path(settings.EMAIL_FILE_PATH)
    if not folder.is_dir():
        return
    for file in folder.glob("*.log"):
        with suppress(FileNotFoundError):  # another worker was faster
            written = datetime.fromtimestamp(
                file.stat().st_mtime, tz=timezone.get_current_timezone()
            )
            if written < before:
                file.unlink()
