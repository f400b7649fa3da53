"""POST /plans/check and /plans/best: the worked cases, refusals, and whatever may be sent."""

import json
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from maillage.catalog.models import Offer
from maillage.engine.funding.types import BearerKind, Fund, Nature, Spending, Status
from maillage.funding.examples import known
from maillage.funding.law import held

pytestmark = pytest.mark.django_db
CHECK, BEST = "/api/v1/plans/check", "/api/v1/plans/best"


@pytest.fixture(autouse=True)
def rules_in_memory(still_memory: None) -> None:
    held.get()


def post(client: Client, address: str, body: Any) -> Any:
    return client.post(address, body, content_type="application/json")


def checked(client: Client, body: Any) -> dict[str, Any]:
    """Checks by id, and the verdict under ``""``."""
    answer = post(client, CHECK, body)
    assert answer.status_code == 200, answer.content
    said = answer.json()
    return {"": said, **{one["id"]: one for one in said["checks"]}}


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def example(slug: str) -> dict[str, Any]:
    return dict(known()[slug].plan or {})


# -- The worked cases


def test_bourrou_holds(client: Client) -> None:
    found = checked(client, example("bourrou"))
    assert found[""]["holds"] is True
    assert found["own-share"]["verdict"] == "holds"
    assert "33,32" in found["own-share"]["sentence"]


def test_le_juch_misses_two_thousand(client: Client) -> None:
    found = checked(client, example("le-juch"))
    assert found[""]["holds"] is False
    assert plain(found[""]["headline"]) == (
        "Il manque 2 000 € : 27 300 € + 9 700 € = 37 000 € pour 39 000 €."
    )
    assert found["balance"]["gap"] == "2000.00"
    assert "26,22" in found["own-share"]["sentence"]


def test_lormes_is_exactly_at_twenty_percent(client: Client) -> None:
    found = checked(client, example("lormes"))
    assert found[""]["holds"] is True
    assert found["own-share"]["verdict"] == "holds"
    assert plain(found["own-share"]["sentence"]).startswith("La collectivité garde 20 %")


def test_kourou_is_out_of_the_own_share(client: Client) -> None:
    found = checked(client, example("kourou"))
    assert found["own-share"]["verdict"] == "out"
    assert found["state-aid"]["verdict"] == "unknown"
    assert found["balance"]["gap"] == "178000.00"


def test_muttersholtz_has_twenty_five_thousand_too_much(client: Client) -> None:
    assert checked(client, example("muttersholtz"))["balance"]["gap"] == "25000.00"


@pytest.mark.parametrize("slug", [slug for slug, one in known().items() if one.plan])
def test_every_experience_of_the_guide_is_answered(client: Client, slug: str) -> None:
    found = checked(client, example(slug))
    assert found[""]["headline"]
    assert post(client, BEST, example(slug)).status_code == 200


def test_each_check_comes_with_its_law(client: Client) -> None:
    for check in checked(client, example("bourrou"))[""]["checks"]:
        assert check["sentence"]
        assert check["rule"]["title"]
        assert check["rule"]["reference"]
        assert check["rule"]["source"]
        assert isinstance(check["rule"]["confirmed"], bool)


def test_le_juch_could_have_asked_for_seventy_percent(client: Client) -> None:
    asked = example("le-juch")
    asked["resources"] = [{"label": "Région", "fund": "region", "rate": "0.7"}]
    best = post(client, BEST, asked).json()["plans"][0]
    assert best["own"] == "11700.00"
    assert [one["amount"] for one in best["resources"]] == ["27300.00", "11700.00"]
    assert best["limits"][0]["sentence"]


def test_the_examples_of_the_contract_work(client: Client) -> None:
    """Those that the documentation shows; each plan found passes the check."""
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    for address in (CHECK, BEST):
        body = paths[address]["post"]["requestBody"]["content"]["application/json"]
        assert set(body["examples"]) == {
            "bourrou", "le-juch", "lormes", "kourou", "muttersholtz", "sud-lozere",
        }  # fmt: skip
        for one in body["examples"].values():
            answer = post(client, address, one["value"])
            assert answer.status_code == 200
            for plan in answer.json().get("plans", []):
                again = {**one["value"], "resources": plan["resources"]}
                assert checked(client, again)[""]["holds"], again


def test_an_aid_without_a_rate_is_a_question(client: Client) -> None:
    asked = {"costs": [{"net": "1000"}], "resources": [{"label": "LEADER", "fund": "leader"}]}
    found = post(client, BEST, asked).json()
    assert [(one["label"], one["question"]) for one in found["set_aside"]] == [("LEADER", True)]
    assert found["plans"][0]["own"] == "1000.00"


def test_a_conflict_says_the_rule_and_the_nearest_plan(client: Client) -> None:
    asked = {"costs": [{"net": "1000"}], "own_most": "100",
             "resources": [{"fund": "region", "rate": "0.9"}]}  # fmt: skip
    conflict = post(client, BEST, asked).json()["conflict"]
    assert conflict["enough"] == [["own-share"]]
    assert conflict["rules"][0]["reference"]
    assert conflict["nearest"]["own"] == "200.00"


def test_aids_of_the_catalogue_may_be_added(client: Client) -> None:
    slug = Offer.objects.published().filter(kind="funding", slug__startswith="detr").first().slug
    asked = {"costs": [{"net": "1000"}], "offers": [slug]}
    found = post(client, BEST, asked).json()
    named = {one["id"] for plan in found["plans"] for one in plan["resources"]}
    assert slug in named | {one["id"] for one in found["set_aside"]}


# -- What it leaves, what it costs


def test_no_account_no_token_no_cookie_no_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    strict = Client(enforce_csrf_checks=True)
    for address in (CHECK, BEST):
        with django_assert_num_queries(0):
            answer = post(strict, address, example("bourrou"))
        assert answer.status_code == 200
        assert not answer.cookies


def test_only_sending_is_offered(client: Client) -> None:
    for address in (CHECK, BEST):
        refused = client.get(address)
        assert (refused.status_code, refused["Allow"]) == (405, "POST")
        assert refused.json() == {"detail": "Cette adresse répond à POST."}
        unknown = post(client, f"{address}?tri=nom", {})
        assert unknown.status_code == 422
        assert "Paramètre inconnu" in unknown.json()["detail"]


@pytest.mark.parametrize("body", [
    '{"offers": ["\\ud800"]}', '{"\\ud800": 1}', '{"costs": [{"label": "\\ud800", "net": "1"}]}',
    '{"bearer": {"\\udfff": 1}}', '{"resources": [{"fund": "\\ud800"}]}',
])  # fmt: skip
def test_half_characters_are_answered_as_any_text(client: Client, body: str) -> None:
    for address in (CHECK, BEST):
        answer = client.post(address, body, content_type="application/json")
        assert answer.status_code in (200, 422)
        answer.json()


def test_an_empty_plan_is_not_said_to_hold(client: Client) -> None:
    found = post(client, CHECK, {}).json()
    assert found["holds"] is False
    assert found["unknown"]


# -- Refusals


@pytest.mark.parametrize(
    ("body", "place", "words"),
    [
        ([], "plan", "un objet est attendu"),
        ({"costs": {}}, "costs", "une liste"),
        ({"bearer": []}, "bearer", "un objet"),
        ({"costs": [{"net": "douze"}]}, "costs[1]", "nombre positif"),
        ({"costs": [{"net": "1"}, {"net": "-1"}]}, "costs[2]", "nombre positif"),
        ({"costs": [{"net": "1.234"}]}, "costs[1]", "deux chiffres"),
        ({"costs": [{"net": "1"}] * 201}, "costs", "200 lignes au plus"),
        ({"resources": [{"fund": "loterie"}]}, "resources[1]", "au choix : own, loan"),
        ({"resources": [{"lines": ["x"]}]}, "resources[1]", "n'existe pas"),
        ({"resources": [{"rate": "40"}]}, "resources[1]", "0.4 pour 40 %"),
        ({"ressources": []}, "plan", "« resources »"),
        ({"costs": [{"montant": "1"}]}, "costs[1]", "n'est pas connu"),
        ({"date": "hier"}, "date", "2026-11-21"),
        ({"economic": "oui"}, "economic", "true, false"),
        ({"bearer": {"kind": "roi"}}, "bearer.kind", "au choix : commune"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("address", [CHECK, BEST])
def test_refusals_say_where_and_what(
    client: Client, address: str, body: Any, place: str, words: str
) -> None:
    answer = post(client, address, json.dumps(body))
    assert answer.status_code == 422
    said = answer.json()
    assert [one["place"] for one in said["problems"]] == [place]
    assert words in said["problems"][0]["said"]
    assert words in said["detail"]


def test_everything_that_is_wrong_is_said_at_once(client: Client) -> None:
    body = {"costs": [{"net": "x", "spending": "y"}], "resources": [{"fund": "z"}]}
    said = post(client, CHECK, body).json()["problems"]
    assert [one["place"] for one in said] == ["costs[1]", "costs[1]", "resources[1]"]


@pytest.mark.parametrize(
    ("offers", "words"),
    [("x", "une liste"), ([1], "une liste"), (["licorne"], "licorne"), (["x"] * 41, "40 aides")],
)
def test_offers_that_are_not_known(client: Client, offers: Any, words: str) -> None:
    answer = post(client, BEST, {"costs": [{"net": "1"}], "offers": offers})
    assert answer.status_code == 422
    assert words in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"\xff", 400), (b"[" * 100_000, 400), (b"{", 400), (b"", 422), (b" " * 2_100_000, 413)],
)
def test_what_is_not_json(client: Client, body: bytes, status: int) -> None:
    answer = post(client, CHECK, body)
    assert answer.status_code == status
    assert answer.json()["detail"]


# -- Whatever is sent

codes = st.sampled_from(
    [*Fund, *Status, *Spending, *Nature, *BearerKind, "", "x", "973", "2A", "fctva", "x|y"]
)
numbers = st.one_of(
    st.integers(-1, 10**13), st.floats(), st.booleans(), st.none(),
    st.decimals(0, 10**6, places=2).map(str), st.sampled_from(["0", "0.5", "1", "1e-99", "1e99"]),
)  # fmt: skip
values = st.one_of(
    codes, numbers, st.text(max_size=8), st.sampled_from(["2026-01-01", "0001-01-01"]),
    st.lists(st.sampled_from(["c1", "c2", "x", 3]), max_size=3),
)  # fmt: skip


def objects(*names: str) -> st.SearchStrategy[Any]:
    return st.dictionaries(st.sampled_from(names), values, max_size=8)


costs = objects("id", "label", "net", "gross", "spending", "nature", "year", "signed_on")
resources = objects(
    "id", "label", "fund", "amount", "status", "scheme", "lines", "letter", "filed_on",
    "received_on", "granted", "closes", "rate", "cap", "floor", "flat", "chance", "days", "offer",
)  # fmt: skip
bearers = objects("kind", "department", "population_dgf", "wealth", "recovers_vat", "block",
                  "centre", "density")  # fmt: skip
bodies = st.one_of(
    st.recursive(values, lambda inner: st.lists(inner, max_size=3), max_leaves=5),
    st.fixed_dictionaries({}, optional={
        "date": values, "in_net": values, "economic": values, "own_most": numbers,
        "total": numbers, "bearer": st.one_of(values, bearers), "offers": values,
        "costs": st.one_of(values, st.lists(costs, max_size=4)),
        "resources": st.one_of(values, st.lists(resources, max_size=5)),
    }),
)  # fmt: skip
# Plans that can be read: the same, each value of its kind.
money = st.integers(0, 10**7).map(lambda n: str(Decimal(n) / 100))
shares = st.integers(0, 100).map(lambda n: str(Decimal(n) / 100))
flags = st.sampled_from([True, False, None])
days = st.sampled_from([None, "2020-01-01", "2026-11-21", "2030-06-01"])
readable = st.fixed_dictionaries({
    "costs": st.lists(st.fixed_dictionaries({
        "net": money, "spending": st.sampled_from(list(Spending)),
        "nature": st.sampled_from(list(Nature)), "signed_on": days,
    }, optional={"gross": money}), max_size=3),
    "resources": st.lists(st.fixed_dictionaries({
        "fund": st.sampled_from(list(Fund)), "amount": money,
        "status": st.sampled_from(list(Status)), "received_on": days,
    }, optional={
        "rate": shares, "cap": money, "floor": money, "flat": money, "granted": money,
        "chance": shares, "days": st.integers(0, 2_000), "closes": days,
        "label": st.sampled_from(["FCTVA", "Aide", "🎉", "<b>"]),
        "scheme": st.sampled_from(["", "a", "fctva"]),
    }), max_size=5),
    "bearer": st.fixed_dictionaries({"kind": st.sampled_from(list(BearerKind))}, optional={
        "department": st.sampled_from(["24", "973"]), "recovers_vat": flags,
        "population_dgf": st.integers(0, 10**6), "wealth": shares,
    }),
}, optional={"date": days, "in_net": st.booleans(), "economic": flags, "own_most": money,
             "total": money})  # fmt: skip
patient = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@patient
@given(body=bodies)
def test_whatever_is_sent_is_answered(client: Client, body: Any) -> None:
    for address in (CHECK, BEST):
        answer = post(client, address, json.dumps(body))
        assert answer.status_code in (200, 422), (body, answer.content)
        json.loads(answer.content)


@patient
@given(body=readable)
def test_every_plan_found_passes_the_check(client: Client, body: Any) -> None:
    assert post(client, CHECK, body).status_code == 200
    answer = post(client, BEST, body)
    assert answer.status_code == 200, (body, answer.content)
    found = answer.json()
    for plan in found["plans"]:
        assert not [one for one in plan["checks"] if one["verdict"] == "fails"]
        assert sum(Decimal(one["amount"]) for one in plan["resources"]) == Decimal(found["cost"])
    assert found["plans"] or found["conflict"] or not Decimal(found["cost"])
