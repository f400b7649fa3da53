"""Who is told of what happens to a plan: one message of a kind, a plan and a day, not a click.

Called in the transaction of what it tells: nothing is said if that is undone.
"""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.accounts.models import Mandate, User
from maillage.funding.models import Plan, PlanEvent, PlanRevision
from maillage.funding.notifications import AboutPlan, PlanChosen
from maillage.projects.models import SHARED_ROLES, Project


def tell_owner(kind: type[AboutPlan], *, plan: Plan, by: User, said: str) -> None:
    """Tell those who carry the project of a plan what `by`, who does not, did for them (`said`)."""
    message = kind(plan, _named(by, plan.project), said)
    message.send(to=_acting(plan.project, owner=True), key=message.key_of(localdate()))


def tell_desks(*, plan: Plan, by: User) -> None:
    """Tell those of a desk who wrote in a plan of this project, and may still see it, that its
    bearer chose this one.
    """
    message = PlanChosen(plan, str(by))
    wrote = Q(pk__in=_writers(PlanRevision, plan)) | Q(pk__in=_writers(PlanEvent, plan))
    desks = _acting(plan.project, owner=False).filter(wrote).exclude(pk=by.pk)
    message.send(to=desks, key=message.key_of(localdate()))


def _acting(project: Project, *, owner: bool) -> QuerySet[User]:
    """Active people who act today for the body that carries a project, or for its desks."""
    bodies: Any = [project.owner_id] if owner else project.shared_with.values("pk")
    roles = [Role.APPLICANT] if owner else SHARED_ROLES
    mandates = Mandate.objects.in_force(localdate()).filter(organisation__in=bodies, role__in=roles)
    return User.objects.filter(is_active=True, pk__in=mandates.values("user"))


def _writers(rows: type[PlanRevision | PlanEvent], plan: Plan) -> QuerySet[Any]:
    """Who wrote for the bearer in the plans of a project, in one of the tables of their history."""
    found = rows.objects.filter(plan__project=plan.project_id, by__isnull=False)
    return found.exclude(on_behalf_of="").values("by")


def _named(by: User, project: Project) -> str:
    """A person and the desk for which they work on the project: « Zoé (Préfecture de… ) »."""
    mine = {body.pk for body in by.bodies(*SHARED_ROLES)}
    desk = project.shared_with.filter(pk__in=mine).order_by("name").first()
    return f"{by} ({desk})" if desk else str(by)
