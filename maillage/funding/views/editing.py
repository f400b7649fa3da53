"""A plan in the editor: nothing is written before « Enregistrer », nothing typed is ever lost."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from maillage.common import typed as signing
from maillage.funding import planning
from maillage.funding.changes import between, in_a_line
from maillage.funding.document import BadDocument, PlanDocument, read
from maillage.funding.forms.editor import Editor
from maillage.funding.law import law_on
from maillage.funding.merging import merge
from maillage.funding.services import plans as services
from maillage.funding.showing import report
from maillage.funding.views.bounds import bounded
from maillage.funding.views.gathering import LONGEST_NEED, gather, take_ticked, typed
from maillage.funding.views.opening import Opened, opened, seen

_LONGEST_SAID: Final = 200


# The exemption is for what was typed: the proof is checked here, and what lacks it is shown again.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@bounded
@signing.kept_while_signing_in
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The editor of a plan: check it, change its lines, save it as its next version. Who is no
    longer signed in does it again, and finds what they typed.
    """
    held = opened(request, pk)
    if request.method != "POST":
        again = signing.kept(request, request.path)
        if again is None:
            editor = Editor.of(held.document)
            editor.keep_statuses(held.document)
            return _page(request, held, editor, held.document)
        request.POST = again
    editor = Editor.posted(request.POST)
    # The version from which the form was made: what others noted since is not what was typed.
    base = _base(held, seen(request)) or held.document
    editor.keep_statuses(base)
    if request.method != "POST" or signing.unproved(request):
        return _shown_again(request, held, editor)
    verb = request.POST.get("faire", "")
    gathered = gather(request, editor, held.today)
    if gathered is not None:
        return _page(request, held, editor, editor.document(held.today), **gathered)
    done = editor.act(verb)
    if not done:
        take_ticked(request, editor, held.today)
    editor.keep_statuses(base)  # of lines that are put back
    document = editor.document(held.today)
    if document is None:
        if done:
            editor.forgive()  # a line was moved: what is half typed is not an error yet
        return _page(request, held, editor, status=200 if done else 422)
    if verb == "enregistrer":
        return _save(request, held, editor, document)
    return _page(request, held, editor, document)


def _shown_again(request: HttpRequest, held: Opened, editor: Editor) -> HttpResponse:
    """What was typed before signing in again: nothing is written yet."""
    document = editor.document(held.today)
    return _page(request, held, editor, document, 200 if request.method == "GET" else 403,
                 found_again=True)  # fmt: skip


def _save(
    request: HttpRequest, held: Opened, editor: Editor, document: PlanDocument
) -> HttpResponse:
    said = " ".join(request.POST.get("dire", "").replace("\x00", "").split())[:_LONGEST_SAID]
    try:
        plan = services.save(
            plan=held.plan, by=request.user, document=document, seen=seen(request),
            said=said or in_a_line(between(held.document, document)),
        )  # fmt: skip
    except services.Conflict as refusal:
        return _together(request, editor, document, held.plan.pk, refusal)
    signing.forget(request, request.path)
    if plan.version == held.plan.version:
        notices.info(request, "Rien n'avait changé : le plan reste tel qu'il était.")
    else:
        notices.success(request, "Le plan est enregistré. La version d'avant est gardée.")
    return redirect(plan)


def _together(
    request: HttpRequest, editor: Editor, document: PlanDocument, pk: UUID,
    refusal: services.Conflict,
) -> HttpResponse:  # fmt: skip
    """What was typed and what others changed meanwhile, in one form: saved as it is, it loses
    nothing of either.
    """
    now = opened(request, pk)
    base = _base(now, seen(request))
    both = merge(base, now.document, document, _untouched(base or now.document, now.today))
    if both.document == now.document:
        signing.forget(request, request.path)
        notices.info(request, f"{refusal.who} Le plan dit déjà ce que vous avez écrit.")
        return redirect(now.plan)
    merged = Editor.of(both.document, editor.removed)
    merged.keep_statuses(both.document)
    return _page(request, now, merged, both.document, 409, conflict=refusal.who, both=both)


def _untouched(document: PlanDocument, today: date) -> PlanDocument:
    """What the form of a plan says when nothing is typed in it."""
    editor = Editor.of(document)
    editor.keep_statuses(document)
    return editor.document(today) or document


def _base(held: Opened, number: int) -> PlanDocument | None:
    """What the version `number` held; ``None`` when there is none, or it cannot be read."""
    if number == held.plan.version:
        return held.document
    former = held.plan.revisions.filter(number=number).first()
    if former is None:
        return None
    try:
        return read(former.content, held.today)
    except BadDocument:
        return None


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
