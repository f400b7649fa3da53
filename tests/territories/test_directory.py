"""Who is who, near whom, with what labels: in memory, without a query."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from maillage.territories.directory import directory
from maillage.territories.models import LabelFile

from .conftest import EXAMPLES, Load, Write


@pytest.mark.parametrize(
    ("given", "current"),
    [
        ("24061", "24061"),
        (" 24061 ", "24061"),
        ("1001", "01001"),
        ("2a004", "2A004"),
        ("12076", "12218"),  # merged since
        ("75112", "75056"),
        ("69389", "69123"),
        ("13202", "13055"),
        ("212400618", "24061"),  # SIREN of a commune
        ("243500741", "243500741"),  # SIREN of an EPCI
        ("01015", "01015"),  # also the code of a commune déléguée
        ("97801", "97801"),
        ("99999", None),
        ("", None),
        ("000000000", None),
    ],
)
def test_any_code_leads_to_the_one_in_force(given: str, current: str | None) -> None:
    assert directory().resolve(given) == current


def test_a_commune_holds_every_key_that_contains_it() -> None:
    bourrou = directory().engine_territory("24061")
    assert {"FR", "reg:75", "dep:24", "arr:243", "epci:200040392", "com:24061"} <= bourrou.keys
    assert "per:bassin-adour-garonne" in bourrou.keys
    assert bourrou.name == "Bourrou"
    assert bourrou.population == 139
    assert bourrou.overseas is False


def test_a_commune_without_epci_has_no_such_key() -> None:
    assert not [k for k in directory().engine_territory("29155").keys if k.startswith("epci:")]


def test_an_epci_holds_the_keys_of_all_its_departments() -> None:
    redon = directory().engine_territory("243500741")
    assert {"dep:35", "dep:44", "dep:56", "reg:53", "reg:52", "epci:243500741"} <= redon.keys
    assert not [key for key in redon.keys if key.startswith("com:")]
    assert directory().departments_of("243500741")[0] == "35"


@pytest.mark.parametrize(
    ("code", "overseas"), [("97411", True), ("97801", True), ("98818", True), ("24061", False)]
)
def test_overseas_is_said(code: str, overseas: bool) -> None:
    assert directory().engine_territory(code).overseas is overseas


def test_a_code_of_nobody_is_an_error() -> None:
    with pytest.raises(KeyError):
        directory().engine_territory("99999")


def test_neighbours_are_the_nearest_first_and_not_oneself() -> None:
    found = directory().neighbours("24061", 6)
    assert len(found) == 6
    assert [n.distance for n in found] == sorted(n.distance for n in found)
    assert "24061" not in {n.commune.code for n in found}
    assert found[0].distance < 5
    assert {n.commune.department for n in found} == {"24"}


def test_a_commune_that_nothing_places_has_no_neighbours() -> None:
    assert directory().neighbours("97801") == []


def test_asking_costs_no_query(django_assert_num_queries: Callable[[int], Any]) -> None:
    with django_assert_num_queries(0):
        known = directory()
        known.engine_territory("24061")
        known.neighbours("24061")
        known.resolve("75112")


def test_without_any_file_every_label_is_unknown(fresh_memory: None) -> None:
    LabelFile.objects.all().delete()
    place = directory().engine_territory("24061")
    assert place.labels == frozenset()
    assert place.labels_absent == frozenset()
    assert place.density is None


def test_what_a_complete_file_leaves_out_is_a_no_and_the_rest_stays_unknown(load: Load) -> None:
    load(EXAMPLES / "pvd.csv", "pvd")
    known = directory()
    assert "pvd" in known.engine_territory("24037").labels
    bourrou = known.engine_territory("24061")
    assert "pvd" in bourrou.labels_absent
    assert "acv" not in bourrou.labels | bourrou.labels_absent


def test_a_complete_file_says_nothing_of_overseas_collectivities(load: Load) -> None:
    load(EXAMPLES / "pvd.csv", "pvd")
    saint_martin = directory().engine_territory("97801")
    assert "pvd" not in saint_martin.labels | saint_martin.labels_absent


def test_a_partial_file_says_no_of_nobody(load: Load) -> None:
    load(EXAMPLES / "pvd.csv", "pvd", partial=True)
    known = directory()
    assert "pvd" in known.engine_territory("24037").labels
    assert "pvd" not in known.engine_territory("24061").labels_absent


def test_density_tells_who_is_rural_and_who_is_not(load: Load) -> None:
    load(EXAMPLES / "densite.csv", "densite")
    known = directory()
    assert known.engine_territory("24061").density == 7
    assert "rural" in known.engine_territory("24061").labels
    assert "rural" in known.engine_territory("24037").labels_absent
    assert "rural" in known.engine_territory("24372").labels_absent  # level 4, by its name
    redon = known.engine_territory("35236")  # its line says that it is not known
    assert redon.density is None
    assert "rural" not in redon.labels | redon.labels_absent
    # Left out of a file that lists every commune: unknown too.
    assert "rural" not in known.engine_territory("75056").labels_absent


def test_zrr_is_never_frr(load: Load) -> None:
    load(EXAMPLES / "zrr.csv", "zrr")
    known = directory()
    bourrou = known.engine_territory("24061")
    assert "zrr" in bourrou.labels
    assert "frr" not in bourrou.labels | bourrou.labels_absent
    assert "frr_plus" not in bourrou.labels | bourrou.labels_absent
    assert "zrr" in known.engine_territory("24372").labels  # partly
    assert "zrr" in known.engine_territory("24037").labels_absent
    elsewhere = known.engine_territory("75056")
    assert "zrr" not in elsewhere.labels | elsewhere.labels_absent


def test_frr_plus_is_read_from_the_value_of_frr(load: Load) -> None:
    load(EXAMPLES / "frr.csv", "frr")
    known = directory()
    assert {"frr", "frr_plus"} <= known.engine_territory("24061").labels
    bergerac = known.engine_territory("24037")
    assert "frr" in bergerac.labels
    assert "frr_plus" in bergerac.labels_absent
    assert {"frr", "frr_plus"} <= known.engine_territory("35236").labels_absent
    assert "zrr" not in known.engine_territory("24061").labels


def test_a_commune_is_in_the_programme_of_its_epci(load: Load) -> None:
    load(EXAMPLES / "crte.csv", "crte")
    known = directory()
    assert "crte" in known.engine_territory("200040392").labels
    assert "crte" in known.engine_territory("24061").labels
    assert "crte" in known.engine_territory("243500741").labels


def test_what_a_file_of_communes_says_wins_over_the_epci(load: Load, write: Write) -> None:
    load(EXAMPLES / "crte.csv", "crte")
    path: Path = write("code;valeur", "24037;autre")
    load(path, "crte")
    assert "crte" in directory().engine_territory("24061").labels_absent
