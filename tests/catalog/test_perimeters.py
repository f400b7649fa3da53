"""A perimeter typed by people: each line is a place, or a question; nothing is guessed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.catalog.perimeters import lines_of, named_perimeters, read
from maillage.territories.directory import directory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Bourrou", "com:24061"),
        ("bourrou (24)", "com:24061"),
        ("24061", "com:24061"),
        ("com:24061", "com:24061"),
        ("Dordogne", "dep:24"),
        ("la Dordogne", "dep:24"),
        ("24", "dep:24"),
        ("2a", "dep:2A"),
        ("département de la Creuse", "dep:23"),
        ("Département : Paris", "dep:75"),
        ("Bretagne", "reg:53"),
        ("région Bretagne", "reg:53"),
        ("200040392", "epci:200040392"),
        ("toute la France", "FR"),
        ("France entière", "FR"),
        ("Tous les départements", "DEP"),
    ],
)
def test_a_place_is_known_by_its_name_or_its_code(typed: str, key: str) -> None:
    found = read([typed])
    assert (found.keys, found.questions) == ([key], [])


def test_a_name_of_several_places_is_asked() -> None:
    found = read(["Paris"])
    assert found.keys == []
    [question] = found.questions
    assert {one.key for one in question.choices} >= {"dep:75", "com:75056"}
    assert "plusieurs lieux" in question.message
    assert found.lines == ["Paris"]


def test_what_looks_like_a_place_is_offered_not_taken() -> None:
    found = read(["Bergrac"])
    [question] = found.questions
    assert found.keys == []
    assert "com:24037" in [one.key for one in question.choices]


def test_what_is_no_place_is_said() -> None:
    [question] = read(["xqzvw"]).questions
    assert question.choices == ()
    assert "retirez la ligne" in question.message


def test_an_answer_takes_the_place_of_its_line_and_the_empty_one_drops_it() -> None:
    assert read(["Paris"], chosen={"Paris": "dep:75"}).keys == ["dep:75"]
    assert read(["Paris"], chosen={"Paris": ""}).keys == []
    assert read(["Paris"], chosen={"Paris": "dep:999"}).questions != []


def test_a_key_that_this_installation_does_not_know_is_kept_not_taken() -> None:
    assert read(["per:nulle-part"], kept=["per:nulle-part"]).keys == ["per:nulle-part"]
    assert read(["per:nulle-part"]).keys == []


def test_a_place_twice_is_once() -> None:
    assert read(["Dordogne", "24", "  "]).keys == ["dep:24"]


def test_every_place_that_the_site_writes_is_read_again_the_same() -> None:
    known = directory()
    keys = [
        "FR", "DEP",
        *(f"dep:{code}" for code in known.departments),
        *(f"reg:{code}" for code in known.regions),
        *(f"arr:{code}" for code in known.arrondissements),
        *(f"epci:{code}" for code in list(known.epcis)[::5]),
        *(f"com:{code}" for code in list(known.communes)[::41]),
        *(f"per:{slug}" for slug in named_perimeters()),
    ]  # fmt: skip
    found = read(lines_of(keys))
    assert found.questions == []
    assert found.keys == keys


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), max_size=4))
def test_anything_typed_is_a_key_or_a_question(typed: list[str]) -> None:
    found = read(typed)
    assert len(found.lines) == len(found.keys) + len(found.questions)
    assert len(set(found.keys)) == len(found.keys)
