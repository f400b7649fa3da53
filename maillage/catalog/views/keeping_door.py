"""Who may enter: the page or the offer of an address, for those who keep it or oversee it."""

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from maillage.accounts.models import Organisation, User
from maillage.catalog import perms
from maillage.catalog.models import Offer, Provider
from maillage.catalog.owners import departments_of

READ_WRITE: Final = ["GET", "HEAD", "POST"]
#: Statuses of a form shown again: something is missing, or the entry has changed meanwhile.
INCOMPLETE: Final = 422
CHANGED: Final = 409


def page_of(slug: str) -> Provider:
    """The page of this address; 404 when there is none (an invented one, on a real site)."""
    rows = Provider.objects.visible().select_related("held_by", "source")
    provider: Provider = get_object_or_404(rows, slug=slug)
    return provider


def kept_page(request: HttpRequest, slug: str) -> Provider:
    """The page, for who keeps it. Raises the 403 page with its reason."""
    provider = page_of(slug)
    must(perms.may_keep(request.user, provider))
    return provider


def overseen_page(request: HttpRequest, slug: str) -> Provider:
    """The page, for who oversees it. Raises the 403 page with its reason."""
    provider = page_of(slug)
    must(perms.may_oversee(request.user, provider))
    return provider


def readable_page(request: HttpRequest, slug: str) -> Provider:
    """The page, for who keeps it or oversees it. Raises the 403 page with its reason."""
    provider = page_of(slug)
    must(perms.may_keep(request.user, provider) or perms.may_oversee(request.user, provider))
    return provider


def kept_offer(request: HttpRequest, slug: str, *, to_read: bool = False) -> Offer:
    """The offer, for who keeps its page (or oversees it, `to_read`): 404 of a draft for others."""
    rows = Offer.objects.filter(provider__in=Provider.objects.visible())
    offer: Offer = get_object_or_404(
        rows.select_related("provider", "provider__held_by", "source"), slug=slug
    )
    may = perms.may_keep(request.user, offer.provider)
    if to_read and not may:
        may = perms.may_oversee(request.user, offer.provider)
    must(may)
    return offer


def must(right: Any) -> None:
    """Go on, or show why not."""
    if not right:
        raise PermissionDenied(right.reason)


def body_name(user: User, provider: Provider) -> str:
    """The body for which `user` acts on a page, as its history names it."""
    body = perms.acting_body(user, provider)
    return body.name if body else "Administration de Maillage"


def desk_body(user: User, provider: Provider) -> Organisation | None:
    """The préfecture for which an agent may hold a page: that of one of its départements."""
    places = {f"dep:{code}" for code in departments_of(provider.perimeter)}
    bodies = perms.agent_bodies(user)
    return next((body for body in bodies if body.territory in places), None)


def acts_as_desk(user: User, provider: Provider) -> bool:
    """True when a page is kept by a desk's agent, who may write of their own département only."""
    return provider.slug not in perms.kept_slugs(user) and not perms.is_administrator(user)
