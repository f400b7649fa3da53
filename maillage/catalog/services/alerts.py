"""Alerts on a search: asked for, proved by a mailed link, sent when there is something new, ended.

The secret of an alert is made from the site's key and the alert's own: it is in every one of its
mails, its digest alone is kept, and the last mail's link works as well as the first one's.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.http import QueryDict
from django.utils.crypto import salted_hmac
from django.utils.timezone import localdate, now

from maillage.catalog.enums import AlertFrequency
from maillage.catalog.models import Alert
from maillage.catalog.notifications.alerts import AlertNews, AlertToConfirm
from maillage.catalog.searching import Search, search
from maillage.catalog.services.origins import counted
from maillage.catalog.snapshot import shelf
from maillage.notifications.models import Mail
from maillage.notifications.retention import forget

#: An address that was not proved is erased after this time.
UNPROVED: Final = timedelta(days=7)
#: Links in an hour: to one address, and asked for from one origin.
MOST_BY_ADDRESS: Final = 3
MOST_BY_ORIGIN: Final = 10
#: Alerts that one address may have.
MOST_ALERTS: Final = 20
_HOUR: Final = timedelta(hours=1)
#: A week, short of the hours by which one night's passage may precede the last one's.
_WEEK: Final = timedelta(days=7) - timedelta(hours=6)


class TooMany(Exception):
    """This address has `MOST_ALERTS` confirmed alerts already."""


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def secret_of(alert: Alert) -> str:
    """The secret of an alert that is in the database."""
    return salted_hmac("catalog.alerts", str(alert.pk), algorithm="sha256").hexdigest()


@transaction.atomic
def ask(*, email: str, query: str, label: str, frequency: str, address: str) -> bool:
    """Send to `email` the link that confirms an alert on the search `query`.

    Return whether it was sent: not beyond `MOST_BY_ADDRESS` and `MOST_BY_ORIGIN` (from the network
    address `address`) in an hour; the page says the same in both cases. An alert that is already
    confirmed changes by its own links only: it is left as it is, and its link is sent again. An
    address that has too many learns it from its link (see `confirm`): nobody else is told.
    """
    if not counted("alerts", address, MOST_BY_ORIGIN):
        return False
    email = email.strip().lower()
    sent = Mail.objects.filter(slug=AlertToConfirm.slug, to=email, created_at__gt=now() - _HOUR)
    if sent.count() >= MOST_BY_ADDRESS:
        return False
    alert, _ = Alert.objects.get_or_create(
        email=email,
        query=query,
        defaults={
            "label": label, "frequency": frequency, "digest": digest_of(secrets.token_urlsafe()),
        },
    )  # fmt: skip
    if alert.confirmed_at is None:
        alert.label, alert.frequency = label, frequency
    secret = _seal(alert)
    alert.save()
    AlertToConfirm(alert, secret).send(emails=[email], key=f"{alert.pk}-{secrets.token_hex(8)}")
    return True


def _seal(alert: Alert) -> str:
    """The secret of `alert`, whose digest is brought up to date (the site's key may change)."""
    secret = secret_of(alert)
    alert.digest = digest_of(secret)
    return secret


def held_by(secret: str) -> Alert | None:
    """The alert of this secret; ``None`` when there is none, or it waited too long. Reads only."""
    alert = Alert.objects.filter(digest=digest_of(secret)).first()
    old = alert and alert.confirmed_at is None and alert.updated_at < now() - UNPROVED
    return None if old else alert


@transaction.atomic
def confirm(alert: Alert) -> None:
    """The address is proved: from now on, what is new is sent. Twice changes nothing.

    Raises `TooMany`.
    """
    row = Alert.objects.select_for_update().get(pk=alert.pk)
    if row.confirmed_at is None:
        if Alert.objects.filter(email=row.email, confirmed_at__isnull=False).count() >= MOST_ALERTS:
            raise TooMany
        row.confirmed_at = now()
        row.known = _keys(_search(row))
        row.save()


@transaction.atomic
def change(alert: Alert, frequency: str) -> None:
    """Send it at another rhythm."""
    Alert.objects.filter(pk=alert.pk).update(frequency=frequency, updated_at=now())


@transaction.atomic
def end(alert: Alert) -> None:
    """Forget the alert and its address, in the mails that it was sent too; what had not left yet
    does not leave.
    """
    _forget(alert, now())


def _forget(alert: Alert, moment: datetime) -> None:
    forget(alert.email, (AlertToConfirm.slug, AlertNews.slug), secret_of(alert), moment)
    alert.delete()


def run(moment: datetime) -> int:
    """Send what is new to whom it is time to write; return how many mails were written.

    Each alert in a transaction of its own: one that fails keeps none of the others waiting.
    """
    confirmed = Alert.objects.filter(confirmed_at__isnull=False)
    return sum(_send(pk, moment) for pk in confirmed.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _send(pk: int, moment: datetime) -> bool:
    alert = Alert.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if alert is None or not _is_due(alert, moment):
        return False
    done = _search(alert)
    known, today = set(alert.known), localdate(moment)
    new = [
        offer
        for offer in done.offers()
        if str(done.shelf.details[offer.id].pk) not in known
        and (offer.closes is None or offer.closes >= today)
    ]
    if not new:
        return False
    secret = _seal(alert)
    alert.known = sorted(known.union(_keys(done)), key=int)
    alert.sent_at = moment
    alert.save()
    news = [(offer.title, done.shelf.details[offer.id].url) for offer in new]
    AlertNews(alert, secret, news).send(emails=[alert.email], key=f"{alert.pk}-{today}")
    return True


def _is_due(alert: Alert, moment: datetime) -> bool:
    """Once a day at most, or once a week; what is new after a quiet time does not wait more."""
    last = alert.sent_at or alert.confirmed_at or moment
    if alert.frequency == AlertFrequency.WEEKLY:
        return moment - last >= _WEEK
    return localdate(moment) > localdate(last)


def _search(alert: Alert) -> Search:
    return search(QueryDict(alert.query), shelf(), localdate())


def _keys(done: Search) -> list[str]:
    return [str(key) for key in sorted(_numbers(done))]


def _numbers(done: Search) -> Iterable[int]:
    return (done.shelf.details[offer.id].pk for offer in done.offers())


@transaction.atomic
def erase_unproved(moment: datetime) -> int:
    """Erase the addresses that nobody proved in seven days; return how many alerts went."""
    old = Alert.objects.filter(confirmed_at=None, updated_at__lt=moment - UNPROVED)
    gone = list(old.select_for_update())
    for alert in gone:
        _forget(alert, moment)
    return len(gone)
