"""After the filing: the receipt on screen and on paper. Before it: giving a draft up."""

from uuid import UUID

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from maillage.desk import perms
from maillage.desk.after_filing import next_steps
from maillage.desk.models import Request
from maillage.desk.papers.receipt import receipt_as_pdf
from maillage.desk.services import filing
from maillage.desk.services.core import NotAllowed


def _filed(request: HttpRequest, pk: UUID) -> Request:
    """The request, if this person may have its receipt: the mairie and the desk."""
    demand = perms.find(request.user, pk)
    who = perms.standing(request.user, demand)
    if not (who.applicant or who.agent):
        raise PermissionDenied("Le récépissé est remis à la mairie et au guichet.")
    return demand


@require_safe
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Number, date of receipt, what happens next and by when."""
    demand = _filed(request, pk)
    if demand.is_draft:
        return redirect("requests:step", demand.pk, "relire")
    context = {"demand": demand, "steps": next_steps(demand)}
    return render(request, "desk/filing/receipt.html", context)


@require_safe
def receipt_pdf(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The receipt on paper."""
    demand = _filed(request, pk)
    if demand.is_draft:
        return redirect("requests:step", demand.pk, "relire")
    # The first step is the receipt itself, whose date is at its top.
    said = [step.sentence for step in next_steps(demand) if not step.done]
    address = request.build_absolute_uri(demand.get_absolute_url())
    response = HttpResponse(receipt_as_pdf(demand, said, address), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="recepisse-{demand.number}.pdf"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask, then erase a draft (or keep it, when an answer was enough)."""
    demand = perms.find(request.user, pk)
    if not demand.is_draft:
        return redirect(demand)
    if request.method != "POST":
        context = {"demand": demand, "enough": "cela-suffit" in request.GET}
        return render(request, "desk/filing/discard.html", context)
    try:
        filing.discard_draft(request=demand, by=request.user)
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    notices.success(request, "Le brouillon est effacé, avec ses pièces.")
    return redirect("requests:mine")
