"""The latest of a search as an Atom feed."""

from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.timezone import localdate
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from maillage.catalog.searching import in_words, search
from maillage.catalog.snapshot import shelf
from maillage.engine import vocabulary as v

#: Entries of the feed.
LATEST: Final = 50
_MINUTES: Final = 10
#: A day on which the name of the site was ours, as tag URIs want one (RFC 4151): never to change.
_TAGGED_ON: Final = "2026-01-01"


@login_not_required
@cache_control(max_age=60 * _MINUTES)
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """The fifty offers of the search that were added or changed last.

    The identifier of an entry never changes while its offer has the same: a change moves it up,
    and readers that look at identifiers do not show it as another.
    """
    done = search(request.GET, shelf(), localdate())
    details = done.shelf.details
    # By key at last, for what was changed in one transaction to have an order.
    latest = sorted(
        done.offers(),
        key=lambda offer: (details[offer.id].updated_at, details[offer.id].pk),
        reverse=True,
    )[:LATEST]
    site, query = settings.MAILLAGE["URL"], f"?{done.query}" if done.query else ""
    made = Atom1Feed(
        title=f"{settings.MAILLAGE['NAME']} : {in_words(done)}",
        link=f"{site}{reverse('catalog:list')}{query}",
        feed_url=f"{site}{reverse('catalog:feed')}{query}",
        description="Les aides et appuis ajoutés ou modifiés en dernier.",
        language="fr",
        author_name=settings.MAILLAGE["OPERATOR"] or settings.MAILLAGE["NAME"],
    )
    for offer in latest:
        held = details[offer.id]
        made.add_item(
            title=offer.title,
            link=f"{site}{held.url}",
            description=f"{offer.provider_name}. {offer.summary}",
            unique_id=_tag(offer.id),
            pubdate=held.created_at,
            updateddate=held.updated_at,
            categories=[v.THEMES[theme] for theme in v.THEMES if theme in offer.themes],
        )
    return HttpResponse(
        made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8"
    )


def _tag(slug: str) -> str:
    """The identifier of an offer in feeds, whatever address it is asked at or moves to."""
    host = urlsplit(settings.MAILLAGE["URL"]).hostname or "maillage"
    return f"tag:{host},{_TAGGED_ON}:offre/{slug}"
