"""« Signaler une erreur » : what people write of an entry, and what becomes of it."""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import now

from maillage.accounts.models import User
from maillage.catalog.enums import ReportState
from maillage.catalog.models import ErrorReport, Offer, Provider
from maillage.catalog.notifications.quality import ErrorReported, ReportAnswered
from maillage.catalog.quality.people import concerned
from maillage.catalog.services.origins import counted

#: Reports taken in an hour, from one origin, for one entry and for the whole site: what is beyond
#: is not people. The site's is far above the others: no one alone closes it to all.
HOURLY_BY_ORIGIN: Final = 10
HOURLY_BY_ENTRY: Final = 6
HOURLY: Final = 600
#: Minutes during which the same words are the same report (a button pressed twice).
SAME_MINUTES: Final = 10
#: Days after which a closed report, and the address left with one that nobody closed, are erased.
KEPT_DAYS: Final = 365


class TooMany(Exception):
    """Too many reports in an hour: this one was not written."""


class AlreadyClosed(Exception):
    """Someone else has closed this report meanwhile."""


@transaction.atomic
def report_error(
    *, entry: Provider | Offer, message: str, email: str = "", origin: str = ""
) -> ErrorReport:
    """Write what someone says is wrong, and tell who keeps the entry.

    The same words sent twice within a few minutes make one report. `origin` is a network address:
    only a proof of the day is kept of it, for an hour. Raises ``TooMany``.
    """
    offer = entry if isinstance(entry, Offer) else None
    provider = offer.provider if offer else entry
    recent = ErrorReport.objects.filter(created_at__gte=now() - timedelta(hours=1))
    here = recent.filter(provider=provider, offer=offer)
    again = here.filter(
        message=message, email=email, created_at__gte=now() - timedelta(minutes=SAME_MINUTES)
    ).first()
    if again is not None:
        return again
    if not counted("reports", origin, HOURLY_BY_ORIGIN):
        raise TooMany
    if recent.count() >= HOURLY or here.count() >= HOURLY_BY_ENTRY:
        raise TooMany
    made = ErrorReport.objects.create(provider=provider, offer=offer, message=message, email=email)
    path = reverse("quality:report_close", args=[made.pk])
    said = ErrorReported(str(entry), message, path)
    said.send(to=concerned(provider), key=f"report-{made.pk}")
    return made


@transaction.atomic
def close_report(
    *, report: ErrorReport, by: User, corrected: bool, answer: str = ""
) -> ErrorReport:
    """Close a report; who left an address is answered, then the address is erased.

    Raises ``AlreadyClosed``.
    """
    held = ErrorReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    if held.state != ReportState.OPEN:
        raise AlreadyClosed
    entry = held.offer or held.provider
    if held.email:
        told = ReportAnswered(str(entry), corrected, answer, entry.get_absolute_url())
        told.send(emails=[held.email], key=f"report-{held.pk}")
    held.state = ReportState.CORRECTED if corrected else ReportState.DISMISSED
    held.answer, held.email = answer, ""
    held.closed_at, held.closed_by = now(), by
    held.save()
    return held


def erase_old_reports() -> int:
    """Erase reports closed long ago, and the addresses of those that nobody closed; how many."""
    limit = now() - timedelta(days=KEPT_DAYS)
    ErrorReport.objects.filter(created_at__lt=limit).exclude(email="").update(email="")
    count, _ = ErrorReport.objects.filter(closed_at__lt=limit).delete()
    return count
