"""A plan in the editor: nothing is written before « Enregistrer », nothing typed is ever lost."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from maillage.funding import planning
from maillage.funding.document import PlanDocument
from maillage.funding.forms.editor import Editor
from maillage.funding.law import law_on
from maillage.funding.services import plans as services
from maillage.funding.showing import report
from maillage.funding.views.gathering import LONGEST_NEED, gather, typed
from maillage.funding.views.opening import Opened, opened, seen

_LONGEST_SAID: Final = 200


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The editor of a plan: check it, change its lines, save it as its next version."""
    held = opened(request, pk)
    if request.method != "POST":
        return _page(request, held, Editor.of(held.document), held.document)
    editor = Editor.posted(request.POST)
    verb = request.POST.get("faire", "")
    gathered = gather(request, editor, held.today)
    if gathered is not None:
        return _page(request, held, editor, editor.document(held.today), **gathered)
    done = editor.act(verb)
    document = editor.document(held.today)
    if document is None:
        if done:
            editor.forgive()  # a line was moved: what is half typed is not an error yet
        return _page(request, held, editor, status=200 if done else 422)
    if verb == "enregistrer":
        return _save(request, held, editor, document)
    return _page(request, held, editor, document)


def _save(
    request: HttpRequest, held: Opened, editor: Editor, document: PlanDocument
) -> HttpResponse:
    said = " ".join(request.POST.get("dire", "").replace("\x00", "").split())[:_LONGEST_SAID]
    try:
        plan = services.save(
            plan=held.plan, by=request.user, document=document, seen=seen(request),
            said=said or "Le plan est modifié",
        )  # fmt: skip
    except services.Conflict as refusal:
        return _page(request, opened(request, held.plan.pk), editor, document, status=409,
                     conflict=str(refusal))  # fmt: skip
    if plan.version == held.plan.version:
        notices.info(request, "Rien n'avait changé : le plan reste tel qu'il était.")
    else:
        notices.success(request, "Le plan est enregistré. La version d'avant est gardée.")
    return redirect(plan)


def _page(
    request: HttpRequest, held: Opened, editor: Editor, document: PlanDocument | None = None,
    status: int = 200, conflict: str = "", **more: Any,
) -> HttpResponse:  # fmt: skip
    """The editor. After a conflict, the form takes the present version: it may then be saved."""
    told = None
    if document is not None:
        told = report(planning.checks(document), law_on(document.date))
    version = request.POST.get("vu", held.plan.version)
    context = {
        "plan": held.plan,
        "project": held.project,
        "editor": editor.ready(),
        "document": document,
        "report": told,
        "conflict": conflict,
        "version": held.plan.version if conflict else version,
        "said": request.POST.get("dire", "")[:_LONGEST_SAID],
        **typed(request),
        **({} if "besoin" in request.POST else {"need": held.project.need[:LONGEST_NEED]}),
        **more,
    }
    return render(request, "funding/plans/edit.html", context, status=status)
