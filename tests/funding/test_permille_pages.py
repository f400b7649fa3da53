"""The pages of the study: what they say, what they refuse, that they keep nothing."""

import csv
import html
import io
import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.http import QueryDict
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from maillage.common.held import forget_all
from maillage.engine.funding.permille import study
from maillage.funding.forms.permille import FundForm
from maillage.funding.permille import holdings
from maillage.funding.sharing import body, body_rows, cents_by_head

pytestmark = pytest.mark.django_db
HOME = "/financement/un-pour-mille/"
BODIES = f"{HOME}collectivites/"
#: All the fields that the form sends, at their default.
SENT: dict[str, Any] = {
    "verse": ["commune", "epci", "departement", "region"], "taux": "1", "minimum": "",
    "plafond": "", "recoit": "3500", "seuil": "500", "population": "75", "rural": "0",
    "petites": "25", "richesse": "0", "lieu": "", "commune": "",
}  # fmt: skip


def page(client: Client, address: str = HOME, status: int = 200, **data: Any) -> str:
    answer = client.get(address, data)
    assert answer.status_code == status
    return re.sub(r"[\u202f\u00a0\s]+", " ", answer.content.decode().replace("&nbsp;", " "))


def rows(client: Client, address: str = HOME, **data: Any) -> list[dict[str, str]]:
    answer = client.get(address, {**data, "export": "csv"})
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def cents(text: str) -> int:
    return round(float(text.removeprefix("'").replace(",", ".")) * 100)


def test_it_says_that_it_is_a_study_with_invented_amounts(client: Client) -> None:
    for address in (HOME, BODIES):
        text = page(client, address)
        assert "Étude, pas un dispositif" in text
        assert "Montants inventés" in text
    assert "rapport n° 693, 2023-2024" in page(client)


def test_the_default_choices_are_those_that_the_form_sends(client: Client) -> None:
    def result(text: str) -> str:
        return text[text.index('class="pm-result"') : text.index('id="territoires"')]

    def clean(text: str) -> str:
        return re.sub(r'href="[^"]*"', "", result(text))

    assert clean(page(client)) == clean(page(client, **SENT))


def test_a_key_without_effect_is_not_proposed_and_says_why(client: Client) -> None:
    text = page(client)
    assert "sans effet : aucune commune" not in text, "nothing that is proposed is without effect"
    assert "La grille de densité n'est pas chargée ici : cette clé serait sans effet." in (
        html.unescape(text)
    )
    asked = page(client, **{**SENT, "rural": "25"})
    assert "La clé « Ruralité » est sans effet" in asked, "one may ask for it: it is said"


def test_with_the_grid_the_three_keys_are_proposed() -> None:
    sent = FundForm.read(QueryDict(), [], graded=True)
    assert [sent.data[key] for key in ("population", "rural", "petites")] == ["50", "25", "25"]
    assert "niveaux 5, 6 et 7" in sent.fields["rural"].help_text


def test_the_file_of_all_the_bodies_says_what_their_page_says(client: Client) -> None:
    held = next(iter(holdings().values()))
    terms = FundForm.read(QueryDict(), [], graded=held.graded)
    assert terms.is_valid()
    shared = study(held.bodies, terms.terms())
    places = [0, 7, 20_000, len(held.bodies) - 1]
    for place, row in zip(places, body_rows(held, shared, places), strict=True):
        one = body(held, shared, place)
        head = None if one.by_head is None else float(one.by_head)
        assert row == (
            one.kind, one.code, one.name, one.population, float(one.spending), float(one.pays),
            float(one.receives), float(one.balance), head,
        )  # fmt: skip


def test_a_half_cent_by_head_goes_to_the_even_one() -> None:
    assert [cents_by_head(cents, 2) for cents in (-5, -3, -1, 1, 3, 5)] == [-2, -2, 0, 0, 2, 2]


@given(st.integers(-(10**12), 10**12), st.integers(1, 10**7))
def test_cents_by_head_are_those_of_exact_decimals(amount: int, people: int) -> None:
    assert Decimal(cents_by_head(amount, people)) / 100 == round(Decimal(amount) / 100 / people, 2)


@pytest.mark.parametrize("table", ["strates", "regions", "departements"])
def test_what_is_received_is_what_is_paid_in_every_table(client: Client, table: str) -> None:
    lines = rows(client, tableau=table)
    assert sum(cents(line["Solde (€)"]) for line in lines) == 0
    assert sum(int(line["Collectivités"]) for line in lines) >= 36_000
    paid = sum(cents(line["Verse (€)"]) for line in lines)
    assert paid == sum(cents(line["Reçoit (€)"]) for line in lines) > 10**9


def test_small_communes_gain_and_the_others_pay(client: Client) -> None:
    lines = rows(client, tableau="strates")
    gains = [cents(line["Solde (€)"]) > 0 for line in lines]
    assert gains == [True] * 5 + [False] * 6


def test_the_result_says_by_which_rules_for_a_printed_page(client: Client) -> None:
    text = page(client, **{**SENT, "taux": "0,5", "verse": ["region"], "recoit": ""})
    assert "0,5 ‰ de l&#x27;investissement ; versent : régions ; toutes les communes" in text


def test_half_the_rate_is_half_the_fund(client: Client) -> None:
    whole = sum(cents(line["Verse (€)"]) for line in rows(client, **SENT))
    half = sum(cents(line["Verse (€)"]) for line in rows(client, **{**SENT, "taux": "0,5"}))
    assert abs(whole - 2 * half) < 40_000, "each body is rounded to the cent"


def test_ones_own_commune(client: Client) -> None:
    text = page(client, lieu="Bourrou")
    assert "Bourrou (24)" in text
    assert "Elle verserait" in text
    assert "139 habitants" in text
    assert "Elle verserait" in page(client, commune="24061", lieu="Bourrou (24)")


def test_the_name_typed_wins_over_a_code_left_beside_it(client: Client) -> None:
    assert "Saint-Martin (32)</h2>" in page(client, commune="65392", lieu="Saint-Martin (32)")
    text = page(client, commune="24061", lieu="Bergerac")
    assert "Bergerac (24)</h2>" in text
    assert "Bourrou (24)</h2>" not in text


def test_several_communes_of_that_name_are_proposed(client: Client) -> None:
    text = page(client, lieu="saint-martin")
    assert "Plusieurs communes répondent à « saint-martin »" in text
    assert "Aucune commune ne répond" in page(client, lieu="zzzzzz")
    assert "ces comptes ne disent rien" in page(client, commune="99999")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"taux": "abc"}, "Taux : écrivez un nombre"),
        ({"taux": "0"}, "plus grand que zéro"),
        ({"taux": "50"}, "20 ‰ au plus"),
        ({"taux": "NaN"}, "Taux : écrivez un nombre"),
        ({"verse": []}, "Cochez au moins une sorte"),
        ({"verse": ["syndicat"]}, "n&#x27;est pas une sorte de collectivités"),
        ({"population": "101"}, "pas plus de 100"),
        ({"population": "-1"}, "pas moins de 0"),
        ({"recoit": "dix"}, "écrivez un nombre entier"),
        ({"minimum": "20", "plafond": "5"}, "plus petit que le minimum"),
        ({"seuil": ""}, "jusqu&#x27;à combien d&#x27;habitants"),
        ({"population": "", "rural": "", "petites": ""}, "partagé selon rien"),
        ({"population": "0", "rural": "25", "petites": "0"}, "le fonds n&#x27;irait à personne"),
        ({"exercice": "1999"}, "1999"),
    ],
)
def test_a_bad_choice_is_told_and_nothing_typed_is_lost(client: Client, change, said) -> None:
    text = page(client, status=422, **{**SENT, "plafond": "777777", **change})
    assert said in text
    (name, value), *_ = change.items()
    if name not in ("verse", "exercice") and value:
        assert f'value="{value}"' in text
    if "plafond" not in change:
        assert 'value="777777"' in text
    page(client, BODIES, status=422, **{**SENT, **change})


def test_each_body_searched_ordered_and_exported(client: Client) -> None:
    assert "Bourrou (24)" in page(client, BODIES, q="bourrou")
    assert "Bourrou (24)" in page(client, BODIES, q="24061")
    assert "Aucune collectivité ne répond" in page(client, BODIES, q="zzzz")
    lines = rows(client, BODIES, departement="24", nature="commune")
    assert len(lines) > 400
    assert all(line["Nature"] == "Commune" for line in lines)
    gains = [cents(line["Solde (€)"]) for line in lines]
    assert gains == sorted(gains, reverse=True)
    assert sum(cents(line["Solde (€)"]) for line in rows(client, BODIES)) == 0
    for kind in ("ods", "xlsx"):
        answer = client.get(BODIES, {"departement": "24", "nature": "epci", "export": kind})
        assert answer.status_code == 200
        assert answer.content.startswith(b"PK")
    assert client.get(BODIES, {"export": "exe"}).status_code == 404


def test_a_list_too_long_for_a_spreadsheet_is_refused_with_what_to_do(client: Client) -> None:
    assert "trop longue pour un classeur" in page(client, BODIES, status=422, export="ods")


def test_the_choices_go_from_one_page_to_the_other(client: Client) -> None:
    text = page(client, **{**SENT, "taux": "2,5"})
    assert "collectivites/?" in text
    assert "taux=2%2C5" in text
    assert '<input type="hidden" name="taux" value="2,5">' in page(
        client, BODIES, **{**SENT, "taux": "2,5"}
    )


def test_true_accounts_are_named_with_their_source(client: Client, fresh_memory, tmp_path) -> None:
    path = tmp_path / "comptes.csv"
    path.write_text("code;investissement\n24061;100000\n24037;5000000\n", encoding="utf-8")
    for year in (2023, 2024):
        call_command(
            "importer_comptes", str(path), exercice=year, source=f"OFGL {year}", ecrire=True,
            stdout=io.StringIO(),
        )  # fmt: skip
    forget_all()
    text = page(client)
    assert "Montants inventés" not in text
    assert "Source : OFGL 2024" in text
    assert "Source : OFGL 2023" in page(client, **{**SENT, "exercice": "2023"})
    assert "Un fonds de 5 100 € par an ;" in text


def test_switched_off_it_does_not_exist(client: Client, settings: Any) -> None:
    settings.MAILLAGE = {**settings.MAILLAGE, "STUDY_PERMILLE": False}
    for address in (HOME, BODIES):
        assert client.get(address).status_code == 404


def test_few_queries_and_light_pages(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get(HOME)
    for address in (HOME, f"{HOME}?par=departements&lieu=bourrou", BODIES):
        with django_assert_max_num_queries(2):
            answer = client.get(address)
        assert len(answer.content) < 150_000
