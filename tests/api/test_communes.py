"""GET /communes and /communes/{code}."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from maillage.engine.vocabulary import LABELS


def test_a_name_even_misspelt_finds_the_commune(client: Client) -> None:
    for typed in ("Bourrou", "bourou", "24061"):
        found = client.get("/api/v1/communes", {"q": typed}).json()["results"]
        assert found[0]["code"] == "24061"
        assert found[0]["label"] == "Bourrou (24)"
        assert found[0]["postal_codes"] == ["24110"]


def test_epci_are_found_too(client: Client) -> None:
    found = client.get("/api/v1/communes", {"q": "grand périgueux", "kind": "epci"}).json()
    assert found["results"][0]["code"] == "200040392"


@pytest.mark.parametrize("typed", ["", "   ", "\x00", "zzzzzzzzzzzz", "'; --"])
def test_what_finds_nothing_is_an_empty_list(client: Client, typed: str) -> None:
    assert client.get("/api/v1/communes", {"q": typed}).json() == {"results": []}


def test_limits(client: Client) -> None:
    found = client.get("/api/v1/communes", {"q": "saint", "limit": 3}).json()["results"]
    assert len(found) == 3
    refused = client.get("/api/v1/communes", {"q": "saint", "limit": 1000})
    assert (refused.status_code, refused.json()) == (422, {"detail": "« limit » : 20 au plus."})
    assert client.get("/api/v1/communes").json() == {"detail": "Il manque « q »."}


def test_a_commune(client: Client) -> None:
    found = client.get("/api/v1/communes/24061").json()
    assert found["name"] == "Bourrou"
    assert found["department"] == {"code": "24", "label": "Dordogne"}
    assert found["region"]["code"] == "75"
    assert found["epci"]["siren"] == "200040392"
    assert found["url"] == "/territoires/communes/24061/"


def test_no_label_file_means_unknown_never_no(client: Client) -> None:
    """The test database has no file of labels."""
    labels = client.get("/api/v1/communes/24061").json()["labels"]
    assert labels["known"] == labels["absent"] == []
    assert [label["code"] for label in labels["unknown"]] == list(LABELS)


def test_a_former_code_leads_to_the_present_commune(client: Client) -> None:
    found = client.get("/api/v1/communes/75101").json()
    assert (found["code"], found["asked"]) == ("75056", "75101")


@pytest.mark.parametrize("code", ["99999", "200040392", "x", "%00", "<b>"])
def test_what_is_no_commune_says_how_to_find_one(client: Client, code: str) -> None:
    answer = client.get(f"/api/v1/communes/{code}")
    assert answer.status_code == 404
    assert "n'est celui d'aucune commune" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["communes?q=bourrou", "communes/24061"])
def test_no_query_no_account_no_cookie(
    client: Client, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200
    assert not answer.cookies
