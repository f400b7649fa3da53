"""A plan as a document: read, kept, read again; what is wrong is said with its place."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.common.readings import NotAnAmount, cents_of
from maillage.engine.funding.types import Fund, Status
from maillage.funding.document import BadDocument, PlanDocument, Source, read
from tests.funding.factories import COMMUNE, DAY, line

money = st.decimals(0, 10**9, places=2, allow_nan=False)
maybe_money = st.one_of(st.none(), money)
days = st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
shares = st.one_of(st.none(), st.decimals(0, 1, places=4, allow_nan=False))
labels = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=30)
sources = st.builds(
    Source, id=labels, label=labels, fund=st.sampled_from(Fund), amount=money,
    status=st.sampled_from(Status), letter=st.booleans(), filed_on=days, received_on=days,
    granted=maybe_money, paid=maybe_money, rate=shares, cap=maybe_money, chance=shares,
    days=st.one_of(st.none(), st.integers(0, 4000)),
)  # fmt: skip


@given(st.lists(sources, max_size=5, unique_by=lambda s: s.id), maybe_money, st.booleans())
def test_what_is_kept_is_read_again(found: list[Source], own: Decimal | None, in_net: bool) -> None:
    made = PlanDocument(
        DAY, COMMUNE, (line("100.50", "Toit", year=2027),), tuple(found), in_net, None, own
    )
    assert read(made.as_json(), date(1999, 1, 1)) == made


def test_an_empty_document_has_its_defaults() -> None:
    assert read({}, DAY) == PlanDocument(DAY)


@pytest.mark.parametrize(
    ("data", "place", "said"),
    [
        ([], "plan", "un objet"),
        ({"costs": "beaucoup"}, "costs", "une liste"),
        ({"costs": [{"net": "cher"}]}, "costs[1]", "nombre positif"),
        ({"costs": [{"net": "-1"}]}, "costs[1]", "nombre positif"),
        ({"costs": [{"net": "1e400"}]}, "costs[1]", "trop grand"),
        ({"costs": [{"net": "NaN"}]}, "costs[1]", "nombre positif"),
        ({"costs": [{"net": "1_000"}]}, "costs[1]", "nombre positif"),
        ({"costs": [{"net": "\u0661\u0662"}]}, "costs[1]", "nombre positif"),
        ({"costs": [{"net": "1e-40"}]}, "costs[1]", "nombre positif"),
        ({"bearer": {"wealth": "1e999999999"}}, "bearer.wealth", "trop grand"),
        ({"bearer": {"density": 1e300}}, "bearer.density", "trop grand"),
        ({"costs": [{"label": {"a": 1}}]}, "costs[1]", "un texte"),
        ({"format": "autre", "totals": {}}, "plan", "reconnu"),
        ({"costs": [{"net": "1.001"}]}, "costs[1]", "deux chiffres"),
        ({"costs": [{"year": 1815}]}, "costs[1]", "1815"),
        ({"costs": [{"id": "a"}, {"id": "a"}]}, "costs", "même identifiant"),
        ({"resources": [{"fund": "magot"}]}, "resources[1]", "au choix : own, loan"),
        ({"resources": [{"rate": "40"}]}, "resources[1]", "part de 1"),
        ({"resources": [{"lines": ["z"]}]}, "resources[1]", "n'existe pas"),
        ({"resources": [{"filed_on": "hier"}]}, "resources[1]", "une date"),
        ({"resources": [{}] * 201}, "resources", "200 lignes"),
        ({"bearer": {"kind": "roi"}}, "bearer.kind", "au choix"),
        ({"own_most": True}, "own_most", "nombre"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(data: Any, place: str, said: str) -> None:
    with pytest.raises(BadDocument) as refused:
        read(data, DAY)
    assert any(where == place and said in words for where, words in refused.value.problems)


@given(st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inside: st.one_of(
        st.lists(inside, max_size=3),
        st.dictionaries(st.sampled_from(
            ["costs", "resources", "bearer", "net", "id", "lines", "fund", "date", "notes"]),
            inside, max_size=4),
    ), max_leaves=12,
))  # fmt: skip
def test_whatever_comes_is_read_or_refused(data: Any) -> None:
    try:
        found: PlanDocument | None = read(data, DAY)
    except BadDocument:
        found = None
    assert found is None or isinstance(found.date, date)


def test_what_was_granted_counts_rather_than_what_was_asked() -> None:
    one = Source("r1", "Région", Fund.REGION, Decimal(100))
    assert one.resource().amount == 100
    granted = replace(one, status=Status.GRANTED, granted=Decimal(80))
    assert granted.resource().amount == 80
    assert granted.candidate().granted == 80
    assert one.candidate().granted is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("27 300", "27300"), ("27\u202f300,50 €", "27300.50"), ("1.200", "1200"),
        ("1.200,5", "1200.50"), ("12.5", "12.50"), ("301000", "301000"), ("0", "0"),
        ("3 000 € HT", "3000"), ("1.234.567,89", "1234567.89"), ("1'200", "1200"),
    ],
)  # fmt: skip
def test_amounts_as_people_write_them(text: str, amount: str) -> None:
    assert cents_of(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["", "cher", "-5", "1,2,3", "1.2.3", "12,345", "9" * 14, "1e9"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(NotAnAmount):
        cents_of(text)


@given(money)
def test_an_amount_printed_in_french_is_read_again(amount: Decimal) -> None:
    whole, _, cents = f"{amount:,.2f}".partition(".")
    assert cents_of(f"{whole.replace(',', ' ')},{cents} €") == amount


def test_a_zero_with_fifty_million_decimals_is_zero() -> None:
    found = read({"bearer": {"wealth": "0e-50000000"}}, DAY)
    assert len(json.dumps(found.as_json())) < 1_000


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\x00"])
def test_half_a_character_is_never_kept(text: str) -> None:
    line = {"id": text, "label": text, "note": text, "scheme": text, "offer": text}
    found = read({
        "bearer": {"name": text, "department": text},
        "costs": [{"id": "c1", "label": text}], "resources": [line], "notes": {text: text},
    }, DAY)  # fmt: skip
    assert json.dumps(found.as_json(), ensure_ascii=False).encode()
    with pytest.raises(BadDocument) as refused:
        read({"resources": [{"fund": text, "status": text, "lines": [text]}]}, DAY)
    assert str(refused.value).encode()


@pytest.mark.parametrize("offer", ["../x", 'a"b', "a b", "x" * 201])
def test_what_is_no_entry_of_the_catalogue_is_left_aside(offer: str) -> None:
    found = read({"resources": [{"offer": offer[:200]}]}, DAY)
    assert found.resources[0].offer in ("", "x" * 200)
