"""A plan: its page, its table as a file, and its beginning."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe

from maillage.common.tables import export
from maillage.engine.funding.types import FUND_LABELS, ZERO, CostLine, Fund, Status
from maillage.engine.funding.words import percent
from maillage.funding import cash, dossiers, history
from maillage.funding import perms as rights
from maillage.funding import table as lines
from maillage.funding.document import PlanDocument, Source
from maillage.funding.enums import LIFE, SPENDINGS, STATUSES
from maillage.funding.forms.plans import NameForm
from maillage.funding.life import verbs_of
from maillage.funding.models import Attachment, Plan
from maillage.funding.nextstep import next_step
from maillage.funding.papers import PAPERS
from maillage.funding.pieces import Pieces, pieces_of
from maillage.funding.planning import aids_of, aids_of_project
from maillage.funding.services import plans as services
from maillage.funding.vat import OTHER, gross_of, usual
from maillage.funding.views.opening import opened
from maillage.projects import perms
from maillage.projects.forms import NO_NAME, OLDEST
from maillage.projects.models import Project
from maillage.projects.services import edit_project

_READ_WRITE: Final = ["GET", "HEAD", "POST"]
_SHOWN_DONE: Final = 5
_SHOWN_DATES: Final = 4
_MOST_AIDS: Final = 20
#: What is said to a desk of a plan that it made.
PROPOSED: Final = "Il est proposé : c'est à la collectivité ({}) de le retenir."
_SPENDINGS: Final = dict(SPENDINGS)
_STATUSES: Final = dict(STATUSES)


# -- The page


@dataclass(frozen=True, slots=True)
class CostRow:
    """A cost in the table; ``part`` is its share of the total."""

    line: CostLine
    amount: Decimal
    part: str
    kind: str


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """A resource in the table: what counts of it, where it stands, and what may be done."""

    source: Source
    amount: Decimal
    part: str
    fund: str
    state: str
    refused: bool
    own: bool
    dates: tuple[tuple[str, Any], ...]
    verbs: tuple[tuple[str, str], ...]
    pieces: list[Attachment]


@require_safe
def page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The page of a plan: does it hold, its table, what to do next, its dates, its papers."""
    held = opened(request, pk)
    document = held.document
    plan = document.plan()
    choices = cash.kept(held.plan.cash, document, held.today)
    found = cash.flow(document, choices, held.today)
    coming = dossiers.dates(document, held.today)
    pieces = pieces_of(held.plan, document)
    resources = resource_rows(document, pieces)
    context = {
        "held": held,
        "plan": held.plan,
        "project": held.project,
        "document": document,
        "report": held.report,
        "costs": cost_rows(document),
        "resources": [row for row in resources if not row.refused],
        "refused": [row for row in resources if row.refused],
        "pieces": pieces,
        "total": plan.cost,
        "brought": sum((one.amount for one in plan.counted), ZERO),
        "next": next_step(document, coming, held.today, holds=held.report.holds),
        "dates": coming.pressing[:_SHOWN_DATES],
        "waits": coming.waits,
        "cash": cash.sentence(found),
        "done": history.told(history.passages(held.plan)[:_SHOWN_DONE]),
        "owner": perms.owns(request.user, held.project),
        "papers": [(what, entry.label, list(entry.kinds)) for what, entry in PAPERS.items()],
        "may_delete": rights.may_delete(request.user, held.plan),
        "others": held.project.plans.exclude(pk=held.plan.pk).defer("content", "cash"),
    }
    return render(request, "funding/plans/plan.html", context)


def cost_rows(document: PlanDocument) -> list[CostRow]:
    """The costs as the table shows them."""
    plan = document.plan()
    return [
        CostRow(line, plan.amount(line), _part(plan.amount(line), plan.cost),
                _SPENDINGS[line.spending.value])
        for line in document.costs
    ]  # fmt: skip


def resource_rows(document: PlanDocument, pieces: Pieces) -> list[ResourceRow]:
    """The resources as the table shows them, refused ones included, each with its documents."""
    cost = document.plan().cost
    return [_resource(one, cost, pieces.by_line.get(one.id, [])) for one in document.resources]


def _resource(one: Source, cost: Decimal, pieces: list[Attachment]) -> ResourceRow:
    counted = one.counted
    dated = (
        ("déposé", one.filed_on), ("accusé de réception", one.received_on),
        ("décision", one.decided_on), ("versé", one.paid_on),
    )  # fmt: skip
    verbs = verbs_of(one)
    return ResourceRow(
        source=one,
        amount=counted,
        part=_part(counted, cost),
        fund=FUND_LABELS[one.fund],
        state="" if one.fund is Fund.OWN else _STATUSES[one.status.value],
        refused=one.status is Status.REFUSED,
        own=one.fund is Fund.OWN,
        dates=tuple((label, day) for label, day in dated if day),
        verbs=tuple((verb, LIFE.labels[verb]) for verb in verbs),
        pieces=pieces,
    )


def _part(amount: Decimal, cost: Decimal) -> str:
    return percent(amount / cost) if cost else ""


@require_safe
def table(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The table of a plan as a file (« ?export=ods »)."""
    held = opened(request, pk)
    kind = request.GET.get("export", "ods")
    return export(f"plan {held.project.name}", lines.HEADER, lines.rows(held.document), kind)


# -- A new plan


@require_http_methods(_READ_WRITE)
def new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A first plan for a project: its cost if known, and the aids of the catalogue to consider.
    A project that has the first words of the need for name is given one.
    """
    project = perms.find(request.user, pk)
    today = localdate()
    unnamed = project.name.endswith("…")
    ticked = request.POST.getlist("aide")[:_MOST_AIDS]
    named = _naming(request)
    asked = request.method == "POST" and (unnamed or bool(named.data["name"]))
    if request.method == "POST" and (not asked or named.is_valid()):
        if asked:
            project = edit_project(project=project, name=named.cleaned_data["name"])
        document = _beginning(project, ticked)
        try:
            plan = services.create_plan(project=project, by=request.user, document=document)
        except services.TooMany as refusal:
            notices.error(request, str(refusal))
            return redirect(project)
        notices.success(request, _made(plan, project))
        return redirect("funding:edit", pk=plan.pk)
    aids = aids_of_project(project, today)[:_MOST_AIDS]
    context = {
        "project": project, "aids": aids, "ticked": ticked, "asked": asked,
        "unnamed": unnamed or asked, "name": named.data["name"],
        "wrong": named.errors.get("name", []) if asked else [],
    }  # fmt: skip
    return render(request, "funding/plans/new.html", context, status=422 if asked else 200)


def _made(plan: Plan, project: Project) -> str:
    said = "Le plan est créé. Complétez les dépenses et les ressources."
    return f"{said} {PROPOSED.format(project.owner)}" if plan.proposed else said


def _naming(request: HttpRequest) -> NameForm:
    """The name of the project, as it was typed."""
    form = NameForm({"name": " ".join(request.POST.get("nom", "").split())})
    form.fields["name"].error_messages["required"] = NO_NAME
    return form


def _beginning(project: Project, slugs: list[str]) -> PlanDocument:
    """A plan of the project's bearer: its budget as one cost to detail, own money, the aids."""
    today = localdate()
    blank = services.blank_document(project, today)
    costs = []
    if project.budget:
        rate = usual(blank.bearer.department, today).rate
        known = rate != OTHER
        gross = gross_of(project.budget, rate) if known else project.budget
        year = project.starts_on.year if project.starts_on else None
        year = year if year and year >= OLDEST else None
        costs = [CostLine("c1", "Travaux (à détailler)", project.budget, gross, year=year)]
    own = Source("own", "Fonds propres", Fund.OWN)
    return PlanDocument(
        date=today, bearer=blank.bearer, notes=blank.notes, costs=tuple(costs),
        resources=(own, *aids_of(slugs, today)),
    )  # fmt: skip
