"""The ANCT's committee: what it has to decide, what it decided, the conventions; and the page of a
request as it reads it.
"""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.common.odt import MIME
from maillage.common.paging import page_numbers
from maillage.common.tables import export, in_a_cell
from maillage.desk import history, nextsteps, perms, threads
from maillage.desk.enums import Capacity, Ground, State, Verb
from maillage.desk.forms.national import ConventionText, is_signed
from maillage.desk.models import Convention, JournalEntry, Justification, Party, Request
from maillage.desk.papers.convention import convention_as_odt, default_convention
from maillage.desk.perms import Standing
from maillage.desk.services import national
from maillage.desk.views.acting import opened
from maillage.desk.views.agent import offered, passages, portrait
from maillage.desk.views.common import attempt, number_of
from maillage.engine.text import words
from maillage.engine.vocabulary import PHASES, THEMES

PER_PAGE: Final = 25
_DECISIONS: Final = (Verb.ACCEPT_NATIONAL, Verb.REFUSE_NATIONAL)
#: Tab → (label, condition, order).
TABS: Final = {
    "a-decider": ("À décider", Q(state=State.COMMITTEE), ("due_on", "filed_at")),
    "decidees": ("Décidées", Q(decision__in=_DECISIONS), ("-decided_at", "-filed_at")),
    "conventions": (
        "Conventions",
        Q(decision=Verb.ACCEPT_NATIONAL) & ~Q(state=State.COMMITTEE),
        ("convention__signed_on", "-decided_at"),
    ),
}
_EMPTY: Final = {
    "a-decider": "Aucune demande n'attend le comité. Les délégués territoriaux en transmettent "
    "quand aucune offre locale ne répond.",
    "decidees": "Le comité n'a encore rien décidé.",
    "conventions": "Aucune convention n'est encore en préparation ni signée.",
}
_HEADER: Final = (
    "Numéro", "Demandeur", "Code", "Population", "Besoin", "Motifs", "Appui demandé", "État",
    "À décider avant le", "Décision", "Décidée le", "Motif du comité", "Convention signée le",
    "Début de l'appui", "Durée (mois)",
)  # fmt: skip


def before_committee(user: User) -> QuerySet[Request]:
    """Requests that came before a committee of which `user` is a member, with what it decided."""
    parts = Party.objects.filter(
        request=OuterRef("pk"), capacity=Capacity.COMMITTEE, ended_at=None,
        organisation__in=[body.pk for body in user.bodies(Role.COMMITTEE)],
    )  # fmt: skip
    decided = JournalEntry.objects.filter(request=OuterRef("pk"), verb__in=_DECISIONS)
    last = decided.order_by("-rank")
    why = Justification.objects.filter(request=OuterRef("pk")).order_by("-created_at", "-pk")
    return (
        Request.objects.visible_to(user)
        .filter(Exists(parts))
        .annotate(
            decision=Subquery(last.values("verb")[:1]),
            decided_at=Subquery(last.values("at")[:1]),
            grounds=Subquery(why.values("grounds")[:1]),
            support=Subquery(why.values("support")[:1]),
            motive=Subquery(why.values("decision")[:1]),
        )
    )


@require_safe
def listing(request: HttpRequest) -> HttpResponseBase:
    """What the committee has to decide (oldest first), has decided, and the conventions."""
    if not request.user.bodies(Role.COMMITTEE):
        raise PermissionDenied(
            "Cette page est celle du comité de suivi des projets de l'ANCT. Si vous en êtes "
            "membre, demandez à l'équipe du site de l'ajouter à votre compte."
        )
    tab = request.GET.get("liste", "")
    tab = tab if tab in TABS else "a-decider"
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    found = before_committee(request.user)
    for word in words(text):
        found = found.filter(folded__contains=word)
    _, condition, order = TABS[tab]
    rows = found.filter(condition).order_by(*order, "number").select_related("desk", "convention")
    if "export" in request.GET:
        name = f"comite-{tab}-{localdate():%Y-%m-%d}"
        return export(name, _HEADER, _cells(rows), request.GET["export"])
    counts = found.aggregate(
        **{code.replace("-", "_"): Count("pk", filter=one[1]) for code, one in TABS.items()}
    )
    page = Paginator(rows.defer("folded"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": tab,
        "tabs": [
            (code, label, counts[code.replace("-", "_")], code == tab)
            for code, (label, _, _) in TABS.items()
        ],
        "text": text,
        "page": page,
        "pages": page_numbers(page),
        "lines": [(row, grounds_of(row)) for row in page],
        "today": localdate(),
        "empty": _EMPTY[tab],
        "accepted": Verb.ACCEPT_NATIONAL,
    }
    return render(request, "desk/national/list.html", context)


def grounds_of(row: Any) -> list[str]:
    """Grounds of a row of `before_committee`, in words."""
    return [Ground(code).label for code in row.grounds or () if code in Ground.values]


def _cells(rows: QuerySet[Request]) -> Iterator[tuple[Any, ...]]:
    for row in rows.iterator(chunk_size=200):
        convention = getattr(row, "convention", None)
        yield (
            row.number, row.asker, row.bearer, row.population, row.need,
            ", ".join(grounds_of(row)), row.support or "", row.get_state_display(),
            row.due_on.isoformat() if row.due_on and row.state == State.COMMITTEE else "",
            Verb(row.decision).label if row.decision else "", in_a_cell(row.decided_at),
            row.motive or "", *_of(convention),
        )  # fmt: skip


def _of(convention: Convention | None) -> tuple[str, str, int | str]:
    if convention is None:
        return "", "", ""
    signed, starts = convention.signed_on, convention.starts
    return (
        signed.isoformat() if signed else "",
        starts.isoformat() if starts else "",
        convention.months or "",
    )


def committee_page(request: HttpRequest, demand: Request, who: Standing) -> HttpResponse:
    """The page of a request for the committee: what is asked, what was examined here, why."""
    justification = demand.justifications.last()
    context = {
        "demand": demand,
        "who": who,
        "late": nextsteps.is_late(demand, localdate()),
        "portrait": portrait(demand),
        "phase": PHASES.get(demand.phase or demand.stage, ""),
        "themes": [THEMES[code] for code in demand.themes if code in THEMES],
        "justification": justification,
        "asked": list(perms.consultations(who)),
        "documents": perms.attachments(who),
        "may_attach": False,
        "deciding": demand.state == State.COMMITTEE,
        "main": offered(demand, who, _DECISIONS) if demand.state == State.COMMITTEE else [],
        "convention": getattr(demand, "convention", None),
        "passages": passages(list(perms.journal(who)), who),
        "thread": threads.thread_of(who, whole="tout" in request.GET),
        "desk_phone": nextsteps.telephone(demand.desk.phone),
    }
    return render(request, "desk/request/committee.html", context)


@require_safe
def journal(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """All the passages of a request, for the desk and the committee; also as a file."""
    demand, who = opened(request, pk)
    if not (who.agent or who.committee or who.administrator):
        raise PermissionDenied("Ce journal est celui du guichet et du comité de l'ANCT.")
    entries = list(perms.journal(who))
    if "export" in request.GET:
        rows = (
            (line.at.isoformat(timespec="minutes"), line.by, line.how, line.sentence, line.quote)
            for line in history.lines(entries, who)
        )
        header = ("Date", "Par", "Comment", "Ce qui s'est passé", "Texte")
        return export(f"journal-{demand.number}", header, rows, request.GET["export"])
    text = request.GET.get("q", "").strip()[:200]
    found = [one for one in passages(entries, who) if _says(one, text)]
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"demand": demand, "text": text, "page": page, "pages": page_numbers(page)}
    return render(request, "desk/request/journal.html", context)


def _says(passage: Any, text: str) -> bool:
    line = passage.line
    said = set(words(f"{line.sentence} {line.quote} {line.by}"))
    return all(any(word.startswith(start) for word in said) for start in words(text))


# -- The convention


@require_http_methods(["GET", "HEAD", "POST"])
def convention(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The text of the convention: filled from the request, changed by the desk, read by the
    committee and the mairie.
    """
    demand, who = _with_convention(request, pk)
    held = getattr(demand, "convention", None)
    locked = is_signed(held) or not who.agent
    if request.method == "POST":
        right = perms.may_work(who)
        if not right:
            raise PermissionDenied(right.reason)
        form = ConventionText(request.POST)
        version = request.POST.get("text_version", "")
        refused = attempt(
            request, form,
            lambda: national.save_convention(
                request=demand, by=request.user,
                version=number_of(version),
                **form.cleaned_data,
            ),
        )  # fmt: skip
        if refused is None:
            notices.success(request, "Le texte de la convention est enregistré.")
            return redirect("requests:convention", demand.pk)
        held = Convention.objects.filter(request=demand).first()
        status = refused
        if not getattr(request, "conflict", False):
            return _convention_page(request, demand, who, held, form, status, version)
        return _convention_page(request, demand, who, held, form, status)
    form = ConventionText(initial=_text_of(demand, held), locked=locked)
    return _convention_page(request, demand, who, held, form, 200)


def _convention_page(
    request: HttpRequest,
    demand: Request,
    who: Standing,
    held: Convention | None,
    form: ConventionText,
    status: int,
    version: str = "",
) -> HttpResponse:
    context = {
        "demand": demand,
        "who": who,
        "convention": held,
        "form": form,
        "signed": is_signed(held),
        "version": version or (held.version if held else 0),
        "may_sign": who.agent and demand.state == State.ACCEPTED,
    }
    return render(request, "desk/national/convention.html", context, status=status)


def _text_of(demand: Request, held: Convention | None) -> dict[str, Any]:
    if held is None or not held.version:
        return default_convention(demand)
    return {name: getattr(held, name) for name in national.CONVENTION_FIELDS}


def _with_convention(request: HttpRequest, pk: UUID) -> tuple[Request, Standing]:
    """A request that has, or will have, a convention, for those who may read it."""
    demand, who = opened(request, pk)
    if not (who.agent or who.committee or who.applicant):
        raise PermissionDenied(
            "La convention se lit par ses parties : le guichet, le comité de l'ANCT, la mairie."
        )
    kept = getattr(demand, "convention", None)
    if kept is None and demand.state != State.ACCEPTED:
        raise Http404("Cette demande n'a pas de convention.")
    return demand, who


@require_safe
def convention_odt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The convention as a text document, to be finished and signed."""
    demand, _ = _with_convention(request, pk)
    held = getattr(demand, "convention", None)
    if held is None or not held.version:
        held = Convention(**_text_of(demand, None))
    held.request = demand
    response = HttpResponse(convention_as_odt(held), content_type=MIME)
    response["Content-Disposition"] = f'attachment; filename="convention-{demand.number}.odt"'
    return response
