"""The list of the queue, its files, and the assignment of several requests at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from maillage.accounts.models import User
from maillage.common.paging import page_numbers
from maillage.common.tables import export, in_a_cell
from maillage.common.templatetags.maillage import pluriel
from maillage.desk import queue
from maillage.desk.enums import Hand
from maillage.desk.forms.queue import NOBODY, SORTS, QueueFilters
from maillage.desk.models import Request
from maillage.desk.queue import Scope, Silence
from maillage.desk.services import qualifying
from maillage.desk.views.queue.shared import changed, for_desk, kept, shared
from maillage.engine.vocabulary import PHASES, THEMES
from maillage.territories.directory import directory

PER_PAGE: Final = 50
_HEADER: Final = (
    "Numéro", "Reçue le", "Demandeur", "Code", "Intercommunalité", "Population", "Besoin",
    "Thèmes", "Étape", "Niveau du besoin", "État", "Branche", "Qui a la main",
    "Interlocuteur unique", "Suivie par", "Prochaine date", "En retard", "Dernière nouvelle",
    "Ouverte par la mairie le", "Silencieuse depuis", "Arrivée", "Contact", "Téléphone",
    "Terminée le", "Issue", "Regroupée avec",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A request as the list shows it; numbers of days from today (``left`` < 0: late)."""

    request: Request
    age: int | None
    left: int | None
    holder: str
    waiting: tuple[str, ...]
    silence: Silence | None
    relayed: bool

    @property
    def late(self) -> int:
        """Days since its next date; 0 when it is not late."""
        return max(0, -(self.left or 0))


def line_of(request: Request, scope: Scope) -> Line:
    """What the list says of a request of `queue.rows`."""
    today = scope.today
    lead = request.lead.name if request.lead and request.hand == Hand.LEAD else ""
    return Line(
        request=request,
        age=(today - request.received_on).days if request.received_on else None,
        left=(request.due_on - today).days if request.due_on and not request.is_ended else None,
        holder=lead or request.get_hand_display(),
        # The lead may be asked to accept: it is already named.
        waiting=tuple(
            f"{one.get_kind_display()} : {one.organisation.name}"
            for one in request.asked
            if one.organisation_id != request.lead_id
        ),
        silence=queue.silence(request, scope.now),
        relayed=request.assigned_to_id in scope.relayed,
    )


@require_safe
@for_desk
def listing(request: HttpRequest, scope: Scope) -> HttpResponseBase:
    """The queue: counts, filters, rows, files."""
    filters = QueueFilters.read(request.GET)
    if "export" in request.GET:
        return _file(scope, filters, request.GET["export"])
    return _page(request, scope, filters)


def _page(
    request: HttpRequest,
    scope: Scope,
    filters: QueueFilters,
    ticked: frozenset[str] = frozenset(),
    error: str = "",
) -> HttpResponse:
    around = shared(request, scope, filters)
    paginator = Paginator(queue.ordered(scope, filters), PER_PAGE)
    paginator.count = around["total"]  # known already: one query less
    page = paginator.get_page(request.GET.get("page"))
    context = {
        **around,
        "page": page,
        "pages": page_numbers(page),
        "lines": [line_of(row, scope) for row in queue.rows(filters, page.object_list)],
        "scripted": around["pile"].code == "silencieuses",
        "sorts": SORTS,
        "columns": _columns(request, filters),
        "ticked": ticked,
        "error": error,
    }
    return render(request, "desk/queue/list.html", context, status=422 if error else 200)


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; ``address`` sorts by it, ``order`` is the present one as `aria-sort` says it."""

    label: str
    address: str = ""
    order: str = ""


def _columns(request: HttpRequest, filters: QueueFilters) -> list[Column]:
    def sortable(label: str, *codes: str) -> Column:
        orders = {"recentes": "ascending", "anciennes": "descending"}
        if filters.sort not in codes:
            return Column(label, changed(request.GET, tri=codes[0]))
        following = codes[(codes.index(filters.sort) + 1) % len(codes)]
        address = changed(request.GET, tri=following) if len(codes) > 1 else ""
        return Column(label, address, orders.get(filters.sort, "ascending"))

    return [
        sortable("Qui demande", "commune"),
        Column("Besoin"),
        Column("État"),
        Column("Qui a la main"),
        sortable("Prochaine date", "echeance"),
        sortable("Âge", "anciennes", "recentes"),
        Column("Suivie par"),
    ]


# -- Assignment


@require_POST
@for_desk
def assign(request: HttpRequest, scope: Scope) -> HttpResponseBase:
    """Give the ticked requests to a colleague, or to nobody. The address keeps the filters."""
    filters = QueueFilters.read(request.GET)
    ticked = frozenset(request.POST.getlist("demande"))
    chosen = _ticked(scope, ticked)
    to, known = _person(scope, request.POST.get("agent", ""))
    if not chosen or not known:
        error = "Cochez au moins une demande." if not chosen else "Choisissez à qui les confier."
        return _page(request, scope, filters, ticked, error)
    given, _ = qualifying.assign(requests=list(chosen), by=request.user, to=to)
    left = len(ticked) - given
    if given and to:
        what = pluriel(given, "demande confiée,demandes confiées")
        notices.success(request, f"{what} à {to}.")
    elif given:
        what = pluriel(given, "demande n'a,demandes n'ont")
        notices.success(request, f"{what} plus d'agent.")
    if left:
        what = pluriel(left, "demande laissée,demandes laissées")
        why = "hors de vos guichets, ou de ceux de cette personne"
        notices.warning(request, f"{what} en l'état : {why}.")
    query = kept(request.GET).urlencode()
    return redirect(f"{reverse('queue:list')}?{query}" if query else reverse("queue:list"))


def _ticked(scope: Scope, ticked: frozenset[str]) -> QuerySet[Request]:
    keys = []
    for text in ticked:
        try:
            keys.append(UUID(text))
        except ValueError:
            continue
    return Request.objects.handled_by(scope.user).filter(pk__in=keys)


def _person(scope: Scope, text: str) -> tuple[User | None, bool]:
    """Who is chosen (``None``: nobody), and whether someone was."""
    if text == NOBODY:
        return None, True
    person = next((one for one in queue.colleagues(scope) if str(one.pk) == text), None)
    return person, person is not None


# -- Files


def _file(scope: Scope, filters: QueueFilters, kind: str) -> HttpResponseBase:
    name = f"demandes-{queue.pile_of(filters).code}-{scope.today:%Y-%m-%d}"
    return export(name, _HEADER, _cells(scope, filters), kind)


def _cells(scope: Scope, filters: QueueFilters) -> Iterator[tuple[Any, ...]]:
    known = directory()
    rows = queue.rows(filters, queue.ordered(scope, filters))
    for row in rows.iterator(chunk_size=500):
        line = line_of(row, scope)
        commune = known.communes.get(row.bearer)
        epci = commune.epci if commune else row.bearer
        yield (
            row.number, _day(row.received_on), row.asker, row.bearer,
            known.epcis[epci].name if epci in known.epcis else "", row.population, row.need,
            ", ".join(THEMES.get(code, code) for code in row.themes),
            PHASES.get(row.phase or row.stage, ""), row.get_level_display(),
            row.get_state_display(), row.get_branch_display(), row.get_hand_display(),
            row.lead.name if row.lead else "", str(row.assigned_to or ""), _day(row.due_on),
            "oui" if line.left is not None and line.left < 0 else "non", in_a_cell(row.news_at),
            in_a_cell(row.seen_at), _day(line.silence.since) if line.silence else "",
            row.get_channel_display(), row.contact_name, row.contact_phone,
            in_a_cell(row.ended_at), row.get_outcome_display(),
            row.duplicate_of.number if row.duplicate_of else "",
        )  # fmt: skip


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
