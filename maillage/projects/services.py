"""Writes of the area."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from maillage.accounts.models import Organisation, User
from maillage.projects.models import Project


@transaction.atomic
def create_project(
    *,
    name: str,
    owner: Organisation,
    by: User | None,
    share_with: Iterable[Organisation] = (),
    **said: Any,
) -> Project:
    """Make a project of `owner`; `said` are fields of `Project`."""
    project = Project.objects.create(
        name=name, owner=owner, territory=said.pop("territory", owner.territory), created_by=by,
        **said,
    )  # fmt: skip
    project.shared_with.set(share_with)
    return project


@transaction.atomic
def edit_project(*, project: Project, **said: Any) -> Project:
    """Change fields of a project."""
    held = Project.objects.select_for_update().get(pk=project.pk)
    for name, value in said.items():
        setattr(held, name, value)
    held.save()
    return held


@transaction.atomic
def share(*, project: Project, bodies: Iterable[Organisation]) -> None:
    """Say with whom a project is shared, in place of before."""
    project.shared_with.set(bodies)
