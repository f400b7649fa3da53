"""Tags of the desk's pages."""

from typing import Any
from uuid import uuid4

from django import template

from maillage.desk import storage
from maillage.desk.models import Request

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


@register.filter
def poids(size: int) -> str:
    """A number of bytes in words: « 34 ko »."""
    return storage.weight(size)


@register.simple_tag
def pieces_acceptees() -> str:
    """What may be joined to a request, in a sentence."""
    return storage.hint()
