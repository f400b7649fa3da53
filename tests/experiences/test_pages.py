"""« Ils l'ont fait »: the list, one experience, the export."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from maillage.experiences.exports import HEADER
from maillage.experiences.models import Experience

pytestmark = pytest.mark.django_db


def page(client: Client, address: str, status: int = 200, **query: Any) -> str:
    response = client.get(address, query)
    assert response.status_code == status
    # Narrow spaces are kept: amounts are compared with theirs.
    return re.sub(r"[ \n\u00a0]+", " ", response.content.decode())


@pytest.mark.parametrize(
    "address",
    ["/experiences/", "/experiences/?q=café&theme=culture&taille=500", "/experiences/redon-wiki/"],
)
def test_open_to_all_in_few_queries(
    client: Client, address: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(address)
    with django_assert_max_num_queries(5):
        text = client.get(address).content.decode()
    assert "VARIABLE-INCONNUE" not in text
    assert text.count("<h1") == 1


def test_every_experience_has_its_page(client: Client) -> None:
    for row in Experience.objects.all():
        text = page(client, row.get_absolute_url())
        assert f"page {row.page}" in text
        assert "VARIABLE-INCONNUE" not in text


def test_search_and_filters(client: Client) -> None:
    assert "15 expériences" in page(client, "/experiences/")
    assert "Deux voitures électriques" in page(client, "/experiences/", q="autopartage")
    small = page(client, "/experiences/", taille="500")
    assert "Bourrou" in small
    assert "Dieuze" not in small
    assert "15 expériences" in page(client, "/experiences/", theme="rien", taille="x")
    assert "Retirer le filtre" in page(client, "/experiences/", theme="culture")


def test_nothing_found_says_what_to_do(client: Client) -> None:
    text = page(client, "/experiences/", q="zzzyyx<script>")
    assert "Aucune expérience ne correspond" in text
    assert "&lt;script&gt;" in text


def test_amounts_that_do_not_match_are_said_not_corrected(client: Client) -> None:
    text = page(client, "/experiences/le-juch-autopartage/")
    assert "37\u202f000\u202f€ de financements pour 39\u202f000\u202f€ de coûts" in text
    assert "Il ne dit pas qui a payé les 2\u202f000\u202f€ restants" in text
    assert "Relevé dans le document, non corrigé" in text
    assert "27 300 € + 9 700 € font 37 000 €" in text
    assert "Les deux totaux" not in page(client, "/experiences/ayen-covoiturage-yaca/")


def test_principles_in_words_and_link_to_the_territory(client: Client) -> None:
    text = page(client, "/experiences/arvieu-jardin-loco-motives/")
    assert text.count(">Certain<") == 5
    assert 'href="/territoires/communes/12011/"' in text
    assert 'href="/territoires/epci/243500741/"' in page(client, "/experiences/redon-wiki/")
    assert "« Inconnu » ne veut jamais dire « non »" in text


def test_unknown(client: Client) -> None:
    page(client, "/experiences/nulle-part/", 404)


def test_exports(client: Client, tmp_path: Path) -> None:
    content = client.get("/experiences/", {"theme": "culture", "export": "csv"}).getvalue().decode()  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(content.removeprefix("\ufeff")), delimiter=";"))
    assert tuple(rows[0]) == HEADER
    assert 1 < len(rows) < 16
    target = tmp_path / "experiences.jsonl"
    call_command("exporter_experiences", sortie=target, stderr=io.StringIO())
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 15
    bourrou = next(line for line in lines if line["identifiant"] == "bourrou-cafe-lib")
    assert "301\u202f000\u202f€" in bourrou["coûts"]
