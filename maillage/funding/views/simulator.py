"""« Mon plan tient-il ? »: the simulator, without an account. The plan is in the form, whole:
nothing is kept here, and nothing is written.
"""

import json
from typing import Any, Final

from allauth.account.adapter import get_adapter
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from django.utils.timezone import localdate
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from maillage.funding import cash, examples, planning
from maillage.funding.document import BadDocument, PlanDocument
from maillage.funding.document import read as read_document
from maillage.funding.forms.editor import Editor
from maillage.funding.law import law_on
from maillage.funding.papers.dossier import FORMAT as DOSSIER
from maillage.funding.showing import comparison, report
from maillage.funding.views.bounds import bounded
from maillage.funding.views.gathering import (
    LARGEST,
    LONGEST_NEED,
    gather,
    look,
    need_of,
    take_ticked,
    typed,
)

_NO_FILE: Final = "Choisissez d'abord le fichier « .json » que vous aviez emporté."
_NOT_A_PLAN: Final = (
    "Ce fichier n'est pas un plan enregistré par ce site. Choisissez le fichier « .json » que vous "
    "aviez emporté ; pour un tableau (CSV, ODS, XLSX), utilisez « Coller ou importer des lignes »."
)


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """An empty plan, with the aids that answer a need (« ?besoin=&commune= », from the answer
    page), or a worked example (« ?exemple=bourrou »).
    """
    today = localdate()
    name = request.GET.get("exemple", "")
    if not name:
        editor = Editor.new(today, request.GET.get("commune", "")[:9])
        need = need_of(request.GET)
        if not need.text:
            return _page(request, editor)
        found = look(need, editor, today)
        editor.forgive()  # nothing is typed yet
        asked = request.GET.urlencode()[:LONGEST_NEED]
        return _page(request, editor, need=need.text, need_as_asked=asked, **found)
    example = examples.known().get(name)
    if example is None or example.plan is None:
        raise Http404("Cet exemple n'existe pas.")
    document = example.document(today)
    return _page(request, Editor.of(document), document, example=example)


@csrf_exempt
@login_not_required
@require_POST
@bounded
def check(request: HttpRequest) -> HttpResponse:
    """Check the plan of the form, or do what one of its buttons says."""
    today = localdate()
    editor = Editor.posted(request.POST)
    gathered = gather(request, editor, today)
    if gathered is not None:
        return _page(request, editor, editor.document(today), **gathered)
    verb = request.POST.get("faire", "")
    done = editor.act(verb)
    if not done:
        take_ticked(request, editor, today)
    document = editor.document(today)
    if verb == "revoir" or (done and document is None):
        # Nothing was asked, or a line was added or moved: what is half typed is not an error yet.
        editor.forgive()
        return _page(request, editor)
    if document is None:
        return _page(request, editor, status=422)
    return _page(request, editor, document)


@csrf_exempt
@login_not_required
@require_POST
@bounded
def best(request: HttpRequest) -> HttpResponse:
    """Three best plans for the costs of the form, among the aids of the form."""
    today = localdate()
    editor = Editor.posted(request.POST)
    take_ticked(request, editor, today)
    document = editor.document(today)
    if document is None:
        return _page(request, editor, status=422)
    try:
        answer = planning.best(document, address=get_adapter().get_client_ip(request))
    except planning.Busy as refusal:
        return _page(request, editor, document, refused=[str(refusal)], status=503)
    found = comparison(answer, document, law_on(document.date))
    editor.focus = "mieux"
    return _page(request, editor, document, found=found)


@csrf_exempt
@login_not_required
@require_POST
@bounded
def resume(request: HttpRequest) -> HttpResponse:
    """Open a plan: one of those proposed, or a file kept from an earlier visit."""
    today = localdate()
    sent = request.FILES.get("fichier")
    before = request.POST.get("avant", "")
    text = request.POST.get("plan", "")
    if isinstance(sent, UploadedFile):
        text = sent.read(LARGEST).decode("utf-8-sig", errors="replace")
    elif not text:
        return _not_opened(request, [_NO_FILE])
    try:
        sent_plan = json.loads(text)
        document = read_document(_plan_in(sent_plan), today)
        typed_before = Editor.posted(request.POST)
        editor = Editor.of(document, typed_before.removed)
        if before:
            editor.remember_whole(read_document(json.loads(before), today))
            editor.said = "Le plan proposé est repris. Vous pouvez revenir à celui d'avant."
        else:
            held = typed_before.document(today)
            if held is not None and (held.costs or held.resources):
                editor.remember_whole(held)
            editor.said = "Votre plan est rouvert."
    except (ValueError, RecursionError):
        return _not_opened(request, [_NOT_A_PLAN])
    except BadDocument as error:
        said = [f"{place} : {what}" for place, what in error.problems[:20]]
        return _not_opened(request, [_NOT_A_PLAN, *said])
    opened = isinstance(sent, UploadedFile)
    choices = _cash_in(sent_plan) or ({} if opened else cash_typed(request))
    return _page(request, editor, document, choices=choices)


def cash_typed(request: HttpRequest) -> Any:
    """The choices of treasury that go along with the plan of the form, as they were sent."""
    try:
        return json.loads(request.POST.get("tresorerie", "")[:LARGEST])
    except (ValueError, RecursionError):
        return None


def _cash_in(data: Any) -> Any:
    """The choices of treasury that stand beside a plan."""
    return data.get("cash") if isinstance(data, dict) else None


def _plan_in(data: Any) -> Any:
    """The plan that a file holds: itself, or what the data of a dossier keep of it."""
    if isinstance(data, dict) and data.get("format") == DOSSIER:
        return data.get("plan")
    return data


def _not_opened(request: HttpRequest, refused: list[str]) -> HttpResponse:
    """Why a plan was not opened; what was typed stays."""
    editor = Editor.posted(request.POST)
    if not editor.costs and not editor.resources:
        editor = Editor.new(localdate())
    editor.focus = "refus"
    return _page(request, editor, refused=refused, status=422)


@csrf_exempt
@login_not_required
@require_POST
@bounded
def save(request: HttpRequest) -> HttpResponse:
    """The plan of the form as a file, to be opened again another day."""
    today = localdate()
    editor = Editor.posted(request.POST)
    take_ticked(request, editor, today)
    document = editor.document(today)
    if document is None:
        return _page(request, editor, status=422)
    held = cash.whole(document, cash_typed(request))
    text = json.dumps(held, ensure_ascii=False, indent=1)
    name = slugify(f"plan-{document.bearer.name or 'de-financement'}-{today:%Y-%m-%d}")
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.json"'
    return answer


@login_not_required
@require_safe
def experiences(request: HttpRequest) -> HttpResponse:
    """The fifteen experiences of the guide through the checks: what holds, what does not, and
    what the documents say that does not add up.
    """
    today = localdate()
    lines = [(one, _told(one.document(today)) if one.plan else None) for one in
             examples.known().values()]  # fmt: skip
    return render(request, "funding/simulator/experiences.html", {"lines": lines})


def _told(document: PlanDocument) -> Any:
    return report(planning.checks(document), law_on(document.date))


def _page(
    request: HttpRequest, editor: Editor, document: PlanDocument | None = None, status: int = 200,
    choices: Any = None, **more: Any,
) -> HttpResponse:  # fmt: skip
    """The page: the editor, and what is said of its plan when it can be read. The choices of
    treasury (`choices`) go along: no page of it shows them.
    """
    along = cash_typed(request) if choices is None else choices
    context = {
        "editor": editor.ready(),
        "document": document,
        "examples": [one for one in examples.known().values() if one.shown],
        "report": _told(document) if document is not None else None,
        "plan_json": json.dumps(document.as_json()) if document is not None else "",
        "cash_json": json.dumps(along) if along and isinstance(along, dict) else "",
        **typed(request),
        **more,
    }
    answer = render(request, "funding/simulator/home.html", context, status=status)
    # Nothing of it is kept here: Back and Forward need what the browser holds of it.
    answer["Cache-Control"] = "private, no-cache"
    return answer
