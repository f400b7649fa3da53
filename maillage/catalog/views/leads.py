"""Name the lead of a cell, and end it: by the people of the desk, or of the ANCT's committee."""

from typing import Any, Final

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods

from maillage.catalog import providers
from maillage.catalog.forms.matrix import EndForm, LeadForm
from maillage.catalog.matrix import leads as services
from maillage.catalog.matrix.places import Place, reach_of
from maillage.catalog.matrix.reading import matrix_of
from maillage.catalog.models import CellLead, Provider
from maillage.catalog.providers import ProviderLine
from maillage.catalog.views.matrix import place_or_404
from maillage.engine.matrix import Spot
from maillage.engine.vocabulary import PHASES, THEMES
from maillage.territories.directory import directory

_READ_WRITE: Final = ["GET", "HEAD", "POST"]
_CHANGED: Final = (
    "Quelqu'un vient de changer le chef de file de cette case. Voici où elle en est : rien de ce "
    "que vous avez écrit n'a été enregistré ; relisez, puis enregistrez si c'est toujours juste."
)


@require_http_methods(_READ_WRITE)
def lead(
    request: HttpRequest, theme: str, phase: str, kind: str = "", code: str = ""
) -> HttpResponse:
    """Name the lead of a cell; the one before, if any, ends."""
    place = _allowed(request, kind, code)
    spot, status = (theme, phase), 200
    former = _former(place, spot)
    form = LeadForm(
        request.POST or None,
        cell=matrix_of(place, "tout", localdate()).cell(*spot),
        providers=_around(place),
        initial={"decided_on": localdate(), "decided_by": _usual_committee(place)},
    )
    if request.method == "POST":
        status = _name(request, form, place, spot)
        if status == 302:
            return redirect(place.address("cell", theme=theme, phase=phase))
        former = _former(place, spot)
    return _page(request, "catalog/matrix/lead.html", place, spot, form, former, status)


def _name(request: HttpRequest, form: LeadForm, place: Place, spot: Spot) -> int:
    """The status of the answer: 302 once it is written, 422 or 409 to show the form again."""
    if not form.is_valid():
        return 422
    said = form.cleaned_data
    provider = get_object_or_404(Provider.objects.published(), slug=said.pop("provider"))
    try:
        services.name(place=place, spot=spot, provider=provider, by=request.user,
                      seen=_seen(request), **said)  # fmt: skip
    except services.Changed:
        form.add_error(None, _CHANGED)
        return 409
    except services.Refused as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return 422
    notices.success(request, f"{provider.name} est chef de file de cette case.")
    return 302


@require_http_methods(_READ_WRITE)
def lead_end(
    request: HttpRequest, theme: str, phase: str, kind: str = "", code: str = ""
) -> HttpResponse:
    """Ask, then end the lead of a cell: it stays in the history."""
    place, spot, status = _allowed(request, kind, code), (theme, phase), 200
    former = _former(place, spot)
    if former is None and request.method != "POST":
        raise Http404("Cette case n'a pas de chef de file.")
    form = EndForm(request.POST or None, initial={"ended_on": localdate()})
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.end(place=place, spot=spot, seen=_seen(request), **form.cleaned_data)
            except services.Changed:
                notices.warning(request, "Le chef de file de cette case a changé entre-temps.")
                return redirect(place.address("cell", theme=theme, phase=phase))
            except services.Refused as refusal:
                form.add_error(refusal.field, str(refusal))
            else:
                notices.success(request, "Cette case n'a plus de chef de file.")
                return redirect(place.address("cell", theme=theme, phase=phase))
    return _page(request, "catalog/matrix/lead_end.html", place, spot, form, former, status)


def _page(
    request: HttpRequest, template: str, place: Place, spot: Spot, form: Any,
    former: CellLead | None, status: int,
) -> HttpResponse:  # fmt: skip
    context = {
        "place": place,
        "theme": THEMES[spot[0]],
        "phase": PHASES[spot[1]],
        "other": place.address("lead", theme=spot[0], phase=spot[1]),
        "back": place.address("cell", theme=spot[0], phase=spot[1]),
        "form": form,
        "former": former,
    }
    return render(request, template, context, status=status)


def _allowed(request: HttpRequest, kind: str, code: str) -> Place:
    """The territory, if this person may name its leads. Raises ``PermissionDenied`` with the
    reason, ``Http404`` for a territory that has none.
    """
    place = place_or_404(kind, code)
    right = services.may_name(request.user, place)
    if not right:
        raise PermissionDenied(right.reason)
    return place


def _former(place: Place, spot: Spot) -> CellLead | None:
    found = services.in_force([place.key]).get(spot)
    return found[0] if found else None


def _seen(request: HttpRequest) -> int:
    """The key of the lead that the form showed; 0: none. What is not a number is no lead's."""
    text = request.POST.get("vu", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _usual_committee(place: Place) -> str:
    if place.is_france:
        return "Comité de suivi de l'ANCT"
    return f"CLCT : {place.name}"


def _around(place: Place) -> list[ProviderLine]:
    """Providers that may lead there: those that cover a part of the territory at least."""
    everyone = providers.held.get()
    if place.is_france:
        return [one for one in everyone if not one.generalist]
    reach = reach_of(place, directory())
    return [one for one in everyone if reach.of(one.perimeter)]
