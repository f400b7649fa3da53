"""The reader's favourites: list, add, remove, empty. Reading never writes."""

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localdate
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from maillage.catalog import favourites
from maillage.catalog.comparison import MOST as MOST_COMPARED
from maillage.catalog.exports import OFFER_HEADER, offer_rows
from maillage.catalog.models import Offer
from maillage.catalog.searching import line_of
from maillage.catalog.snapshot import shelf
from maillage.common.paging import page_asked, page_numbers
from maillage.common.tables import export

PER_PAGE: Final = 20
_MOST_AT_ONCE: Final = 20
_private: Final = cache_control(private=True, no_store=True)


@login_not_required
@_private
@require_safe
def listing(request: HttpRequest) -> HttpResponseBase:
    """What the reader keeps, the last added first; what is no longer proposed is said."""
    keys = favourites.kept(request)
    found = dict(Offer.objects.published().filter(pk__in=keys).values_list("pk", "slug"))
    held, today = shelf(), localdate()
    numbers = held.snapshot.number_of
    slugs = [found[key] for key in keys if found.get(key) in numbers]
    if "export" in request.GET:
        rows = offer_rows((held.snapshot.offers[numbers[slug]] for slug in slugs), held)
        return export("maillage-favoris", OFFER_HEADER, rows, request.GET["export"])
    page = Paginator(slugs, PER_PAGE).get_page(page_asked(request.GET))
    mine = frozenset(keys)
    context = {
        "page": page,
        "pages": page_numbers(page),
        "lines": [line_of(held.snapshot.offers[numbers[slug]], held, today, mine) for slug in page],
        "gone": Offer.objects.visible().filter(pk__in=keys).exclude(slug__in=slugs)
        if len(slugs) < len(keys)
        else (),
        "many": len(keys) > 1,
        "most": favourites.MOST_IN_COOKIE,
        "most_compared": MOST_COMPARED,
    }
    return render(request, "catalog/favourites.html", context)


@login_not_required
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Add (``ajouter``) and remove (``retirer``) offers by their identifiers, then go back."""
    add, remove = _keys(request, "ajouter"), _keys(request, "retirer")
    response = redirect(_back(request))
    try:
        keys = favourites.change(request, add=add, remove=remove)
    except favourites.Full as full:
        messages.error(
            request,
            f"Vous avez déjà {full.most} favoris, le plus que nous gardons : retirez-en d'abord.",
        )
        return response
    favourites.remember(request, response, keys)
    if not add and not remove:
        messages.error(request, "Cette offre n'existe pas ou n'est plus proposée.")
    return response


@login_not_required
@_private
@require_http_methods(["GET", "HEAD", "POST"])
def clear(request: HttpRequest) -> HttpResponse:
    """Ask, then remove everything."""
    keys = favourites.kept(request)
    if request.method == "POST":
        response = redirect("catalog:favourites")
        favourites.remember(request, response, favourites.change(request, remove=keys))
        messages.success(request, "Votre liste de favoris est vide.")
        return response
    return render(request, "catalog/favourites_clear.html", {"count": len(keys)})


def _keys(request: HttpRequest, name: str) -> list[int]:
    slugs = request.POST.getlist(name)[:_MOST_AT_ONCE]
    if not slugs:
        return []
    rows = Offer.objects.visible() if name == "retirer" else Offer.objects.published()
    found = dict(rows.filter(slug__in=slugs).values_list("slug", "pk"))
    return [found[slug] for slug in slugs if slug in found]


def _back(request: HttpRequest) -> str:
    """The page whence one comes, at the offer that changed; the favourites when it is not ours."""
    address = request.POST.get("suite", "")
    local = address.startswith("/catalogue/") and url_has_allowed_host_and_scheme(
        address, allowed_hosts=None
    )
    if not local:
        return reverse("catalog:favourites")
    slug = (request.POST.getlist("ajouter") or request.POST.getlist("retirer") or [""])[0]
    return (
        f"{address}#offre-{slug}" if slug.replace("-", "").replace("_", "").isalnum() else address
    )
