"""Who chooses a plan: its bearer; a desk proposes, or says who told it so."""

import pytest
from django.test import Client
from django.urls import reverse

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.funding.models import Plan
from maillage.funding.perms import may_delete
from maillage.funding.services import plans as services
from maillage.projects.services import share
from tests.desk.factories import make_prefecture, make_user
from tests.funding.plans import document, join, make_plan, make_project
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def _url(name: str, plan: Plan) -> str:
    return reverse(f"funding:{name}", args=[plan.pk])


@pytest.fixture
def agent() -> User:
    return make_user(Role.AGENT, name="Zoé")


@pytest.fixture
def proposed(agent: User, mairie: User) -> Plan:
    """The first plan of a project, made by a desk."""
    project = make_project(mairie)
    share(project=project, body=make_prefecture())
    return make_plan(project, by=agent, name="Plan du guichet")


def test_the_first_plan_of_a_desk_is_proposed_and_that_of_the_mairie_is_chosen(
    proposed: Plan, mairie: User
) -> None:
    assert (proposed.chosen, proposed.proposed) == (False, True)
    alone = make_plan(make_project(mairie, name="L'école"), by=mairie)
    assert (alone.chosen, alone.proposed) == (True, False)
    second = make_plan(proposed.project, document(net=90_000), mairie)
    assert (second.chosen, second.proposed) == (False, False), "several: she chooses herself"


def test_the_mairie_chooses_what_is_proposed_in_one_press(its: Client, proposed: Plan) -> None:
    page = text_of(its.get(_url("plan", proposed)))
    assert "Zoé vous propose ce plan" in page
    assert "Plan proposé" in text_of(its.get(proposed.project.get_absolute_url()))
    assert its.post(_url("choose", proposed)).status_code == 302
    proposed.refresh_from_db()
    assert (proposed.chosen, proposed.proposed) == (True, False)
    assert [(one.said, one.on_behalf_of) for one in proposed.events.all()] == [("Plan retenu", "")]
    assert "propose ce plan" not in text_of(its.get(_url("plan", proposed)))


def test_a_desk_says_who_chose_and_it_is_kept(
    client: Client, agent: User, proposed: Plan, mairie: User
) -> None:
    hers = make_plan(proposed.project, document(net=90_000), mairie, name="Plan de la mairie")
    services.choose(plan=hers, by=mairie)
    client.force_login(agent)
    asked = client.get(_url("choose", proposed))
    assert "prend la place de « Plan de la mairie »" in text_of(asked)
    refused = client.post(_url("choose", proposed), {"told": "  "})
    assert refused.status_code == 422
    assert "Dites qui a retenu ce plan" in text_of(refused)
    assert not Plan.objects.get(pk=proposed.pk).chosen
    with pytest.raises(services.NotTheirs, match="qui vous l'a demandé"):
        services.choose(plan=proposed, by=agent, told=" ")
    client.post(_url("choose", proposed), {"told": "Mme Martin,\nau téléphone"})
    proposed.refresh_from_db()
    hers.refresh_from_db()
    assert (proposed.chosen, hers.chosen, hers.proposed) == (True, False, False)
    kept = proposed.events.get()
    said = "Plan retenu à la place de « Plan de la mairie », dit par Mme Martin, au téléphone"
    assert (kept.said, kept.by, kept.on_behalf_of) == (said, agent, proposed.project.owner.name)
    assert "« Plan du guichet » prend sa place" in hers.events.latest("at").said
    assert said in text_of(client.get(_url("versions", proposed)))


def test_a_desk_does_not_delete_what_the_mairie_chose(
    client: Client, agent: User, proposed: Plan, mairie: User
) -> None:
    assert may_delete(agent, proposed)
    services.choose(plan=proposed, by=mairie)
    proposed.refresh_from_db()
    assert not may_delete(agent, proposed)
    client.force_login(agent)
    assert client.post(_url("delete", proposed)).status_code == 403


def test_a_plan_that_was_chosen_once_stays_the_mairie_s(
    proposed: Plan, agent: User, mairie: User
) -> None:
    services.choose(plan=proposed, by=mairie)
    other = make_plan(proposed.project, document(net=90_000), mairie)
    services.choose(plan=other, by=mairie)
    proposed.refresh_from_db()
    assert not proposed.chosen
    assert not may_delete(agent, proposed)


def test_a_proposal_in_which_the_mairie_wrote_stays_hers(
    shared: Plan, agent: User, mairie: User
) -> None:
    written = make_plan(shared.project, document(net=90_000), agent)
    services.save(plan=written, by=mairie, document=document(net=80_000), seen=1, said="Devis")
    assert not may_delete(agent, written)
    with_paper = make_plan(shared.project, document(net=70_000), agent)
    join(with_paper, by=mairie)
    assert not may_delete(agent, with_paper)
    assert may_delete(mairie, with_paper)


def test_a_desk_does_not_delete_what_is_chosen_while_it_confirms(
    proposed: Plan, agent: User, mairie: User
) -> None:
    read_before = Plan.objects.get(pk=proposed.pk)
    services.choose(plan=proposed, by=mairie)
    with pytest.raises(services.NotTheirs, match="elle seule peut le supprimer"):
        services.delete(plan=read_before, by=agent)
    assert Plan.objects.filter(pk=proposed.pk).exists()


def test_a_proposal_does_not_take_the_place_of_a_plan_that_goes(
    its: Client, proposed: Plan, mairie: User
) -> None:
    hers = make_plan(proposed.project, document(net=90_000), mairie)
    services.choose(plan=hers, by=mairie)
    assert "le projet n'en aura plus" in text_of(its.get(_url("delete", hers)))
    its.post(_url("delete", hers))
    proposed.refresh_from_db()
    assert (proposed.chosen, proposed.proposed) == (False, True)


def test_a_copy_by_a_desk_is_proposed_too(shared: Plan, desk: Client) -> None:
    where = desk.post(_url("duplicate", shared))["Location"]
    copy = Plan.objects.get(pk=where.split("/")[2])
    assert copy.proposed
    page = text_of(desk.get(where))
    assert "Ce plan est proposé : c'est à la collectivité" in page
    assert "La mairie l'a retenu" in page


def test_choosing_twice_is_noted_once(its: Client, plan: Plan) -> None:
    its.post(_url("choose", plan))
    assert not plan.events.exists()
