"""The CLCT: who reads its meetings, their list, what is printed."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.desk import committee
from maillage.desk.enums import State
from maillage.desk.models import CommitteeSession, Desk, Request
from maillage.desk.services import committee as services
from tests.desk.conftest import enter, page
from tests.desk.factories import (
    DeskFactory,
    OrganisationFactory,
    make_prefecture,
    make_provider,
    make_request,
    make_user,
)
from tests.desk.meetings import HELD_ON, decide, order_of, plan, with_items

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


# -- Who reads


def closed(agent: User, row: Request) -> CommitteeSession:
    session = with_items(agent, row)
    decide(session, agent, "Avis favorable.", "Écrire à l'ANCT")
    services.save_minutes(
        session=session, by=agent, version=session.version, present="La préfète",
        minutes="Échange libre", items={},
    )  # fmt: skip
    session.refresh_from_db()
    return services.close(session=session, by=agent, version=session.version)


@pytest.mark.parametrize(
    ("territory", "reads"),
    [("dep:24", 200), ("reg:75", 200), ("com:24061", 200), ("com:24322", 404), ("dep:46", 404)],
)
def test_elected_people_read_the_closed_decisions_of_their_territory(
    client: Client, agent: User, territory: str, reads: int
) -> None:
    session = closed(agent, make_request(State.NATIONAL))  # a request of Bourrou
    body = OrganisationFactory(name="Élus", territory=territory)
    enter(client, make_user(Role.OBSERVER, body))
    answer = client.get(f"/guichet/clct/{session.pk}/")
    assert answer.status_code == reads
    if reads == 200:
        text = answer.content.decode()
        assert "Avis favorable." in text
        assert "Échange libre" not in text
        assert "Écrire à l'ANCT" not in text
        assert "La préfète" not in text
        assert "Appui national demandé" not in text


def test_elected_people_do_not_read_what_is_being_prepared(client: Client, agent: User) -> None:
    session = with_items(agent, make_request(State.NATIONAL))
    enter(client, make_user(Role.OBSERVER))
    assert client.get(f"/guichet/clct/{session.pk}/").status_code == 404
    assert client.get(f"/guichet/clct/{session.pk}/releve.pdf").status_code == 404


@pytest.mark.parametrize("what", ["ordre-du-jour", "releve", "arreter", "supprimer"])
def test_elected_people_write_nothing(client: Client, agent: User, what: str) -> None:
    session = closed(agent, make_request(State.NATIONAL))
    enter(client, make_user(Role.OBSERVER))
    assert client.get(f"/guichet/clct/{session.pk}/{what}/").status_code == 403


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.PROVIDER, Role.COMMITTEE])
def test_others_have_no_meeting(client: Client, agent: User, role: str) -> None:
    session = closed(agent, make_request(State.NATIONAL))
    enter(client, make_user(role))
    assert client.get("/guichet/clct/").status_code == 403
    assert client.get("/guichet/clct/nouvelle/").status_code == 403
    assert client.get(f"/guichet/clct/{session.pk}/").status_code == 404


def test_an_agent_of_another_desk_does_not_see_it(client: Client, agent: User) -> None:
    session = closed(agent, make_request(State.NATIONAL))
    DeskFactory(territory="dep:46")
    enter(client, make_user(Role.AGENT, make_prefecture("dep:46")))
    assert client.get(f"/guichet/clct/{session.pk}/").status_code == 404


def test_a_pilot_prepares_it_too_and_takes_off_only_what_they_see(agent: User) -> None:
    """A service that became pilot after a request was filed does not see that request."""
    hidden = make_request(State.NATIONAL)
    session = with_items(agent, hidden)
    service = make_provider("DDT")
    Desk.objects.get().pilots.add(service)
    pilot = make_user(Role.AGENT, service)
    services.save_agenda(
        session=session, by=pilot, version=session.version, held_on=HELD_ON, place="",
        requests=[], whys={},
    )  # fmt: skip
    assert order_of(session) == [hidden.number]
    assert committee.items_of(session, pilot) == []


# -- List, papers


def test_the_list_is_paged_and_carried_away(
    signed_in: Client, agent: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(25):
        plan(agent, held_on=HELD_ON + number * DAY)
    with django_assert_max_num_queries(12):
        text = page(signed_in, "/guichet/clct/")
    assert "25 séances" in text.replace("\u202f", " ").replace("\xa0", " ")
    assert "page 1 sur 2" in text
    lines = signed_in.get("/guichet/clct/?export=csv").getvalue().decode().splitlines()
    assert len(lines) == 26


@pytest.mark.parametrize("kind", ["pdf", "odt"])
@pytest.mark.parametrize("what", ["ordre-du-jour", "releve"])
def test_agenda_and_minutes_on_paper(signed_in: Client, agent: User, what: str, kind: str) -> None:
    session = closed(agent, make_request(State.NATIONAL))
    answer = signed_in.get(f"/guichet/clct/{session.pk}/{what}.{kind}")
    assert answer.status_code == 200
    start = b"%PDF" if kind == "pdf" else b"PK"
    assert answer.content.startswith(start)
    assert f"clct-{what}-2026-03-02.{kind}" in answer["Content-Disposition"]


def test_no_such_paper(signed_in: Client, agent: User) -> None:
    session = with_items(agent, make_request(State.NATIONAL))
    assert signed_in.get(f"/guichet/clct/{session.pk}/releve.docx").status_code == 404
    assert signed_in.get(f"/guichet/clct/{session.pk}/autre.pdf").status_code == 404


def test_pages_of_a_meeting_cost_few_queries(
    signed_in: Client, agent: User, django_assert_max_num_queries: Any
) -> None:
    session = with_items(agent, *(make_request(State.NATIONAL) for _ in range(6)))
    for what, most in (("", 12), ("ordre-du-jour/", 22), ("releve/", 12), ("arreter/", 12)):
        with django_assert_max_num_queries(most):
            page(signed_in, f"/guichet/clct/{session.pk}/{what}")
