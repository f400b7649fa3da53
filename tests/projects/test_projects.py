"""Projects: who sees them, the list, creation, sharing, erasing; and from a request of the desk."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.desk.enums import State
from maillage.desk.models import Request
from maillage.desk.services.core import NotAllowed
from maillage.desk.services.projects import start_project
from maillage.desk.workspace import entries
from maillage.engine.funding.types import Status, Verdict
from maillage.funding.demonstration import load_demo_projects, retire_demo_projects
from maillage.funding.document import read
from maillage.funding.dossiers import dates
from maillage.funding.models import Plan
from maillage.funding.planning import checks
from maillage.projects.models import Project
from maillage.projects.services import possible_desks, share, unshare
from tests.desk.factories import (
    GRAND_FIGEAC,
    DeskFactory,
    give_mandate,
    make_prefecture,
    make_provider,
    make_request,
    make_town,
    make_user,
)
from tests.funding.plans import make_plan, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def mairie() -> User:
    return make_user(Role.APPLICANT)


@pytest.fixture
def its(client: Client, mairie: User) -> Client:
    client.force_login(mairie)
    return client


# -- Rights


def test_a_project_is_seen_by_its_mairie_and_the_desk_it_is_shared_with() -> None:
    project = make_project()
    plan = make_plan(project)
    share(project=project, body=make_prefecture())
    seen = {
        name: (project in Project.objects.visible_to(user), plan in Plan.objects.visible_to(user))
        for name, user in {
            "mairie": make_user(Role.APPLICANT),
            "other": make_user(Role.APPLICANT, make_town("24322")),
            "agent": make_user(Role.AGENT),
            "far": make_user(Role.AGENT, make_prefecture("dep:46")),
            "provider": make_user(Role.PROVIDER, make_provider("Agence")),
            "observer": make_user(Role.OBSERVER),
            "committee": make_user(Role.COMMITTEE),
        }.items()
    }
    assert {name for name, both in seen.items() if both == (True, True)} == {"mairie", "agent"}
    assert all(a == b for a, b in seen.values())


def test_a_desk_sees_nothing_before_it_is_shared_nor_after() -> None:
    project, agent = make_project(), make_user(Role.AGENT)
    assert project not in Project.objects.visible_to(agent)
    share(project=project, body=make_prefecture())
    assert project in Project.objects.visible_to(agent)
    unshare(project=project, body=make_prefecture())
    assert project not in Project.objects.visible_to(agent)


def test_an_intercommunality_over_two_departments_may_share_with_both_desks() -> None:
    make_prefecture("dep:46"), make_prefecture("dep:12"), make_prefecture("dep:24")
    project = make_project(owner=make_town(GRAND_FIGEAC))
    assert {body.territory for body in possible_desks(project)} == {"dep:46", "dep:12"}


@pytest.mark.parametrize(
    ("role", "shown"),
    [(Role.APPLICANT, True), (Role.AGENT, True), (Role.PROVIDER, False), (Role.OBSERVER, False)],
)
def test_the_menu_has_projects_for_mairies_and_desks(role: Role, shown: bool) -> None:
    DeskFactory()
    user = make_user(role, make_provider("Agence") if role == Role.PROVIDER else None)
    assert ("Mes projets" in [entry.label for entry in entries(user)]) is shown


# -- Pages


def test_create_edit_erase(its: Client, mairie: User) -> None:
    sent = {"name": "La halle", "state": "idea", "phase": "travaux", "budget": "150 k€",
            "starts_on": "2027-03-01", "ends_on": "2028-03-01"}  # fmt: skip
    answer = its.post(reverse("projects:new"), sent)
    project = Project.objects.get()
    assert answer["Location"] == project.get_absolute_url()
    assert (project.owner, project.territory) == (make_town(), "com:24061")
    assert (project.budget, project.starts_on) == (Decimal(150_000), date(2027, 3, 1))
    its.post(reverse("projects:edit", args=[project.pk]), sent | {"name": "La halle du bourg"})
    project.refresh_from_db()
    assert project.name == "La halle du bourg"
    make_plan(project)
    asked = its.get(reverse("projects:erase", args=[project.pk])).content.decode()
    assert "son plan de financement" in asked
    its.post(reverse("projects:erase", args=[project.pk]))
    assert not Project.objects.exists()
    assert not Plan.objects.exists()


def test_a_bad_input_is_said_and_nothing_is_lost(its: Client) -> None:
    answer = its.post(reverse("projects:new"), {
        "name": "", "state": "idea", "phase": "travaux", "budget": "beaucoup",
        "starts_on": "2028-03-01", "ends_on": "2027-03-01",
    })  # fmt: skip
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"name", "budget", "ends_on"}
    assert "beaucoup" in answer.content.decode()


def test_who_acts_for_no_body_is_told_where_to_go(client: Client) -> None:
    client.force_login(make_user(Role.AGENT))
    answer = client.get(reverse("projects:new"))
    assert answer.status_code == 403
    assert "ouvrez la demande" in answer.content.decode()


def test_sharing_is_asked_and_is_the_owner_s(its: Client, mairie: User, client: Client) -> None:
    project, body = make_project(mairie), make_prefecture()
    address = reverse("projects:share", args=[project.pk, body.pk])
    assert its.get(address).status_code == 200
    assert not project.shared_with.exists()
    its.post(address)
    assert project.shared_with.get() == body
    client.force_login(make_user(Role.AGENT))
    stop = reverse("projects:unshare", args=[project.pk, body.pk])
    assert client.post(stop).status_code == 403
    client.force_login(mairie)
    client.post(stop)
    assert not project.shared_with.exists()
    # Another body than the desk of its département is not offered.
    far = reverse("projects:share", args=[project.pk, make_prefecture("dep:46").pk])
    assert client.get(far).status_code == 404


def test_the_list_is_searched_without_accents_filtered_paginated_exported(
    its: Client, mairie: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(22):
        make_plan(make_project(mairie, name=f"Projet {number}"))
    make_project(mairie, name="L'école à isoler", need="", state="works")
    make_project(name="D'une autre", owner=make_town("24322"))
    address = reverse("projects:list")
    with django_assert_max_num_queries(10):
        page = its.get(address)
    assert page.context["page"].paginator.count == 23
    assert page.context["page"].paginator.num_pages == 2
    assert [p.name for p in its.get(address, {"q": "ECOLE isoler"}).context["page"]] == [
        "L'école à isoler"
    ]
    assert its.get(address, {"etat": "works"}).context["page"].paginator.count == 1
    assert its.get(address, {"q": "rien de tel"}).context["page"].paginator.count == 0
    file = its.get(address, {"export": "csv"}).getvalue().decode()
    assert len(file.splitlines()) == 24


def test_a_date_of_another_century_is_a_slip_that_is_told(its: Client) -> None:
    answer = its.post(reverse("projects:new"), {
        "name": "Le\r\n toit", "phase": "montage", "state": "idea", "starts_on": "01/09/1926",
    })  # fmt: skip
    assert answer.status_code == 422
    assert "1926" in answer.content.decode()
    assert not Project.objects.exists()


# -- From a request


def test_a_request_becomes_a_project_shared_with_its_desk(its: Client, mairie: User) -> None:
    demand = make_request(State.QUALIFIED, desk=DeskFactory(), author=mairie)
    Request.objects.filter(pk=demand.pk).update(
        budget=Decimal(80_000), calendar="Avant l'été", themes=["commerce"], phase="montage"
    )
    page = its.get(demand.get_absolute_url()).content.decode()
    assert "Faire le plan de financement" in page
    answer = its.post(reverse("requests:plan", args=[demand.pk]))
    project = Project.objects.get()
    assert answer["Location"] == reverse("funding:new", args=[project.pk])
    assert (project.owner, project.budget) == (make_town(), Decimal(80_000))
    assert (project.phase, project.themes) == ("montage", ["commerce"])
    assert demand.need in project.need
    assert "Avant l'été" in project.need
    assert list(project.shared_with.all()) == [demand.desk.organisation]
    plan = make_plan(project, name="Plan de la halle")
    for user in (mairie, make_user(Role.AGENT)):
        its.force_login(user)
        shown = its.get(demand.get_absolute_url()).content.decode()
        assert plan.name in shown
        assert "Un projet est créé" in shown or "Projet créé" in shown
        # And the project leads back to its request, and to who can help.
        asked = its.get(project.get_absolute_url()).content.decode()
        assert demand.get_absolute_url() in asked
        assert f"{reverse('desk:orientation')}?commune=24061&amp;besoin=" in asked
    # Asked again, it is the same project.
    its.post(reverse("requests:plan", args=[demand.pk]))
    assert Project.objects.count() == 1


def test_an_agent_may_begin_it_for_the_mairie() -> None:
    demand = make_request(State.QUALIFIED, desk=DeskFactory(), author=make_user(Role.APPLICANT))
    agent = make_user(Role.AGENT)
    project = start_project(request=demand, by=agent)
    assert project.owner == make_town()
    assert project in Project.objects.visible_to(agent)


def test_the_interlocuteur_does_not_begin_it() -> None:
    lead = make_provider("Agence")
    demand = make_request(
        State.ACCOMPANIED, desk=DeskFactory(), lead=lead, author=make_user(Role.APPLICANT)
    )
    with pytest.raises(NotAllowed, match="mairie"):
        start_project(request=demand, by=make_user(Role.PROVIDER, lead))


def test_a_request_outlives_its_project(mairie: User) -> None:
    demand = make_request(State.QUALIFIED, desk=DeskFactory(), author=mairie)
    start_project(request=demand, by=mairie).delete()
    demand.refresh_from_db()
    assert demand.project is None


# -- Demonstration


def test_the_demonstration_has_a_plan_under_way_once() -> None:
    mairie = make_user(None, email="mairie@exemple.test")
    give_mandate(mairie, Role.APPLICANT)
    make_prefecture()
    load_demo_projects()
    load_demo_projects()
    plan, other = Plan.objects.order_by("-chosen")
    assert plan.version == 13
    assert (plan.chosen, other.chosen) == (True, False)
    assert {one["status"] for one in plan.content["resources"]} == set(Status)
    for one in (plan, other):
        document = read(one.content, localdate())
        assert not [c for c in checks(document) if c.verdict is Verdict.FAILS]
    found = dates(read(plan.content, localdate()), localdate())
    assert found.waits
    assert found.coming
    assert not found.late
    retire_demo_projects()
    assert not Project.objects.exists()
