"""The page of a request for the desk: need, territory, proposals, decision, exchanges, journal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate, now

from maillage.catalog.snapshot import snapshot
from maillage.desk import history, nextsteps, perms, queue, snapshots, threads
from maillage.desk.enums import ConsultationKind, ConsultationState, State, Verb
from maillage.desk.lifecycle import LIFE
from maillage.desk.models import Consultation, Examination, JournalEntry, Request
from maillage.desk.orientation import Answer, Card
from maillage.desk.perms import Standing
from maillage.desk.services import national
from maillage.desk.views.acting import allowed
from maillage.desk.views.deeds import DEEDS
from maillage.desk.views.partner import Place, place_of
from maillage.desk.views.projects import project_of
from maillage.engine.text import STOP_WORDS, words
from maillage.engine.vocabulary import LABELS, PHASES, THEMES, Level
from maillage.territories.directory import directory
from maillage.territories.enums import DENSITY

#: Passages on the page; all of them are on the page of the journal.
JOURNAL_SHOWN: Final = 12
_NEIGHBOURS: Final = 40
#: What to do first, by state; the decision of a qualified request has its own block.
_MAIN: Final[Mapping[str, tuple[str, ...]]] = {
    State.RECEIVED: (Verb.QUALIFY, Verb.ASK_INFORMATION),
    State.INFORMATION_WANTED: (Verb.GIVE_INFORMATION,),
    State.LOCAL: (Verb.ACCEPT_LEAD, Verb.DECLINE_LEAD),
    State.NATIONAL: (Verb.SUBMIT,),
    State.ACCEPTED: (Verb.SIGN_CONVENTION,),
    State.REFUSED: (Verb.RETURN_TO_LOCAL,),
    State.CONVENTION: (Verb.START_SUPPORT,),
    State.ACCOMPANIED: (Verb.CLOSE,),
    State.EXISTING_CIRCUIT: (Verb.CLOSE,),
    State.CLOSED: (Verb.REOPEN,),
    State.WITHDRAWN: (Verb.REOPEN,),
    State.REORIENTED: (Verb.REOPEN,),
}
#: What an agent does in another's name is said so.
_FOR_ANOTHER: Final = {
    Verb.GIVE_INFORMATION: ("applicant", "Noter la réponse de la mairie"),
    Verb.ACCEPT_LEAD: ("lead", "Noter son accord"),
    Verb.DECLINE_LEAD: ("lead", "Noter son refus"),
    Verb.WITHDRAW: ("applicant", "Retirer, à la demande de la mairie"),
}
#: Open states in which proposals are looked for: not when the circuit or the ANCT has the request.
_SEARCHING: Final = frozenset(
    {
        State.RECEIVED, State.INFORMATION_WANTED, State.QUALIFIED, State.LOCAL, State.ACCOMPANIED,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offered:
    """An act that the page offers, or the reason why this person may not (`refusal`)."""

    verb: str
    label: str
    address: str
    refusal: str
    final: bool


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal on the page: its card, what was examined of it, why its body declined, and what
    may be done with it.
    """

    card: Card
    provider: str
    examination: Examination | None
    declined: str | None
    asked: Consultation | None
    to_examine: bool


@dataclass(frozen=True, slots=True)
class Ring:
    """Proposals of one ring, what answers apart from the sure contacts."""

    label: str
    code: str
    lines: tuple[Proposed, ...]
    contacts: tuple[Proposed, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another request of the same commune or EPCI."""

    request: Request
    same_bearer: bool
    alike: bool


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of the journal in words, with what was on screen."""

    line: history.Line
    shown: dict[str, Any]


def agent_page(request: HttpRequest, demand: Request, who: Standing) -> HttpResponse:
    """The page of a filed request for who works for its desk."""
    asked = list(perms.consultations(who).select_related("asked_by"))
    for one in asked:
        one.request = demand
    declined = snapshots.declined_providers(asked)
    answer, kept = None, {}
    if demand.state in _SEARCHING:
        prefetch_related_objects([demand], "examinations")
        answer = snapshots.answer_for(demand, localdate())
        kept = snapshots.kept(answer, declined=declined)
    entries = list(perms.journal(who))
    today = localdate()
    near = neighbours(demand, who)
    context = {
        "demand": demand,
        "who": who,
        "today": today,
        "late": nextsteps.is_late(demand, today),
        "silence": queue.silence(demand, now()),
        "portrait": portrait(demand),
        "phase": PHASES.get(demand.phase or demand.stage, ""),
        "themes": [THEMES[code] for code in demand.themes if code in THEMES],
        "kinds": kinds_of(demand),
        "documents": perms.attachments(who),
        "may_attach": not demand.is_ended,
        "alike": [one for one in near if one.alike],
        "past": [one for one in near if one.same_bearer],
        "answer": answer,
        "rings": rings(demand, answer, declined, asked),
        "missing": national.missing_for_national(demand, kept) if _decides(demand) else [],
        "may_designate": perms.may(Verb.DESIGNATE, who),
        "designating": Verb.DESIGNATE if who.decider else Verb.PREPARE,
        "deciding": _decides(demand),
        "justification": _justification(demand),
        "main": offered(demand, who, _MAIN.get(demand.state, ())),
        "others": offered(demand, who, _others(demand)),
        "tasks": perms.tasks(who),
        "asked": asked,
        "thread": threads.thread_of(
            who, only=request.GET.get("fil", ""), whole="tout" in request.GET
        ),
        "passages": passages(entries[-JOURNAL_SHOWN:], who),
        "earlier": max(0, len(entries) - JOURNAL_SHOWN),
        "circuit": demand.state == State.EXISTING_CIRCUIT,
        "phone_of": nextsteps.telephone(demand.contact_phone),
        "lead_phone": nextsteps.telephone(demand.lead_phone),
        **project_of(demand, request.user, who),
    }
    return render(request, "desk/request/agent.html", context)


def _decides(demand: Request) -> bool:
    return demand.state == State.QUALIFIED


def _others(demand: Request) -> list[str]:
    """Verbs that the page does not put first, in the order of the life cycle."""
    first = {*_MAIN.get(demand.state, ()), Verb.ENTRUST, Verb.FILE}
    if demand.desk and demand.desk.circuit_id:
        first.discard(Verb.ENTRUST)
    if _decides(demand):
        first |= {Verb.DESIGNATE, Verb.OPEN_NATIONAL, Verb.PREPARE}
    possible = LIFE.possible(demand.state)
    return [verb for verb in Verb.values if verb in possible and verb not in first]


def offered(demand: Request, who: Standing, verbs: Iterable[str]) -> list[Offered]:
    """These acts as buttons, for those that this person may do; with the reason for the others."""
    found = []
    for verb in verbs:
        right = allowed(verb, who)
        standing, label = _FOR_ANOTHER.get(Verb(verb), ("", ""))
        if not label or getattr(who, standing):
            label = Verb(verb).label
        found.append(
            Offered(
                verb, label, reverse("requests:act", args=[demand.pk, verb]),
                "" if right else right.reason, DEEDS[verb].final,
            )
        )  # fmt: skip
    return found


def rings(
    demand: Request,
    answer: Answer | None,
    declined: Mapping[str, str],
    asked: Iterable[Consultation],
) -> list[Ring]:
    """The proposals, ring by ring, as the desk works on them."""
    if answer is None:
        return []
    done = {one.offer: one for one in demand.examinations.all()}
    waiting = {
        one.organisation.provider: one
        for one in asked
        if one.kind == ConsultationKind.HELP and one.state != ConsultationState.CANCELLED
    }

    def line(card: Card) -> Proposed:
        offer = card.proposal.offer
        return Proposed(
            card=card,
            provider=offer.provider_id,
            examination=done.get(offer.id),
            declined=declined.get(offer.provider_id),
            asked=waiting.get(offer.provider_id),
            to_examine=card.proposal.adequate and offer.level is not Level.NATIONAL,
        )

    return [
        Ring(
            label=circle.ring.label,
            code=circle.ring.level.code,
            lines=tuple(line(card) for card in (*circle.adequate, *circle.declined)),
            contacts=tuple(line(card) for card in circle.contacts),
        )
        for circle in snapshots.circles(answer, declined)
    ]


@dataclass(frozen=True, slots=True)
class Portrait:
    """The territory at a glance: facts shown, never scored. Unknown labels are not a « no »."""

    place: Place
    density: str
    carried: tuple[str, ...]
    unknown: tuple[str, ...]


def portrait(demand: Request) -> Portrait:
    """What is known of the territory that asks."""
    territory = directory().engine_territory(demand.bearer)
    told = territory.labels | territory.labels_absent
    return Portrait(
        place=place_of(demand),
        density=DENSITY.get(territory.density or 0, ""),
        carried=tuple(name for code, name in LABELS.items() if code in territory.labels),
        unknown=tuple(name for code, name in LABELS.items() if code not in told),
    )


def kinds_of(demand: Request) -> list[str]:
    """Kinds of project that the mairie chose, in words."""
    held = snapshot()
    return [
        held.recogniser.types[held.type_number[slug]].label
        for slug in demand.types
        if slug in held.type_number
    ]


def neighbours(demand: Request, who: Standing) -> list[Neighbour]:
    """Other requests of the same commune or EPCI that this person handles, latest first (one
    query); alike: the same kind of project, or two words of the need in common.
    """
    keys = [key for key in demand.keys if key.startswith(("com:", "epci:"))]
    found = (
        Request.objects.handled_by(who.user)
        .filter(keys__overlap=keys)
        .exclude(pk=demand.pk)
        .select_related("duplicate_of")
        .order_by("-filed_at")[:_NEIGHBOURS]
    )
    mine, said = set(demand.types), _said(demand.need)
    return [
        Neighbour(
            request=one,
            same_bearer=one.bearer == demand.bearer,
            alike=bool(mine & set(one.types)) or len(said & _said(one.need)) > 1,
        )
        for one in found
    ]


def _said(text: str) -> set[str]:
    return {word for word in words(text) if len(word) > 3} - STOP_WORDS


def passages(entries: list[JournalEntry], who: Standing) -> list[Passage]:
    """Passages in words, latest first, with what was on screen."""
    told = history.lines(entries, who)
    return [Passage(line, entry.shown) for line, entry in zip(told, entries[::-1], strict=True)]


def _justification(demand: Request) -> Any:
    """Why national support was asked for, once it was."""
    if demand.branch != "national" and demand.state != State.REFUSED:
        return None
    return demand.justifications.last()
