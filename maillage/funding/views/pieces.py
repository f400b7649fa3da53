"""The documents of a plan: those of a line, all of them, given back, removed."""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from maillage.common.documents.content import KINDS, Refused
from maillage.common.documents.keeping import as_file, serve
from maillage.common.paging import page_asked, page_numbers, text_asked
from maillage.common.rights import Denied
from maillage.common.tables import export, in_a_cell
from maillage.funding import life, perms
from maillage.funding.document import Source
from maillage.funding.enums import STATUSES, Paper
from maillage.funding.forms.pieces import PieceForm
from maillage.funding.models import Attachment, Plan
from maillage.funding.pieces import as_zip, letter_to_note, pieces_of
from maillage.funding.services import attachments
from maillage.funding.services import plans as services
from maillage.funding.views.opening import Opened, find, opened, seen
from maillage.projects.perms import owns

PER_PAGE: Final = 20
_READ_WRITE: Final = ["GET", "HEAD", "POST"]
_STATUSES: Final = dict(STATUSES)
_HEADER: Final = (
    "Ligne", "Pièce", "Nature", "Format", "Poids (octets)", "Ajoutée le", "Par", "Pour",
    "Retirée le", "Retirée par", "Retirée pour",
)  # fmt: skip


@require_http_methods(_READ_WRITE)
def page(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The documents of a line (« ?ligne= ») and a form to add one; all of them without a line."""
    held = opened(request, pk)
    name = request.GET.get("ligne")
    if name is None:
        return _listing(request, held)
    name = name.replace("\x00", "")
    source = life.find(held.document, name)
    if request.method == "POST":
        if source is None:
            raise Http404("Cette ligne n'est plus au plan.")
        if request.POST.get("faire") == "lettre":
            return _note_letter(request, held, source)
        return _attach(request, held, source)
    return _line(request, held, name, source)


# -- The documents of a line


def address(plan: Plan, name: str) -> str:
    """The page of the documents of a line."""
    return f"{reverse('funding:pieces', args=[plan.pk])}?{urlencode({'ligne': name})}"


def _line(
    request: HttpRequest, held: Opened, name: str, source: Source | None,
    form: PieceForm | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """A line that is no longer in the plan still shows its documents, if it has some."""
    rows = list(held.plan.attachments.held().filter(resource=name).select_related("added_by"))
    owner = owns(request.user, held.project)
    if source is None and not rows:
        raise Http404("Cette ligne n'est plus au plan.")
    if source is not None and form is None:
        form = PieceForm(source=source)
    context = {
        "plan": held.plan, "project": held.project, "source": source, "form": form,
        "rows": [(one, bool(perms.may_remove(request.user, one, owner=owner))) for one in rows],
        "label": source.label if source else rows[-1].line, "name": name,
        "state": _STATUSES[source.status.value] if source else "",
        "letter": source is not None and letter_to_note(source, rows),
    }  # fmt: skip
    return render(request, "funding/plans/pieces_line.html", context, status=status)


def _attach(request: HttpRequest, held: Opened, source: Source) -> HttpResponse:
    form = PieceForm(request.POST, request.FILES, source=source)
    if form.is_valid():
        piece = form.piece(source, form.cleaned_data["paper"])
        assert piece is not None, "the file is required"  # noqa: S101 - for the type
        try:
            made, new = attachments.attach(plan=held.plan, by=request.user, piece=piece)
        except Refused as refusal:
            form.add_error("file", str(refusal))
        else:
            said = "est jointe" if new else f"était déjà jointe ({made.get_paper_display()})"
            notices.success(request, f"« {made.name} » {said}.")
            return redirect(address(held.plan, source.id))
    form.say_lost()
    return _line(request, held, source.id, source, form, status=422)


def _note_letter(request: HttpRequest, held: Opened, source: Source) -> HttpResponse:
    """Note in the plan that the funder has written: the check of letters reads it."""
    document = replace(
        held.document,
        resources=tuple(
            replace(one, letter=True) if one.id == source.id else one
            for one in held.document.resources
        ),
    )
    try:
        services.save(
            plan=held.plan, by=request.user, document=document, seen=seen(request),
            said=f"{source.label[:120]} : lettre d'intention reçue", noted=True,
        )  # fmt: skip
    except services.Conflict:
        notices.error(request, "Le plan a changé pendant ce temps : vérifiez, puis recommencez.")
    else:
        notices.success(request, f"C'est noté : {source.label} a écrit.")
    return redirect(address(held.plan, source.id))


# -- All of them


def _listing(request: HttpRequest, held: Opened) -> HttpResponseBase:
    """Every document, the last first; a search; with those that were removed, on demand."""
    text = text_asked(request.GET)
    every = "retirees" in request.GET
    kept = held.plan.attachments.held()
    rows = held.plan.attachments.all() if every else kept
    lines = {one.id: one.label for one in held.document.resources}
    if text:
        rows = rows.filter(_says(text, lines))
    rows = rows.select_related("added_by", "removed_by").order_by("-added_at", "-id")
    if "export" in request.GET:
        cells = (_cells(one, lines) for one in rows.iterator(chunk_size=500))
        return export(f"pieces {held.plan.name}", _HEADER, cells, request.GET["export"])
    listed = Paginator(rows, PER_PAGE).get_page(page_asked(request.GET))
    owner = owns(request.user, held.project)
    sizes = list(kept.values_list("size", flat=True))
    context = {
        "plan": held.plan, "project": held.project, "page": listed, "pages": page_numbers(listed),
        "rows": [(one, lines.get(one.resource, one.line), one.resource in lines,
                  bool(perms.may_remove(request.user, one, owner=owner))) for one in listed],
        "text": text, "every": every, "count": len(sizes), "weight": sum(sizes),
        "gone": held.plan.attachments.exclude(removed_at=None).count(),
        "lines": held.document.resources,
    }  # fmt: skip
    return render(request, "funding/plans/pieces.html", context)


def _says(text: str, lines: dict[str, str]) -> Q:
    """Documents whose name, nature or line holds this text."""
    said = text.casefold()
    papers = [value for value, label in Paper.choices if said in label.casefold()]
    named = [name for name, label in lines.items() if said in label.casefold()]
    found = Q(name__icontains=text) | Q(line__icontains=text)
    return found | Q(paper__in=papers) | Q(resource__in=named)


def _cells(one: Attachment, lines: dict[str, str]) -> tuple[Any, ...]:
    return (
        lines.get(one.resource, f"{one.line} (ligne retirée)"), one.name, one.get_paper_display(),
        KINDS[one.kind].label, one.size, in_a_cell(one.added_at), str(one.added_by or ""),
        one.on_behalf_of, in_a_cell(one.removed_at), str(one.removed_by or ""), one.removed_for,
    )  # fmt: skip


@require_safe
def archive(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Every document of a plan in one file (ZIP), a folder by line."""
    held = opened(request, pk)
    pieces = pieces_of(held.plan, held.document)
    if not pieces.count:
        raise Http404("Ce plan n'a pas encore de pièce.")
    name = f"Pièces, {held.plan.name}, {held.project.name[:60]}.zip"
    return as_file(as_zip(pieces, held.document), name, "application/zip")


# -- One of them


def _piece(request: HttpRequest, pk: UUID, number: int) -> Attachment:
    rows = find(request, pk).attachments.held().select_related("plan__project__owner", "added_by")
    return get_object_or_404(rows, pk=number)


@require_safe
def piece(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """Give a document back, as a file to be saved."""
    return serve(_piece(request, pk, number))


@require_http_methods(_READ_WRITE)
def remove(request: HttpRequest, pk: UUID, number: int) -> HttpResponse:
    """Ask, then remove a document."""
    held = _piece(request, pk, number)
    owner = owns(request.user, held.plan.project)
    right = perms.may_remove(request.user, held, owner=owner)
    if isinstance(right, Denied):
        raise PermissionDenied(right.reason)
    back = address(held.plan, held.resource)
    if request.method == "POST":
        attachments.remove(attachment=held, by=request.user)
        notices.success(request, f"« {held.name} » est retirée.")
        left = held.plan.attachments.held().filter(resource=held.resource).exists()
        known = life.find(opened(request, pk).document, held.resource)
        if held.paper == Paper.LETTER and known is not None and known.letter:
            notices.warning(
                request, f"Le plan garde que « {known.label} » a écrit. Si ce n'est plus vrai, "
                "décochez-le dans les détails de cette ligne (« Modifier le plan »).",
            )  # fmt: skip
        return redirect(back if left or known else reverse("funding:pieces", args=[pk]))
    context = {"plan": held.plan, "project": held.plan.project, "piece": held, "back": back}
    return render(request, "funding/plans/pieces_remove.html", context)
