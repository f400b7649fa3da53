"""The table of the life of a request, by its services: every verb in every state."""

import re

import pytest

from maillage.common.transitions import TransitionRefused
from maillage.desk import lifecycle
from maillage.desk.enums import ENDED_STATES, Branch, Capacity, Hand, State, Verb
from maillage.desk.models import Request
from maillage.desk.services.core import Act, NotAllowed

from .acts import DOING, World, do, examine_all, make_world

pytestmark = pytest.mark.django_db

S, V = State, Verb

#: Who does each verb here (who else may is in `test_rights`).
BY = {
    V.FILE: "mairie", V.GIVE_INFORMATION: "mairie", V.WITHDRAW: "mairie", V.REOPEN: "mairie",
    V.ASK_INFORMATION: "agent", V.QUALIFY: "agent", V.PREPARE: "agent", V.SIGN_CONVENTION: "agent",
    V.ENTRUST: "agent", V.CLOSE: "agent", V.REORIENT: "agent",
    V.DESIGNATE: "delegate", V.REPLACE_LEAD: "delegate", V.OPEN_NATIONAL: "delegate",
    V.SUBMIT: "delegate", V.RETURN_TO_LOCAL: "delegate", V.START_SUPPORT: "delegate",
    V.ACCEPT_LEAD: "agent", V.DECLINE_LEAD: "agent",
    V.ACCEPT_NATIONAL: "committee", V.REFUSE_NATIONAL: "committee",
}  # fmt: skip

#: Verb → state by state, where it leads. Written by hand from the protocol (issue « Desk », B):
#: what is not here is refused.
LEADS = {
    V.FILE: {S.DRAFT: S.RECEIVED},
    V.ASK_INFORMATION: {S.RECEIVED: S.INFORMATION_WANTED, S.QUALIFIED: S.INFORMATION_WANTED},
    V.GIVE_INFORMATION: {S.INFORMATION_WANTED: S.RECEIVED},
    V.QUALIFY: {S.RECEIVED: S.QUALIFIED, S.QUALIFIED: S.QUALIFIED},
    V.PREPARE: {S.QUALIFIED: S.QUALIFIED},
    V.DESIGNATE: {S.QUALIFIED: S.LOCAL, S.LOCAL: S.LOCAL},
    V.REPLACE_LEAD: {S.ACCOMPANIED: S.ACCOMPANIED},
    V.ACCEPT_LEAD: {S.LOCAL: S.ACCOMPANIED},
    V.DECLINE_LEAD: {S.LOCAL: S.QUALIFIED},
    V.OPEN_NATIONAL: {S.QUALIFIED: S.NATIONAL},
    V.SUBMIT: {S.NATIONAL: S.COMMITTEE},
    V.ACCEPT_NATIONAL: {S.COMMITTEE: S.ACCEPTED},
    V.REFUSE_NATIONAL: {S.COMMITTEE: S.REFUSED},
    V.RETURN_TO_LOCAL: {S.REFUSED: S.QUALIFIED, S.NATIONAL: S.QUALIFIED},
    V.SIGN_CONVENTION: {S.ACCEPTED: S.CONVENTION},
    V.START_SUPPORT: {S.CONVENTION: S.ACCOMPANIED},
    V.ENTRUST: {S.RECEIVED: S.EXISTING_CIRCUIT},
    V.CLOSE: dict.fromkeys(
        (S.RECEIVED, S.QUALIFIED, S.LOCAL, S.REFUSED, S.ACCOMPANIED, S.EXISTING_CIRCUIT), S.CLOSED
    ),
    V.WITHDRAW: dict.fromkeys(
        set(S) - {S.DRAFT, S.CLOSED, S.WITHDRAWN, S.REORIENTED}, S.WITHDRAWN
    ),
    V.REORIENT: dict.fromkeys((S.RECEIVED, S.INFORMATION_WANTED, S.QUALIFIED), S.REORIENTED),
    V.REOPEN: dict.fromkeys((S.CLOSED, S.WITHDRAWN, S.REORIENTED), S.RECEIVED),
}  # fmt: skip


@pytest.fixture
def world() -> World:
    return make_world()


def test_the_tables_speak_of_every_verb() -> None:
    assert set(LEADS) == set(BY) == set(DOING) == set(Verb)


@pytest.mark.parametrize("verb", Verb.values)
def test_a_verb_leads_where_the_protocol_says(world: World, verb: str) -> None:
    for state, target in LEADS[Verb(verb)].items():
        before = world.request(state)
        if verb == V.OPEN_NATIONAL:
            examine_all(before, world["agent"])
        rank = Request.objects.get(pk=before.pk).version
        after = do(world, verb, before, BY[Verb(verb)])
        assert after.state == target, (verb, state)
        assert_sound(after)
        assert after.version == rank + 1
        entry = after.journal.last()
        assert (entry.verb, entry.from_state, entry.to_state) == (verb, state, target)
        assert entry.by == world[BY[Verb(verb)]]


@pytest.mark.parametrize("verb", Verb.values)
def test_elsewhere_a_verb_is_refused_in_french_and_nothing_changes(world: World, verb: str) -> None:
    for state in set(S) - set(LEADS[Verb(verb)]):
        # Before the filing, the desk takes no part: only the mairie reaches the table.
        by = "mairie" if state == S.DRAFT else BY[Verb(verb)]
        parties = [(world.anct, Capacity.COMMITTEE)] if by == "committee" else []
        before = world.request(state, parties=parties)
        entries = before.journal.count()
        sentence = _refusal(world, verb, before, by)
        assert re.fullmatch(r"« .+ » n'est pas possible : l'état actuel est « .+ ».", sentence) or (
            state == S.DRAFT and sentence[0].isupper() and sentence.endswith(".")
        ), sentence
        assert state == S.DRAFT or S(state).label in sentence
        after = Request.objects.get(pk=before.pk)
        assert (after.version, after.state) == (before.version, state)
        assert after.journal.count() == entries


def _refusal(world: World, verb: str, request: Request, by: str) -> str:
    with pytest.raises((TransitionRefused, NotAllowed)) as refused:
        DOING[verb](world, request, Act(by=world[by], reason="Parce que."))
    return str(refused.value)


def assert_sound(request: Request) -> None:
    """What is true of a request after any verb (also held by `test_properties`)."""
    passages = list(request.journal.all())
    assert lifecycle.replay(passages) == request.position
    ranks = [passage.rank for passage in passages]
    assert ranks == list(range(request.version - len(ranks) + 1, request.version + 1))
    leads = [p.organisation_id for p in request.parties.filter(capacity="lead", ended_at=None)]
    assert leads == ([request.lead_id] if request.lead_id else [])
    assert request.hand == lifecycle.hand(request.state, prepared=bool(request.prepared))
    assert (request.ended_at is not None) == (request.state in ENDED_STATES)
    if request.state in ENDED_STATES:
        assert request.due_on is None
        assert not [c for c in request.consultations.all() if c.is_open]
    if request.branch == Branch.NATIONAL:
        reason = request.justifications.last()
        assert reason is not None
        assert reason.grounds
        assert reason.examined or reason.none_found


def test_the_hand_and_the_steps_of_each_state() -> None:
    hands = {state: lifecycle.hand(state) for state in State}
    assert {s for s, hand in hands.items() if hand == Hand.NOBODY} == set(ENDED_STATES)
    assert hands[S.LOCAL] == hands[S.ACCOMPANIED] == Hand.LEAD
    assert hands[S.INFORMATION_WANTED] == hands[S.DRAFT] == Hand.APPLICANT
    assert lifecycle.hand(S.QUALIFIED, prepared=True) == Hand.DELEGATE
    assert lifecycle.step_of(S.DRAFT) == -1
    steps = [lifecycle.step_of(state) for state in State if state != S.DRAFT]
    assert set(steps) == {0, 1, 2, 3, 4}


def test_the_life_has_no_trap(world: World) -> None:
    """From every state of an open request, an end can be reached."""
    ways = {s: {t for table in LEADS.values() for f, t in table.items() if f == s} for s in S}
    reach = set(ENDED_STATES)
    for _ in S:
        reach |= {s for s, targets in ways.items() if targets & reach}
    assert reach == set(S)
