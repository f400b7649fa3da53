"""The bearer of a plan by its official number; what the contract of plans says of its answers."""

import json
from typing import Any

import pytest
from django.test import Client

from maillage.api.bearers import placed
from maillage.funding.document import BadDocument
from maillage.funding.law import held
from maillage.territories.directory import directory
from tests.api.test_contract import FILE
from tests.api.test_plans import BEST, CHECK, checked, post

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rules_in_memory(still_memory: None) -> None:
    held.get()


def plan(**bearer: Any) -> dict[str, Any]:
    return {
        "bearer": bearer,
        "costs": [{"net": "100000"}],
        "resources": [{"fund": "detr", "amount": "40000"}, {"fund": "own", "amount": "60000"}],
    }


def test_the_site_fills_what_it_knows_of_a_commune(client: Client) -> None:
    town = directory().commune("24061")
    found = checked(client, plan(insee="24061"))[""]["bearer"]
    assert found == {
        "kind": "commune", "name": town.name, "department": "24", "code": "24061",
        "census": town.population,
    }  # fmt: skip
    if town.siren:
        assert checked(client, plan(siren=town.siren))[""]["bearer"] == found


def test_an_intercommunality_by_its_siren(client: Client) -> None:
    siren, record = next(iter(directory().epcis.items()))
    found = checked(client, plan(siren=siren))[""]["bearer"]
    assert (found["kind"], found["name"], found["code"]) == ("epci", record.name, siren)
    assert found["department"] == next(iter(directory().departments_of(siren)), "")


def test_a_number_may_say_where_another_kind_is(client: Client) -> None:
    found = checked(client, plan(insee="24061", kind="association", name="Les Amis"))[""]["bearer"]
    assert (found["kind"], found["name"], found["department"]) == ("association", "Les Amis", "24")
    assert found["census"] is None


@pytest.mark.parametrize(
    ("bearer", "place", "words"),
    [
        ({"insee": "99999"}, "bearer.insee", "d'aucune commune"),
        ({"insee": 24061.5}, "bearer.insee", "d'aucune commune"),
        ({"insee": "123456789"}, "bearer.insee", "d'aucune commune"),
        ({"siren": "24061"}, "bearer.siren", "SIREN d'aucune"),
        ({"siren": "999999999"}, "bearer.siren", "SIREN d'aucune"),
        ({"insee": "24061", "kind": "epci"}, "bearer.kind", "est une commune"),
        ({"insee": "24061", "department": "33"}, "bearer.department", "est dans le 24"),
    ],
)  # fmt: skip
def test_what_contradicts_is_refused_in_words(
    client: Client, bearer: dict[str, Any], place: str, words: str
) -> None:
    for address in (CHECK, BEST):
        answer = post(client, address, json.dumps(plan(**bearer)))
        assert answer.status_code == 422
        (said,) = answer.json()["problems"]
        assert said["place"] == place
        assert words in said["said"]


def test_two_numbers_of_two_bearers_are_refused() -> None:
    siren = next(iter(directory().epcis))
    with pytest.raises(BadDocument, match="deux porteurs"):
        placed(plan(insee="24061", siren=siren))


@pytest.mark.parametrize("body", [[], {}, {"bearer": []}, {"bearer": {"name": "x"}}, "x"])
def test_what_has_no_number_is_left_as_it_is(body: Any) -> None:
    assert placed(body) == body
    assert placed({"bearer": {"insee": "", "name": "x"}}) == {"bearer": {"name": "x"}}


# -- The contract


@pytest.mark.parametrize(
    ("body", "place", "words"),
    [
        ({"costs": [{"net": "1"}], "offers": ["zz"]}, "plan", "« offers »"),
        ({"resources": [{"payments": [{"on": "2027-01-01", "amount": "1", "who": "x"}]}]},
         "resources[1]", "« who »"),
        ({"date": 20261121}, "date", "2026-11-21"),
        ({"date": "2026-W47-6"}, "date", "2026-11-21"),
        ({"date": "0001-01-01"}, "date", "de 2000 à 2100"),
        ({"resources": [{"decided_on": "9999-12-31"}]}, "resources[1]", "« decided_on »"),
        ({"resources": [{"payments": [{"on": "9999-12-31", "amount": "1"}]}]}, "resources[1]",
         "l'année 9999"),
        ({"costs": [{"signed_on": "1999-12-31"}]}, "costs[1]", "« signed_on »"),
        ({"costs": [{"net": "1e30"}]}, "costs[1]", "trop grand"),
        ({"bearer": {"population_dgf": 10**12}}, "bearer.population_dgf", "trop grand"),
    ],
)  # fmt: skip
def test_what_is_out_of_the_contract_is_refused(
    client: Client, body: Any, place: str, words: str
) -> None:
    answer = post(client, CHECK, json.dumps(body))
    assert answer.status_code == 422
    said = answer.json()["problems"][0]
    assert said["place"] == place
    assert words in said["said"]


def test_holds_and_its_verdict_agree_with_what_is_said_of_them(client: Client) -> None:
    empty = checked(client, {})[""]
    assert (empty["holds"], empty["verdict"]) == (False, "unknown")
    asking = checked(client, plan(insee="24061"))[""]
    assert (asking["holds"], asking["unknown"] > 0, asking["verdict"]) == (True, True, "unknown")
    failing = checked(client, {"costs": [{"net": "100"}]})[""]
    assert (failing["holds"], failing["verdict"]) == (False, "fails")


def test_every_status_and_field_is_in_the_contract() -> None:
    contract = json.loads(FILE.read_text("utf-8"))
    for path, more in (("/api/v1/plans/check", set()), ("/api/v1/plans/best", {"503"})):
        said = set(contract["paths"][path]["post"]["responses"])
        assert said == {"200", "400", "413", "422"} | more
    shapes = contract["components"]["schemas"]
    assert {
        "filed_on",
        "decided_on",
        "paid",
        "payments",
        "advance",
        "note",
        "offer",
        "excludes",
        "needs",
        "commission_on",
        "paid_on",
    } <= set(shapes["ResourceIn"]["properties"])
    assert {"insee", "siren"} <= set(shapes["BearerIn"]["properties"])
    assert "notes" in shapes["PlanIn"]["properties"]
