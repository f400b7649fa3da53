"""Pages of the imports: their history, sending a file, its report, writing it or giving it up."""

from typing import Any, Final

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from maillage.catalog import import_report, tasks
from maillage.catalog.enums import Action, ImportState
from maillage.catalog.forms.filters import clean
from maillage.catalog.forms.imports import ImportForm
from maillage.catalog.imports import pipeline
from maillage.catalog.imports.scope import may_import_into
from maillage.catalog.models import Import
from maillage.catalog.services import importing
from maillage.catalog.views.imports_door import find, for_importers
from maillage.common.paging import page_numbers
from maillage.common.tables import export
from maillage.common.templatetags.maillage import pluriel

PER_PAGE: Final = 30
LINES_BY_PAGE: Final = 25
GONE_SHOWN: Final = 20
INCOMPLETE: Final = 422
_LONGEST_TEXT: Final = 100
_READ_WRITE: Final = ["GET", "HEAD", "POST"]


# -- History


@require_safe
@for_importers
def listing(request: HttpRequest) -> HttpResponseBase:
    """The imports of one's bodies, the last first."""
    text = clean(request.GET.get("q", ""), _LONGEST_TEXT)
    state = request.GET.get("etat", "")
    state = state if state in ImportState.values else ""
    rows = _narrowed(importing.visible(request.user), text, state)
    if "export" in request.GET:
        cells = import_report.history_cells(rows)
        return export("imports", import_report.HISTORY_HEADER, cells, request.GET["export"])
    page = Paginator(rows.defer("problems"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "pages": page_numbers(page),
        "lines": [(row, import_report.counts(row, 0)) for row in page],
        "text": text,
        "state": state,
        "states": ImportState.choices,
        "kinds": importing.kinds(request.user),
    }
    return render(request, "catalog/imports/list.html", context)


def _narrowed(rows: QuerySet[Import], text: str, state: str) -> QuerySet[Import]:
    for word in text.split():
        rows = rows.filter(
            Q(file_name__icontains=word)
            | Q(dataset__title__icontains=word)
            | Q(by__name__icontains=word)
            | Q(body__name__icontains=word)
        )
    return rows.filter(state=state) if state else rows


# -- Sending


@require_http_methods(_READ_WRITE)
@for_importers
def new(request: HttpRequest) -> HttpResponse:
    """Choose what, the file, where it goes; a long file is read by the worker."""
    status = 200
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES, user=request.user)
        if form.is_valid():
            dataset, body = form.target()
            sent = form.cleaned_data["file"]
            parent = importing.start(
                by=request.user, kind=form.cleaned_data["kind"], file=sent, name=sent.name,
                dataset=dataset, body=body,
            )  # fmt: skip
            if parent.state == ImportState.READING:
                tasks.read_import.defer(pk=parent.pk)
            return redirect(parent)
        status = INCOMPLETE
    else:
        wanted = {"kind": request.GET.get("quoi", ""), "dataset": request.GET.get("jeu", "")}
        form = ImportForm(
            user=request.user, initial={name: value for name, value in wanted.items() if value}
        )
    context = {"form": form, "kinds": form.kinds, "asked_again": status == INCOMPLETE}
    return render(request, "catalog/imports/new.html", context, status=status)


# -- The report


@require_safe
@for_importers
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """What an import would change, or what is to be corrected; where it stands while it is read.

    Asked by htmx, the state alone; once it is no longer busy, the whole page is loaded again.
    """
    parent = find(request, pk)
    busy = _busy(parent)
    working = {"parent": parent, "busy": busy, "progress": parent.options.get("progress")}
    if request.htmx:
        response = render(request, "catalog/imports/_busy.html", working)
        if not busy:
            response["HX-Refresh"] = "true"
        return response
    if busy:
        return render(request, "catalog/imports/busy.html", working)
    return render(request, "catalog/imports/import.html", _report(request, parent))


def _busy(parent: Import) -> str:
    """What is being done of an import in the background; "" when nothing is."""
    if parent.state == ImportState.READING:
        return "reading"
    return "writing" if parent.options.get("writing") else ""


def _report(request: HttpRequest, parent: Import) -> dict[str, Any]:
    remarks = parent.lines.exclude(warnings=[]).count()
    counts = import_report.counts(parent, remarks)
    sections = import_report.sections(parent, counts)
    refused = parent.state == ImportState.REFUSED
    gone = parent.counts.get(Action.GONE, 0)
    return {
        "parent": parent,
        "counts": counts,
        "sections": sections,
        "remarks": parent.options.get("remarks", ()),
        "refusal": parent.options.get("refusal", ""),
        "wrong": import_report.most_wrong(parent) if refused and parent.counts else [],
        "refused_count": parent.counts.get(Action.REFUSED, 0),
        "gone": gone,
        "idle": import_report.is_idle(parent),
        "ready": parent.state == ImportState.READY,
        "refused": refused,
        "right": _may_write(request, parent),
    }


def _may_write(request: HttpRequest, parent: Import) -> Any:
    return may_import_into(
        request.user, parent.body, kind=parent.kind, dataset=parent.dataset, named=parent.named
    )


@require_safe
@for_importers
def lines(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every line of an import, by what it would do."""
    parent = find(request, pk)
    text = clean(request.GET.get("q", ""), _LONGEST_TEXT)
    remarks = parent.lines.exclude(warnings=[]).count()
    counts = import_report.counts(parent, remarks)
    code = request.GET.get("voir", "")
    code = code if code in {one.code for one in counts} else ""
    rows = import_report.narrowed(parent, text, code)
    if "export" in request.GET:
        cells = import_report.cells(parent, rows)
        name = f"import-{parent.pk}"
        return export(name, import_report.LINE_HEADER, cells, request.GET["export"])
    page = Paginator(rows.defer("raw"), LINES_BY_PAGE).get_page(request.GET.get("page"))
    context = {
        "parent": parent,
        "counts": counts,
        "code": code,
        "text": text,
        "page": page,
        "pages": page_numbers(page),
        "lines": import_report.shown(parent, page),
        "tagged": code in ("", import_report.REMARKS),
    }
    return render(request, "catalog/imports/lines.html", context)


# -- Writing, giving up


@require_http_methods(_READ_WRITE)
@for_importers
def write(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask when entries would disappear, then write what the report shows: all of it or nothing."""
    parent = find(request, pk)
    right = _may_write(request, parent)
    if not right:
        raise PermissionDenied(right.reason)
    if parent.state != ImportState.READY or _busy(parent):
        notices.warning(request, "Cet import n'attend plus d'être écrit.")
        return redirect(parent)
    gone = parent.counts.get(Action.GONE, 0)
    agreed = request.POST.get("disparues") == "oui"
    if request.method != "POST" or (gone and not agreed):
        missed = request.method == "POST" and "confirmer" in request.POST
        return _ask(request, parent, missed=missed)
    try:
        written = importing.write(parent, by=request.user, accept_gone=agreed)
    except pipeline.NotWritten as refusal:
        notices.error(request, str(refusal))
        return redirect(parent)
    if written:
        notices.success(request, _written_in_words(parent))
    else:
        tasks.write_import.defer(pk=parent.pk, accept_gone=agreed)
    return redirect(parent)


def _ask(request: HttpRequest, parent: Import, *, missed: bool) -> HttpResponse:
    gone = parent.lines.filter(action=Action.GONE).order_by("title", "id").only("title", "key")
    context = {
        "parent": parent,
        "gone": parent.counts.get(Action.GONE, 0),
        "names": gone[:GONE_SHOWN],
        "most": pipeline.needs_consent(parent),
        "counts": import_report.counts(parent, 0),
        "missed": missed,
    }
    status = INCOMPLETE if missed else 200
    return render(request, "catalog/imports/write.html", context, status=status)


def _written_in_words(parent: Import) -> str:
    said = [
        (Action.NEW, "fiche ajoutée,fiches ajoutées"),
        (Action.CHANGED, "modifiée,modifiées"),
        (Action.GONE, "retirée,retirées"),
    ]
    parts = [
        pluriel(parent.counts[action], forms) for action, forms in said if parent.counts.get(action)
    ]
    return f"C'est écrit : {', '.join(parts) or 'rien à changer'}."


@require_http_methods(_READ_WRITE)
@for_importers
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then give an import up: its lines are erased, the catalogue stays as it is."""
    parent = find(request, pk)
    if parent.state in (ImportState.WRITTEN, ImportState.CANCELLED) or parent.options.get(
        "writing"
    ):
        notices.warning(request, "Cet import ne s'abandonne plus.")
        return redirect(parent)
    if request.method == "POST":
        try:
            pipeline.cancel(parent)
        except pipeline.NotWritten as refusal:
            notices.error(request, str(refusal))
            return redirect(parent)
        notices.success(request, "L'import est abandonné : rien n'a été changé au catalogue.")
        return redirect("imports:list")
    return render(request, "catalog/imports/cancel.html", {"parent": parent})
