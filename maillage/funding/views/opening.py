"""What every page of a plan begins with: the plan, if this person may see it, and what it holds."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils.timezone import localdate

from maillage.funding.document import PlanDocument
from maillage.funding.models import Plan
from maillage.funding.papers import Subject, subject_of
from maillage.funding.showing import Report, report
from maillage.projects.models import Project

_MOST_VERSION = 10**9


@dataclass(frozen=True)
class Opened:
    """A plan and what is read of it, on a day."""

    plan: Plan
    subject: Subject
    today: date

    @property
    def project(self) -> Project:
        """The project of the plan."""
        return self.plan.project

    @property
    def document(self) -> PlanDocument:
        """What the plan holds."""
        return self.subject.document

    @cached_property
    def report(self) -> Report:
        """What the checks say of it."""
        return report(self.subject.checks, self.subject.law)


def find(request: HttpRequest, pk: UUID) -> Plan:
    """The plan `pk`. Raises ``Http404`` when this person may not see it."""
    plan = Plan.objects.visible_to(request.user).select_related("project__owner")
    found = plan.filter(pk=pk).first()
    if found is None:
        raise Http404("Ce plan n'existe pas, ou n'est pas ouvert à votre compte.")
    return found


def opened(request: HttpRequest, pk: UUID) -> Opened:
    """The plan `pk`, read. Raises as `find`."""
    found, today = find(request, pk), localdate()
    return Opened(found, subject_of(found, today), today)


#: When a button alone was pressed: nothing was typed that could be shown again.
CHANGED: Final = (
    "Quelqu'un a changé le plan pendant que vous le lisiez : rien n'a été fait. Le voici tel qu'il "
    "est maintenant."
)


def seen(request: HttpRequest) -> int:
    """The version from which a form was filled; what is no number is a version that nothing has."""
    text = request.POST.get("vu", "")
    return min(int(text), _MOST_VERSION) if text.isascii() and text.isdigit() else -1
