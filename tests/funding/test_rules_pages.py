"""Rules for readers: those of a day, their law, their vintages; and a vintage by the staff."""

import html
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.common.models import DataVersion
from maillage.common.templatetags.maillage import lettres
from maillage.engine.funding.types import Rule
from maillage.funding.law import held, law_on, rules
from maillage.funding.models import RuleVintage
from maillage.funding.themes import THEMES, place_of, theme_of
from tests.desk.factories import make_user

pytestmark = pytest.mark.django_db
LIST, WRITE = "/financement/regles/", "/financement/regles/millesime/"


@pytest.fixture(autouse=True)
def fresh() -> None:
    held.forget()


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(make_user(Role.ADMINISTRATOR), settings.AUTHENTICATION_BACKENDS[0])
    return client


#: What these tests write begins next year, whenever they run: it is not the law of today.
FIRST = date(localdate().year + 1, 1, 1)
LATER = FIRST.replace(month=6)
VINTAGE: dict[str, Any] = {
    "title": "Participation minimale", "sentence": "Au moins 15 %.", "scope": "Collectivités",
    "valid_from": f"{FIRST}", "valid_to": "", "reference": "L1111-10", "source": "Légifrance",
    "state": "verified", "active": "on", "number-share": "0,15",
}  # fmt: skip


def test_the_list_says_each_rule_with_its_law(client: Client) -> None:
    page = html.unescape(client.get(LIST).content.decode())
    for word in ("Participation minimale", "L1111-10", "Vérifiée", "À confirmer", "au moins 20"):
        assert word in page
    # What is not law is apart, and said so.
    assert page.index("Ce qui n'est pas la loi") < page.index("abaissée à 5")


def test_search_by_words_and_by_day(client: Client) -> None:
    def titles(**query: str) -> set[str]:
        answer = client.get(LIST, query)
        return {rule.id for _, some in answer.context["sections"] for rule in some}

    assert titles(q="fonds de concours") == {"group-half"}
    assert titles(sujet="europe") == {"leader", "leader-quotes", "feder", "european-programmes"}
    assert titles(sujet="europe", q="devis") == {"leader-quotes"}
    assert titles(sujet="nulle-part") == titles()
    assert titles(q="devis comparables") == {"leader-quotes"}
    assert titles(q="devis comparables", le="2020-01-01") == set()
    assert titles(q="zzzz") == set()


def test_the_list_is_told_by_subject_and_no_rule_is_left_out(client: Client) -> None:
    assert {theme_of(rule) for rule in rules()} <= {code for code, _, _ in THEMES}
    shown: list[str] = []
    titles: list[str] = []
    for number in range(1, 9):
        answer = client.get(LIST, {"page": number})
        titles += [title for title, _ in answer.context["sections"]]
        shown += [rule.id for _, some in answer.context["sections"] for rule in some]
        if not answer.context["page"].has_next():
            break
    assert len(shown) == len(set(shown))
    assert set(shown) == set(law_on(localdate()).rules)
    assert [title for _, title, _ in THEMES] == list(dict.fromkeys(titles))


def test_a_rule_that_no_subject_names_is_among_the_others() -> None:
    assert theme_of(Rule("inconnue", "", "")) == "autres"
    assert theme_of(Rule("vat-ailleurs", "", "")) == "tva"
    assert place_of(Rule("inconnue", "", ""))[0] == len(THEMES)


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
    assert law_on(FIRST).number("own-share", "share") == Decimal("0.15")
    assert law_on(FIRST - timedelta(1)).number("own-share", "share") == Decimal("0.20")


def test_a_vintage_is_taken_away_after_a_question(staff: Client) -> None:
    staff.post(f"{WRITE}?regle=own-share", {**VINTAGE, "faire": "enregistrer"})
    row = RuleVintage.objects.get()
    address = f"{WRITE}?retirer={row.pk}"
    assert "Retirer ce millésime" in staff.get(address).content.decode()
    assert RuleVintage.objects.exists()
    staff.post(address)
    assert not RuleVintage.objects.exists()
    assert law_on(FIRST).number("own-share", "share") == Decimal("0.20")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"number-share": "vingt"}, "number-share"), ({"number-share": "200"}, "number-share"),
        ({"number-share": "1"}, "number-share"), ({"number-share": "0"}, "number-share"),
        ({"number-share": "1e-99999999"}, "number-share"), ({"number-share": "-1"}, "number-share"),
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


@pytest.mark.parametrize("typed", ["15 %", "15", "0,15", "15,0\u202f%"])
def test_a_share_is_typed_as_people_write_it(staff: Client, typed: str) -> None:
    data = {**VINTAGE, "number-share": typed, "faire": "enregistrer"}
    assert staff.post(f"{WRITE}?regle=own-share", data).status_code == 302
    assert law_on(FIRST).number("own-share", "share") == Decimal("0.15")
    shown = staff.get(f"{WRITE}?regle=own-share").content.decode()
    assert 'value="20\u00a0%"' in shown


def test_a_cap_may_be_the_whole_and_a_pair_has_two_sides(staff: Client) -> None:
    data = {**VINTAGE, "number-share": "100 %", "faire": "enregistrer"}
    assert staff.post(f"{WRITE}?regle=state-cap", data).status_code == 302
    data.pop("number-share")
    for typed, status in (("detr|", 422), ("detr", 422), ("detr|fnadt, dsil|a-b", 302)):
        answer = staff.post(f"{WRITE}?regle=pairs", {**data, "number-forbidden": typed})
        assert answer.status_code == status
    pairs = law_on(FIRST).pairs("pairs", "forbidden")
    assert pairs == (("detr", "fnadt"), ("dsil", "a-b"))


def test_the_last_vintage_of_a_day_is_the_law_and_is_what_the_next_changes(staff: Client) -> None:
    address = f"{WRITE}?regle=own-share"
    for share in ("0,30", "0,25"):
        staff.post(address, {**VINTAGE, "number-share": share, "faire": "enregistrer"})
    assert law_on(FIRST).number("own-share", "share") == Decimal("0.25")
    answer = staff.post(address, {**VINTAGE, "number-share": "10 %", "faire": "voir"})
    assert ("Nombres", "Part : 25\u00a0%", "Part : 10\u00a0%") in answer.context["changes"]
    assert answer.context["same_words"]
    assert "Les nombres changent, pas la phrase" in answer.content.decode()


def test_a_rule_is_ended_by_a_vintage_that_is_not_applied(staff: Client, client: Client) -> None:
    data = {k: v for k, v in VINTAGE.items() if k != "active"}
    assert (
        staff.post(f"{WRITE}?regle=own-share", {**data, "faire": "enregistrer"}).status_code == 302
    )
    assert "own-share" not in law_on(FIRST)
    assert "own-share" in law_on(FIRST - timedelta(1))
    body = {
        "date": f"{LATER}", "bearer": {"kind": "commune", "department": "24"},
        "costs": [{"net": "100"}], "resources": [{"fund": "region", "amount": "90"}],
    }  # fmt: skip
    for name in ("check", "best"):
        answer = client.post(f"/api/v1/plans/{name}", body, "application/json")
        assert answer.status_code == 200
        assert "own-share" not in answer.content.decode()
    assert client.get(LIST, {"le": f"{LATER}"}).status_code == 200


def test_lists_keep_their_type(staff: Client) -> None:
    data = {**VINTAGE, "number-departments": "971, 972", "faire": "enregistrer"}
    data.pop("number-share")
    assert staff.post(f"{WRITE}?regle=own-share-overseas", data).status_code == 302
    assert law_on(LATER).codes("own-share-overseas", "departments") == ("971", "972")


def test_without_a_rule_one_is_chosen(staff: Client) -> None:
    assert "regle=own-share" in staff.get(WRITE).content.decode()


def test_only_administrators_write(client: Client) -> None:
    client.force_login(make_user(Role.AGENT), settings.AUTHENTICATION_BACKENDS[0])
    answer = client.post(f"{WRITE}?regle=own-share", {**VINTAGE, "faire": "enregistrer"})
    assert answer.status_code == 403
    assert not RuleVintage.objects.exists()


def test_after_a_new_vintage_the_former_one_says_its_last_day(staff: Client) -> None:
    staff.post(f"{WRITE}?regle=own-share", {**VINTAGE, "faire": "enregistrer"})
    page = html.unescape(staff.get(f"{LIST}own-share/").content.decode())
    eve = FIRST - timedelta(days=1)
    assert f"Du 1er janvier 2012 au {lettres(eve)} <span" in page
    assert f"À partir du {lettres(FIRST)}</h2>" in page
    assert page.count("en vigueur aujourd'hui") == 1
    assert page.index("À partir du") < page.index("Du 1er janvier 2012")


def test_a_card_says_since_when_its_rule_holds(client: Client) -> None:
    asked = client.get(LIST, {"q": "participation minimale du maître"})
    page = html.unescape(asked.content.decode())
    assert "en vigueur : depuis le 1er janvier 2012" in page
    unknown = html.unescape(client.get(LIST, {"q": "deux fois pour la même"}).content.decode())
    assert "en vigueur : date de début non connue" in unknown


def test_the_verdict_and_each_card_say_whose_law_it_is(client: Client) -> None:
    data = {
        "p-date": "2026-11-21", "p-in_net": "ht", "b-kind": "commune", "b-department": "24",
        "c0-id": "c1", "c0-label": "Travaux", "c0-net": "100000", "c0-vat": "20",
        "r0-id": "r1", "r0-label": "Commune", "r0-fund": "own", "r0-amount": "20000",
        "r1-id": "r2", "r1-label": "Région", "r1-fund": "region", "r1-amount": "80000",
    }  # fmt: skip
    page = html.unescape(client.post("/financement/verifier/", data).content.decode())
    assert "Droit du 21 novembre 2026 : les règles sont celles de ce jour-là." in page
    shown = " ".join(page.split())
    assert "Droit du 21 novembre 2026 ; règle en vigueur : depuis le 1er janvier 2012." in shown
    assert "Droit du 21 novembre 2026 ; règle en vigueur : date de début non connue." in shown
