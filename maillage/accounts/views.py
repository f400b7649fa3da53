"""Pages of the area: the demonstration's one-click sign-in."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from maillage.accounts.demonstration import DEMO_ACCOUNTS
from maillage.accounts.models import User


@login_not_required
@require_http_methods(["GET", "POST"])
def demo(request: HttpRequest) -> HttpResponse:
    """Become one of the invented people, then go to « ?next= ». It exists in the demonstration
    only (404 elsewhere).
    """
    if not settings.MAILLAGE["DEMO"]:
        raise Http404
    known = {account.email: account for account in DEMO_ACCOUNTS}
    open_accounts = User.objects.filter(email__in=known, is_active=True)
    if request.method == "POST":
        user = get_object_or_404(
            open_accounts, email=request.POST.get("email", "").replace("\x00", "")
        )
        login(request, user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return redirect(_after(request) or settings.LOGIN_REDIRECT_URL)
    context = {"accounts": [known[user.email] for user in open_accounts], "next": _after(request)}
    return render(request, "accounts/demo.html", context)


def _after(request: HttpRequest) -> str:
    """Where to go once signed in: a page of this site, or nothing."""
    address = (request.POST if request.method == "POST" else request.GET).get("next", "")
    hosts, secure = {request.get_host()}, request.is_secure()
    return address if url_has_allowed_host_and_scheme(address, hosts, secure) else ""
