"""Several people at once, on a real PostgreSQL with real commits: nothing lost, nothing twice."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import OperationalError, connection, connections

from maillage.accounts.models import Absence, Mandate, Organisation, User
from maillage.common.transitions import TransitionRefused
from maillage.desk import notifications
from maillage.desk.enums import (
    Audience,
    Capacity,
    ConsultationKind,
    LeadKind,
    NeedLevel,
    Outcome,
    State,
    Verb,
)
from maillage.desk.models import Consultation, Desk, JournalEntry, Message, Request
from maillage.desk.services import (
    consultations,
    exchanges,
    filing,
    local,
    qualifying,
    reminders,
)
from maillage.desk.services.core import Act, AlreadyDone, Conflict
from maillage.notifications.models import Mail, Notification

from .acts import BISTRO, World, make_world
from .factories import BOURROU, make_request
from .test_lifecycle import assert_sound

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(real_commits: None) -> Iterator[World]:
    """The small desk, where commits are real; the database is emptied of it afterwards."""
    try:
        yield make_world()
    finally:
        Request.objects.update(duplicate_of=None)
        for table in (Request, Notification, Mail, Desk, Absence, Mandate, Organisation, User):
            table.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs")


class Killed(BaseException):
    """A process that is killed: nothing catches it."""


def at_once(*doings: Callable[[], object]) -> list[object]:
    """Do all of `doings` at the same time, each on its own connection; return, in their order,
    what each returned or raised.
    """
    start = Barrier(len(doings))
    found: list[object] = [None] * len(doings)

    def run(n: int, doing: Callable[[], object]) -> None:
        try:
            start.wait(30)
            found[n] = doing()
        except BaseException as error:
            found[n] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(n, doing)) for n, doing in enumerate(doings)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a thread is blocked"
    return found


def fresh(request: Request) -> Request:
    return Request.objects.get(pk=request.pk)


def errors(found: list[object]) -> list[BaseException]:
    return [one for one in found if isinstance(one, BaseException)]


# -- Two people on one request


def test_two_agents_designate_at_once_and_one_is_told_who_won(world: World) -> None:
    for _ in range(5):
        request = world.request(State.QUALIFIED)
        bodies = {"delegate": world.agency, "deputy": world.caue}
        found = at_once(
            *(
                lambda request=request, who=who, body=body: local.designate(
                    request=request, organisation=body, lead_kind=LeadKind.LOCAL_PROVIDER,
                    act=Act(by=world.people[who], version=request.version, once=uuid4()),
                )
                for who, body in bodies.items()
            )
        )  # fmt: skip
        (conflict,) = errors(found)
        assert isinstance(conflict, Conflict)
        held = fresh(request)
        winner = next(who for who, body in bodies.items() if body == held.lead)
        assert world.people[winner].name in str(conflict)
        assert held.journal.filter(verb=Verb.DESIGNATE).count() == 1
        assert held.consultations.filter(as_lead=True).count() == 1
        assert held.parties.filter(capacity=Capacity.LEAD).count() == 1
        assert_sound(held)


def test_the_lead_accepts_while_the_delegate_designates_another(world: World) -> None:
    """Whatever comes first, one lead, and what it was asked says the same as the request."""
    for _ in range(5):
        request = world.request(State.QUALIFIED)
        local.designate(
            request=request, act=Act(by=world["delegate"]), organisation=world.agency,
            lead_kind=LeadKind.LOCAL_PROVIDER,
        )  # fmt: skip
        question = Consultation.objects.get(request=request, as_lead=True)
        found = at_once(
            lambda question=question: consultations.answer_help(
                consultation=question, act=Act(by=world.people["lead"]), accept=True
            ),
            lambda request=request: local.designate(
                request=request, act=Act(by=world.people["deputy"]), organisation=world.caue,
                lead_kind=LeadKind.LOCAL_PROVIDER,
            ),
        )  # fmt: skip
        assert len(errors(found)) == 1
        held = fresh(request)
        assert (held.state, held.lead) in {
            (State.ACCOMPANIED, world.agency), (State.LOCAL, world.caue)
        }  # fmt: skip
        assert_sound(held)


def test_the_same_form_posted_twice_at_once_is_done_once(world: World) -> None:
    request = world.request(State.QUALIFIED)
    act = Act(by=world["delegate"], version=request.version, once=uuid4(), reason="Proche.")
    found = at_once(
        *[
            lambda: local.designate(
                request=request, act=act, organisation=world.agency,
                lead_kind=LeadKind.LOCAL_PROVIDER,
            )
        ] * 4
    )  # fmt: skip
    assert [type(e) for e in errors(found)] == [AlreadyDone] * 3
    assert request.journal.filter(verb=Verb.DESIGNATE).count() == 1
    assert Mail.objects.filter(slug="lead-asked", to="lead@exemple.test").count() == 1
    assert Mail.objects.filter(slug="lead-designated", to="mairie@exemple.test").count() == 1
    assert Consultation.objects.filter(request=request).count() == 1


def test_the_same_message_posted_twice_at_once_is_written_once(world: World) -> None:
    request = world.request(State.QUALIFIED)
    act = Act(by=world["mairie"], once=uuid4())
    found = at_once(
        *[
            lambda: exchanges.post_message(
                request=request, act=act, audience=Audience.APPLICANT, body="Voici le plan."
            )
        ] * 4
    )  # fmt: skip
    assert [type(e) for e in errors(found)] == [AlreadyDone] * 3
    assert Message.objects.count() == 1
    assert Mail.objects.filter(slug="new-message", to="agent@exemple.test").count() == 1


def test_a_draft_saved_from_two_tabs_keeps_one_and_says_so(world: World) -> None:
    draft = filing.start_draft(by=world["mairie"], need=BISTRO, code=BOURROU)
    texts, base = ["Premier onglet.", "Second onglet."], filing.seen(draft, ["tried"])
    found = at_once(
        *(
            lambda text=text: filing.save_draft(
                request=draft, by=world.people["mairie"], base=base, shown=["tried"], tried=text
            )
            for text in texts
        )
    )
    (conflict,) = errors(found)
    assert isinstance(conflict, Conflict)
    assert "Rien n'est perdu" in str(conflict)
    held = fresh(draft)
    assert held.tried in texts
    # The one who was refused saves again, having seen the other: it replaces it.
    filing.save_draft(
        request=draft, by=world["mairie"], base=filing.seen(held, ["tried"]), shown=["tried"],
        tried="Les deux.",
    )  # fmt: skip
    assert fresh(draft).tried == "Les deux."


def test_a_double_click_opens_one_draft(world: World) -> None:
    once = uuid4()
    found = at_once(
        *[lambda: filing.start_draft(by=world.people["mairie"], need=BISTRO, once=once)] * 4
    )
    assert errors(found) == []
    assert len({draft.pk for draft in found}) == 1
    assert Request.objects.count() == 1


# -- Many requests at one desk


def test_twenty_filings_at_once_get_twenty_numbers_in_a_row(world: World) -> None:
    mairie = world["mairie"]
    drafts = []
    for _ in range(20):
        draft = filing.start_draft(by=mairie, need=BISTRO, code=BOURROU)
        filing.save_draft(request=draft, by=mairie, contact_name="C", contact_phone="05")
        drafts.append(draft)
    acts = [Act(by=mairie, once=uuid4()) for _ in drafts]
    found = at_once(
        *(
            lambda draft=draft, act=act: filing.file_request(request=draft, act=act)
            for draft, act in zip(drafts, acts, strict=True)
        ),
        # Meanwhile, drafts are begun at the same desk.
        *[lambda: filing.start_draft(by=mairie, need=BISTRO, code=BOURROU)] * 5,
    )
    assert errors(found) == []
    numbers = sorted(Request.objects.filter(number__isnull=False).values_list("number", flat=True))
    assert [int(number[-5:]) for number in numbers] == list(range(1, 21))
    assert Mail.objects.filter(slug="request-received", to="mairie@exemple.test").count() == 20
    for draft in drafts:
        assert_sound(fresh(draft))


def test_bulk_assignments_in_opposite_orders_do_not_block_each_other(world: World) -> None:
    requests = [world.request() for _ in range(12)]
    for _ in range(3):
        found = at_once(
            lambda: qualifying.assign(
                requests=requests, by=world.people["agent"], to=world.people["agent"]
            ),
            lambda: qualifying.assign(
                requests=requests[::-1], by=world.people["pilot"], to=world.people["pilot"]
            ),
            lambda: qualifying.group(
                request=requests[7], act=Act(by=world.people["agent"]), with_request=requests[2]
            ),
            lambda: qualifying.ungroup(request=requests[7], act=Act(by=world.people["agent"])),
        )
        assert errors(found) == []
        assert found[:2] == [(12, 0), (12, 0)]
        assigned = {fresh(request).assigned_to_id for request in requests}
        assert len(assigned) == 1, "one assignment came last for all of them"
    for request in requests:
        assert_sound(fresh(request))


def test_two_requests_grouped_with_each_other_make_no_circle(world: World) -> None:
    for _ in range(5):
        one, other = world.request(), world.request()
        at_once(
            lambda one=one, other=other: qualifying.group(
                request=one, act=Act(by=world.people["agent"]), with_request=other
            ),
            lambda one=one, other=other: qualifying.group(
                request=other, act=Act(by=world.people["pilot"]), with_request=one
            ),
        )
        heads = [fresh(one).duplicate_of_id, fresh(other).duplicate_of_id]
        assert sorted(heads, key=str) in ([None, other.pk], [one.pk, None], [None, one.pk],
                                          [other.pk, None])  # fmt: skip


def test_a_crowd_acts_on_one_request(world: World) -> None:
    """Twelve people do twelve things at once: refused or done, never broken, the journal whole."""
    request = world.request(State.QUALIFIED)
    act = lambda who: Act(by=world.people[who], reason="Parce que.", once=uuid4())  # noqa: E731
    doings: list[Callable[[], Any]] = [
        lambda: qualifying.qualify(
            request=request, act=act("agent"), themes=["commerce"], phase="faisabilite",
            level=NeedLevel.STUDY,
        ),
        lambda: qualifying.ask_information(request=request, act=act("pilot"), question="Où ?"),
        lambda: qualifying.withdraw(request=request, act=act("mairie")),
        lambda: qualifying.reorient(request=request, act=act("agent"), to="Le Département"),
        lambda: qualifying.close(
            request=request, act=act("pilot"), outcome=Outcome.ANSWERED, text="Vu."
        ),
        lambda: exchanges.post_message(
            request=request, act=act("mairie"), audience=Audience.APPLICANT, body="Alors ?"
        ),
        lambda: exchanges.mark_seen(request=request, by=world.people["mairie"]),
        *(
            lambda body=body: local.designate(
                request=request, act=act("delegate"), organisation=body,
                lead_kind=LeadKind.LOCAL_PROVIDER,
            )
            for body in (world.agency, world.caue)
        ),
        *(
            lambda body=body: consultations.ask(
                request=request, act=act("agent"), organisation=body,
                kind=ConsultationKind.OPINION, question="Un avis ?",
            )
            for body in (world.caue, world.ddt)
        ),
        lambda: reminders.run(MOMENT),
    ]  # fmt: skip
    found = at_once(*doings)
    assert [e for e in errors(found) if not isinstance(e, TransitionRefused)] == []
    assert Message.objects.count() == 1
    assert_sound(fresh(request))


# -- What is cut in the middle

MOMENT = datetime(2026, 11, 24, 10, 15, tzinfo=ZoneInfo("Europe/Paris"))


def _late(world: World, count: int) -> list[Request]:
    return [
        make_request(
            State.RECEIVED, desk=world.desk, assigned_to=world["agent"],
            due_on=MOMENT.date() - timedelta(days=1),
        )
        for _ in range(count)
    ]  # fmt: skip


def test_the_worker_killed_in_the_middle_tells_each_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it tells the third of five: two are told; the next run tells the three."""
    _late(world, 5)
    send, sent = notifications.RequestLate.send, []

    def fragile(self: notifications.RequestLate, **said: Any) -> None:
        send(self, **said)
        sent.append(self)
        if len(sent) == 3:
            raise Killed

    monkeypatch.setattr(notifications.RequestLate, "send", fragile)
    with pytest.raises(Killed):
        reminders.run(MOMENT)
    assert Notification.objects.filter(slug="request-late").count() == 2
    assert reminders.run(MOMENT)["late"] == 3
    assert Notification.objects.filter(slug="request-late").count() == 5
    assert Mail.objects.filter(slug="request-late").count() == 5
    assert reminders.run(MOMENT)["late"] == 0


def test_two_workers_at_once_tell_each_once(world: World) -> None:
    _late(world, 6)
    asked = world.request(State.QUALIFIED, due_on=None)
    made = consultations.ask(
        request=asked, act=Act(by=world["agent"]), organisation=world.caue,
        kind=ConsultationKind.OPINION, question="Un avis ?",
    )  # fmt: skip
    Consultation.objects.filter(pk=made.pk).update(due_on=date(2026, 11, 20))
    found = at_once(*[lambda: reminders.run(MOMENT)] * 3)
    assert errors(found) == []
    assert sum(one["late"] for one in found) == 6
    assert sum(one["reminded"] for one in found) == 1
    assert Mail.objects.filter(slug="request-late").count() == 6
    assert Mail.objects.filter(slug="answer-late").count() == 1


def test_a_connection_cut_in_the_middle_of_a_verb_leaves_nothing_half_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = world.request(State.QUALIFIED)
    act = Act(by=world["delegate"], version=request.version, once=uuid4(), reason="Proche.")
    send = notifications.LeadDesignated.send

    def cut(self: notifications.LeadDesignated, **said: Any) -> None:
        """The journal, the parties and a first mail are written: then the server cuts."""
        send(self, **said)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        with psycopg.connect(**_address(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])

    def designate() -> Request:
        return local.designate(
            request=request, act=act, organisation=world.agency, lead_kind=LeadKind.LOCAL_PROVIDER
        )

    with monkeypatch.context() as patched:
        patched.setattr(notifications.LeadDesignated, "send", cut)
        (lost,) = at_once(designate)
    assert isinstance(lost, OperationalError)
    held = fresh(request)
    assert (held.state, held.version, held.lead) == (State.QUALIFIED, request.version, None)
    assert not held.journal.filter(verb=Verb.DESIGNATE).exists()
    assert not Mail.objects.exists()
    assert not Notification.objects.exists()
    assert not held.parties.filter(capacity=Capacity.LEAD).exists()
    # The same form, sent again, is done: it had not been.
    assert errors(at_once(designate)) == []
    assert fresh(request).lead == world.agency
    assert Mail.objects.filter(slug="lead-designated").count() == 1
    assert_sound(fresh(request))


def _address() -> dict[str, Any]:
    set_to = connection.get_connection_params()
    return {k: set_to[k] for k in ("host", "port", "user", "password", "dbname") if set_to.get(k)}


def test_a_verb_killed_in_the_middle_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = world.request(State.QUALIFIED)

    def kill(self: notifications.LeadDesignated, **said: Any) -> None:
        raise Killed

    monkeypatch.setattr(notifications.LeadDesignated, "send", kill)
    act = Act(by=world["delegate"])
    with pytest.raises(Killed):
        local.designate(
            request=request, act=act, organisation=world.agency, lead_kind=LeadKind.LOCAL_PROVIDER
        )
    assert fresh(request).state == State.QUALIFIED
    assert JournalEntry.objects.filter(verb=Verb.DESIGNATE).count() == 0
    assert not Mail.objects.exists()
