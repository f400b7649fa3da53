"""The calendar of the dossiers of a plan: what to do before when, computed back from deadlines.

Dates that are ours, not the law's (three weeks for a deliberation, a call after a month without a
receipt), say « conseil de Maillage »; the notice of a council says its article of law.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from uuid import uuid5

from dateutil.relativedelta import relativedelta

from maillage.common.calendars import add_days, new_calendar
from maillage.engine.funding.timing import STARTS, STRICT
from maillage.engine.funding.types import (
    ASKED,
    OWN,
    PRIVATE,
    STATE_CGCT,
    TO_FILE,
    BearerKind,
    Fund,
    Status,
)
from maillage.engine.funding.words import euros, named
from maillage.funding.document import PlanDocument, Source
from maillage.funding.law import law_on
from maillage.funding.models import Plan

#: Our advice, no law: before the last day, the time to vote and to send the dossier without haste;
#: after the filing, when to call whoever has not acknowledged it.
COUNCIL: Final = timedelta(days=21)
CALL: Final = timedelta(days=30)
_ADVICE: Final = "Conseil de Maillage"
#: How often a calendar that follows the address looks again.
_REFRESH: Final = timedelta(hours=12)
#: To whom the notice of the article L2121-11 speaks, or is extended.
_CONVENED: Final = frozenset({BearerKind.COMMUNE, BearerKind.EPCI, BearerKind.SYNDICATE})
#: Before the receipt.
_WAITING: Final = TO_FILE | {Status.FILED}
KINDS: Final = {
    "council": "Délibération à prendre",
    "convene": "Dernier jour pour convoquer le conseil",
    "closes": "Dernier jour pour déposer",
    "commission": "Commission",
    "wait": "Ne rien signer",
    "sign": "Accusé de réception",
    "call": "À relancer",
    "decided": "Décision",
    "begin": "Commencer les travaux avant",
    "finish": "Terminer les travaux avant",
    "paid": "Versement",
}


@dataclass(frozen=True, slots=True)
class Moment:
    """A date of a dossier. ``until`` makes it an interval (``None``: one day, or an end that is not
    known: then ``open``). ``done``: it is behind us, nothing is awaited. ``number``: of several of
    the same kind, which one.
    """

    day: date
    kind: str
    source: str
    label: str
    text: str
    until: date | None = None
    open: bool = False
    done: bool = False
    number: int = 1

    @property
    def title(self) -> str:
        """« Délibération à prendre : DETR »."""
        return f"{KINDS[self.kind]} : {self.label}"


@dataclass(frozen=True, slots=True)
class Dates:
    """What the page shows: prohibitions to sign that last, what should have been done already,
    moments to come, moments past, and the dossiers of which no date is known.
    """

    waits: tuple[Moment, ...]
    late: tuple[Moment, ...]
    coming: tuple[Moment, ...]
    past: tuple[Moment, ...]
    without: tuple[Source, ...]

    @property
    def pressing(self) -> tuple[Moment, ...]:
        """What is still to be done, the oldest first."""
        return (*self.late, *self.coming)


def moments(document: PlanDocument, today: date) -> list[Moment]:
    """Every date of the dossiers of a plan, in order."""
    found = [
        one
        for source in document.resources
        if source.fund is not Fund.OWN
        for one in _of(source, document, today)
    ]
    return sorted(found, key=lambda one: (one.day, list(KINDS).index(one.kind), one.label))


def dates(document: PlanDocument, today: date) -> Dates:
    """The dates of a plan as its page shows them."""
    every = moments(document, today)
    waits = [one for one in every if one.kind == "wait" and not one.done]
    rest = [one for one in every if one not in waits]
    past = [one for one in rest if one.done]
    late = [one for one in rest if not one.done and one.day < today]
    dated = {one.source for one in every if one.kind != "wait"}
    without = [
        one for one in document.resources
        if one.status in TO_FILE and one.fund not in OWN and one.id not in dated
    ]  # fmt: skip
    return Dates(
        tuple(waits),
        tuple(late),
        tuple(one for one in rest if one not in past and one not in late),
        tuple(reversed(past)),
        tuple(without),
    )


def _of(one: Source, document: PlanDocument, today: date) -> Iterator[Moment]:
    if one.status is Status.REFUSED:
        if one.decided_on:
            yield Moment(one.decided_on, "decided", one.id, one.label, "Refusée.", done=True)
        return
    if one.status in TO_FILE:
        yield from _to_file(one, document, today)
    elif one.filed_on and one.status is Status.FILED:
        yield Moment(
            one.filed_on + CALL, "call", one.id, one.label,
            f"{_ADVICE} : un mois après le dépôt, sans accusé de réception, appelez le financeur.",
        )  # fmt: skip
    if one.commission_on:
        met = one.commission_on < today
        yield Moment(
            one.commission_on, "commission", one.id, one.label,
            "La commission s'est réunie : notez sa décision." if met
            else "La commission qui décide se réunit.",
            done=one.status not in TO_FILE | ASKED,
        )  # fmt: skip
    if one.fund in STRICT:
        yield from _signing(one, document)
    if one.decided_on:
        given = f" : {euros(one.granted)}" if one.granted is not None else ""
        yield Moment(one.decided_on, "decided", one.id, one.label, f"Accordée{given}.", done=True)
    if one.status is Status.GRANTED and one.fund in STATE_CGCT and one.decided_on:
        yield from _life(one, document, one.decided_on)
    whole = Decimal(0)
    for number, payment in enumerate(one.came(), 1):
        whole += payment.amount
        total = f" ({euros(whole)} en tout)" if number > 1 else ""
        yield Moment(
            payment.on, "paid", one.id, one.label, f"{euros(payment.amount)} versés{total}.",
            done=True, number=number,
        )  # fmt: skip


def _life(one: Source, document: PlanDocument, decided: date) -> Iterator[Moment]:
    """Until when a grant of the State is kept: to begin, then to finish."""
    law = law_on(document.date)
    if "detr-life" not in law:
        return
    rule = law["detr-life"]
    signed = [line.signed_on for line in document.costs if line.nature in STARTS]
    begun = min((day for day in signed if day), default=None)
    kind, start, verb = ("finish", begun, "finis") if begun else ("begin", decided, "commencés")
    name = "end" if begun else "start"
    years = int(law.number("detr-life", f"{name}_years"))
    more = int(law.number("detr-life", f"{name}_years_most")) - years
    yield Moment(
        (start or decided) + relativedelta(years=years), kind, one.id, one.label,
        f"Les travaux sont {verb} avant ce jour, sinon l'aide est perdue. Le préfet peut donner "
        f"{'un an' if more == 1 else f'{more} ans'} de plus : demandez-le avant. {rule.reference}"
        f"{'' if rule.confirmed else ' (à confirmer)'}.",
    )  # fmt: skip


def _to_file(one: Source, document: PlanDocument, today: date) -> Iterator[Moment]:
    if one.closes is None:
        return
    missed = one.closes < today
    if not missed and document.bearer.local_authority and one.fund not in PRIVATE:
        yield from _council(one, one.closes, document)
    yield Moment(
        one.closes, "closes", one.id, one.label,
        "Ce jour est passé sans que le dépôt soit noté : notez-le, ou voyez la session suivante."
        if missed
        else "Après ce jour, le dossier n'est pas pris.",
    )  # fmt: skip


def _council(one: Source, closes: date, document: PlanDocument) -> Iterator[Moment]:
    """The vote that the dossier needs, and the last day on which one may still call for it."""
    both = ", par le conseil de la commune et celui de l'intercommunalité"
    who = both if one.fund is Fund.GROUP else ""
    yield Moment(
        closes - COUNCIL, "council", one.id, one.label,
        f"Le dossier demande une délibération qui approuve le projet et son plan{who}. {_ADVICE} : "
        "trois semaines avant le dernier jour, pour voter et envoyer sans hâte.",
    )  # fmt: skip
    law, bearer = law_on(document.date), document.bearer
    if bearer.kind not in _CONVENED or "council-notice" not in law:
        return
    people = bearer.population_dgf
    small = bearer.kind is BearerKind.COMMUNE and people is not None and (
        people < law.number("council-notice", "population")
    )  # fmt: skip
    days = int(law.number("council-notice", "days_small" if small else "days_large"))
    yield Moment(
        closes - timedelta(days=days + 1), "convene", one.id, one.label,
        f"Pour voter au plus tard le dernier jour ({closes:%d/%m/%Y}) : {days} jours francs entre "
        f"la convocation et la séance. {law['council-notice'].reference}.",
    )  # fmt: skip


def _signing(one: Source, document: PlanDocument) -> Iterator[Moment]:
    """Nothing is signed before the receipt: an interval, until it has come."""
    start = one.filed_on or document.date
    if one.received_on is not None:
        yield Moment(
            one.received_on, "sign", one.id, one.label,
            f"Le financeur a reçu la demande. {_may_sign(one, document)}", done=True,
        )  # fmt: skip
    elif one.status in _WAITING:
        yield Moment(
            start, "wait", one.id, one.label,
            "Pas de devis accepté, pas de commande, pas de marché de travaux avant l'accusé de "
            "réception : l'aide serait perdue. Les études et l'achat du terrain restent possibles.",
            until=_known_end(one, start), open=True,
        )  # fmt: skip


def _may_sign(one: Source, document: PlanDocument) -> str:
    """What may be signed once this funder has the request: nothing while another has not."""
    others = [
        other.label for other in document.resources
        if other.fund in STRICT and other.status in _WAITING and not other.received_on
    ]  # fmt: skip
    if others:
        have = "ne l'a" if len(others) == 1 else "ne l'ont"
        return f"Mais ne signez encore rien : {named(others)} {have} pas fait."
    risk = ", à vos risques tant qu'elle n'est pas accordée" if one.status in ASKED else ""
    return f"Pour cette aide, vous pouvez signer depuis ce jour{risk}."


def _known_end(one: Source, start: date) -> date | None:
    """The wait lasts at least until the dossier can be filed."""
    return one.closes if one.closes and one.closes > start and not one.filed_on else None


def calendar_of(plan: Plan, document: PlanDocument, name: str, today: date) -> bytes:
    """An iCalendar of the dates of a plan. The identifier of an event is that of its dossier and of
    what happens.
    """
    calendar = new_calendar(_on_a_line(name), _REFRESH)
    calendar.add("method", "PUBLISH")
    calendar.add("x-published-ttl", _REFRESH, parameters={"VALUE": "DURATION"})
    # A prohibition without an end is another every day: its stamp says so.
    midnight = datetime.combine(today, time(), UTC)
    for one in moments(document, today):
        said = f"{one.kind}:{one.source}{f':{one.number}' if one.number > 1 else ''}"
        until = " avant l'accusé de réception" if one.open else ""
        add_days(
            calendar, key=str(uuid5(plan.pk, said)),
            changed=max(plan.updated_at, midnight) if one.open else plan.updated_at,
            first=one.day, last=_last(one, today),
            summary=_on_a_line(f"{KINDS[one.kind]}{until} : {one.label}"),
            text=f"{one.text}{_ENDLESS if one.open else ''}", path=plan.get_absolute_url(),
        )  # fmt: skip
    return bytes(calendar.to_ical())


def _on_a_line(text: str) -> str:
    """`text` as one line of an iCalendar: a name may have been sent with line breaks."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


#: What is said of a prohibition, which a calendar can only draw with an end.
_ENDLESS: Final = (
    "\nLa date de l'accusé de réception n'est pas connue : la fin montrée ici est provisoire, au "
    "moins un mois à partir d'aujourd'hui, et recule tant que le plan ne dit pas qu'il est arrivé."
)


def _last(one: Moment, today: date) -> date:
    """The last day of an event. A prohibition whose end is not known lasts at least a month from
    today, and until the dossier can be filed.
    """
    if not one.open:
        return one.until or one.day
    return max(one.until or one.day, one.day, today + CALL)
