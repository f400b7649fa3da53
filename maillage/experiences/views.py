"""Pages of the area: « Ils l'ont fait », and one experience."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from maillage.common.tables import export
from maillage.engine.vocabulary import THEMES
from maillage.experiences.enums import PRINCIPLES, SIZES, Certainty
from maillage.experiences.exports import HEADER, experience_rows
from maillage.experiences.figures import Balance, total
from maillage.experiences.models import Experience
from maillage.experiences.search import find
from maillage.territories.directory import directory

LONGEST_TEXT: Final = 300
_SIZES: Final = {code: (label, low, high) for code, label, low, high in SIZES}


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters of the list; "" when one is not set. Unknown values were dropped."""

    text: str = ""
    theme: str = ""
    size: str = ""

    @classmethod
    def read(cls, data: QueryDict) -> "Filters":
        """Read the parameters of a GET; whatever comes, filters are made of it."""
        text = "".join(c if c.isprintable() else " " for c in data.get("q", "")[:LONGEST_TEXT])
        theme, size = data.get("theme", ""), data.get("taille", "")
        return cls(
            text=" ".join(text.split()),
            theme=theme if theme in THEMES else "",
            size=size if size in _SIZES else "",
        )

    def keep(self, row: Experience) -> bool:
        """True when the experience has the theme and the size asked for."""
        if self.theme and self.theme not in row.themes:
            return False
        if not self.size:
            return True
        _, low, high = _SIZES[self.size]
        return row.population is not None and low <= row.population <= high


@login_not_required
@require_safe
def experiences(request: HttpRequest) -> HttpResponseBase:
    """What territories have done: search, filters by theme and size, export."""
    filters = Filters.read(request.GET)
    found = [row for row in find(filters.text) if filters.keep(row)]
    if "export" in request.GET:
        prefetch_related_objects(found, "costs", "funders")
        return export("maillage-experiences", HEADER, experience_rows(found), request.GET["export"])
    context = {
        "filters": filters,
        "cards": [(row, [THEMES[t] for t in THEMES if t in row.themes]) for row in found],
        "themes": THEMES,
        "sizes": [(code, label) for code, label, _, _ in SIZES],
        "filtered": bool(filters.text or filters.theme or filters.size),
    }
    return render(request, "experiences/list.html", context)


@login_not_required
@require_safe
def experience(request: HttpRequest, slug: str) -> HttpResponse:
    """The facts of one experience, as its document prints them."""
    rows = Experience.objects.select_related("source").prefetch_related("costs", "funders")
    row = get_object_or_404(rows, slug=slug)
    costs, funders = list(row.costs.all()), list(row.funders.all())
    context = {
        "experience": row,
        "places": _places(row),
        "themes": [(code, THEMES[code]) for code in THEMES if code in row.themes],
        "costs": costs,
        "funders": funders,
        "balance": Balance(
            total([(cost.label, cost.amount) for cost in costs]),
            total([(funder.name, funder.amount) for funder in funders]),
        ),
        "principles": [
            (label, Certainty(row.principles.get(code, Certainty.UNKNOWN)))
            for code, label in PRINCIPLES.items()
        ],
    }
    return render(request, "experiences/experience.html", context)


def _places(row: Experience) -> list[dict[str, Any]]:
    """Communes and EPCI of the experience that have a page here."""
    known, found = directory(), []
    for key in row.territory_codes:
        kind, _, code = key.partition(":")
        if kind == "com" and (current := known.resolve(code)) in known.communes:
            name = known.communes[current].label
            found.append({"kind": "commune", "code": current, "name": name})
        elif kind == "epci" and code in known.epcis:
            found.append({"kind": "epci", "code": code, "name": known.epcis[code].name})
    return found
