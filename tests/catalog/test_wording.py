"""Perimeters, audiences, populations and labels in words."""

import pytest

from maillage.catalog.wording import (
    audiences_in_words,
    labels_in_words,
    perimeter_in_words,
    places,
    population_in_words,
)
from maillage.territories.directory import directory
from maillage.territories.models import Perimeter


@pytest.mark.parametrize(
    ("low", "high", "kind", "said"),
    [
        (None, None, "municipal", ""),
        (
            None,
            3500,
            "municipal",
            "3\u202f500 habitants au plus (population municipale de l'INSEE)",
        ),
        (2000, None, "dgf", "au moins 2\u202f000 habitants (population DGF)"),
        (500, 2000, "dgf", "entre 500 et 2\u202f000 habitants (population DGF)"),
        (0, 2000, "dgf", "2\u202f000 habitants au plus (population DGF)"),
    ],
)
def test_population(low: int | None, high: int | None, kind: str, said: str) -> None:
    assert population_in_words(low, high, kind) == said


def test_audiences_come_in_one_order() -> None:
    assert audiences_in_words(["association", "commune"]) == "les communes et les associations"
    assert audiences_in_words(["inhabitant"]) == "les habitants"
    assert audiences_in_words([]) == ""


def test_labels() -> None:
    assert labels_in_words(["pvd", "inconnu"]) == "« Petites villes de demain » ou « inconnu »"


@pytest.mark.django_db
def test_perimeter_widest_first_and_unknown_keys_said() -> None:
    perimeters = {p.slug: p for p in Perimeter.objects.all()}
    keys = ["com:24061", "dep:24", "reg:75", "per:bassin-adour-garonne", "arr:241", "dep:999"]
    found = places(keys, directory(), perimeters)
    assert [place.kind for place in found] == [
        "region", "perimeter", "department", "arrondissement", "commune", "",
    ]  # fmt: skip
    assert found[1].approximate
    assert "« dep:999 »" in found[-1].name
    assert perimeter_in_words(["FR"], directory(), {}) == "Toute la France"
