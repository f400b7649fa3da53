"""Settings of a desk, absences and relays."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate

from maillage.accounts import services as accounts
from maillage.accounts.enums import Role
from maillage.accounts.models import Absence, User
from maillage.desk import people
from maillage.desk.enums import Capacity, DeskMode, State
from maillage.desk.models import Desk, Request
from maillage.desk.services import settings as services
from maillage.desk.services.core import Conflict, Incomplete, NotAllowed
from tests.desk.conftest import enter, page
from tests.desk.factories import (
    DeskFactory,
    make_prefecture,
    make_provider,
    make_request,
    make_user,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def desk(agent: User) -> Desk:
    """The desk of the Dordogne."""
    return Desk.objects.get(territory="dep:24")


# -- Settings


def settings(client: Client, desk: Desk, **said: Any) -> Any:
    desk.refresh_from_db()
    values = {name: getattr(desk, name) for name in services.FIELDS}
    data = {"quoi": "reglages", "vu": services.stamp(desk), **values, **said}
    return client.post("/guichet/reglages/", data)


def test_an_agent_changes_the_deadlines_and_it_is_noted(signed_in: Client, desk: Desk) -> None:
    assert settings(signed_in, desk, first_answer_days=7, phone="05 53 11 11 11").status_code == 302
    desk.refresh_from_db()
    assert (desk.first_answer_days, desk.phone) == (7, "05 53 11 11 11")
    text = page(signed_in, "/guichet/reglages/")
    assert "première réponse (jours ouvrés)\xa0: 5 → 7" in text
    assert "Inès Roy" in text


def test_what_is_wrong_is_said_and_what_is_typed_is_kept(signed_in: Client, desk: Desk) -> None:
    answer = settings(signed_in, desk, first_answer_days=0, phone="05 53 11 11 11")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'value="05 53 11 11 11"' in text
    assert 'href="#id_first_answer_days"' in text
    desk.refresh_from_db()
    assert desk.first_answer_days == 5


def test_two_people_change_the_settings_at_once(signed_in: Client, desk: Desk) -> None:
    before = services.stamp(desk)
    services.save_settings(desk=desk, by=make_user(), seen=before, silent_days=30)
    answer = signed_in.post(
        "/guichet/reglages/",
        {"quoi": "reglages", "vu": before, **{n: getattr(desk, n) for n in services.FIELDS},
         "silent_days": 15},
    )  # fmt: skip
    assert answer.status_code == 409
    assert 'value="15"' in answer.content.decode()
    desk.refresh_from_db()
    assert desk.silent_days == 30
    with pytest.raises(Conflict):
        services.save_settings(desk=desk, by=make_user(), seen=before, silent_days=15)


@pytest.mark.parametrize(
    ("role", "signs", "may"),
    [
        (Role.AGENT, False, False), (Role.DEPUTY, False, False), (Role.DEPUTY, True, True),
        (Role.DELEGATE, False, True),
    ],
)  # fmt: skip
def test_who_chooses_how_the_desk_works(
    client: Client, desk: Desk, role: str, signs: bool, may: bool
) -> None:
    desk.circuit = make_provider()
    desk.save()
    enter(client, make_user(role, signs=signs))
    data = {
        "quoi": "mode", "vu": services.stamp(desk), "mode": DeskMode.EXISTING_CIRCUIT,
        "is_open": "on",
    }  # fmt: skip
    assert ('name="mode"' in page(client, "/guichet/reglages/")) == may
    assert client.post("/guichet/reglages/", data).status_code == (302 if may else 403)
    desk.refresh_from_db()
    assert (desk.mode == DeskMode.EXISTING_CIRCUIT) == may


def test_a_circuit_must_be_named_before_it_is_relied_on(desk: Desk) -> None:
    delegate = make_user(Role.DELEGATE)
    mode = {"mode": DeskMode.EXISTING_CIRCUIT, "is_open": True}
    with pytest.raises(Incomplete, match="circuit"):
        services.save_mode(desk=desk, by=delegate, seen=None, **mode)
    body = make_provider()
    services.add_body(desk=desk, by=delegate, body=body, what=services.CIRCUIT)
    services.save_mode(desk=desk, by=delegate, seen=None, **mode)
    with pytest.raises(NotAllowed, match="changez d'abord de mode"):
        services.remove_body(desk=desk, by=delegate, body=body, what=services.CIRCUIT)


def test_an_agent_does_not_name_the_circuit(desk: Desk, agent: User) -> None:
    with pytest.raises(NotAllowed):
        services.add_body(desk=desk, by=agent, body=make_provider(), what=services.CIRCUIT)


def test_a_pilot_works_at_once_and_no_more_once_removed(desk: Desk, agent: User) -> None:
    delegate = make_user(Role.DELEGATE)
    row = make_request(State.QUALIFIED)
    service = make_provider("DDT de la Dordogne")
    pilot = make_user(Role.AGENT, service)
    assert not Request.objects.handled_by(pilot).exists()
    for _ in range(2):  # taken off, then put back
        services.add_body(desk=desk, by=delegate, body=service, what=services.PILOT)
        assert Request.objects.handled_by(pilot).get() == row
        services.remove_body(desk=desk, by=delegate, body=service, what=services.PILOT)
        assert not Request.objects.handled_by(pilot).exists()
    assert row.parties.filter(organisation=service, capacity=Capacity.PILOT).count() == 1


def test_an_agent_names_no_pilot(signed_in: Client, desk: Desk) -> None:
    service = make_provider("Maison des services de Thiviers")
    assert "Pilote :" not in page(signed_in, "/guichet/reglages/")
    agent = User.objects.get(name="Inès Roy")
    with pytest.raises(NotAllowed, match="délégué"):
        services.add_body(desk=desk, by=agent, body=service, what=services.PILOT)
    desk.pilots.add(service)
    assert signed_in.get(f"/guichet/reglages/pilote/{service.pk}/retirer/").status_code == 403
    with pytest.raises(NotAllowed, match="délégué"):
        services.remove_body(desk=desk, by=agent, body=service, what=services.PILOT)


def test_a_body_is_looked_for_then_added(client: Client, desk: Desk) -> None:
    client.force_login(make_user(Role.DELEGATE))
    signed_in = client
    service = make_provider("Maison des services de Thiviers")
    said = {"quoi": "organisme", "what": "pilote", "search": "thiviers"}
    text = signed_in.post("/guichet/reglages/", {**said, "faire": "chercher"}).content.decode()
    assert f'<option value="o:{service.pk}">' in text
    assert desk.pilots.count() == 0
    added = signed_in.post("/guichet/reglages/", {**said, "organisation": f"o:{service.pk}"})
    assert added.status_code == 302
    assert desk.pilots.get() == service
    address = f"/guichet/reglages/pilote/{service.pk}/retirer/"
    assert "ne verront plus" in page(signed_in, address)
    assert desk.pilots.exists()
    assert signed_in.post(address).status_code == 302
    assert not desk.pilots.exists()


def test_a_desk_that_is_not_theirs(signed_in: Client, desk: Desk) -> None:
    other = DeskFactory(territory="dep:46")
    assert signed_in.get("/guichet/reglages/?guichet=46").status_code == 404
    with pytest.raises(NotAllowed):
        services.save_settings(
            desk=other, by=User.objects.get(name="Inès Roy"), seen=None, silent_days=3
        )


@pytest.mark.parametrize("address", ["reglages", "absences", "personnes", "personnes/ouvrir"])
@pytest.mark.parametrize(
    "role", [Role.APPLICANT, Role.PROVIDER, Role.COMMITTEE, Role.OBSERVER, Role.ADMINISTRATOR]
)
def test_these_pages_are_for_the_people_of_a_desk(
    client: Client, desk: Desk, role: str, address: str
) -> None:
    enter(client, make_user(role))
    assert client.get(f"/guichet/{address}/").status_code == 403


# -- Absences


def test_an_absence_is_noted_with_its_relay(signed_in: Client, agent: User) -> None:
    colleague = make_user(name="Paul")
    today = localdate()
    answer = signed_in.post(
        "/guichet/absences/",
        {"starts": today, "ends": today + 5 * DAY, "relay": colleague.pk},
    )
    assert answer.status_code == 302
    assert agent.absences.get().relay == colleague
    assert accounts.relays_of([agent, colleague], today) == {agent.pk: colleague}
    assert accounts.relays_of([agent], today + 6 * DAY) == {}
    row = make_request(assigned_to=agent)
    assert people.agents(row) == [agent, colleague]


def test_an_absence_of_ones_own_is_removed_after_asking(signed_in: Client, agent: User) -> None:
    absence = accounts.add_absence(
        user=agent, relay=make_user(), starts=localdate(), ends=localdate()
    )
    address = f"/guichet/absences/{absence.pk}/retirer/"
    page(signed_in, address)
    assert Absence.objects.exists()
    signed_in.post(address)
    assert not Absence.objects.exists()


def test_an_absence_of_another_is_not_ones_own(signed_in: Client, agent: User) -> None:
    colleague = make_user()
    absence = accounts.add_absence(
        user=colleague, relay=agent, starts=localdate(), ends=localdate()
    )
    assert signed_in.post(f"/guichet/absences/{absence.pk}/retirer/").status_code == 404


def test_the_relay_is_of_the_same_desk(signed_in: Client, agent: User) -> None:
    DeskFactory(territory="dep:46")
    stranger = make_user(Role.AGENT, make_prefecture("dep:46"))
    make_user()
    answer = signed_in.post(
        "/guichet/absences/", {"starts": localdate(), "ends": localdate(), "relay": stranger.pk}
    )
    assert answer.status_code == 422
    assert not Absence.objects.exists()


@pytest.mark.parametrize(
    ("starts", "ends", "field"), [(3, 2, "ends"), (-5, -4, "ends"), (1, 3, "starts")]
)
def test_dates_of_an_absence_mean_something(
    agent: User, starts: int, ends: int, field: str
) -> None:
    relay, today = make_user(), localdate()
    accounts.add_absence(user=agent, relay=relay, starts=today + 3 * DAY, ends=today + 4 * DAY)
    with pytest.raises(accounts.Refused) as refusal:
        accounts.add_absence(
            user=agent, relay=relay, starts=today + starts * DAY, ends=today + ends * DAY
        )
    assert refusal.value.field == field


def test_a_relay_who_is_away_too_is_refused_and_passes_on(agent: User) -> None:
    today = localdate()
    second, third = make_user(), make_user()
    accounts.add_absence(user=second, relay=third, starts=today, ends=today)
    with pytest.raises(accounts.Refused, match="aussi absent"):
        accounts.add_absence(user=agent, relay=second, starts=today, ends=today)
    # Noted before the relay's own absence: the files go on to who is there.
    Absence.objects.create(user=agent, relay=second, starts=today, ends=today)
    assert accounts.relays_of([agent], today) == {agent.pk: third}
    Absence.objects.create(user=third, relay=agent, starts=today, ends=today)
    assert accounts.relays_of([agent], today) == {}
