"""Writes of plans: each one leaves a revision, so that nothing is ever lost."""

from datetime import date
from typing import Final

from django.db import transaction
from django.utils.timezone import localtime

from maillage.accounts.models import User
from maillage.engine.funding.types import Bearer, BearerKind
from maillage.funding.document import PlanDocument, read
from maillage.funding.models import Plan, PlanRevision
from maillage.projects import perms
from maillage.projects.models import Project
from maillage.territories.directory import directory

MOST_PLANS: Final = 30
_LONGEST_SAID: Final = 300


class Conflict(Exception):
    """Someone else changed the plan meanwhile; the message says who and when, in French."""


class TooMany(Exception):
    """A project has as many plans as it may; the message says so, in French."""


# -- Plans of a project


@transaction.atomic
def create_plan(
    *, project: Project, by: User | None, document: PlanDocument, name: str = "", said: str = "",
) -> Plan:  # fmt: skip
    """Make a plan; the first one of a project is the chosen one. Raises `TooMany`."""
    Project.objects.select_for_update().get(pk=project.pk)
    held = project.plans.count()
    if held >= MOST_PLANS:
        raise TooMany(f"Un projet a {MOST_PLANS} plans au plus : supprimez-en un d'abord.")
    plan = Plan.objects.create(
        project=project, name=name or f"Plan {held + 1}", chosen=held == 0, created_by=by,
        content=document.as_json(),
    )  # fmt: skip
    _keep(plan, by, said or "Le plan est créé")
    return plan


def duplicate(*, plan: Plan, by: User, document: PlanDocument) -> Plan:
    """A copy of a plan, to try something else. Raises `TooMany`."""
    name = f"{plan.name[:110]} (copie)"
    return create_plan(
        project=plan.project, by=by, document=document, name=name,
        said=f"Copie de « {plan.name} », version {plan.version}",
    )  # fmt: skip


@transaction.atomic
def choose(*, plan: Plan) -> None:
    """Say that this plan is the one of its project."""
    Project.objects.select_for_update().get(pk=plan.project_id)
    Plan.objects.filter(project=plan.project_id, chosen=True).update(chosen=False)
    Plan.objects.filter(pk=plan.pk).update(chosen=True)


def rename(*, plan: Plan, name: str) -> None:
    """Give a plan another name."""
    Plan.objects.filter(pk=plan.pk).update(name=name)


def delete(*, plan: Plan) -> None:
    """Delete a plan with its versions."""
    plan.delete()


# -- One plan


@transaction.atomic
def save(*, plan: Plan, by: User, document: PlanDocument, seen: int, said: str) -> Plan:
    """Write a plan as its next version; `seen` is the version from which it was made.

    What changes nothing writes nothing. Raises `Conflict`.
    """
    held = Plan.objects.select_for_update().select_related("project__owner").get(pk=plan.pk)
    if seen != held.version:
        raise Conflict(_who_wrote(held))
    if read(held.content, document.date) == document:
        return held
    held.content = document.as_json()
    held.version += 1
    held.save(update_fields=["content", "version", "updated_at"])
    _keep(held, by, said)
    return held


def read_plan(plan: Plan, today: date) -> PlanDocument:
    """What a plan holds. Raises `BadDocument`."""
    return read(plan.content, today)


def restore(*, plan: Plan, by: User, former: PlanRevision, document: PlanDocument,
            seen: int) -> Plan:  # fmt: skip
    """Put back what a former version held (`document`), as a new one. Raises `Conflict`."""
    said = f"Retour à la version {former.number} ({former.said})"
    return save(plan=plan, by=by, document=document, seen=seen, said=said)


def _keep(plan: Plan, by: User | None, said: str) -> None:
    """The revision of the present version; who types for the mairie is said to do so."""
    owner = plan.project.owner
    behalf = "" if by is None or perms.owns(by, plan.project) else owner.name
    PlanRevision.objects.create(
        plan=plan, number=plan.version, content=plan.content, said=said[:_LONGEST_SAID], by=by,
        on_behalf_of=behalf,
    )  # fmt: skip


def _who_wrote(plan: Plan) -> str:
    last = plan.revisions.select_related("by").first()
    who = str(last.by) if last and last.by else "Quelqu'un"
    when = f" à {localtime(last.at):%H:%M}" if last else ""
    what = f" (« {last.said} »)" if last else ""
    return (
        f"{who} a modifié ce plan{when}{what} pendant que vous écriviez. Rien n'est perdu : votre "
        "saisie est ci-dessous. Comparez avec le plan, puis enregistrez à nouveau si elle est "
        "toujours juste."
    )


# -- What a new plan starts from


def bearer_of(project: Project) -> tuple[Bearer, dict[str, str]]:
    """Who carries a project, as its plan says it, and the notes that go with it."""
    kind, _, code = project.territory.partition(":")
    known = directory()
    if kind == "com" and code in known.communes:
        town = known.commune(code)
        return Bearer(BearerKind.COMMUNE, town.name, town.department), {"territory": code}
    if kind == "epci" and code in known.epcis:
        department = next(iter(known.departments_of(code)), "")
        return Bearer(BearerKind.EPCI, known.epci(code).name, department), {"territory": code}
    return Bearer(BearerKind.SYNDICATE, project.owner.name), {}


def blank_document(project: Project, today: date) -> PlanDocument:
    """An empty plan of the bearer of a project."""
    bearer, notes = bearer_of(project)
    return PlanDocument(date=today, bearer=bearer, notes=notes)
