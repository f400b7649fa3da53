"""Up to four offers side by side (``?offre=a&offre=b``)."""

from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from maillage.catalog import comparison
from maillage.catalog.favourites import kept
from maillage.catalog.forms.filters import LONGEST_TEXT, OfferFilters, clean
from maillage.catalog.listing import find
from maillage.catalog.models import Offer
from maillage.catalog.snapshot import shelf
from maillage.common.tables import export
from maillage.engine.types import Offer as EngineOffer

_LONGEST_SLUG: Final = 100
#: Slugs that are read of an address: far more than are compared.
_MOST_READ: Final = 60
_PROPOSED: Final = 8


@login_not_required
@require_safe
def compare(request: HttpRequest) -> HttpResponseBase:
    """Compare; say which offers are left out, and propose others to add."""
    today = localdate()
    asked = [clean(slug, _LONGEST_SLUG) for slug in request.GET.getlist("offre")[:_MOST_READ]]
    asked = [slug for slug in dict.fromkeys(asked) if slug]
    found = comparison.offers_named(asked)
    shown = found[: comparison.MOST]
    criteria = comparison.compare(shown, today) if shown else []
    if "export" in request.GET:
        header = ("critère", *(f"{offer.title} ({offer.provider.name})" for offer in shown))
        rows = [(one.label, *one.answers) for one in criteria]
        return export("maillage-comparaison", header, rows, request.GET["export"])
    text = clean(request.GET.get("q", ""), LONGEST_TEXT)
    only = bool(request.GET.get("differences")) and len(shown) > 1
    context = {
        "offers": [(offer, _address([o for o in shown if o is not offer])) for offer in shown],
        "criteria": [
            (c, list(zip(shown, c.answers, strict=True))) for c in criteria if not (only and c.same)
        ],
        "differing": [c.label for c in criteria if c.same is False],
        "alike": sum(c.same is True for c in criteria),
        "only": only,
        "several": len(shown) > 1,
        "too_many": found[comparison.MOST :],
        "missing": len(asked) - len(found),
        "most": comparison.MOST,
        "room": comparison.MOST - len(shown),
        "text": text,
        "proposed": _proposed(text, shown) if text else [],
        "favourites": _favourites(request, shown),
    }
    return render(request, "catalog/compare.html", context)


def _address(offers: list[Offer]) -> str:
    """Query string that compares `offers`; "?" for none."""
    query = QueryDict(mutable=True)
    query.setlist("offre", [offer.slug for offer in offers])
    return f"?{query.urlencode()}"


def _proposed(text: str, shown: list[Offer]) -> list[EngineOffer]:
    """What a search finds beside what is shown."""
    held, mine = shelf(), {offer.slug for offer in shown}
    numbers = find(OfferFilters(text=text), held, None, localdate()).numbers
    found = (held.snapshot.offers[number] for number in numbers[: _PROPOSED + len(mine)])
    return [offer for offer in found if offer.id not in mine][:_PROPOSED]


def _favourites(request: HttpRequest, shown: list[Offer]) -> list[Offer]:
    """The reader's own favourites that are not shown yet."""
    keys = kept(request)
    if not keys:
        return []
    rows = Offer.objects.published().filter(pk__in=keys).exclude(pk__in=[o.pk for o in shown])
    return list(rows.select_related("provider").only("slug", "title", "provider__name")[:_PROPOSED])
