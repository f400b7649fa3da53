"""What the walk of every address needs: a request under way, all that may hang from it, people."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.utils.timezone import localdate, now

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Absence, User
from maillage.catalog.aides_territoires import run as aides_territoires
from maillage.catalog.aides_territoires.client import Address
from maillage.catalog.imports.pipeline import dataset
from maillage.catalog.models import (
    ConnectorRun,
    ErrorReport,
    Import,
    ImportLine,
    Provider,
    ThesaurusEntry,
)
from maillage.desk.enums import Audience, Capacity, ConsultationKind, State
from maillage.desk.models import (
    AgendaItem,
    Attachment,
    CommitteeSession,
    Consultation,
    Convention,
    FilingLink,
    Request,
    SavedView,
    Task,
)
from maillage.desk.services.links import digest_of
from maillage.notifications.models import Mail, Notification
from tests.catalog.keepers import kept_arguments
from tests.desk.factories import (
    DeskFactory,
    OrganisationFactory,
    make_prefecture,
    make_provider,
    make_request,
    make_town,
    make_user,
)
from tests.funding.plans import join, make_plan, make_project


@dataclass
class World:
    """A request under way, everything that may hang from it, and someone of each role."""

    people: dict[str, User] = field(default_factory=dict)
    arguments: dict[str, dict[str, Any]] = field(default_factory=dict)


def make_world() -> World:
    """The world, made in the database."""
    made = World()
    desk, far = DeskFactory(), DeskFactory(territory="dep:46")
    neighbour = make_prefecture("dep:12")
    ddt = OrganisationFactory(name="DDT", kind=OrganisationKind.STATE, territory="dep:24")
    desk.pilots.add(ddt)
    lead, asked = make_provider("Agence"), make_provider("CAUE")
    observers = OrganisationFactory(name="Élus du Lot", territory="dep:46")
    made.people = {
        "mairie": make_user(Role.APPLICANT),
        "other_mairie": make_user(Role.APPLICANT, make_town("24322")),
        "agent": make_user(Role.AGENT),
        "far_agent": make_user(Role.AGENT, far.organisation),
        "delegate": make_user(Role.DELEGATE),
        "deputy": make_user(Role.DEPUTY),
        "pilot": make_user(Role.DEPUTY, ddt, signs=True),
        "lead": make_user(Role.PROVIDER, lead),
        "asked": make_user(Role.PROVIDER, asked),
        "stranger": make_user(Role.PROVIDER, make_provider("Autre bureau")),
        "neighbour": make_user(Role.AGENT, neighbour),
        "committee": make_user(Role.COMMITTEE),
        "observer": make_user(Role.OBSERVER),
        "far_observer": make_user(Role.OBSERVER, observers),
        "administrator": make_user(Role.ADMINISTRATOR),
    }
    User.objects.filter(pk=made.people["administrator"].pk).update(is_staff=True)
    anct = made.people["committee"].bodies(Role.COMMITTEE)[0]
    demand = make_request(
        State.ACCOMPANIED, desk=desk, lead=lead, author=made.people["mairie"],
        parties=[
            (ddt, Capacity.PILOT), (asked, Capacity.ASKED), (neighbour, Capacity.INFORMED),
            (anct, Capacity.COMMITTEE),
        ],
    )  # fmt: skip
    draft = make_request(State.DRAFT, desk=desk, author=made.people["mairie"])
    question = Consultation.objects.create(
        request=demand, organisation=asked, kind=ConsultationKind.OPINION, question="Un avis ?",
        due_on=localdate() + timedelta(days=5), asked_by=made.people["agent"],
    )  # fmt: skip
    document = Attachment(
        request=demand, name="plan.pdf", kind="pdf", size=4, sha256="0" * 64,
        audience=Audience.APPLICANT, added_by=made.people["mairie"],
    )  # fmt: skip
    document.file.save("plan.pdf", ContentFile(b"%PDF"), save=True)
    task = Task.objects.create(request=demand, label="Appeler la mairie")
    Convention.objects.create(request=demand)
    session = CommitteeSession.objects.create(desk=desk, held_on=localdate())
    AgendaItem.objects.create(session=session, request=demand, why="En cours")
    view = SavedView.objects.create(user=made.people["agent"], name="Les miennes")
    link = FilingLink.objects.create(
        digest=digest_of("secret"), email="mairie@exemple.test", code="24061", desk=desk,
        sent_by=made.people["agent"], expires_at=now() + timedelta(days=1),
    )  # fmt: skip
    absence = Absence.objects.create(
        user=made.people["agent"], relay=made.people["delegate"], starts=localdate(),
        ends=localdate(),
    )  # fmt: skip
    told = Notification.objects.create(
        user=made.people["agent"], slug="new-message", key="1", topic="t", subject="s", text="…",
        action_path="/",
    )  # fmt: skip
    mail = Mail.objects.create(key="1", slug="new-message", to="a@exemple.test", state="failed")
    made.arguments = _arguments(
        demand, draft, question, document, task, session, view, link, absence, told, mail,
        made.people["mairie"].mandates.get(),
    )  # fmt: skip
    return made


def _arguments(
    demand: Request, draft: Request, question: Consultation, document: Attachment, task: Task,
    session: CommitteeSession, view: SavedView, link: FilingLink, absence: Absence,
    told: Notification, mail: Mail, mandate: Any,
) -> dict[str, dict[str, Any]]:  # fmt: skip
    """Arguments of the addresses that take some, by name; those of a request by default."""
    # Another project than the request's: carried by the mairie, shared with its desk.
    plan = make_plan(make_project(share_with=[demand.desk.organisation]))
    number = {"attachment": document.pk, "detach": document.pk, "consultation": question.pk,
              "cancel": question.pk, "do_task": task.pk}  # fmt: skip
    own = {f"requests:{name}": {"pk": demand.pk, "number": n} for name, n in number.items()}
    return own | {
        "requests:link": {"secret": "secret"},
        "requests:act": {"pk": demand.pk, "verb": "close"},
        "requests:step": {"pk": draft.pk, "step": "besoin"},
        "requests:discard": {"pk": draft.pk},
        "projects:*": {"pk": plan.project_id, "body": demand.desk.organisation_id},
        "funding:new": {"pk": plan.project_id},
        "funding:calendar_feed": {"secret": "secret"},
        "funding:version": {"pk": plan.pk, "number": plan.version},
        "funding:*": {"pk": plan.pk, "verb": "receive", "what": "dossier", "kind": "json",
                      "number": join(plan).pk},
        "committee:*": {"pk": session.pk},
        "committee:paper": {"pk": session.pk, "what": "ordre-du-jour", "kind": "pdf"},
        "consolidation:*": {"year": localdate().year},
        "queue:delete_view": {"pk": view.pk},
        "links:*": {"pk": link.pk},
        "settings:remove_absence": {"pk": absence.pk},
        "settings:remove_body": {"what": "pilote", "pk": demand.desk.pilots.get().pk},
        "settings:*": {"pk": mandate.pk},
        "notifications:preview": {"slug": "new-message"},
        "notifications:try-again": {"pk": mail.pk},
        "notifications:*": {"pk": told.pk},
        "requests:*": {"pk": demand.pk},
        "api:one_request": {"request_id": demand.pk},
        "api:*": {"code": "24061", "offer_id": "cerema-programme-ponts",
                  "provider_id": "cerema"},
        "catalog:offer": {"slug": "cerema-programme-ponts"},
        "matrix:*": {"kind": "departement", "code": "24", "theme": "eau", "phase": "travaux"},
        "quality:report": {"kind": "offre", "slug": "cerema-programme-ponts"},
        "quality:report_close": {"pk": _reported().pk},
        "catalog:provider": {"slug": "cerema"},
        **kept_arguments("Agence"),
        "catalog:*": {"secret": "0" * 64},
        "experiences:experience": {"slug": "bourrou-cafe-lib"},
        "territories:commune": {"code": "24061"},
        "territories:epci": {"siren": "200040392", "code": "200040392"},
        "territories:department": {"code": "24"},
        "territories:region": {"code": "75"},
        "words:offer": {"slug": "cerema-programme-ponts"},
        "words:*": {"slug": "dernier-bistrot", "pk": ThesaurusEntry.objects.values_list(
            "pk", flat=True)[0]},
        "rules:rule": {"rule": "own-share"},
        "imports:template": {"kind": "offres", "format": "csv"},
        "imports:schema": {"kind": "aides"},
        "imports:*": {"pk": _imported(demand).pk},
        "connectors:*": {"pk": _connected().pk},
        "opendata:file": {"name": "offres.csv"},
        "*": {"rest": "nulle-part"},
    }  # fmt: skip


def _imported(demand: Request) -> Import:
    """An import of the desk of the request, ready to be written."""
    body = demand.desk.organisation
    feed = dataset("essai", "Jeu d'essai", organisation=body)
    made = Import.objects.create(
        kind="offres", dataset=feed, body=body, file_name="offres.csv", format="csv", state="ready",
        counts={"gone": 1},
    )  # fmt: skip
    ImportLine.objects.create(parent=made, number=0, key="a", title="Une offre", action="gone")
    return made


def _connected() -> ConnectorRun:
    """A run of the connector."""
    feed = aides_territoires.dataset(Address("https://exemple.test", "1.6"))
    return ConnectorRun.objects.create(
        dataset=feed, state="done", address="https://exemple.test", version="1.6"
    )


def _reported() -> ErrorReport:
    """An error reported on the page of a body of the Dordogne, which no one of the world keeps."""
    local = Provider.objects.get(slug="prefecture-24")
    return ErrorReport.objects.create(provider=local, message="Le téléphone a changé.")
