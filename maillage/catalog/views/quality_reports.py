"""« Signaler une erreur » : the form open to all, the list of what was reported, its closing."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from allauth.account.adapter import get_adapter
from django.contrib import messages as notices
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from maillage.catalog.enums import ReportState
from maillage.catalog.forms.quality import CloseForm, ReportForm
from maillage.catalog.models import ErrorReport, Offer, Provider
from maillage.catalog.perms import is_administrator, may_keep, may_oversee
from maillage.catalog.quality import board, looking
from maillage.catalog.quality.board import OFFER, PROVIDER
from maillage.catalog.quality.lines import edit_address
from maillage.catalog.quality.reports import (
    KEPT_DAYS,
    AlreadyClosed,
    TooMany,
    close_report,
    report_error,
)
from maillage.catalog.views.quality import check_reader
from maillage.common.paging import page_asked, page_numbers
from maillage.common.tables import export, in_a_cell

PER_PAGE: Final = 30
_READ_WRITE: Final = ["GET", "HEAD", "POST"]
#: Value of the filter → its label.
STATES: Final = {"": "À traiter", "traites": "Traités", "tous": "Tous"}
_TOO_MANY: Final = (
    "Nous avons reçu beaucoup de signalements depuis une heure, et nous n'avons pas pu prendre le "
    "vôtre. Votre texte est encore ci-dessous : renvoyez-le dans une heure. Merci de votre aide."
)
_ALREADY: Final = "Quelqu'un d'autre vient de traiter ce signalement : rien n'a été changé."
HEADER: Final = (
    "Reçu le", "Nature", "Fiche", "Offreur", "Message", "Réponse attendue", "État", "Réponse",
    "Traité le", "Traité par",
)  # fmt: skip


# -- The form, open to all


@login_not_required
@require_http_methods(_READ_WRITE)
def report(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Tell who keeps an entry what is wrong with it, with or without an address."""
    entry = _entry(kind, slug)
    context: dict[str, Any] = {"entry": entry, "kept_days": KEPT_DAYS}
    if request.method != "POST":
        if "merci" in request.GET:
            return render(request, "catalog/quality/report_thanks.html", context)
        return render(request, "catalog/quality/report.html", {**context, "form": ReportForm()})
    form = ReportForm(request.POST)
    status = 422
    if form.is_valid():
        said = form.cleaned_data
        try:
            if not said["website"]:
                report_error(
                    entry=entry, message=said["message"], email=said["email"],
                    origin=get_adapter().get_client_ip(request),
                )  # fmt: skip
        except TooMany:
            form.add_error(None, _TOO_MANY)
            status = 429
        else:
            response = redirect("quality:report", kind, slug)
            response["Location"] += "?merci=1"
            return response
    return render(request, "catalog/quality/report.html", {**context, "form": form}, status=status)


def _entry(kind: str, slug: str) -> Provider | Offer:
    """An entry that has a page. Raises ``Http404``."""
    if kind == OFFER:
        rows = Offer.objects.visible().with_provider()
        return get_object_or_404(rows, slug=slug, withdrawn_at=None, provider__withdrawn_at=None)
    if kind == PROVIDER:
        return get_object_or_404(Provider.objects.visible(), slug=slug, withdrawn_at=None)
    raise Http404


# -- What was reported


@require_safe
def reports(request: HttpRequest) -> HttpResponseBase:
    """Errors reported on the entries that the person keeps or oversees."""
    check_reader(request)
    text = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:100]
    state = request.GET.get("etat", "")
    state = state if state in STATES else ""
    rows = _searched(_theirs(request), text)
    waiting = rows.filter(state=ReportState.OPEN).count()
    if state != "tous":
        condition = Q(state=ReportState.OPEN)
        rows = rows.filter(~condition if state else condition)
    rows = rows.select_related("offer", "provider", "closed_by")
    if "export" in request.GET:
        kind = request.GET["export"]
        return export("maillage-signalements", HEADER, _rows(rows), kind)
    page = Paginator(rows, PER_PAGE).get_page(page_asked(request.GET))
    context = {
        "page": page,
        "pages": page_numbers(page),
        "text": text,
        "state": state,
        "states": STATES,
        "waiting": waiting,
    }
    return render(request, "catalog/quality/reports.html", context)


def _theirs(request: HttpRequest) -> QuerySet[ErrorReport]:
    rows = ErrorReport.objects.all()
    if is_administrator(request.user):
        return rows
    held = board.held.get()
    seen = looking.scope_of(request.user, held).seen
    lines = {int(n) for n in held.provider[seen]}
    return rows.filter(provider__in=[held.keepers[n].pk for n in lines])


def _searched(rows: QuerySet[ErrorReport], text: str) -> QuerySet[ErrorReport]:
    """Those whose message, answer or entry holds `text`; names are compared without accents."""
    if not text:
        return rows
    held = board.held.get()
    named = looking.named(held, text)
    keys = [held.keys[n] for n in named]
    return rows.filter(
        Q(message__icontains=text)
        | Q(answer__icontains=text)
        | Q(offer__in=[pk for kind, pk in keys if kind == OFFER])
        | Q(offer=None, provider__in=[pk for kind, pk in keys if kind == PROVIDER])
    )


def _rows(reports: QuerySet[ErrorReport]) -> Iterator[Sequence[Any]]:
    """Rows of the export. No address: it only serves to answer."""
    for row in reports.iterator(chunk_size=500):
        yield (
            in_a_cell(row.created_at),
            "Offre" if row.offer else "Offreur",
            str(row.offer or row.provider),
            row.provider.name,
            row.message,
            "oui" if row.email else "non",
            row.get_state_display(),
            row.answer,
            in_a_cell(row.closed_at),
            str(row.closed_by or ""),
        )


@require_http_methods(_READ_WRITE)
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a report, and say what was done of it."""
    row = get_object_or_404(
        ErrorReport.objects.select_related("offer__provider", "provider", "closed_by"), pk=pk
    )
    keeps = may_keep(request.user, row.provider)
    if not keeps and not may_oversee(request.user, row.provider):
        raise Http404
    entry = row.offer or row.provider
    form = CloseForm(request.POST or None)
    status = 200
    if request.method == "POST" and not form.is_valid():
        status = 422
    elif request.method == "POST":
        try:
            close_report(
                report=row, by=request.user, answer=form.cleaned_data["answer"],
                corrected=form.cleaned_data["state"] == ReportState.CORRECTED,
            )  # fmt: skip
        except AlreadyClosed:
            form.add_error(None, _ALREADY)
            row.refresh_from_db()
            status = 422
        else:
            told = " La personne qui l'avait écrit est prévenue." if row.email else ""
            notices.success(request, f"C'est noté, le signalement est traité.{told}")
            return redirect("quality:reports")
    context = {
        "report": row, "entry": entry, "form": form, "keeps": bool(keeps),
        "is_open": row.state == ReportState.OPEN, "edit_address": edit_address(entry),
    }  # fmt: skip
    return render(request, "catalog/quality/report_close.html", context, status=status)
