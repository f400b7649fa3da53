"""Rights by mandate and by date, and those of an EPCI over two départements."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Mandate, Organisation, User
from maillage.desk import people, perms
from maillage.desk.enums import (
    Capacity,
    State,
    Verb,
)
from maillage.desk.models import Desk, Request
from maillage.desk.services import desks, qualifying
from maillage.desk.services.core import Act, NotAllowed

from .acts import World, do, file_as, make_world
from .factories import (
    FIGEAC,
    GRAND_FIGEAC,
    DeskFactory,
    OrganisationFactory,
    give_mandate,
    make_request,
    make_town,
    make_user,
)

pytestmark = pytest.mark.django_db

S, V = State, Verb


@pytest.fixture
def world() -> World:
    return make_world()


# -- Mandates and dates


def test_a_mandate_opens_and_closes_on_its_days(world: World) -> None:
    request = world.request()
    user = make_user(None)
    mandate = give_mandate(user, Role.AGENT, world.desk.organisation)
    today = localdate()
    for starts, ends, opened in (
        (None, None, True), (today, today, True), (today + timedelta(days=1), None, False),
        (None, today - timedelta(days=1), False),
    ):  # fmt: skip
        Mandate.objects.filter(pk=mandate.pk).update(starts=starts, ends=ends)
        again = User.objects.get(pk=user.pk)
        assert Request.objects.visible_to(again).contains(request) is opened
        assert perms.standing(again, request).agent is opened
        assert (again in _told(request)) is opened


def _told(request: Request) -> list[User]:
    return people.agents(Request.objects.get(pk=request.pk))


def test_a_deputy_decides_only_with_a_delegation(world: World) -> None:
    request = world.request(S.QUALIFIED)
    with pytest.raises(NotAllowed, match="délégation"):
        do(world, V.DESIGNATE, request, "assistant")
    assert do(world, V.DESIGNATE, request, "deputy").state == S.LOCAL


def test_an_informed_neighbour_only_reads(world: World) -> None:
    request = world.request(S.ACCOMPANIED)
    who = perms.standing(world["informed"], request)
    assert who.reader
    assert not any(perms.may(verb, who) for verb in Verb.values)
    assert not perms.may_work(who)
    assert not perms.messages(who).exists()
    assert not perms.journal(who).exists()
    assert not who.sees_contact


# -- An EPCI over two départements


@pytest.fixture
def figeac() -> tuple[Desk, Desk, Organisation]:
    """The desks of the Lot and of the Aveyron, and a DDT that pilots with both."""
    lot, aveyron = DeskFactory(territory="dep:46"), DeskFactory(territory="dep:12")
    ddt = OrganisationFactory(name="DDT du Lot", kind=OrganisationKind.STATE, territory="dep:46")
    lot.pilots.add(ddt)
    aveyron.pilots.add(ddt)
    return lot, aveyron, ddt


def test_an_epci_goes_to_the_desk_of_most_of_its_communes(
    figeac: tuple[Desk, Desk, Organisation],
) -> None:
    lot, aveyron, ddt = figeac
    assert desks.desk_for(GRAND_FIGEAC) == lot
    assert desks.other_desks(GRAND_FIGEAC) == [aveyron]
    request = file_as(GRAND_FIGEAC, make_user(Role.APPLICANT, make_town(GRAND_FIGEAC)))
    assert request.desk == lot
    assert request.number.startswith("46-")
    parts = set(request.parties.values_list("organisation", "capacity"))
    assert (lot.organisation_id, Capacity.DESK) in parts
    assert (aveyron.organisation_id, Capacity.INFORMED) in parts
    assert (ddt.pk, Capacity.PILOT) in parts
    neighbour = make_user(Role.AGENT, aveyron.organisation)
    who = perms.standing(neighbour, request)
    assert who.informed
    assert who.reader
    assert Request.objects.visible_to(neighbour).contains(request)
    assert not Request.objects.handled_by(neighbour).exists()
    with pytest.raises(NotAllowed):
        qualifying.ask_information(request=request, act=Act(by=neighbour), question="Pourquoi ?")


def test_a_service_that_pilots_for_two_desks_works_on_both(
    figeac: tuple[Desk, Desk, Organisation],
) -> None:
    lot, aveyron, ddt = figeac
    pilot = make_user(Role.AGENT, ddt)
    there = make_request(S.RECEIVED, FIGEAC, lot)
    other = make_request(S.RECEIVED, "12300", aveyron)
    assert set(Request.objects.handled_by(pilot)) == {there, other}
    assert set(Desk.objects.worked_by(pilot)) == {lot, aveyron}
    for request in (there, other):
        qualifying.ask_information(request=request, act=Act(by=pilot), question="Où ?")
    # The number of the département gives nothing: an agent of the Lot does not read the Aveyron.
    agent = make_user(Role.AGENT, lot.organisation)
    assert set(Request.objects.visible_to(agent)) == {there}


def test_when_the_first_desk_is_closed_the_other_takes_the_epci(
    figeac: tuple[Desk, Desk, Organisation],
) -> None:
    lot, aveyron, _ = figeac
    Desk.objects.filter(pk=lot.pk).update(is_open=False)
    assert desks.desk_for(GRAND_FIGEAC) == aveyron
    assert desks.other_desks(GRAND_FIGEAC) == []
