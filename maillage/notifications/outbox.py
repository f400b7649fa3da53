"""The mails that wait to leave: written in the transaction of what they tell."""

import hashlib
from collections.abc import Iterable

from django.utils import timezone

from maillage.notifications.letters import Letter
from maillage.notifications.models import Mail, folded


def mail(letter: Letter, *, to: str, slug: str, key: str) -> Mail:
    """Return the mail of `letter` to the address `to` (in lower case), not written yet."""
    said_once = f"{slug}\n{key}\n{to}"
    return Mail(
        key=hashlib.sha256(said_once.encode()).hexdigest(),
        slug=slug,
        to=to,
        subject=letter.subject,
        text=letter.text(),
        html=letter.html(),
        folded=folded(to, letter.subject),
        next_try_at=timezone.now(),
    )


def post(mails: Iterable[Mail]) -> None:
    """Write mails; those that were written before, sent or not, are left as they are."""
    # In one order for all, so that two transactions that post the same ones cannot block each
    # other.
    Mail.objects.bulk_create(sorted(mails, key=lambda m: m.key), ignore_conflicts=True)
