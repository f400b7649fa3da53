"""Alerts on a search: ask, confirm by the mailed link, change, end. A GET changes nothing."""

from functools import wraps
from typing import Any, Final

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from maillage.catalog.forms.alerts import AskAlert, ChangeAlert
from maillage.catalog.models import Alert
from maillage.catalog.searching import in_words, search
from maillage.catalog.services import alerts
from maillage.catalog.snapshot import shelf

_INCOMPLETE: Final = 422
_GONE: Final = 410
_LONGEST_QUERY: Final = Alert._meta.get_field("query").max_length or 0
_LONGEST_LABEL: Final = Alert._meta.get_field("label").max_length or 0


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask to be told of what is new in the search of this address."""
    done = search(request.GET, shelf(), localdate())
    label, query = in_words(done), done.query
    too_long = len(query) > _LONGEST_QUERY
    initial = {"email": request.user.email} if request.user.is_authenticated else {}
    form = AskAlert(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        status = _INCOMPLETE
        if form.is_valid() and not too_long:
            alerts.ask(
                email=form.cleaned_data["email"],
                query=query,
                label=label[:_LONGEST_LABEL],
                frequency=form.cleaned_data["frequency"],
                address=get_adapter().get_client_ip(request),
            )
            sent = {"email": form.cleaned_data["email"], "words": label, "query": query}
            return render(request, "catalog/alerts/sent.html", sent)
    context = {
        "form": form,
        "words": label,
        "query": query,
        "found": len(done.listing.numbers),
        "too_long": too_long,
        "unknown": done.where.unknown,
    }
    return render(request, "catalog/alerts/new.html", context, status=status)


def _by_its_link(view: Any) -> Any:
    """Find the alert of the secret in the address, which no other site is told and none indexes.

    ``strict-origin``: with ``no-referrer``, forms of this very page would be taken for forged.
    """

    @wraps(view)
    def careful(request: HttpRequest, secret: str) -> HttpResponse:
        alert = alerts.held_by(secret)
        if alert is None:
            response = render(request, "catalog/alerts/gone.html", status=_GONE)
        else:
            response = view(request, alert, secret)
        response.headers["Referrer-Policy"] = "strict-origin"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Cache-Control"] = "private, no-store"
        return response

    return careful


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@_by_its_link
def confirm(request: HttpRequest, alert: Alert, secret: str) -> HttpResponse:
    """Say what the alert is; posted, the address is proved."""
    context = {"alert": alert, "secret": secret, "most": alerts.MOST_ALERTS}
    if request.method == "POST":
        try:
            alerts.confirm(alert)
        except alerts.TooMany:
            context["too_many"] = True
            return render(request, "catalog/alerts/confirm.html", context, status=_INCOMPLETE)
        messages.success(request, "C'est fait : vous serez prévenu à cette adresse.")
        return redirect("catalog:alert_manage", secret)
    if alert.confirmed_at is not None:
        return redirect("catalog:alert_manage", secret)
    return render(request, "catalog/alerts/confirm.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@_by_its_link
def manage(request: HttpRequest, alert: Alert, secret: str) -> HttpResponse:
    """What the alert is, its rhythm, and how to end it."""
    if alert.confirmed_at is None:
        return redirect("catalog:alert_confirm", secret)
    form = ChangeAlert(request.POST or None, initial={"frequency": alert.frequency})
    if request.method == "POST" and form.is_valid():
        alerts.change(alert, form.cleaned_data["frequency"])
        messages.success(request, "Le rythme de cette alerte est changé.")
        return redirect(request.path)
    context = {"alert": alert, "secret": secret, "form": form}
    status = _INCOMPLETE if request.method == "POST" else 200
    return render(request, "catalog/alerts/manage.html", context, status=status)


# The secret is in the address: who has it may end the alert, mail readers included, which post
# without a cookie when « Se désinscrire » is pressed in them.
@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@_by_its_link
def end(request: HttpRequest, alert: Alert, secret: str) -> HttpResponse:
    """Ask; posted, the alert and its address are forgotten."""
    context = {"alert": alert, "secret": secret}
    if request.method == "POST":
        alerts.end(alert)
        return render(request, "catalog/alerts/ended.html", context)
    return render(request, "catalog/alerts/end.html", context)
