"""From the simulator to a project: the plan that was tried without an account is kept."""

import json
from typing import Any, Final
from uuid import UUID

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from maillage.accounts.enums import Role
from maillage.common import typed
from maillage.common.paging import text_asked
from maillage.funding import cash
from maillage.funding.document import BadDocument, PlanDocument, read
from maillage.funding.forms.editor import Editor
from maillage.funding.forms.keeping import KeepForm
from maillage.funding.services import plans as services
from maillage.funding.views import simulator
from maillage.funding.views.bounds import bounded
from maillage.funding.views.gathering import take_ticked
from maillage.funding.views.plans import PROPOSED
from maillage.projects.models import Project, ProjectQuerySet
from maillage.projects.services import create_project

#: Projects offered at once, the last changed first: the others are found by their words.
_MOST_PROJECTS: Final = 12
_READ_WRITE: Final = ["GET", "HEAD", "POST"]
_TOO_LONG: Final = (
    "Ce plan est trop long pour attendre ici que vous soyez connecté : rien n'est encore gardé. "
    "Choisissez « Emporter ce plan », connectez-vous, rouvrez le fichier dans le simulateur, puis "
    "gardez-le dans un projet."
)


# The simulator has no session, hence no proof; the form of this page has one, and it alone writes.
@csrf_exempt
@login_not_required
@require_http_methods(_READ_WRITE)
@bounded
def keep(request: HttpRequest) -> HttpResponse:
    """Ask in which project a plan of the simulator goes, then keep it there. Who is not signed in
    does it first, and finds their plan.
    """
    signed_in = request.user.is_authenticated
    if request.method != "POST":
        if not signed_in:
            return typed.sign_in(request, request.path, request.path)
        request.POST = typed.kept(request, request.path) or request.POST
    text = request.POST.get("plan", "")
    document, choices = _sent(text) if text else (_typed(request), simulator.cash_typed(request))
    if document is None or not (document.costs or document.resources):
        return _nothing(request, document)
    held = cash.whole(document, choices)
    return _ask(request, document, held) if signed_in else _sign_in(request, held)


def _sign_in(request: HttpRequest, held: dict[str, Any]) -> HttpResponse:
    """Ask to sign in; the plan waits, or its page says to take it away when it is too long."""
    data = QueryDict(mutable=True)
    data["plan"] = json.dumps(held, ensure_ascii=False)
    if typed.fits(data):
        return typed.sign_in(request, request.path, request.path, data)
    notices.warning(request, _TOO_LONG)
    return _simulator(request)


def _simulator(request: HttpRequest) -> HttpResponse:
    """The page of the simulator, with the plan that was posted and what is wrong in it."""
    return simulator.resume(request) if request.POST.get("plan") else simulator.check(request)


def _ask(request: HttpRequest, document: PlanDocument, held: dict[str, Any]) -> HttpResponse:
    """Which project takes the plan (`held`: with its treasury); once it is answered, keep it."""
    visible = Project.objects.visible_to(request.user)
    searching = request.POST.get("faire") == "chercher"
    words = text_asked(request.POST)
    found = visible.telling(words)
    asked = not searching and ("project" in request.POST or "demande" in request.POST)
    form = KeepForm(
        request.POST if asked else None,
        projects=_offered(found, visible, request.POST.get("project", "") if asked else ""),
        bodies=list(request.user.bodies(Role.APPLICANT)),
        document=document,
    )
    if asked and not typed.unproved(request) and form.is_valid():
        return _kept(request, form, document, held.get("cash", {}))
    context = {
        "form": form, "json": json.dumps(held), "cost": document.plan().cost,
        "possible": bool(form.bodies) or visible.exists(),
        "words": words, "found": found.count(), "searching": searching or bool(words),
        "many": visible.count() > _MOST_PROJECTS,
    }  # fmt: skip
    return render(request, "funding/plans/keep.html", context, status=422 if asked else 200)


def _typed(request: HttpRequest) -> PlanDocument | None:
    """The plan of the simulator's form, with the aids that are ticked in it."""
    editor, today = Editor.posted(request.POST), localdate()
    take_ticked(request, editor, today)
    return editor.document(today)


def _offered(found: ProjectQuerySet, visible: ProjectQuerySet, chosen: str) -> list[Project]:
    """The last changed of those found, and the one that was chosen before the search changed."""
    rows = list(found.select_related("owner").order_by("-updated_at")[:_MOST_PROJECTS])
    try:
        kept = UUID(chosen)
    except ValueError:
        return rows
    if all(one.pk != kept for one in rows):
        rows += visible.select_related("owner").filter(pk=kept)
    return rows


def _sent(text: str) -> tuple[PlanDocument | None, Any]:
    """The plan of a form that holds it whole, and its choices of treasury."""
    try:
        held = json.loads(text)
        return read(held, localdate()), held.get("cash")  # what is no object was refused before
    except (ValueError, RecursionError, BadDocument):
        return None, None


def _nothing(request: HttpRequest, document: PlanDocument | None) -> HttpResponse:
    """No plan, or one that cannot be read: the simulator says what is wrong in it."""
    if request.method == "POST" and (document is None or "plan" not in request.POST):
        return _simulator(request)
    notices.info(request, "Écrivez d'abord votre plan ici : vous pourrez ensuite le garder.")
    return redirect("simulator:home")


def _kept(
    request: HttpRequest, form: KeepForm, document: PlanDocument, choices: dict[str, Any]
) -> HttpResponse:
    said: dict[str, Any] = {"name": form.cleaned_data.get("name", "")}
    try:
        with transaction.atomic():
            project = form.chosen or create_project(
                owner=form.carried_by, by=request.user, budget=document.plan().cost or None, **said
            )
            plan = services.create_plan(
                project=project,
                by=request.user,
                document=document,
                said="Plan du simulateur",
                cash=choices,
            )
    except services.TooMany as refusal:
        notices.error(request, str(refusal))
        return redirect(project)
    typed.forget(request, request.path)
    whose = f" {PROPOSED.format(project.owner)}" if plan.proposed else ""
    notices.success(request, f"Le plan est gardé dans le projet « {project.name} ».{whose}")
    return redirect(plan)
