"""What the demonstration has sent, or would have: its people are invented, nobody receives it.

A mail to a real account is never shown: it may hold a code that opens this account.
"""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import islice
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.html import format_html, format_html_join

from maillage.accounts.demonstration import DEMO_ACCOUNTS
from maillage.accounts.models import User
from maillage.notifications.delivery import MESSAGE_ID
from maillage.notifications.models import Mail

#: The newest ones are enough to follow a demonstration.
NEWEST: Final = 200
_BETWEEN_MAILS: Final = b"\n" + b"-" * 79


@dataclass(frozen=True, slots=True)
class Shown:
    """A mail as the demonstration shows it; `state` is empty for a code of sign-in."""

    at: datetime
    to: str
    subject: str
    text: str
    state: str = ""

    @property
    def body(self) -> str:
        """The text as HTML, with the links to this site made relative: they can be followed."""
        site = settings.MAILLAGE["URL"]
        parts = re.split(rf"({re.escape(site)}/\S*)", self.text)
        pairs = zip(parts[::2], [*parts[1::2], ""], strict=True)
        return format_html_join(
            "",
            "{}{}",
            ((text, _link(url.removeprefix(site)) if url else "") for text, url in pairs),
        )


def _link(path: str) -> str:
    return format_html('<a href="{}">{}</a>', path, path)


def letters_of_the_demonstration() -> list[Shown]:
    """The newest mails to invented people and to addresses without an account."""
    found = [*_posted(), *_written_as_files()]
    theirs = {account.email for account in DEMO_ACCOUNTS}
    real = set(
        User.objects.filter(email__in={shown.to.lower() for shown in found} - theirs).values_list(
            "email", flat=True
        )
    )
    shown = [mail for mail in found if mail.to.lower() not in real or _invented(mail.to)]
    return sorted(shown, key=lambda mail: mail.at, reverse=True)[:NEWEST]


def _invented(address: str) -> bool:
    """True of an address that can exist nowhere (RFC 2606), such as one made up for a try."""
    return address.lower().endswith((".test", ".example", ".invalid"))


def _posted() -> Iterator[Shown]:
    rows = Mail.objects.filter(erased_at__isnull=True).defer("html").order_by("-pk")
    for row in rows[:NEWEST]:
        yield Shown(row.created_at, row.to, row.subject, row.text, row.get_state_display())


def _written_as_files() -> Iterator[Shown]:
    """Codes of sign-in: they do not wait in our tables, they leave at once."""
    files = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), reverse=True)
    for file in islice(files, NEWEST):
        try:
            content, written = file.read_bytes(), file.stat().st_mtime
        except FileNotFoundError:  # erased meanwhile
            continue
        message = email.message_from_bytes(
            content.split(_BETWEEN_MAILS)[0],
            _class=EmailMessage,
            policy=email.policy.default,
        )
        body = message.get_body(("plain",))
        if body is not None and not message.get("Message-ID", "").startswith(f"<{MESSAGE_ID}"):
            at = datetime.fromtimestamp(written, tz=UTC)
            yield Shown(at, message.get("To", ""), message.get("Subject", ""), body.get_content())
