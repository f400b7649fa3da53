"""The cash flow of a plan: what must be advanced, and when."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from maillage.common.tables import export
from maillage.funding import cash
from maillage.funding.curve import curve_of
from maillage.funding.forms.cash import CashForm
from maillage.funding.services import plans as services
from maillage.funding.views.opening import CHANGED, opened, seen

_MOVES: Final = ("Trimestre", "Nature", "Quoi", "Montant (€)")
_HEADER: Final = ("Trimestre", "Dépensé (€ TTC)", "Reçu (€)", "FCTVA (€)", "Reste en caisse (€)")


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The treasury of a plan by quarter, under choices that a button keeps with the plan."""
    held = opened(request, pk)
    choices = cash.kept(held.document, held.today)
    asked = request.POST if request.method == "POST" else request.GET
    data = asked if "debut" in asked else None
    form = CashForm(data, document=held.document, choices=choices, today=held.today)
    status = 200
    if data is not None and form.is_valid():
        choices = form.said()
    elif data is not None:
        status = 422
    if "export" in request.GET and status == 200:
        found, kind = cash.flow(held.document, choices, held.today), request.GET["export"]
        if "mouvements" in request.GET:
            return export(f"mouvements {held.project.name}", _MOVES, cash.moves(found), kind)
        return export(f"tresorerie {held.project.name}", _HEADER, cash.rows(found), kind)
    if request.method == "POST" and status == 200:
        return _keep(request, pk, choices)
    found = cash.flow(held.document, choices, held.today)
    context = {
        "plan": held.plan,
        "project": held.project,
        "form": form,
        "found": found,
        "sentence": cash.sentence(found),
        "ending": cash.ending(found, held.document),
        "cover": cash.cover(found, held.document),
        "curve": curve_of(found),
        "asked": _hidden(asked) if data is not None and status == 200 else (),
        "version": held.plan.version,
    }
    return render(request, "funding/plans/cash.html", context, status=status)


def _hidden(asked: QueryDict) -> list[tuple[str, str]]:
    """What was asked, for the button that keeps it."""
    left_out = {"export", "mouvements", "vu", "csrfmiddlewaretoken"}
    return [(name, value) for name, value in asked.items() if name not in left_out]


def _keep(request: HttpRequest, pk: UUID, choices: cash.Choices) -> HttpResponse:
    held = opened(request, pk)
    note = choices.as_note()
    if len(note) > cash.LONGEST_NOTE:
        notices.error(
            request, "Trop de lignes ont leur propre échéancier pour être gardées avec le plan : "
            "remettez-en quelques-unes comme elles étaient.",
        )  # fmt: skip
        return redirect("funding:cash", pk=pk)
    document = replace(held.document, notes={**held.document.notes, cash.NOTE: note})
    try:
        services.save(
            plan=held.plan, by=request.user, document=document, seen=seen(request),
            said="L'échéancier de trésorerie est réglé",
        )  # fmt: skip
    except services.Conflict:
        notices.error(request, CHANGED)
    else:
        notices.success(request, "L'échéancier est gardé avec le plan.")
    return redirect("funding:cash", pk=pk)
