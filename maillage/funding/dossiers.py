"""The calendar of the dossiers of a plan: what to do before when, computed back from deadlines.

Dates that are ours, not the law's (three weeks for a deliberation, a call after a month without a
receipt), say so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid5

from django.conf import settings
from icalendar import Calendar, Event

from maillage.engine.funding.timing import STRICT
from maillage.engine.funding.types import OWN, Fund, Status
from maillage.funding.document import PlanDocument, Source
from maillage.funding.models import Plan

#: Before the last day, the time to convene the assembly, vote and send the dossier.
COUNCIL: Final = timedelta(days=21)
CALL: Final = timedelta(days=30)
_TO_FILE: Final = frozenset({Status.CONSIDERED, Status.TO_FILE})
_ASKED: Final = frozenset({Status.FILED, Status.RECEIVED})
KINDS: Final = {
    "council": "Délibération à prendre",
    "closes": "Dernier jour pour déposer",
    "commission": "Commission",
    "wait": "Ne rien signer",
    "sign": "Accusé de réception",
    "call": "À relancer",
    "decided": "Décision",
    "paid": "Versement",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A date of a dossier. ``until`` makes it an interval (``None``: one day, or an end that is not
    known: then ``open``). ``done``: it is behind us, nothing is awaited.
    """

    day: date
    kind: str
    source: str
    label: str
    text: str
    until: date | None = None
    open: bool = False
    done: bool = False

    @property
    def title(self) -> str:
        """« Délibération à prendre : DETR »."""
        return f"{KINDS[self.kind]} : {self.label}"


@dataclass(frozen=True, slots=True)
class Dates:
    """What the page shows: prohibitions to sign that last, moments to come, moments past, and the
    dossiers of which no date is known.
    """

    waits: tuple[Moment, ...]
    coming: tuple[Moment, ...]
    past: tuple[Moment, ...]
    without: tuple[Source, ...]


def moments(document: PlanDocument) -> list[Moment]:
    """Every date of the dossiers of a plan, in order."""
    found = [
        one
        for source in document.resources
        if source.fund is not Fund.OWN
        for one in _of(source, document)
    ]
    return sorted(found, key=lambda one: (one.day, list(KINDS).index(one.kind), one.label))


def dates(document: PlanDocument, today: date) -> Dates:
    """The dates of a plan as its page shows them."""
    every = moments(document)
    waits = [one for one in every if one.kind == "wait" and not one.done]
    rest = [one for one in every if one not in waits]
    past = [one for one in rest if one.done or one.day < today]
    dated = {one.source for one in every if one.kind != "wait"}
    without = [
        one for one in document.resources
        if one.status in _TO_FILE and one.fund not in OWN and one.id not in dated
    ]  # fmt: skip
    return Dates(
        tuple(waits),
        tuple(one for one in rest if one not in past),
        tuple(reversed(past)),
        tuple(without),
    )


def _of(one: Source, document: PlanDocument) -> Iterator[Moment]:
    if one.status is Status.REFUSED:
        if one.decided_on:
            yield Moment(one.decided_on, "decided", one.id, one.label, "Refusée.", done=True)
        return
    if one.status in _TO_FILE:
        yield from _to_file(one, document)
    elif one.filed_on and one.status is Status.FILED:
        yield Moment(
            one.filed_on + CALL, "call", one.id, one.label,
            "Un mois après le dépôt, sans accusé de réception : appelez le financeur.",
        )  # fmt: skip
    if one.commission_on:
        yield Moment(
            one.commission_on, "commission", one.id, one.label,
            "La commission qui décide se réunit.",
            done=one.status not in _TO_FILE | _ASKED,
        )  # fmt: skip
    if one.fund in STRICT:
        yield from _signing(one, document)
    if one.decided_on:
        yield Moment(one.decided_on, "decided", one.id, one.label, "Accordée.", done=True)
    if one.paid_on:
        yield Moment(one.paid_on, "paid", one.id, one.label, "Dernier versement noté.", done=True)


def _to_file(one: Source, document: PlanDocument) -> Iterator[Moment]:
    if one.closes is None:
        return
    if document.bearer.local_authority:
        both = ", par le conseil de la commune et celui de l'intercommunalité"
        who = both if one.fund is Fund.GROUP else ""
        yield Moment(
            one.closes - COUNCIL, "council", one.id, one.label,
            f"Le dossier demande une délibération qui approuve le projet et son plan{who}. Trois "
            "semaines avant le dernier jour laissent le temps de convoquer, de voter et d'envoyer.",
        )  # fmt: skip
    yield Moment(
        one.closes, "closes", one.id, one.label, "Après ce jour, le dossier n'est pas pris."
    )


def _signing(one: Source, document: PlanDocument) -> Iterator[Moment]:
    """Nothing is signed before the receipt: an interval, until it has come."""
    start = one.filed_on or document.date
    if one.received_on is not None:
        yield Moment(
            one.received_on, "sign", one.id, one.label,
            "Le financeur a reçu la demande : vous pouvez signer depuis ce jour, à vos risques "
            "tant que l'aide n'est pas accordée.", done=True,
        )  # fmt: skip
    elif one.status in _TO_FILE or one.status is Status.FILED:
        yield Moment(
            start, "wait", one.id, one.label,
            "Pas de devis accepté, pas de commande, pas de marché de travaux avant l'accusé de "
            "réception : l'aide serait perdue. Les études et l'achat du terrain restent possibles.",
            until=_known_end(one, start), open=True,
        )  # fmt: skip


def _known_end(one: Source, start: date) -> date | None:
    """The wait lasts at least until the dossier can be filed."""
    return one.closes if one.closes and one.closes > start and not one.filed_on else None


def by_month(found: Iterable[Moment]) -> list[tuple[date, list[Moment]]]:
    """Moments in order, under the first day of their month."""
    grouped: dict[date, list[Moment]] = {}
    for one in found:
        grouped.setdefault(one.day.replace(day=1), []).append(one)
    return list(grouped.items())


def calendar_of(plan: Plan, document: PlanDocument, name: str) -> bytes:
    """An iCalendar (RFC 5545) of all-day events. The identifier of an event is that of its dossier
    and of what happens: a calendar that reads it again moves the event instead of adding one.
    """
    site = settings.MAILLAGE["URL"]
    host = urlsplit(site).hostname or "maillage"
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", f"-//{host}//Maillage//FR")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", name)
    for one in moments(document):
        event = Event()
        event.add("uid", f"{uuid5(plan.pk, f'{one.kind}:{one.source}')}@{host}")
        event.add("dtstamp", plan.updated_at.astimezone(UTC))
        event.add("dtstart", one.day)
        event.add("dtend", (one.until or one.day) + timedelta(days=1))
        open_end = " avant l'accusé de réception" if one.kind == "wait" else ""
        event.add("summary", f"{KINDS[one.kind]}{open_end} : {one.label}")
        event.add("description", one.text)
        event.add("url", f"{site}{plan.get_absolute_url()}")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
