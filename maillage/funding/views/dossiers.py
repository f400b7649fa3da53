"""The calendar of the dossiers of a plan, as a page, a table and an iCalendar; and its papers."""

from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from maillage.common.tables import export
from maillage.funding import dossiers
from maillage.funding.papers import PAPERS, TYPES, file_name
from maillage.funding.views.opening import opened

_HEADER: Final = ("Le", "Jusqu'au", "Quoi", "Dossier", "Ce qu'il faut savoir", "Passé")


@require_safe
def calendar(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The dates to come by month, what must not be signed, and what is past."""
    held = opened(request, pk)
    if "export" in request.GET:
        rows = (
            (one.day.isoformat(), one.until.isoformat() if one.until else "",
             dossiers.KINDS[one.kind], one.label, one.text, "oui" if one.done else "")
            for one in dossiers.moments(held.document)
        )  # fmt: skip
        return export(f"dates {held.project.name}", _HEADER, rows, request.GET["export"])
    found = dossiers.dates(held.document, held.today)
    context = {
        "plan": held.plan,
        "project": held.project,
        "dates": found,
        "months": dossiers.by_month(found.coming),
        "kinds": dossiers.KINDS,
        "today": held.today,
    }
    return render(request, "funding/plans/calendar.html", context)


@require_safe
def calendar_ics(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same dates for a calendar on a computer or a telephone."""
    held = opened(request, pk)
    content = dossiers.calendar_of(held.plan, held.document, f"Dossiers : {held.project.name}")
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    name = slugify(f"dossiers-{held.project.name}")[:80]
    answer["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return answer


@require_safe
def paper(request: HttpRequest, pk: UUID, what: str, kind: str) -> HttpResponse:
    """A document made from the plan: plan, deliberation, letters, display panel, dossier."""
    held = opened(request, pk)
    entry = PAPERS.get(what)
    maker = entry.kinds.get(kind) if entry else None
    if maker is None:
        raise Http404("Ce document n'existe pas.")
    answer = HttpResponse(maker(held.subject), content_type=TYPES[kind])
    name = file_name(what, kind, held.subject)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
