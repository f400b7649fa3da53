"""Documents of a request: joined, given back, taken away. Each is reached through its request."""

from uuid import UUID

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from maillage.common.documents.checking import clean_name
from maillage.common.documents.content import Refused
from maillage.common.documents.keeping import serve
from maillage.common.templatetags.maillage import pluriel
from maillage.desk import perms, storage
from maillage.desk.enums import Audience
from maillage.desk.models import Attachment, Request
from maillage.desk.services import exchanges
from maillage.desk.services.core import Incomplete, NotAllowed


def take_files(request: HttpRequest, demand: Request) -> list[str]:
    """Join the files of a posted form (``fichiers``); return why some were refused, in French.

    The others are kept. Raises ``PermissionDenied``.
    """
    audience = request.POST.get("audience", Audience.APPLICANT)
    if audience not in Audience.values:
        audience = Audience.APPLICANT
    partner = None
    if audience == Audience.PARTNER:
        number = request.POST.get("partner", "")
        partner = next(
            (p.organisation for p in demand.parties.select_related("organisation")
             if str(p.organisation_id) == number), None,
        )  # fmt: skip
        if partner is None:
            return ["Choisissez l'organisme qui lira ce document."]
    uploads = request.FILES.getlist("fichiers")
    refusals = [
        f"« {clean_name(upload.name or '')} » n'a pas été joint : joignez "
        f"{storage.MOST.files} fichiers au plus à la fois."
        for upload in uploads[storage.MOST.files :]
    ]
    for upload in uploads[: storage.MOST.files]:
        try:
            exchanges.add_attachment(
                request=demand, by=request.user, upload=upload, audience=audience, partner=partner
            )
        except (Refused, Incomplete) as refusal:
            refusals.append(str(refusal))
        except NotAllowed as refusal:
            raise PermissionDenied(str(refusal)) from refusal
    return refusals


def _back(demand: Request) -> HttpResponse:
    if demand.is_draft:
        return redirect("requests:step", demand.pk, "pieces")
    return redirect(f"{demand.get_absolute_url()}#documents")


@require_POST
def attach(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Join files to a request, then go back to it."""
    demand = perms.find(request.user, pk)
    refusals = take_files(request, demand)
    for refusal in refusals:
        notices.error(request, refusal)
    count = len(request.FILES.getlist("fichiers")) - len(refusals)
    if count > 0:
        notices.success(request, f"{pluriel(count, 'pièce jointe,pièces jointes')}.")
    elif not refusals:
        notices.warning(request, "Choisissez d'abord un fichier.")
    return _back(demand)


def _piece(request: HttpRequest, pk: UUID, number: int) -> Attachment:
    demand = perms.find(request.user, pk)
    readable = perms.attachments(perms.standing(request.user, demand))
    return get_object_or_404(readable.select_related("request"), pk=number)


@require_safe
def attachment(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """Give a document back to who may read it."""
    return serve(_piece(request, pk, number))


@require_http_methods(["GET", "HEAD", "POST"])
def detach(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Ask, then take a document away (at once from a draft: it can be joined again)."""
    piece = _piece(request, pk, number)
    demand = piece.request
    who = perms.standing(request.user, demand)
    if not (who.agent or piece.added_by_id == request.user.pk):
        raise PermissionDenied("Seul celui qui l'a ajouté, ou le guichet, retire un document.")
    if request.method != "POST":
        back = (
            reverse("requests:step", args=[demand.pk, "pieces"])
            if demand.is_draft
            else f"{demand.get_absolute_url()}#documents"
        )
        context = {"demand": demand, "piece": piece, "back": back}
        return render(request, "desk/filing/detach.html", context)
    try:
        exchanges.remove_attachment(attachment=piece, by=request.user)
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    notices.success(request, f"« {piece.name} » est retirée.")
    return _back(demand)
