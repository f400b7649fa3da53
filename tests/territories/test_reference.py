"""The reference of France: whole, exact in its odd cases, loaded once and only once."""

import gzip
import json
from pathlib import Path

import pytest

from maillage.common.models import DataVersion
from maillage.data import build_cog
from maillage.territories.models import (
    Arrondissement,
    Commune,
    Department,
    Epci,
    FormerCommune,
    LabelAssignment,
    LabelFile,
    Perimeter,
    ReferenceSet,
    Region,
)
from maillage.territories.services import load_reference, reference

COG = Path(build_cog.__file__).parent / "cog"


def test_france_is_whole() -> None:
    assert Commune.objects.count() == 34_969
    assert Commune.objects.filter(department__zone="com").count() == 94
    assert Epci.objects.count() == 1_255
    assert Arrondissement.objects.count() == 333
    assert Department.objects.exclude(zone="com").count() == 101
    assert Region.objects.exclude(zone="com").count() == 18


def test_every_arrondissement_has_its_seat_in_its_own_department() -> None:
    for place in Arrondissement.objects.select_related("seat"):
        assert place.seat is not None
        assert place.seat.department_id == place.department_id


def test_communes_without_epci_are_four_islands_and_overseas_collectivities() -> None:
    alone = Commune.objects.without_epci().exclude(department__zone="com")
    assert {c.name for c in alone} == {"Île-de-Bréhat", "Île-de-Sein", "Ouessant", "L'Île-d'Yeu"}


def test_an_epci_may_lie_in_three_departments_of_two_regions() -> None:
    redon = Commune.objects.of_epci("243500741")
    assert set(redon.values_list("department_id", flat=True)) == {"35", "44", "56"}
    for code in ("35", "44", "56"):
        assert Epci.objects.of_department(code).filter(pk="243500741").exists()


def test_no_former_code_is_also_a_code_in_force_of_another_commune() -> None:
    current = set(Commune.objects.values_list("code", flat=True))
    for code, commune in FormerCommune.objects.values_list("code", "commune_id"):
        assert code not in current or code == commune


def test_loading_again_does_nothing() -> None:
    before = DataVersion.objects.number("territories")
    assert load_reference().changed is False
    assert DataVersion.objects.number("territories") == before


def test_what_was_altered_is_put_right() -> None:
    Commune.objects.filter(pk="24061").update(name="Autre", population=0)
    ReferenceSet.objects.update(digest="")
    assert load_reference().changed is True
    assert Commune.objects.get(pk="24061").name == "Bourrou"
    assert Commune.objects.count() == 34_969


def test_a_commune_that_left_the_cog_hands_over_what_refers_to_it() -> None:
    Commune.objects.create(
        code="12076", name="Ancienne", sort_key="ancienne", department_id="12", postal_codes=[]
    )
    file = LabelFile.objects.create(
        label="va",
        carrier="commune",
        vintage="2024",
        source="x",
        file_name="x",
        digest="x",
        count=2,
    )
    for key, value in (("com:12076", "a"), ("com:12218", "b"), ("com:12076", "b")):
        LabelAssignment.objects.create(file=file, territory=key, value=value)
    ReferenceSet.objects.update(digest="")
    assert load_reference().moved == (("12076", "12218"),)
    assert not Commune.objects.filter(pk="12076").exists()
    rows = file.assignments.values_list("territory", "value", "former_code")
    assert set(rows) == {("com:12218", "a", "12076"), ("com:12218", "b", "")}


def test_a_commune_that_left_without_heir_stops_the_load_and_nothing_changes() -> None:
    Commune.objects.create(
        code="12999", name="Perdue", sort_key="perdue", department_id="12", postal_codes=[]
    )
    ReferenceSet.objects.update(digest="")
    with pytest.raises(ValueError, match="12999"):
        load_reference()
    assert Commune.objects.filter(pk="12999").exists()


def test_perimeters_name_only_codes_that_exist() -> None:
    known = {
        "com": set(Commune.objects.values_list("pk", flat=True)),
        "epci": set(Epci.objects.values_list("pk", flat=True)),
        "arr": set(Arrondissement.objects.values_list("pk", flat=True)),
        "dep": set(Department.objects.values_list("pk", flat=True)),
        "reg": set(Region.objects.values_list("pk", flat=True)),
    }
    perimeters = list(Perimeter.objects.all())
    assert perimeters
    for perimeter in perimeters:
        assert perimeter.codes
        for key in perimeter.codes:
            kind, _, code = key.partition(":")
            assert code in known[kind], f"{perimeter.slug}: {key}"


def test_the_files_are_small_and_carry_no_date() -> None:
    files = [*COG.glob("*.gz"), *COG.glob("contours/*.gz")]
    assert sum(path.stat().st_size for path in files) < 6_000_000
    for path in files:
        assert path.read_bytes()[4:8] == b"\0\0\0\0", f"{path.name} carries the time of its writing"


def test_every_commune_with_a_contour_is_one_in_force() -> None:
    codes = set(Commune.objects.values_list("code", flat=True))
    drawn = set()
    for path in COG.glob("contours/*.json.gz"):
        drawn |= set(json.loads(gzip.decompress(path.read_bytes())))
    assert drawn <= codes
    assert len(drawn) == 34_871


def test_a_seat_elsewhere_is_not_taken() -> None:
    """The source gives the southern lands a seat in Saint-Pierre-et-Miquelon."""
    assert Department.objects.get(pk="984").seat is None
    assert ReferenceSet.objects.get(pk="cog").vintage == reference.VINTAGE
