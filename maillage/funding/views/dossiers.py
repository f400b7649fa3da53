"""The calendar of the dossiers of a plan, as a page, a table and an iCalendar; and its papers."""

from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages as notices
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.timezone import localdate
from django.views.decorators.http import require_POST, require_safe

from maillage.common.calendars import by_month
from maillage.common.tables import export
from maillage.funding import dossiers, feed
from maillage.funding.document import BadDocument, read
from maillage.funding.papers import PAPERS, TYPES, file_name
from maillage.funding.views.opening import Opened, opened

_HEADER: Final = ("Le", "Jusqu'au", "Quoi", "Dossier", "Ce qu'il faut savoir", "Où on en est")


@require_safe
def calendar(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The dates to come by month, what must not be signed, and what is past."""
    held = opened(request, pk)
    if "export" in request.GET:
        rows = (
            (one.day.isoformat(), _until(one), dossiers.KINDS[one.kind], one.label, one.text,
             _standing(one, held))
            for one in dossiers.moments(held.document, held.today)
        )  # fmt: skip
        return export(f"dates {held.project.name}", _HEADER, rows, request.GET["export"])
    found = dossiers.dates(held.document, held.today)
    context = {
        "plan": held.plan,
        "project": held.project,
        "dates": found,
        "months": by_month(found.coming),
        "kinds": dossiers.KINDS,
        "today": held.today,
        "address": f"{settings.MAILLAGE['URL']}{_feed(held, request)}",
    }
    return render(request, "funding/plans/calendar.html", context)


def _until(one: dossiers.Moment) -> str:
    if one.open:
        return "accusé de réception"
    return one.until.isoformat() if one.until else ""


def _standing(one: dossiers.Moment, held: Opened) -> str:
    if one.done:
        return "fait"
    if one.open:
        return "en cours"
    return "en retard" if one.day < held.today else "à venir"


def _feed(held: Opened, request: HttpRequest) -> str:
    return reverse("funding:calendar_feed", args=[feed.secret_of(held.plan, request.user)])


@require_safe
def calendar_ics(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same dates, once, for a calendar on a computer or a telephone."""
    held = opened(request, pk)
    name = f"Dossiers : {held.project.name}"
    content = dossiers.calendar_of(held.plan, held.document, name, held.today)
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    file = slugify(f"dossiers-{held.project.name}")[:80]
    answer["Content-Disposition"] = f'attachment; filename="{file}.ics"'
    return answer


@login_not_required
@require_safe
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The same dates at a private address, which a calendar reads again by itself: it cannot sign
    in.
    """
    plan = feed.held_by(secret)
    if plan is None:
        raise Http404("Cette adresse d'agenda n'est plus valable.")
    today = localdate()
    try:
        document = read(plan.content, today)
    except BadDocument as error:
        raise Http404("Ce plan ne peut pas être lu.") from error
    name = f"Dossiers : {plan.project.name}"
    content = dossiers.calendar_of(plan, document, name, today)
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="dossiers.ics"'
    answer["Cache-Control"] = "private, no-store"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@require_POST
def calendar_renew(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close the private addresses of this calendar."""
    feed.renew(opened(request, pk).plan)
    notices.success(
        request, "L'adresse de l'agenda est changée : les anciennes n'ouvrent plus rien. Donnez la "
        "nouvelle à votre agenda.",
    )  # fmt: skip
    return redirect("funding:calendar", pk=pk)


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
