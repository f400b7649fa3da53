"""The rates of VAT: dated data by place; net and gross to the cent."""

from datetime import date
from decimal import Decimal

import pytest

from maillage.engine.funding.rules import Law
from maillage.funding import vat
from maillage.funding.forms.vat import choices
from maillage.funding.numbers import NUMBERS, labels, numbers_of
from tests.funding.factories import LAW, RULES

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)
D = Decimal


@pytest.mark.parametrize(
    ("department", "offered"),
    [
        ("24", ("20", "10", "5.5", "2.1", "0")),
        ("", ("20", "10", "5.5", "2.1", "0")),
        ("2A", ("20", "13", "10", "5.5", "2.1", "0.9", "0")),
        ("974", ("8.5", "2.1", "1.75", "1.05", "0")),
        ("973", ("0",)),
        ("976", ("0",)),
    ],
)
def test_the_rates_of_a_place(department: str, offered: tuple[str, ...]) -> None:
    here = vat.usual(department, TODAY)
    assert here.offered == offered
    assert here.rate == offered[0]


def test_the_rates_are_those_of_the_day() -> None:
    assert vat.usual("24", date(2013, 12, 31)).offered == ("19.6", "7", "5.5", "2.1", "0")
    assert vat.usual("24", date(2014, 1, 1)).rate == "20"
    before = vat.usual("24", date(2005, 1, 1))
    assert (before.rate, before.offered) == (vat.OTHER, ())
    assert "aucun taux" in before.said
    # Nothing is known of that day: nothing is odd.
    assert not before.is_odd("20.6")


def test_corsica_says_the_rate_of_works() -> None:
    assert "10\u00a0% pour des travaux" in vat.usual("2B", TODAY).said
    assert "travaux" not in vat.usual("24", TODAY).said


def test_what_was_not_read_in_a_text_is_said() -> None:
    assert "à confirmer" in vat.usual("973", TODAY).said
    assert "à confirmer" not in vat.usual("971", TODAY).said


@pytest.mark.parametrize(
    ("department", "rate", "odd"),
    [
        ("24", "20", False), ("24", "8.5", True), ("24", "19.6", True), ("24", "0", False),
        ("24", vat.OTHER, False), ("2A", "13", False), ("24", "13", True), ("974", "20", True),
        ("974", "2.1", False), ("973", "20", True), ("973", "0", False),
    ],
)  # fmt: skip
def test_a_rate_of_elsewhere_is_odd(department: str, rate: str, odd: bool) -> None:
    assert vat.usual(department, TODAY).is_odd(rate) is odd


def test_the_list_of_a_line_has_its_own_rate_and_the_way_out() -> None:
    here = vat.usual("974", TODAY)
    assert choices("8.5", here)[0] == ("8.5", "8,5 %")
    assert choices("20", here)[0] == ("20", "20 %")
    for rate in ("8.5", "20", vat.OTHER):
        found = [value for value, _ in choices(rate, here)]
        assert rate in found
        assert found[-1] == vat.OTHER
        assert len(found) == len(set(found))


def test_the_rate_that_two_amounts_show() -> None:
    mainland, overseas = vat.usual("24", TODAY), vat.usual("974", TODAY)
    assert mainland.rate_of(D(1000), D(1200)) == "20"
    assert mainland.rate_of(D(1000), D(1055)) == "5.5"
    assert mainland.rate_of(D(1000), D(1085)) == "8.5"
    assert overseas.rate_of(D(1000), D(1200)) == "20"
    assert mainland.rate_of(D(1000), D(1130)) == vat.OTHER
    assert mainland.rate_of(D(0), D(0)) == "20"
    assert mainland.too_high(D(1000), D(1300))
    assert not mainland.too_high(D(1000), D(1200))
    # In Guyane the plan of a supplier from the mainland is read all the same.
    assert vat.usual("973", TODAY).rate_of(D(1000), D(1200)) == "20"


def test_a_place_without_a_normal_rate_offers_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vat, "law_on", lambda day: Law(day, {}))
    here = vat.usual("24", TODAY)
    assert (here.rate, here.known) == (vat.OTHER, ())
    assert not here.too_high(D(100), D(100))


def test_every_territory_has_its_own_rates() -> None:
    places = [LAW.codes(one, "departments") for one in ("vat-corsica", "vat-overseas", "vat-none")]
    listed = [code for codes in places for code in codes]
    assert len(listed) == len(set(listed)) == 13


# -- The numbers of rules, in words


def test_every_number_of_every_rule_has_a_name_and_a_unit() -> None:
    used = {name: value for rule in RULES for name, value in rule.parameters.items()}
    assert used.keys() - labels().keys() == set(), f"à nommer dans {NUMBERS.name}"
    assert labels().keys() - used.keys() == set(), f"sans règle dans {NUMBERS.name}"
    for name, value in used.items():
        label = labels()[name]
        assert label.name
        listed = isinstance(value, tuple)
        assert listed == (label.unit in ("couples", "codes")), name
        # A number is told with its unit: nobody guesses what « 4 » is.
        assert label.unit, name


def test_numbers_are_told_with_their_units() -> None:
    said = {rule.id: dict(numbers_of(rule)) for rule in RULES if rule.valid_to is None}
    assert said["detr-life"]["Pour commencer"] == "2 ans"
    assert said["detr-communes"]["Petite commune, jusqu'à"] == "2\u202f000 habitants"
    assert said["detr-groups"]["Densité, à partir de"] == "150 habitants au km²"
    assert said["state-aid"]["Plafond de minimis"].endswith("€")
    assert said["vat-corsica"]["Travaux immobiliers"] == "10\u00a0%"
