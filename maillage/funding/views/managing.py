"""A plan as a whole: copied, chosen, renamed, deleted."""

from typing import Final
from uuid import UUID

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from maillage.common.rights import Denied
from maillage.funding import perms as rights
from maillage.funding.forms.plans import NameForm, ToldForm
from maillage.funding.services import plans as services
from maillage.funding.views.opening import opened
from maillage.projects import perms

_READ_WRITE: Final = ["GET", "HEAD", "POST"]


@require_POST
def duplicate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A copy, to try something else."""
    held = opened(request, pk)
    try:
        copy = services.duplicate(plan=held.plan, by=request.user, document=held.document)
    except services.TooMany as refusal:
        notices.error(request, str(refusal))
        return redirect(held.plan)
    notices.success(request, "Voici la copie : changez ce que vous voulez, l'autre plan reste.")
    return redirect(copy)


@require_http_methods(_READ_WRITE)
def choose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep this plan for the project, in place of another: who carries it does so in one press, a
    desk says first who asked for it.
    """
    held = opened(request, pk)
    if held.plan.chosen:
        notices.info(request, f"« {held.plan.name} » est déjà le plan retenu.")
        return redirect(held.plan)
    owner = perms.owns(request.user, held.project)
    form = ToldForm(request.POST if request.method == "POST" and not owner else None)
    if request.method == "POST" and (owner or form.is_valid()):
        told = "" if owner else form.cleaned_data["told"]
        services.choose(plan=held.plan, by=request.user, told=told)
        notices.success(request, f"« {held.plan.name} » est le plan retenu pour ce projet.")
        return redirect(held.plan)
    former = held.project.plans.filter(chosen=True).first()
    context = {
        "plan": held.plan, "project": held.project, "owner": owner, "form": form, "former": former,
    }  # fmt: skip
    status = 422 if form.is_bound else 200
    return render(request, "funding/plans/choose.html", context, status=status)


@require_http_methods(_READ_WRITE)
def rename(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give the plan another name."""
    held = opened(request, pk)
    data = request.POST if request.method == "POST" else None
    form = NameForm(data, initial={"name": held.plan.name})
    if request.method == "POST" and form.is_valid():
        services.rename(plan=held.plan, by=request.user, name=form.cleaned_data["name"])
        return redirect(held.plan)
    context = {"form": form, "plan": held.plan, "project": held.project}
    status = 422 if form.is_bound else 200
    return render(request, "funding/plans/rename.html", context, status=status)


@require_http_methods(_READ_WRITE)
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Delete a plan, once it has been said what goes with it."""
    held = opened(request, pk)
    right = rights.may_delete(request.user, held.plan)
    if isinstance(right, Denied):
        raise PermissionDenied(right.reason)
    if request.method == "POST":
        name = held.plan.name
        try:
            heir = services.delete(plan=held.plan, by=request.user)
        except services.NotTheirs as refusal:  # chosen, or written in, since the page was asked
            raise PermissionDenied(str(refusal)) from refusal
        now = f" Le plan retenu est maintenant « {heir.name} »." if heir else ""
        notices.success(request, f"Le plan « {name} » est supprimé.{now}")
        return redirect(held.project)
    context = {
        "plan": held.plan, "project": held.project, "count": held.plan.revisions.count(),
        "pieces": held.plan.attachments.held().count(), "heir": services.heir_of(held.plan),
    }  # fmt: skip
    return render(request, "funding/plans/delete.html", context)
