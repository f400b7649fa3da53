"""Needs that found nothing, or of which what was understood was refused."""

from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from maillage.catalog import perms
from maillage.catalog.enums import UnmetReason, UnmetState
from maillage.catalog.views.words import PER_PAGE, for_readers, for_writers
from maillage.catalog.words import listing, services
from maillage.catalog.words.listing import NeedFilters
from maillage.common.paging import page_asked, page_numbers
from maillage.common.tables import export
from maillage.engine.vocabulary import THEMES

_HEADER: Final = (
    "Besoin", "Fois", "Pourquoi", "Compris", "Choisi par la personne", "Première fois",
    "Dernière fois", "Suite",
)  # fmt: skip
_MOST_MARKED: Final = 1_000


@require_safe
@for_readers
def needs(request: HttpRequest) -> HttpResponseBase:
    """The list: those said most first."""
    filters = NeedFilters.read(request.GET)
    kinds = listing.type_labels()
    rows = listing.find_needs(filters, kinds)
    if "export" in request.GET:
        return export("besoins-non-compris", _HEADER, _cells(rows, kinds), request.GET["export"])
    page = Paginator(rows, PER_PAGE).get_page(page_asked(request.GET))
    lines = [
        {
            "need": row,
            "understood": _labels(row.understood, kinds),
            "corrected": _labels(row.corrected, kinds),
        }
        for row in page
    ]
    context = {
        "filters": filters,
        "page": page,
        "pages": page_numbers(page),
        "lines": lines,
        "themes": THEMES,
        "reasons": UnmetReason.choices,
        "states": UnmetState.choices,
        "days": settings.MAILLAGE["UNMET_DAYS"],
        "writes": bool(perms.may_administer(request.user)),
    }
    return render(request, "catalog/words/needs.html", context)


def _labels(slugs: list[str], kinds: dict[str, tuple[str, list[str]]]) -> list[tuple[str, str]]:
    """Slug and label of the types that still exist."""
    return [(slug, kinds[slug][0]) for slug in slugs if slug in kinds]


def _cells(rows: Any, kinds: dict[str, tuple[str, list[str]]]) -> Iterator[tuple[Any, ...]]:
    for row in rows.iterator(chunk_size=500):
        yield (
            row.text, row.count, row.get_reason_display(),
            " | ".join(label for _, label in _labels(row.understood, kinds)),
            " | ".join(label for _, label in _labels(row.corrected, kinds)),
            row.first_on.isoformat(), row.last_on.isoformat(), row.get_state_display(),
        )  # fmt: skip


@require_POST
@for_writers
def mark(request: HttpRequest) -> HttpResponse:
    """Say what became of the needs that are ticked."""
    state = request.POST.get("suite", "")
    ticked = [n for n in request.POST.getlist("besoin") if n.isascii() and n.isdigit()]
    ticked = [n for n in ticked if len(n) < 10][:_MOST_MARKED]
    if state not in UnmetState.values:
        notices.error(request, "Choisissez ce que deviennent les besoins cochés.")
    elif not ticked:
        notices.error(request, "Cochez au moins un besoin dans la liste.")
    else:
        count = services.mark(needs=map(int, ticked), state=state)
        label = UnmetState(state).label.lower()
        said = f"{count} besoins sont notés" if count > 1 else f"{count} besoin est noté"
        notices.success(request, f"{said} « {label} ».")
    response = redirect("words:needs")
    query = request.GET.urlencode()
    if query:
        response["Location"] += f"?{query}"
    return response
