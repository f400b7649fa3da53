"""Writes of plans: each one leaves a revision, so that nothing is ever lost."""

from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any, Final

from django.db import transaction
from django.utils.timezone import localtime, now

from maillage.accounts.models import User
from maillage.common.rights import Denied
from maillage.engine.funding.types import Bearer, BearerKind
from maillage.funding.cash import of_lines
from maillage.funding.document import PlanDocument, read
from maillage.funding.models import Plan, PlanEvent, PlanRevision
from maillage.funding.notifications import (
    AboutPlan,
    PlanChanged,
    PlanChosenFor,
    PlanNoted,
    PlanProposed,
)
from maillage.funding.perms import may_choose, may_delete
from maillage.funding.services import attachments
from maillage.funding.services.attachments import Piece
from maillage.funding.services.telling import tell_desks, tell_owner
from maillage.funding.source import renamed
from maillage.projects import perms
from maillage.projects.models import Project
from maillage.projects.services import TWICE, hold
from maillage.territories.directory import directory

MOST_PLANS: Final = 30
_LONGEST_SAID: Final = 300


class Conflict(Exception):
    """Someone else changed the plan meanwhile; the message says who and when (``who``), and that
    what was typed is shown, in French.
    """

    def __init__(self, who: str) -> None:
        self.who = who
        super().__init__(
            f"{who} Rien n'est perdu : votre saisie est ci-dessous. Comparez avec le plan, puis "
            "enregistrez à nouveau si elle est toujours juste."
        )


class NotTheirs(Exception):
    """Someone who does not carry the project chose, or deleted, in its place; the message says so,
    in French.
    """


class TooMany(Exception):
    """A project has as many plans as it may; the message says so, in French."""


# -- Plans of a project


@transaction.atomic
def create_plan(
    *, project: Project, by: User | None, document: PlanDocument, name: str = "", said: str = "",
    cash: dict[str, Any] | None = None,
) -> Plan:  # fmt: skip
    """Make a plan. The first one that its bearer makes is the chosen one; what a desk makes for it
    is proposed: the bearer chooses. `cash` is its choices of treasury. Asked twice in a row by the
    same person, it is made once. Raises `TooMany`, ``Http404`` when the project is gone.
    """
    hold(project.pk)
    held = project.plans.count()
    content, said = _content(document), said or "Le plan est créé"
    twin = project.plans.filter(
        created_by=by, content=content, version=1, revisions__said=said[:_LONGEST_SAID],
        created_at__gte=now() - TWICE,
    ).first()  # fmt: skip
    if by is not None and twin is not None:
        return twin
    if held >= MOST_PLANS:
        raise TooMany(f"Un projet a {MOST_PLANS} plans au plus : supprimez-en un d'abord.")
    proposed = bool(perms.on_behalf_of(by, project))
    plan = Plan.objects.create(
        project=project, name=name or f"Plan {held + 1}", chosen=not held and not proposed,
        proposed=proposed, created_by=by, content=content, cash=cash or {},
    )  # fmt: skip
    _keep(plan, by, said, PlanProposed)
    return plan


def _content(document: PlanDocument) -> dict[str, Any]:
    """What is kept of a document. Raises `BadDocument` for what could not be read again."""
    content = document.as_json()
    read(content, document.date)
    return content


@transaction.atomic
def duplicate(*, plan: Plan, by: User, document: PlanDocument) -> Plan:
    """A copy of a plan with its documents, to try something else. Raises `TooMany`."""
    name = f"{plan.name[:110]} (copie)"
    copy = create_plan(
        project=plan.project, by=by, document=document, name=name,
        said=f"Copie de « {plan.name} », version {plan.version}", cash=plan.cash,
    )  # fmt: skip
    if not copy.attachments.exists():  # pressed twice, it has them already
        attachments.copy_all(source=plan, to=copy)
    return copy


@transaction.atomic
def choose(*, plan: Plan, by: User, told: str = "") -> None:
    """Say that this plan is the one of its project. Only its bearer chooses: a desk says who told
    it so, and how (`told`), which is kept. Raises `NotTheirs`, ``Http404`` when it is gone.
    """
    held = attachments.hold_plan(plan)
    if isinstance(right := may_choose(by, held.project, told), Denied):
        raise NotTheirs(right.reason)
    if held.chosen:
        return
    former = Plan.objects.filter(project=held.project_id, chosen=True).first()
    if former is not None:
        Plan.objects.filter(pk=former.pk).update(chosen=False)
        _note(former, by, f"N'est plus le plan retenu : « {held.name} » prend sa place")
    Plan.objects.filter(pk=held.pk).update(chosen=True, proposed=False)
    instead = f" à la place de « {former.name} »" if former else ""
    _note(held, by, f"Plan retenu{instead}{f', dit par {told}' if told else ''}", PlanChosenFor)
    if perms.owns(by, held.project):
        tell_desks(plan=held, by=by)


@transaction.atomic
def rename(*, plan: Plan, by: User, name: str) -> None:
    """Give a plan another name. Raises ``Http404`` when it is gone."""
    held = attachments.hold_plan(plan)
    if held.name == name:
        return
    Plan.objects.filter(pk=held.pk).update(name=name)
    _note(held, by, f"« {held.name} » s'appelle maintenant « {name} »", PlanChanged)


def heir_of(plan: Plan) -> Plan | None:
    """The plan that would be chosen if this one went: the last changed of those that the bearer
    made, when this one is the chosen one.
    """
    others = Plan.objects.filter(project=plan.project_id, proposed=False).exclude(pk=plan.pk)
    return others.order_by("-updated_at").first() if plan.chosen else None


@transaction.atomic
def delete(*, plan: Plan, by: User) -> Plan | None:
    """Delete a plan with its versions and its documents; `heir_of` it is chosen, and returned.
    Raises `NotTheirs`, for someone who may not, or no longer; ``Http404`` when it is gone.
    """
    held = attachments.hold_plan(plan)
    if isinstance(right := may_delete(by, held), Denied):
        raise NotTheirs(right.reason)
    heir, name = heir_of(held), held.name
    held.delete()
    if heir is not None:
        Plan.objects.filter(pk=heir.pk).update(chosen=True)
        _note(heir, by, f"Plan retenu, parce que « {name} » est supprimé")
    return heir


# -- One plan


@transaction.atomic
def save(
    *, plan: Plan, by: User, document: PlanDocument, seen: int, said: str,
    piece: Piece | None = None, cash: dict[str, Any] | None = None, noted: bool = False,
) -> Plan:  # fmt: skip
    """Write a plan as its next version, and attach `piece` to its line: both or neither. `seen` is
    the version from which it was made, `cash` its choices of treasury when they change. `noted`: it
    says where a dossier stands, rather than what the plan is.

    What changes nothing makes no version. Raises `Conflict`, ``Http404`` when the plan is gone, and
    as `attachments.attach`.
    """
    held = attachments.hold_plan(plan)
    if seen != held.version:
        raise Conflict(_who_wrote(held))
    former = read(held.content, document.date)
    document = _apart(held, former, document)
    cash = of_lines(held.cash if cash is None else cash, document)
    if (former, held.cash) != (document, cash):
        held.content, held.cash = _content(document), cash
        held.version += 1
        held.save(update_fields=["content", "cash", "version", "updated_at"])
        _keep(held, by, said, PlanNoted if noted else PlanChanged)
    if piece is not None:
        attachments.attach(plan=held, by=by, piece=piece)
    return held


def _apart(held: Plan, former: PlanDocument, document: PlanDocument) -> PlanDocument:
    """The document, where a new line does not take the identifier of a line that was removed with
    documents: they are not its own. A line that comes back finds them again.
    """
    before = {one.id for one in former.resources}
    new = [one for one in document.resources if one.id not in before]
    taken = set(held.attachments.values_list("resource", flat=True)) if new else set()
    other = {
        one.id
        for one in new
        if one.id in taken
        and not held.revisions.filter(
            content__resources__contains=[{"id": one.id, "label": one.label}]
        ).exists()
    }
    if not other:
        return document
    used = taken | before | {one.id for one in document.resources}
    free = (name for number in count(1) if (name := f"r{number}") not in used)
    names = {one.id: next(free) for one in document.resources if one.id in other}
    return replace(document, resources=renamed(document.resources, names))


def restore(*, plan: Plan, by: User, former: PlanRevision, document: PlanDocument,
            seen: int) -> Plan:  # fmt: skip
    """Put back what a former version held (`document`), as a new one. Raises `Conflict`."""
    said = f"Retour à la version {former.number} ({former.said})"
    return save(plan=plan, by=by, document=document, seen=seen, said=said, cash=former.cash)


def _keep(plan: Plan, by: User | None, said: str, told: type[AboutPlan]) -> None:
    """The revision of the present version; who types for the bearer is said to do so, and the
    bearer is `told`.
    """
    behalf = perms.on_behalf_of(by, plan.project)
    PlanRevision.objects.create(
        plan=plan, number=plan.version, content=plan.content, cash=plan.cash,
        said=said[:_LONGEST_SAID], by=by, on_behalf_of=behalf,
    )  # fmt: skip
    if by is not None and behalf:
        tell_owner(told, plan=plan, by=by, said=said)


def _note(plan: Plan, by: User, said: str, told: type[AboutPlan] | None = None) -> None:
    """What was done with a plan as a whole; who does it for the bearer is said to do so, and the
    bearer is `told`.
    """
    behalf = perms.on_behalf_of(by, plan.project)
    PlanEvent.objects.create(plan=plan, said=said[:_LONGEST_SAID], by=by, on_behalf_of=behalf)
    if behalf and told is not None:
        tell_owner(told, plan=plan, by=by, said=said)


def _who_wrote(plan: Plan) -> str:
    last = plan.revisions.select_related("by").first()
    who = str(last.by) if last and last.by else "Quelqu'un"
    when = f" à {localtime(last.at):%H:%M}" if last else ""
    what = f" (« {last.said} »)" if last else ""
    return f"{who} a modifié ce plan{when}{what} pendant que vous écriviez."


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
