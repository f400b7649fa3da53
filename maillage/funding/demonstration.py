"""The demonstration's project: an invented plan of a real commune, carried by the true verbs."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.timezone import localdate

from maillage.accounts.demonstration import DEMO_ACCOUNTS
from maillage.accounts.enums import Role
from maillage.accounts.models import Organisation, User
from maillage.common import odt
from maillage.common.documents.checking import check
from maillage.engine.funding.types import CostLine, Fund, Nature
from maillage.funding import life
from maillage.funding.document import PlanDocument, Source, read
from maillage.funding.enums import Paper
from maillage.funding.models import Plan
from maillage.funding.services import attachments, plans
from maillage.funding.vat import gross_of
from maillage.projects.enums import ProjectState
from maillage.projects.models import Project
from maillage.projects.services import create_project

#: Population DGF, of the order of the census: invented, as the plan is.
_PEOPLE: Final = 172
_MAIRIE: Final = "mairie@exemple.test"
_DESK: Final = "Préfecture de la Dordogne"
#: Resource, verb, days ago, what is said: the plan as it went, a line at every step of its life.
_PASSAGES: Final[tuple[tuple[str, str, int, dict[str, Any]], ...]] = (
    ("don", "file", 110, {}),
    ("departement", "file", 100, {}),
    ("vert", "file", 98, {}),
    ("don", "grant", 80, {"amount": Decimal("5000.00")}),
    ("don", "pay", 60, {"amount": Decimal("5000.00")}),
    ("departement", "grant", 50, {"amount": Decimal("40000.00")}),
    ("detr", "file", 40, {"amount": Decimal("110000.00")}),
    ("vert", "refuse", 35, {"note": "Crédits de l'année épuisés : à redéposer l'an prochain."}),
    ("detr", "receive", 31, {"note": "Accusé de réception par courriel, dossier complet."}),
    ("departement", "pay", 20, {"amount": Decimal("12000.00"), "note": "Avance de 30 %."}),
    ("region", "file", 12, {}),
)
#: Resource, what the paper is, its name, what it says.
_PAPERS: Final = (
    ("detr", Paper.RECEIPT, "Accusé de réception DETR",
     "Votre demande de DETR est reçue et le dossier est complet."),
    ("departement", Paper.DECISION, "Notification du département",
     "La commission permanente vous accorde une subvention de 40 000 €."),
)  # fmt: skip


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
    # What is prepared has dates to come.
    _pass(plan, author, "concours", "prepare", {
        "closes": today + timedelta(days=45), "commission_on": today + timedelta(days=75),
    })  # fmt: skip
    plan.refresh_from_db()
    for name, paper, title, text in _PAPERS:
        _join(plan, author, name, paper, title, text)
    plans.create_plan(
        project=project, by=author, document=_smaller(project),
        name="Le café d'abord, les logements ensuite",
        said="Essai : commencer par le café seul",
    )  # fmt: skip


@transaction.atomic
def retire_demo_projects() -> None:
    """Erase the projects of the demonstration's people."""
    emails = [account.email for account in DEMO_ACCOUNTS]
    Project.objects.filter(created_by__email__in=emails).delete()


def _pass(plan: Plan, by: User, name: str, verb: str, said: dict[str, Any]) -> None:
    document = read(plan.content, localdate())
    source = next(one for one in document.resources if one.id == name)
    changed, sentence = life.moved(document, source, verb, said)
    plans.save(plan=plan, by=by, document=changed, seen=plan.version, said=sentence)


def _join(plan: Plan, by: User, name: str, paper: str, title: str, text: str) -> None:
    """Attach an invented paper, which says that it is."""
    source = life.find(read(plan.content, localdate()), name)
    assert source is not None, name  # noqa: S101 - a line of the plan above
    written = odt.Paper(f"{title} (démonstration)", localdate())
    written.head()
    written.text(f"{text} Ce document est inventé : il montre comment une pièce est jointe.")
    upload = SimpleUploadedFile(f"{title}.odt", written.octets())
    attachments.attach(
        plan=plan, by=by, piece=attachments.Piece(source, paper, upload, check(upload))
    )


def _document(project: Project) -> PlanDocument:
    """The chosen plan, before anything is noted: 301 000 € net, of which 29 % are the commune's."""
    today = localdate()
    costs = (
        _cost("etudes", "Études et maîtrise d'œuvre", 28_000, today.year, Nature.STUDY,
              signed_on=today - timedelta(days=45)),
        _cost("travaux", "Travaux du café et des deux logements", 248_000, today.year + 1),
        _cost("materiel", "Équipement du café", 25_000, today.year + 2),
    )  # fmt: skip
    resources = (
        _source("own", "Fonds propres", Fund.OWN, 58_000),
        _source("emprunt", "Emprunt sur quinze ans", Fund.LOAN, 30_000),
        _source("detr", "DETR", Fund.DETR, 110_000, rate=Decimal("0.40")),
        _source("departement", "Département de la Dordogne", Fund.DEPARTMENT, 40_000, letter=True),
        _source("concours", "Fonds de concours du Grand Périgueux", Fund.GROUP, 20_000),
        _source("leader", "LEADER, GAL du Périgord", Fund.LEADER, 20_000, rate=Decimal("0.30"),
                cap=Decimal("40000.00"), closes=today + timedelta(days=90)),
        _source("region", "Région Nouvelle-Aquitaine, dernier commerce", Fund.REGION, 18_000,
                letter=True, cap=Decimal("18000.00")),
        _source("vert", "Fonds vert", Fund.STATE, 25_000),
        _source("don", "Don d'une fondation", Fund.GIFT, 5_000, letter=True),
    )  # fmt: skip
    return _plan(project, costs, resources)


def _smaller(project: Project) -> PlanDocument:
    """The other plan, to compare: the café alone."""
    today = localdate()
    year = today.year + 1
    costs = (
        _cost("etudes", "Études et maîtrise d'œuvre", 28_000, today.year, Nature.STUDY),
        _cost("travaux", "Travaux du café seul", 120_000, year),
        _cost("materiel", "Équipement du café", 25_000, year),
    )
    resources = (
        _source("own", "Fonds propres", Fund.OWN, 63_800),
        _source("detr", "DETR", Fund.DETR, 69_200, rate=Decimal("0.40"),
                closes=today + timedelta(days=70)),
        _source("departement", "Département de la Dordogne", Fund.DEPARTMENT, 40_000),
    )  # fmt: skip
    return _plan(project, costs, resources)


def _plan(
    project: Project, costs: tuple[CostLine, ...], resources: tuple[Source, ...]
) -> PlanDocument:
    today = localdate()
    blank = plans.blank_document(project, today)
    bearer = replace(blank.bearer, population_dgf=_PEOPLE, recovers_vat=True)
    return PlanDocument(
        date=today, bearer=bearer, notes=blank.notes, costs=costs, resources=resources,
        economic=True,
    )  # fmt: skip


def _cost(
    name: str, label: str, net: int, year: int, nature: Nature = Nature.WORKS, **said: Any
) -> CostLine:  # fmt: skip
    return CostLine(
        name, label, Decimal(net), gross_of(Decimal(net), "20"),
        nature=nature, year=year, **said,
    )  # fmt: skip


def _source(name: str, label: str, fund: Fund, amount: int, **said: Any) -> Source:
    return Source(name, label, fund, Decimal(amount), **said)
