"""GET /providers/{id}."""

import pytest
from django.test import Client
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from maillage.catalog.models import Offer, Provider


def test_a_provider_and_its_offers(client: Client) -> None:
    found = client.get("/api/v1/providers/cerema").json()
    assert (found["name"], found["level"]) == ("Cerema", "national")
    assert len(found["offers"]) == Offer.objects.published().filter(provider__slug="cerema").count()
    assert {offer["provider"]["id"] for offer in found["offers"]} == {"cerema"}


def test_it_takes_two_queries_without_account_nor_cookie(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):  # the provider, its offers
        answer = client.get("/api/v1/providers/cerema")
    assert not answer.cookies


@pytest.mark.parametrize("slug", ["inconnu", "x%00", "é"])
def test_what_is_no_provider_is_said(client: Client, slug: str) -> None:
    answer = client.get(f"/api/v1/providers/{slug}")
    assert answer.status_code == 404
    assert "Aucun organisme" in answer.json()["detail"]


def test_a_withdrawn_provider_is_not_given(client: Client) -> None:
    Provider.objects.filter(slug="cerema").update(withdrawn_at=now())
    assert client.get("/api/v1/providers/cerema").status_code == 404
