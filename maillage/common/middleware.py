"""Small middlewares of the site."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware

Handler = Callable[[HttpRequest], HttpResponse]
_PAGES = ("text/html", "application/json")


def compressed_pages(get_response: Handler) -> Handler:
    """Send pages compressed: a plan of twenty lines goes from 150 kB to 20 on a slow line. Files
    are left as they are: most of them already are, and their length must be known.
    """
    gzip = GZipMiddleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.streaming or not response.headers.get("Content-Type", "").startswith(_PAGES):
            return response
        return gzip.process_response(request, response)

    return middleware


def private_pages(get_response: Handler) -> Handler:
    """Keep pages of a signed-in person out of shared caches; limit what a page may ask a device."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        )
        user = getattr(request, "user", None)
        if request.COOKIES and user is not None and user.is_authenticated:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware
