"""The study « 1 ‰ »: a fund fed by local investment, who pays and who receives. Nothing is kept."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from maillage.common.paging import page_asked, page_numbers
from maillage.common.tables import export
from maillage.engine.funding.permille import NobodyReceives, Sharing, study
from maillage.funding import sharing as words
from maillage.funding.enums import BodyKind
from maillage.funding.forms.permille import FundForm
from maillage.funding.permille import Holdings, holdings
from maillage.territories.search import search_communes

PER_PAGE: Final = 50
#: Lines that a spreadsheet is made of here: beyond, only CSV, which costs no memory.
LARGEST_SHEET: Final = 5_000
#: Table → (how it is called in a file, who makes it).
TABLES: Final[dict[str, tuple[str, Callable[[Holdings, Sharing], list[words.Group]]]]] = {
    "strates": ("par-strate", words.strata),
    "regions": ("par-region", words.regions),
    "departements": ("par-departement", words.departments),
}
_NOBODY: Final = (
    "Aucune commune ne répond à ces choix : le fonds n'irait à personne. Augmentez le nombre "
    "d'habitants, ou donnez du poids à une autre clé."
)
View = Callable[[HttpRequest], HttpResponseBase]


def _only_when_on(view: View) -> View:
    """A page that does not exist when the study is switched off (``MAILLAGE_STUDY_PERMILLE``)."""

    @wraps(view)
    def inner(request: HttpRequest) -> HttpResponseBase:
        if not settings.MAILLAGE["STUDY_PERMILLE"]:
            raise Http404("L'étude « 1 ‰ » n'est pas proposée ici.")
        return view(request)

    return inner


def _read(request: HttpRequest) -> tuple[FundForm, Holdings, Sharing | None]:
    """What was chosen, on which accounts, and the sharing (None when something is wrong)."""
    sets = holdings()
    latest = next(iter(sets.values()))
    form = FundForm.read(request.GET, [year for year in sets if year], graded=latest.graded)
    if not form.is_valid():
        return form, latest, None
    held = sets.get(form.cleaned_data["exercice"] or latest.year, latest)
    try:
        return form, held, study(held.bodies, form.terms())
    except NobodyReceives:
        form.add_error(None, _NOBODY)
        return form, held, None


def _chosen(request: HttpRequest) -> str:
    """The choices, as the end of an address: without what belongs to one page or one table."""
    query = request.GET.copy()
    for name in ("page", "export", "tableau", "par", "q", "nature", "departement", "tri"):
        query.pop(name, None)
    return query.urlencode()


@login_not_required
@require_safe
@_only_when_on
def home(request: HttpRequest) -> HttpResponseBase:
    """Choose the rules of the fund; see what they do."""
    form, held, shared = _read(request)
    context: dict[str, Any] = {"form": form, "held": held, "chosen": _chosen(request)}
    if shared is None:
        return render(request, "funding/permille/home.html", context, status=422)
    if "export" in request.GET:
        name, make = TABLES.get(request.GET.get("tableau", ""), TABLES["strates"])
        rows = words.group_rows(make(held, shared))
        return export(f"un-pour-mille-{name}", words.GROUP_HEADER, rows, request.GET["export"])
    by = "departements" if request.GET.get("par") == "departements" else "regions"
    context |= {
        "summary": words.summary(held, shared),
        "rules": words.rules(form.terms()),
        "strata": words.strata(held, shared),
        "total": words.total(held, shared),
        "places": TABLES[by][1](held, shared),
        "by": by,
        **_own(form, held, shared),
    }
    return render(request, "funding/permille/home.html", context)


def _own(form: FundForm, held: Holdings, shared: Sharing) -> dict[str, Any]:
    """The visitor's commune: what it would pay and receive, or which ones it may be."""
    code, typed = form.cleaned_data["commune"].upper(), form.cleaned_data["lieu"].strip()
    place = held.place(BodyKind.COMMUNE, code) if code else None
    # Without JavaScript only the name can be changed: it wins over the code left beside it.
    if typed and (place is None or held.names[place] != typed):
        found = search_communes(typed, limit=12)
        if len(found) != 1 and not (found and found[0].certain):
            return {"typed": typed, "choices": found}
        place = held.place(BodyKind.COMMUNE, found[0].code)
        if place is None:
            return {"typed": found[0].label, "absent": True}
    if place is None:
        return {"absent": bool(code), "typed": code}
    return {"own": words.body(held, shared, place, form.terms())}


@login_not_required
@require_safe
@_only_when_on
def bodies(request: HttpRequest) -> HttpResponseBase:
    """Each body, what it would pay and receive: search, order, export."""
    form, held, shared = _read(request)
    context: dict[str, Any] = {"form": form, "held": held, "chosen": _chosen(request)}
    if shared is None:
        return render(request, "funding/permille/home.html", context, status=422)
    asked = {
        "text": request.GET.get("q", "")[:100],
        "kind": request.GET.get("nature", ""),
        "department": request.GET.get("departement", ""),
        "sort": request.GET.get("tri", ""),
    }
    if asked["sort"] not in words.SORTS:
        asked["sort"] = "gagnent"
    places = words.ordered(held, shared, **asked)
    too_large = len(places) > LARGEST_SHEET
    kind = request.GET.get("export", "")
    refused = too_large and kind in {"ods", "xlsx"}
    if kind and not refused:
        rows = words.body_rows(held, shared, places)
        return export("un-pour-mille-collectivites", words.BODY_HEADER, rows, kind)
    page = Paginator(places, PER_PAGE).get_page(page_asked(request.GET))
    context |= {
        "asked": asked,
        "too_large": too_large,
        "refused": refused,
        "page": page,
        "pages": page_numbers(page),
        "lines": [words.body(held, shared, place) for place in page],
        "kinds": BodyKind.choices,
        "sorts": words.SORTS,
        "kept": [(name, value) for name in _kept(form) for value in form.data.getlist(name)],
    }
    return render(request, "funding/permille/bodies.html", context, status=422 if refused else 200)


def _kept(form: FundForm) -> list[str]:
    """Names of the choices to carry from one page to the next."""
    return [name for name in form.fields if name in form.data and name not in ("lieu", "commune")]
