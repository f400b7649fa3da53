"""What is asked of bodies, how a request ends, the existing circuits, and who is told."""

from datetime import timedelta

import pytest
from django.utils.timezone import localdate

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.common.transitions import TransitionRefused
from maillage.common.workdays import add_working_days
from maillage.desk import people, snapshots
from maillage.desk.enums import (
    Audience,
    ConsultationKind,
    ConsultationState,
    DeskMode,
    Hand,
    LeadKind,
    Outcome,
    State,
    Verb,
)
from maillage.desk.models import Consultation, Desk, JournalEntry, Request
from maillage.desk.services import consultations, desks, exchanges, local, national, qualifying
from maillage.desk.services.core import Act, Conflict, Incomplete, NotAllowed
from maillage.notifications.models import Mail

from .acts import (
    World,
    do,
    file_one,
    fresh,
    make_world,
    told,
)
from .factories import FIGEAC, DeskFactory, make_provider, make_request, make_user
from .test_lifecycle import assert_sound

pytestmark = pytest.mark.django_db

S, V = State, Verb


@pytest.fixture
def world() -> World:
    return make_world()


# -- Declined, opinions


def test_a_declined_request_comes_back_with_the_next_proposals(world: World) -> None:
    request = world.request(S.QUALIFIED)
    lines = national.to_examine(request)
    first = desks.body_for_provider(lines[0]["provider_id"])
    provider = make_user(Role.PROVIDER, first)
    local.designate(
        request=request, act=Act(by=world["delegate"]), organisation=first,
        lead_kind=LeadKind.OPERATOR, offer=lines[0]["offer"],
    )  # fmt: skip
    question = Consultation.objects.get(request=request, as_lead=True)
    with pytest.raises(Incomplete):
        consultations.answer_help(consultation=question, act=Act(by=provider), accept=False)
    consultations.answer_help(
        consultation=question, act=Act(by=provider), accept=False, text="Trop loin."
    )
    request = fresh(request)
    assert (request.state, request.lead, request.branch) == (S.QUALIFIED, None, "")
    assert told("lead-declined") == {"agent", "pilot", "delegate", "deputy"}
    declined = snapshots.declined_providers(request.consultations.all())
    assert declined == {first.provider: "Trop loin."}
    kept = snapshots.kept(snapshots.answer_for(request, localdate()), declined=declined)
    following = [line["offer"] for line in lines if line["provider_id"] != first.provider]
    left = [line["offer"] for line in kept["help"] if line["adequate"] and not line["declined"]]
    assert left[0] == following[0], "the next one is proposed"
    refused = [line for line in kept["help"] if line["declined"]]
    assert refused
    for line in refused:
        after = kept["help"][line["rank"] :]
        assert all(x["declined"] or x["level"] != line["level"] for x in after), "last of its ring"
    assert_sound(request)


def test_a_date_is_proposed_then_the_lead_accepts(world: World) -> None:
    request = do(world, V.DESIGNATE, world.request(S.QUALIFIED), "delegate")
    question = Consultation.objects.get(as_lead=True)
    day = localdate() + timedelta(days=30)
    lead = world["lead"]
    with pytest.raises(Incomplete):
        consultations.propose_date(
            consultation=question, act=Act(by=lead), day=localdate() - timedelta(days=1)
        )
    consultations.propose_date(consultation=question, act=Act(by=lead), day=day)
    question.refresh_from_db()
    assert (question.state, question.due_on) == (ConsultationState.DATE_PROPOSED, day)
    assert told("date-proposed") == {"mairie", "agent", "pilot"}
    consultations.answer_help(consultation=question, act=Act(by=lead), accept=True, text="Oui.")
    assert fresh(request).state == S.ACCOMPANIED
    with pytest.raises(TransitionRefused, match="plus rien à répondre"):
        consultations.answer_help(consultation=question, act=Act(by=lead), accept=True)


def test_several_opinions_at_once_and_each_answers_its_own(world: World) -> None:
    request = world.request(S.QUALIFIED)
    act = Act(by=world["agent"])
    asked = [
        consultations.ask(
            request=request, act=act, organisation=body, kind=ConsultationKind.OPINION,
            question="Le bâtiment peut-il recevoir du public ?",
        )
        for body in (world.caue, world.agency)
    ]  # fmt: skip
    assert asked[0].due_on == add_working_days(localdate(), world.desk.opinion_days, "24")
    with pytest.raises(Incomplete, match="déjà cette question"):
        consultations.ask(
            request=request, act=act, organisation=world.caue, kind=ConsultationKind.OPINION,
            question="Encore ?",
        )  # fmt: skip
    with pytest.raises(NotAllowed, match="organisme sollicité"):
        consultations.give_opinion(consultation=asked[1], act=Act(by=world["asked"]), text="Oui.")
    consultations.give_opinion(consultation=asked[0], act=Act(by=world["asked"]), text="Oui.")
    known = consultations.ask(
        request=request, act=act, organisation=world.ddt, kind=ConsultationKind.INFORMATION
    )
    with pytest.raises(Incomplete, match="déjà informé"):
        consultations.ask(
            request=request, act=act, organisation=world.neighbour,
            kind=ConsultationKind.INFORMATION,
        )  # fmt: skip
    with pytest.raises(TransitionRefused, match="informé"):
        consultations.give_opinion(consultation=known, act=Act(by=world["pilot"]), text="Non.")
    assert told("help-answered") == {"agent", "pilot"}
    do(world, V.WITHDRAW, request, "mairie")
    assert [q.state for q in request.consultations.all()] == [
        ConsultationState.GIVEN, ConsultationState.CANCELLED, ConsultationState.INFORMED
    ]  # fmt: skip
    assert told("help-cancelled") == {"lead"}


def test_only_those_who_can_read_are_told(world: World) -> None:
    """A councillor or an observer of a body that is asked is not written to."""
    make_user(Role.OBSERVER, world.caue, email="curieux@exemple.test")
    make_user(Role.APPLICANT, world.caue, email="elue@exemple.test")
    consultations.ask(
        request=world.request(S.QUALIFIED), act=Act(by=world["agent"]), organisation=world.caue,
        kind=ConsultationKind.HELP, question="Pouvez-vous passer ?",
    )  # fmt: skip
    assert told("help-asked") == {"asked"}


# -- Other ends


def test_withdrawn_by_the_desk_the_mairie_is_told(world: World) -> None:
    request = world.request(S.COMMITTEE)
    do(world, V.WITHDRAW, request, "agent", channel="phone", on_behalf_of="Mme le maire")
    assert told("request-withdrawn") == {"mairie", "agent", "pilot", "committee"}
    assert fresh(request).journal.last().on_behalf_of == "Mme le maire"


def test_reoriented_then_reopened(world: World) -> None:
    request = world.request(S.RECEIVED)
    with pytest.raises(Incomplete):
        qualifying.reorient(request=request, act=Act(by=world["agent"], reason="Oui"), to=" ")
    request = do(world, V.REORIENT, request, "agent")
    assert (request.reoriented_to, request.due_on) == ("Le Département", None)
    request = do(world, V.REOPEN, request, "mairie")
    assert (request.reoriented_to, request.ended_at) == ("", None)
    assert request.due_on == add_working_days(localdate(), 5, "24")
    assert told("request-reopened") == {"mairie", "agent", "pilot"}


def test_a_duplicate_is_grouped_before_it_is_closed(world: World) -> None:
    first, second, third = (world.request(S.QUALIFIED) for _ in range(3))
    act = Act(by=world["agent"])
    with pytest.raises(Incomplete, match="Regroupez"):
        qualifying.close(request=second, act=act, outcome=Outcome.DUPLICATE, text="Doublon.")
    qualifying.group(request=second, act=act, with_request=first)
    qualifying.group(request=third, act=act, with_request=second)
    assert fresh(third).duplicate_of == first, "a group has one head"
    with pytest.raises(Incomplete):
        qualifying.group(request=first, act=act, with_request=fresh(third))
    with pytest.raises(Incomplete):
        qualifying.group(
            request=first, act=act, with_request=make_request(S.DRAFT, author=world["mairie"])
        )
    qualifying.close(request=fresh(second), act=act, outcome=Outcome.DUPLICATE, text="Doublon.")
    qualifying.ungroup(request=fresh(third), act=act)
    assert fresh(third).duplicate_of is None
    assert_sound(fresh(second))


# -- Where a circuit already works


def test_where_a_circuit_works_the_desk_is_informed_and_counts(world: World) -> None:
    world.desk.mode, world.desk.circuit = DeskMode.EXISTING_CIRCUIT, world.agency
    world.desk.save()
    request = fresh(file_one(world))
    assert (request.state, request.hand, request.lead) == (
        S.EXISTING_CIRCUIT, Hand.CIRCUIT, world.agency
    )  # fmt: skip
    assert request.number
    assert [e.verb for e in request.journal.all()] == [V.FILE, V.ENTRUST]
    assert request.journal.last().by_label == "Règle du guichet"
    assert told("request-to-qualify") == set()
    assert told("entrusted-to-circuit") == {"mairie", "lead", "agent", "pilot"}
    assert Request.objects.handled_by(world["agent"]).contains(request)
    assert_sound(request)
    request = do(world, V.CLOSE, request, "lead")
    # Reopened, it comes to the desk, which may hand it over again.
    request = do(world, V.REOPEN, request, "mairie")
    assert request.lead is None
    qualifying.entrust(request=request, act=Act(by=world["agent"]))
    assert fresh(request).lead == world.agency
    assert_sound(fresh(request))


def test_an_agent_does_not_choose_a_lead_by_naming_a_circuit(world: World) -> None:
    with pytest.raises(TransitionRefused, match="porte lui-même"):
        qualifying.entrust(
            request=world.request(), act=Act(by=world["agent"]), organisation=world.agency
        )
    Desk.objects.update(mode=DeskMode.EXISTING_CIRCUIT, circuit=world.agency)
    with pytest.raises(NotAllowed, match="déclaré par le délégué"):
        qualifying.entrust(
            request=world.request(), act=Act(by=world["agent"]), organisation=world.caue
        )


# -- Who is told when people are away or have left


def test_the_relay_of_an_absent_agent_is_told(world: World) -> None:
    agent, relay = world["agent"], make_user(email="relais@exemple.test")
    outsider = make_user(Role.PROVIDER, make_provider("Ailleurs"))
    request = do(world, V.QUALIFY, world.request(), "agent")
    assert people.agents(request) == [agent]
    absence = agent.absences.create(relay=relay, starts=localdate(), ends=localdate())
    assert people.agents(request) == [agent, relay]
    absence.relay = outsider
    absence.save()
    assert people.agents(request) == [agent], "a relay who cannot read is not told"
    absence.relay, absence.ends = relay, localdate() - timedelta(days=1)
    absence.starts = absence.ends
    absence.save()
    assert people.agents(request) == [agent]
    # The same one as delegate, who is told once.
    world["delegate"].absences.create(
        relay=world["deputy"], starts=localdate(), ends=localdate() + timedelta(days=3)
    )
    assert [u.name for u in people.deciders(request)] == ["Delegate", "Deputy"]


def test_who_has_left_the_desk_is_no_longer_told(world: World) -> None:
    request = do(world, V.QUALIFY, world.request(), "agent")
    world["agent"].mandates.update(ends=localdate() - timedelta(days=1))
    assert people.agents(fresh(request)) == [world["pilot"]]
    User.objects.filter(pk=world["pilot"].pk).update(is_active=False)
    assert [u.name for u in people.agents(fresh(request))] == ["Delegate", "Deputy"]


def test_bulk_assignment_gives_what_can_be_given(world: World) -> None:
    mine = [world.request() for _ in range(3)]
    other = make_request(commune=FIGEAC, desk=DeskFactory(territory="dep:46"))
    given = qualifying.assign(requests=[*mine, other], by=world["agent"], to=world["pilot"])
    assert given == (3, 1)
    assert {fresh(r).assigned_to for r in mine} == {world["pilot"]}
    assert told("requests-assigned") == {"pilot"}
    assert Mail.objects.filter(to="pilot@exemple.test").count() == 1, "one mail for all three"
    assert qualifying.assign(requests=mine, by=world["agent"], to=world["mairie"]) == (0, 3)
    assert qualifying.assign(requests=mine, by=world["agent"], to=world["pilot"]) == (3, 0)
    assert JournalEntry.objects.filter(verb="assign").count() == 3, "nothing twice"
    assert qualifying.assign(requests=mine, by=world["agent"], to=None) == (3, 0)
    for request in mine:
        assert_sound(fresh(request))


# -- Two pages open


def test_a_page_that_is_no_longer_true_is_refused_with_who_acted(world: World) -> None:
    request = world.request(S.RECEIVED)
    seen = request.version
    do(world, V.QUALIFY, request, "agent", version=seen)
    with pytest.raises(Conflict, match=r"Agent, Préfecture de la Dordogne a agi"):
        do(world, V.REORIENT, request, "pilot", version=seen)
    assert fresh(request).state == S.QUALIFIED


def test_only_the_desk_speaks_for_another(world: World) -> None:
    request = world.request(S.INFORMATION_WANTED)
    with pytest.raises(NotAllowed, match="en votre nom"):
        do(world, V.GIVE_INFORMATION, request, "mairie", on_behalf_of="Le préfet")
    do(world, V.GIVE_INFORMATION, request, "agent", on_behalf_of="Mme Roche", channel="phone")


def test_a_message_is_told_to_those_of_the_body_who_read_it(world: World) -> None:
    """The committee's thread: its members, and not an observer of the same body."""
    request = world.request(S.COMMITTEE)
    make_user(Role.OBSERVER, world.anct, email="curieux@exemple.test")
    exchanges.post_message(
        request=request, act=Act(by=world["agent"]), audience=Audience.PARTNER,
        partner=world.anct, body="Il manque un plan.",
    )  # fmt: skip
    assert told("new-message") == {"committee", "pilot"}
