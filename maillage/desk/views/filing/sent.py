"""The links that a desk sent to mairies: send, search, send again, cancel."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib import messages as notices
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from maillage.common.paging import page_numbers
from maillage.common.tables import export, in_a_cell
from maillage.desk.forms.links import STATES, LinkFilters, SendLink
from maillage.desk.models import FilingLink
from maillage.desk.models.desks import FilingLinkQuerySet
from maillage.desk.orientation import place_name
from maillage.desk.queue import Scope
from maillage.desk.services import links
from maillage.desk.services.core import AlreadyDone, Incomplete
from maillage.desk.views.common import INCOMPLETE
from maillage.desk.views.queue.shared import for_desk
from maillage.territories.search import search_communes

PER_PAGE: Final = 50
_HEADER: Final = (
    "Commune", "Code", "Adresse", "Envoyé par", "Envoyé le", "État", "Ouvert le",
    "Valable jusqu'au", "Demande",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A link as the list shows it; ``state`` is a key of `STATES`."""

    link: FilingLink
    place: str
    state: str

    @property
    def word(self) -> str:
        """Its state, in a word."""
        return {"envoyes": "Envoyé", "ouverts": "Ouvert", "expires": "Plus valable"}[self.state]


def _line(link: FilingLink, moment: datetime) -> Line:
    state = "ouverts" if link.used_at else "envoyes" if link.expires_at > moment else "expires"
    return Line(link, place_name(link.code) or link.code, state)


@require_http_methods(["GET", "HEAD", "POST"])
@for_desk
def listing(request: HttpRequest, scope: Scope) -> HttpResponseBase:
    """Send a link; below, those that were sent."""
    departments = [desk.department for desk in scope.desks]
    form = SendLink(request.POST or None, departments=departments)
    if request.method == "POST" and form.is_valid():
        try:
            links.send_link(
                email=form.cleaned_data["email"],
                code=form.cleaned_data["code"],
                sent_by=request.user,
            )
        except Incomplete as lacking:
            form.add_error("lieu", str(lacking))
        else:
            notices.success(request, f"Le lien part à {form.cleaned_data['email']}.")
            return redirect("links:list")
    filters = LinkFilters.read(request.GET)
    rows = _chosen(FilingLink.objects.visible_to(request.user), filters)
    rows = rows.select_related("sent_by", "request")
    if "export" in request.GET:
        return export("maillage-liens", _HEADER, _cells(rows), request.GET["export"])
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    moment = now()
    context = {
        "scope": scope,
        "form": form,
        "filters": filters,
        "states": STATES,
        "page": page,
        "pages": page_numbers(page),
        "lines": [_line(one, moment) for one in page],
    }
    status = INCOMPLETE if request.method == "POST" else 200
    return render(request, "desk/filing/links.html", context, status=status)


def _chosen(rows: FilingLinkQuerySet, filters: LinkFilters) -> FilingLinkQuerySet:
    if filters.text:
        codes = [one.code for one in search_communes(filters.text, limit=50)]
        rows = rows.filter(Q(email__icontains=filters.text) | Q(code__in=codes))
    moment = now()
    states = {
        "envoyes": Q(used_at=None, expires_at__gt=moment),
        "ouverts": Q(used_at__isnull=False),
        "expires": Q(used_at=None, expires_at__lte=moment),
    }
    return rows.filter(states.get(filters.state, Q()))


def _cells(rows: FilingLinkQuerySet) -> Iterator[tuple[Any, ...]]:
    moment = now()
    for link in rows.iterator():
        line = _line(link, moment)
        yield (
            line.place, link.code, link.email, str(link.sent_by or "la mairie"),
            in_a_cell(link.created_at), line.word, in_a_cell(link.used_at),
            in_a_cell(link.expires_at), (link.request and link.request.number) or "",
        )  # fmt: skip


@require_POST
@for_desk
def resend(request: HttpRequest, scope: Scope, pk: int) -> HttpResponse:
    """Send again, with a new secret."""
    link = get_object_or_404(FilingLink.objects.visible_to(request.user), pk=pk)
    try:
        links.resend_link(link=link, by=request.user)
    except AlreadyDone:
        notices.info(request, f"{link.email} a déjà ouvert son lien : rien n'est renvoyé.")
    else:
        notices.success(request, f"Un nouveau lien part à {link.email} ; l'ancien n'ouvre plus.")
    return redirect("links:list")


@require_http_methods(["GET", "HEAD", "POST"])
@for_desk
def cancel(request: HttpRequest, scope: Scope, pk: int) -> HttpResponse:
    """Ask, then close a link that was not opened."""
    link = get_object_or_404(FilingLink.objects.visible_to(request.user), pk=pk)
    if request.method != "POST":
        context = {"link": link, "place": place_name(link.code)}
        return render(request, "desk/filing/link_cancel.html", context)
    try:
        links.cancel_link(link=link, by=request.user)
    except AlreadyDone:
        notices.info(request, "Ce lien n'ouvrait déjà plus rien.")
    else:
        notices.success(request, f"Le lien envoyé à {link.email} n'ouvre plus rien.")
    return redirect("links:list")
