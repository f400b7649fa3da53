"""Dates of the dossiers, their iCalendar, and the cash flow as the page asks it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from icalendar import Calendar

from maillage.engine.funding.cashflow import Quarter, Terms, cash_flow
from maillage.engine.funding.types import Fund, Status
from maillage.funding import cash, dossiers
from maillage.funding.curve import curve_of
from maillage.funding.forms.cash import CashForm
from maillage.funding.law import law_on
from tests.funding.plans import document, make_plan, source

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 21)


def _dates(*resources, today=DAY):
    return dossiers.dates(document(*resources, day=DAY), today)


def test_the_deliberation_is_computed_back_from_the_last_day() -> None:
    found = _dates(source("concours", Fund.GROUP, 1_000, closes=date(2027, 1, 31)))
    assert [(one.kind, one.day) for one in found.coming] == [
        ("council", date(2027, 1, 10)),
        ("closes", date(2027, 1, 31)),
    ]
    assert "intercommunalité" in found.coming[0].text


def test_nothing_is_signed_before_the_receipt() -> None:
    waiting = source("detr", Fund.DETR, 1_000, status=Status.FILED, filed_on=date(2026, 11, 1))
    (wait,) = _dates(waiting).waits
    assert (wait.day, wait.open) == (date(2026, 11, 1), True)
    received = replace(waiting, status=Status.RECEIVED, received_on=date(2026, 11, 12))
    found = _dates(received)
    assert found.waits == ()
    assert [(one.kind, one.day) for one in found.past] == [("sign", date(2026, 11, 12))]


def test_a_fund_that_does_not_forbid_it_lets_one_sign() -> None:
    assert _dates(source("region", Fund.REGION, 1_000)).waits == ()


def test_a_dossier_without_a_date_is_asked_for() -> None:
    found = _dates(source("region", Fund.REGION, 1_000), source("own", Fund.OWN, 1_000))
    assert [one.id for one in found.without] == ["region"]


def test_what_is_refused_asks_for_nothing() -> None:
    one = source("detr", Fund.DETR, 1, status=Status.REFUSED, closes=date(2027, 1, 1))
    found = _dates(one)
    assert (found.waits, found.coming, found.without) == ((), (), ())


def test_the_calendar_is_read_back_with_the_same_dates_and_stable_identifiers() -> None:
    held = document(
        source("detr", Fund.DETR, 1_000, label="DETR ; « bourg », 1re part",
               closes=date(2027, 1, 31), commission_on=date(2027, 3, 5)),
        day=DAY,
    )  # fmt: skip
    plan = make_plan(held=held)
    read = Calendar.from_ical(dossiers.calendar_of(plan, held, "Dossiers"))
    events = {str(e["summary"]): e for e in read.walk("VEVENT")}
    assert {(name, e["dtstart"].dt) for name, e in events.items()} == {
        ("Délibération à prendre : DETR ; « bourg », 1re part", date(2027, 1, 10)),
        ("Dernier jour pour déposer : DETR ; « bourg », 1re part", date(2027, 1, 31)),
        ("Commission : DETR ; « bourg », 1re part", date(2027, 3, 5)),
        ("Ne rien signer avant l'accusé de réception : DETR ; « bourg », 1re part", DAY),
    }
    wait = next(e for name, e in events.items() if name.startswith("Ne rien"))
    assert wait["dtend"].dt == date(2027, 2, 1)  # the day after the last one
    moved = replace(held, resources=(replace(held.resources[0], closes=date(2027, 2, 28)),))
    again = Calendar.from_ical(dossiers.calendar_of(plan, moved, "Dossiers"))
    assert {str(e["uid"]) for e in again.walk("VEVENT")} == {str(e["uid"]) for e in events.values()}
    assert len({str(e["uid"]) for e in events.values()}) == 4


# -- Cash flow


def test_the_page_says_what_the_engine_says() -> None:
    held = document(day=DAY)
    choices = cash.kept(held, DAY)
    assert cash.flow(held, choices) == cash_flow(held.plan(), law_on(DAY), choices.start)


def test_the_choices_go_to_the_engine() -> None:
    held = document(day=DAY)
    start = Quarter(2027, 2)
    choices = cash.Choices(
        start, 0, {"c1": (Quarter(2028, 1), 2)}, {"detr": Terms(Decimal("0.5"), Decimal(1), 0, 1)}
    )
    expected = cash_flow(
        held.plan(), law_on(DAY), start, refund_lag=0,
        schedule={"c1": (Quarter(2028, 1), Quarter(2028, 2))}, terms=choices.terms,
    )  # fmt: skip
    found = cash.flow(held, choices)
    assert found == expected
    assert found.lines[0].quarter == Quarter(2028, 1)


def test_choices_are_kept_in_the_plan_and_read_back() -> None:
    held = document(day=DAY)
    choices = cash.Choices(
        Quarter(2027, 3), 2, {"c1": (Quarter(2027, 4), 6)}, {"detr": Terms(Decimal("0.25"))}
    )
    held = replace(held, notes={cash.NOTE: choices.as_note()})
    assert cash.kept(held, DAY) == choices


@pytest.mark.parametrize(
    "note", ["", "{", "[]", "3", '{"start":[1,2]}', '{"start":[2027,9],"lag":1}',
             '{"start":[2027,1],"lag":1,"spread":{"c1":["a"]},"terms":{}}',
             '{"start":[2027,1],"lag":1,"spread":{},"terms":{"x":["NaN","0",1,1]}}'],
)  # fmt: skip
def test_a_note_that_cannot_be_read_gives_the_usual_choices(note: str) -> None:
    held = replace(document(day=DAY), notes={cash.NOTE: note})
    assert cash.kept(held, DAY) == cash.Choices(cash.usual_start(held, DAY))


def test_a_form_left_as_it_was_says_the_same_choices() -> None:
    held = document(day=DAY)
    choices = cash.kept(held, DAY)
    blank = CashForm(None, document=held, choices=choices)
    sent = {name: str(blank.get_initial_for_field(f, name)) for name, f in blank.fields.items()}
    form = CashForm(sent, document=held, choices=choices)
    assert form.is_valid(), form.errors
    assert form.said() == choices


def test_the_lowest_point_is_named() -> None:
    found = cash.flow(document(day=DAY), cash.Choices(Quarter(2027, 1)))
    assert f"au {found.when}" in cash.sentence(found)
    curve = curve_of(found)
    assert curve is not None
    assert str(found.when) in curve.description


def test_nothing_spent_has_no_curve() -> None:
    held = replace(document(day=DAY), costs=(), resources=())
    found = cash.flow(held, cash.Choices(Quarter(2027, 1)))
    assert curve_of(found) is None
    assert "rien à avancer" in cash.sentence(found)


def test_the_usual_start_is_the_year_of_the_costs() -> None:
    assert cash.usual_start(document(day=DAY), DAY) == Quarter(2027, 1)
    late = DAY + timedelta(days=400)
    assert cash.usual_start(document(day=DAY), late) == Quarter(2028, 1)
