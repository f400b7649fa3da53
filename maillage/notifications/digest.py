"""Summaries: one mail for all that waits, on working mornings or once a week."""

from datetime import datetime, time, timedelta
from itertools import groupby
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localtime

from maillage.accounts.models import User
from maillage.common.workdays import is_working_day
from maillage.notifications import letters, outbox
from maillage.notifications.enums import Frequency
from maillage.notifications.letters import Letter, Line, Section, absolute
from maillage.notifications.models import Notification
from maillage.notifications.preferences import frequencies

SLUG: Final = "resume"
AT: Final = time(7, 30)


def write_digests(now: datetime) -> int:
    """Write the summaries that are due at `now`; return how many.

    A summary holds what came before 7 h 30 (Paris) of the day, or of the first working day of the
    week, and that was not read since. So it can be called again, or late, with the same result:
    each message goes in one summary, once.
    """
    moment = localtime(now)
    if not is_working_day(moment.date()) or moment.time() < AT:
        return 0
    today = datetime.combine(moment.date(), AT, tzinfo=moment.tzinfo)
    monday = today - timedelta(days=today.weekday())
    week = (monday + timedelta(days=n) for n in range(7))
    first = next(day for day in week if is_working_day(day.date()))
    pending = Notification.objects.for_digest().filter(created_at__lt=today)
    users = User.objects.filter(is_active=True, pk__in=pending.values("user"))
    chosen = frequencies(users)
    written = 0
    for user in users.order_by("pk"):
        weekly = chosen[user.pk] is Frequency.WEEKLY
        written += _write_digest(user, before=first if weekly else today, weekly=weekly)
    return written


@transaction.atomic
def _write_digest(user: User, *, before: datetime, weekly: bool) -> bool:
    # Locked: of two workers at once, the second finds nothing left.
    rows = list(
        Notification.objects.for_digest()
        .filter(user=user, created_at__lt=before)
        .order_by("topic", "created_at", "pk")
        .select_for_update()
    )
    if not rows:
        return False
    letter = digest_letter(rows, weekly=weekly)
    first = min(row.pk for row in rows)
    outbox.post([outbox.mail(letter, to=user.email, slug=SLUG, key=str(first))])
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(awaits_digest=False)
    return True


def digest_letter(rows: list[Notification], *, weekly: bool) -> Letter:
    """The summary of `rows`, which are sorted by topic."""
    count = len(rows)
    what = "1 message" if count == 1 else f"{count} messages"
    sections = (
        Section(
            topic,
            tuple(
                Line(row.subject, absolute(row.action_path) if row.action_path else "")
                for row in group
            ),
        )
        for topic, group in groupby(rows, key=lambda row: row.topic)
    )
    return Letter(
        subject=f"Votre résumé {'de la semaine' if weekly else 'du jour'} : {what}",
        paragraphs=(f"Voici ce que vous n'avez pas encore lu : {what}.",),
        sections=tuple(sections),
        button=("Ouvrir mes messages", absolute(reverse("notifications:list"))),
        why=letters.WHY_WEEKLY if weekly else letters.WHY_DAILY,
    )
