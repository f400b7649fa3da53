"""The cash flow of a plan: what must be advanced, and when."""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from maillage.common.tables import export
from maillage.funding import cash
from maillage.funding.curve import curve_of
from maillage.funding.document import PlanDocument
from maillage.funding.forms.cash import CashForm, Shown
from maillage.funding.services import plans as services
from maillage.funding.views.opening import CHANGED, Opened, opened, seen

_MOVES: Final = ("Trimestre", "Nature", "Quoi", "Montant (€)")
_HEADER: Final = ("Trimestre", "Dépensé (€ TTC)", "Reçu (€)", "FCTVA (€)", "Reste en caisse (€)")


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The treasury of a plan by quarter, under choices that a button keeps with the plan.

    The choices are shown by pages of lines: ``c`` and ``r`` are the pages of the costs and of the
    funders that were shown, ``voir`` the one that is asked (« c2 »).
    """
    held = opened(request, pk)
    document, kept = held.document, _kept(held)
    asked = request.POST if request.method == "POST" else request.GET
    choices, form, status = kept, None, 200
    if "debut" in asked:
        stood = _stood(asked, kept, document)
        shown = Shown.of(document, asked.get("c"), asked.get("r"))
        form = CashForm(asked, document=document, choices=stood, today=held.today, shown=shown)
        status = 200 if form.is_valid() else 422
        choices = form.said() if status == 200 else stood
    if request.method == "POST" and status == 200:
        return _keep(request, held, choices)
    found = cash.flow(document, choices, held.today)
    if "export" in request.GET and status == 200:
        kind = request.GET["export"]
        if "mouvements" in request.GET:
            return export(f"mouvements {held.project.name}", _MOVES, cash.moves(found), kind)
        return export(f"tresorerie {held.project.name}", _HEADER, cash.rows(found), kind)
    if form is None or status == 200:
        shown = _asked_for(asked, document)
        form = CashForm(None, document=document, choices=choices, today=held.today, shown=shown)
    tried = choices != kept
    context = {
        "plan": held.plan,
        "project": held.project,
        "form": form,
        "found": found,
        "sentence": cash.sentence(found),
        "ending": cash.ending(found, document),
        "cover": cash.cover(found, document),
        "curve": curve_of(found),
        "lines": [(line, cash.written_quarter(line.quarter)) for line in found.lines],
        "moves": cash.shown_moves(found, request.GET.get("trimestre", "")),
        "stood": cash.written_quarter(form.choices.start),
        "apart": form.text(kept),
        "tried": _sent(choices, kept, form) if tried and status == 200 else (),
        "version": held.plan.version,
        "address": request.path,
    }
    return render(request, "funding/plans/cash.html", context, status=status)


def _kept(held: Opened) -> cash.Choices:
    return cash.kept(held.plan.cash, held.document, held.today)


def _stood(asked: QueryDict, kept: cash.Choices, document: PlanDocument) -> cash.Choices:
    """The choices under which the page that was sent had been written."""
    looked = cash.with_text(kept, asked.get("choix", ""), document)
    try:
        return replace(looked, start=cash.read_quarter(asked.get("depuis", "")))
    except ValueError:
        return looked


def _asked_for(asked: QueryDict, document: PlanDocument) -> Shown:
    """The pages of lines to show: those that were shown, unless another is asked."""
    wanted = {name: asked.get(name) or "1" for name in ("c", "r")}
    go = asked.get("voir", "")
    if go[:1] in wanted:
        wanted[go[0]] = go[1:]
    return Shown.of(document, wanted["c"], wanted["r"])


def _sent(choices: cash.Choices, kept: cash.Choices, form: CashForm) -> list[tuple[str, Any]]:
    """What the button that keeps the choices sends: all of them, without a page of lines."""
    return [
        ("debut", cash.written_quarter(choices.start)), ("fctva", choices.lag),
        ("choix", cash.changed_text(choices, kept, form.document)),
        ("page-c", form.shown.costs.number), ("page-r", form.shown.funders.number),
    ]  # fmt: skip


def _keep(request: HttpRequest, held: Opened, choices: cash.Choices) -> HttpResponse:
    try:
        services.save(
            plan=held.plan, by=request.user, document=held.document, cash=choices.as_json(),
            seen=seen(request), said="L'échéancier de trésorerie est réglé",
        )  # fmt: skip
    except services.Conflict:
        notices.error(request, CHANGED)
    else:
        notices.success(request, "L'échéancier est gardé avec le plan.")
    pages = {name: request.POST[f"page-{name}"] for name in "cr" if f"page-{name}" in request.POST}
    where = reverse("funding:cash", args=[held.plan.pk])
    return redirect(f"{where}?{urlencode(pages)}" if pages else where)
