"""Projects and plans in the database, for tests, in one line each."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.accounts.models import Organisation, User
from maillage.common.documents.checking import check
from maillage.engine.funding.types import Bearer, BearerKind, CostLine, Fund, Status
from maillage.funding.document import PlanDocument, Source
from maillage.funding.document import read as read_document
from maillage.funding.enums import Paper
from maillage.funding.life import find
from maillage.funding.models import Attachment, Plan
from maillage.funding.services import attachments
from maillage.funding.services import plans as services
from maillage.projects.models import Project
from maillage.projects.services import create_project
from tests.desk import files
from tests.desk.factories import make_town, make_user


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


def piece(
    plan: Plan, name: str = "detr", *, body: bytes | None = None, paper: str = Paper.DECISION,
    called: str = "arrete.pdf",
) -> attachments.Piece:  # fmt: skip
    """A file to attach to a line of a plan."""
    source = find(held_by(plan), name)
    assert source is not None
    upload = SimpleUploadedFile(called, body or files.pdf())
    return attachments.Piece(source, paper, upload, check(upload))


def join(plan: Plan, name: str = "detr", *, by: User | None = None, **said: Any) -> Attachment:
    """A document attached to a line of a plan, by someone of its owner unless said."""
    who = by or make_user(Role.APPLICANT)
    return attachments.attach(plan=plan, by=who, piece=piece(plan, name, **said))[0]


def held_by(plan: Plan) -> PlanDocument:
    """What a plan holds now."""
    plan.refresh_from_db()
    return read_document(plan.content, localdate())


def without(plan: Plan, name: str, by: User) -> Plan:
    """The plan once a line is removed from it."""
    held = held_by(plan)
    left = replace(held, resources=tuple(r for r in held.resources if r.id != name))
    return services.save(plan=plan, by=by, document=left, seen=plan.version, said="Ligne retirée")
