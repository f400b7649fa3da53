"""What a desk does of a request before its branch is chosen, and how a request ends."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from maillage.accounts.models import Organisation, User
from maillage.common.transitions import TransitionRefused
from maillage.desk import notifications, people, perms
from maillage.desk.enums import (
    Branch,
    Capacity,
    ConsultationState,
    DeskMode,
    NeedLevel,
    Outcome,
    State,
    Verb,
)
from maillage.desk.models import Request
from maillage.desk.services import desks, local
from maillage.desk.services.core import (
    Act,
    Incomplete,
    NotAllowed,
    begin,
    begin_work,
    finish,
    in_days,
    note,
    required,
    told,
)
from maillage.engine.vocabulary import PHASES, THEMES


@transaction.atomic
def ask_information(
    *, request: Request, act: Act, question: str, due_on: date | None = None
) -> Request:
    """Ask the mairie for a precision: it has the hand until `due_on` (the desk's delay if none)."""
    held = begin(request, Verb.ASK_INFORMATION, act)
    question = required(question, "question", "Écrivez ce que vous voulez savoir.")
    if due_on is not None and due_on < localdate():
        raise Incomplete({"due_on": "Cette date est passée : donnez un délai à venir."})
    due = due_on or in_days(held, held.desk.information_days)
    entry = finish(held, Verb.ASK_INFORMATION, act, data={"question": question}, due_on=due)
    told(held)
    notifications.InformationWanted(held, question).send(
        to=people.applicants(held), emails=people.contact_addresses(held), key=str(entry.pk)
    )
    return held


@transaction.atomic
def give_information(*, request: Request, act: Act, text: str) -> Request:
    """The mairie's answer: the request goes back to the desk."""
    held = begin(request, Verb.GIVE_INFORMATION, act)
    text = required(text, "text", "Écrivez votre réponse.")
    entry = finish(
        held, Verb.GIVE_INFORMATION, act,
        data={"text": text}, due_on=in_days(held, held.desk.first_answer_days),
    )  # fmt: skip
    notifications.InformationGiven(held, text).send(to=people.agents(held), key=str(entry.pk))
    return held


@transaction.atomic
def qualify(
    *,
    request: Request,
    act: Act,
    themes: Sequence[str],
    phase: str,
    level: str,
    note: str = "",
    staff: str | None = None,
) -> Request:
    """Say what the request is about: `themes` (1 to 4), `phase`, `level` of need, the agent's note.

    `staff`: what the mairie declares of its staff, when it was asked. Raises `Incomplete`.
    """
    held = begin(request, Verb.QUALIFY, act)
    errors = {}
    if not themes or not set(themes) <= set(THEMES) or len(set(themes)) > 4:
        errors["themes"] = "Choisissez de un à quatre thèmes."
    if phase not in PHASES:
        errors["phase"] = "Choisissez l'étape du projet."
    if level not in NeedLevel.values:
        errors["level"] = "Choisissez le niveau du besoin."
    if errors:
        raise Incomplete(errors)
    first = held.state == State.RECEIVED
    held.themes, held.phase, held.level = list(dict.fromkeys(themes)), phase, level
    held.agent_note = note
    if staff is not None:
        held.staff = staff
    if held.assigned_to is None:
        held.assigned_to = act.by
    entry = finish(
        held, Verb.QUALIFY, act,
        data={"themes": held.themes, "phase": phase, "level": level},
        due_on=in_days(held, held.desk.decision_days),
    )  # fmt: skip
    if first:
        told(held)
        notifications.RequestQualified(held).send(
            to=people.applicants(held), emails=people.contact_addresses(held), key=str(entry.pk)
        )
    return held


@transaction.atomic
def prepare(
    *,
    request: Request,
    act: Act,
    branch: str,
    organisation: Organisation | None = None,
    lead_kind: str = "",
    text: str = "",
) -> Request:
    """Prepare the decision for the delegate: the branch, and whom to designate. They decide."""
    held = begin(request, Verb.PREPARE, act)
    if branch not in Branch.values:
        raise Incomplete({"branch": "Choisissez la réponse locale ou l'appui national."})
    if branch == Branch.LOCAL and organisation is None:
        raise Incomplete({"organisation": "Choisissez qui serait l'interlocuteur unique."})
    held.prepared = {
        "branch": branch,
        "organisation": organisation.pk if organisation else None,
        "organisation_name": organisation.name if organisation else "",
        "lead_kind": lead_kind,
        "text": text,
        "by": str(act.by),
    }
    entry = finish(
        held, Verb.PREPARE, act, data=dict(held.prepared), due_on=held.due_on, internal=True
    )
    notifications.DecisionPrepared(held).send(to=people.deciders(held), key=str(entry.pk))
    return held


@transaction.atomic
def group(*, request: Request, act: Act, with_request: Request) -> Request:
    """Group a duplicate with another request of the same desk (it stays open until closed)."""
    _in_one_order(request, with_request)
    held = begin_work(request, act)
    with_request.refresh_from_db(fields=["state", "duplicate_of"])
    target = with_request.duplicate_of or with_request
    if target.pk == held.pk:
        raise Incomplete({"with_request": "Une demande ne se regroupe pas avec elle-même."})
    if target.is_draft or not Request.objects.handled_by(act.by).filter(pk=target.pk).exists():
        raise Incomplete({"with_request": "Cette demande n'est pas d'un de vos guichets."})
    held.duplicate_of = target
    held.duplicates.update(duplicate_of=target)
    note(held, "group", act, data={"with": str(target.pk), "number": target.number})
    return held


def _in_one_order(request: Request, other: Request) -> None:
    """Hold both requests and their duplicates, so that two groupings at once follow each other."""
    both = Q(pk__in=[request.pk, other.pk]) | Q(duplicate_of=request.pk)
    list(Request.objects.select_for_update().filter(both).order_by("pk").values_list("pk"))


@transaction.atomic
def ungroup(*, request: Request, act: Act) -> Request:
    """Take the request out of its group."""
    held = begin_work(request, act)
    if held.duplicate_of is None:
        return held
    held.duplicate_of = None
    note(held, "ungroup", act)
    return held


@transaction.atomic
def assign(*, requests: Iterable[Request], by: User, to: User | None) -> tuple[int, int]:
    """Give requests to an agent (``None``: to nobody); return how many were given and left.

    Left: those that `by` may not work on, or whose desk `to` does not work for.
    """
    given = left = 0
    new: list[tuple[Request, str]] = []
    for request in sorted(requests, key=lambda r: str(r.pk)):  # one order: no deadlock
        try:
            held = begin_work(request, Act(by=by))
        except NotAllowed:
            left += 1
            continue
        if to is not None and not perms.standing(to, held).agent:
            left += 1
            continue
        given += 1
        if held.assigned_to == to:
            continue
        held.assigned_to = to
        entry = note(held, "assign", Act(by=by), data={"to": str(to) if to else ""})
        new.append((held, str(entry.pk)))
    if to is not None and to != by and new:
        _tell_assigned(new, to)
    return given, left


def _tell_assigned(new: list[tuple[Request, str]], to: User) -> None:
    """One message, however many requests were given at once."""
    requests = [request for request, _ in new]
    first, key = new[0]
    message = (
        notifications.RequestAssigned(first)
        if len(new) == 1
        else notifications.RequestsAssigned(requests)
    )
    message.send(to=people.in_charge(first, to), key=key)


@transaction.atomic
def entrust(*, request: Request, act: Act, organisation: Organisation | None = None) -> Request:
    """Hand the request over to the circuit that the delegate has declared (`organisation`, when it
    is said, must be that one): the desk is informed and counts, it does not carry the request.

    Source: Sénat, rapport n° 126, 2024-2025, 2.E. Elsewhere, who follows a request is designated.
    """
    held = begin(request, Verb.ENTRUST, act)
    circuit = held.desk.circuit
    if held.desk.mode != DeskMode.EXISTING_CIRCUIT or circuit is None:
        raise TransitionRefused(
            "Ce guichet porte lui-même ses demandes. Pour les confier à un circuit existant, le "
            "délégué le déclare d'abord dans les réglages."
        )
    if organisation not in {None, circuit}:
        raise NotAllowed(f"Le circuit existant déclaré par le délégué est {circuit}.")
    local.hand_over(held, act)
    return held


@transaction.atomic
def reorient(*, request: Request, act: Act, to: str) -> Request:
    """Say that another body answers better, and end here. `to` is its name; the reason is said."""
    held = begin(request, Verb.REORIENT, act)
    to = required(to, "to", "Dites vers qui la mairie doit se tourner.")
    reason = required(act.reason, "reason", "Dites pourquoi : la mairie le lira.")
    held.reoriented_to = to
    entry = finish(held, Verb.REORIENT, act, data={"to": to})
    _end(held)
    notifications.RequestReoriented(held, reason).send(
        to=people.applicants(held), emails=people.contact_addresses(held), key=str(entry.pk)
    )
    return held


@transaction.atomic
def close(*, request: Request, act: Act, outcome: str, text: str = "") -> Request:
    """End the request: `outcome` among `Outcome`, `text` says what it gave, for the mairie."""
    held = begin(request, Verb.CLOSE, act)
    if outcome not in Outcome.values:
        raise Incomplete({"outcome": "Choisissez comment la demande se termine."})
    if outcome == Outcome.DUPLICATE and held.duplicate_of is None:
        raise Incomplete({"outcome": "Regroupez d'abord cette demande avec l'autre."})
    if held.state == State.LOCAL and not perms.standing(act.by, held).agent:
        raise NotAllowed("Acceptez ou déclinez d'abord le suivi de cette demande.")
    held.outcome = outcome
    held.outcome_text = required(text, "text", "Dites en une phrase ce que cela a donné.")
    entry = finish(held, Verb.CLOSE, act, data={"outcome": outcome, "text": held.outcome_text})
    _end(held)
    notifications.RequestClosed(held).send(
        to=[*people.applicants(held), *people.lead_people(held)],
        emails=people.contact_addresses(held),
        key=str(entry.pk),
    )
    return held


@transaction.atomic
def withdraw(*, request: Request, act: Act) -> Request:
    """The mairie takes its request back, whatever the reason."""
    held = begin(request, Verb.WITHDRAW, act)
    entry = finish(held, Verb.WITHDRAW, act)
    by_desk = perms.standing(act.by, held).agent
    _end(held, news=by_desk)
    notifications.RequestWithdrawn(held, act.reason).send(
        to=[
            *people.agents(held), *people.lead_people(held), *people.committee(held),
            *(people.applicants(held) if by_desk else ()),
        ],
        emails=people.contact_addresses(held) if by_desk else (),
        key=str(entry.pk),
    )  # fmt: skip
    return held


@transaction.atomic
def reopen(*, request: Request, act: Act) -> Request:
    """Open again what had ended: it comes back to the desk, with a new first deadline."""
    held = begin(request, Verb.REOPEN, act)
    required(act.reason, "reason", "Dites pourquoi vous rouvrez cette demande.")
    held.outcome = held.outcome_text = held.reoriented_to = ""
    desks.leave(held, Capacity.LEAD)
    desks.leave(held, Capacity.COMMITTEE)
    entry = finish(held, Verb.REOPEN, act, due_on=in_days(held, held.desk.first_answer_days))
    told(held)
    notifications.RequestReopened(held, act.reason).send(
        to=[*people.agents(held), *people.applicants(held)],
        emails=people.contact_addresses(held),
        key=str(entry.pk),
    )
    return held


def _end(held: Request, *, news: bool = True) -> None:
    """What is still asked of bodies is without object, they are told; the mairie has had news,
    unless it ended the request itself.
    """
    if news:
        told(held)
    waiting = held.consultations.filter(
        state__in=[ConsultationState.WAITING, ConsultationState.DATE_PROPOSED]
    )
    for question in waiting.select_for_update(of=("self",)).select_related("organisation"):
        question.state = ConsultationState.CANCELLED
        question.save(update_fields=["state", "updated_at"])
        notifications.HelpCancelled(question).send(
            to=people.members([question.organisation]), key=f"ended-{question.pk}"
        )
