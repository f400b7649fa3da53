"""What the mairie sees: its requests, and one of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.common.paging import page_numbers
from maillage.common.tables import export, in_a_cell
from maillage.desk import history, nextsteps, perms, threads
from maillage.desk.enums import (
    ENDED_STATES,
    OPEN_STATES,
    ConsultationState,
    DeskMode,
    Hand,
    State,
    Verb,
)
from maillage.desk.lifecycle import LIFE, STEPS, step_of
from maillage.desk.models import JournalEntry, Request
from maillage.desk.nextsteps import NextStep
from maillage.desk.perms import Standing
from maillage.desk.services.core import holder_in_words
from maillage.desk.threads import Thread
from maillage.desk.views.projects import project_of
from maillage.engine.text import words

PER_PAGE: Final = 20
LONGEST_TEXT: Final = 200
_KEPT: Final = {"en-cours": Q(state__in=OPEN_STATES), "terminees": Q(state__in=ENDED_STATES)}
_HEADER: Final = (
    "Numéro", "Déposée le", "Pour", "Besoin", "Où en est-elle", "Qui a la main",
    "Prochaine date", "Ce qui est attendu", "Interlocuteur unique", "Téléphone", "Courriel",
    "Terminée le", "Ce que cela a donné",
)  # fmt: skip


# -- The list


@dataclass(frozen=True, slots=True)
class Row:
    """A request in the list. ``holder`` is who has the hand, in words; "" when nobody has."""

    demand: Request
    step: NextStep
    where: str
    holder: str
    expected: bool


@require_safe
def mine(request: HttpRequest) -> HttpResponseBase:
    """« Mes demandes »: drafts, then what is filed; those that await the mairie come first."""
    text = "".join(c if c.isprintable() else " " for c in request.GET.get("q", ""))[:LONGEST_TEXT]
    kept = request.GET.get("montrer", "")
    own = _own(request.user)
    rows = _found(own.filed(), text, kept)
    if "export" in request.GET:
        return export(
            f"mes-demandes-{localdate():%Y-%m-%d}", _HEADER, _cells(rows, request.user),
            request.GET["export"],
        )  # fmt: skip
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "drafts": list(own.filter(state=State.DRAFT).order_by("-updated_at")[:PER_PAGE]),
        "page": page,
        "pages": page_numbers(page),
        "rows": [_row(demand, request.user) for demand in page],
        "text": text.strip(),
        "kept": kept if kept in _KEPT else "",
        "bodies": request.user.bodies(Role.APPLICANT),
        "works": [mandate.role for mandate in request.user.acting],
    }
    return render(request, "desk/mine/list.html", context)


def _own(user: User) -> Any:
    """Requests that `user` reads as the mairie: those of its bodies, and those they wrote."""
    bodies = [body.pk for body in user.bodies(Role.APPLICANT)]
    return (
        Request.objects.visible_to(user)
        .filter(Q(applicant__in=bodies) | Q(created_by=user))
        .defer("folded")
    )


def _found(own: QuerySet[Request], text: str, kept: str) -> QuerySet[Request]:
    for word in words(text):
        own = own.filter(folded__contains=word)
    first = Case(
        When(hand=Hand.APPLICANT, then=Value(0)),
        When(state__in=ENDED_STATES, then=Value(2)),
        default=Value(1),
        output_field=IntegerField(),
    )
    found = own.filter(_KEPT.get(kept, Q())).select_related("desk", "lead")
    return found.order_by(first, "-filed_at", "number")


def _row(demand: Request, user: User) -> Row:
    who = Standing(user=user, request=demand, applicant=True)
    return Row(
        demand=demand,
        step=nextsteps.next_step(demand, who, localdate()),
        where=nextsteps.state_in_words(demand),
        holder="" if demand.is_ended else _holder(demand),
        expected=demand.hand == Hand.APPLICANT,
    )


def _holder(demand: Request) -> str:
    return "Vous" if demand.hand == Hand.APPLICANT else holder_in_words(demand)


def _cells(rows: QuerySet[Request], user: User) -> Iterator[tuple[Any, ...]]:
    for demand in rows.iterator(chunk_size=500):
        row = _row(demand, user)
        yield (
            demand.number, in_a_cell(demand.filed_at), demand.asker, demand.need, row.where,
            row.holder, demand.due_on.isoformat() if demand.due_on else "", row.step.sentence,
            demand.lead.name if demand.lead else "", demand.lead_phone, demand.lead_email,
            in_a_cell(demand.ended_at), demand.outcome_text,
        )  # fmt: skip


# -- One request


@dataclass(frozen=True, slots=True)
class Step:
    """One of the five steps. ``state``: « fait », « en cours », « à venir » or « sans objet »."""

    label: str
    state: str
    current: bool


def steps_of(demand: Request, journal: Iterable[JournalEntry]) -> list[Step]:
    """The five steps of `demand`, by where its journal says that it has been (latest last)."""
    here = demand.step
    been: set[int] = set()
    for entry in journal:
        been = {0} if entry.verb == Verb.REOPEN else been | {step_of(entry.to_state)}
    found = []
    for number, (label, _) in enumerate(STEPS):
        if number == here:
            state = "fait" if demand.is_ended else "en cours"
        elif number > here:
            state = "à venir"
        else:
            state = "fait" if number in been or number == 0 else "sans objet"
        if number == here:
            label = _SAID.get(demand.state, label)
        found.append(Step(label, state, number == here))
    return found


_AWAITED: Final = "Un interlocuteur va vous être désigné"
#: How the present step is called, where its plain name would mislead.
_SAID: Final = {
    State.NATIONAL: _AWAITED,
    State.COMMITTEE: _AWAITED,
    State.ACCEPTED: _AWAITED,
    State.REFUSED: _AWAITED,
    State.CONVENTION: _AWAITED,
    State.WITHDRAWN: "Retirée",
    State.REORIENTED: "Réorientée",
}


def applicant_page(
    request: HttpRequest,
    demand: Request,
    who: Standing,
    *,
    thread: Thread | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a filed request for its mairie. `thread` is one whose form is shown again."""
    entries = list(perms.journal(who))
    today = localdate()
    context = {
        "demand": demand,
        "who": who,
        "steps": steps_of(demand, entries),
        "next": nextsteps.next_step(demand, who, today),
        "question": _question(demand, entries),
        "state": nextsteps.state_in_words(demand),
        "holder": "" if demand.is_ended else _holder(demand),
        "late": nextsteps.is_late(demand, today),
        "unopened": nextsteps.is_unopened(demand),
        "lead_phone": nextsteps.telephone(demand.lead_phone),
        "desk_phone": nextsteps.telephone(demand.desk.phone) if demand.desk else "",
        "circuit": demand.desk is not None and demand.desk.mode == DeskMode.EXISTING_CIRCUIT,
        "proposed": _proposed(demand),
        "thread": thread or threads.thread_of(who, whole="tout" in request.GET),
        "documents": perms.attachments(who),
        "may_attach": not demand.is_ended,
        "history": history.lines(entries, who, nextsteps.known_at(demand)),
        "may_withdraw": Verb.WITHDRAW in LIFE.possible(demand.state),
        **project_of(demand, request.user, who),
    }
    return render(request, "desk/request/applicant.html", context, status=status)


def _question(demand: Request, entries: list[JournalEntry]) -> str:
    """What the desk is waiting for the mairie to tell; "" when nothing is."""
    if demand.state != State.INFORMATION_WANTED:
        return ""
    asked = (e.data.get("question") for e in reversed(entries) if e.verb == Verb.ASK_INFORMATION)
    return str(next(asked, None) or "")


def _proposed(demand: Request) -> Any:
    """The date that the designated interlocuteur proposes, if it does."""
    if demand.state != State.LOCAL:
        return None
    return demand.consultations.filter(
        as_lead=True, organisation=demand.lead, state=ConsultationState.DATE_PROPOSED
    ).first()
