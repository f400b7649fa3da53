"""From the answer page to the simulator, and from the simulator to a project."""

import json
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate
from pytest_django import Settings

from maillage.accounts.demonstration import DEMO_ACCOUNTS, load_demo_accounts
from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.common import typed
from maillage.funding.document import read
from maillage.funding.models import Plan
from maillage.projects.models import Project
from tests.desk.factories import make_town, make_user
from tests.funding.plans import document, make_project
from tests.funding.test_simulator import PLAN
from tests.pages import text_of

pytestmark = pytest.mark.django_db
KEEP = reverse("funding:keep")
TODAY = localdate()


def sent(**said: Any) -> dict[str, Any]:
    return {"plan": json.dumps(document().as_json()), **said}


def test_who_is_not_signed_in_does_it_and_finds_their_plan(client: Client, mairie: User) -> None:
    answer = client.post(KEEP, sent())
    assert answer["Location"] == f"{reverse('account_login')}?next={KEEP}"
    assert Plan.objects.count() == 0
    session = dict(client.session)
    client.force_login(mairie)
    held = client.session
    held["typed"] = session["typed"]
    held.save()
    page = text_of(client.get(KEEP))
    assert "Garder ce plan dans un projet" in page
    assert "100 000 €" in page


def test_a_plan_is_kept_in_a_new_project_and_followed_there(client: Client, mairie: User) -> None:
    client.force_login(mairie)
    answer = client.post(KEEP, sent(project="nouveau", name="  Le toit\n de l'école "))
    project = Project.objects.get()
    plan = Plan.objects.get()
    assert answer["Location"] == plan.get_absolute_url()
    assert project.name == "Le toit de l'école"
    assert [project.owner] == list(mairie.bodies(Role.APPLICANT))
    assert read(plan.content, TODAY) == document()
    assert plan.chosen


def test_a_plan_is_kept_in_a_project_that_exists(client: Client, mairie: User) -> None:
    project = make_project(mairie)
    client.force_login(mairie)
    client.post(KEEP, sent(project=str(project.pk)))
    assert [one.project for one in Plan.objects.all()] == [project]


def test_nothing_is_written_without_a_name_or_without_proof(client: Client, mairie: User) -> None:
    client.force_login(mairie)
    answer = client.post(KEEP, sent(project="nouveau", name=" "))
    assert answer.status_code == 422
    assert "Donnez un nom au projet" in text_of(answer)
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(mairie)
    assert careful.post(KEEP, sent(project="nouveau", name="Forgé")).status_code == 422
    assert not Project.objects.exists()


def test_another_s_project_is_not_offered(client: Client, mairie: User) -> None:
    stranger = make_project()
    client.force_login(make_user(Role.PROVIDER))
    page = text_of(client.post(KEEP, sent()))
    assert "votre compte n'agit pour aucune" in page
    client.post(KEEP, sent(project=str(stranger.pk)))
    assert not Plan.objects.exists()


def test_the_form_of_the_simulator_is_taken_as_it_is_typed(client: Client, mairie: User) -> None:
    client.force_login(mairie)
    assert KEEP in client.get(reverse("simulator:home")).content.decode()
    page = client.post(KEEP, PLAN)
    assert page.status_code == 200
    assert "Un plan de 100 000 €" in text_of(page)
    wrong = client.post(KEEP, {**PLAN, "c0-net": "douze"})
    assert wrong.status_code == 422
    assert "douze" in text_of(wrong)


def test_the_answer_page_leads_to_a_plan_with_its_aids(client: Client) -> None:
    asked = {"commune": "24061", "besoin": "Refaire le toit de l'école"}
    page = client.get(reverse("desk:orientation"), asked).content.decode()
    assert f"{reverse('simulator:home')}?commune=24061&amp;besoin=Refaire" in page
    plan = client.get(reverse("simulator:home"), asked)
    assert "DETR" in text_of(plan)
    assert len(plan.context["aids"]) > 2
    assert all(ticked for *_, ticked in plan.context["aids"])
    assert plan.content.decode().count('name="aide"') == len(plan.context["aids"])
    assert plan.context["editor"].bearer.values["code"] == "24061"


def test_what_was_corrected_on_the_answer_page_still_counts(client: Client) -> None:
    asked = {"commune": "24061", "besoin": "Refaire le toit de l'école", "phase": "travaux"}
    page = client.get(reverse("desk:orientation"), asked)
    shown = {card.proposal.offer.id for card in page.context["answer"].funding}
    plan = client.get(reverse("simulator:home"), asked)
    offered = [aid.offer for aid, *_ in plan.context["aids"]]
    assert set(offered) <= shown
    # Searched again, the same words are the same need, and what is ticked stays so.
    held = {"besoin": asked["besoin"], "besoin-precis": plan.context["need_as_asked"]}
    again = {**PLAN, **held, "b-place": "Bourrou", "faire": "chercher-aides", "aide": offered[:1]}
    found = client.post(reverse("simulator:check"), again)
    assert [aid.offer for aid, *_ in found.context["aids"]] == offered
    assert [aid.offer for aid, _, ticked in found.context["aids"] if ticked] == offered[:1]
    other = client.post(reverse("simulator:check"), {**again, "besoin": "un marché couvert"})
    assert other.context["need_as_asked"] == ""


@pytest.mark.parametrize(
    "query", ["phase=%00&type=rien&choix=1&pour=roi&besoin=toit", "besoin=%00", "choix=1&besoin=a"]
)
def test_whatever_the_address_asks_a_page_is_made(client: Client, query: str) -> None:
    address = reverse("simulator:home")
    assert client.get(f"{address}?{query}").status_code == 200
    sent_again = {**PLAN, "faire": "chercher-aides", "besoin": "toit", "besoin-precis": query}
    assert client.post(reverse("simulator:check"), sent_again).status_code == 200


# -- Many projects


def test_any_project_is_found_by_its_words(client: Client, mairie: User) -> None:
    old = make_project(mairie, name="Le lavoir de l'Étang")
    for number in range(14):
        make_project(mairie, name=f"Chemin {number}")
    client.force_login(mairie)
    page = client.post(KEEP, sent())
    offered = [pk for pk, _ in page.context["form"].fields["project"].choices]
    assert len(offered) == 12 + 1
    assert str(old.pk) not in offered
    assert "Chercher un projet parmi les vôtres" in text_of(page)
    page = client.post(KEEP, sent(q="etang lavoir", faire="chercher"))
    assert page.status_code == 200
    assert [pk for pk, _ in page.context["form"].fields["project"].choices] == [
        str(old.pk), "nouveau",
    ]  # fmt: skip
    assert "1 projet répond à « etang lavoir »" in text_of(page)
    assert not Plan.objects.exists()
    # It is kept even when the search is lost on the way.
    client.post(KEEP, sent(project=str(old.pk)))
    assert [one.project for one in Plan.objects.all()] == [old]


def test_a_search_without_answer_says_so_and_shows_no_one_else_s(
    client: Client, mairie: User
) -> None:
    make_project(owner=make_town("24322"), name="Le lavoir des autres")
    for number in range(13):
        make_project(mairie, name=f"Chemin {number}")
    client.force_login(mairie)
    page = client.post(KEEP, sent(q="lavoir", faire="chercher"))
    assert "Aucun projet ne répond à « lavoir »" in text_of(page)
    assert [pk for pk, _ in page.context["form"].fields["project"].choices] == ["nouveau"]
    for wrong in ("x", "00000000-0000-0000-0000-000000000000"):
        assert client.post(KEEP, sent(project=wrong, q="lavoir")).status_code == 422


# -- Whose plan, whose project


def of_bourrou(**said: Any) -> dict[str, Any]:
    return {"plan": json.dumps(document(notes={"territory": "24061"}).as_json()), **said}


def test_nothing_that_exists_is_ticked_beforehand(client: Client, mairie: User) -> None:
    project = make_project(mairie)
    client.force_login(mairie)
    assert client.post(KEEP, sent()).context["form"]["project"].initial == "nouveau"
    desk = make_user(Role.AGENT)
    project.shared_with.set(desk.bodies(Role.AGENT))
    client.force_login(desk)
    page = client.post(KEEP, sent())
    assert page.context["form"]["project"].initial is None
    assert "checked" not in page.content.decode()
    none = client.post(KEEP, sent(demande="oui"))
    assert none.status_code == 422
    assert "Choisissez un projet." in text_of(none)


def test_the_plan_of_a_commune_goes_in_no_other_s_project(client: Client, mairie: User) -> None:
    mine = make_project(mairie)
    other = make_project(owner=make_town("24062"), name="La halle")
    desk = make_user(Role.AGENT)
    other.shared_with.set(desk.bodies(Role.AGENT))
    client.force_login(desk)
    answer = client.post(KEEP, of_bourrou(project=str(other.pk)))
    assert answer.status_code == 422
    said = answer.context["form"].errors["project"][0]
    assert "Dans ce plan, le projet est porté par Bourrou (24) ; « La halle »" in said
    assert "changez « Qui fait le projet » dans le simulateur" in said
    assert reverse("simulator:open") in answer.content.decode()
    assert not Plan.objects.exists()
    client.force_login(mairie)
    client.post(KEEP, of_bourrou(project=str(mine.pk)))
    assert Plan.objects.get().project == mine


def test_nor_in_a_new_project_of_another(client: Client) -> None:
    client.force_login(make_user(Role.APPLICANT, make_town("24062")))
    answer = client.post(KEEP, of_bourrou(project="nouveau", name="La halle"))
    assert answer.status_code == 422
    assert "un nouveau projet le serait par" in answer.context["form"].errors["project"][0]
    assert not Project.objects.exists()


# -- Before signing in


def test_only_the_plan_waits_for_who_is_not_signed_in(client: Client) -> None:
    answer = client.post(KEEP, {**PLAN, "retires": "x" * 59_000, "avant": "y" * 9_000})
    assert answer["Location"] == f"{reverse('account_login')}?next={KEEP}"
    kept = QueryDict(client.session["typed"]["text"])
    assert list(kept) == ["plan"]
    assert read(json.loads(kept["plan"]), TODAY).plan().cost == 100_000


def test_a_plan_with_an_error_is_shown_before_any_sign_in(client: Client) -> None:
    wrong = client.post(KEEP, {**PLAN, "c0-net": "douze"})
    assert wrong.status_code == 422
    assert "douze" in text_of(wrong)
    assert "typed" not in client.session


@pytest.mark.parametrize("form", [PLAN, sent()], ids=["typed", "whole"])
def test_a_plan_too_long_to_wait_is_to_be_taken_away(
    client: Client, monkeypatch: pytest.MonkeyPatch, form: dict[str, Any]
) -> None:
    monkeypatch.setattr(typed, "_MOST", 100)
    page = client.post(KEEP, form)
    assert page.status_code == 200
    assert "Ce plan est trop long pour attendre" in text_of(page)
    assert page.context["document"].plan().cost == 100_000
    assert "typed" not in client.session


@pytest.mark.parametrize("text", ["{", "[]", '{"costs": 3}', "[" * 5_000])
@pytest.mark.parametrize("signed_in", [True, False])
def test_a_plan_that_cannot_be_read_is_said(
    client: Client, mairie: User, text: str, signed_in: bool
) -> None:
    if signed_in:
        client.force_login(mairie)
    answer = client.post(KEEP, {"plan": text})
    assert answer.status_code == 422
    assert "n'est pas un plan enregistré par ce site" in text_of(answer)


def test_the_form_of_another_site_leaves_nothing_in_the_session(client: Client) -> None:
    answer = client.post(KEEP, sent(), headers={"Sec-Fetch-Site": "cross-site"})
    assert answer["Location"] == f"{reverse('account_login')}?next={KEEP}"
    assert not answer.cookies
    assert "typed" not in client.session
    client.post(KEEP, sent(), headers={"Sec-Fetch-Site": "same-origin"})
    held = client.session["typed"]
    client.post(KEEP, {**sent(), **PLAN}, headers={"Sec-Fetch-Site": "cross-site"})
    assert client.session["typed"] == held


@pytest.mark.parametrize(("next_", "after"), [
    (KEEP, KEEP), ("https://ailleurs.test/", ""), ("//ailleurs.test", ""), ("", ""),
])  # fmt: skip
def test_a_demonstration_account_goes_where_sign_in_was_asked(
    client: Client, settings: Settings, next_: str, after: str
) -> None:
    settings.MAILLAGE = {**settings.MAILLAGE, "DEMO": True}
    load_demo_accounts()
    demo = reverse("accounts:demo")
    login = client.get(reverse("account_login"), {"next": KEEP}).content.decode()
    assert f'href="{demo}?next={KEEP}"' in login
    page = client.get(demo, {"next": next_}).content.decode()
    assert ('name="next"' in page) == bool(after)
    answer = client.post(demo, {"email": DEMO_ACCOUNTS[0].email, "next": next_})
    assert answer["Location"] == (after or reverse("workspace"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"decided_on": "9999-12-31"}, {"closes": "0001-01-01"}, {"received_on": "1999-12-31"},
        {"payments": [{"on": "9999-12-31", "amount": "10"}], "paid": "10"}, {"amount": "1e30"},
    ],
)  # fmt: skip
def test_a_day_or_an_amount_of_another_age_is_not_kept(
    client: Client, mairie: User, wrong: dict[str, Any]
) -> None:
    """Its pages would have thousands of quarters, or none."""
    client.force_login(mairie)
    aid = {"fund": "detr", "status": "granted", **wrong}
    plan = {"costs": [{"net": "100"}], "resources": [aid]}
    answer = client.post(reverse("funding:keep"), {"plan": json.dumps(plan)})
    assert answer.status_code == 422
    assert not Plan.objects.exists()
