"""Tags of financing plans, for the pages of other areas."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import template
from django.utils.timezone import localdate

from maillage.engine.funding.types import OWN, ZERO, Rule
from maillage.engine.funding.words import percent
from maillage.funding.document import BadDocument, read
from maillage.funding.law import law_on
from maillage.funding.models import Plan
from maillage.funding.planning import checks
from maillage.funding.showing import Report, report
from maillage.funding.validity import in_force
from maillage.projects.models import Project

register = template.Library()


@dataclass(frozen=True, slots=True)
class Line:
    """A plan in a list: does it hold, its cost, what the bearer brings. Without ``report``, what
    was kept of it cannot be read.
    """

    plan: Plan
    report: Report | None = None
    cost: Decimal = ZERO
    own: Decimal = ZERO
    share: str = ""


@register.filter
def sum_of(rows: Iterable[Any], name: str) -> Decimal:
    """The sum of an amount (``net``, ``gross``) of the costs of a table."""
    return sum((getattr(row.line, name) for row in rows), ZERO)


@register.filter
def en_vigueur(rule: Rule, day: date | None = None) -> str:
    """When a rule is in force, as one says it on `day` (today without it)."""
    return in_force(rule, day or localdate())


@register.inclusion_tag("funding/plans/_list.html")
def plans_of(project: Project) -> dict[str, Any]:
    """The plans of a project, the chosen one first (one query)."""
    return {"project": project, "lines": [_line(plan) for plan in project.plans.all()]}


def _line(row: Plan) -> Line:
    try:
        document = read(row.content, localdate())
    except BadDocument:
        return Line(row)
    plan = document.plan()
    own = plan.brought(OWN)
    return Line(
        row, report(checks(document), law_on(document.date)), plan.cost, own,
        percent(own / plan.cost) if plan.cost else "",
    )  # fmt: skip
