"""How a verb is done: lock, check, write, journal. Every change of a request goes through here."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate, now

from maillage.accounts.models import User
from maillage.common.transitions import TransitionRefused
from maillage.common.workdays import add_working_days
from maillage.desk import lifecycle, perms
from maillage.desk.enums import ENDED_STATES, Channel, Hand, State, Verb
from maillage.desk.models import JournalEntry, Request


class NotAllowed(Exception):
    """This person may not do this; the message says why, in French."""


class Conflict(Exception):
    """Someone else acted meanwhile; the message says who and what, in French."""


class AlreadyDone(Exception):
    """The same form came twice: what it asks is already done."""


class Incomplete(Exception):
    """Something is missing: ``errors`` gives a message by field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Act:
    """Who does something, how, and what they had before their eyes.

    ``version`` is the one of the page they acted from (``None``: not from a page); ``once`` tells
    a form sent twice; ``shown`` is what `snapshots.kept` made of the proposals on screen;
    ``channel`` and ``on_behalf_of`` say how an agent received what they type for another;
    ``by_label`` names a rule or a task when no person acts.
    """

    by: User
    version: int | None = None
    once: UUID | None = None
    reason: str = ""
    channel: str = Channel.ONLINE
    on_behalf_of: str = ""
    by_label: str = ""
    shown: dict[str, Any] = field(default_factory=dict)


def lock(request: Request) -> Request:
    """The request as it is now, held until the end of the transaction."""
    return (
        Request.objects.select_for_update(of=("self",))
        .select_related("desk", "desk__organisation", "applicant", "lead", "assigned_to")
        .get(pk=request.pk)
    )


def begin(request: Request, verb: str, act: Act) -> Request:
    """Lock the request and check that `act` may use `verb` on it now.

    Raises `AlreadyDone`, `Conflict`, `NotAllowed` or ``TransitionRefused``. Call it in a
    transaction, change the fields of what it returns, then call `finish`.
    """
    held = _checked(request, act)
    who = perms.standing(act.by, held)
    right = perms.may(verb, who)
    if not right:
        raise NotAllowed(right.reason)
    speaks_for_itself(act, who)
    lifecycle.LIFE.after(verb, held.state)
    return held


def begin_work(request: Request, act: Act) -> Request:
    """Like `begin`, for the desk's work that does not change the state of a filed request."""
    held = _checked(request, act)
    right = perms.may_work(perms.standing(act.by, held))
    if not right:
        raise NotAllowed(right.reason)
    if held.is_draft:
        raise TransitionRefused("Cette demande n'est pas encore déposée.")
    return held


def _checked(request: Request, act: Act) -> Request:
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a verb must be done in a transaction")
    held = lock(request)
    if act.once and JournalEntry.objects.filter(once=act.once).exists():
        raise AlreadyDone
    if act.version is not None and act.version != held.version:
        raise Conflict(_who_acted(held))
    return held


def _who_acted(held: Request) -> str:
    last = held.journal.order_by("-rank").first()
    who = last.by_label if last else "Quelqu'un"
    return (
        f"{who} a agi sur cette demande pendant que vous écriviez. Rien n'est perdu : votre saisie "
        "est ci-dessous. Relisez la demande, puis validez à nouveau si c'est toujours juste."
    )


def finish(
    held: Request,
    verb: str,
    act: Act,
    *,
    data: dict[str, Any] | None = None,
    due_on: date | None = None,
    internal: bool = False,
) -> JournalEntry:
    """Move the locked request by `verb`, save it and write the passage.

    `data` is kept in the journal and read again by `lifecycle.replay` (``lead``, ``grounds``…).
    `due_on` is the next deadline; without one there is none.
    """
    data = data or {}
    before = held.state
    place = lifecycle.after(held.position, verb, data)
    held.state, held.branch, held.lead_id = place.state, place.branch, place.lead
    if held.lead_id is None:
        held.lead_kind = held.lead_person = held.lead_phone = held.lead_email = ""
    if verb != Verb.PREPARE:
        held.prepared = {}
    held.hand = lifecycle.hand(held.state, prepared=bool(held.prepared))
    held.due_on = due_on
    held.late_notified_on = None
    held.ended_at = now() if held.state in ENDED_STATES else None
    if held.first_answer_at is None and verb in FIRST_ANSWERS:
        held.first_answer_at = now()
    return _write(held, verb, before, act, data, internal)


#: The verbs by which a mairie gets a first answer from its desk.
FIRST_ANSWERS = frozenset(
    {Verb.ASK_INFORMATION, Verb.QUALIFY, Verb.ENTRUST, Verb.REORIENT, Verb.CLOSE}
)


def note(
    held: Request,
    word: str,
    act: Act,
    *,
    data: dict[str, Any] | None = None,
    internal: bool = True,
) -> JournalEntry:
    """Write in the journal of the locked request something that does not move it."""
    return _write(held, word, held.state, act, data or {}, internal)


def _write(
    held: Request, verb: str, before: str, act: Act, data: dict[str, Any], internal: bool
) -> JournalEntry:
    held.version += 1
    held.save()
    return JournalEntry.objects.create(
        request=held,
        rank=held.version,
        verb=verb,
        from_state=before,
        to_state=held.state,
        by=act.by,
        by_label=act.by_label or label_of(act.by, held),
        reason=act.reason,
        channel=act.channel,
        on_behalf_of=act.on_behalf_of,
        data=data,
        shown=act.shown,
        internal=internal,
        once=act.once,
    )


def label_of(user: User, request: Request) -> str:
    """« Claire Martin, Préfecture de la Dordogne »: name and the body acted for in this request."""
    who = perms.standing(user, request)
    body = next((m.organisation.name for m in user.acting if m.organisation_id in who.bodies), "")
    return f"{user}, {body}" if body else str(user)


def in_days(held: Request, days: int) -> date:
    """The date in `days` working days from today, by the calendar of the request's desk."""
    return add_working_days(localdate(), days, held.desk.department if held.desk else "")


def required(text: str, field: str, message: str) -> str:
    """`text` without its outer blanks. Raises `Incomplete` with `message` when nothing is left."""
    text = text.strip()
    if not text:
        raise Incomplete({field: message})
    return text


def speaks_for_itself(act: Act, who: perms.Standing) -> None:
    """Check that only the desk types for another. Raises `NotAllowed`."""
    if act.on_behalf_of and not who.agent:
        raise NotAllowed("Seul le guichet note ce qu'un autre lui a dit : écrivez en votre nom.")


def told(held: Request) -> None:
    """Remember that the mairie has been told something now."""
    held.news_at = now()
    held.save(update_fields=["news_at"])


def holder_in_words(request: Request) -> str:
    """Who has the hand, as the mairie reads it: « Le guichet », « DDT de la Dordogne »…"""
    if request.hand == Hand.LEAD and request.lead:
        return request.lead.name
    if request.state == State.DRAFT:
        return "Vous"
    return Hand(request.hand).label
