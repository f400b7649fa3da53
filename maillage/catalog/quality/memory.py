"""What pages say of the links, from memory: no query for an address."""

from dataclasses import dataclass
from datetime import date

from maillage.catalog.enums import LinkState
from maillage.catalog.models import LinkCheck
from maillage.common.held import Held
from maillage.common.templatetags.maillage import lettres

#: The set of data that the nightly look at the links bumps.
LINKS = "links"


@dataclass(frozen=True, slots=True)
class Failing:
    """An address that did not answer: its state, since when, what it said."""

    state: str
    since: date | None
    detail: str


def _read() -> dict[str, Failing]:
    rows = LinkCheck.objects.filter(state__in=(LinkState.DOUBT, LinkState.BROKEN))
    return {row.url: Failing(row.state, row.failing_since, row.detail) for row in rows}


held: Held[dict[str, Failing]] = Held(_read, LINKS)


def failing(url: str) -> Failing | None:
    """What is known of an address that did not answer; ``None`` for all others."""
    return held.get().get(url) if url else None


def is_broken(url: str) -> bool:
    """True of an address that has not answered for several nights."""
    found = failing(url)
    return found is not None and found.state == LinkState.BROKEN


def link_note(url: str) -> str:
    """What to say beside a link on a page: "" unless it is broken."""
    found = failing(url)
    if found is None or found.state != LinkState.BROKEN:
        return ""
    since = f" depuis le {lettres(found.since)}" if found.since else ""
    return f"Cette adresse ne répond plus{since}"
