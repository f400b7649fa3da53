"""« Ce qui m'est demandé »: what bodies are asked, follow, are told; what observers may read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.common.paging import page_numbers
from maillage.common.tables import export, in_a_cell
from maillage.desk.enums import Capacity, ConsultationKind, ConsultationState, State
from maillage.desk.models import Consultation, Party, Request
from maillage.desk.models.desks import DESK_ROLES
from maillage.desk.nextsteps import NextStep, is_overdue, next_answer

PER_PAGE: Final = 20
LONGEST_TEXT: Final = 200
ANSWER, FOLLOW, READ, DONE = "a-repondre", "suivies", "information", "repondu"
#: Code → (tab, what its list holds, what is said when it holds nothing).
TABS: Final = {
    ANSWER: (
        "À répondre", "Votre réponse est attendue ; les retards d'abord.",
        "Personne n'attend de réponse de votre part.",
    ),
    FOLLOW: (
        "Que je suis", "Vous êtes l'interlocuteur unique de ces mairies.",
        "Vous n'êtes l'interlocuteur d'aucune mairie pour l'instant.",
    ),
    READ: (
        "Pour information", "Vous êtes informé : vous n'avez pas d'avis à rendre.",
        "Aucune demande ne vous est communiquée pour information.",
    ),
    DONE: (
        "Répondu", "Vous avez répondu, ou ce n'est plus attendu.",
        "Vous n'avez encore répondu à aucune demande.",
    ),
}  # fmt: skip
_OPEN: Final = (ConsultationState.WAITING, ConsultationState.DATE_PROPOSED)
_HEADER: Final = (
    "Numéro", "Reçue le", "Qui demande", "Population", "Besoin", "État", "Ce qui est demandé",
    "Question", "Attendu avant le", "Où en est la réponse", "Réponse", "Répondu le",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reach:
    """Through what a person is concerned: bodies (keys) asked or told, territories observed."""

    bodies: tuple[int, ...]
    territories: tuple[str, ...]

    @property
    def only_observes(self) -> bool:
        """True of an élu who acts for no body."""
        return bool(self.territories) and not self.bodies


def _reach(user: User) -> Reach:
    return Reach(
        tuple({body.pk for body in user.bodies(Role.PROVIDER, *DESK_ROLES)}),
        tuple({body.territory for body in user.bodies(Role.OBSERVER) if body.territory}),
    )


def _parts(reach: Reach, *capacities: str) -> Exists:
    return Exists(
        Party.objects.filter(
            request=OuterRef("pk"), organisation__in=reach.bodies, ended_at=None,
            capacity__in=capacities,
        )
    )  # fmt: skip


def _questions(reach: Reach) -> QuerySet[Consultation]:
    return Consultation.objects.filter(organisation__in=reach.bodies).exclude(
        kind=ConsultationKind.INFORMATION
    )


def _conditions(reach: Reach) -> dict[str, Q]:
    questions = _questions(reach).filter(request=OuterRef("pk"))
    answer = Q(Exists(questions.filter(state__in=_OPEN)))
    lead = Q(_parts(reach, Capacity.LEAD))
    follow = lead & Q(state__in=[State.ACCOMPANIED, State.EXISTING_CIRCUIT]) & ~answer
    read = ~Q(Exists(questions)) & ~lead
    return {ANSWER: answer, FOLLOW: follow, READ: read, DONE: ~answer & ~follow & ~read}


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the person's body, as the list shows it."""

    consultation: Consultation
    step: NextStep
    late: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A request in the list, with what is asked about it."""

    demand: Request
    asks: tuple[Ask, ...]


@require_safe
def asked(request: HttpRequest) -> HttpResponseBase:
    """The list, by tab: to answer, followed, for information, answered."""
    reach = _reach(request.user)
    text = "".join(c if c.isprintable() else " " for c in request.GET.get("q", ""))[:LONGEST_TEXT]
    conditions = _conditions(reach)
    found = _concerned(request.user, reach).saying(text)
    counts = found.aggregate(**{_name(c): Count("pk", filter=q) for c, q in conditions.items()})
    tab = request.GET.get("voir", "")
    if tab not in TABS:
        tab = next((code for code in TABS if counts[_name(code)]), READ)
    if reach.only_observes:
        tab = READ
    rows = _rows(found.filter(conditions[tab]), reach)
    if "export" in request.GET:
        name = f"sollicitations-{tab}-{localdate():%Y-%m-%d}"
        return export(name, _HEADER, _cells(rows), request.GET["export"])
    paginator = Paginator(rows, PER_PAGE)
    paginator.count = counts[_name(tab)]
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "reach": reach,
        "tabs": [
            {"code": code, "label": label, "count": counts[_name(code)], "current": code == tab}
            for code, (label, _, _) in TABS.items()
        ],
        "tab": tab,
        "meaning": TABS[tab][1],
        "empty": TABS[tab][2],
        "text": text.strip(),
        "page": page,
        "pages": page_numbers(page),
        "rows": [_row(demand, localdate()) for demand in page],
    }
    return render(request, "desk/asked/list.html", context)


def _name(code: str) -> str:
    return code.replace("-", "_")


def _concerned(user: User, reach: Reach) -> QuerySet[Request]:
    taking_part = _parts(reach, Capacity.LEAD, Capacity.ASKED, Capacity.INFORMED)
    observed = Q(keys__overlap=list(reach.territories)) if reach.territories else Q()
    concerned = Q(taking_part) | observed if reach.territories else Q(taking_part)
    return Request.objects.visible_to(user).filed().filter(concerned).defer("folded")


def _rows(found: QuerySet[Request], reach: Reach) -> QuerySet[Request]:
    ours = _questions(reach)
    until = ours.filter(request=OuterRef("pk"), state__in=_OPEN).order_by("due_on").values("due_on")
    return (
        found.annotate(until=Subquery(until[:1]))
        .order_by(F("until").asc(nulls_last=True), "-filed_at", "number")
        .select_related("desk", "lead")
        .prefetch_related(Prefetch("consultations", ours.order_by("due_on"), to_attr="ours"))
    )


def _row(demand: Request, today: date) -> Row:
    asks = []
    for one in demand.ours:
        one.request = demand
        asks.append(Ask(one, next_answer(one, today), is_overdue(one, today)))
    return Row(demand, tuple(sorted(asks, key=lambda ask: not ask.consultation.is_open)))


def _cells(rows: QuerySet[Request]) -> Iterator[tuple[Any, ...]]:
    for demand in rows.iterator(chunk_size=500):
        about = (
            demand.number, demand.received_on.isoformat() if demand.received_on else "",
            demand.asker, demand.population, demand.need, demand.get_state_display(),
        )  # fmt: skip
        for one in demand.ours:
            yield (
                *about, one.get_kind_display(), one.question,
                one.due_on.isoformat() if one.due_on else "", one.get_state_display(), one.answer,
                in_a_cell(one.answered_at),
            )  # fmt: skip
        if not demand.ours:
            yield (*about, "Pour information", "", "", "", "", "")
