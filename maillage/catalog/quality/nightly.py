"""What time does to the entries, each night: next checks, reminders, setting aside, coming back.

Running it twice in a day does nothing twice. What the official geographical code says, and what a
connector reads again each night, needs nobody to confirm it: it is left alone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import transaction
from django.db.models import DateField, F, Func, Max, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest, TruncDate
from django.utils.timezone import now

from maillage.accounts.models import User
from maillage.catalog.enums import DatasetKind, Origin, Publication, Verb
from maillage.catalog.models import Offer, Provider, Revision
from maillage.catalog.notifications.quality import EntriesSetAside, EntriesToConfirm, Named
from maillage.catalog.quality.entries import freshness_of
from maillage.catalog.quality.people import answerable
from maillage.catalog.quality.reports import erase_old_reports
from maillage.catalog.services import history
from maillage.common.models import DataVersion

#: Days before its check when an owner is first reminded of an entry.
NOTICE_DAYS: Final = 30
_NIGHT: Final = "Maillage, chaque nuit"
#: What another list says each night, and closes when it says it no more: no one is to confirm it.
_FOLLOWED: Final = Q(origin=Origin.CONSTRUCTION) | Q(dataset__kind=DatasetKind.CONNECTOR)
Entry = Provider | Offer


@dataclass(frozen=True, slots=True)
class Night:
    """What a night has done: how many entries of each."""

    set_aside: int
    back: int
    reminded: int
    erased: int


def run(today: date) -> Night:
    """Do all that is due on `today`."""
    for model in (Provider, Offer):
        _set_next_checks(model)
    back = _bring_back(today)
    aside = _set_aside(today)
    return Night(aside, back, _remind(today), erase_old_reports())


def is_reminder_due(due: date, reminded: date | None, today: date) -> bool:
    """Is the owner of an entry to be told on `today`? Thirty days before its check, on the day,
    then each month; `reminded` is the last time.
    """
    first = due - timedelta(days=NOTICE_DAYS)
    if today < first or reminded == today:
        return False
    if reminded is None or reminded < first:
        return True
    if today < due:
        return False
    return reminded < due or today >= _a_month_after(reminded, due)


def _a_month_after(reminded: date, due: date) -> date:
    """The first monthly return of `due` that is later than `reminded`."""
    months = (reminded.year - due.year) * 12 + reminded.month - due.month
    return next(
        day for day in (due + relativedelta(months=months + n) for n in range(3)) if day > reminded
    )


# -- Next checks


def _set_next_checks(model: type[Provider] | type[Offer]) -> None:
    """Each entry is to be seen ``CONFIRM_MONTHS`` after the date that counts for it."""
    months = settings.MAILLAGE["CONFIRM_MONTHS"]
    rows = model._default_manager.exclude(origin=Origin.CONSTRUCTION)
    if months <= 0:
        rows.exclude(next_check=None).update(next_check=None)
        return
    due = _plus(Coalesce("checked_on", TruncDate("created_at")), months)
    # Neither `updated_at` nor the catalogue's version: nothing that is shown has changed.
    rows.filter(next_check=None).update(next_check=due)
    rows.exclude(next_check=due).update(next_check=due)


def _plus(day: Any, months: int) -> Func:
    """A date of the database, some months later (the end of a shorter month stays its end)."""
    return Func(
        day, template=f"(%(expressions)s + make_interval(months => {int(months)}))::date",
        output_field=DateField(),
    )  # fmt: skip


# -- Setting aside, coming back


def _stale(rows: QuerySet[Any], today: date) -> QuerySet[Any]:
    """Entries that nobody has confirmed for ``SET_ASIDE_MONTHS``, and that came here before.

    A provider whose offers are confirmed is alive, whatever its own page says.
    """
    months = settings.MAILLAGE["SET_ASIDE_MONTHS"]
    if months <= 0:
        return rows.none()
    known: list[Any] = [Coalesce("checked_on", TruncDate("created_at")), TruncDate("created_at")]
    if rows.model is Provider:
        rows = rows.annotate(offers_checked=Max("offers__checked_on"))
        known.append(Coalesce("offers_checked", TruncDate("created_at")))
    return rows.annotate(silent_until=_plus(Greatest(*known), months)).filter(
        silent_until__lte=today
    )


def _long_over(rows: QuerySet[Offer], today: date) -> QuerySet[Offer]:
    """Offers whose last day is ``CLOSED_MONTHS`` ago or more."""
    months = settings.MAILLAGE["CLOSED_MONTHS"]
    if months <= 0:
        return rows.none()
    return rows.annotate(shown_until=_plus(F("closes"), months)).filter(shown_until__lte=today)


def _leaving(model: type[Provider] | type[Offer], today: date) -> set[int]:
    """Keys of the entries that have no place in the answers on `today`."""
    rows: QuerySet[Any] = model._default_manager.filter(withdrawn_at=None)
    stale = _stale(rows.exclude(_FOLLOWED), today)
    found = set(stale.values_list("pk", flat=True))
    if model is Offer:
        found |= set(_long_over(rows, today).values_list("pk", flat=True))
    return found


@transaction.atomic
def _set_aside(today: date) -> int:
    """Take out of the answers what has no place there, and tell its owners."""
    gone: list[Entry] = []
    for model in (Provider, Offer):
        rows = model._default_manager.filter(
            pk__in=_leaving(model, today), set_aside_at=None, withdrawn_at=None
        )
        if model is Offer:
            rows = rows.filter(publication=Publication.PUBLISHED).select_related("provider")
        gone += rows.select_for_update(of=("self",))
    _mark(gone, now(), Verb.SET_ASIDE, today)
    for user, entries in _by_owner(gone).items():
        said = [Named(str(e), today, freshness_of(e, today).sentence) for e in entries]
        EntriesSetAside(said).send(to=[user], key=str(today))
    return len(gone)


@transaction.atomic
def _bring_back(today: date) -> int:
    """Put back what was set aside and has its place again (confirmed by an import, new dates)."""
    back: list[Entry] = []
    for model in (Provider, Offer):
        aside = model._default_manager.exclude(set_aside_at=None).filter(withdrawn_at=None)
        back += aside.exclude(pk__in=_leaving(model, today)).select_for_update()
    _mark(back, None, Verb.PUT_BACK, today)
    return len(back)


def _mark(entries: list[Entry], moment: Any, verb: str, today: date) -> None:
    if not entries:
        return
    lines = []
    for entry in entries:
        entry.set_aside_at = moment
        reason = freshness_of(entry, today).sentence if moment else "Elle a de nouveau sa place"
        lines.append(history.revision(entry, verb, body=_NIGHT, reason=f"{reason}."))
    for model in (Provider, Offer):
        keys = [entry.pk for entry in entries if isinstance(entry, model)]
        model._default_manager.filter(pk__in=keys).update(set_aside_at=moment, updated_at=now())
    Revision.objects.bulk_create(lines, batch_size=1000)
    DataVersion.objects.bump("catalogue")


# -- Reminders


@transaction.atomic
def _remind(today: date) -> int:
    """One digest for each owner: the entries whose check is near, due, or still due."""
    soon: list[Entry] = []
    until = today + timedelta(days=NOTICE_DAYS)
    for rows in (Provider.objects.published(), Offer.objects.published().with_provider()):
        found = rows.exclude(_FOLLOWED).filter(next_check__lte=until)
        soon += [
            entry
            for entry in found.select_for_update(of=("self",))
            if is_reminder_due(entry.next_check, entry.reminded_on, today)
        ]
    told: set[Entry] = set()
    for user, entries in _by_owner(soon).items():
        entries.sort(key=lambda entry: (entry.next_check, str(entry)))
        named = [Named(str(entry), entry.next_check) for entry in entries]
        EntriesToConfirm(named).send(to=[user], key=str(today))
        told.update(entries)
    for model in (Provider, Offer):
        keys = [entry.pk for entry in told if isinstance(entry, model)]
        model._default_manager.filter(pk__in=keys).update(reminded_on=today)
    return len(told)


def _by_owner(entries: Iterable[Entry]) -> dict[User, list[Entry]]:
    """Entries by the person who answers for them (several may answer for one)."""
    rows = list(entries)
    providers = {e.pk: e for e in (r.provider if isinstance(r, Offer) else r for r in rows)}
    owners = answerable(providers.values()) if rows else {}
    found: dict[User, list[Entry]] = defaultdict(list)
    for row in rows:
        for user in owners[row.provider_id if isinstance(row, Offer) else row.pk]:
            found[user].append(row)
    return found
