"""« Faire le plan de financement », from a request."""

from typing import Any
from uuid import UUID

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from maillage.accounts.models import User
from maillage.desk import perms
from maillage.desk.models import Request
from maillage.desk.perms import Standing
from maillage.desk.services.core import NotAllowed
from maillage.desk.services.projects import start_project
from maillage.desk.views.acting import opened
from maillage.projects.models import Project


@require_POST
def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make the project of a request, and go to the making of its plan."""
    demand, _ = opened(request, pk)
    try:
        project = start_project(request=demand, by=request.user)
    except NotAllowed as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    if not Project.objects.visible_to(request.user).filter(pk=project.pk).exists():
        raise PermissionDenied("La mairie ne partage plus ce projet avec votre guichet.")
    if project.plans.exists():
        return redirect(project)
    notices.success(request, "Le projet est créé à partir de la demande.")
    return redirect("funding:new", pk=project.pk)


def project_of(demand: Request, user: User, who: Standing) -> dict[str, Any]:
    """What the page of a request shows of its project (no query without one)."""
    project = None
    if demand.project_id is not None:
        project = Project.objects.visible_to(user).filter(pk=demand.project_id).first()
    may = demand.project_id is None and not demand.is_ended and bool(perms.may_plan(who))
    return {"project": project, "may_plan": may}
