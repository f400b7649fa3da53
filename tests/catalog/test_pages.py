"""Pages of the catalogue, on the shipped one, for anyone."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate, now
from pytest_django import DjangoAssertNumQueries

from maillage.catalog.models import Condition, Offer, Rate
from maillage.catalog.quality import freshness_of
from tests.catalog.factories import make_offer, make_provider, source

pytestmark = pytest.mark.django_db


def page(client: Client, address: str, status: int = 200, **query: Any) -> str:
    response = client.get(address, query)
    assert response.status_code == status
    # Narrow spaces are kept: amounts are compared with theirs.
    return re.sub(r"[ \n\u00a0]+", " ", response.content.decode())


def total(text: str) -> int:
    found = re.search(r'id="resultats">\s*([\d\u202f]+) aides? (?:ou|et) appuis?', text)
    return int(found[1].replace("\u202f", "")) if found else 0


@pytest.mark.parametrize(
    "address",
    [
        "/catalogue/", "/catalogue/?q=pont", "/catalogue/?commune=24061", "/catalogue/?contacts=1",
        "/catalogue/offres/guichet-24/", "/catalogue/offreurs/", "/catalogue/offreurs/?q=dordogne",
        "/catalogue/offreurs/prefecture-24/", "/sources/",
    ],
)  # fmt: skip
def test_open_to_all_in_few_queries(
    client: Client, address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(address)  # the first builds what the process holds
    with django_assert_max_num_queries(10):
        response = client.get(address)
    assert response.status_code == 200
    assert "VARIABLE-INCONNUE" not in response.content.decode()
    assert response.content.decode().count("<h1") == 1


def test_the_list_asks_the_database_for_versions_only(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/catalogue/")
    with django_assert_max_num_queries(2):
        client.get("/catalogue/", {"q": "pont", "commune": "24061", "theme": "mobilite"})


def test_the_commune_changes_the_list(client: Client) -> None:
    everywhere, there = page(client, "/catalogue/"), page(client, "/catalogue/", commune="24061")
    assert total(everywhere) > 220
    assert 0 < total(there) != total(everywhere)
    assert "à Bourrou (24)" in there


def test_a_commune_typed_without_javascript_is_found(client: Client) -> None:
    assert "à Bourrou (24)" in page(client, "/catalogue/", lieu="bourrou")
    # The code of a former choice does not win over what is now typed.
    assert "à Bourrou (24)" in page(client, "/catalogue/", lieu="bourrou", commune="75056")


def test_homonyms_are_told_apart_and_the_unknown_is_said(client: Client) -> None:
    assert "Lequel est le vôtre" in page(client, "/catalogue/", lieu="saint-martin")
    assert "ne répond à « 99999 »" in page(client, "/catalogue/", commune="99999")


@pytest.mark.parametrize(
    ("asked", "shown"), [("abc", 1), ("0", 1), ("-1", 1), ("9999", None), ("2", 2)]
)
def test_pages_have_bounds(client: Client, asked: str, shown: int | None) -> None:
    text = page(client, "/catalogue/", page=asked)
    found = re.search(r"page (\d+) sur (\d+)", text)
    assert found is not None
    assert int(found[1]) == (shown or int(found[2]))
    assert text.count('class="m-card"') <= 20


def test_filters_in_place_can_be_taken_away_one_by_one(client: Client) -> None:
    text = page(client, "/catalogue/?theme=eau&theme=energie&cout=free&page=2")
    links = re.findall(r'class="c-chip" href="([^"]+)"', text)
    assert links == [
        "?theme=eau&amp;cout=free", "?theme=energie&amp;cout=free", "?theme=eau&amp;theme=energie",
    ]  # fmt: skip


def test_nothing_found_says_what_to_do(client: Client) -> None:
    text = page(client, "/catalogue/", q="zzzyyx")
    assert "Rien ne correspond" in text
    assert "décrire votre projet avec vos mots" in text


def test_injected_text_is_shown_as_text(client: Client) -> None:
    for address in ("/catalogue/", "/catalogue/offreurs/"):
        text = page(client, address, q="<script>alert(1)</script>\x00", commune="'\"><b>")
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text
        assert '"><b>' not in text


def test_a_demonstration_is_said(client: Client) -> None:
    assert "elle n'existe pas" in page(client, "/catalogue/offres/demo24-caue-visite/")
    assert "sont inventées" in page(client, "/catalogue/", etat="demonstration")


def test_an_offer_says_all_it_knows(client: Client) -> None:
    today = localdate()
    offer = make_offer(
        description="Un avis,\nsur place.\n\nPuis une visite.",
        audiences=["commune", "epci", "association"],
        population_max=3500, labels_any=["pvd", "va"], perimeter=["dep:24", "reg:75", "com:24061"],
        kind="both", opens=today - timedelta(3), closes=today + timedelta(12), waiting_weeks=6,
        apply="Écrivez.", themes=["culture"], link="https://exemple.test/offre", checked_on=today,
        vintage="2025", source_detail="p. 12", cost_note="Deux jours offerts.",
    )  # fmt: skip
    Rate.objects.create(offer=offer, kind="rate_max", value=80, unit="%", source=source())
    Rate.objects.create(
        offer=offer, kind="cap", value=12500, unit="€", source=source(), base="dépense HT",
        valid_to=today - timedelta(1),
    )  # fmt: skip
    text = unescape(page(client, offer.get_absolute_url()))
    for expected in (
        "<p>Un avis, sur place.</p><p>Puis une visite.</p>",
        "Les communes, les intercommunalités et les associations.",
        "3\u202f500 habitants au plus",
        "« Petites villes de demain » ou « Villages d'avenir »",
        "Dordogne (24)", "Région Nouvelle-Aquitaine", "Bourrou (24)",
        "encore 12 jours", "Environ 6 semaines", "Deux jours offerts.",
        "Taux maximum : 80\u202f%", "Plafond : 12\u202f500\u202f€ (dépense HT)",
        "Pas en vigueur aujourd'hui", "(autre site)", "Document d'essai, Essai, 2025 (p. 12)",
        "Décrire mon projet", "À confirmer par l'offreur", "Ils l'ont fait, sur le même thème",
    ):  # fmt: skip
        assert expected in text


def test_a_perimeter_said_approximate(client: Client) -> None:
    text = page(client, "/catalogue/offreurs/agence-eau-adour-garonne/")
    assert "Bassin Adour-Garonne" in text
    assert "Limites approchées" in text


def test_what_is_over_says_so(client: Client) -> None:
    offer = make_offer(closes=localdate() - timedelta(2))
    assert "Close depuis le" in page(client, offer.get_absolute_url())


def test_what_is_withdrawn_is_gone_and_says_what_to_do(client: Client) -> None:
    provider = make_provider(withdrawn_at=now())
    offer = make_offer(provider=provider)
    other = make_offer("autre", make_provider("autre"), withdrawn_at=now())
    assert "n'est plus au catalogue" in page(client, offer.get_absolute_url(), 410)
    assert "demander à" in page(client, other.get_absolute_url(), 410)
    assert "n'est plus au catalogue" in page(client, provider.get_absolute_url(), 410)
    page(client, "/catalogue/offres/inconnue/", 404)
    page(client, "/catalogue/offreurs/inconnu/", 404)


def test_other_offers_of_the_provider_are_listed(client: Client) -> None:
    provider = make_provider()
    first = make_offer("une", provider, title="Une première")
    make_offer("deux", provider, title="Une deuxième")
    make_offer("trois", provider, title="Une retirée", withdrawn_at=now())
    text = page(client, first.get_absolute_url())
    assert "Une deuxième" in text
    assert "Une retirée" not in text


def test_text_of_an_offer_is_escaped(client: Client) -> None:
    offer = make_offer(title="<b>gras</b>", description="<img src=x>", summary="<i>")
    text = page(client, offer.get_absolute_url())
    assert "<b>gras" not in text
    assert "<img src=x" not in text


def test_providers_are_found_by_the_beginning_of_their_words(client: Client) -> None:
    text = page(client, "/catalogue/offreurs/", q="prefect dordogne")
    assert "Préfecture de la Dordogne" in text
    assert "Aucun organisme" in page(client, "/catalogue/offreurs/", q="zzzyyx")
    only = page(client, "/catalogue/offreurs/", famille="private", echelon="nimporte")
    assert "Structure privée ·" in only
    assert "Réseau ou association ·" not in only


def test_one_council_for_two_departments(client: Client) -> None:
    text = page(client, "/catalogue/offreurs/conseil-departemental-67-68/")
    assert "Bas-Rhin (67)" in text
    assert "Haut-Rhin (68)" in text


def test_sources_count_what_comes_from_each(client: Client) -> None:
    make_offer()
    text = unescape(page(client, reverse("sources")))
    row = re.search(r"<tr><th scope=\"row\">Document d'essai</th>.*?</tr>", text)
    assert row is not None
    assert re.findall(r"<td>([^<]*)</td>", row[0]) == ["Essai", "2025", "1", "1", "0", "0"]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_are_only_read(client: Client, method: str) -> None:
    for address in ("/catalogue/", "/catalogue/offreurs/", "/catalogue/offres/guichet-24/"):
        assert getattr(client, method)(address).status_code == 405


def test_a_draft_has_no_public_page(client: Client) -> None:
    offer = make_offer(publication="draft")
    page(client, offer.get_absolute_url(), 404)


@pytest.mark.parametrize("said", [{"publication": "suspended"}, {"set_aside_at": now()}])
def test_what_is_suspended_or_no_longer_confirmed_says_so_and_is_not_indexed(
    client: Client, said: dict[str, Any]
) -> None:
    offer = make_offer(**said)
    response = client.get(offer.get_absolute_url())
    assert response.status_code == 200
    assert response["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.content.decode()
    assert "n'est plus proposée dans les réponses" in unescape(response.content.decode())


def test_what_is_archived_is_gone(client: Client) -> None:
    assert "par l'organisme" in page(
        client, make_offer(publication="archived").get_absolute_url(), 410
    )


def test_conditions_capacity_and_freshness_are_told(client: Client) -> None:
    offer = make_offer(
        checked_on=localdate(), available=0, available_unit="days",
        available_until=localdate() + timedelta(3),
    )  # fmt: skip
    Condition.objects.create(offer=offer, audience="company", cost="paid", note="Sur devis")
    text = unescape(page(client, offer.get_absolute_url()))
    sentence = " ".join(freshness_of(offer, localdate()).sentence.split())
    for expected in ("Sur devis", "Entreprise, commerce", "Plus de place", sentence):
        assert expected in text
    Offer.objects.update(available_until=localdate() - timedelta(1))
    assert "Plus de place" not in page(client, offer.get_absolute_url())


def test_an_entry_says_how_to_correct_it_and_who_keeps_it(client: Client) -> None:
    for address, kind in (("offres/guichet-24", "offre"), ("offreurs/prefecture-24", "offreur")):
        text = page(client, f"/catalogue/{address}/")
        assert reverse("quality:report", args=[kind, address.split("/")[1]]) in text
        assert reverse("keeping:claim", args=["prefecture-24"]) in text
