"""Amounts and days as people type them: the same habits for every form."""

from datetime import date
from decimal import Decimal

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

from maillage.common.forms import Day, euros_of
from maillage.common.readings import NotADay, NotAnAmount, amount_of, cents_of, day_of


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("27 300,50 €", "27300.50"), ("27\u202f300,50\u00a0€", "27300.50"), ("1.200,00", "1200"),
        ("1'200", "1200"), ("1 200.5", "1200.5"), ("12k", "12000"), ("12 k€", "12000"),
        ("1,5 M€", "1500000"), ("2 millions d'euros", "2000000"),
        ("environ 80 000 euros HT", "80000"),
        ("0", "0"), ("12 000 TTC", "12000"),
    ],
)  # fmt: skip
def test_an_amount_is_read_alike_by_every_form(typed: str, amount: str) -> None:
    assert amount_of(typed) == cents_of(typed) == Decimal(amount)
    if Decimal(amount):
        assert euros_of(typed) == Decimal(amount)


@pytest.mark.parametrize(
    "typed", ["", "mille", "12 000 ou 15 000", "-500", "1 0000", "12,000,5", "1e5", "NaN", "٣"]
)
def test_what_is_no_single_amount_is_refused(typed: str) -> None:
    with pytest.raises(NotAnAmount):
        cents_of(typed)


@pytest.mark.parametrize("typed", ["1,234", "0.001"])
def test_a_plan_is_to_the_cent(typed: str) -> None:
    with pytest.raises(NotAnAmount, match="centime"):
        cents_of(typed)


@pytest.mark.parametrize(
    "typed",
    ["2027-04-03", "03/04/2027", "3/4/27", "3.4.2027", "03-04-2027", "3 avril 2027",
     "le 3 avril 2027", " 3 / 4 / 2027".replace(" / ", "/")],
)  # fmt: skip
def test_a_day_is_read_alike_by_every_form(typed: str) -> None:
    assert day_of(typed) == Day().clean(typed) == date(2027, 4, 3)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("31/02/2027", "« 31/02/2027 » n'existe pas"), ("hier", "« hier » n'est pas une date"),
        ("03/04/1027", "l'année"), ("3 avrul 2027", "n'est pas une date"), ("", "pas une date"),
    ],
)  # fmt: skip
def test_a_wrong_day_is_named(typed: str, said: str) -> None:
    with pytest.raises(NotADay, match=said):
        day_of(typed)
    if typed:
        with pytest.raises(forms.ValidationError, match=said):
            Day().clean(typed)


@given(st.text(max_size=40))
def test_whatever_is_typed_is_read_or_refused_in_words(text: str) -> None:
    try:
        assert amount_of(text) >= 0
    except ValueError:
        with pytest.raises(NotAnAmount):
            cents_of(text)
    try:
        assert 1900 <= day_of(text).year <= 2100
    except NotADay:
        with pytest.raises(NotADay, match=r"date|existe|année"):
            day_of(text)
