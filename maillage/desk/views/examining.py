"""The local offers proposed for a request, and what their examination concluded."""

from typing import Any
from uuid import UUID

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods

from maillage.desk import perms, snapshots
from maillage.desk.forms.acting import Examine
from maillage.desk.models import Request
from maillage.desk.orientation import Card
from maillage.desk.services import national
from maillage.desk.views.acting import opened
from maillage.desk.views.common import act_of, attempt, fresh


@require_http_methods(["GET", "HEAD", "POST"])
def examine(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note why a proposed offer (``offre``) answers, or does not. It can be revised."""
    demand, who = opened(request, pk)
    right = perms.may_work(who)
    if not right:
        raise PermissionDenied(right.reason)
    data = request.POST if request.method == "POST" else request.GET
    card = _card(demand, data.get("offre", ""))
    examined = demand.examinations.filter(offer=card.id).first()
    first: dict[str, Any] = {"verdict": "", "why": ""}
    if examined is not None:
        first = {"verdict": examined.verdict, "why": examined.why}
    form = Examine(request.POST if request.method == "POST" else None, initial=first)
    status = 200
    if request.method == "POST":
        offer = card.proposal.offer
        refused = attempt(
            request, form,
            lambda: national.examine(
                request=demand, act=act_of(request), offer=offer.id, title=card.title,
                provider=card.provider, level=offer.level.code, **form.cleaned_data,
            ),
        )  # fmt: skip
        if refused is None:
            notices.success(request, f"C'est noté pour « {card.title} ».")
            return redirect(f"{demand.get_absolute_url()}#offre-{offer.id}")
        status, demand = refused, fresh(demand)
    context = {"demand": demand, "card": card, "form": form, "examined": examined}
    return render(request, "desk/request/examine.html", context, status=status)


def _card(demand: Request, offer: str) -> Card:
    """The proposal of this identifier, among those made for the request. Raises ``Http404``."""
    shown = snapshots.answer_for(demand, localdate())
    cards = (card for ring in shown.rings for card in ring.cards)
    card = next((card for card in cards if card.id == offer), None)
    if card is None:
        raise Http404("Cette offre n'est pas, ou n'est plus, proposée pour ce besoin.")
    return card
