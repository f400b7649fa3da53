"""Public pages: what they say, their redirections, their files, the number of their queries."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from maillage.territories.models import LabelFile

from .conftest import EXAMPLES, Load

Count = Callable[[int], Any]


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    text = response.content.decode()
    assert "VARIABLE-INCONNUE" not in text
    return text


def test_a_commune_says_who_it_is(client: Client, django_assert_num_queries: Count) -> None:
    with django_assert_num_queries(4):
        text = page(client, "/territoires/communes/24061/")
    for said in ("Bourrou", "139", "CA Le Grand Périgueux", "Dordogne", "24110", "212400618"):
        assert said in text
    assert "sous-préfecture" in text or "préfecture" in text
    assert 'role="img"' in text
    assert re.search(r'viewBox="0 0 \d+ \d+" width="\d+" height="\d+"', text)
    assert "<title id=" in text
    assert "Grun-Bordas" in text


def test_labels_that_no_file_tells_are_unknown_never_no(client: Client) -> None:
    LabelFile.objects.all().delete()
    text = page(client, "/territoires/communes/24061/")
    assert "Inconnu" in text
    assert "<td>\n                  Non" not in text


def test_labels_are_shown_with_vintage_source_and_former_code(client: Client, load: Load) -> None:
    load(EXAMPLES / "pvd.csv", "pvd")
    text = page(client, "/territoires/communes/12218/")
    for said in ("Oui", "Millésime 2024-09", "https://exemple.fr/labels.csv", "12076"):
        assert said in text
    assert "28 mai 2021" in text


def test_zrr_is_history_and_frr_stays_unknown(client: Client, load: Load) -> None:
    load(EXAMPLES / "zrr.csv", "zrr")
    text = page(client, "/territoires/communes/24061/")
    before, after = text.split(">Pour mémoire</h3>")
    history, unknown = after.split("<summary>Inconnu")
    assert "Ancienne zone de revitalisation rurale" not in before + unknown
    assert "Ancienne zone de revitalisation rurale" in history
    assert "<strong>France ruralités revitalisation</strong>" in unknown
    assert "Oui" not in before


def test_a_commune_takes_its_programme_from_its_epci_and_says_so(
    client: Client, load: Load
) -> None:
    load(EXAMPLES / "crte.csv", "crte")
    assert "par CA Le Grand Périgueux" in page(client, "/territoires/communes/24061/")


def test_a_file_that_cannot_say_no_is_told_as_such(client: Client, load: Load) -> None:
    load(EXAMPLES / "pvd.csv", "pvd", partial=True)
    text = page(client, "/territoires/communes/24061/")
    assert "Le fichier importé (millésime 2024-09) ne permet pas de le dire." in text


def test_the_density_of_a_town_is_shown_though_it_is_not_rural(client: Client, load: Load) -> None:
    load(EXAMPLES / "densite.csv", "densite")
    text = page(client, "/territoires/communes/24037/")
    row = text.split("Commune rurale (grille de densité")[1].split("</tr>")[0]
    assert "Non" in row
    assert "Centres urbains intermédiaires (niveau 2 sur 7)" in row


@pytest.mark.parametrize(
    ("given", "current"),
    [
        ("12076", "/territoires/communes/12218/"),
        ("75112", "/territoires/communes/75056/"),
        ("2a004", "/territoires/communes/2A004/"),
        ("212400618", "/territoires/communes/24061/"),
        ("243500741", "/territoires/epci/243500741/"),
    ],
)
def test_another_code_leads_for_good_to_the_present_page(
    client: Client, given: str, current: str
) -> None:
    response = client.get(f"/territoires/communes/{given}/")
    assert response.status_code == 301
    assert response.headers["Location"] == current


@pytest.mark.parametrize(
    "address",
    ["communes/99999/", "epci/000000000/", "departements/99/", "regions/00/", "communes/%00/"],
)
def test_a_code_of_nobody_is_not_found(client: Client, address: str) -> None:
    assert client.get(f"/territoires/{address}").status_code == 404


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("communes/29155/", "n'appartient à aucune intercommunalité"),
        ("communes/97801/", "Pas de carte"),
        ("communes/75056/", "Paris"),
        ("communes/98411/", "inconnue"),
        ("communes/01015/", "Arbignieu"),
        ("epci/200054781/", "Métropole du Grand Paris"),
        ("departements/988/", "Nouvelle-Calédonie"),
        ("departements/984/", "Terres australes"),
        ("regions/94/", "Corse"),
    ],
)
def test_odd_places_have_their_page(client: Client, address: str, said: str) -> None:
    assert said in page(client, f"/territoires/{address}")


def test_an_epci_over_three_departments(client: Client, django_assert_num_queries: Count) -> None:
    with django_assert_num_queries(4):
        text = page(client, "/territoires/epci/243500741/")
    for said in (
        "Ille-et-Vilaine (35)",
        "Loire-Atlantique (44)",
        "Morbihan (56)",
        "31\u00a0communes",
    ):
        assert said in text
    assert "Elle s'étend sur 3 départements" in text


def test_a_department_and_its_list(client: Client, django_assert_num_queries: Count) -> None:
    with django_assert_num_queries(5):
        text = page(client, "/territoires/departements/24/?page=2")
    for said in ("Périgueux", "sous-préfecture", "Page 2 sur", "CA Le Grand Périgueux"):
        assert said in text


def test_a_region_and_its_list(client: Client, django_assert_num_queries: Count) -> None:
    with django_assert_num_queries(4):
        text = page(client, "/territoires/regions/75/?q=bourrou")
    assert "1\u00a0commune pour « bourrou »" in text
    assert "Bourrou" in text


def test_a_list_without_answer_says_where_to_look(client: Client) -> None:
    text = page(client, "/territoires/departements/24/?q=marseille")
    assert "Chercher dans toute la France" in text


def test_the_list_is_taken_as_a_file_with_its_filter(client: Client) -> None:
    response = client.get("/territoires/departements/24/?q=24110&format=csv")
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines[0].startswith("Code COG;Commune;Population municipale")
    assert any(line.startswith("24061;Bourrou;139;24110;212400618") for line in lines)
    ods = client.get("/territoires/epci/243500741/?format=ods")
    assert ods.content[:2] == b"PK"
    assert client.get("/territoires/epci/243500741/?format=exe").status_code == 404


def test_the_first_page_lists_regions_and_departments(
    client: Client, django_assert_num_queries: Count
) -> None:
    with django_assert_num_queries(1):
        text = page(client, "/territoires/")
    assert text.index("Auvergne-Rhône-Alpes") < text.index("Saint-Barthélemy")


def test_the_search_without_javascript(client: Client, django_assert_num_queries: Count) -> None:
    with django_assert_num_queries(0):
        text = page(client, "/territoires/?q=saint-denis")
    assert "/territoires/communes/93066/" in text
    assert "Rien ne ressemble" in page(client, "/territoires/?q=xyzzyq")


def test_what_is_certain_is_opened_at_once(client: Client) -> None:
    response = client.get("/territoires/?q=24061")
    assert response.status_code == 302
    assert response.headers["Location"] == "/territoires/communes/24061/"


def test_suggestions_are_json_for_scripts_and_a_page_for_browsers(
    client: Client, django_assert_num_queries: Count
) -> None:
    with django_assert_num_queries(0):
        response = client.get("/territoires/recherche/?q=bourrou")
    (first, *_) = response.json()["results"]
    assert first["code"] == "24061"
    assert first["label"] == "Bourrou (24)"
    assert first["address"] == "/territoires/communes/24061/"
    browser = client.get("/territoires/recherche/?q=saint-denis", HTTP_ACCEPT="text/html,*/*")
    assert "Saint-Denis (93)" in browser.content.decode()
    epci = client.get("/territoires/recherche/?q=redon&kind=epci").json()["results"]
    assert [one["code"] for one in epci] == ["243500741"]


@pytest.mark.parametrize("typed", ["%00", "<script>", "%F0%9F%8F%94", "a" * 3000])
def test_odd_texts_are_read_with_kindness(client: Client, typed: str) -> None:
    text = page(client, f"/territoires/?q={typed}")
    assert "<script>" not in text
    assert client.get(f"/territoires/recherche/?q={typed}").status_code == 200


def test_a_map_is_tiled_only_where_a_tile_server_is_named(client: Client, settings) -> None:
    assert "leaflet" not in page(client, "/territoires/communes/24061/")
    settings.MAILLAGE = {**settings.MAILLAGE, "TILE_URL": "https://tuiles.test/{z}/{x}/{y}.png"}
    text = page(client, "/territoires/communes/24061/")
    assert 'data-tiles="https://tuiles.test/{z}/{x}/{y}.png"' in text
    west, south, east, north = map(float, re.search(r'data-bounds="([^"]+)"', text)[1].split(","))
    assert west < 0.62 < east  # Bourrou stands at 0.62° E, 45.00° N
    assert south < 45.0 < north
    assert "js/map.js" in text
    assert 'role="img"' in text
