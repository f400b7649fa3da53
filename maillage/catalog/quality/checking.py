"""The nightly look at the links of the catalogue: which, in what order, and what it changes.

One failure is a doubt; failures on three different nights make a broken link, told once to the
owner. Pages read the result from memory (`memory.py`): nobody waits for a site.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain, zip_longest
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate, now

from maillage.accounts.models import User
from maillage.catalog.enums import LinkState, Publication
from maillage.catalog.models import LinkCheck, Offer, Provider
from maillage.catalog.notifications.quality import LinksBroken, Named
from maillage.catalog.quality.links import Found, Looker
from maillage.catalog.quality.memory import LINKS
from maillage.catalog.quality.people import answerable
from maillage.common.models import DataVersion
from maillage.common.progress import Progress, silent

#: Addresses looked at in a night, at most, and seconds that it may last.
MOST: Final = 800
LONGEST: Final = 3 * 3600
#: Days after which an address that answered, or is known to be broken, is looked at again.
AGAIN_DAYS: Final = 7
#: Different nights of failure that make a broken link.
NIGHTS: Final = 3
#: When this share of what is asked does not answer at all, our own network is the likely cause.
AWAY_SHARE: Final = 0.6
AWAY_LEAST: Final = 10
_BATCH: Final = 40


@dataclass(slots=True)
class Tally:
    """What a night found. ``away``: nearly nothing answered, so that nothing was concluded."""

    looked: int = 0
    fine: int = 0
    failed: int = 0
    broken: list[str] = field(default_factory=list)
    away: bool = False


def default_looker() -> Looker:
    """The one that goes to the internet; it says who asks."""
    return Looker(agent=f"Maillage-liens/1 (+{settings.MAILLAGE['URL']})")


def check_links(
    *,
    today: date,
    looker: Looker | None = None,
    most: int = MOST,
    everything: bool = False,
    progress: Progress = silent,
) -> Tally:
    """Look at the addresses that are due, the oldest look first, and write what they answer.

    `everything`: also those looked at lately. Told owners: those of links newly broken.
    """
    looker = looker or default_looker()
    LinkCheck.objects.exclude(url__in=_cited()).delete()
    due = _due(today, everything)[:most]
    start, tally = looker.clock(), Tally()
    unreachable = 0
    for urls in _batches(_interleaved(due)):
        found = {}
        for url in urls:
            found[url] = looker.look(url)
            progress("liens", tally.looked + len(found), len(due))
        unreachable += sum(one.unreachable for one in found.values())
        tally.looked += len(found)
        if tally.looked >= AWAY_LEAST and unreachable > AWAY_SHARE * tally.looked:
            tally.away = True
            break
        tally.fine += sum(one.ok for one in found.values())
        tally.failed += sum(not one.ok for one in found.values())
        tally.broken += _write(found, today)
        if looker.clock() - start > LONGEST:
            break
    _tell(tally.broken, today)
    return tally


def _cited() -> set[str]:
    """Addresses of the entries that have a page."""
    offers = Offer.objects.filter(withdrawn_at=None).exclude(
        publication__in=(Publication.DRAFT, Publication.ARCHIVED)
    )
    links = offers.exclude(link="").values_list("link", flat=True)
    sites = Provider.objects.filter(withdrawn_at=None).exclude(website="")
    return {*links.distinct(), *sites.values_list("website", flat=True).distinct()}


def _due(today: date, everything: bool) -> list[str]:
    """Addresses to look at: doubts, then what was never seen, then the oldest look."""
    known = {row.url: row for row in LinkCheck.objects.all()}
    again = today - timedelta(days=AGAIN_DAYS)
    found = []
    for url in _cited():
        row = known.get(url)
        if row is None or row.checked_at is None:
            found.append((1, 0.0, url))
            continue
        seen = localdate(row.checked_at)
        doubt = row.state == LinkState.DOUBT
        if everything or (doubt and seen < today) or seen <= again:
            found.append((0 if doubt else 2, row.checked_at.timestamp(), url))
    return [url for _, _, url in sorted(found)]


def _interleaved(urls: Sequence[str]) -> list[str]:
    """The same addresses, one of each host in turn: one host is never asked twice in a row while
    others wait.
    """
    by_host: dict[str, list[str]] = defaultdict(list)
    for url in urls:
        by_host[urlsplit(url).netloc].append(url)
    turns = chain.from_iterable(zip_longest(*by_host.values()))
    return [url for url in turns if url is not None]


def _batches(urls: Sequence[str]) -> Iterable[Sequence[str]]:
    return (urls[n : n + _BATCH] for n in range(0, len(urls), _BATCH))


@transaction.atomic
def _write(found: dict[str, Found], today: date) -> list[str]:
    """Write what was found; return the addresses that have just become broken."""
    known = LinkCheck.objects.select_for_update().in_bulk(list(found), field_name="url")
    rows, broken, changed = [], [], False
    for url, answer in found.items():
        row = known.get(url) or LinkCheck(url=url)
        before = row.state
        _note(row, answer, today)
        if row.state == LinkState.BROKEN != before:
            broken.append(url)
        changed = changed or row.state != before
        rows.append(row)
    LinkCheck.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["url"],
        update_fields=["state", "status", "detail", "final_url", "failures", "failing_since",
                       "checked_at"],
    )  # fmt: skip
    if changed:
        DataVersion.objects.bump(LINKS)
    return broken


def _note(row: LinkCheck, answer: Found, today: date) -> None:
    """Put in `row` what its address answered; two failures of one day count for one night."""
    same_day = row.checked_at is not None and localdate(row.checked_at) == today
    row.status, row.detail = answer.status, answer.detail[:250]
    row.final_url = answer.final_url if len(answer.final_url) <= 1000 else ""
    if answer.ok:
        row.state, row.failures, row.failing_since = LinkState.OK, 0, None
    else:
        row.failures += not (same_day and row.failures)
        row.failing_since = row.failing_since or today
        row.state = LinkState.BROKEN if row.failures >= NIGHTS else LinkState.DOUBT
    row.checked_at = now()


@transaction.atomic
def _tell(urls: list[str], today: date) -> None:
    """One message for each owner of entries whose link has just broken."""
    if not urls:
        return
    details = dict(LinkCheck.objects.filter(url__in=urls).values_list("url", "detail"))
    offers = Offer.objects.published().with_provider().filter(link__in=urls)
    sites = Provider.objects.published().filter(website__in=urls)
    found: list[tuple[Provider, Named]] = [
        (row.provider, Named(row.title, today, f"{row.link} : {details[row.link]}"))
        for row in offers
    ]
    found += [(row, Named(row.name, today, f"{row.website} : {details[row.website]}"))
              for row in sites]  # fmt: skip
    owners = answerable({provider.pk: provider for provider, _ in found}.values())
    by_user: dict[User, list[Named]] = defaultdict(list)
    for provider, named in found:
        for user in owners[provider.pk]:
            by_user[user].append(named)
    for user, entries in by_user.items():
        LinksBroken(entries).send(to=[user], key=f"{today}-{len(entries)}-{entries[0].title[:40]}")
