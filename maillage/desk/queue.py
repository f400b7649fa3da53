"""The agent's queue: what each pile holds, written once for the counts, the rows and the files.

A pile is a condition on the filed requests that a person works on. Its count and its list come
from the same condition, under the same other filters: a count always announces its own rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import (
    Count,
    DateTimeField,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import LessThanOrEqual
from django.utils.timezone import localdate, now

from maillage.accounts.enums import Role
from maillage.accounts.models import Absence, Mandate, User
from maillage.common.templatetags.maillage import lettres
from maillage.desk.enums import (
    ENDED_STATES,
    OPEN_STATES,
    ConsultationKind,
    ConsultationState,
    Hand,
    State,
)
from maillage.desk.forms.queue import MINE, NOBODY, QueueFilters
from maillage.desk.mandates import decides
from maillage.desk.models import Consultation, Desk, Request
from maillage.desk.models.desks import DESK_ROLES
from maillage.desk.models.requests import RequestQuerySet
from maillage.engine.text import words

#: Open states of which the desk itself gives news (not those that an existing circuit carries).
TOLD_BY_DESK: Final = OPEN_STATES - {State.EXISTING_CIRCUIT}


# -- Who looks


@dataclass(frozen=True, slots=True)
class Scope:
    """Who looks at the queue, for which desks, and when.

    ``relayed`` are the absent people whose files they take today.
    """

    user: User
    desks: tuple[Desk, ...]
    relayed: frozenset[int]
    now: datetime
    #: Keys of the desks for which they decide (delegate, or deputy with a delegation).
    decided: frozenset[int] = frozenset()

    @property
    def today(self) -> date:
        """The day in France."""
        return localdate(self.now)

    @property
    def mine(self) -> frozenset[int]:
        """Keys of the people whose requests are theirs today."""
        return self.relayed | {self.user.pk}


def scope_of(user: User) -> Scope:
    """What `user` looks at, now. Without a desk in it, they work for none."""
    desks = tuple(Desk.objects.worked_by(user).order_by("territory"))
    moment = now()
    decided: frozenset[int] = frozenset()
    if any(mandate.role != Role.AGENT for mandate in user.acting):
        decided = frozenset(desk.pk for desk in desks if decides(user, desk))
    return Scope(user, desks, relayed_by(user, localdate(moment)), moment, decided)


def relayed_by(user: User, today: date) -> frozenset[int]:
    """Keys of the people away on `today` whose files come to `user`, from relay to relay."""
    away = list(Absence.objects.on(today).values_list("user_id", "relay_id"))
    found: set[int] = set()
    reached = {user.pk}
    while reached:
        reached = {one for one, relay in away if relay in reached} - found - {user.pk}
        found |= reached
    return frozenset(found)


def colleagues(scope: Scope) -> list[User]:
    """People who may be given the requests of these desks: oneself, then the others by name."""
    working = Mandate.objects.in_force(scope.today).filter(
        Q(organisation__desks__in=scope.desks) | Q(organisation__piloted_desks__in=scope.desks),
        role__in=DESK_ROLES,
    )
    found = User.objects.filter(is_active=True, pk__in=working.values("user"))
    return sorted(found, key=lambda one: (one.pk != scope.user.pk, words(str(one)), one.pk))


# -- Piles


@dataclass(frozen=True, slots=True)
class Pile:
    """A count that is also a filter. The page says its ``meaning``, or ``empty`` of none."""

    code: str
    label: str
    meaning: str
    empty: str
    condition: Callable[[Scope], Q]


def is_open() -> Q:
    """Filed and not ended."""
    return Q(state__in=OPEN_STATES)


def late(today: date) -> Q:
    """Whose next date is past."""
    return Q(state__in=OPEN_STATES, due_on__lt=today)


def unanswered() -> QuerySet[Consultation]:
    """What bodies have still to answer."""
    return Consultation.objects.filter(
        state__in=[ConsultationState.WAITING, ConsultationState.DATE_PROPOSED],
        kind__in=[ConsultationKind.HELP, ConsultationKind.OPINION],
    )


def asked() -> Q:
    """Of which a body has still to answer something."""
    return Q(Exists(unanswered().filter(request=OuterRef("pk"))))


def _limit(moment: datetime) -> ExpressionWrapper:
    """The moment before which a request of its desk is silent."""
    days = ExpressionWrapper(
        F("desk__silent_days") * Value(timedelta(days=1), output_field=DurationField()),
        output_field=DurationField(),
    )
    return ExpressionWrapper(
        Value(moment, output_field=DateTimeField()) - days, output_field=DateTimeField()
    )


def silent(moment: datetime) -> Q:
    """Without news for the mairie since the desk's delay, or whose news the mairie has not opened
    since that delay (`silence` says it of a row in words).
    """
    quiet = Q(LessThanOrEqual(Coalesce("news_at", "filed_at"), _limit(moment)))
    unopened = (
        Q(news_at__isnull=False)
        & (Q(seen_at__isnull=True) | Q(news_at__gt=F("seen_at")))
        & Q(LessThanOrEqual(Coalesce("seen_at", "filed_at"), _limit(moment)))
    )
    return Q(state__in=TOLD_BY_DESK) & (quiet | unopened)


PILES: Final = (
    Pile(
        "en-cours", "En cours", "Toutes celles qui ne sont pas terminées.",
        "Aucune demande n'est en cours.",
        lambda scope: is_open(),
    ),
    Pile(
        "a-qualifier", "À qualifier",
        "Reçues, pas encore qualifiées : la mairie attend une première réponse.",
        "Toutes les demandes reçues sont qualifiées.",
        lambda scope: Q(state=State.RECEIVED),
    ),
    Pile(
        "a-decider", "À décider",
        "Qualifiées : la suite dépend du guichet ou du délégué.",
        "Aucune décision n'attend le guichet ni le délégué.",
        lambda scope: is_open()
        & ~Q(state=State.RECEIVED)
        & Q(hand__in=[Hand.DESK, Hand.DELEGATE]),
    ),
    Pile(
        "en-attente", "En attente de quelqu'un",
        "La mairie, un organisme ou le comité de l'ANCT doit répondre.",
        "Personne ne doit de réponse au guichet.",
        lambda scope: is_open()
        & (Q(state__in=[State.INFORMATION_WANTED, State.LOCAL, State.COMMITTEE]) | asked()),
    ),
    Pile(
        "en-retard", "En retard", "La prochaine date est passée.",
        "Aucune date n'est passée.",
        lambda scope: late(scope.today),
    ),
    Pile(
        "silencieuses", "Silencieuses",
        "La mairie n'a pas de nouvelles, ou n'ouvre pas celles qu'on lui donne : appelez-la.",
        "Toutes les mairies ont des nouvelles récentes, et les ouvrent.",
        lambda scope: silent(scope.now),
    ),
    Pile(
        "partenaire", "Chez un partenaire",
        "Suivies par un interlocuteur ou un circuit existant, ou en attente d'un organisme.",
        "Aucun partenaire n'a de demande en main.",
        lambda scope: is_open()
        & (Q(state__in=[State.LOCAL, State.ACCOMPANIED, State.EXISTING_CIRCUIT]) | asked()),
    ),
    Pile(
        "les-miennes", "Les miennes",
        "En cours : suivies par vous ou par un absent que vous relayez, ou à décider par vous.",
        "Vous ne suivez aucune demande en cours. Cochez celles que vous prenez.",
        lambda scope: is_open() & (
            Q(assigned_to__in=scope.mine) | Q(hand=Hand.DELEGATE, desk__in=scope.decided)
        ),
    ),
    Pile(
        "toutes", "Toutes", "En cours et terminées.",
        "Le guichet n'a encore reçu aucune demande.",
        lambda scope: Q(),
    ),
    Pile(
        "terminees", "Terminées", "Terminées, retirées ou réorientées.",
        "Aucune demande n'est encore terminée.",
        lambda scope: Q(state__in=ENDED_STATES),
    ),
)  # fmt: skip
PILE_BY_CODE: Final = {pile.code: pile for pile in PILES}


def pile_of(filters: QueueFilters) -> Pile:
    """The pile that is asked for; those that are open, without one."""
    return PILE_BY_CODE.get(filters.pile, PILES[0])


# -- Rows


def narrowed(scope: Scope, filters: QueueFilters) -> RequestQuerySet:
    """Requests of every pile that the other filters keep."""
    found = Request.objects.handled_by(scope.user).filter(_matching(scope, filters))
    for word in words(filters.text):
        found = found.filter(folded__contains=word)
    return found


def _matching(scope: Scope, filters: QueueFilters) -> Q:
    same = {
        "state": filters.state,
        "hand": filters.hand,
        "branch": filters.branch,
        "channel": filters.channel,
        "bearer": filters.commune,
        "received_on__gte": filters.since,
        "received_on__lte": filters.until,
        "due_on": filters.due,
        "desk__territory": filters.department and f"dep:{filters.department}",
        "themes__contains": filters.theme and [filters.theme],
        "keys__contains": filters.epci and [f"epci:{filters.epci}"],
    }
    kept = Q(**{name: value for name, value in same.items() if value})
    if filters.phase:
        # What the mairie said, as long as the desk has not said otherwise.
        kept &= Q(phase=filters.phase) | Q(phase="", stage=filters.phase)
    if filters.agent == MINE:
        kept &= Q(assigned_to__in=scope.mine)
    elif filters.agent == NOBODY:
        kept &= Q(assigned_to=None)
    elif filters.agent:
        kept &= Q(assigned_to=int(filters.agent))
    return kept


def counts(scope: Scope, filters: QueueFilters) -> dict[str, int]:
    """How many requests each pile holds under these filters, by its code: one query."""
    found = narrowed(scope, filters).aggregate(
        **{pile.code: Count("pk", filter=pile.condition(scope)) for pile in PILES}
    )
    return dict(found)


def chosen(scope: Scope, filters: QueueFilters) -> RequestQuerySet:
    """The requests of the pile, in no particular order: list, map, calendar and files use it."""
    return narrowed(scope, filters).filter(pile_of(filters).condition(scope))


_ORDERS: Final = {
    "echeance": (F("due_on").asc(nulls_last=True), "received_on"),
    "anciennes": ("received_on",),
    "recentes": ("-received_on",),
    "commune": ("folded",),
    "silence": (Coalesce("news_at", "filed_at"),),
    "numero": ("number",),
}


def ordered(scope: Scope, filters: QueueFilters) -> RequestQuerySet:
    """The requests of the pile, in the order that is asked for."""
    return chosen(scope, filters).order_by(*_ORDERS[filters.sort], "number")


def rows(filters: QueueFilters, keys: QuerySet[Any]) -> RequestQuerySet:
    """The requests of `keys` (`ordered`, or a page of it) as the list shows them: in the same
    order, with who has them in hand. Only these are read whole: sorting all of them would be slow.
    """
    waiting = unanswered().select_related("organisation")
    return (
        Request.objects.filter(pk__in=keys.values("pk"))
        .order_by(*_ORDERS[filters.sort], "number")
        .select_related("desk", "lead", "assigned_to", "duplicate_of")
        .prefetch_related(Prefetch("consultations", waiting, to_attr="asked"))
        .defer("folded")
    )


# -- Silence in words


@dataclass(frozen=True, slots=True)
class Silence:
    """Why a request is silent, in sentences, and since when (the oldest reason)."""

    since: date
    reasons: tuple[str, ...]


def silence(request: Request, moment: datetime) -> Silence | None:
    """Why a request is silent at `moment`; ``None`` when it is not. Same rule as `silent`."""
    if request.state not in TOLD_BY_DESK or request.desk is None or request.filed_at is None:
        return None
    limit = moment - timedelta(days=request.desk.silent_days)
    told = request.news_at or request.filed_at
    opened = request.seen_at or request.filed_at
    reasons, starts = [], []
    if told <= limit:
        starts.append(told)
        reasons.append(
            f"La mairie n'a eu aucune nouvelle depuis le {lettres(told)}."
            if request.news_at
            else f"La mairie n'a eu aucune nouvelle depuis son dépôt, le {lettres(told)}."
        )
    unread = request.news_at and (request.seen_at is None or request.news_at > request.seen_at)
    if unread and opened <= limit:
        starts.append(opened)
        who = "Elle" if reasons else "La mairie"
        reasons.append(
            f"{who} n'a pas ouvert la nouvelle du {lettres(request.news_at)} : sa dernière visite "
            f"est du {lettres(opened)}."
            if request.seen_at
            else f"{who} n'a jamais ouvert sa demande depuis le dépôt, le {lettres(opened)}."
        )
    return Silence(localdate(min(starts)), tuple(reasons)) if starts else None
