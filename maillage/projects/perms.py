"""Who may read a project and who may work on it: one door, with its reasons."""

from uuid import UUID

from django.http import Http404

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.common.rights import Allowed, Denied, Right
from maillage.projects.models import SHARED_ROLES, Project

_OWNER_ONLY = "Seule la collectivité qui porte le projet peut le faire."


def find(user: User, pk: UUID) -> Project:
    """The project, if this person may see it. Raises ``Http404`` otherwise: it is not said to
    exist.
    """
    found = Project.objects.visible_to(user).select_related("owner").filter(pk=pk).first()
    if found is None:
        raise Http404("Ce projet n'existe pas, ou n'est pas ouvert à votre compte.")
    return found


def owns(user: User, project: Project) -> bool:
    """Acts today for the body that carries it."""
    return any(body.pk == project.owner_id for body in user.bodies(Role.APPLICANT))


def on_behalf_of(user: User | None, project: Project) -> str:
    """For whom this person writes in a project, in words: "" for those who carry it."""
    return "" if user is None or owns(user, project) else project.owner.name


def may_work(user: User, project: Project) -> Right:
    """May change it and its plans: its owner, and the desk with which it is shared, which types for
    the mairie on the telephone (the journal says who).
    """
    shared = {body.pk for body in user.bodies(*SHARED_ROLES)}
    if owns(user, project) or project.shared_with.filter(pk__in=shared).exists():
        return Allowed()
    return Denied("Ce projet n'est pas ouvert à votre compte.")


def may_share(user: User, project: Project) -> Right:
    """May share it, or erase it: its owner alone."""
    return Allowed() if owns(user, project) else Denied(_OWNER_ONLY)
