"""The versions of a plan: what was done, by whom, and back to one of them."""

from typing import Final
from uuid import UUID

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from maillage.common.paging import page_asked, page_numbers, text_asked
from maillage.common.tables import export, in_a_cell
from maillage.funding.document import BadDocument, read
from maillage.funding.services import plans as services
from maillage.funding.views.opening import CHANGED, opened, seen

PER_PAGE: Final = 20
_HEADER: Final = ("Version", "Le", "Par", "Pour", "Ce qui a été fait")


@require_safe
def listing(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Every version, the last first; a search in what was done."""
    held = opened(request, pk)
    text = text_asked(request.GET)
    rows = held.plan.revisions.select_related("by").defer("content")
    if text:
        rows = rows.filter(said__icontains=text)
    if "export" in request.GET:
        cells = (
            (one.number, in_a_cell(one.at), str(one.by or ""), one.on_behalf_of, one.said)
            for one in rows.iterator(chunk_size=500)
        )
        return export(f"versions {held.plan.name}", _HEADER, cells, request.GET["export"])
    page = Paginator(rows, PER_PAGE).get_page(page_asked(request.GET))
    context = {
        "plan": held.plan, "project": held.project, "page": page, "pages": page_numbers(page),
        "text": text,
    }  # fmt: skip
    return render(request, "funding/plans/versions.html", context)


@require_POST
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put back a former version (``version``), as a new one: it can itself be undone."""
    held = opened(request, pk)
    asked = request.POST.get("version", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 0
    former = get_object_or_404(held.plan.revisions, number=number)
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
