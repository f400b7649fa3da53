"""Pages of a desk's people: its settings, their absences, the accesses that they open."""

from collections.abc import Iterator
from typing import Any, Final

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe

from maillage.accounts import services as accounts
from maillage.accounts.enums import Role
from maillage.accounts.models import Absence, Mandate, MandateQuerySet, Organisation
from maillage.accounts.perms import may_give
from maillage.common.paging import page_numbers
from maillage.common.tables import export
from maillage.desk import mandates, queue
from maillage.desk.bodies import body_of
from maillage.desk.forms.settings import (
    AbsenceForm,
    AccessForm,
    BodyForm,
    ModeForm,
    SettingsForm,
)
from maillage.desk.models import Desk
from maillage.desk.queue import Scope
from maillage.desk.services import settings as services
from maillage.desk.services.core import Incomplete, NotAllowed
from maillage.desk.views.common import attempt
from maillage.desk.views.queue.shared import for_desk

PER_PAGE: Final = 50
_READ_WRITE: Final = ["GET", "HEAD", "POST"]
_PEOPLE_HEADER: Final = (
    "Nom", "Adresse électronique", "Rôle", "Délégation pour décider", "Organisme", "Du", "Au",
    "En cours", "Dernière connexion",
)  # fmt: skip
#: Value of the filter → its label.
_STATES: Final = {"": "En cours", "finis": "Terminés", "tous": "Tous"}


def _desk(request: HttpRequest, scope: Scope) -> Desk:
    """The desk that the address names (« ?guichet=24 »), the first one without. Raises ``Http404``
    for a desk that is not theirs.
    """
    asked = request.GET.get("guichet", "")
    found = [desk for desk in scope.desks if asked in ("", desk.department)]
    if not found:
        raise Http404("Ce guichet n'est pas le vôtre.")
    return found[0]


def _back(name: str, desk: Desk, request: HttpRequest) -> HttpResponse:
    response = redirect(name)
    if request.GET.get("guichet"):
        response["Location"] += f"?guichet={desk.department}"
    return response


# -- Settings


@require_http_methods(_READ_WRITE)
@for_desk
def settings(request: HttpRequest, scope: Scope) -> HttpResponse:
    """The settings of a desk: three forms, each with its own button."""
    desk = _desk(request, scope)
    decides = mandates.decides(request.user, desk)
    what = request.POST.get("quoi", "")
    seen = request.POST.get("vu")
    data = request.POST if request.method == "POST" else None
    values = {name: getattr(desk, name) for name in services.FIELDS}
    forms: dict[str, Any] = {
        "reglages": SettingsForm(data if what == "reglages" else None, initial=values),
        "mode": ModeForm(
            data if what == "mode" else None,
            initial={"mode": desk.mode, "is_open": desk.is_open},
        ),
        "organisme": BodyForm(data if what == "organisme" else None, decides=decides),
    }
    if data is None:
        return _settings_page(request, scope, desk, forms)
    if what not in forms:
        raise Http404
    form = forms[what]
    if what == "organisme" and request.POST.get("faire") == "chercher":
        # Only looked for: what is typed is kept, nothing is asked yet.
        forms["organisme"] = BodyForm(initial=request.POST.dict(), decides=decides)
        return _settings_page(request, scope, desk, forms)

    def do() -> None:
        said = form.cleaned_data
        if what == "reglages":
            services.save_settings(desk=desk, by=request.user, seen=seen, **said)
        elif what == "mode":
            services.save_mode(desk=desk, by=request.user, seen=seen, **said)
        else:
            services.add_body(
                desk=desk, by=request.user, body=body_of(said["organisation"]), what=said["what"]
            )

    refused = attempt(request, form, do)
    if refused is None:
        notices.success(request, "C'est enregistré.")
        return _back("settings:desk", desk, request)
    desk.refresh_from_db()
    return _settings_page(request, scope, desk, forms, refused)


def _settings_page(
    request: HttpRequest, scope: Scope, desk: Desk, forms: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {
        "desk": desk,
        "desks": scope.desks,
        "decides": mandates.decides(request.user, desk),
        "forms": forms,
        "stamp": services.stamp(desk),
        "bodies": [
            (services.PILOT, "Services qui pilotent", list(desk.pilots.all())),
            (services.INFORMED, "Organismes informés", list(desk.informed.all())),
            (services.CIRCUIT, "Circuit existant", [desk.circuit] if desk.circuit else []),
        ],
        "changes": services.changes_of(desk),
    }
    return render(request, "desk/settings/desk.html", context, status=status)


@require_http_methods(_READ_WRITE)
@for_desk
def remove_body(request: HttpRequest, scope: Scope, what: str, pk: int) -> HttpResponse:
    """Ask, then take a body off the desk."""
    desk = _desk(request, scope)
    held = {
        services.PILOT: desk.pilots.all(),
        services.INFORMED: desk.informed.all(),
        services.CIRCUIT: Organisation.objects.filter(pk=desk.circuit_id),
    }
    if what not in held:
        raise Http404
    body = get_object_or_404(held[what], pk=pk)
    right = services.may_change(desk, request.user, what)
    if not right:
        raise PermissionDenied(right.reason)
    if request.method == "POST":
        try:
            services.remove_body(desk=desk, by=request.user, body=body, what=what)
        except NotAllowed as refusal:
            raise PermissionDenied(str(refusal)) from refusal
        notices.success(request, f"{body} est retiré.")
        return _back("settings:desk", desk, request)
    context = {"desk": desk, "body": body, "what": what, "pilot": what == services.PILOT}
    return render(request, "desk/settings/remove_body.html", context)


# -- Absences


@require_http_methods(_READ_WRITE)
@for_desk
def absences(request: HttpRequest, scope: Scope) -> HttpResponse:
    """One's absences, and those that one relays."""
    people = [one for one in queue.colleagues(scope) if one != request.user]
    form = AbsenceForm(request.POST or None, people=people)
    status = 200
    if request.method == "POST":

        def do() -> None:
            try:
                accounts.add_absence(user=request.user, **form.cleaned_data)
            except accounts.Refused as refusal:
                raise Incomplete({refusal.field: str(refusal)}) from refusal

        refused = attempt(request, form, do)
        if refused is None:
            notices.success(request, f"C'est noté : {form.cleaned_data['relay']} prend le relais.")
            return redirect("settings:absences")
        status = refused
    today = localdate()
    context = {
        "form": form,
        "people": people,
        "mine": list(request.user.absences.select_related("relay")),
        "relayed": list(
            Absence.objects.filter(relay=request.user, ends__gte=today).select_related("user")
        ),
        "today": today,
    }
    return render(request, "desk/settings/absences.html", context, status=status)


@require_http_methods(_READ_WRITE)
@for_desk
def remove_absence(request: HttpRequest, scope: Scope, pk: int) -> HttpResponse:
    """Ask, then forget one of one's absences. Raises ``Http404`` for another's."""
    absence = get_object_or_404(request.user.absences.select_related("relay"), pk=pk)
    if request.method == "POST":
        accounts.remove_absence(absence=absence)
        notices.success(request, "L'absence est retirée.")
        return redirect("settings:absences")
    return render(request, "desk/settings/remove_absence.html", {"absence": absence})


# -- People


@require_safe
@for_desk
def people(request: HttpRequest, scope: Scope) -> HttpResponseBase:
    """The mandates of the desk's bodies and of its territory: search, pages, files."""
    text = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:100]
    state = request.GET.get("etat", "")
    role = request.GET.get("role", "")
    state = state if state in _STATES else ""
    role = role if role in Role.values else ""
    rows = _narrowed(mandates.mandates_of(scope.desks), text, state, role)
    if "export" in request.GET:
        return export("personnes-du-guichet", _PEOPLE_HEADER, _cells(rows), request.GET["export"])
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    today = localdate()
    roles = {role for desk in scope.desks for role in mandates.roles_at(request.user, desk)}
    lines = [
        {
            "mandate": mandate,
            "mine_to_end": mandate.user_id != request.user.pk and may_give(roles, mandate.role),
            "ended": mandate.ends is not None and mandate.ends < today,
            "to_come": mandate.starts is not None and mandate.starts > today,
            "mine": mandate.user_id == request.user.pk,
        }
        for mandate in page
    ]
    context = {
        "page": page,
        "pages": page_numbers(page),
        "lines": lines,
        "text": text,
        "state": state,
        "role": role,
        "states": list(_STATES.items()),
        "roles": Role.choices,
        "desks": scope.desks,
    }
    return render(request, "desk/settings/people.html", context)


def _narrowed(rows: MandateQuerySet, text: str, state: str, role: str) -> MandateQuerySet:
    today = localdate()
    for word in text.split():
        rows = rows.filter(
            Q(user__name__icontains=word)
            | Q(user__email__icontains=word)
            | Q(organisation__name__icontains=word)
        )
    if role:
        rows = rows.filter(role=role)
    if state == "":
        rows = rows.filter(Q(ends=None) | Q(ends__gte=today), user__is_active=True)
    elif state == "finis":
        rows = rows.filter(Q(ends__lt=today) | Q(user__is_active=False))
    return rows.order_by("organisation__name", "user__name", "user__email", "pk")


def _cells(rows: MandateQuerySet) -> Iterator[tuple[Any, ...]]:
    today = localdate()
    for one in rows.iterator(chunk_size=500):
        over = one.ends is not None and one.ends < today
        yield (
            one.user.name, one.user.email, one.get_role_display(), "oui" if one.signs else "",
            one.organisation.name, one.starts.isoformat() if one.starts else "",
            one.ends.isoformat() if one.ends else "",
            "non" if over or not one.user.is_active else "oui",
            f"{one.user.last_login:%Y-%m-%d}" if one.user.last_login else "",
        )  # fmt: skip


@require_http_methods(_READ_WRITE)
@for_desk
def open_access(request: HttpRequest, scope: Scope) -> HttpResponse:
    """Open an access for someone."""
    desk = _desk(request, scope)
    searching = request.POST.get("faire") == "chercher"
    data = request.POST if request.method == "POST" else None
    form = AccessForm(
        None if searching else data, desk=desk, by=request.user,
        initial=data.dict() if searching and data else {"role": Role.APPLICANT},
    )  # fmt: skip
    status = 200
    if data is not None and not searching:

        def do() -> None:
            said = {k: v for k, v in form.cleaned_data.items() if k != "search"}
            body = said.pop("organisation")
            services.open_access(desk=desk, by=request.user, body=body, **said)

        try:
            refused = attempt(request, form, do)
        except PermissionDenied as refusal:  # said beside what is to be changed
            form.add_error("organisation", str(refusal))
            refused = 403
        if refused is None:
            notices.success(
                request, f"L'accès est ouvert, et {form.cleaned_data['email']} en est informé."
            )
            return _back("settings:people", desk, request)
        status = refused
    context = {"form": form, "desk": desk, "desks": scope.desks}
    return render(request, "desk/settings/open_access.html", context, status=status)


@require_http_methods(_READ_WRITE)
@for_desk
def end_access(request: HttpRequest, scope: Scope, pk: int) -> HttpResponse:
    """Ask, then end someone's access."""
    mandate: Mandate = get_object_or_404(mandates.mandates_of(scope.desks), pk=pk)
    desk = next(
        (one for one in scope.desks if mandates.may_end(request.user, one, mandate)), scope.desks[0]
    )
    right = mandates.may_end(request.user, desk, mandate)
    if not right:
        raise PermissionDenied(right.reason)
    if request.method == "POST":
        services.end_access(desk=desk, by=request.user, mandate=mandate)
        notices.success(request, f"L'accès de {mandate.user} est terminé.")
        return redirect("settings:people")
    return render(request, "desk/settings/end_access.html", {"mandate": mandate})
