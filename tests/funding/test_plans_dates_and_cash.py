"""Dates of the dossiers, their iCalendar, and the cash flow as the page asks it."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from maillage.accounts.enums import Role
from maillage.common.logs import without_secrets
from maillage.engine.funding.cashflow import Quarter, Terms, cash_flow
from maillage.engine.funding.types import Bearer, BearerKind, Fund, Status
from maillage.funding import cash, dossiers, feed, life
from maillage.funding.curve import curve_of
from maillage.funding.document import read
from maillage.funding.forms.cash import CashForm, Shown
from maillage.funding.forms.editor import Editor
from maillage.funding.law import law_on
from tests.desk.factories import make_town, make_user
from tests.funding.plans import document, make_plan, make_project, source

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 21)


def _dates(*resources, today=DAY):
    return dossiers.dates(document(*resources, day=DAY), today)


def test_the_deliberation_is_computed_back_from_the_last_day() -> None:
    found = _dates(source("concours", Fund.GROUP, 1_000, closes=date(2027, 1, 31)))
    assert [(one.kind, one.day) for one in found.coming] == [
        ("council", date(2027, 1, 10)),
        ("convene", date(2027, 1, 27)),
        ("closes", date(2027, 1, 31)),
    ]
    assert "intercommunalité" in found.coming[0].text
    assert "Conseil de Maillage" in found.coming[0].text
    assert "L2121-11" in found.coming[1].text


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
    read = Calendar.from_ical(dossiers.calendar_of(plan, held, "Dossiers", DAY))
    events = {str(e["summary"]): e for e in read.walk("VEVENT")}
    assert {(name, e["dtstart"].dt) for name, e in events.items()} == {
        ("Délibération à prendre : DETR ; « bourg », 1re part", date(2027, 1, 10)),
        ("Dernier jour pour convoquer le conseil : DETR ; « bourg », 1re part", date(2027, 1, 27)),
        ("Dernier jour pour déposer : DETR ; « bourg », 1re part", date(2027, 1, 31)),
        ("Commission : DETR ; « bourg », 1re part", date(2027, 3, 5)),
        ("Ne rien signer avant l'accusé de réception : DETR ; « bourg », 1re part", DAY),
    }
    wait = next(e for name, e in events.items() if name.startswith("Ne rien"))
    assert wait["dtend"].dt == date(2027, 2, 1)  # the day after the last one
    moved = replace(held, resources=(replace(held.resources[0], closes=date(2027, 2, 28)),))
    again = Calendar.from_ical(dossiers.calendar_of(plan, moved, "Dossiers", DAY))
    assert {str(e["uid"]) for e in again.walk("VEVENT")} == {str(e["uid"]) for e in events.values()}
    assert len({str(e["uid"]) for e in events.values()}) == 5


def test_what_should_be_done_already_is_not_past() -> None:
    filed = source("region", Fund.REGION, 1, status=Status.FILED, filed_on=date(2026, 9, 1))
    missed = source("detr", Fund.DETR, 1, closes=date(2026, 11, 1))
    near = source("concours", Fund.GROUP, 1, closes=date(2026, 12, 1))
    found = _dates(filed, missed, near)
    assert [(one.kind, one.source) for one in found.late] == [
        ("call", "region"), ("closes", "detr"), ("council", "concours"),
    ]  # fmt: skip
    assert "sans que le dépôt soit noté" in found.late[1].text
    assert [one.kind for one in found.coming] == ["convene", "closes"]
    assert found.past == ()


@pytest.mark.parametrize(
    ("bearer", "day"),
    [
        (Bearer(BearerKind.COMMUNE, population_dgf=3_499), date(2027, 1, 27)),
        (Bearer(BearerKind.COMMUNE, population_dgf=3_500), date(2027, 1, 25)),
        (Bearer(BearerKind.COMMUNE), date(2027, 1, 25)),
        (Bearer(BearerKind.EPCI), date(2027, 1, 25)),
        (Bearer(BearerKind.DEPARTMENT), None),
        (Bearer(BearerKind.ASSOCIATION), None),
    ],
)
def test_the_notice_of_the_council_is_that_of_the_law(bearer: Bearer, day: date | None) -> None:
    held = document(source("region", Fund.REGION, 1, closes=date(2027, 1, 31)), day=DAY)
    found = dossiers.dates(replace(held, bearer=bearer), DAY)
    assert next((one.day for one in found.coming if one.kind == "convene"), None) == day


def test_a_gift_needs_no_vote() -> None:
    found = _dates(source("don", Fund.GIFT, 1, closes=date(2027, 1, 31)))
    assert [one.kind for one in found.coming] == ["closes"]


def test_one_receipt_does_not_allow_to_sign_while_another_is_awaited() -> None:
    got = source("detr", Fund.DETR, 1, status=Status.RECEIVED, received_on=date(2026, 11, 1))
    waits = source("leader", Fund.LEADER, 1, label="LEADER")
    (alone,) = _dates(got).past
    assert "vous pouvez signer" in alone.text
    (sign,) = _dates(got, waits).past
    assert "vous pouvez signer" not in sign.text
    assert "« LEADER » ne l'a pas fait" in sign.text


def test_a_prohibition_without_an_end_lasts_in_the_calendar() -> None:
    filed = source("detr", Fund.DETR, 1, status=Status.FILED, filed_on=date(2026, 11, 1))
    held = document(filed, day=DAY)
    plan = make_plan(held=held)
    for today, end in ((DAY, date(2026, 12, 22)), (date(2027, 3, 1), date(2027, 4, 1))):
        read = Calendar.from_ical(dossiers.calendar_of(plan, held, "Dossiers", today))
        wait = next(e for e in read.walk("VEVENT") if str(e["summary"]).startswith("Ne rien"))
        assert (wait["dtstart"].dt, wait["dtend"].dt) == (date(2026, 11, 1), end)
        assert "provisoire" in str(wait["description"])


def test_a_name_with_line_breaks_makes_a_sound_calendar() -> None:
    held = document(day=DAY)
    plan = make_plan(held=held)
    made = dossiers.calendar_of(plan, held, "Un\r\nnom\tsur\x07 trois\nlignes", DAY)
    assert str(Calendar.from_ical(made)["x-wr-calname"]) == "Un nom sur trois lignes"


# -- The private address


def test_a_grant_of_the_state_says_until_when_to_begin_then_to_finish() -> None:
    granted = source("detr", Fund.DETR, 50_000, status=Status.GRANTED, granted=Decimal(50_000),
                     filed_on=date(2026, 9, 1), decided_on=date(2026, 10, 1))  # fmt: skip
    (begin,) = [one for one in _dates(granted).coming if one.kind == "begin"]
    assert begin.day == date(2028, 10, 1)
    assert "un an de plus" in begin.text
    held = document(granted)
    signed = replace(held, costs=(replace(held.costs[0], signed_on=date(2026, 11, 3)),))
    (finish,) = [one for one in dossiers.dates(signed, DAY).coming if one.kind == "finish"]
    assert finish.day == date(2030, 11, 3)
    region = replace(granted, fund=Fund.REGION)
    assert not [one for one in _dates(region).coming if one.kind in ("begin", "finish")]


def test_a_calendar_is_followed_without_signing_in(client: Client) -> None:
    user = make_user(Role.APPLICANT)
    plan = make_plan(make_project(user, user.bodies(Role.APPLICANT)[0]))
    address = reverse("funding:calendar_feed", args=[feed.secret_of(plan, user)])
    answer = client.get(address)
    assert answer.status_code == 200
    assert Calendar.from_ical(answer.content).walk("VEVENT")
    assert "no-store" in answer["Cache-Control"]
    assert feed.secret_of(plan, user) not in without_secrets(address)
    client.force_login(user)
    assert address in client.get(reverse("funding:calendar", args=[plan.pk])).content.decode()
    assert client.post(reverse("funding:calendar_renew", args=[plan.pk])).status_code == 302
    assert client.get(address).status_code == 404
    plan.refresh_from_db()
    assert feed.held_by(feed.secret_of(plan, user)) == plan


def test_a_private_address_closes_with_the_right() -> None:
    user, other = make_user(Role.APPLICANT), make_user(Role.APPLICANT, make_town("24067"))
    plan = make_plan(make_project(user, user.bodies(Role.APPLICANT)[0]))
    secret = feed.secret_of(plan, user)
    assert feed.held_by(secret) == plan
    assert feed.held_by(feed.secret_of(plan, other)) is None
    for wrong in ("", "x", secret[:-1], secret.replace(f"-{user.pk}-", f"-{other.pk}-"),
                  f"{plan.pk.hex}-{10**30}-x", f"{'z' * 32}-1-x"):  # fmt: skip
        assert feed.held_by(wrong) is None
    user.set_password("Un autre mot de passe, 2026")
    user.save()
    assert feed.held_by(secret) is None, "as sessions do, it closes with the password"
    secret = feed.secret_of(plan, user)
    assert feed.held_by(secret) == plan
    user.is_active = False
    user.save()
    assert feed.held_by(secret) is None


# -- Cash flow


def test_the_page_says_what_the_engine_says() -> None:
    held = document(day=DAY)
    choices = cash.kept({}, held, DAY)
    expected = cash_flow(held.plan(), law_on(DAY), choices.start, now=Quarter(2026, 4))
    assert cash.flow(held, choices, DAY) == expected


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
    found = cash.flow(held, choices, DAY)
    assert found == expected
    assert found.lines[0].quarter == Quarter(2028, 1)


def test_choices_are_kept_in_the_plan_and_read_back() -> None:
    held = document(day=DAY)
    choices = cash.Choices(
        Quarter(2027, 3), 2, {"c1": (Quarter(2027, 4), 6)}, {"detr": Terms(Decimal("0.25"))}
    )
    said = json.loads(json.dumps(choices.as_json()))
    assert cash.kept(said, held, DAY) == choices


@pytest.mark.parametrize(
    "said", [{}, None, [], 3, "{", {"start": [1, 2]}, {"start": [2027, 9], "lag": 1},
             {"start": [2027, 1], "lag": 1, "spread": {"c1": ["a"]}, "terms": {}},
             {"start": [2027, 1], "lag": 1, "spread": {}, "terms": {"x": ["NaN", "0", 1, 1]}}],
)  # fmt: skip
def test_choices_that_cannot_be_read_give_the_usual_ones(said: Any) -> None:
    held = document(day=DAY)
    assert cash.kept(said, held, DAY) == cash.Choices(cash.usual_start(held, DAY))


def test_a_form_left_as_it_was_says_the_same_choices() -> None:
    held = document(day=DAY)
    choices = cash.kept({}, held, DAY)
    around = {"document": held, "choices": choices, "today": DAY, "shown": Shown.of(held, "1", "1")}
    blank = CashForm(None, **around)
    sent = {name: str(blank.get_initial_for_field(f, name)) for name, f in blank.fields.items()}
    form = CashForm(sent, **around)
    assert form.is_valid(), form.errors
    assert form.said() == choices


def test_payments_are_placed_one_by_one_and_kept_through_the_editor() -> None:
    aid = source("detr", Fund.DETR, 60_000, status=Status.GRANTED, granted=Decimal(60_000))
    held = document(aid, day=DAY)
    for day, amount in ((date(2026, 2, 3), 12_000), (date(2026, 8, 9), 5_000)):
        detr = held.resources[0]
        held, _ = life.moved(held, detr, "pay", {"on": day, "amount": Decimal(amount)})
    come = cash.receipts(held.resources[0])
    assert come is not None
    assert come.payments == ((Quarter(2026, 1), 12_000), (Quarter(2026, 3), 5_000))
    assert not come.last
    assert read(held.as_json(), DAY) == held
    paid = [one for one in dossiers.dates(held, DAY).past if one.kind == "paid"]
    assert [(one.day, one.number) for one in paid] == [(date(2026, 8, 9), 2), (date(2026, 2, 3), 1)]
    assert paid[0].text.replace("\u202f", "") == "5000\xa0€ versés (17000\xa0€ en tout)."
    typed = Editor.of(held).document(DAY)
    assert typed is not None
    assert typed.resources == held.resources
    found = cash.flow(held, cash.kept({}, held, DAY), DAY)
    received = [f for f in found.flows if f.kind == "resource"]
    assert [f.quarter for f in received[:2]] == [Quarter(2026, 1), Quarter(2026, 3)]
    assert sum(f.amount for f in received) == 60_000
    assert all(f.quarter >= Quarter(2026, 4) for f in received[2:])


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, None),
        ({"paid": Decimal(9), "paid_on": date(2026, 5, 1)}, (Quarter(2026, 2), 9, False)),
        ({"status": Status.PAID, "paid_on": date(2026, 5, 1)}, (Quarter(2026, 2), 50, True)),
        (
            {"status": Status.PAID, "paid": Decimal(40), "decided_on": date(2026, 1, 1)},
            (Quarter(2026, 1), 40, True),
        ),
        ({"status": Status.PAID}, None),
    ],
)
def test_what_is_known_of_a_payment_places_it(said, expected) -> None:
    one = source("region", Fund.REGION, 50, **{"status": Status.GRANTED, **said})
    come = cash.receipts(one)
    found = come and (*come.payments[0], come.last)
    assert found == expected


def test_what_was_signed_begins_the_cash_flow() -> None:
    held = document(day=DAY)
    signed = replace(held, costs=(replace(held.costs[0], signed_on=date(2026, 5, 4), year=2026),))
    assert cash.usual_start(signed, DAY) == Quarter(2026, 2)
    works = replace(held.costs[0], id="c2", year=None)
    both = replace(signed, costs=(*signed.costs, works))
    spent = [f for f in cash.flow(both, cash.kept({}, both, DAY), DAY).flows if f.kind == "cost"]
    first = {f.source: f.quarter for f in reversed(spent)}
    # What is not signed yet is not paid in the past.
    assert first == {"c1": Quarter(2026, 2), "c2": Quarter(2027, 1)}


def test_the_own_money_and_the_loan_are_told() -> None:
    held = document(source("own", Fund.OWN, 120_000), day=DAY)
    found = cash.flow(held, cash.kept({}, held, DAY), DAY)
    assert "y suffisent" in cash.cover(found, held)
    held = document(source("own", Fund.OWN, 50_000), source("loan", Fund.LOAN, 50_000), day=DAY)
    found = cash.flow(held, cash.kept({}, held, DAY), DAY)
    assert "il manque 20" in cash.cover(found, held).replace("\u202f", "")
    assert "restera à rembourser" in cash.ending(found, held)
    assert "suppose que oui" in cash.ending(found, held)
    known = replace(held, bearer=replace(held.bearer, recovers_vat=True))
    assert "suppose" not in cash.ending(cash.flow(known, cash.kept({}, known, DAY), DAY), known)


def test_the_lowest_point_is_named() -> None:
    found = cash.flow(document(day=DAY), cash.Choices(Quarter(2027, 1)), DAY)
    assert f"au {found.when}" in cash.sentence(found)
    curve = curve_of(found)
    assert curve is not None
    assert str(found.when) in curve.description


def test_nothing_spent_has_no_curve() -> None:
    held = replace(document(day=DAY), costs=(), resources=())
    found = cash.flow(held, cash.Choices(Quarter(2027, 1)), DAY)
    assert curve_of(found) is None
    assert "rien à avancer" in cash.sentence(found)


def test_the_usual_start_is_the_year_of_the_costs() -> None:
    assert cash.usual_start(document(day=DAY), DAY) == Quarter(2027, 1)
    late = DAY + timedelta(days=400)
    assert cash.usual_start(document(day=DAY), late) == Quarter(2028, 1)
