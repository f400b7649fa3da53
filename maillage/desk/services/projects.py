"""From a request to a project, in which its financing plan is made."""

from django.db import transaction

from maillage.accounts.models import User
from maillage.desk import perms
from maillage.desk.models import Request
from maillage.desk.models.desks import DESK_ROLES
from maillage.desk.services import desks
from maillage.desk.services.core import Act, NotAllowed, lock, note
from maillage.projects.models import Project
from maillage.projects.services import create_project

_LONGEST_NAME = 200


@transaction.atomic
def start_project(*, request: Request, by: User) -> Project:
    """The project of a request: the one that it has, else one made of what it says, carried by its
    mairie and shared with its desk. Raises `NotAllowed`.
    """
    held = lock(request)
    who = perms.standing(by, held)
    right = perms.may_plan(who)
    if not right:
        raise NotAllowed(right.reason)
    if held.project is not None:
        return held.project
    bodies = {body for body in by.bodies(*DESK_ROLES) if body.pk in who.bodies}
    if held.desk is not None and held.desk.organisation is not None:
        bodies.add(held.desk.organisation)
    held.project = create_project(
        name=held.title[:_LONGEST_NAME],
        owner=held.applicant or desks.body_for_territory(held.bearer),
        by=by,
        share_with=bodies,
        need=_need(held),
        themes=held.themes,
        phase=held.phase or held.stage or "faisabilite",
        budget=held.budget,
    )
    note(held, "start_project", Act(by=by), internal=False)
    return held.project


def _need(held: Request) -> str:
    """The need as it was told, with its calendar."""
    return f"{held.need}\n\nCalendrier : {held.calendar}" if held.calendar else held.need
