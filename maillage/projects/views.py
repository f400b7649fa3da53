"""« Mes projets », and one of them."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.contrib import messages as notices
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe

from maillage.accounts.enums import Role
from maillage.accounts.models import Organisation
from maillage.common.paging import page_asked, page_numbers, text_asked
from maillage.common.tables import export, in_a_cell
from maillage.engine.vocabulary import PHASES, THEMES
from maillage.projects import perms, services
from maillage.projects.enums import ProjectState
from maillage.projects.forms import ProjectForm
from maillage.projects.models import SHARED_ROLES, Project, ProjectQuerySet

PER_PAGE: Final = 20
_READ_WRITE: Final = ["GET", "HEAD", "POST"]
_HEADER: Final = (
    "Projet", "Porté par", "Territoire", "Besoin", "Thèmes", "Étape", "État", "Budget (€ HT)",
    "Début souhaité", "Fin souhaitée", "Plans de financement", "Modifié le",
)  # fmt: skip
_NO_BODY: Final = (
    "Un projet est porté par une collectivité : votre compte n'agit pour aucune. Si vous tenez un "
    "guichet, ouvrez la demande de la mairie et choisissez « Faire le plan de financement »."
)


# -- The list


@require_safe
def listing(request: HttpRequest) -> HttpResponseBase:
    """Projects that this person may see, the last changed first."""
    text = text_asked(request.GET)
    state = request.GET.get("etat", "")
    state = state if state in ProjectState.values else ""
    rows = _found(Project.objects.visible_to(request.user), text, state)
    if "export" in request.GET:
        name = f"mes-projets-{localdate():%Y-%m-%d}"
        return export(name, _HEADER, _cells(rows), request.GET["export"])
    page = Paginator(rows, PER_PAGE).get_page(page_asked(request.GET))
    context = {
        "page": page,
        "pages": page_numbers(page),
        "text": text,
        "state": state,
        "states": ProjectState.choices,
        "bodies": request.user.bodies(Role.APPLICANT),
        "desk": bool(request.user.bodies(*SHARED_ROLES)),
    }
    return render(request, "projects/list.html", context)


def _found(rows: ProjectQuerySet, text: str, state: str) -> QuerySet[Project]:
    """Those of a state that hold every word of `text`."""
    if state:
        rows = rows.filter(state=state)
    counted = rows.telling(text).annotate(
        plans_count=Count("plans"), chosen_count=Count("plans", filter=Q(plans__chosen=True))
    )
    return counted.select_related("owner").order_by("-updated_at", "name")


def _cells(rows: QuerySet[Project]) -> Iterator[tuple[Any, ...]]:
    for one in rows.iterator(chunk_size=500):
        yield (
            one.name, one.owner.name, one.territory, one.need,
            ", ".join(THEMES.get(code, code) for code in one.themes),
            PHASES.get(one.phase, ""), one.get_state_display(),
            one.budget,
            one.starts_on.isoformat() if one.starts_on else "",
            one.ends_on.isoformat() if one.ends_on else "",
            one.plans_count, in_a_cell(one.updated_at),
        )  # fmt: skip


# -- One project


@require_safe
def page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The page of a project: what it is, its plans, with whom it is shared."""
    project = perms.find(request.user, pk)
    owner = perms.owns(request.user, project)
    shared = list(project.shared_with.order_by("name"))
    context = {
        "project": project,
        "themes": [THEMES[code] for code in project.themes if code in THEMES],
        "owner": owner,
        "shared": shared,
        "desks": [b for b in services.possible_desks(project) if b not in shared] if owner else (),
    }
    return render(request, "projects/project.html", context)


@require_http_methods(_READ_WRITE)
def new(request: HttpRequest) -> HttpResponse:
    """A new project of the body for which this person acts."""
    bodies = request.user.bodies(Role.APPLICANT)
    if not bodies:
        raise PermissionDenied(_NO_BODY)
    form = ProjectForm(request.POST if request.method == "POST" else None, bodies=bodies)
    if request.method == "POST" and form.is_valid():
        project = services.create_project(owner=form.carried_by, by=request.user, **form.said)
        notices.success(
            request,
            f"Le projet est créé. Il n'est visible que de votre collectivité ({project.owner}).",
        )
        return redirect(project)
    return _form(request, form, None)


@require_http_methods(_READ_WRITE)
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a project."""
    project = perms.find(request.user, pk)
    form = ProjectForm(
        request.POST if request.method == "POST" else None,
        bodies=[project.owner], project=project,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        services.edit_project(project=project, **form.said)
        notices.success(request, "Le projet est modifié.")
        return redirect(project)
    return _form(request, form, project)


def _form(request: HttpRequest, form: ProjectForm, project: Project | None) -> HttpResponse:
    status = 422 if form.is_bound else 200
    context = {"form": form, "project": project}
    return render(request, "projects/edit.html", context, status=status)


@require_http_methods(_READ_WRITE)
def erase(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Erase a project, once it has been said what goes with it."""
    project = _own(request, pk)
    if request.method == "POST":
        services.erase_project(project=project)
        notices.success(request, f"Le projet « {project.name} » est effacé.")
        return redirect("projects:list")
    return render(request, "projects/erase.html", {"project": project})


@require_http_methods(_READ_WRITE)
def share(request: HttpRequest, pk: UUID, body: int) -> HttpResponse:
    """Open a project to the desk of a préfecture, once it has been said what that gives."""
    project = _own(request, pk)
    found = _one(services.possible_desks(project), body)
    if request.method == "POST":
        services.share(project=project, body=found)
        notices.success(request, f"Le projet est partagé avec {found}.")
        return redirect(project)
    return render(request, "projects/share.html", {"project": project, "body": found})


@require_http_methods(_READ_WRITE)
def unshare(request: HttpRequest, pk: UUID, body: int) -> HttpResponse:
    """Close a project to a desk."""
    project = _own(request, pk)
    found = _one(list(project.shared_with.all()), body)
    if request.method == "POST":
        services.unshare(project=project, body=found)
        notices.success(request, f"Le projet n'est plus partagé avec {found}.")
        return redirect(project)
    return render(request, "projects/unshare.html", {"project": project, "body": found})


def _own(request: HttpRequest, pk: UUID) -> Project:
    project = perms.find(request.user, pk)
    right = perms.may_share(request.user, project)
    if not right:
        raise PermissionDenied(right.reason)
    return project


def _one(bodies: list[Organisation], pk: int) -> Organisation:
    found = next((body for body in bodies if body.pk == pk), None)
    if found is None:
        raise Http404("Cet organisme n'est pas de ce projet.")
    return found
