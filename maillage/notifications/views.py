"""Pages of the area: one's messages, and how often one wants them by mail."""

from collections.abc import Iterator
from typing import Final

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from maillage.common.paging import page_numbers
from maillage.common.tables import export, in_a_cell
from maillage.common.templatetags.maillage import pluriel
from maillage.notifications import services
from maillage.notifications.enums import Frequency
from maillage.notifications.forms import UNREAD, Filters, FrequencyForm
from maillage.notifications.letters import is_local
from maillage.notifications.messages import REGISTRY
from maillage.notifications.models import Notification, NotificationQuerySet
from maillage.notifications.preferences import frequencies

PER_PAGE: Final = 20
_HEADER: Final = ("Reçu le", "Sujet", "Objet", "Texte", "Lu le", "Adresse")


@require_safe
def messages(request: HttpRequest) -> HttpResponseBase:
    """The messages of the person: unread first, search, export."""
    filters = Filters.read(request.GET, UNREAD)
    rows = Notification.objects.visible_to(request.user).search(filters.text).unread_first()
    if filters.state == UNREAD:
        rows = rows.unread()
    if "export" in request.GET:
        return export("maillage-messages", _HEADER, _rows(rows), request.GET["export"])
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"filters": filters, "unread": UNREAD, "page": page, "pages": page_numbers(page)}
    return render(request, "notifications/list.html", context)


def _rows(rows: NotificationQuerySet) -> Iterator[tuple[str, ...]]:
    for row in rows.iterator():
        yield (
            in_a_cell(row.created_at), row.topic, row.subject, row.text,
            in_a_cell(row.read_at), row.action_path,
        )  # fmt: skip


def _mine(request: HttpRequest, pk: int) -> Notification:
    return get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)


def _back(request: HttpRequest) -> HttpResponse:
    """Return to the list as it was filtered."""
    query = request.GET.urlencode()
    return redirect(f"{reverse('notifications:list')}{'?' if query else ''}{query}")


@require_POST
def open_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the message was read, and go where its button leads: a page of this site only."""
    row = _mine(request, pk)
    services.read(notification=row)
    if is_local(row.action_path):
        return redirect(row.action_path)
    return redirect("notifications:list")


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that the message was read."""
    services.read(notification=_mine(request, pk))
    return _back(request)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Note that all the messages were read."""
    count = services.read_all(user=request.user)
    notices.success(request, f"{pluriel(count, 'message lu,messages lus')}.")
    return _back(request)


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """How often the person wants mails, and what is sent at once in any case."""
    form = FrequencyForm(
        request.POST if request.method == "POST" else None,
        initial={"frequency": frequencies([request.user])[request.user.pk]},
    )
    if form.is_valid():
        chosen = Frequency(form.cleaned_data["frequency"])
        services.choose_frequency(user=request.user, frequency=chosen)
        notices.success(request, f"C'est noté : « {chosen.label} ».")
        return redirect("notifications:preferences")
    essential = sorted({kind.label for kind in REGISTRY.values() if kind.essential})
    status = 422 if form.errors else 200
    context = {"form": form, "essential": essential}
    return render(request, "notifications/preferences.html", context, status=status)
