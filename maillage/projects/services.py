"""Writes of the area."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils.timezone import now

from maillage.accounts.enums import OrganisationKind
from maillage.accounts.models import Organisation, User
from maillage.projects.models import Project
from maillage.territories.directory import directory

#: A second press of the same button comes within it.
TWICE: Final = timedelta(seconds=15)


def hold(project: UUID) -> Project:
    """The project, held until the end of the transaction. Whoever writes in it, or in its plans,
    holds it first: nobody then waits for what another has. Raises ``Http404`` when it is gone.
    """
    held = Project.objects.select_for_update(of=("self",)).select_related("owner")
    found = held.filter(pk=project).first()
    if found is None:
        raise Http404("Ce projet vient d'être supprimé.")
    return found


@transaction.atomic
def create_project(
    *,
    name: str,
    owner: Organisation,
    by: User | None,
    share_with: Iterable[Organisation] = (),
    **said: Any,
) -> Project:
    """Make a project of `owner`; `said` are fields of `Project`. Asked twice in a row by the same
    person, it is made once.
    """
    Organisation.objects.select_for_update().get(pk=owner.pk)
    mine = Project.objects.filter(owner=owner, created_by=by, created_at__gte=now() - TWICE)
    twin = mine.filter(name=name, **said).first() if by is not None else None
    if twin is not None:
        return twin
    project = Project.objects.create(
        name=name, owner=owner, territory=said.pop("territory", owner.territory), created_by=by,
        **said,
    )  # fmt: skip
    project.shared_with.set(share_with)
    return project


@transaction.atomic
def edit_project(*, project: Project, **said: Any) -> Project:
    """Change fields of a project. Raises as `hold`."""
    held = hold(project.pk)
    for name, value in said.items():
        setattr(held, name, value)
    held.save()
    return held


@transaction.atomic
def share(*, project: Project, body: Organisation) -> None:
    """Open a project to one more body: its desk may read it and work on it."""
    project.shared_with.add(body)
    Project.objects.filter(pk=project.pk).update(updated_at=now())


@transaction.atomic
def unshare(*, project: Project, body: Organisation) -> None:
    """Close a project to a body."""
    project.shared_with.remove(body)
    Project.objects.filter(pk=project.pk).update(updated_at=now())


@transaction.atomic
def erase_project(*, project: Project) -> None:
    """Erase a project with its plans and all their versions; its requests stay. Raises as
    `hold`.
    """
    hold(project.pk).delete()


def possible_desks(project: Project) -> list[Organisation]:
    """The préfectures of the départements of a project, which hold the desks (one query)."""
    kind, _, code = project.territory.partition(":")
    known = directory()
    if kind == "com" and code in known.communes:
        departments = [known.commune(code).department]
    elif kind == "epci" and code in known.epcis:
        departments = known.departments_of(code)
    else:
        departments = [code] if kind == "dep" else []
    keys = [f"dep:{department}" for department in departments]
    found = Organisation.objects.filter(kind=OrganisationKind.PREFECTURE, territory__in=keys)
    return list(found.order_by("name"))
