"""The CLCT (comité local de cohésion territoriale), as it is read: what awaits it, who sees it.

The 2020 protocol says that each interlocuteur unique who is designated is told to this committee
(feuille de route de l'ANCT, 2020, II.c); the desk also brings what is stuck.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.timezone import localdate, now

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.common.templatetags.maillage import lettres
from maillage.desk import queue
from maillage.desk.enums import (
    OPEN_STATES,
    ConsultationKind,
    ConsultationState,
    SessionState,
    State,
    Verb,
)
from maillage.desk.models import (
    AgendaItem,
    CommitteeSession,
    Consultation,
    Desk,
    JournalEntry,
    Justification,
    Request,
)
from maillage.desk.reach import administers, covers

#: How far back designations are looked for, before the last meeting (or today without one).
LOOKED_BACK: Final = timedelta(days=365)
#: How late a request is before the committee is told of it.
LONG_LATE: Final = timedelta(days=7)
#: The first words of why a designation is on the agenda: the committee has only to know of it.
DESIGNATED: Final = "Interlocuteur désigné"
_LONGEST: Final = 250
_NATIONAL: Final = (State.NATIONAL, State.COMMITTEE, State.ACCEPTED, State.REFUSED)
_LEADS: Final = (Verb.DESIGNATE, Verb.REPLACE_LEAD, Verb.START_SUPPORT)


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that the committee should see, and why, in one line."""

    request: Request
    why: str


# -- Who reads


def visible_sessions(user: User) -> QuerySet[CommitteeSession]:
    """Meetings that `user` may open: those of the desks they work for; once closed, those that an
    observer's territory covers, or in which one of its requests was examined.
    """
    found = CommitteeSession.objects.select_related("desk", "desk__organisation")
    if administers(user):
        return found
    allowed = Q(desk__in=Desk.objects.worked_by(user))
    territories = [body.territory for body in user.bodies(Role.OBSERVER) if body.territory]
    if territories:
        covered = [
            desk.pk
            for desk in Desk.objects.all()
            if any(covers(key, desk.department) for key in territories)
        ]
        theirs = AgendaItem.objects.filter(
            session=OuterRef("pk"), request__keys__overlap=territories
        )
        allowed |= Q(state=SessionState.CLOSED) & (Q(desk__in=covered) | Exists(theirs))
    return found.filter(allowed)


def may_look(user: User) -> bool:
    """True of those who may look for meetings, even before there is one: élus, administrators."""
    return administers(user) or bool(user.bodies(Role.OBSERVER))


def keeps(user: User, session: CommitteeSession) -> bool:
    """True of those who prepare the meeting and write its minutes: the desk and its pilots."""
    return Desk.objects.worked_by(user).filter(pk=session.desk_id).exists()


def items_of(session: CommitteeSession, user: User) -> list[AgendaItem]:
    """The items of the agenda that `user` may read, in order."""
    return list(
        session.items.filter(request__in=Request.objects.visible_to(user)).select_related(
            "request", "request__lead"
        )
    )


def with_counts(sessions: QuerySet[CommitteeSession]) -> QuerySet[CommitteeSession]:
    """The same, each with its ``points`` and how many are ``decided``."""
    return sessions.annotate(
        points=Count("items"), decided=Count("items", filter=~Q(items__decision=""))
    ).order_by("-held_on", "-pk")


# -- What awaits the committee


def pending(desk: Desk) -> list[Pending]:
    """Requests of the desk that the next meeting should see, the most pressing first.

    National support asked or refused; help declined; late for more than a week, or silent; and the
    interlocuteurs designated that no closed meeting has been told of.
    """
    moment = now()
    today = localdate(moment)
    mine = Request.objects.filter(desk=desk).filed()
    reasons: defaultdict[UUID, list[str]] = defaultdict(list)
    for request, text in _national(mine):
        reasons[request].append(text)
    for request, text in _declined(mine):
        reasons[request].append(text)
    stuck = mine.filter(queue.silent(moment) | queue.late(today - LONG_LATE)).select_related("desk")
    stuck = stuck.defer("folded", "keys", "need", "prepared")
    for request in stuck.order_by("due_on", "number"):
        if request.due_on and request.due_on < today - LONG_LATE:
            reasons[request.pk].append(f"En retard : attendue le {lettres(request.due_on)}")
        if queue.silence(request, moment):
            reasons[request.pk].append("La mairie n'a pas de nouvelles, ou ne les ouvre pas")
    for request, text in _designated(desk, moment):
        reasons[request].append(text)
    rows = mine.defer("folded", "keys", "prepared").in_bulk(list(reasons))
    return [
        Pending(rows[pk], " · ".join(lines)[:_LONGEST])
        for pk, lines in reasons.items()
        if pk in rows
    ]


def _national(mine: QuerySet[Request]) -> list[tuple[UUID, str]]:
    rows = mine.filter(state__in=_NATIONAL).order_by("number").only("number", "state")
    refusals = dict(
        Justification.objects.filter(request__in=rows)
        .order_by("created_at", "pk")
        .values_list("request_id", "decision")
    )
    found = []
    for row in rows:
        reason = refusals.get(row.pk, "") if row.state == State.REFUSED else ""
        found.append((row.pk, row.get_state_display() + (f" : {reason}" if reason else "")))
    return found


def _declined(mine: QuerySet[Request]) -> list[tuple[UUID, str]]:
    """Open requests without a lead, of which a body declined to help."""
    rows = mine.filter(state__in=OPEN_STATES, lead=None)
    declined = Consultation.objects.filter(
        request__in=rows, kind=ConsultationKind.HELP, state=ConsultationState.DECLINED
    ).select_related("organisation")
    names: defaultdict[UUID, list[str]] = defaultdict(list)
    for one in declined.order_by("answered_at", "pk"):
        names[one.request_id].append(one.organisation.name)
    return [(pk, f"Déclinée par {', '.join(bodies)}") for pk, bodies in names.items()]


def _designated(desk: Desk, moment: datetime) -> list[tuple[UUID, str]]:
    """Designations that still hold and that no closed meeting has been told of since."""
    last = (
        CommitteeSession.objects.filter(desk=desk, state=SessionState.CLOSED)
        .order_by("-closed_at")
        .values_list("closed_at", flat=True)
        .first()
    )
    told = AgendaItem.objects.filter(
        ~Q(decision=""), request=OuterRef("request"),
        session__state=SessionState.CLOSED, session__closed_at__gte=OuterRef("at"),
    )  # fmt: skip
    passages = (
        JournalEntry.objects.filter(
            request__desk=desk, request__lead__isnull=False, verb__in=_LEADS,
            at__gte=(last or moment) - LOOKED_BACK,
        )
        .exclude(Exists(told))
        .select_related("request__lead")
        .order_by("at")
    )  # fmt: skip
    latest = {passage.request_id: passage for passage in passages}
    return [
        (pk, f"{DESIGNATED} le {lettres(passage.at)} : {passage.request.lead.name}")
        for pk, passage in latest.items()
    ]


def candidates(desk: Desk, user: User) -> QuerySet[Request]:
    """Requests that may be put on an agenda of the desk by `user`."""
    return Request.objects.handled_by(user).filter(desk=desk)
