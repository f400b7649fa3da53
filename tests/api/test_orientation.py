"""POST /orientation: the main job, for other programs."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from maillage.engine.vocabulary import LEVEL_LABELS
from tests.api.conftest import Post

BISTROT = "On voudrait rouvrir le bistrot dans l'ancienne école"
RANK = {level.code: int(level) for level in LEVEL_LABELS}


def test_the_bistrot_of_bourrou(orient: Post) -> None:
    answer = orient(commune="24061", text=BISTROT).json()
    assert answer["territory"]["name"] == "Bourrou"
    assert "commerce" in answer["understood"]["themes"]
    assert answer["understood"]["types"][0]["id"] == "dernier-bistrot"
    assert "bistrot" in [r["said"] for r in answer["understood"]["readings"]]
    assert answer["understood"]["confident"] is True
    assert answer["experiences"][0]["territory"] == "Bourrou"
    assert answer["branch"]["code"] == "local"
    assert answer["desk"]["id"] == "guichet-24"


def test_help_comes_closest_first(orient: Post) -> None:
    ranks = [RANK[p["level"]] for p in orient(commune="24061", text=BISTROT).json()["help"]]
    assert len(set(ranks)) > 1
    assert ranks == sorted(ranks)


def test_every_proposal_says_who_what_and_why(orient: Post) -> None:
    answer = orient(commune="24061", text=BISTROT).json()
    assert answer["funding"]
    for proposal in answer["help"] + answer["funding"]:
        assert set(proposal["provider"]) == {"id", "name", "family", "level"}
        assert proposal["sentence"]
        assert all(reason["code"] and reason["text"] for reason in proposal["reasons"])
        assert 0 <= proposal["score"] <= 1
        assert proposal["url"].startswith("/catalogue/")


def test_the_level_of_a_provider_is_its_own(orient: Post, client: Client) -> None:
    help_ = orient(commune="24061", text=BISTROT).json()["help"]
    for provider in {p["provider"]["id"]: p["provider"] for p in help_}.values():
        assert (
            client.get(f"/api/v1/providers/{provider['id']}").json()["level"] == provider["level"]
        )


def test_anyone_may_ask_and_nothing_is_left_behind(orient: Post) -> None:
    response = orient(commune="24061", text=BISTROT)
    assert response.status_code == 200
    assert not response.cookies


def test_other_sites_forms_need_no_token() -> None:
    """It reads only: no token against forgery is asked for."""
    strict = Client(enforce_csrf_checks=True)
    sent = {"text": "le pont est fermé"}
    answer = strict.post("/api/v1/orientation", sent, content_type="application/json")
    assert answer.status_code == 200


def test_it_asks_nothing_of_the_database(
    orient: Post, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        orient(commune="24061", text=BISTROT)


def test_a_commune_is_not_required(orient: Post) -> None:
    answer = orient(text=BISTROT).json()
    assert answer["territory"] is None
    assert answer["desk"] is None
    assert answer["help"]
    assert "municipal" not in {p["level"] for p in answer["help"]}


@pytest.mark.parametrize(
    ("code", "current"),
    [("24061", "24061"), ("200040392", "200040392"), ("75101", "75056"), ("1001", "01001")],
)
def test_the_codes_that_are_understood(orient: Post, code: str, current: str) -> None:
    assert orient(commune=code, text=BISTROT).json()["territory"]["code"] == current


def test_choices_of_the_person_replace_what_was_understood(orient: Post) -> None:
    chosen = orient(commune="24061", text=BISTROT, types=["pont-reparation"], phase="travaux")
    understood = chosen.json()["understood"]
    assert [t["id"] for t in understood["types"]] == ["pont-reparation"]
    assert understood["phase"] == "travaux"


def test_chosen_types_are_enough_without_a_text(orient: Post) -> None:
    assert orient(commune="24061", types=["pont-reparation"]).json()["help"]


def test_a_text_too_long_is_cut_and_said_so(orient: Post) -> None:
    assert orient(text="pont fermé " * 3_000).json()["understood"]["cut"] is True
    assert orient(text="pont fermé").json()["understood"]["cut"] is False


@pytest.mark.parametrize(
    ("question", "status", "words"),
    [
        ({}, 422, "même en deux mots"),
        ({"text": " \n "}, 422, "même en deux mots"),
        ({"text": "pont", "commune": "99999"}, 422, "n'est celui d'aucune commune"),
        ({"text": "pont", "types": ["licorne"]}, 422, "n'est pas un type de projet connu"),
        ({"text": "pont", "phase": "bientot"}, 422, "attendu : strategie, faisabilite"),
        ({"text": "pont", "audience": "roi"}, 422, "« audience » : valeur inconnue"),
        ({"text": 12}, 422, "« text » doit être un texte"),
        ({"text": "pont", "types": ["x"] * 13}, 422, "12 valeurs au plus"),
        ({"text": "a" * 2_100_000}, 413, "trop volumineuse"),
    ],
)
def test_refusals_say_what_to_do(
    orient: Post, question: dict[str, Any], status: int, words: str
) -> None:
    answer = orient(**question)
    assert answer.status_code == status
    assert list(answer.json()) == ["detail"]
    assert words in answer.json()["detail"]


@pytest.mark.parametrize("body", [b"pas du json", b'{"text": "\xff"}', b'{"text": "pont"'])
def test_an_unreadable_body_is_said_to_be_so(client: Client, body: bytes) -> None:
    answer = client.post("/api/v1/orientation", body, content_type="application/json")
    assert answer.status_code == 400
    assert "objet JSON" in answer.json()["detail"]


@pytest.mark.parametrize(
    "text",
    [
        "'; DROP TABLE catalog_offer; --", "<script>alert(1)</script>", "{{ 7*7 }} {% debug %}",
        "\x00\x01", "🎉🎉", "我们想重开咖啡馆", "%s %d %n", "#import \"x\" $x$ \\", "é" * 8_001,
    ],
)  # fmt: skip
def test_whatever_is_sent_is_only_text(orient: Post, text: str) -> None:
    answer = orient(commune="24061", text=text)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json()["desk"]["id"] == "guichet-24"


def test_half_a_character_is_left_out(client: Client) -> None:
    sent = b'{"text": "le pont \\ud800 est ferm\\u00e9"}'
    answer = client.post("/api/v1/orientation", sent, content_type="application/json")
    assert answer.json()["understood"]["themes"] == ["mobilite"]
