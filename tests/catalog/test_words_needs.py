"""The list of needs that were not understood: narrowed, marked, and what is made of them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from maillage.accounts.enums import Role
from maillage.catalog.enums import UnmetState
from maillage.catalog.models import ProjectType, UnmetNeed
from tests.catalog.test_words_pages import TYPE, client_of, need, text_of, type_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Client:
    return client_of(Role.ADMINISTRATOR)


@pytest.fixture
def agent() -> Client:
    return client_of(Role.AGENT)


def test_needs_are_listed_by_how_often_they_are_said(agent: Client) -> None:
    need("rare")
    need("souvent", count=9)
    need("traité", count=99, state=UnmetState.HANDLED)
    texts = [line["need"].text for line in agent.get("/mots/besoins/").context["lines"]]
    assert texts == ["souvent", "rare"]
    everything = agent.get("/mots/besoins/?etat=").context["lines"]
    assert [line["need"].text for line in everything] == ["traité", "souvent", "rare"]


def test_needs_are_narrowed(agent: Client) -> None:
    need("le café", folded="le cafe", reason="corrected", corrected=["dernier-bistrot"])
    need("autre chose")
    for query in ("?q=CAFÉ", "?raison=corrected", "?theme=commerce"):
        lines = agent.get(f"/mots/besoins/{query}").context["lines"]
        assert [line["need"].text for line in lines] == ["le café"], query


def test_a_need_without_types_left_is_still_shown(agent: Client) -> None:
    need("disparu", reason="corrected", understood=["parti"], corrected=["parti-aussi"])
    assert "Rien choisi" not in text_of(agent.get("/mots/besoins/"))


def test_needs_are_marked_together(admin: Client) -> None:
    first, second, third = need("a"), need("b"), need("c")
    answer = admin.post(
        "/mots/besoins/marquer/?q=x", {"besoin": [first.pk, second.pk, "x"], "suite": "handled"}
    )
    assert answer["Location"] == "/mots/besoins/?q=x"
    states = dict(UnmetNeed.objects.values_list("pk", "state"))
    assert states == {first.pk: "handled", second.pk: "handled", third.pk: "open"}


@pytest.mark.parametrize("said", [{"suite": "handled"}, {"besoin": "1"}, {"suite": "x"}])
def test_what_is_not_said_is_asked_again(admin: Client, said: dict[str, str]) -> None:
    need()
    page = text_of(admin.post("/mots/besoins/marquer/", said, follow=True))
    assert "fr-alert--error" in page
    assert UnmetNeed.objects.get().state == UnmetState.OPEN


def test_from_a_need_to_a_type_that_understands_it(admin: Client) -> None:
    said = need("Le zinzolin de […] est fermé")
    assert f"besoin={said.pk}" in text_of(admin.get(f"/mots/?besoin={said.pk}"))
    page = admin.get(f"{TYPE}?besoin={said.pk}")
    assert page.context["form"]["phrases"].value().splitlines()[0] == "Le zinzolin de est fermé"
    row = ProjectType.objects.get(slug="dernier-bistrot")
    phrases = "\n".join(["Le zinzolin est fermé", *row.phrases])
    answer = admin.post(f"{TYPE}?besoin={said.pk}", type_form(row, phrases=phrases, traite="1"))
    assert answer["Location"] == reverse("words:needs")
    said.refresh_from_db()
    assert said.state == UnmetState.HANDLED


def test_what_is_kept_is_said_on_the_page_of_personal_data(client: Client, settings: Any) -> None:
    settings.MAILLAGE = {**settings.MAILLAGE, "UNMET_DAYS": 365}
    page = text_of(client.get("/donnees-personnelles/"))
    assert "sauf dans deux cas" in page
    assert "365 jours" in page
    settings.MAILLAGE = {**settings.MAILLAGE, "UNMET_DAYS": 0}
    page = text_of(client.get("/donnees-personnelles/"))
    assert "n'est pas enregistré." in page
