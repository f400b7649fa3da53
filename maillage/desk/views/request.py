"""The page of a request: the same address for all, what each sees depends on how they stand."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from maillage.desk import perms
from maillage.desk.views.acting import for_display
from maillage.desk.views.agent import agent_page
from maillage.desk.views.applicant import applicant_page
from maillage.desk.views.filing.steps import FIRST
from maillage.desk.views.national import committee_page
from maillage.desk.views.partner import partner_page


@require_safe
def page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The page of a request, for this person: agent, committee, mairie, partner or reader."""
    demand = perms.find(request.user, pk, queryset=for_display())
    if demand.is_draft:
        return redirect("requests:step", pk=demand.pk, step=FIRST)
    who = perms.standing(request.user, demand)
    if who.agent:
        return agent_page(request, demand, who)
    if who.committee:
        return committee_page(request, demand, who)
    if who.applicant:
        return applicant_page(request, demand, who)
    return partner_page(request, demand, who)
