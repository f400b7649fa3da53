"""What time does: a late opinion is reminded once, then its agent is told, and nobody else."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from maillage.common.workdays import add_working_days
from maillage.desk import notifications
from maillage.desk.enums import ConsultationKind, ConsultationState, State
from maillage.desk.models import Consultation, Request
from maillage.desk.services import consultations, qualifying, reminders
from maillage.desk.services.core import Act
from maillage.notifications.models import Mail, Notification

from .acts import World, make_world
from .factories import make_user

pytestmark = pytest.mark.django_db

#: A Tuesday; the question below was due the day before.
TUESDAY = date(2026, 11, 24)
NOTHING = {"reminded": 0, "escalated": 0, "late": 0}


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, 15, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def opinion(world: World) -> Consultation:
    """An opinion asked of the CAUE, due on Monday 23 November 2026."""
    request = world.request(State.QUALIFIED, assigned_to=world["agent"], due_on=None)
    made = consultations.ask(
        request=request, act=Act(by=world["agent"]), organisation=world.caue,
        kind=ConsultationKind.OPINION, question="Le bâtiment tient-il ?",
    )  # fmt: skip
    Consultation.objects.filter(pk=made.pk).update(due_on=TUESDAY - timedelta(days=1))
    Notification.objects.all().delete()
    Mail.objects.all().delete()
    made.refresh_from_db()
    return made


def told() -> list[tuple[str, str]]:
    """(message, who) of all that was said in the application since."""
    found = Notification.objects.order_by("pk").values_list("slug", "user__email")
    return [(slug, email.partition("@")[0]) for slug, email in found]


def test_a_late_opinion_is_reminded_once_then_its_agent_is_told(opinion: Consultation) -> None:
    assert reminders.run(at(TUESDAY - timedelta(days=1))) == NOTHING, "the last day is not late"
    assert reminders.run(at(TUESDAY)) == {**NOTHING, "reminded": 1}
    assert told() == [("answer-late", "asked")]
    for hour in (11, 15, 19):
        assert reminders.run(at(TUESDAY, hour)) == NOTHING
    for days in (1, 2):
        assert reminders.run(at(TUESDAY + timedelta(days=days))) == NOTHING
    after = add_working_days(TUESDAY, reminders.GRACE_DAYS, "24")
    assert reminders.run(at(after)) == {**NOTHING, "escalated": 1}
    for days in range(1, 30):
        assert reminders.run(at(after + timedelta(days=days))) == NOTHING
    assert told() == [("answer-late", "asked"), ("still-no-answer", "agent")]
    assert Mail.objects.count() == 2


def test_the_relay_of_an_absent_agent_is_told_too(opinion: Consultation, world: World) -> None:
    relay = make_user(email="relais@exemple.test")
    world["agent"].absences.create(relay=relay, starts="2020-01-01", ends="2030-01-01")
    reminders.run(at(TUESDAY))
    reminders.run(at(TUESDAY + timedelta(days=7)))
    assert set(told()) == {
        ("answer-late", "asked"), ("still-no-answer", "agent"), ("still-no-answer", "relais"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "moment",
    [
        at(TUESDAY, 6), at(TUESDAY, 20), at(TUESDAY, 23), at(TUESDAY, 3),
        at(date(2026, 11, 28)),  # a Saturday
        at(date(2026, 11, 29)),
        at(date(2026, 12, 25)),
        at(date(2027, 5, 6)),  # Ascension Day
    ],
)  # fmt: skip
def test_nobody_is_reminded_at_night_nor_on_a_holiday(
    opinion: Consultation, moment: datetime
) -> None:
    assert reminders.run(moment) == NOTHING
    assert told() == []


def test_what_was_answered_meanwhile_is_not_reminded(opinion: Consultation, world: World) -> None:
    reminders.run(at(TUESDAY))
    consultations.give_opinion(consultation=opinion, act=Act(by=world["asked"]), text="Oui.")
    Notification.objects.all().delete()
    assert reminders.run(at(TUESDAY + timedelta(days=10))) == NOTHING
    assert told() == []


def test_nothing_is_reminded_of_a_request_that_has_ended(
    opinion: Consultation, world: World
) -> None:
    qualifying.withdraw(request=opinion.request, act=Act(by=world["mairie"]))
    Notification.objects.all().delete()
    assert reminders.run(at(TUESDAY)) == NOTHING
    assert told() == []


def test_a_new_date_gives_a_new_reminder(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    request = world.request(State.QUALIFIED, assigned_to=world["agent"], due_on=None)
    made = consultations.ask(
        request=request, act=Act(by=world["agent"]), organisation=world.caue,
        kind=ConsultationKind.HELP, question="Pouvez-vous passer ?", due_on=date(2099, 1, 5),
    )  # fmt: skip
    Notification.objects.all().delete()
    reminders.run(at(date(2099, 1, 6)))
    # These tests live in 2099: a date of then is too far for today.
    monkeypatch.setattr(consultations, "FARTHEST", timedelta(days=40_000))
    consultations.propose_date(consultation=made, act=Act(by=world["asked"]), day=date(2099, 1, 12))
    Notification.objects.exclude(slug="answer-late").delete()
    assert reminders.run(at(date(2099, 1, 12))) == NOTHING
    reminders.run(at(date(2099, 1, 13)))
    assert told() == [("answer-late", "asked")] * 2
    made.refresh_from_db()
    assert made.state == ConsultationState.DATE_PROPOSED


def late(world: World, state: str, **said: object) -> Request:
    request = world.request(
        state, assigned_to=world["agent"], due_on=TUESDAY - timedelta(days=1), **said
    )
    Notification.objects.all().delete()
    return request


@pytest.mark.parametrize(
    ("state", "prepared", "who"),
    [
        (State.RECEIVED, {}, {("request-late", "agent")}),
        (State.QUALIFIED, {}, {("request-late", "agent")}),
        (
            State.QUALIFIED, {"branch": "local"},
            {("request-late", "delegate"), ("request-late", "deputy")},
        ),
        (State.INFORMATION_WANTED, {}, {("your-turn", "mairie")}),
        (State.COMMITTEE, {}, {("request-late", "agent")}),
        # Its interlocuteur is reminded of the question, not of the request.
        (State.LOCAL, {}, set()),
    ],
)  # fmt: skip
def test_a_late_request_is_told_once_to_who_has_the_hand(
    world: World, state: str, prepared: dict[str, str], who: set[tuple[str, str]]
) -> None:
    request = late(world, state, prepared=prepared)
    Consultation.objects.all().delete()
    assert reminders.run(at(TUESDAY))["late"] == 1
    assert set(told()) == who
    assert reminders.run(at(TUESDAY, 15)) == NOTHING
    assert reminders.run(at(TUESDAY + timedelta(days=1))) == NOTHING
    assert set(told()) == who
    request.refresh_from_db()
    assert request.late_notified_on == TUESDAY


def test_one_failure_does_not_keep_the_others_from_being_told(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = (late(world, State.RECEIVED) for _ in range(2))
    send = notifications.RequestLate.send

    def broken(self: notifications.RequestLate, **said: object) -> None:
        if self.request.pk == min(first.pk, second.pk):
            raise ValueError("broken")
        send(self, **said)

    monkeypatch.setattr(notifications.RequestLate, "send", broken)
    assert reminders.run(at(TUESDAY))["late"] == 1
    assert told() == [("request-late", "agent")]
    assert "broken" in caplog.text
    assert Request.objects.filter(late_notified_on=None, due_on__lt=TUESDAY).count() == 1
