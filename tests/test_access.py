"""Every address of the site, as every role, on objects of its own and of others: one table.

A GET is tried wherever it is answered, an empty POST elsewhere. A new address without a row fails.
The walk also proves that a GET never writes.
"""

import html
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
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
from tests.desk.files import pdf

pytestmark = pytest.mark.django_db
_BACKEND: Final = settings.AUTHENTICATION_BACKENDS[0]

#: Columns of the table: who they are to the request that is walked.
ROLES: Final = (
    "visitor",        # not signed in
    "mairie",         # acts for the commune that asks
    "other_mairie",   # acts for another commune
    "agent",          # of the desk that carries it
    "far_agent",      # of a desk that has no part in it
    "delegate",
    "deputy",         # without a delegation
    "pilot",          # deputy of the DDT that pilots for the desk
    "lead",           # interlocuteur unique
    "asked",          # a body that is asked its opinion
    "stranger",       # a provider that is asked nothing
    "neighbour",      # agent of a desk that is informed
    "committee",      # of the ANCT, before which the request is
    "observer",       # elected, in the territory
    "far_observer",   # elected, elsewhere
    "administrator",
)  # fmt: skip


@dataclass
class World:
    """A request under way, everything that may hang from it, and someone of each role."""

    people: dict[str, User] = field(default_factory=dict)
    arguments: dict[str, dict[str, Any]] = field(default_factory=dict)


@pytest.fixture
def world() -> World:
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
    number = {"attachment": document.pk, "detach": document.pk, "consultation": question.pk,
              "cancel": question.pk, "do_task": task.pk}  # fmt: skip
    own = {f"requests:{name}": {"pk": demand.pk, "number": n} for name, n in number.items()}
    return own | {
        "requests:link": {"secret": "secret"},
        "requests:act": {"pk": demand.pk, "verb": "close"},
        "requests:step": {"pk": draft.pk, "step": "besoin"},
        "requests:discard": {"pk": draft.pk},
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


def _walk(resolver: URLResolver, prefix: str = "") -> list[tuple[str, URLPattern]]:
    """Every named address of the site, as « namespace:name »; those of the administration apart."""
    out: list[tuple[str, URLPattern]] = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if entry.app_name == "admin":
                continue
            space = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            out += _walk(entry, space)
        else:
            out.append((f"{prefix}{entry.name or entry.pattern}", entry))
    return out


def _address(name: str, entry: URLPattern, world: World) -> str:
    wanted = entry.pattern.converters
    space = f"{name.split(':')[0]}:*" if ":" in name else "*"
    given = world.arguments.get(name) or world.arguments.get(space) or world.arguments["*"]
    missing = set(wanted) - set(given)
    assert not missing, f"« {name} » needs {missing}: say them in `_arguments`"
    if name == "api/<path:rest>":
        return "/api/nulle-part"
    return reverse(name, kwargs={key: given[key] for key in wanted})


#: What the 403 page says when nobody has said why.
_NO_REASON: Final = "Votre compte ne donne pas accès à cette page."


def _mark(answer: HttpResponse) -> str:
    """One sign by answer: + reached, - refused with its reason, ? refused without one, 0 not
    found, l sign in first, ! broken.
    """
    status = answer.status_code
    if status in {301, 302} and answer["Location"].startswith("/compte/login"):
        return "l"
    if status == 403:
        return "?" if _NO_REASON in html.unescape(answer.content.decode()) else "-"
    return {401: "l", 404: "0", 405: "x"}.get(status, "+" if status < 500 else "!")


#: What is added to an address, and posted to one, for the walk to reach what it protects.
_QUERY: Final = {"requests:examine": "?offre=guichet-24"}
_POSTED: Final[dict[str, dict[str, str]]] = {
    "requests:message": {"vers": "mairie", "body": "Bonjour"},
}


def _posted(name: str) -> dict[str, Any]:
    if name == "requests:attach":
        return {"fichiers": SimpleUploadedFile("plan.pdf", pdf())}
    return dict(_POSTED.get(name, {}))


class _Undo(Exception):
    """Takes back what a POST has written."""


def _try(client: Client, name: str, address: str) -> tuple[str, list[str]]:
    """The mark of `address` for who `client` is, and what a GET wrote (nothing)."""
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address + _QUERY.get(name, ""))
    wrote = [q["sql"] for q in seen.captured_queries if q["sql"].startswith(_WRITES)]
    if answer.status_code != 405:
        return _mark(answer), wrote
    try:
        with transaction.atomic():
            answer = client.post(address, _posted(name))
            raise _Undo
    except _Undo:
        return _mark(answer), wrote


_WRITES: Final = ("INSERT", "UPDATE", "DELETE")

#: Open to all: tried without signing in (whoever is signed in sees the same page).
PUBLIC: Final = frozenset(
    {
        "home", "desk:orientation", "desk:orientation_pdf", "accessibility", "legal", "privacy",
        "sources", "health", "account", "account_login", "account_request_login_code",
        "quality:report", "keeping:claim", "keeping:claim_link",
        "account_confirm_login_code", "account_logout", "account_signup", "account_inactive",
    }
)  # fmt: skip
_PUBLIC_SPACES: Final = (
    "territories:", "catalog:", "experiences:", "api:", "api/", "matrix:", "opendata:",
)  # fmt: skip
_SIGNED_IN_API: Final = frozenset({"api:requests", "api:one_request"})
#: Addresses for those who are signed in, among spaces that are open to all.
_SIGNED_IN: Final = _SIGNED_IN_API | {
    f"matrix:{place}{page}" for place in ("", "place_") for page in ("lead", "lead_end")
}
#: Address → one sign by role, in the order of `ROLES`. `_mark` says what the signs mean.
TABLE: Final[dict[str, str]] = {
    # v visitor, M mairie, m other mairie, A agent, a far agent, D delegate, d deputy, P pilot,
    # L lead, s asked (sollicité), x stranger, n neighbour, C committee, O observer, o far one,
    # Z administrator
    #                               vMmAaDdPLsxnCOoZ
    "workspace":                     "l+++++++++++++++",
    "requests:start":                "++++++++++++++++",
    "requests:open":                 "l+++++++++++++++",
    "requests:ask_link":             "++++++++++++++++",
    "requests:link":                 "++++++++++++++++",
    "requests:step":                 "l+00000000000000",
    "requests:discard":              "l+00000000000000",
    "requests:receipt":              "l+0+0+++--0---0-",
    "requests:receipt_pdf":          "l+0+0+++--0---0-",
    "requests:attach":               "l+0+0++++-0---0-",
    "requests:attachment":           "l+0+0++++000+000",
    "requests:detach":               "l+0+0+++-000-000",
    "requests:mine":                 "l+++++++++++++++",
    "requests:message":              "l+0+0++++-0---0-",
    "requests:seen":                 "l+0-0-----0---0-",
    "requests:consultation":         "l00+0+++0+00+000",
    "requests:request":              "l+0+0+++++0+++0+",
    "requests:act":                  "l-0+0++++-0---0-",
    "requests:ask":                  "l-0+0+++--0---0-",
    "requests:cancel":               "l00+0+++0-00-000",
    "requests:do_task":              "l00+0+++00000000",
    "requests:examine":              "l-0+0+++--0---0-",
    "requests:convention":           "l+0+0+++--0-+-0-",
    "requests:convention_odt":       "l+0+0+++--0-+-0-",
    "requests:journal":              "l-0+0+++--0-+-0+",
    "asked:list":                    "l+++++++++++++++",
    "links:list":                    "l--+++++--------",
    "links:resend":                  "l--+0+++--------",
    "links:cancel":                  "l--+0+++--------",
    "queue:list":                    "l--+++++--------",
    "queue:assign":                  "l--+++++--------",
    "queue:map":                     "l--+++++--------",
    "queue:calendar":                "l--+++++--------",
    "queue:views":                   "l--+++++--------",
    "queue:delete_view":             "l--+0000--------",
    "national:list":                 "l-----------+---",
    "settings:desk":                 "l--+++++--------",
    "settings:remove_body":          "l---0+-+--------",
    "settings:absences":             "l--+++++--------",
    "settings:remove_absence":       "l--+0000--------",
    "settings:people":               "l--+++++--------",
    "settings:open_access":          "l--+++++--------",
    "settings:end_access":           "l--+0+++--------",
    "committee:list":                "l--+++++-----+++",
    "committee:new":                 "l--+++++--------",
    "committee:session":             "l00+0+++0000000+",
    "committee:agenda":              "l00+0+++0000000-",
    "committee:minutes":             "l00+0+++0000000-",
    "committee:close":               "l00+0+++0000000-",
    "committee:delete":              "l00+0+++0000000-",
    "committee:paper":               "l00+0+++00000000",
    "consolidation:current":         "l+++++++++++++++",
    "consolidation:year":            "l--+++++----++++",
    "consolidation:france":          "l-----------+--+",
    "keeping:list":                  "l--++++-+--+---+",
    "keeping:new_provider":          "l--++++----+---+",
    "keeping:provider":              "l--+-++-+------+",
    "keeping:provider_edit":         "l-------+------+",
    "keeping:confirm":               "l-------+------+",
    "keeping:capacity":              "l-------+------+",
    "keeping:history":               "l--+-++-+------+",
    "keeping:offer_new":             "l-------+------+",
    "keeping:offer":                 "l--+-++-+------+",
    "keeping:preview":               "l--+-++-+------+",
    "keeping:offer_edit":            "l-------+------+",
    "keeping:offer_verb":            "l-------+------+",
    "keeping:invite":                "l--+-++--------+",
    "keeping:end_access":            "l--+-++--------+",
    "keeping:hold":                  "l--+-++---------",
    "keeping:claims":                "l--++++----+---+",
    "keeping:claim_decide":          "l--+0++----0---+",
    "asked:record":                  "l--+++++++++---+",
    "quality:list":                  "l--++++-+--+---+",
    "quality:confirm":               "l--++++-+--+---+",
    "quality:ask":                   "l--++++-+--+---+",
    "quality:reports":               "l--++++-+--+---+",
    "quality:report_close":          "l00+0++00000000+",
    "words:list":                    "l--++++----+---+",
    "words:type_new":                "l--------------+",
    "words:type":                    "l--++++----+---+",
    "words:type_delete":             "l--------------+",
    "words:type_restore":            "l--------------+",
    "words:thesaurus":               "l--++++----+---+",
    "words:entry_new":               "l--------------+",
    "words:entry":                   "l--++++----+---+",
    "words:entry_delete":            "l--------------+",
    "words:entry_restore":           "l--------------+",
    "words:offers":                  "l--++++----+---+",
    "words:offer":                   "l--++++----+---+",
    "words:needs":                   "l--++++----+---+",
    "words:mark":                    "l--------------+",
    "matrix:lead":                   "l-----------+---",
    "matrix:lead_end":               "l-----------0---",
    "matrix:place_lead":             "l--+-+-+--------",
    "matrix:place_lead_end":         "l--0-0-0--------",
    "accounts:demo":                 "0000000000000000",
    "connectors:home":               "l--++++----+---+",
    "connectors:start":              "l--------------+",
    "connectors:run":                "l--++++----+---+",
    "connectors:unknown":            "l--++++----+---+",
    "imports:list":                  "l--++++-+--+---+",
    "imports:new":                   "l--++++-+--+---+",
    "imports:template":              "l--++++-+--+---+",
    "imports:schema":                "l--++++-+--+---+",
    "imports:import":                "l--+0++-0--0---+",
    "imports:lines":                 "l--+0++-0--0---+",
    "imports:rejects":               "l--+0++-0--0---+",
    "imports:write":                 "l--+0++-0--0---+",
    "imports:cancel":                "l--+0++-0--0---+",
    "notifications:list":            "l+++++++++++++++",
    "notifications:read-all":        "l+++++++++++++++",
    "notifications:open":            "l00+000000000000",
    "notifications:read":            "l00+000000000000",
    "notifications:preferences":     "l+++++++++++++++",
    "notifications:previews":        "l--------------+",
    "notifications:preview":         "l--------------+",
    "notifications:mails":           "l--------------+",
    "notifications:try-all-again":   "l--------------+",
    "notifications:try-again":       "l--------------+",
    "notifications:demo":            "0000000000000000",
    "api:requests":                  "l+++++++++++++++",
    "api:one_request":               "l+0+0+++++0+++0+",
}  # fmt: skip


def observed(world: World) -> tuple[dict[str, str], list[str]]:
    """What the site answers, address by address, and what a GET wrote."""
    clients = {role: Client(raise_request_exception=True) for role in ROLES}
    for role, user in world.people.items():
        clients[role].force_login(user, backend=_BACKEND)
    marks: dict[str, str] = {}
    wrote: list[str] = []
    for name, entry in _walk(get_resolver()):
        address = _address(name, entry, world)
        public = name in PUBLIC or (name.startswith(_PUBLIC_SPACES) and name not in _SIGNED_IN)
        for role in ROLES[:1] if public else ROLES:
            mark, written = _try(clients[role], name, address)
            marks[name] = marks.get(name, "") + mark
            wrote += [f"{name} as {role}: {sql[:120]}" for sql in written]
    return marks, wrote


def test_every_address_answers_each_role_as_the_table_says(world: World) -> None:
    marks, wrote = observed(world)
    assert wrote == [], "a GET has written"
    public = {name: mark for name, mark in marks.items() if len(mark) == 1}
    closed = [
        name for name, mark in public.items() if mark not in "+0" and not name.startswith("account")
    ]
    assert closed == [], "what is open to all asks to sign in"
    marks = {name: line for name, line in marks.items() if name not in public}
    new = sorted(set(marks) - set(TABLE))
    assert new == [], "an address has no row in the table"
    assert sorted(set(TABLE) - set(marks)) == [], "a row has no address any more"
    wrong = {name: (TABLE[name], line) for name, line in marks.items() if TABLE[name] != line}
    assert wrong == {}, f"expected, answered, for {ROLES}"
