"""GET /offers and /offers/{id}."""

from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from maillage.catalog.models import Condition, Offer, Provider


def offers(client: Client, **filters: Any) -> Any:
    return client.get("/api/v1/offers", filters).json()


def test_pages_follow_each_other(client: Client) -> None:
    first, second = offers(client, limit=5), offers(client, limit=5, page=2)
    assert first["count"] == second["count"] > 200
    assert (len(first["results"]), second["page"], second["limit"]) == (5, 2, 5)
    assert not {o["id"] for o in first["results"]} & {o["id"] for o in second["results"]}
    assert offers(client, page=5_000)["results"] == []


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("theme", "eau", "themes"), ("phase", "travaux", "phases"), ("level", "region", "level"),
        ("cost", "free", "cost"), ("audience", "association", "audiences"),
        ("state", "to_confirm", "state"),
    ],
)  # fmt: skip
def test_filters_restrict(client: Client, name: str, value: str, field: str) -> None:
    found = offers(client, limit=100, **{name: value})["results"]
    assert found
    assert all(value in offer[field] for offer in found)


def test_family(client: Client) -> None:
    found = offers(client, family="network", limit=100)["results"]
    assert {offer["provider"]["family"] for offer in found} == {"network"}


def test_what_is_both_answers_to_either_kind(client: Client) -> None:
    kinds = {o["kind"] for o in offers(client, kind="funding", limit=100)["results"]}
    assert "funding" in kinds
    assert "engineering" not in kinds


def test_a_text_and_a_commune(client: Client) -> None:
    here = offers(client, q="le pont est fermé", commune="24061")
    assert here["count"] > 0
    assert offers(client, commune="24061")["count"] < offers(client, contacts=True)["count"]


def test_contacts_known_by_law_only_are_apart(client: Client) -> None:
    assert offers(client)["count"] < offers(client, contacts=True)["count"]


@pytest.mark.parametrize(
    ("filters", "words"),
    [
        ({"limit": 101}, "« limit » : 100 au plus."),
        ({"limit": 0}, "« limit » : 1 au moins."),
        ({"page": "deux"}, "« page » doit être un nombre entier."),
        ({"theme": "licorne"}, "« theme » : valeur inconnue ; attendu : energie, eau"),
        ({"contacts": "bof"}, "vrai ou faux"),
        ({"commune": "99999"}, "n'est celui d'aucune commune"),
        ({"departement": "99"}, "n'est celui d'aucun département"),
        ({"region": "00"}, "n'est celui d'aucune région"),
        ({"themes": "eau"}, "Paramètre inconnu : « themes » ; attendu : q, theme, phase"),
    ],
)
def test_refusals_say_what_to_do(client: Client, filters: dict[str, Any], words: str) -> None:
    answer = client.get("/api/v1/offers", filters)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


@pytest.mark.parametrize("text", ["\x00pont", "'; DROP TABLE x; --", "%", "🎉", "a" * 20_000])
def test_whatever_is_searched_is_only_text(client: Client, text: str) -> None:
    assert client.get("/api/v1/offers", {"q": text}).status_code == 200


def test_the_list_asks_nothing_of_the_database(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/api/v1/offers", {"theme": "eau", "limit": 100, "commune": "24061"})
    assert not answer.cookies


def test_an_offer_whole(client: Client) -> None:
    row = Offer.objects.published().filter(rates__isnull=False).order_by("slug").first()
    assert row is not None
    found = client.get(f"/api/v1/offers/{row.slug}").json()
    assert found["title"] == row.title
    assert found["provider"]["id"] == row.provider.slug
    assert found["source"]["title"]
    assert found["rates"][0]["text"] == row.rates.all()[0].in_words()
    assert found["url"] == row.get_absolute_url()


def test_an_offer_takes_four_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    slug = Offer.objects.published().filter(rates__isnull=False).order_by("slug")[0].slug
    with django_assert_num_queries(4):  # the offer, its figures, their sources, its conditions
        client.get(f"/api/v1/offers/{slug}")


@pytest.mark.parametrize("slug", ["inconnue", "x%00", "a%20b", "é", "a" * 300])
def test_what_is_no_offer_says_where_they_are(client: Client, slug: str) -> None:
    answer = client.get(f"/api/v1/offers/{slug}")
    assert answer.status_code == 404
    assert "/offers en donne la liste" in answer.json()["detail"]


def test_a_withdrawn_offer_is_not_given(client: Client) -> None:
    row = Offer.objects.published()[0]
    Offer.objects.filter(pk=row.pk).update(withdrawn_at=now())
    assert client.get(f"/api/v1/offers/{row.slug}").status_code == 404


def test_filters_are_those_of_the_page(client: Client) -> None:
    for api, page in (
        ({"departement": "24"}, {"departement": "24"}), ({"region": "75"}, {"region": "75"}),
        ({"open": True}, {"ouvertes": "1"}),
        ({"theme": ["eau", "culture"], "cost": "free"},
         {"theme": ["eau", "culture"], "cout": "free"}),
    ):  # fmt: skip
        shown = client.get("/catalogue/", page).context["page"].paginator.count
        assert 0 < offers(client, **api)["count"] == shown
    assert offers(client, departement="24")["count"] < offers(client)["count"]


def test_an_offer_tells_its_capacity_and_its_conditions(client: Client) -> None:
    row = Offer.objects.published().order_by("slug")[0]
    Offer.objects.filter(pk=row.pk).update(available=3, available_until="2027-01-31")
    Condition.objects.create(offer=row, audience="epci", cost="paid", note="Sur devis")
    said = client.get(f"/api/v1/offers/{row.slug}").json()
    changed = client.get("/api/v1/changes/offers", {"limit": 500}).json()["results"]
    same = next((one["offer"] for one in changed if one["id"] == row.slug), said)
    for found in (said, same):
        assert (found["available"], found["available_unit"]) == (3, "cases")
        assert found["available_until"] == "2027-01-31"
        assert {"audience": "epci", "cost": "paid", "note": "Sur devis",
                "text": "Intercommunalité : Payant"} in found["conditions"]  # fmt: skip
    Provider.objects.filter(pk=row.provider_id).update(capacity="Complet", waiting_weeks=6)
    provider = client.get(f"/api/v1/providers/{row.provider.slug}").json()
    assert (provider["capacity"], provider["waiting_weeks"]) == ("Complet", 6)


@pytest.mark.parametrize("path", ["vocabulary", "communes/24061", "offers/x", "providers/x"])
def test_an_address_without_parameters_refuses_any(client: Client, path: str) -> None:
    assert client.get(f"/api/v1/{path}", {"theme": "eau"}).status_code == 422
