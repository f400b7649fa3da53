"""What the desk writes of its CLCT: agenda, minutes, and decisions given back to the requests."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.timezone import localdate, now

from maillage.accounts.models import User
from maillage.common.templatetags.maillage import lettres
from maillage.desk import committee, notifications, people
from maillage.desk.enums import SessionState
from maillage.desk.models import AgendaItem, CommitteeSession, Desk, Request, Task
from maillage.desk.services.core import (
    Act,
    AlreadyDone,
    Conflict,
    Incomplete,
    NotAllowed,
    lock,
    note,
    told,
)

_CHANGED = (
    "Quelqu'un a enregistré cette séance pendant que vous écriviez. Rien n'est perdu : votre "
    "saisie est ci-dessous. Relisez, puis enregistrez à nouveau."
)
_ONE_A_DAY = "Une séance est déjà prévue ce jour-là : ouvrez-la, ou changez la date."


@transaction.atomic
def plan(*, desk: Desk, by: User, held_on: date, place: str = "") -> CommitteeSession:
    """Plan a meeting of the desk's CLCT. One a day at most (a double click makes one)."""
    if not Desk.objects.worked_by(by).filter(pk=desk.pk).exists():
        raise NotAllowed("Seul le guichet, ou un service qui pilote avec lui, prévoit une séance.")
    Desk.objects.select_for_update().get(pk=desk.pk)
    _free(desk, held_on)
    return CommitteeSession.objects.create(desk=desk, held_on=held_on, place=place.strip())


@transaction.atomic
def save_agenda(
    *,
    session: CommitteeSession,
    by: User,
    version: int | None,
    held_on: date,
    place: str,
    requests: Sequence[UUID],
    whys: Mapping[UUID, str],
) -> CommitteeSession:
    """Write the date, the place and the items of the agenda, in the order of `requests`.

    `whys` says of a new item why it is there. An item already decided cannot be taken off.
    """
    held = _hold(session, by, version)
    if held_on != held.held_on:
        _free(held.desk, held_on)
    held.held_on, held.place = held_on, place.strip()
    present = {item.request_id: item for item in held.items.select_related("request")}
    read = set(Request.objects.visible_to(by).filter(pk__in=present).values_list("pk", flat=True))
    wanted = list(dict.fromkeys(requests))
    for pk, item in present.items():
        if pk in wanted or pk not in read:  # what one does not see, one does not take off
            continue
        if item.decision or item.task:
            raise Incomplete(
                {
                    "items": f"Un relevé est déjà écrit pour la demande {item.request.number} : "
                    "effacez-le avant de la retirer."
                }
            )
        item.delete()
    allowed = committee.candidates(held.desk, by).in_bulk(
        [pk for pk in wanted if pk not in present]
    )
    for position, pk in enumerate(wanted):
        if pk in present:
            AgendaItem.objects.filter(pk=present[pk].pk).update(position=position)
        elif pk in allowed:
            why = whys.get(pk) or f"Ajoutée par {by}"
            AgendaItem.objects.create(
                session=held, request=allowed[pk], position=position, why=why[:250]
            )
    return _kept(held)


@transaction.atomic
def save_minutes(
    *,
    session: CommitteeSession,
    by: User,
    version: int | None,
    present: str,
    minutes: str,
    items: Mapping[int, tuple[str, str]],
) -> CommitteeSession:
    """Write who was there, the general notes, and of each item (by key) its decision and task."""
    held = _hold(session, by, version)
    held.present, held.minutes = present.strip(), minutes.strip()
    for item in held.items.all():
        if item.pk in items:
            decision, task = items[item.pk]
            item.decision, item.task = decision.strip(), task.strip()[:250]
            item.save(update_fields=["decision", "task", "updated_at"])
    return _kept(held)


@transaction.atomic
def close(*, session: CommitteeSession, by: User, version: int | None) -> CommitteeSession:
    """Close the meeting: each decision is written in its request, told to the mairie, and followed
    by a task of the desk if one was noted. An item without a decision will come back.

    Raises `AlreadyDone` when it is closed, `Incomplete` when it is still to be held or when nothing
    was decided.
    """
    held = _hold(session, by, version, closing=True)
    if held.held_on > localdate():
        raise Incomplete(
            {
                "held_on": f"La séance est prévue le {lettres(held.held_on)} : si elle a déjà été "
                "tenue, corrigez sa date dans l'ordre du jour."
            }
        )
    decided = list(held.items.exclude(decision="").select_related("request"))
    if not decided:
        raise Incomplete({"items": "Écrivez au moins une décision avant d'arrêter le relevé."})
    for item in sorted(decided, key=lambda one: str(one.request_id)):  # one order: no deadlock
        _write_back(held, item, by)
    held.state, held.closed_at, held.closed_by = SessionState.CLOSED, now(), by
    return _kept(held)


@transaction.atomic
def cancel(*, session: CommitteeSession, by: User) -> None:
    """Forget a meeting that will not be held. One whose minutes are begun stays."""
    held = _hold(session, by, None)
    if held.present or held.minutes or held.items.exclude(decision="").exists():
        raise NotAllowed("Le relevé de cette séance est commencé : elle ne se supprime plus.")
    held.delete()


def _write_back(session: CommitteeSession, item: AgendaItem, by: User) -> None:
    request: Request = lock(item.request)
    # The meeting is the desk's: its right is checked on the desk, once, by `_hold`.
    entry = note(
        request, "committee_decision", Act(by=by),
        data={"session": session.pk, "held_on": session.held_on.isoformat(),
              "decision": item.decision},
        internal=False,
    )  # fmt: skip
    if item.task:
        task = Task.objects.create(
            request=request, label=item.task, assigned_to=request.assigned_to
        )
        note(request, "task_added", Act(by=by), data={"label": task.label, "task": task.pk})
    told(request)
    notifications.CommitteeDecided(request, session.held_on, item.decision).send(
        to=[*people.applicants(request), *people.lead_people(request)],
        emails=people.contact_addresses(request),
        key=str(entry.pk),
    )


def _hold(
    session: CommitteeSession, by: User, version: int | None, *, closing: bool = False
) -> CommitteeSession:
    """The meeting as it is now, locked, if `by` may write in it."""
    held = (
        CommitteeSession.objects.select_for_update(of=("self",))
        .select_related("desk")
        .get(pk=session.pk)
    )
    if not committee.keeps(by, held):
        raise NotAllowed("Seul le guichet, ou un service qui pilote avec lui, tient cette séance.")
    if held.state == SessionState.CLOSED:
        if closing:
            raise AlreadyDone
        raise NotAllowed("Le relevé de cette séance est arrêté : il ne se modifie plus.")
    if version is not None and version != held.version:
        raise Conflict(_CHANGED)
    return held


def _kept(held: CommitteeSession) -> CommitteeSession:
    held.version += 1
    held.save()
    return held


def _free(desk: Desk, held_on: date) -> None:
    if CommitteeSession.objects.filter(desk=desk, held_on=held_on).exists():
        raise Incomplete({"held_on": _ONE_A_DAY})
