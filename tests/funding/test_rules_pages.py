"""Rules for readers: those of a day, their law, their vintages; and a vintage by the staff."""

import html
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from maillage.accounts.enums import Role
from maillage.common.models import DataVersion
from maillage.funding.law import held, law_on
from maillage.funding.models import RuleVintage
from tests.desk.factories import make_user

pytestmark = pytest.mark.django_db
LIST, WRITE = "/financement/regles/", "/financement/regles/millesime/"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    held.forget()
    yield
    held.forget()


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_user(Role.ADMINISTRATOR), settings.AUTHENTICATION_BACKENDS[0])
    return client


VINTAGE: dict[str, Any] = {
    "title": "Participation minimale", "sentence": "Au moins 15 %.", "scope": "Collectivités",
    "valid_from": "2027-01-01", "valid_to": "", "reference": "L1111-10", "source": "Légifrance",
    "state": "verified", "active": "on", "number-share": "0,15",
}  # fmt: skip


def test_the_list_says_each_rule_with_its_law(client: Client) -> None:
    page = html.unescape(client.get(LIST).content.decode())
    for word in ("Participation minimale", "L1111-10", "Vérifiée", "À confirmer", "Part : 20"):
        assert word in page
    # What is not law is apart, and said so.
    assert page.index("Ce qui n'est pas la loi") < page.index("abaissée à 5")


def test_search_by_words_and_by_day(client: Client) -> None:
    def titles(**query: str) -> set[str]:
        answer = client.get(LIST, query)
        return {rule.id for rule, _ in answer.context["lines"]}

    assert titles(q="fonds de concours") == {"group-half"}
    assert "leader" in titles()
    assert "leader" not in titles(le="2020-01-01")
    assert titles(q="zzzz") == set()


def test_a_day_that_cannot_be_read_is_said(client: Client) -> None:
    answer = client.get(LIST, {"le": "jamais"})
    assert answer.status_code == 422
    assert 'value="jamais"' in answer.content.decode()


@pytest.mark.parametrize("kind", ["csv", "ods", "xlsx"])
def test_the_list_is_exported(client: Client, kind: str) -> None:
    answer = client.get(LIST, {"export": kind})
    assert answer.status_code == 200
    assert f".{kind}" in answer["Content-Disposition"]


def test_a_rule_has_a_page_and_others_are_not_found(client: Client) -> None:
    assert "L1111-10" in client.get(f"{LIST}own-share/").content.decode()
    assert client.get(f"{LIST}nulle-part/").status_code == 404
    assert "pas en vigueur" in client.get(f"{LIST}own-share-small/").content.decode()


def test_pages_ask_nothing_of_the_database(client: Client) -> None:
    client.get(LIST)
    with CaptureQueriesContext(connection) as seen:
        client.get(LIST)
        client.get(f"{LIST}own-share/")
    assert [q for q in seen.captured_queries if "dataversion" not in q["sql"].lower()] == []


# -- A vintage


def test_a_vintage_is_seen_then_saved_and_is_the_law_of_its_days(staff: Client) -> None:
    address = f"{WRITE}?regle=own-share"
    answer = staff.post(address, {**VINTAGE, "faire": "voir"})
    assert answer.status_code == 200
    assert "Ce qui changera" in answer.content.decode()
    assert ("Nombres", "Part : 20\u00a0%", "Part : 15\u00a0%") in answer.context["changes"]
    assert not RuleVintage.objects.exists()
    before = DataVersion.objects.number("rules")
    answer = staff.post(address, {**VINTAGE, "faire": "enregistrer"})
    assert answer.status_code == 302
    assert DataVersion.objects.number("rules") == before + 1
    assert RuleVintage.objects.get().written_by is not None
    assert law_on(date(2027, 1, 1)).number("own-share", "share") == Decimal("0.15")
    assert law_on(date(2026, 12, 31)).number("own-share", "share") == Decimal("0.20")


def test_a_vintage_is_taken_away_after_a_question(staff: Client) -> None:
    staff.post(f"{WRITE}?regle=own-share", {**VINTAGE, "faire": "enregistrer"})
    row = RuleVintage.objects.get()
    address = f"{WRITE}?retirer={row.pk}"
    assert "Retirer ce millésime" in staff.get(address).content.decode()
    assert RuleVintage.objects.exists()
    staff.post(address)
    assert not RuleVintage.objects.exists()
    assert law_on(date(2027, 1, 1)).number("own-share", "share") == Decimal("0.20")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"number-share": "vingt"}, "number-share"), ({"number-share": "20"}, "number-share"),
        ({"number-share": ""}, "number-share"), ({"valid_from": ""}, "valid_from"),
        ({"valid_to": "2026-01-01"}, "valid_to"), ({"title": ""}, "title"),
        ({"source": ""}, "source"), ({"state": "sûre"}, "state"), ({"number-share": "NaN"},
         "number-share"),
    ],
)  # fmt: skip
def test_a_wrong_vintage_is_refused_and_kept(
    staff: Client, changed: dict[str, str], field: str
) -> None:
    answer = staff.post(f"{WRITE}?regle=own-share", {**VINTAGE, **changed, "faire": "enregistrer"})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not RuleVintage.objects.exists()


def test_lists_keep_their_type(staff: Client) -> None:
    data = {**VINTAGE, "number-departments": "971, 972", "faire": "enregistrer"}
    data.pop("number-share")
    assert staff.post(f"{WRITE}?regle=own-share-overseas", data).status_code == 302
    assert law_on(date(2027, 6, 1)).codes("own-share-overseas", "departments") == ("971", "972")


def test_without_a_rule_one_is_chosen(staff: Client) -> None:
    assert "regle=own-share" in staff.get(WRITE).content.decode()


def test_only_administrators_write(client: Client) -> None:
    client.force_login(make_user(Role.AGENT), settings.AUTHENTICATION_BACKENDS[0])
    answer = client.post(f"{WRITE}?regle=own-share", {**VINTAGE, "faire": "enregistrer"})
    assert answer.status_code == 403
    assert not RuleVintage.objects.exists()
