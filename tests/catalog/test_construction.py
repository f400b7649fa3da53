"""Local bodies built from the official code: the odd départements are told right."""

import pytest

from maillage.catalog.construction import Built, construct
from maillage.catalog.files import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def built(db: None) -> Built:
    return construct()


def names(built: Built, key: str) -> dict[str, str]:
    """Providers by id whose perimeter holds `key`."""
    return {e["id"]: e["name"] for e in built.providers if key in e["perimeter"]}


def test_the_usual_departement(built: Built) -> None:
    found = names(built, "dep:24")
    assert found["prefecture-24"] == "Préfecture de la Dordogne"
    assert found["ddt-24"] == "DDT de la Dordogne"
    assert found["conseil-departemental-24"] == "Conseil départemental de la Dordogne"


def test_one_sous_prefecture_by_arrondissement_except_the_seat(built: Built) -> None:
    towns = {
        e["name"] for e in built.providers
        if e["id"].startswith("sous-prefecture-24")
    }  # fmt: skip
    assert towns == {
        "Sous-préfecture de Bergerac", "Sous-préfecture de Nontron",
        "Sous-préfecture de Sarlat-la-Canéda",
    }  # fmt: skip


def test_alsace_has_two_prefectures_and_one_council(built: Built) -> None:
    for code in ("67", "68"):
        found = names(built, f"dep:{code}")
        assert f"prefecture-{code}" in found
        assert found["conseil-departemental-67-68"] == "Collectivité européenne d'Alsace"
    councils = [e["id"] for e in built.providers if e["id"].startswith("conseil-departemental-6")]
    assert councils.count("conseil-departemental-67-68") == 1
    assert "conseil-departemental-67" not in councils


def test_paris_has_one_council_and_its_own_state_service(built: Built) -> None:
    found = names(built, "dep:75")
    assert found["ddt-75"].startswith("DRIEAT")
    councils = [name for slug, name in found.items() if slug.startswith("conseil-departemental")]
    assert councils == ["Ville de Paris"]


def test_corse_has_one_collectivity_for_all(built: Built) -> None:
    south, north = names(built, "dep:2A"), names(built, "dep:2B")
    councils = {slug for slug in (*south, *north) if slug.startswith("conseil-departemental")}
    assert councils == {"conseil-departemental-2a-2b"}
    assert south["conseil-departemental-2a-2b"] == "Collectivité de Corse"
    assert "region-94" not in names(built, "reg:94")


def test_la_reunion_has_a_deal_a_department_and_a_region(built: Built) -> None:
    found = names(built, "dep:974")
    assert found["ddt-974"] == "DEAL de La Réunion"
    assert "conseil-departemental-974" in found
    assert "region-04" in names(built, "reg:04")


def test_an_epci_says_its_departments(built: Built) -> None:
    redon = next(e for e in built.providers if e["id"] == "epci-243500741")
    assert redon["full_name"] == "Communauté d'agglomération (35, 44, 56)"


def test_all_are_sure_contacts_and_none_is_an_answer_by_itself(built: Built) -> None:
    entries: list[Entry] = [*built.providers, *built.offers]
    assert all(e["generalist"] for e in entries)
    assert len({e["id"] for e in built.providers}) == len(built.providers)
    assert len({e["id"] for e in built.offers}) == len(built.offers)
    known = {e["id"] for e in built.providers}
    assert all(e["provider"] in known for e in built.offers)
    desks = [e["id"] for e in built.offers if e["id"].startswith("guichet-")]
    assert len(desks) == 101 + 6  # the départements, and the collectivities overseas
