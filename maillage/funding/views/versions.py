"""The history of a plan: what was done, by whom, what a version changed, and back to one."""

from datetime import date
from typing import Final
from uuid import UUID

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from maillage.common.paging import page_asked, page_numbers, text_asked
from maillage.common.tables import export, in_a_cell
from maillage.funding import history
from maillage.funding.changes import side_by_side
from maillage.funding.document import BadDocument, PlanDocument, read
from maillage.funding.models import Plan, PlanRevision
from maillage.funding.services import plans as services
from maillage.funding.views.opening import CHANGED, opened, seen

PER_PAGE: Final = 20
_HEADER: Final = ("Le", "Quoi", "Version", "Ce qui a été fait", "Par", "Pour")


@require_safe
def listing(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The whole history, the last first: versions, documents, choices; a search in it."""
    held = opened(request, pk)
    text = text_asked(request.GET)
    rows = history.passages(held.plan, text)
    if "export" in request.GET:
        cells = (
            (in_a_cell(one.at), history.KINDS[one.what], one.version or "", one.said,
             str(one.by or ""), one.on_behalf_of)
            for one in history.told(rows)
        )  # fmt: skip
        return export(f"historique {held.plan.name}", _HEADER, cells, request.GET["export"])
    page = Paginator(rows, PER_PAGE).get_page(page_asked(request.GET))
    context = {
        "plan": held.plan, "project": held.project, "page": page, "pages": page_numbers(page),
        "rows": history.told(page.object_list), "text": text,
    }  # fmt: skip
    return render(request, "funding/plans/versions.html", context)


@require_safe
def compare(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """A version beside another (« ?avec= », the one in force unless said), line by line."""
    held = opened(request, pk)
    shown = _revision(held.plan, number)
    asked = request.GET.get("avec", "")
    other = shown
    if _number(asked) != number:
        other = _revision(held.plan, _number(asked) if asked else held.plan.version)
    first, last = sorted((shown, other), key=lambda one: one.number)
    before, after = _read(first, held.today), _read(last, held.today)
    context = {
        "plan": held.plan, "project": held.project, "shown": shown, "first": first, "last": last,
        "numbers": held.plan.revisions.values_list("number", flat=True),
        "other": other.number,
        "sides": side_by_side(before, after) if before and after else None,
        "unread": before is None or after is None,
        "treasury": first.cash != last.cash,
    }  # fmt: skip
    return render(request, "funding/plans/version.html", context)


def _revision(plan: Plan, number: int) -> PlanRevision:
    found: PlanRevision = get_object_or_404(plan.revisions.select_related("by"), number=number)
    return found


def _read(revision: PlanRevision, today: date) -> PlanDocument | None:
    try:
        return read(revision.content, today)
    except BadDocument:
        return None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


@require_POST
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put back a former version (``version``), as a new one: it can itself be undone."""
    held = opened(request, pk)
    number = _number(request.POST.get("version", ""))
    former = _revision(held.plan, number)
    try:
        document = read(former.content, held.today)
        services.restore(
            plan=held.plan, by=request.user, former=former, document=document, seen=seen(request)
        )
    except services.Conflict:
        notices.error(request, CHANGED)
        return redirect(held.plan)
    except BadDocument as refusal:
        notices.error(request, str(refusal))
        return redirect(held.plan)
    notices.success(request, f"Le plan est revenu à ce qu'il était à la version {number}.")
    return redirect(held.plan)
