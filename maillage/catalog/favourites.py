"""Offers that a reader keeps: rows for who is signed in, a signed cookie for a visitor.

The cookie holds the keys of offers and nothing else; it is written only when a button is pressed.
Signing in is a POST: what the cookie held then joins the account (`carry_over`), and reading never
writes.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from maillage.accounts.models import User
from maillage.catalog.models import Favourite, Offer

COOKIE: Final = "favoris"
#: A cookie is four kilobytes at most; an account's list stays one that can be read.
MOST_IN_COOKIE: Final = 50
MOST_IN_ACCOUNT: Final = 500
_SALT: Final = "catalog.favourites"
_LASTS: Final = 180 * 24 * 3600
Handler = Callable[[HttpRequest], HttpResponse]


class Full(Exception):
    """No more can be kept: ``most`` says how many are."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.most = most


def in_cookie(request: HttpRequest) -> list[int]:
    """Keys of the offers that the visitor's cookie holds, the last added first.

    A cookie that was tampered with, or is too old, holds nothing.
    """
    said = request.get_signed_cookie(COOKIE, default="", salt=_SALT, max_age=_LASTS) or ""
    return [int(key) for key in said.split(".") if key.isascii() and key.isdigit()]


def kept(request: HttpRequest) -> list[int]:
    """Keys of the offers that this reader keeps, the last added first. One query if signed in."""
    seen = in_cookie(request) if COOKIE in request.COOKIES else []
    if not request.user.is_authenticated:
        return seen
    rows = Favourite.objects.filter(user=request.user).values_list("offer_id", flat=True)
    return list(dict.fromkeys([*seen, *rows]))


def change(
    request: HttpRequest, *, add: Sequence[int] = (), remove: Iterable[int] = ()
) -> list[int]:
    """Add and remove offers by their keys; return all that is then kept, to be `remember`-ed.

    Raises `Full` (and changes nothing) beyond `MOST_IN_COOKIE` or `MOST_IN_ACCOUNT`.
    """
    gone = set(remove)
    keys = [key for key in dict.fromkeys([*add, *kept(request)]) if key not in gone]
    most = MOST_IN_ACCOUNT if request.user.is_authenticated else MOST_IN_COOKIE
    if add and len(keys) > most:
        raise Full(most)
    if request.user.is_authenticated:
        write(request.user, keys, gone)
    return keys


@transaction.atomic
def write(user: User, keys: Sequence[int], gone: Iterable[int] = ()) -> None:
    """Add `keys` to the favourites of `user`, the first on top, and take `gone` away.

    Keys of offers that no longer exist are left out.
    """
    mine = Favourite.objects.filter(user=user)
    mine.filter(offer__in=gone).delete()
    known = set(Offer.objects.filter(pk__in=keys).values_list("pk", flat=True))
    new = known - set(mine.values_list("offer_id", flat=True))
    rows = [Favourite(user=user, offer_id=key) for key in reversed(keys) if key in new]
    # Two clicks at once keep one row.
    Favourite.objects.bulk_create(rows, ignore_conflicts=True)


def remember(request: HttpRequest, response: HttpResponse, keys: Sequence[int]) -> None:
    """Write the visitor's cookie, or take it away when nothing is kept or an account does."""
    if request.user.is_authenticated or not keys:
        response.delete_cookie(COOKIE, samesite="Lax")
        return
    response.set_signed_cookie(
        COOKIE, ".".join(map(str, keys)), salt=_SALT, max_age=_LASTS, httponly=True,
        samesite="Lax", secure=request.is_secure(),
    )  # fmt: skip


def carry_over(get_response: Handler) -> Handler:
    """Middleware: what a visitor kept joins their account when they sign in."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method == "POST" and COOKIE in request.COOKIES:
            user = getattr(request, "user", None)
            if user is not None and user.is_authenticated and COOKIE not in response.cookies:
                write(user, kept(request)[:MOST_IN_ACCOUNT])
                response.delete_cookie(COOKIE, samesite="Lax")
        return response

    return middleware
