"""The demonstration's project: an invented plan of a real commune, carried by the true verbs."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.timezone import localdate

from maillage.accounts.demonstration import DEMO_ACCOUNTS
from maillage.accounts.enums import Role
from maillage.accounts.models import Organisation, User
from maillage.engine.funding.types import CostLine, Fund, Nature
from maillage.funding import life
from maillage.funding.document import PlanDocument, Source
from maillage.funding.models import Plan
from maillage.funding.services import plans
from maillage.projects.enums import ProjectState
from maillage.projects.models import Project
from maillage.projects.services import create_project

_MAIRIE: Final = "mairie@exemple.test"
_DESK: Final = "Préfecture de la Dordogne"
#: Resource, verb, days ago, what is said: the plan as it went.
_PASSAGES: Final[tuple[tuple[str, str, int, dict[str, Any]], ...]] = (
    ("detr", "file", 40, {"amount": Decimal("110000.00")}),
    ("departement", "file", 38, {}),
    ("detr", "receive", 31, {"note": "Accusé de réception par courriel, dossier complet."}),
    ("departement", "grant", 12, {"amount": Decimal("40000.00")}),
)


@transaction.atomic
def load_demo_projects() -> None:
    """Open the demonstration's project with its plan under way, once."""
    author = User.objects.filter(email=_MAIRIE).first()
    if author is None or Project.objects.filter(created_by=author).exists():
        return
    owner = author.bodies(Role.APPLICANT)[0]
    today = localdate()
    project = create_project(
        name="Rouvrir le café dans l'ancienne école", owner=owner, by=author,
        share_with=Organisation.objects.filter(name=_DESK),
        need="On voudrait rouvrir le bistrot dans l'ancienne école, avec deux logements au-dessus.",
        themes=["commerce", "cooperation"], phase="montage", state=ProjectState.FUNDING,
        budget=Decimal("301000.00"), starts_on=today + timedelta(days=200),
        ends_on=today + timedelta(days=700),
    )  # fmt: skip
    plan = plans.create_plan(
        project=project, by=author, document=_document(project), name="Plan de la commune"
    )
    for name, verb, days, more in _PASSAGES:
        _pass(plan, author, name, verb, {"on": today - timedelta(days=days), **more})
        plan.refresh_from_db()


@transaction.atomic
def retire_demo_projects() -> None:
    """Erase the projects of the demonstration's people."""
    emails = [account.email for account in DEMO_ACCOUNTS]
    Project.objects.filter(created_by__email__in=emails).delete()


def _pass(plan: Plan, by: User, name: str, verb: str, said: dict[str, Any]) -> None:
    document = plans.read_plan(plan, localdate())
    source = next(one for one in document.resources if one.id == name)
    changed, sentence = life.moved(document, source, verb, said)
    plans.save(plan=plan, by=by, document=changed, seen=plan.version, said=sentence)


def _document(project: Project) -> PlanDocument:
    today = localdate()
    blank = plans.blank_document(project, today)
    year = today.year + 1
    costs = (
        _cost("etudes", "Études et maîtrise d'œuvre", 28_000, year, Nature.STUDY),
        _cost("travaux", "Travaux du café et des deux logements", 248_000, year),
        _cost("materiel", "Équipement du café", 25_000, year + 1),
    )
    resources = (
        _source("own", "Fonds propres", Fund.OWN, 111_000),
        _source("detr", "DETR", Fund.DETR, 110_000, rate=Decimal("0.40")),
        _source("departement", "Département de la Dordogne", Fund.DEPARTMENT, 40_000, letter=True),
        _source("concours", "Fonds de concours du Grand Périgueux", Fund.GROUP, 20_000,
                closes=today + timedelta(days=45), commission_on=today + timedelta(days=75)),
        _source("leader", "LEADER, GAL du Périgord", Fund.LEADER, 20_000, rate=Decimal("0.30"),
                cap=Decimal("40000.00"), closes=today + timedelta(days=90)),
    )  # fmt: skip
    return PlanDocument(
        date=today, bearer=blank.bearer, notes=blank.notes, costs=costs, resources=resources,
        economic=True,
    )  # fmt: skip


def _cost(
    name: str, label: str, net: int, year: int, nature: Nature = Nature.WORKS
) -> CostLine:  # fmt: skip
    return CostLine(
        name, label, Decimal(net), (Decimal(net) * Decimal("1.2")).quantize(Decimal("0.01")),
        nature=nature, year=year,
    )  # fmt: skip


def _source(name: str, label: str, fund: Fund, amount: int, **said: Any) -> Source:
    return Source(name, label, fund, Decimal(amount), **said)
