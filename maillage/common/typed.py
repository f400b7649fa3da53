"""What a person typed just before having to sign in, kept in their session until it is saved.

The session is the server's: only its key is in the browser. One form at a time is kept,
and signing out forgets it with the rest of the session.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.middleware.csrf import CsrfViewMiddleware

_PROOF: Final = CsrfViewMiddleware(lambda request: HttpResponse())
_KEY: Final = "typed"
#: Beyond it (in characters typed) nothing is kept: a plan of two hundred lines has half of that.
_MOST: Final = 60_000


def unproved(request: HttpRequest) -> bool:
    """True when a posted form has no proof that it comes from a page of this person.

    Most often they signed in again in another tab since. For a view that is exempt from Django's
    own check, so that it can show what was typed again instead of losing it: it must save nothing.
    """
    return _PROOF.process_view(request, unproved, (), {}) is not None


def fits(data: QueryDict) -> bool:
    """Whether this is short enough to be kept."""
    return sum(len(text) for _, texts in data.lists() for text in texts) <= _MOST


def sign_in(
    request: HttpRequest, name: str, address: str, data: QueryDict | None = None
) -> HttpResponseRedirect:
    """Ask to sign in, then go to `address`; what this form holds (or `data`, made of it) is kept
    under `name`. The form of another site leaves nothing here.
    """
    data = (request.POST if data is None else data).copy()
    data.pop("csrfmiddlewaretoken", None)
    elsewhere = request.headers.get("Sec-Fetch-Site") == "cross-site"
    if data and not elsewhere and fits(data):
        request.session[_KEY] = {"name": name, "text": data.urlencode()}
        notices.info(
            request,
            "Connectez-vous pour continuer : ce que vous venez de taper est gardé et vous "
            "attend."
            + (" Les fichiers, eux, seront à joindre de nouveau." if request.FILES else ""),
        )
    return redirect_to_login(address)


def kept_while_signing_in(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For the view of a form that asks to be signed in: what is posted after the session has ended
    is kept under its address, where the view finds it (`kept`) and forgets it (`forget`).
    """

    @login_not_required
    @wraps(view)
    def careful(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return sign_in(request, request.path, request.path)

    return careful


def kept(request: HttpRequest, name: str) -> QueryDict | None:
    """What was kept under `name`, as it was posted; ``None`` when nothing was."""
    held = request.session.get(_KEY)
    return QueryDict(held["text"]) if held and held["name"] == name else None


def forget(request: HttpRequest, name: str) -> None:
    """It is saved: nothing is kept any more."""
    if kept(request, name) is not None:
        del request.session[_KEY]
