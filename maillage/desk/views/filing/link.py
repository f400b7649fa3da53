"""The link that a mairie received: reading it does nothing, « Continuer » opens the draft."""

from functools import wraps
from typing import Any, Final

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from maillage.desk.models import FilingLink, Request
from maillage.desk.orientation import place_name
from maillage.desk.services import links
from maillage.desk.services.core import AlreadyDone, Incomplete, NotAllowed
from maillage.desk.views.filing.steps import FIRST

_BACKEND: Final = "allauth.account.auth_backends.AuthenticationBackend"
_TOO_OLD: Final = 410


def _secret(view: Any) -> Any:
    """The address holds a secret: no other site is told it, nothing indexes or keeps the page.

    ``strict-origin`` and not ``no-referrer``: with the latter, browsers hide from this very site
    where a form comes from, and it would be refused as forged.
    """

    @wraps(view)
    def careful(request: HttpRequest, secret: str) -> HttpResponse:
        response: HttpResponse = view(request, secret)
        response.headers["Referrer-Policy"] = "strict-origin"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return careful


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@_secret
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """What the link is for; posted, it signs its person in and opens the draft, once."""
    held = links.open_link(secret)
    if held is None:
        return render(request, "desk/filing/link_old.html", status=_TOO_OLD)
    if held.used_at is not None:
        return _used(request, held)
    context = {"link": held, "place": place_name(held.code), "refusal": ""}
    if request.method != "POST":
        return render(request, "desk/filing/link.html", context)
    signed_in = request.user if request.user.is_authenticated else None
    try:
        user, demand = links.use_link(secret=secret, signed_in=signed_in)
    except AlreadyDone:
        return redirect(request.path)
    except links.SignInFirst:
        return redirect_to_login(request.path)
    except Incomplete:
        return render(request, "desk/filing/link_old.html", status=_TOO_OLD)
    except NotAllowed as refusal:
        return render(
            request, "desk/filing/link.html", {**context, "refusal": str(refusal)}, status=403
        )
    if user != signed_in:
        login(request, user, backend=_BACKEND)
    return redirect(place_of(demand))


def _used(request: HttpRequest, held: FilingLink) -> HttpResponse:
    """The link has served: its person goes on, the others are told how."""
    mine = held.request and Request.objects.visible_to(request.user).filter(pk=held.request.pk)
    if mine and request.user.email == held.email and (demand := mine.first()):
        return redirect(place_of(demand))
    onward = place_of(held.request) if held.request else reverse("requests:mine")
    return render(request, "desk/filing/link_used.html", {"link": held, "onward": onward})


def place_of(demand: Request) -> str:
    """Where one goes on with a request: its first step while it is a draft, then its page."""
    if demand.is_draft:
        return reverse("requests:step", args=[demand.pk, FIRST])
    return demand.get_absolute_url()
