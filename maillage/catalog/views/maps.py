"""The results on a map of France, then of one département, with the table that says the same."""

from dataclasses import replace
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from maillage.catalog import coverage_map
from maillage.catalog.searching import chips_of, in_words, search
from maillage.catalog.snapshot import shelf
from maillage.common.paging import page_asked, page_numbers
from maillage.common.tables import export
from maillage.territories.directory import directory

#: More than there are départements, and than there are EPCI in one: the whole table is one page.
PER_PAGE: Final = 110
DEPARTMENT_HEADER: Final = ("code", "département", "offres locales")
EPCI_HEADER: Final = (
    "code (SIREN)", "intercommunalité", "offres locales", "communes couvertes", "communes",
)  # fmt: skip


@login_not_required
@require_safe
def on_map(request: HttpRequest) -> HttpResponseBase:
    """Where the offers of a search are: France by département, or one (``departement=24``).

    The commune of the list, if there is one, is left aside: it would leave its département alone.
    """
    asked = request.GET.copy()
    for name in ("commune", "lieu"):
        asked.pop(name, None)
    done = search(asked, shelf(), localdate())
    place = directory().departments.get(done.filters.department)
    if place is None:
        covered = coverage_map.of_france(done)
        header = DEPARTMENT_HEADER
        rows = [(one.code, one.name, one.count) for one in covered.places]
    else:
        covered = coverage_map.of_department(done, place.code)
        header = EPCI_HEADER
        rows = [(one.code, one.name, one.count, one.communes, one.of) for one in covered.places]
    if "export" in request.GET:
        return export("maillage-carte-des-offres", header, rows, request.GET["export"])
    page = Paginator(covered.places, PER_PAGE).get_page(page_asked(request.GET))
    context = {
        "filters": done.filters,
        "place": place,
        "covered": covered,
        "words": in_words(done),
        "chips": [chip for chip in chips_of(asked, done) if chip.label != done.where.department],
        "query": done.filters.query(place=False),
        "same": replace(done.filters, tied=True).query(place=False),
        "left_aside": "commune" in request.GET or "lieu" in request.GET,
        "page": page,
        "pages": page_numbers(page),
    }
    return render(request, "catalog/map.html", context)
