"""Tags of the desk's pages, and of those of other areas that lead to it."""

from typing import Any
from uuid import uuid4

from django import template

from maillage.desk import storage
from maillage.desk.enums import State
from maillage.desk.forms.question import Question
from maillage.desk.models import Request
from maillage.projects.models import Project

register = template.Library()


@register.inclusion_tag("desk/request/_act_fields.html", takes_context=True)
def act_fields(context: dict[str, Any], demand: Request) -> dict[str, Any]:
    """Hidden fields of every form that acts on `demand`: proof of origin, version, unique sending.

    A form shown again keeps the version it was filled from, so that an act done by someone else in
    between is still noticed; after that notice it takes the new one.
    """
    request = context["request"]
    version = str(demand.version)
    if request.method == "POST" and not getattr(request, "conflict", False):
        version = request.POST.get("version", version)
    return {"csrf_token": context["csrf_token"], "version": version, "once": uuid4()}


@register.inclusion_tag("desk/request/_of_project.html", takes_context=True)
def requests_of(context: dict[str, Any], project: Project) -> dict[str, Any]:
    """The requests of a project that the person may read, and where to ask who can help (one
    query).
    """
    user = context["request"].user
    filed = Request.objects.visible_to(user).filter(project=project).exclude(state=State.DRAFT)
    need = Question(project.need, project.place or "")
    asks = bool(project.need) and need.fits_an_address()
    return {"requests": list(filed.order_by("-filed_at")), "ask": need.query() if asks else ""}


@register.simple_tag
def pieces_acceptees() -> str:
    """What may be joined to a request, in a sentence."""
    return storage.hint()
