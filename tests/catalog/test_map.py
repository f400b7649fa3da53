"""The results on a map: the counts, the shades, and the list that each of them opens."""

import re
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils.timezone import localdate
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from maillage.catalog import coverage_map
from maillage.catalog.coverage_map import SHADES, CoverageMap, shade_of, steps_of
from maillage.catalog.reach import reach_of
from maillage.catalog.searching import search
from maillage.catalog.snapshot import Shelf, shelf
from maillage.territories.directory import directory
from tests.catalog.factories import engine_offer, shelf_of

pytestmark = pytest.mark.django_db


@cache
def few() -> Shelf:
    """A shelf of six offers, over the real territories."""
    perimeters = {
        "bourrou": {"com:24061"},
        "perigueux": {"epci:200040392"},
        "dordogne": {"dep:24"},
        "lot-et-dordogne": {"dep:24", "dep:46"},
        "region": {"reg:75"},
        "france": {"FR"},
    }
    made = shelf_of(
        *(engine_offer(slug, perimeter=frozenset(keys)) for slug, keys in perimeters.items())
    )
    return replace(made, reach=reach_of(made.snapshot.facts, directory()))


def drawn(query: str, department: str = "", held: Shelf | None = None) -> CoverageMap:
    done = search(QueryDict(query), held or few(), localdate())
    return (
        coverage_map.of_department(done, department) if department else coverage_map.of_france(done)
    )


def counts(covered: CoverageMap) -> dict[str, int]:
    return {place.code: place.count for place in covered.places}


def test_each_department_counts_what_is_of_use_in_a_part_of_it() -> None:
    covered = drawn("")
    found = counts(covered)
    assert (found["24"], found["46"], found["33"], found["75"]) == (5, 1, 1, 0)
    assert (covered.local, covered.everywhere) == (5, 1)
    assert len(covered.places) == len(directory().departments)


def test_the_list_that_a_department_opens_has_its_count(client: Client) -> None:
    text = client.get("/catalogue/carte/?theme=culture").content.decode()
    found = re.search(
        r'href="(/catalogue/\?[^"]*departement=24)">[^<]*</a></th><td class="c-number">(\d+)<', text
    )
    assert found is not None
    opened = client.get(found[1].replace("&amp;", "&")).content.decode()
    assert re.search(rf'id="resultats">{found[2]}\s', opened.replace("\u00a0", " "))


def test_every_department_of_the_table_agrees_with_its_list() -> None:
    found = counts(drawn("", held=shelf()))
    for code in ("01", "24", "2A", "974"):
        done = search(QueryDict(f"propres=1&departement={code}"), shelf(), localdate())
        assert len(done.listing.numbers) == found[code]


def test_a_department_shows_its_epci_and_how_many_communes() -> None:
    covered = drawn("departement=24", "24")
    places = {place.code: place for place in covered.places}
    perigueux = places["200040392"]
    # Its own, one of its communes, the two of the département, the région's.
    assert perigueux.count == 5
    assert perigueux.communes == perigueux.of == 43
    alone = {place.code: place for place in drawn("q=bourrou&departement=24", "24").places}
    assert (alone["200040392"].count, alone["200040392"].communes) == (1, 1)
    assert sum(place.count for place in alone.values()) == 1
    assert sum(place.of for place in places.values()) == sum(
        commune.department == "24" for commune in directory().communes.values()
    )


def test_all_france_is_drawn_and_each_area_has_its_place() -> None:
    covered = drawn("")
    shown = {area.place.code for drawing in covered.drawings for area in drawing.areas}
    assert len(shown) == 101
    assert [drawing.code for drawing in covered.drawings] == ["", "971", "972", "973", "974", "976"]


def test_the_commune_of_the_list_is_left_aside_and_it_is_said(client: Client) -> None:
    text = client.get("/catalogue/carte/?commune=24061&q=pont").content.decode()
    assert "montre toute la France" in text


@pytest.mark.parametrize("code", ["99", "abc", "24061", "'", "<b>"])
def test_an_unknown_department_shows_france(client: Client, code: str) -> None:
    response = client.get("/catalogue/carte/", {"departement": code})
    assert response.status_code == 200
    assert "Les 109" in response.content.decode().replace("\u00a0", " ")


def test_the_table_is_exported_with_the_counts_of_the_map(client: Client) -> None:
    covered = drawn("theme=culture", held=shelf())
    address = "/catalogue/carte/?theme=culture&export=csv"
    lines = client.get(address).getvalue().decode("utf-8-sig").splitlines()
    assert lines[1:] == [f"{p.code};{p.name};{p.count}" for p in covered.places]
    one = client.get(f"{address}&departement=24").getvalue().decode("utf-8-sig")
    assert re.search(r"(?m)^200040392;CA Le Grand Périgueux;\d+;43;43", one)


@given(st.lists(st.integers(0, 400), max_size=120))
def test_every_count_has_one_shade_and_more_is_never_lighter(found: list[int]) -> None:
    steps = steps_of(found)
    assert len(steps) <= SHADES
    for before, after in pairwise(steps):
        assert before.high + 1 == after.low
        assert before.shade < after.shade
    shades = [shade_of(count, steps) for count in sorted(found)]
    assert shades == sorted(shades)
    assert all(
        (shade == 0) == (count == 0) for count, shade in zip(sorted(found), shades, strict=True)
    )


def test_few_queries(client: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for address in ("/catalogue/carte/", "/catalogue/carte/?departement=24"):
        client.get(address)
        with django_assert_max_num_queries(2):
            client.get(address)
