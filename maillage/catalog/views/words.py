"""Lists of the words: kinds of projects, thesaurus, words of the offers. Agents read, the
administrator writes.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from maillage.catalog import perms
from maillage.catalog.models import Offer, UnmetNeed
from maillage.catalog.words import listing
from maillage.catalog.words.listing import ORIGINS, WordFilters
from maillage.common.paging import page_asked, page_numbers
from maillage.common.tables import export
from maillage.engine.vocabulary import THEMES

PER_PAGE: Final = 40
_TYPES: Final = (
    "Identifiant", "Intitulé", "Thèmes", "Étapes", "Mots de l'administration",
    "Phrases des usagers", "Par quoi commencer", "Origine", "Modifié le",
)  # fmt: skip
_ENTRIES: Final = ("Expression", "Mots de l'administration", "Thèmes", "Origine", "Modifié le")
_OFFERS: Final = ("Identifiant", "Offre", "Organisme", "Thèmes", "Mots des usagers")
_SEVERAL: Final = " | "
P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def for_readers(view: View[P]) -> View[P]:
    """Open to agents and to the administrator. Raises ``PermissionDenied`` with the reason."""

    @wraps(view)
    def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        right = perms.may_supervise(request.user)
        if not right:
            raise PermissionDenied(right.reason)
        return view(request, *args, **kwargs)

    return checked


def for_writers(view: View[P]) -> View[P]:
    """Open to the administrator alone. Raises ``PermissionDenied`` with the reason."""

    @wraps(view)
    def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        right = perms.may_administer(request.user)
        if not right:
            raise PermissionDenied(right.reason)
        return view(request, *args, **kwargs)

    return checked


def asked_need(request: HttpRequest) -> UnmetNeed | None:
    """The need for which words are looked for (« ?besoin=12 »), ``None`` without one."""
    number = request.GET.get("besoin", "")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    return UnmetNeed.objects.filter(pk=int(number)).first()


@require_safe
@for_readers
def types(request: HttpRequest) -> HttpResponseBase:
    """Kinds of projects."""
    filters = WordFilters.read(request.GET)
    rows = listing.find_types(filters)
    if "export" in request.GET:
        cells = (
            (t.slug, t.label, _names(t.themes), _SEVERAL.join(t.phases),
             _SEVERAL.join(t.vocabulary), _SEVERAL.join(t.phrases), t.first_step,
             t.get_origin_display(), f"{t.updated_at:%Y-%m-%d}")
            for t in rows
        )  # fmt: skip
        return export("types-de-projet", _TYPES, cells, request.GET["export"])
    return _page(request, "catalog/words/types.html", filters, rows, need=asked_need(request))


@require_safe
@for_readers
def thesaurus(request: HttpRequest) -> HttpResponseBase:
    """Expressions, and what they are read as."""
    filters = WordFilters.read(request.GET)
    rows = listing.find_entries(filters)
    if "export" in request.GET:
        cells = (
            (e.expression, _SEVERAL.join(e.terms), _names(e.themes), e.get_origin_display(),
             f"{e.updated_at:%Y-%m-%d}")
            for e in rows
        )  # fmt: skip
        return export("thesaurus", _ENTRIES, cells, request.GET["export"])
    return _page(request, "catalog/words/thesaurus.html", filters, rows)


@require_safe
@for_readers
def offers(request: HttpRequest) -> HttpResponseBase:
    """The words by which each offer is found."""
    filters = WordFilters.read(request.GET)
    rows = listing.find_offers(filters)
    if "export" in request.GET:
        cells = (
            (o.id, o.title, o.provider_name, _names(sorted(o.themes)), _SEVERAL.join(o.words))
            for o in rows
        )
        name = f"mots-des-offres-{localdate():%Y-%m-%d}"
        return export(name, _OFFERS, cells, request.GET["export"])
    page = Paginator(rows, PER_PAGE).get_page(page_asked(request.GET))
    held = Offer.objects.filter(slug__in=[o.id for o in page]).only("slug", "curated", "origin")
    curated = {row.slug for row in held if "words" in row.curated or row.origin == "edited"}
    return _page(request, "catalog/words/offers.html", filters, rows, curated=curated)


def _names(codes: Iterable[str]) -> str:
    return _SEVERAL.join(THEMES[code] for code in codes)


def _page(
    request: HttpRequest, template: str, filters: WordFilters, rows: Sequence[Any], **more: Any
) -> HttpResponseBase:
    page = Paginator(rows, PER_PAGE).get_page(page_asked(request.GET))
    context = {
        "filters": filters,
        "page": page,
        "lines": [(row, ", ".join(THEMES[code] for code in row.themes)) for row in page],
        "pages": page_numbers(page),
        "themes": THEMES,
        "origins": [(code, label) for code, (label, _) in ORIGINS.items()],
        "writes": bool(perms.may_administer(request.user)),
        **more,
    }
    return render(request, template, context)
