"""Pages of the connector to Aides-territoires: its runs, what was not understood, settings."""

from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe
from procrastinate.exceptions import AlreadyEnqueued

from maillage.catalog import import_report, tasks
from maillage.catalog.aides_territoires import report
from maillage.catalog.aides_territoires.client import OPEN, SIGNED, Failed, configured
from maillage.catalog.aides_territoires.run import DATASET, interrupted
from maillage.catalog.enums import Action, ImportState, RunState
from maillage.catalog.forms.filters import clean
from maillage.catalog.imports.providers import entry_slug
from maillage.catalog.models import ConnectorRun, Import
from maillage.catalog.perms import may_administer, may_supervise
from maillage.common.paging import page_numbers
from maillage.common.tables import export

RUNS_BY_PAGE: Final = 20
LINES_BY_PAGE: Final = 25
LABELS_BY_PAGE: Final = 40
_LONGEST_TEXT: Final = 100


def _check_reader(request: HttpRequest) -> None:
    right = may_supervise(request.user)
    if not right:
        raise PermissionDenied(right.reason)


def _connection() -> dict[str, Any]:
    """How the connector is set: connected, not yet, or badly. The token is never shown."""
    try:
        address, problem = configured(), ""
    except Failed as failed:
        address, problem = None, str(failed)
    return {
        "address": address,
        "problem": problem,
        "open_version": OPEN,
        "signed_version": SIGNED,
        "version": settings.MAILLAGE["AIDES_TERRITOIRES_VERSION"],
    }


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """The last run, what it did not understand, those before, and how to connect."""
    _check_reader(request)
    rows = ConnectorRun.objects.filter(dataset=DATASET).select_related("parent")
    if "export" in request.GET:
        cells = report.run_cells(rows.defer("unknown").iterator(chunk_size=500))
        return export("passages-aides-territoires", report.RUN_HEADER, cells, request.GET["export"])
    last = rows.first()
    page = Paginator(rows.defer("unknown"), RUNS_BY_PAGE).get_page(request.GET.get("page"))
    cut = interrupted()
    context = {
        **_connection(),
        "last": report.line_of(last) if last else None,
        "kinds": report.kinds_of(last) if last else [],
        "cut": cut if cut and cut.state == RunState.STOPPED else None,
        "page": page,
        "pages": page_numbers(page),
        "lines": [report.line_of(row) for row in page],
        "may_start": bool(may_administer(request.user)),
    }
    return render(request, "catalog/connectors/home.html", context)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Ask the worker to read the aids now, or to go on with a run that was cut."""
    right = may_administer(request.user)
    if not right:
        raise PermissionDenied(right.reason)
    connection = _connection()
    if connection["address"] is None:
        notices.error(request, connection["problem"] or "Aides-territoires n'est pas connecté.")
        return redirect("connectors:home")
    try:
        with transaction.atomic():
            tasks.read_aides_territoires.defer(resume="reprendre" in request.POST)
    except AlreadyEnqueued:
        notices.warning(request, "Une lecture est déjà demandée : elle va commencer.")
    else:
        notices.success(
            request,
            "La lecture est demandée. Elle commence dans la minute et dure quelques minutes : "
            "rechargez cette page pour voir où elle en est.",
        )
    return redirect("connectors:home")


def _run(pk: int) -> ConnectorRun:
    rows = ConnectorRun.objects.filter(dataset=DATASET).select_related("parent__by")
    found: ConnectorRun = get_object_or_404(rows, pk=pk)
    return found


def _is_written(parent: Import) -> bool:
    return parent.state == ImportState.WRITTEN


def _counts(parent: Import) -> list[import_report.Count]:
    """What changed, by action: an aid that is gone is closed."""
    return [
        replace(one, label="Fermées") if one.code == Action.GONE else one
        for one in import_report.counts(parent, 0)
        if one.code != Action.SAME
    ]


@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One run: its figures, and what it changed, line by line."""
    _check_reader(request)
    record = _run(pk)
    # Before it is written, what was read is only waiting.
    parent = record.parent if record.parent and _is_written(record.parent) else None
    text = clean(request.GET.get("q", ""), _LONGEST_TEXT)
    counts = _counts(parent) if parent else []
    code = request.GET.get("voir", "")
    code = code if code in {one.code for one in counts} else ""
    context: dict[str, Any] = {
        "line": report.line_of(record),
        "kinds": report.kinds_of(record),
        "counts": counts,
        "code": code,
        "text": text,
        "lines": [],
    }
    if parent:
        rows = import_report.narrowed(parent, text, code).exclude(action=Action.SAME)
        if "export" in request.GET:
            cells = import_report.cells(parent, rows)
            name = f"aides-territoires-passage-{record.pk}"
            return export(name, import_report.LINE_HEADER, cells, request.GET["export"])
        page = Paginator(rows.defer("raw"), LINES_BY_PAGE).get_page(request.GET.get("page"))
        context |= {
            "page": page,
            "pages": page_numbers(page),
            "lines": [
                (one, entry_slug(DATASET, one.row.key)) for one in import_report.shown(parent, page)
            ],
        }
    return render(request, "catalog/connectors/run.html", context)


@require_safe
def unknown(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every label that a run did not understand, with where it stands."""
    _check_reader(request)
    record = _run(pk)
    kinds = report.kinds_of(record)
    kind = request.GET.get("quoi", "")
    kind = kind if kind in {one.code for one in kinds} else ""
    text = clean(request.GET.get("q", ""), _LONGEST_TEXT)
    found = report.unknown_lines(record, kind, text)
    if "export" in request.GET:
        name = f"aides-territoires-non-compris-{record.pk}"
        return export(
            name, report.UNKNOWN_HEADER, report.unknown_cells(found), request.GET["export"]
        )
    page = Paginator(found, LABELS_BY_PAGE).get_page(request.GET.get("page"))
    context = {
        "line": report.line_of(record),
        "kinds": kinds,
        "kind": kind,
        "advice": report.ADVICE.get(kind, ""),
        "text": text,
        "page": page,
        "pages": page_numbers(page),
        "lines": report.shown(list(page)),
    }
    return render(request, "catalog/connectors/unknown.html", context)
