"""The cash flow of a plan: what must be advanced, and when."""

from dataclasses import replace
from typing import Final
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from maillage.common.tables import export
from maillage.funding import cash
from maillage.funding.curve import curve_of
from maillage.funding.document import BadDocument, PlanDocument, read
from maillage.funding.forms.cash import CashForm, Shown
from maillage.funding.services import plans as services
from maillage.funding.views.opening import CHANGED, Opened, opened, seen

_AGAIN: Final = (
    "Quelqu'un a changé le plan pendant que vous régliez ces choix : ils ne sont pas encore "
    "gardés. Les voici, sur le plan tel qu'il est maintenant : regardez, puis gardez-les."
)
_MOVES: Final = ("Trimestre", "Nature", "Quoi", "Montant (€)")
_HEADER: Final = (
    "Trimestre", "Dépensé (€ TTC)", "Reçu (€)", "TVA remboursée (€)", "Reste en caisse (€)",
)  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The treasury of a plan by quarter, under choices that a button keeps with the plan, as they
    are typed.

    The choices are shown by pages of lines: ``c`` and ``r`` are the pages of the costs and of the
    funders that were shown, ``voir`` the one that is asked (« c2 »).
    """
    held = opened(request, pk)
    document, kept = held.document, _kept(held)
    asked = request.POST if request.method == "POST" else request.GET
    choices, form, status, shown = kept, None, 200, _asked_for(asked, document)
    if _moved(asked.get("vu"), held):
        notices.error(request, CHANGED)
        return redirect(_address(held, shown))
    if "debut" in asked:
        stood = _stood(asked, kept, document)
        sent = Shown.of(document, asked.get("c"), asked.get("r"))
        form = CashForm(asked, document=document, choices=stood, today=held.today, shown=sent)
        status = 200 if form.is_valid() else 422
        choices = form.said() if status == 200 else stood
    if request.method == "POST" and status == 200:
        if _keep(request, held, choices):
            return redirect(_address(held, shown))
        notices.error(request, _AGAIN)
        status = 409
    found = cash.flow(document, choices, held.today)
    if "export" in request.GET and status == 200:
        kind = request.GET["export"]
        if "mouvements" in request.GET:
            return export(f"mouvements {held.project.name}", _MOVES, cash.moves(found), kind)
        return export(f"tresorerie {held.project.name}", _HEADER, cash.rows(found), kind)
    if form is None or status != 422:
        form = CashForm(None, document=document, choices=choices, today=held.today, shown=shown)
    context = {
        "plan": held.plan,
        "project": held.project,
        "form": form,
        "found": found,
        "sentence": cash.sentence(found),
        "ending": cash.ending(found, document),
        "cover": cash.cover(found, document),
        "left_out": cash.left_out(document),
        "curve": curve_of(found),
        "lines": [(line, cash.written_quarter(line.quarter)) for line in found.lines],
        "moves": cash.shown_moves(found, request.GET.get("trimestre", "")),
        "stood": cash.written_quarter(form.choices.start),
        "apart": form.text(kept),
        "tried": choices != kept and status != 422,
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


def _keep(request: HttpRequest, held: Opened, choices: cash.Choices) -> bool:
    """Keep the choices with the plan, unless someone changed it meanwhile."""
    try:
        services.save(
            plan=held.plan, by=request.user, document=held.document, cash=choices.as_json(),
            seen=seen(request), said="L'échéancier de trésorerie est réglé",
        )  # fmt: skip
    except services.Conflict:
        return False
    notices.success(request, "L'échéancier est gardé avec le plan.")
    return True


def _address(held: Opened, shown: Shown) -> str:
    """The page again, at the same lines."""
    pages = {"c": shown.costs.number, "r": shown.funders.number} if shown.long else {}
    where = reverse("funding:cash", args=[held.plan.pk])
    return f"{where}?{urlencode(pages)}" if pages else where


def _moved(version: str | None, held: Opened) -> bool:
    """Whether the plan has other lines than at this version, or in another order: choices name
    them by their place.
    """
    if version in (None, str(held.plan.version)):
        return False
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
    former = held.plan.revisions.filter(number=number).first()
    if former is None:
        return True
    try:
        return _lines(read(former.content, held.today)) != _lines(held.document)
    except BadDocument:
        return True


def _lines(document: PlanDocument) -> list[list[str]]:
    return [[line.id for line in document.costs], [one.id for one in cash.payers(document)]]
