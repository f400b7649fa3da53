"""Offers side by side: what each answers, what differs, and how one adds and takes away."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils.timezone import localdate, now
from pytest_django import DjangoAssertNumQueries

from maillage.catalog.comparison import MOST, compare, offers_named
from maillage.catalog.models import Condition, Offer, Rate
from tests.catalog.factories import make_offer, make_provider, source

pytestmark = pytest.mark.django_db
ADDRESS = "/catalogue/comparer/"


def some(count: int, **said: object) -> list[Offer]:
    provider = make_provider()
    return [make_offer(f"offre-{n}", provider, title=f"Offre {n}", **said) for n in range(count)]


def asked(*slugs: str) -> str:
    return f"{ADDRESS}?{'&'.join(f'offre={slug}' for slug in slugs)}"


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return unescape(re.sub(r"[ \n\u00a0]+", " ", response.content.decode()))


def test_what_differs_is_said_in_words() -> None:
    provider = make_provider()
    free = make_offer("a", provider, cost="free", waiting_weeks=2)
    paid = make_offer("b", provider, cost="paid", cost_note="300 € par jour.")
    criteria = {c.label: c for c in compare([free, paid], localdate())}
    assert criteria["Coût pour la commune"].answers == ("Gratuit.", "Payant. 300 € par jour.")
    assert criteria["Coût pour la commune"].same is False
    assert criteria["Attente"].answers == ("Environ 2\u00a0semaines", "Non précisé")
    assert criteria["Où"].same is True


def test_two_alike_offers_differ_in_nothing() -> None:
    first, second = some(2)
    assert not [c.label for c in compare([first, second], localdate()) if c.same is False]


def test_a_criterion_to_which_nobody_answers_is_left_out() -> None:
    labels = [c.label for c in compare(some(2), localdate())]
    assert "Capacité" not in labels
    assert "Conditions selon qui demande" not in labels


def test_figures_conditions_capacity_and_dates_are_told() -> None:
    today = localdate()
    (offer,) = some(
        1, available=3, available_unit="days", closes=today + timedelta(4), population_max=2000
    )
    Rate.objects.create(offer=offer, kind="rate", value=50, unit="%", source=source())
    over = {"valid_to": today - timedelta(1), "source": source()}
    Rate.objects.create(offer=offer, kind="cap", value=9, unit="€", **over)
    Condition.objects.create(
        offer=offer, audience="epci", cost="paid", note="Au-delà de deux jours"
    )
    said = {c.label: c.answers[0] for c in compare(offers_named(["offre-0"]), today)}
    assert said["Chiffres en vigueur"] == "Taux : 50\u202f%"
    assert said["Conditions selon qui demande"] == (
        "Intercommunalité : payant, Au-delà de deux jours"
    )
    assert said["Capacité"] == "Il reste 3\u00a0jours"
    assert "encore 4" in said["Dernier jour"]
    assert "2\u202f000 habitants au plus" in said["Taille de la commune"]


def test_repeats_unknown_and_withdrawn_ones_are_left_out(client: Client) -> None:
    provider = make_provider()
    make_offer("bonne", provider)
    make_offer("retiree", provider, withdrawn_at=now())
    make_offer("brouillon", provider, publication="draft")
    assert [o.slug for o in offers_named(["x", "bonne", "bonne", "retiree"])] == ["bonne"]
    text = page(client, asked("bonne", "retiree", "brouillon", "inconnue"))
    assert "3 offres ne sont plus proposées" in text


def test_no_more_than_four_at_once_and_the_others_are_named(client: Client) -> None:
    some(6)
    text = page(client, asked(*(f"offre-{n}" for n in range(6))))
    assert text.count('class="c-compare__title"') == MOST
    assert "Celles-ci attendent" in text
    assert "Offre 5</a>" in text


def test_one_is_taken_away_by_its_link_and_others_are_added(client: Client) -> None:
    some(3)
    text = page(client, asked("offre-0", "offre-1", "offre-2"))
    assert 'href="?offre=offre-0&offre=offre-2"' in text  # without the second
    found = page(client, f"{asked('offre-0')}&q=pont")
    assert 'name="offre" value="cerema-programme-ponts"' in found
    assert '<input type="hidden" name="offre" value="offre-0">' in found


def test_only_the_differences(client: Client) -> None:
    provider = make_provider()
    make_offer("a", provider, cost="free")
    make_offer("b", provider, cost="paid")
    text = page(client, f"{asked('a', 'b')}&differences=1")
    assert ">Différent<" in text
    assert ">Identique<" not in text
    assert "Coût pour la commune" in text


def test_nothing_asked_says_how_to_begin(client: Client) -> None:
    assert "cochez-les dans" in page(client, ADDRESS)
    assert page(client, f"{ADDRESS}?offre=%00&offre='%22%3Cb%3E")


@pytest.mark.parametrize("kind", ["csv", "ods", "xlsx"])
def test_it_is_exported(client: Client, kind: str) -> None:
    some(2)
    response = client.get(f"{asked('offre-0', 'offre-1')}&export={kind}")
    assert response.status_code == 200
    assert f".{kind}" in response["Content-Disposition"]
    if kind == "csv":
        lines = response.getvalue().decode("utf-8-sig").splitlines()
        assert lines[0] == "critère;Offre 0 (Offreur d'essai);Offre 1 (Offreur d'essai)"


def test_few_queries_whatever_is_compared(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    some(4)
    address = asked(*(f"offre-{n}" for n in range(4)))
    client.get(address)
    with django_assert_max_num_queries(5):
        client.get(address)
