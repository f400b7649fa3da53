"""Pages of the CLCT: its meetings, agenda, minutes, and what observers read of them."""

from typing import Any, Final

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from maillage.common.paging import page_numbers
from maillage.common.tables import export
from maillage.common.templatetags.maillage import lettres
from maillage.desk import committee
from maillage.desk.committee import Pending
from maillage.desk.enums import SessionState
from maillage.desk.forms.committee import (
    AgendaInput,
    ItemInput,
    MinutesForm,
    SessionForm,
    read_items,
)
from maillage.desk.models import AgendaItem, CommitteeSession, Desk, Request
from maillage.desk.papers.committee import agenda_as, minutes_as
from maillage.desk.services import committee as services
from maillage.desk.services.core import NotAllowed
from maillage.desk.views.common import CHANGED, attempt, number_of
from maillage.engine.text import words

PER_PAGE: Final = 20
MOST_PROPOSED: Final = 60
MOST_FOUND: Final = 15
_HEADER: Final = ("Date", "Guichet", "Lieu", "État", "Points", "Décisions")
_READ_WRITE: Final = ["GET", "HEAD", "POST"]


# -- List, new


@require_safe
def sessions(request: HttpRequest) -> HttpResponseBase:
    """The meetings that one may open, the last first."""
    desks = list(Desk.objects.worked_by(request.user))
    rows = committee.with_counts(committee.visible_sessions(request.user))
    if "export" in request.GET:
        cells = (
            (row.held_on.isoformat(), row.desk.name, row.place, row.get_state_display(),
             row.points, row.decided)
            for row in rows
        )  # fmt: skip
        return export("seances-du-clct", _HEADER, cells, request.GET["export"])
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    if not desks and not page.paginator.count and not committee.may_look(request.user):
        raise PermissionDenied(
            "Les séances du comité local sont pour les guichets et les élus qui l'observent."
        )
    several = len({row.desk_id for row in page}) > 1 or len(desks) > 1
    context = {"page": page, "pages": page_numbers(page), "desks": desks, "several": several}
    return render(request, "desk/committee/list.html", context)


@require_http_methods(_READ_WRITE)
def new(request: HttpRequest) -> HttpResponse:
    """Plan a meeting."""
    desks = list(Desk.objects.worked_by(request.user).order_by("territory"))
    if not desks:
        raise PermissionDenied("Seul un guichet prévoit une séance de son comité local.")
    asked = request.POST.get("desk") or request.GET.get("guichet")
    desk = next((one for one in desks if one.department == asked), desks[0])
    form = SessionForm(request.POST or None)
    status = 200
    if request.method == "POST":
        made: list[CommitteeSession] = []
        refused = attempt(
            request, form,
            lambda: made.append(
                services.plan(desk=desk, by=request.user, **form.cleaned_data)
            ),
        )  # fmt: skip
        if refused is None:
            return redirect("committee:agenda", made[0].pk)
        status = refused
    context = {"form": form, "desk": desk, "desks": desks}
    return render(request, "desk/committee/new.html", context, status=status)


# -- A meeting


def _find(request: HttpRequest, pk: int) -> CommitteeSession:
    return get_object_or_404(committee.visible_sessions(request.user), pk=pk)


def _kept(request: HttpRequest, pk: int) -> CommitteeSession:
    """The meeting, for those who hold it. Raises ``PermissionDenied`` for those who only read."""
    session = _find(request, pk)
    if not committee.keeps(request.user, session):
        raise PermissionDenied("Vous lisez cette séance ; le guichet la prépare et la tient.")
    return session


def _open(request: HttpRequest, pk: int) -> CommitteeSession | HttpResponse:
    """The meeting while it can be written; else its page, with the reason."""
    session = _kept(request, pk)
    if session.state == SessionState.CLOSED:
        notices.info(request, "Le relevé de cette séance est arrêté : il ne se modifie plus.")
        return redirect("committee:session", pk)
    return session


@require_safe
def session(request: HttpRequest, pk: int) -> HttpResponse:
    """The meeting: for the desk, what is done and what is left; for observers, the decisions."""
    held = _find(request, pk)
    keeps = committee.keeps(request.user, held)
    items = committee.items_of(held, request.user)
    if not keeps:
        items = [item for item in items if item.decision]
    context = {
        "session": held,
        "keeps": keeps,
        "items": items,
        "closed": held.state == SessionState.CLOSED,
        "undecided": sum(not item.decision for item in items),
    }
    return render(request, "desk/committee/session.html", context)


# -- Agenda


@require_http_methods(_READ_WRITE)
def agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose and order the items, from what is pending."""
    held = _open(request, pk)
    if isinstance(held, HttpResponse):
        return held
    proposals = committee.pending(held.desk)
    if request.method != "POST":
        items = committee.items_of(held, request.user)
        typed = AgendaInput(
            order=[item.request_id for item in items],
            kept={item.request_id for item in items},
            # A new agenda takes all that is pending; then what the agent left out stays out.
            proposed={one.request.pk for one in proposals} if held.version == 0 else set(),
        )
        form = SessionForm(initial={"held_on": held.held_on, "place": held.place})
        return _agenda_page(request, held, form, typed, proposals)
    form = SessionForm(request.POST)
    typed = AgendaInput.read(request.POST)
    action, _, what = request.POST.get("faire", "").partition(":")
    if action == "chercher":
        return _agenda_page(request, held, form, typed, proposals)
    if action in {"monter", "descendre"}:
        typed.moved(what, -1 if action == "monter" else 1)
    refused = attempt(
        request, form,
        lambda: services.save_agenda(
            session=held, by=request.user, version=_version(request),
            requests=typed.chosen([one.request.pk for one in proposals]),
            whys={one.request.pk: one.why for one in proposals}, **form.cleaned_data,
        ),
    )  # fmt: skip
    if refused is None:
        if action == "relever":
            return redirect("committee:minutes", pk)
        if action == "enregistrer":
            notices.success(request, "L'ordre du jour est enregistré.")
        return redirect("committee:agenda", pk)
    if refused == CHANGED:  # what the other has added is shown too, and not undone
        held.refresh_from_db()
        theirs = [item.request_id for item in committee.items_of(held, request.user)]
        typed.order += [one for one in theirs if one not in typed.order]
        typed.kept |= set(theirs) - set(_as_keys(request))
    return _agenda_page(request, held, form, typed, proposals, refused)


def _as_keys(request: HttpRequest) -> list[Any]:
    return AgendaInput.read(request.POST).order


def _agenda_page(
    request: HttpRequest,
    held: CommitteeSession,
    form: SessionForm,
    typed: AgendaInput,
    proposals: list[Pending],
    status: int = 200,
) -> HttpResponse:
    rows = committee.candidates(held.desk, request.user)
    written = {item.request_id: item for item in held.items.select_related("request")}
    known = rows.in_bulk([pk for pk in typed.order if pk not in written])
    lines = []
    for pk in typed.order:
        item = written.get(pk)
        row = item.request if item else known.get(pk)
        if row is not None:
            why = item.why if item else "À ajouter"
            lines.append({"request": row, "why": why, "kept": pk in typed.kept})
    others = [one for one in proposals if one.request.pk not in typed.order]
    found = _search(rows, typed, {one.request.pk for one in others}) if typed.text else []
    context = {
        "session": held,
        "form": form,
        "lines": lines,
        "proposals": [
            {"pending": one, "ticked": one.request.pk in typed.proposed}
            for one in others[:MOST_PROPOSED]
        ],
        "left_out": max(len(others) - MOST_PROPOSED, 0),
        "found": [{"request": row, "ticked": row.pk in typed.found} for row in found],
        "typed": typed,
        "first": held.version == 0,
    }
    return render(request, "desk/committee/agenda.html", context, status=status)


def _search(rows: Any, typed: AgendaInput, proposed: set[Any]) -> list[Request]:
    for word in words(typed.text):
        rows = rows.filter(folded__contains=word)
    found = rows.exclude(pk__in=[*typed.order, *proposed]).order_by("-filed_at")
    return list(found[:MOST_FOUND])


# -- Minutes


@require_http_methods(_READ_WRITE)
def minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """Write who was there and what was decided; saved as often as one likes."""
    held = _open(request, pk)
    if isinstance(held, HttpResponse):
        return held
    items = committee.items_of(held, request.user)
    if request.method != "POST":
        form = MinutesForm(initial={"present": held.present, "minutes": held.minutes})
        lines = [ItemInput(item, item.decision or _taken_note(item), item.task) for item in items]
        return _minutes_page(request, held, form, lines)
    form = MinutesForm(request.POST)
    typed = read_items(request.POST, items)
    refused = attempt(
        request, form,
        lambda: services.save_minutes(
            session=held, by=request.user, version=_version(request), items=typed,
            **form.cleaned_data,
        ),
    )  # fmt: skip
    if refused is None:
        if request.POST.get("faire") == "arreter":
            return redirect("committee:close", pk)
        notices.success(request, "Le relevé est enregistré. Vous pouvez continuer, ou y revenir.")
        return redirect("committee:minutes", pk)
    held.refresh_from_db()
    lines = []
    for item in committee.items_of(held, request.user):
        decision, task = typed.get(item.pk, (item.decision, item.task))
        theirs = item.decision if refused == CHANGED and item.decision != decision.strip() else ""
        lines.append(ItemInput(item, decision, task, theirs))
    return _minutes_page(request, held, form, lines, refused)


def _taken_note(item: AgendaItem) -> str:
    """What is proposed for an item that the committee has only to know of."""
    told = item.why.startswith(committee.DESIGNATED) and " · " not in item.why
    return "Le comité prend acte de cette désignation." if told else ""


def _minutes_page(
    request: HttpRequest,
    held: CommitteeSession,
    form: MinutesForm,
    lines: list[ItemInput],
    status: int = 200,
) -> HttpResponse:
    context = {"session": held, "form": form, "lines": lines}
    return render(request, "desk/committee/minutes.html", context, status=status)


# -- Closing, forgetting


@require_http_methods(_READ_WRITE)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then close the meeting: decisions are given back to the requests."""
    held = _kept(request, pk)
    form = MinutesForm(request.POST or None)
    status = 200
    if request.method == "POST":
        refused = attempt(
            request, form,
            lambda: services.close(session=held, by=request.user, version=_version(request)),
        )  # fmt: skip
        if refused is None:
            text = (
                f"Le relevé du {lettres(held.held_on)} est arrêté : chaque mairie en est informée."
            )
            notices.success(request, text)
            return redirect("committee:session", pk)
        held.refresh_from_db()
        status = refused
    elif held.state == SessionState.CLOSED:
        return redirect("committee:session", pk)
    items = committee.items_of(held, request.user)
    context = {
        "session": held,
        "form": form,
        "decided": [item for item in items if item.decision],
        "undecided": [item for item in items if not item.decision],
    }
    return render(request, "desk/committee/close.html", context, status=status)


@require_http_methods(_READ_WRITE)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then forget a meeting that will not be held."""
    held = _open(request, pk)
    if isinstance(held, HttpResponse):
        return held
    if request.method == "POST":
        try:
            services.cancel(session=held, by=request.user)
        except NotAllowed as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        notices.success(request, f"La séance du {lettres(held.held_on)} est supprimée.")
        return redirect("committee:list")
    return render(request, "desk/committee/delete.html", {"session": held})


# -- Papers

KINDS: Final = {"pdf": "application/pdf", "odt": "application/vnd.oasis.opendocument.text"}
_PAPERS: Final = {"ordre-du-jour": agenda_as, "releve": minutes_as}


@require_safe
def paper(request: HttpRequest, pk: int, what: str, kind: str) -> HttpResponse:
    """The agenda or the minutes as PDF or ODT; observers may take the closed minutes."""
    held = _find(request, pk)
    keeps = committee.keeps(request.user, held)
    if not keeps and (what != "releve" or held.state != SessionState.CLOSED):
        raise Http404
    make = _PAPERS.get(what)
    if make is None or kind not in KINDS:
        raise Http404
    items = committee.items_of(held, request.user)
    if not keeps:  # the decisions, and nothing else
        held.present = held.minutes = ""
        items = [item for item in items if item.decision]
        for item in items:
            item.why = item.task = ""
    response = HttpResponse(make(held, items, kind), content_type=KINDS[kind])
    name = f"clct-{what}-{held.held_on:%Y-%m-%d}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _version(request: HttpRequest) -> int:
    return number_of(request.POST.get("version", ""))
