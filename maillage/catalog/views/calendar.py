"""The calendar of the dates of a search: a page by month, and a file that calendars follow."""

from typing import Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from maillage.catalog import deadlines as dates
from maillage.catalog.searching import chips_of, in_words, search
from maillage.catalog.snapshot import shelf
from maillage.common.calendars import by_month
from maillage.common.paging import page_asked, page_numbers
from maillage.common.tables import export

PER_PAGE: Final = 40
HEADER: Final = ("date", "quoi", "offre", "offreur", "jours restants", "page")
_MINUTES: Final = 10


@login_not_required
@require_safe
def deadlines(request: HttpRequest) -> HttpResponseBase:
    """What opens and closes, from today on; one month with ``mois=2026-12``."""
    today = localdate()
    done = search(request.GET, shelf(), today)
    found = dates.deadlines(done, today)
    months = dates.months(found)
    asked = next((m for m in months if m.code == request.GET.get("mois")), None)
    shown = [one for one in found if asked is None or one.month == asked.code]
    if "export" in request.GET:
        rows = (
            (one.day.isoformat(), one.label, one.offer.title, one.offer.provider_name, one.days,
             one.details.url)
            for one in shown
        )  # fmt: skip
        return export("maillage-echeances", HEADER, rows, request.GET["export"])
    page = Paginator(shown, PER_PAGE).get_page(page_asked(request.GET))
    file = f"{reverse('catalog:deadlines_ics')}{f'?{done.query}' if done.query else ''}"
    context = {
        "words": in_words(done),
        "chips": chips_of(request.GET, done),
        "where": done.where,
        "filters": done.filters,
        "query": done.query,
        "months": months,
        "month": asked,
        "total": len(found),
        "without": len(done.listing.numbers),
        "page": page,
        "pages": page_numbers(page),
        "grouped": by_month(list(page)),
        "closes": dates.CLOSES,
        "file": file,
        "address": f"{settings.MAILLAGE['URL']}{file}",
        "soon": 14,
    }
    return render(request, "catalog/deadlines.html", context)


@login_not_required
@cache_control(max_age=60 * _MINUTES)
@require_safe
def deadlines_ics(request: HttpRequest) -> HttpResponse:
    """The same dates as an iCalendar file."""
    today = localdate()
    done = search(request.GET, shelf(), today)
    content = dates.calendar_of(
        dates.deadlines(done, today), f"{settings.MAILLAGE['NAME']}, échéances : {in_words(done)}"
    )
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="maillage-echeances.ics"'
    return response
