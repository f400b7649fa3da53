"""The autocomplete: as people type, with their mistakes, homonyms told apart."""

import pytest

from maillage.territories.directory import directory
from maillage.territories.search import normalise, search, search_communes


def first(text: str, **options: str) -> str:
    found = search(text, **options)
    return found[0].label if found else ""


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("bourrou", "Bourrou (24)"),
        ("BOURROU", "Bourrou (24)"),
        ("Périgueux", "Périgueux (24)"),
        ("perigueux", "Périgueux (24)"),
        ("périgu", "Périgueux (24)"),
        ("saint-leon-sur-l'isle", "Saint-Léon-sur-l'Isle (24)"),
        ("St Léon sur l’Isle", "Saint-Léon-sur-l'Isle (24)"),
        ("ste foy la grande", "Sainte-Foy-la-Grande (33)"),
        ("le mans", "Le Mans (72)"),
        ("mans", "Le Mans (72)"),
        ("l hay les roses", "L'Haÿ-les-Roses (94)"),
        ("ile d'yeu", "L'Île-d'Yeu (85)"),
        ("ploerm", "Ploërmel (56)"),
        ("24061", "Bourrou (24)"),
        ("2a004", "Ajaccio (2A)"),
        ("75001", "Paris (75)"),
        ("212400618", "Bourrou (24)"),
        ("12076", "Conques-en-Rouergue (12)"),
    ],
)
def test_a_commune_is_found_as_one_types_it(typed: str, label: str) -> None:
    assert first(typed) == label


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("perigeux", "Périgueux (24)"),
        ("bourou", "Bourrou (24)"),
        ("marsiele", "Marseille (13)"),
        ("montpelier", "Montpellier (34)"),
        ("clermond ferand", "Clermont-Ferrand (63)"),
        ("aix en provance", "Aix-en-Provence (13)"),
        ("st leon sur lisle", "Saint-Léon-sur-l'Isle (24)"),
        ("chatillon sur chalarone", "Châtillon-sur-Chalaronne (01)"),
        ("roche sur yo", "La Roche-sur-Yon (85)"),
        ("yon roche sur", "La Roche-sur-Yon (85)"),
    ],
)
def test_a_mistake_does_not_lose_the_commune(typed: str, label: str) -> None:
    assert first(typed) == label


def test_homonyms_come_together_the_most_populated_first_and_none_is_certain() -> None:
    found = search("saint-denis")
    assert [one.label for one in found[:2]] == ["Saint-Denis (974)", "Saint-Denis (93)"]
    assert not any(one.certain for one in found)
    assert "La Réunion" in found[0].detail


@pytest.mark.parametrize("typed", ["saint denis 93", "Saint-Denis (93)", "st denis, 93"])
def test_the_department_tells_homonyms_apart(typed: str) -> None:
    found = search(typed)
    assert found[0].label == "Saint-Denis (93)"
    assert found[0].certain


def test_an_exact_name_passes_before_longer_ones_more_populated() -> None:
    labels = [one.label for one in search("bourg", limit=4)]
    assert labels[0] == "Bourg (33)"
    assert "Bourg-en-Bresse (01)" not in labels[:3]


def test_a_postal_code_gives_all_its_communes() -> None:
    labels = {one.label for one in search("24110")}
    assert {"Saint-Astier (24)", "Bourrou (24)", "Saint-Léon-sur-l'Isle (24)"} <= labels


def test_the_smallest_commune_of_the_longest_postal_code_is_there() -> None:
    labels = {one.label for one in search("51300")}
    sharing = {c.label for c in directory().communes.values() if "51300" in c.postal_codes}
    assert len(sharing) == 46
    assert sharing <= labels
    assert len(search("51300", limit=10)) == 10


def test_a_former_name_leads_to_the_present_commune_and_says_so() -> None:
    (found,) = search("arbignieu")
    assert found.label == "Arboys en Bugey (01)"
    assert "ancienne commune : Arbignieu" in found.detail


@pytest.mark.parametrize(
    "typed", ["", "   ", "xyzzyq", "'; drop table", "%%%", "\x00", "🏔️", "(24)", "東京", "a" * 500]
)
def test_what_names_nothing_gives_nothing(typed: str) -> None:
    assert search(typed) == []


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("redon", "CA Redon Agglomération (35, 44, 56)"),
        ("cc du haut béarn", "CC du Haut Béarn (64)"),
        ("grand perigueux", "CA Le Grand Périgueux (24)"),
        ("243500741", "CA Redon Agglomération (35, 44, 56)"),
        ("communauté d'agglomération redon", "CA Redon Agglomération (35, 44, 56)"),
    ],
)
def test_an_epci_is_found_by_its_name_or_siren(typed: str, label: str) -> None:
    assert first(typed, kind="epci") == label


def test_kinds_are_kept_apart_or_mixed_as_asked() -> None:
    assert {one.kind for one in search("redon", kind="commune")} == {"commune"}
    assert {one.kind for one in search("redon", kind="epci")} == {"epci"}
    assert {one.kind for one in search("redon", kind="all")} == {"commune", "epci"}
    assert [one.code for one in search_communes("redon", limit=2)] == ["35236", "13033"]


def test_the_limit_is_kept_and_the_answer_is_always_the_same() -> None:
    assert len(search("s", limit=7)) == 7
    assert search("saint mart") == search("saint mart")


@pytest.mark.parametrize(
    ("typed", "normal"),
    [("Les Stes-Maries", "saintes maries"), ("La", "la"), ("St.-Œuf", "saint oeuf")],
)
def test_what_is_compared(typed: str, normal: str) -> None:
    assert normalise(typed) == normal


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("bergerac 24100", "24037"), ("24100 Bergerac", "24037"), ("bourrou dordogne", "24061"),
        ("mairie de Bergerac", "24037"), ("commune d'Ayen", "19015"), ("paris 12", "75056"),
        ("Lyon 3e", "69123"), ("nd de sanilhac", "24312"), ("saint-denis réunion", "97411"),
    ],
)  # fmt: skip
def test_usual_ways_to_write_a_commune(typed: str, code: str) -> None:
    assert search_communes(typed)[0].code == code
