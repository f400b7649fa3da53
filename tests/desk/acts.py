"""A small desk with everyone around it, and how each verb is done, for the tests of services."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.core.files.base import ContentFile
from django.utils.timezone import localdate

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Organisation, User
from maillage.desk.enums import (
    Branch,
    Capacity,
    DeskMode,
    Ground,
    LeadKind,
    NeedLevel,
    Outcome,
    State,
    Verb,
    Verdict,
)
from maillage.desk.models import Attachment, Desk, Request
from maillage.desk.services import filing, local, national, qualifying
from maillage.desk.services.core import Act
from maillage.notifications.models import Mail, Notification
from maillage.territories.directory import directory

from .factories import (
    BOURROU,
    PERIGUEUX,
    DeskFactory,
    OrganisationFactory,
    make_anct,
    make_prefecture,
    make_provider,
    make_request,
    make_town,
    make_user,
)

BISTRO: Final = "Rouvrir le bistrot du village dans l'ancienne école, avec un dépôt de pain."


@dataclass(slots=True)
class World:
    """The desk of the Dordogne, a DDT that pilots with it, and a person of each kind."""

    desk: Desk
    ddt: Organisation
    caue: Organisation
    agency: Organisation
    anct: Organisation
    neighbour: Organisation
    people: dict[str, User] = field(default_factory=dict)

    def __getitem__(self, name: str) -> User:
        user = self.people[name]
        user.__dict__.pop("acting", None)
        return user

    def request(self, state: str = State.RECEIVED, **said: Any) -> Request:
        """A request of Bourrou in `state`: the agency leads where there is a lead, the CAUE is
        asked, the neighbour is informed; the mairie wrote it.
        """
        parties: list[tuple[Organisation, str]] = list(said.pop("parties", ()))
        if state != State.DRAFT:
            parties += [(self.caue, Capacity.ASKED), (self.neighbour, Capacity.INFORMED)]
        leads = {State.LOCAL, State.ACCOMPANIED, State.CLOSED, State.EXISTING_CIRCUIT}
        return make_request(
            state, desk=self.desk, parties=parties,
            **{"lead": self.agency if state in leads else None, "author": self["mairie"], **said},
        )  # fmt: skip


def make_world() -> World:
    """The people are named in `WHO`."""
    desk = DeskFactory()
    ddt = OrganisationFactory(name="DDT de la Dordogne", kind=OrganisationKind.STATE,
                              territory="dep:24")  # fmt: skip
    desk.pilots.add(ddt)
    caue = make_provider("CAUE de la Dordogne")
    agency = make_provider("Agence technique départementale", email="atd@exemple.test")
    neighbour = make_prefecture("dep:87")
    desk.informed.add(neighbour)
    elected = OrganisationFactory(name="Élus de la Dordogne", territory="dep:24")
    world = World(desk, ddt, caue, agency, make_anct(), neighbour)
    yesterday, tomorrow = (localdate() + timedelta(days=n) for n in (-1, 1))
    prefecture, town = desk.organisation, make_town()
    for name, role, body, more in (
        ("mairie", Role.APPLICANT, town, {}),
        ("agent", Role.AGENT, prefecture, {}),
        ("pilot", Role.AGENT, ddt, {}),
        ("delegate", Role.DELEGATE, prefecture, {}),
        ("deputy", Role.DEPUTY, prefecture, {"signs": True}),
        ("assistant", Role.DEPUTY, prefecture, {}),
        ("lead", Role.PROVIDER, agency, {}),
        ("asked", Role.PROVIDER, caue, {}),
        ("informed", Role.AGENT, neighbour, {}),
        ("committee", Role.COMMITTEE, world.anct, {}),
        ("observer", Role.OBSERVER, elected, {}),
        ("administrator", Role.ADMINISTRATOR, OrganisationFactory(name="Équipe"), {}),
        ("stranger", Role.APPLICANT, make_town(PERIGUEUX), {}),
        ("former mayor", Role.APPLICANT, town, {"ends": yesterday}),
        ("next mayor", Role.APPLICANT, town, {"starts": tomorrow}),
    ):
        address = f"{name.replace(' ', '.')}@exemple.test"
        world.people[name] = make_user(role, body, email=address, name=name.capitalize(), **more)
    return world


def examine_all(request: Request, by: User) -> None:
    """Set aside every local offer that the orientation proposes for `request`."""
    for line in national.to_examine(request):
        national.examine(
            request=request, act=Act(by=by), offer=line["offer"], title=line["title"],
            provider=line["provider"], level=line["level"], verdict=Verdict.DOES_NOT,
            why="L'organisme n'intervient pas sur ce sujet.",
        )  # fmt: skip


def signed_file(request: Request) -> Attachment:
    """A document of `request`, as the storage keeps it."""
    held = request.attachments.filter(sha256="0" * 64).first()
    if held is None:
        held = Attachment(request=request, name="convention.pdf", kind="pdf", size=4,
                          sha256="0" * 64)  # fmt: skip
        held.file.save("convention.pdf", ContentFile(b"%PDF"), save=False)
        held.save()
    return held


Doing = Callable[[World, Request, Act], object]


def _entrust(world: World, request: Request, act: Act) -> None:
    """Hand over to the circuit that the delegate has declared."""
    Desk.objects.filter(pk=world.desk.pk).update(
        mode=DeskMode.EXISTING_CIRCUIT, circuit=world.agency
    )
    qualifying.entrust(request=request, act=act)


#: How each verb is done, with what it needs at least.
DOING: Final[dict[str, Doing]] = {
    Verb.FILE: lambda w, r, act: filing.file_request(request=r, act=act),
    Verb.ASK_INFORMATION: lambda w, r, act: qualifying.ask_information(
        request=r, act=act, question="Le bâtiment est-il à la commune ?"
    ),
    Verb.GIVE_INFORMATION: lambda w, r, act: qualifying.give_information(
        request=r, act=act, text="Oui, depuis 1987."
    ),
    Verb.QUALIFY: lambda w, r, act: qualifying.qualify(
        request=r, act=act, themes=["commerce"], phase="faisabilite", level=NeedLevel.METHOD
    ),
    Verb.PREPARE: lambda w, r, act: qualifying.prepare(
        request=r, act=act, branch=Branch.LOCAL, organisation=w.agency,
        lead_kind=LeadKind.LOCAL_PROVIDER,
    ),
    Verb.DESIGNATE: lambda w, r, act: local.designate(
        request=r, act=act, organisation=w.agency, lead_kind=LeadKind.LOCAL_PROVIDER
    ),
    Verb.REPLACE_LEAD: lambda w, r, act: local.replace_lead(
        request=r, act=act, organisation=w.caue, lead_kind=LeadKind.LOCAL_PROVIDER
    ),
    Verb.ACCEPT_LEAD: lambda w, r, act: local.accept_lead(request=r, act=act),
    Verb.DECLINE_LEAD: lambda w, r, act: local.decline_lead(request=r, act=act),
    Verb.OPEN_NATIONAL: lambda w, r, act: national.open_national(
        request=r, act=act, grounds=[Ground.INNOVATIVE], explanation="Personne ne l'a jamais fait.",
        none_found=True,
    ),
    Verb.SUBMIT: lambda w, r, act: national.submit(request=r, act=act),
    Verb.ACCEPT_NATIONAL: lambda w, r, act: national.accept_national(request=r, act=act),
    Verb.REFUSE_NATIONAL: lambda w, r, act: national.refuse_national(request=r, act=act),
    Verb.RETURN_TO_LOCAL: lambda w, r, act: national.return_to_local(request=r, act=act),
    Verb.SIGN_CONVENTION: lambda w, r, act: national.sign_convention(
        request=r, act=act, signed_on=localdate(), attachment=signed_file(r)
    ),
    Verb.START_SUPPORT: lambda w, r, act: national.start_support(
        request=r, act=act, organisation=w.ddt, lead_kind=LeadKind.DDT
    ),
    Verb.ENTRUST: _entrust,
    Verb.CLOSE: lambda w, r, act: qualifying.close(
        request=r, act=act, outcome=Outcome.SUPPORTED, text="Le bistrot a rouvert."
    ),
    Verb.WITHDRAW: lambda w, r, act: qualifying.withdraw(request=r, act=act),
    Verb.REORIENT: lambda w, r, act: qualifying.reorient(request=r, act=act, to="Le Département"),
    Verb.REOPEN: lambda w, r, act: qualifying.reopen(request=r, act=act),
}  # fmt: skip


def do(world: World, verb: str, request: Request, by: User | str, **act: Any) -> Request:
    """Do `verb` on `request` as `by`; return the request as it is in the database."""
    user = world[by] if isinstance(by, str) else by
    DOING[verb](world, request, Act(by=user, **{"reason": "Parce que c'est mieux ainsi.", **act}))
    return Request.objects.get(pk=request.pk)


def file_as(code: str, by: User) -> Request:
    """A request of the territory `code`, written and filed by `by`."""
    kind = "epci" if code in directory().epcis else "commune"
    draft = filing.start_draft(by=by, need=BISTRO, code=code, bearer_kind=kind)
    filing.save_draft(request=draft, by=by, contact_name="Camille", contact_phone="05 65 00 00 00")
    return filing.file_request(request=draft, act=Act(by=by))


# -- What came of it


def fresh(request: Request) -> Request:
    return Request.objects.get(pk=request.pk)


def file_one(world: World, **said: object) -> Request:
    """A request of Bourrou, filed by its mairie."""
    draft = filing.start_draft(by=world["mairie"], need=BISTRO, code=BOURROU)
    fields = {"contact_name": "Camille Roche", "contact_phone": "05 53 00 00 00", **said}
    filing.save_draft(request=draft, by=world["mairie"], **fields)
    return filing.file_request(request=draft, act=Act(by=world["mairie"]))


def told(slug: str) -> set[str]:
    """Who has been told `slug` in the application, by first part of their address."""
    found = Notification.objects.filter(slug=slug).values_list("user__email", flat=True)
    return {email.partition("@")[0] for email in found}


def written(slug: str) -> list[str]:
    """Addresses to which the mail `slug` was written, with repetitions."""
    return sorted(Mail.objects.filter(slug=slug).values_list("to", flat=True))
