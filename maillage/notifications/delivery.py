"""Sending: each waiting mail in a transaction of its own, again and again until it has left.

A worker killed in the middle of a sending leaves the row as it was: the mail is sent again, with
the same Message-ID, by which mail readers know it for the same. Nothing is ever lost.
"""

import smtplib
from contextlib import suppress
from datetime import timedelta
from email.utils import formataddr, parseaddr
from enum import Enum, auto
from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from maillage.notifications.enums import MailState
from maillage.notifications.models import Mail

#: Wait after each failure; after the last one (three days), the mail is abandoned, visibly.
WAITS: Final = (
    *(timedelta(minutes=m) for m in (1, 5, 15, 60)),
    *(timedelta(hours=6) for _ in range(12)),
)
#: Marks our mails among those of the site (the codes of sign-in are not ours).
MESSAGE_ID: Final = "maillage-courriel-"


class _Outcome(Enum):
    NOTHING = auto()  # no mail is due
    SENT = auto()
    REFUSED = auto()  # this mail failed; others may pass
    UNREACHABLE = auto()  # the server is away: the others would fail too


def deliver() -> int:
    """Send the mails that are due, one by one; return how many have left.

    Several processes may do so at once: each takes mails that no other holds. When the server
    cannot be reached, the rest waits for the next call.
    """
    sent = 0
    connection = get_connection()
    try:
        while (outcome := _send_next(connection)) in (_Outcome.SENT, _Outcome.REFUSED):
            sent += outcome is _Outcome.SENT
    finally:
        _close(connection)
    return sent


def _send_next(connection: BaseEmailBackend) -> _Outcome:
    with transaction.atomic():
        row = Mail.objects.due(timezone.now()).select_for_update(skip_locked=True).first()
        if row is None:
            return _Outcome.NOTHING
        outcome = _Outcome.UNREACHABLE
        try:
            connection.open()
            outcome = _Outcome.REFUSED
            connection.send_messages([_message(row)])
            outcome = _Outcome.SENT
        except Exception as error:
            _close(connection)
            _failed(row, error)
        else:
            row.state, row.sent_at = MailState.SENT, timezone.now()
            row.next_try_at, row.last_error = None, ""
        row.attempts += 1
        row.save()
    return outcome


def _failed(row: Mail, error: Exception) -> None:
    row.last_error = _in_words(error)[:300]
    if row.attempts < len(WAITS):
        row.state = MailState.FAILING
        row.next_try_at = timezone.now() + WAITS[row.attempts]
    else:
        row.state, row.next_try_at = MailState.ABANDONED, None


def _close(connection: BaseEmailBackend) -> None:
    with suppress(OSError):  # it is being left anyway; smtplib's errors are of this kind
        connection.close()


def _message(row: Mail) -> EmailMultiAlternatives:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    host = sender.rpartition("@")[2]
    operator = settings.MAILLAGE["OPERATOR_EMAIL"]
    message = EmailMultiAlternatives(
        subject=row.subject,
        body=row.text,
        from_email=formataddr((settings.MAILLAGE["NAME"], sender)),
        to=[row.to],
        reply_to=[operator] if operator else None,
        headers={
            "Message-ID": f"<{MESSAGE_ID}{row.pk}-{row.key[:16]}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(row.html, "text/html")
    return message


def _in_words(error: Exception) -> str:
    """Say an error to the staff, in French, without what must stay secret."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        text = f"Le serveur de courriel refuse cette adresse : {code} {_decoded(said)}"
    elif isinstance(error, smtplib.SMTPResponseException):
        text = f"Le serveur de courriel refuse : {error.smtp_code} {_decoded(error.smtp_error)}"
    elif isinstance(error, OSError):
        text = f"Le serveur de courriel ne répond pas : {error}"
    else:
        text = f"Ce courriel n'a pas pu être préparé : {type(error).__name__}, {error}"
    secret = settings.EMAIL_HOST_PASSWORD
    return text.replace(secret, "…") if secret else text


def _decoded(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
