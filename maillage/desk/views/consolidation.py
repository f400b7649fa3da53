"""Pages of the annual consolidation: a desk's, and the sum of all."""

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from maillage.common.tables import FORMATS, export
from maillage.desk.consolidation.facts import facts_of, period_of
from maillage.desk.consolidation.france import france as france_of
from maillage.desk.consolidation.lines import LINES_HEADER, lines
from maillage.desk.consolidation.readers import readable_desks, reads_france
from maillage.desk.consolidation.report import FIRST_YEAR, TARGET, Consolidation
from maillage.desk.consolidation.year import consolidation_of
from maillage.desk.models import Desk, Request
from maillage.desk.papers.consolidation import consolidation_as_ods, consolidation_as_odt

_REFUSAL: Final = (
    "Le bilan annuel est pour les guichets, le comité de l'ANCT et les élus qui observent le "
    "territoire."
)


@require_safe
def current(request: HttpRequest) -> HttpResponseBase:
    """The consolidation of the present year."""
    return redirect("consolidation:year", localdate().year)


@require_safe
def of_year(request: HttpRequest, year: int) -> HttpResponseBase:
    """The consolidation of a desk for a year: page and files."""
    _check(year)
    desks = readable_desks(request.user)
    if not desks:
        raise PermissionDenied(_REFUSAL)
    asked = request.GET.get("guichet", "")
    desk = next((one for one in desks if one.department == asked), None)
    if asked and desk is None:
        raise Http404("Ce guichet n'existe pas, ou votre compte ne lit pas son bilan.")
    desk = desk or desks[0]
    kind = request.GET.get("export", "")
    if kind in {"csv", "ods", "xlsx"}:
        return _lines(request, [desk], year, f"bilan-{year}-{desk.department}", kind)
    made = consolidation_of(desk, year)
    if kind:
        return _document(made, kind, f"bilan-{year}-{desk.department}")
    context = {"desk": desk, "desks": desks, "france": reads_france(request.user)}
    return render(request, "desk/consolidation/year.html", _context(made, **context))


@require_safe
def france(request: HttpRequest, year: int) -> HttpResponseBase:
    """All the desks for a year, one row each: the ANCT's committee and the administrators."""
    _check(year)
    if not reads_france(request.user):
        raise PermissionDenied("L'ensemble des guichets est lu par le comité de l'ANCT.")
    desks = list(Desk.objects.order_by("territory"))
    made = france_of(year, desks)
    if "export" in request.GET:
        section = made.sections[0]
        return export(f"bilan-{year}-france", section.header, section.rows, request.GET["export"])
    return render(request, "desk/consolidation/france.html", _context(made))


#: Value of `export` → (how it is made, type, ending of the name).
_DOCUMENTS: Final = {
    "odt": (consolidation_as_odt, "application/vnd.oasis.opendocument.text", "odt"),
    "tableaux": (consolidation_as_ods, FORMATS["ods"], "ods"),
}


def _document(made: Consolidation, kind: str, name: str) -> HttpResponse:
    """The report itself, as a text or as sheets. Raises ``Http404`` for another format."""
    if kind not in _DOCUMENTS:
        raise Http404("Format d'export inconnu.")
    make, media, ending = _DOCUMENTS[kind]
    response = HttpResponse(make(made), content_type=media)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response


def _lines(
    request: HttpRequest, desks: list[Desk], year: int, name: str, kind: str
) -> HttpResponseBase:
    """One row a request, of those that this person may read."""
    facts = facts_of(desks, period_of(year))
    readable = set(
        Request.objects.visible_to(request.user)
        .filter(desk__in=[desk.pk for desk in desks])
        .values_list("pk", flat=True)
    )
    rows = lines((one for one in facts if one.pk in readable), desks)
    return export(name, LINES_HEADER, rows, kind)


def _context(made: Consolidation, **more: Any) -> dict[str, Any]:
    period = period_of(made.year)
    return {
        "made": made,
        "period": period,
        "target": TARGET,
        "before": made.year - 1 if made.year > FIRST_YEAR else None,
        "after": made.year + 1 if made.year < localdate().year else None,
        **more,
    }


def _check(year: int) -> None:
    if not FIRST_YEAR <= year <= localdate().year:
        raise Http404("Il n'y a pas de bilan pour cette année.")
