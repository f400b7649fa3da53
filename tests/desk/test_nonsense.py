"""What no page sends, sent all the same: refused in words, or read as nothing; never a 500."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from maillage.accounts.enums import Role
from maillage.common.forms import Day
from maillage.desk.enums import State, Verb

from .acts import World, make_world
from .factories import OrganisationFactory, make_town, make_user
from .pages import act_on, do_by_page, enter, hidden, text_of

pytestmark = pytest.mark.django_db

STRANGE = ("\x00", "p:\x00", "p:a\x00", "p:", "o:\x00", "o:99999999999999999999", "o:²", "9" * 5000)
CHOOSING = {
    Verb.DESIGNATE: State.QUALIFIED, Verb.PREPARE: State.QUALIFIED, "ask": State.QUALIFIED,
    Verb.REPLACE_LEAD: State.ACCOMPANIED, Verb.START_SUPPORT: State.CONVENTION,
    Verb.ENTRUST: State.RECEIVED,
}  # fmt: skip
PAGES = (
    "/guichet/", "/guichet/carte/", "/guichet/calendrier/", "/guichet/vues/", "/guichet/liens/",
    "/guichet/personnes/", "/guichet/clct/", "/demandes/", "/sollicitations/",
    "/demandes/deposer/", "/orientation/",
)  # fmt: skip
NAMES = (
    "q", "etat", "theme", "etape", "epci", "main", "agent", "branche", "arrivee", "departement",
    "commune", "depuis", "jusqua", "echeance", "tri", "file", "page", "mois", "role", "voir",
    "filtres", "besoin", "lieu", "type", "montrer",
)  # fmt: skip


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.mark.parametrize("strange", [*STRANGE, "2026-02-31", "0000-00-00", "9999-12-31"])
def test_strange_filters_are_read_as_nothing(client: Client, world: World, strange: str) -> None:
    world.request()
    enter(client, world["agent"])
    for page in PAGES:
        answer = client.get(page, {**dict.fromkeys(NAMES, strange), "choix": "1"})
        assert answer.status_code in {200, 302}, page


@pytest.mark.parametrize("strange", STRANGE)
def test_a_strange_body_is_an_unknown_choice(client: Client, world: World, strange: str) -> None:
    enter(client, world["delegate"])
    for verb, state in CHOOSING.items():
        demand = world.request(state)
        page = client.get(act_on(demand, verb), {"organisme": strange, "offre": strange})
        assert page.status_code == 200
        typed = {**hidden(page), "organisation": strange, "branch": "local", "reason": "Le pont."}
        answer = client.post(act_on(demand, verb), typed)
        assert answer.status_code == 422, verb
        assert "Le pont." in text_of(answer) or "reason" not in answer.context["form"].fields
        demand.refresh_from_db()
        assert demand.state == state


def test_strange_versions_and_reasons_break_nothing(client: Client, world: World) -> None:
    demand = world.request()
    for version in ("9" * 5000, "\x00", "²"):
        answer = do_by_page(
            client, world["agent"], demand, Verb.QUALIFY, themes=["commerce"], phase="faisabilite",
            level="method", version=version,
        )  # fmt: skip
        assert answer.status_code in {409, 422}
    page = client.get(act_on(demand, Verb.ASK_INFORMATION))
    typed = {**hidden(page), "question": "À qui est-ce ?", "reason": "a\x00b"}
    assert client.post(act_on(demand, Verb.ASK_INFORMATION), typed).status_code == 302
    assert demand.journal.last().reason in {"ab", ""}


def test_a_message_with_a_nul_is_refused_in_words(client: Client, world: World) -> None:
    demand = world.request()
    enter(client, world["mairie"])
    answer = client.post(f"/demandes/{demand.pk}/messages/", {"vers": "applicant", "body": "a\x00"})
    assert answer.status_code in {403, 422}
    assert demand.messages.count() == 0


def test_a_date_of_another_age_is_a_slip() -> None:
    for text, said in (
        ("0026-11-21", "vérifiez l'année"), ("9999-12-31", "vérifiez l'année"),
        ("2026-02-31", "n'existe pas"), ("\x00", "n'est pas une date"),
    ):  # fmt: skip
        with pytest.raises(ValidationError, match=said):
            Day().clean(text)
    assert Day().clean("04/12/2026").isoformat() == "2026-12-04"


@pytest.mark.parametrize("after", ["\x00", "x" * 21, "24 2026", "é"])
def test_a_strange_cursor_of_the_api_is_refused(client: Client, world: World, after: str) -> None:
    enter(client, world["agent"])
    answer = client.get("/api/v1/requests", {"after": after})
    assert answer.status_code == 422
    assert "after" in answer.json()["detail"]
    assert client.get("/api/v1/requests", {"after": "24-2026-00012"}).status_code == 200


def forged(world: World) -> dict[str, Any]:
    """Bodies that no list offers, and what is said of each."""
    elected = OrganisationFactory(name="Élus du Périgord")
    make_user(Role.OBSERVER, elected)
    return {
        "est à l'origine de cette demande": make_town(),
        "une commune n'est pas un offreur": make_town("24322"),
        "répond par l'appui national": world.anct,
        "réunit des élus": elected,
    }


def test_a_body_that_cannot_answer_is_refused_with_why(client: Client, world: World) -> None:
    for why, body in forged(world).items():
        for verb, state in CHOOSING.items():
            demand = world.request(state)
            answer = do_by_page(
                client, world["delegate"], demand, verb, organisation=f"o:{body.pk}",
                branch="local", reason="Le pont.", kind="help", question="Pouvez-vous ?",
            )  # fmt: skip
            assert answer.status_code == 422, (verb, body)
            assert why in text_of(answer)
            demand.refresh_from_db()
            assert demand.lead != body
            assert not demand.consultations.filter(organisation=body).exists()
