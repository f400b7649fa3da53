"""Who keeps a page: invite someone of the body, end an access, hold the page, make a new one."""

from typing import Any, Final

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from maillage.accounts import services as accounts
from maillage.accounts.enums import Role
from maillage.accounts.models import Mandate
from maillage.catalog import perms
from maillage.catalog.forms.filters import ProviderFilters
from maillage.catalog.forms.keeping import InviteForm, NewProviderForm
from maillage.catalog.models import Provider
from maillage.catalog.owners import departments_of
from maillage.catalog.providers import find_providers
from maillage.catalog.services import entries, keeping
from maillage.catalog.views.keeping_door import (
    INCOMPLETE,
    READ_WRITE,
    body_name,
    desk_body,
    must,
    overseen_page,
)
from maillage.common.rights import Denied

_LOOK_ALIKE: Final = 5


@require_http_methods(READ_WRITE)
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Invite someone of the body to keep its page."""
    row = overseen_page(request, slug)
    form = InviteForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = INCOMPLETE
        if form.is_valid():
            try:
                mandate = keeping.invite(
                    provider=row, by=request.user, body=body_name(request.user, row),
                    **form.cleaned_data,
                )  # fmt: skip
            except accounts.Refused as refusal:
                form.add_error(refusal.field, str(refusal))
            else:
                notices.success(request, f"C'est fait : {mandate.user.email} reçoit un message.")
                return redirect("keeping:provider", slug)
    return render(
        request, "catalog/keeping/invite.html", {"provider": row, "form": form}, status=status
    )


@require_http_methods(READ_WRITE)
def end_access(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Ask, then end someone's access to a page."""
    row = overseen_page(request, slug)
    mandate: Mandate = get_object_or_404(
        Mandate.objects.select_related("user", "organisation"),
        pk=pk, role=Role.PROVIDER, organisation__provider=row.slug,
    )  # fmt: skip
    if request.method == "POST":
        keeping.end_access(
            provider=row, mandate=mandate, by=request.user, body=body_name(request.user, row)
        )
        notices.success(request, f"L'accès de {mandate.user} est terminé.")
        return redirect("keeping:provider", slug)
    return render(request, "catalog/keeping/end_access.html", {"provider": row, "mandate": mandate})


@require_http_methods(READ_WRITE)
def hold(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask, then keep the page of a body that will not, or give it back."""
    row = overseen_page(request, slug)
    desk = desk_body(request.user, row)
    held = row.held_by_id is not None
    if held and (desk is None or row.held_by_id != desk.pk):
        must(perms.may_keep(request.user, row))
    if not held and desk is None:
        must(Denied("Une fiche est prise en charge par le guichet de son département."))
    if request.method != "POST":
        context = {"provider": row, "desk": desk, "held": held}
        return render(request, "catalog/keeping/hold.html", context)
    try:
        if held:
            keeping.release(provider=row, by=request.user, body=body_name(request.user, row))
            notices.success(request, "Votre guichet ne tient plus cette fiche.")
        else:
            keeping.hold(provider=row, desk=desk, by=request.user)
            notices.success(request, "Votre guichet tient maintenant cette fiche.")
    except keeping.Refused as refusal:
        notices.error(request, str(refusal))
    return redirect("keeping:provider", slug)


@require_http_methods(READ_WRITE)
def new_provider(request: HttpRequest) -> HttpResponse:
    """Make the page of a body that has none."""
    must(perms.may_create_provider(request.user))
    desks = perms.agent_bodies(request.user)
    data = request.POST if request.method == "POST" else None
    first: dict[str, Any] = {"held": True, "available_unit": "cases"}
    if desks and desks[0].territory:
        first["perimeter"] = [desks[0].territory]
    form = NewProviderForm(data, initial=first, holds=bool(desks))
    alike: list[tuple[str, str]] = []
    status = 200
    if data is not None:
        status = INCOMPLETE
        if form.is_valid():
            right = perms.may_cover(request.user, form.cleaned_data["perimeter"])
            if not right:
                form.add_error("perimeter", right.reason)
            alike = _alike(form.cleaned_data["name"])
            if alike and not form.cleaned_data["distinct"]:
                form.add_error(
                    "distinct", "Une fiche porte presque ce nom : regardez-la, ou cochez ceci."
                )
            if not form.errors:
                made = _make(request, form.cleaned_data, desks)
                notices.success(request, "La fiche est créée : elle est visible de tous.")
                return redirect("keeping:provider", made.slug)
    context = {"form": form, "questions": form.questions, "alike": alike}
    return render(request, "catalog/keeping/new_provider.html", context, status=status)


def _alike(name: str) -> list[tuple[str, str]]:
    """Slug and name of the pages whose name holds every word of this one: accents aside in the
    memory of the process, and as they are written in the database, which knows the last ones.
    """
    rows = Provider.objects.visible()
    for word in name.split():
        rows = rows.filter(name__icontains=word)
    found = [(line.slug, line.name) for line in find_providers(ProviderFilters(text=name))]
    found += rows.values_list("slug", "name")[:_LOOK_ALIKE]
    return list(dict(found).items())[:_LOOK_ALIKE]


def _make(request: HttpRequest, said: dict[str, Any], desks: list[Any]) -> Provider:
    places = {f"dep:{code}" for code in departments_of(said["perimeter"])}
    desk = next((body for body in desks if body.territory in places), None)
    holds = said.pop("held", False)
    said.pop("distinct")
    return entries.create_provider(
        values=said, by=request.user, held_by=desk if holds else None,
        body=desk.name if desk else "Administration de Maillage",
    )  # fmt: skip
