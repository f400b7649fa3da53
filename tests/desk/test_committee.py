"""The CLCT: the agenda made from what is pending, the minutes, the decisions given back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate, now

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.desk import committee
from maillage.desk.enums import ConsultationKind, ConsultationState, SessionState, State
from maillage.desk.models import CommitteeSession, Consultation, Desk, Task
from maillage.desk.services import committee as services
from maillage.desk.services.core import AlreadyDone, Conflict, Incomplete, NotAllowed
from maillage.notifications.models import Notification
from tests.desk.conftest import page
from tests.desk.factories import (
    FIGEAC,
    PERIGUEUX,
    DeskFactory,
    make_provider,
    make_request,
    make_user,
)
from tests.desk.meetings import HELD_ON, decide, order_of, plan, with_items

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def whys(desk: Desk) -> dict[str, str]:
    return {one.request.number: one.why for one in committee.pending(desk)}


# -- What is pending


def test_what_awaits_the_committee_is_gathered_with_its_reasons(agent: User) -> None:
    asked = make_request(State.NATIONAL)
    refused = make_request(State.REFUSED)
    refused.justifications.update(decision="Le Cerema ne prend pas ce sujet.")
    late = make_request(due_on=localdate() - 10 * DAY)
    hardly_late = make_request(due_on=localdate() - 2 * DAY)
    silent = make_request(filed_at=now() - 40 * DAY, due_on=localdate() + DAY)
    led = make_request(State.LOCAL)
    declined = make_request(State.QUALIFIED)
    Consultation.objects.create(
        request=declined, organisation=make_provider("CAUE"), kind=ConsultationKind.HELP,
        state=ConsultationState.DECLINED,
    )  # fmt: skip
    make_request(State.CLOSED, filed_at=now() - 500 * DAY)

    found = whys(asked.desk)

    assert found[asked.number] == "Appui national demandé"
    assert found[refused.number] == "Appui national refusé : Le Cerema ne prend pas ce sujet."
    assert found[late.number].startswith("En retard : attendue le ")
    assert hardly_late.number not in found
    assert found[silent.number] == "La mairie n'a pas de nouvelles, ou ne les ouvre pas"
    assert "Interlocuteur désigné le " in found[led.number]
    assert found[led.number].endswith(led.lead.name)
    assert found[declined.number] == "Déclinée par CAUE"


def test_a_designation_is_told_once(agent: User) -> None:
    """It stays pending as long as no closed meeting has said something of it."""
    led = make_request(State.LOCAL)
    session = with_items(agent, led)
    assert led.number in whys(led.desk)
    decide(session, agent, "Le comité prend acte.")
    services.close(session=session, by=agent, version=session.version)
    assert led.number not in whys(led.desk)


def test_a_designation_left_without_a_word_comes_back(agent: User) -> None:
    led, other = make_request(State.LOCAL), make_request(State.NATIONAL)
    session = with_items(agent, led, other)
    item = session.items.get(request=other)
    services.save_minutes(
        session=session, by=agent, version=session.version, present="", minutes="",
        items={item.pk: ("Avis favorable.", "")},
    )  # fmt: skip
    session.refresh_from_db()
    services.close(session=session, by=agent, version=session.version)
    assert led.number in whys(led.desk)


def test_other_desks_are_not_in_it(agent: User) -> None:
    make_request(State.NATIONAL, FIGEAC, DeskFactory(territory="dep:46"))
    assert committee.pending(Desk.objects.get(territory="dep:24")) == []


def test_what_is_pending_costs_the_same_queries_for_many(
    agent: User, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        make_request(State.LOCAL)
        make_request(State.REFUSED)
        make_request(due_on=localdate() - 30 * DAY)
    desk = Desk.objects.get()
    with django_assert_max_num_queries(8):
        assert len(committee.pending(desk)) == 15


# -- Agenda


def test_a_new_agenda_proposes_everything_ticked(signed_in: Client, agent: User) -> None:
    row = make_request(State.NATIONAL)
    session = plan(agent)
    text = page(signed_in, f"/guichet/clct/{session.pk}/ordre-du-jour/")
    assert f'name="propose" value="{row.pk}" checked' in text


def agenda(client: Client, session: CommitteeSession, **said: Any) -> Any:
    data = {
        "version": session.version, "held_on": "2026-03-02", "place": "Salle Aliénor",
        "faire": "enregistrer", **said,
    }  # fmt: skip
    return client.post(f"/guichet/clct/{session.pk}/ordre-du-jour/", data)


def test_the_agent_keeps_adds_and_orders(signed_in: Client, agent: User) -> None:
    first, second = make_request(State.NATIONAL), make_request(State.REFUSED)
    third = make_request()
    session = plan(agent)
    agenda(signed_in, session, propose=[first.pk, second.pk], ajoute=[third.pk])
    session.refresh_from_db()
    assert order_of(session) == [first.number, second.number, third.number]
    assert session.place == "Salle Aliénor"
    assert session.items.get(request=first).why == "Appui national demandé"
    assert session.items.get(request=third).why == "Ajoutée par Inès Roy"

    keys = [first.pk, second.pk, third.pk]
    agenda(signed_in, session, point=keys, garde=keys, faire=f"monter:{third.pk}")
    session.refresh_from_db()
    assert order_of(session) == [first.number, third.number, second.number]

    agenda(signed_in, session, point=keys, garde=[second.pk, third.pk])
    session.refresh_from_db()
    assert order_of(session) == [second.number, third.number]


def test_a_search_writes_nothing_and_keeps_what_is_typed(signed_in: Client, agent: User) -> None:
    row = make_request(commune=PERIGUEUX)
    proposed = make_request(State.NATIONAL)
    session = plan(agent)
    answer = agenda(
        signed_in, session, q="perigueux", faire="chercher", place="Mairie", propose=[proposed.pk]
    )
    text = answer.content.decode()
    assert f'name="ajoute" value="{row.pk}"' in text
    assert f'name="propose" value="{proposed.pk}" checked' in text
    assert 'value="Mairie"' in text
    session.refresh_from_db()
    assert (session.version, session.place, session.items.count()) == (0, "", 0)


def test_a_request_of_another_desk_cannot_be_put_on_it(signed_in: Client, agent: User) -> None:
    theirs = make_request(State.NATIONAL, FIGEAC, DeskFactory(territory="dep:46"))
    session = services.plan(desk=Desk.objects.get(territory="dep:24"), by=agent, held_on=HELD_ON)
    agenda(signed_in, session, ajoute=[theirs.pk])
    assert session.items.count() == 0


def test_two_people_at_once_lose_nothing(signed_in: Client, agent: User) -> None:
    mine, theirs = make_request(State.NATIONAL), make_request(State.REFUSED)
    session = plan(agent)
    colleague = make_user(name="Paul")
    services.save_agenda(
        session=session, by=colleague, version=0, held_on=HELD_ON, place="Mairie",
        requests=[theirs.pk], whys={},
    )  # fmt: skip
    answer = agenda(signed_in, session, propose=[mine.pk])  # still at version 0
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Rien n&#x27;est perdu" in text
    assert f'name="propose" value="{mine.pk}" checked' in text
    assert f'name="garde" value="{theirs.pk}" checked' in text
    session.refresh_from_db()
    assert order_of(session) == [theirs.number]


def test_an_item_already_decided_is_not_taken_off(agent: User) -> None:
    row = make_request(State.NATIONAL)
    session = with_items(agent, row)
    decide(session, agent, "Avis favorable.")
    with pytest.raises(Incomplete, match=row.number):
        services.save_agenda(
            session=session, by=agent, version=session.version, held_on=HELD_ON, place="",
            requests=[], whys={},
        )  # fmt: skip


def test_one_meeting_a_day(signed_in: Client, agent: User) -> None:
    data = {"held_on": "2026-03-02", "place": ""}
    assert signed_in.post("/guichet/clct/nouvelle/", data).status_code == 302
    answer = signed_in.post("/guichet/clct/nouvelle/", data)
    assert answer.status_code == 422
    assert CommitteeSession.objects.count() == 1


# -- Minutes


def minutes(client: Client, session: CommitteeSession, **said: Any) -> Any:
    data = {"version": session.version, "present": "", "minutes": "", "faire": "enregistrer"}
    return client.post(f"/guichet/clct/{session.pk}/releve/", data | said)


def test_minutes_are_saved_step_by_step(signed_in: Client, agent: User) -> None:
    session = with_items(agent, make_request(State.NATIONAL), make_request(State.REFUSED))
    one, two = session.items.order_by("position")
    minutes(signed_in, session, present="La préfète", **{f"decision-{one.pk}": "Oui"})
    session.refresh_from_db()
    minutes(signed_in, session, present="La préfète", **{f"decision-{two.pk}": "Non"})
    assert [item.decision for item in session.items.order_by("position")] == ["Oui", "Non"]


def test_minutes_written_by_two_show_what_the_other_wrote(signed_in: Client, agent: User) -> None:
    session = with_items(agent, make_request(State.NATIONAL))
    item = session.items.get()
    before = session.version
    decide(session, make_user(name="Paul"), "Avis réservé.")
    session.version = before
    answer = minutes(signed_in, session, **{f"decision-{item.pk}": "Avis favorable."})
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Avis favorable.</textarea>" in text
    assert "« Avis réservé. »" in text
    item.refresh_from_db()
    assert item.decision == "Avis réservé."


# -- Closing


def test_closing_writes_each_decision_in_its_request(agent: User) -> None:
    row = make_request(State.NATIONAL, assigned_to=agent)
    mayor = make_user(Role.APPLICANT)
    session = with_items(agent, row)
    decide(session, agent, "Le CAUE passe en avril.", "Appeler le CAUE")
    services.close(session=session, by=agent, version=session.version)

    entry = row.journal.get(verb="committee_decision")
    assert not entry.internal
    assert entry.data["decision"] == "Le CAUE passe en avril."
    assert entry.data["held_on"] == "2026-03-02"
    assert entry.from_state == entry.to_state == State.NATIONAL
    task = Task.objects.get(request=row)
    assert (task.label, task.assigned_to) == ("Appeler le CAUE", agent)
    # What the desk has to do is not the mairie's business.
    assert all(
        e.internal or "CAUE" not in str(e.data) for e in row.journal.filter(verb="task_added")
    )
    told = Notification.objects.get(user=mayor)
    assert "Le CAUE passe en avril." in told.text
    session.refresh_from_db()
    assert (session.state, session.closed_by) == (SessionState.CLOSED, agent)


def test_closing_twice_writes_once(signed_in: Client, agent: User) -> None:
    row = make_request(State.NATIONAL)
    session = with_items(agent, row)
    decide(session, agent, "Avis favorable.", "Écrire à l'ANCT")
    for _ in range(2):
        answer = signed_in.post(
            f"/guichet/clct/{session.pk}/arreter/", {"version": session.version}
        )
        assert answer.status_code == 302
    assert row.journal.filter(verb="committee_decision").count() == 1
    assert Task.objects.count() == 1
    with pytest.raises(AlreadyDone):
        services.close(session=session, by=agent, version=None)


def test_asking_to_close_writes_nothing(signed_in: Client, agent: User) -> None:
    session = with_items(agent, make_request(State.NATIONAL))
    decide(session, agent, "Avis favorable.")
    text = page(signed_in, f"/guichet/clct/{session.pk}/arreter/")
    assert "Le comité local a examiné votre demande le 2 mars 2026" in text
    session.refresh_from_db()
    assert session.state == SessionState.PLANNED


def test_closing_needs_a_decision_and_the_last_version(agent: User) -> None:
    session = with_items(agent, make_request(State.NATIONAL))
    with pytest.raises(Incomplete):
        services.close(session=session, by=agent, version=session.version)
    decide(session, agent, "Avis favorable.")
    with pytest.raises(Conflict):
        services.close(session=session, by=agent, version=0)


def test_a_meeting_to_come_is_not_closed(agent: User) -> None:
    session = with_items(agent, make_request(State.NATIONAL))
    decide(session, agent, "Avis favorable.")
    session.held_on = localdate() + DAY
    session.save()
    with pytest.raises(Incomplete, match="corrigez sa date"):
        services.close(session=session, by=agent, version=session.version)


def test_what_is_closed_does_not_change(agent: User) -> None:
    session = with_items(agent, make_request(State.NATIONAL))
    decide(session, agent, "Avis favorable.")
    services.close(session=session, by=agent, version=session.version)
    with pytest.raises(NotAllowed, match="ne se modifie plus"):
        decide(session, agent, "Avis défavorable.")
    with pytest.raises(NotAllowed):
        services.cancel(session=session, by=agent)


def test_a_meeting_begun_is_not_forgotten(signed_in: Client, agent: User) -> None:
    session = with_items(agent, make_request(State.NATIONAL))
    address = f"/guichet/clct/{session.pk}/supprimer/"
    decide(session, agent, "Avis favorable.")
    assert signed_in.post(address).status_code == 403
    decide(session, agent, "")
    services.save_minutes(
        session=session, by=agent, version=session.version, present="", minutes="", items={}
    )
    assert signed_in.post(address).status_code == 302
    assert not CommitteeSession.objects.exists()
