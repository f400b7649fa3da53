"""Projects and plans in the database, for tests, in one line each."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.timezone import localdate

from maillage.accounts.models import Organisation, User
from maillage.engine.funding.types import Bearer, BearerKind, CostLine, Fund, Status
from maillage.funding.document import PlanDocument, Source
from maillage.funding.document import read as read_document
from maillage.funding.models import Plan
from maillage.funding.services import plans as services
from maillage.projects.models import Project
from maillage.projects.services import create_project
from tests.desk.factories import make_town


def make_project(by: User | None = None, owner: Organisation | None = None, **said: Any) -> Project:
    """A project of Bourrou, private unless said."""
    plain = {"name": "Rouvrir le café", "need": "Rouvrir le bistrot dans l'ancienne école"}
    return create_project(owner=owner or make_town(), by=by, **{**plain, **said})


def source(name: str, fund: Fund, amount: float, **said: Any) -> Source:
    """A resource of a fund."""
    return Source(name, said.pop("label", name.upper()), fund, Decimal(str(amount)), **said)


def document(*resources: Source, net: float = 100_000, day: date | None = None,
             **said: Any) -> PlanDocument:  # fmt: skip
    """A plan of one cost of 100 000 €; half own money and half a DETR filed, unless said."""
    amount = Decimal(str(net))
    return PlanDocument(
        date=day or localdate(),
        bearer=Bearer(BearerKind.COMMUNE, "Bourrou", "24", population_dgf=140),
        costs=(CostLine("c1", "Travaux", amount, amount * Decimal("1.2"), year=2027),),
        resources=resources or (
            source("own", Fund.OWN, 50_000),
            source("detr", Fund.DETR, 50_000, status=Status.FILED, rate=Decimal("0.5"),
                   filed_on=localdate() - timedelta(days=9)),
        ),
        economic=False,
        **said,
    )  # fmt: skip


def make_plan(project: Project | None = None, held: PlanDocument | None = None,
              by: User | None = None, name: str = "Plan A") -> Plan:  # fmt: skip
    """A plan of a project."""
    return services.create_plan(
        project=project or make_project(by), by=by, document=held or document(), name=name
    )


def held_by(plan: Plan) -> PlanDocument:
    """What a plan holds now."""
    plan.refresh_from_db()
    return read_document(plan.content, localdate())
