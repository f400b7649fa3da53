"""A request from the mairie to an answer, by both branches, through the services alone."""

from datetime import date, timedelta

import pytest
from django.utils.timezone import localdate

from maillage.common.transitions import TransitionRefused
from maillage.common.workdays import add_working_days
from maillage.desk import lifecycle, snapshots
from maillage.desk.enums import (
    Branch,
    ConsultationState,
    ConventionState,
    Ground,
    Hand,
    LeadKind,
    NeedLevel,
    Outcome,
    State,
    Verb,
    Verdict,
)
from maillage.desk.models import Consultation, Convention, Request
from maillage.desk.services import desks, filing, local, national, qualifying
from maillage.desk.services.core import Act, AlreadyDone, Conflict, Incomplete

from .acts import (
    BISTRO,
    World,
    do,
    examine_all,
    file_one,
    fresh,
    make_world,
    signed_file,
    told,
    written,
)
from .factories import BOURROU
from .test_lifecycle import assert_sound

pytestmark = pytest.mark.django_db

S, V = State, Verb


@pytest.fixture
def world() -> World:
    return make_world()


def states(request: Request) -> list[str]:
    return [entry.to_state for entry in request.journal.all()]


# -- Filing


def test_filing_gives_a_number_a_date_and_a_first_deadline(world: World) -> None:
    request = file_one(world)
    assert request.number == f"24-{localdate().year}-00001"
    assert request.received_on == localdate()
    assert request.first_answer_due == request.due_on == add_working_days(localdate(), 5, "24")
    assert (request.state, request.hand) == (S.RECEIVED, Hand.DESK)
    assert request.applicant == desks.body_for_territory(BOURROU)
    assert told("request-received") == {"mairie"}
    assert told("request-to-qualify") == {"agent", "pilot"}
    assert told("for-information") == {"informed"}
    assert_sound(fresh(request))
    assert file_one(world).number.endswith("-00002")


@pytest.mark.parametrize(
    ("filed", "due"),
    [
        (date(2026, 11, 20), date(2026, 11, 27)),  # a Friday: the next one
        (date(2026, 4, 30), date(2026, 5, 11)),  # May 1st and 8th are holidays
        (date(2026, 12, 24), date(2027, 1, 4)),  # Christmas and New Year's day
        (date(2026, 11, 7), date(2026, 11, 16)),  # a Saturday; the 11th
    ],
)
def test_the_first_answer_counts_five_working_days(
    world: World, filed: date, due: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filing, "localdate", lambda: filed)
    request = file_one(world)
    assert request.received_on == filed
    assert request.first_answer_due == request.due_on == due


def test_the_deadline_is_a_setting_of_the_desk(world: World) -> None:
    world.desk.first_answer_days = 2
    world.desk.save()
    assert file_one(world).due_on == add_working_days(localdate(), 2, "24")


def test_an_incomplete_request_is_not_filed_and_says_what_it_lacks(world: World) -> None:
    draft = filing.start_draft(by=world["mairie"], need="Bistrot")
    with pytest.raises(Incomplete) as lacking:
        filing.file_request(request=draft, act=Act(by=world["mairie"]))
    assert {"need", "bearer"} <= set(lacking.value.errors)
    assert fresh(draft).number is None


def test_a_contact_who_has_an_account_gets_one_mail(world: World) -> None:
    file_one(world, contact_email="Mairie@exemple.test")
    assert written("request-received") == ["mairie@exemple.test"]
    file_one(world, contact_email="accueil@exemple.test")
    assert written("request-received").count("accueil@exemple.test") == 1
    assert told("request-received") == {"mairie"}


def test_the_same_filing_twice_is_done_once(world: World) -> None:
    draft = filing.start_draft(by=world["mairie"], need=BISTRO, code=BOURROU)
    filing.save_draft(request=draft, by=world["mairie"], contact_name="C", contact_phone="05")
    act = Act(by=world["mairie"], once=draft.pk)
    filing.file_request(request=draft, act=act)
    with pytest.raises(AlreadyDone):
        filing.file_request(request=draft, act=act)
    assert Request.objects.filter(number__isnull=False).count() == 1


# -- Main journey


def test_local_journey(world: World) -> None:
    request = file_one(world)
    act = lambda who, **more: Act(by=world[who], **more)  # noqa: E731
    qualifying.qualify(
        request=request, act=act("agent"), themes=["commerce"], phase="faisabilite",
        level=NeedLevel.METHOD, note="La licence existe encore.",
    )  # fmt: skip
    request = fresh(request)
    assert request.assigned_to == world["agent"]
    assert request.first_answer_at is not None
    assert request.due_on == add_working_days(localdate(), world.desk.decision_days, "24")
    assert told("request-qualified") == {"mairie"}
    qualifying.prepare(
        request=request, act=act("agent"), branch=Branch.LOCAL, organisation=world.agency,
        lead_kind=LeadKind.LOCAL_PROVIDER, text="Elle connaît le bâtiment.",
    )  # fmt: skip
    assert fresh(request).hand == Hand.DELEGATE
    assert told("decision-prepared") == {"delegate", "deputy"}
    shown = snapshots.kept(snapshots.answer_for(fresh(request), localdate()))
    assert shown["help"]
    local.designate(
        request=request, act=act("delegate", reason="La plus proche.", shown=shown),
        organisation=world.agency, lead_kind=LeadKind.LOCAL_PROVIDER, person="Dominique Petit",
    )  # fmt: skip
    request = fresh(request)
    assert (request.lead, request.lead_person) == (world.agency, "Dominique Petit")
    assert request.lead_email == "atd@exemple.test"
    assert request.journal.last().shown["help"][0]["reason"]
    assert told("lead-asked") == {"lead"}
    assert written("lead-asked") == ["atd@exemple.test", "lead@exemple.test"]
    assert told("lead-designated") == {"mairie"}
    local.accept_lead(request=request, act=act("lead"), text="J'appelle lundi.")
    assert Consultation.objects.get(as_lead=True).state == ConsultationState.ACCEPTED
    assert told("lead-accepted") == {"mairie", "agent"}
    qualifying.close(
        request=request, act=act("lead"), outcome=Outcome.STARTED, text="Le café ouvre."
    )
    request = fresh(request)
    assert states(request) == [S.RECEIVED, S.QUALIFIED, S.QUALIFIED, S.LOCAL, S.ACCOMPANIED,
                               S.CLOSED]  # fmt: skip
    assert lifecycle.replay(request.journal.all()) == request.position
    assert [e.by_label for e in request.journal.all()][3] == "Delegate, Préfecture de la Dordogne"
    assert_sound(request)


def test_information_wanted_and_given(world: World) -> None:
    request = file_one(world, contact_email="accueil@exemple.test")
    qualifying.ask_information(
        request=request, act=Act(by=world["agent"]), question="Le bâtiment est-il à vous ?"
    )
    request = fresh(request)
    assert (request.hand, request.state) == (Hand.APPLICANT, S.INFORMATION_WANTED)
    assert request.first_answer_at is not None
    assert written("information-wanted") == ["accueil@exemple.test", "mairie@exemple.test"]
    qualifying.give_information(request=request, act=Act(by=world["mairie"]), text="Oui.")
    request = fresh(request)
    assert (request.hand, request.state) == (Hand.DESK, S.RECEIVED)
    assert told("information-given") == {"agent", "pilot"}
    do(world, V.QUALIFY, request, "agent")
    assert told("request-qualified") == {"mairie"}, "it is told even after a first question"


# -- National twin


def test_national_journey(world: World) -> None:
    request = do(world, V.QUALIFY, file_one(world), "agent")
    delegate = Act(by=world["delegate"], reason="Rien ici.")
    say = {"grounds": [Ground.FRAGILITY, Ground.LOCAL_LACK], "explanation": "Ni temps, ni argent."}
    lines = national.to_examine(request)
    assert lines, "the orientation proposes local offers for a bistrot in Bourrou"
    with pytest.raises(Incomplete, match="à examiner") as lacking:
        national.open_national(request=request, act=delegate, **say)
    assert set(lacking.value.errors) == {"examined"}
    examine_all(request, world["agent"])
    assert national.missing_for_national(fresh(request)) == []
    assert request.examinations.count() == len(lines)
    for wrong, field in (
        ({"grounds": []}, "grounds"),
        ({"grounds": [Ground.FRAGILITY]}, "grounds"),
        ({"grounds": [Ground.LOCAL_LACK]}, "grounds"),
        ({"grounds": ["amitié"]}, "grounds"),
        ({"explanation": "  "}, "explanation"),
    ):
        with pytest.raises(Incomplete) as lacking:
            national.open_national(request=request, act=delegate, **{**say, **wrong})
        assert set(lacking.value.errors) == {field}
    assert not request.justifications.exists()
    national.open_national(request=request, act=delegate, **say)
    request = fresh(request)
    assert (request.state, request.branch, request.hand) == (
        S.NATIONAL, Branch.NATIONAL, Hand.DELEGATE
    )  # fmt: skip
    assert len(request.justifications.get().examined) == len(lines)
    assert not Request.objects.visible_to(world["committee"]).exists()
    national.submit(request=request, act=delegate)
    assert Request.objects.visible_to(world["committee"]).contains(request)
    assert told("committee-asked") == {"committee"}
    with pytest.raises(Incomplete):
        national.refuse_national(request=request, act=Act(by=world["committee"]))
    national.refuse_national(
        request=request, act=Act(by=world["committee"], reason="La Région répond.")
    )
    request = fresh(request)
    assert request.justifications.get().decision == "La Région répond."
    assert request.hand == Hand.DELEGATE
    request = do(world, V.RETURN_TO_LOCAL, request, "delegate")
    assert (request.state, request.branch) == (S.QUALIFIED, "")
    assert Request.objects.visible_to(world["committee"]).contains(request), "it reads on"
    # A second time, with another ground: the first decision stays what it was.
    national.open_national(
        request=request, act=delegate, grounds=[Ground.RARE] * 2, explanation="Un seul bureau."
    )
    do(world, V.SUBMIT, request, "delegate")
    request = do(world, V.ACCEPT_NATIONAL, request, "committee", reason="Six mois.")
    first, second = request.justifications.all()
    assert (first.decision, second.decision) == ("La Région répond.", "Six mois.")
    assert second.grounds == [Ground.RARE]
    national.save_convention(
        request=request, by=world["agent"], version=None, object="Appui au bistrot", months=6
    )
    with pytest.raises(Conflict):
        national.save_convention(request=request, by=world["agent"], version=0, object="Autre")
    with pytest.raises(Incomplete, match="à venir"):
        national.sign_convention(
            request=request, act=Act(by=world["agent"]), attachment=signed_file(request),
            signed_on=localdate() + timedelta(days=1),
        )  # fmt: skip
    request = do(world, V.SIGN_CONVENTION, request, "agent")
    assert request.convention.state == ConventionState.SIGNED
    with pytest.raises(TransitionRefused, match="signée"):
        national.save_convention(request=request, by=world["agent"], version=1, object="Autre")
    request = do(world, V.START_SUPPORT, request, "delegate")
    assert (request.state, request.lead) == (S.ACCOMPANIED, world.ddt)
    assert told("lead-entrusted") == {"pilot"}
    assert told("lead-designated") == {"mairie"}
    request = do(world, V.CLOSE, request, "agent")
    assert_sound(request)
    # Reopened, a new support has a new convention to sign.
    request = do(world, V.REOPEN, request, "mairie")
    assert request.position == lifecycle.Position(S.RECEIVED)
    do(world, V.QUALIFY, request, "agent")
    for verb, who in ((V.OPEN_NATIONAL, "delegate"), (V.SUBMIT, "deputy"),
                      (V.ACCEPT_NATIONAL, "committee")):  # fmt: skip
        request = do(world, verb, request, who)
    held = Convention.objects.get(request=request)
    assert (held.state, held.signed_file) == (ConventionState.DRAFT, None)
    assert held.object == "Appui au bistrot"
    assert_sound(request)


def test_no_national_branch_while_a_local_offer_answers(world: World) -> None:
    request = world.request(S.QUALIFIED)
    examine_all(request, world["agent"])
    line = national.to_examine(request)[0]
    national.examine(
        request=request, act=Act(by=world["agent"]), offer=line["offer"], title=line["title"],
        provider=line["provider"], level=line["level"], verdict=Verdict.ANSWERS, why="Elle vient.",
    )  # fmt: skip
    with pytest.raises(Incomplete, match="une offre locale répond"):
        do(world, V.OPEN_NATIONAL, request, "delegate")
    with pytest.raises(Incomplete):
        national.examine(
            request=request, act=Act(by=world["agent"]), offer=line["offer"], title="", provider="",
            level="", verdict=Verdict.DOES_NOT, why=" ",
        )  # fmt: skip


def test_when_nothing_is_proposed_it_must_be_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(national, "to_examine", lambda *_: [])
    request = world.request(S.QUALIFIED)
    say = {"grounds": [Ground.COMPLEX], "explanation": "Rien n'existe."}
    act = Act(by=world["delegate"])
    with pytest.raises(Incomplete) as lacking:
        national.open_national(request=request, act=act, **say)
    assert set(lacking.value.errors) == {"none_found"}
    national.open_national(request=request, act=act, none_found=True, **say)
    assert request.justifications.get().none_found
    assert_sound(fresh(request))


def test_back_before_the_committee_the_first_reasons_stay_undecided(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(national, "to_examine", lambda *_: [])
    request = world.request(S.QUALIFIED)
    for verb, who in (
        (V.OPEN_NATIONAL, "delegate"), (V.RETURN_TO_LOCAL, "delegate"),
        (V.OPEN_NATIONAL, "delegate"), (V.SUBMIT, "delegate"), (V.ACCEPT_NATIONAL, "committee"),
    ):  # fmt: skip
        request = do(world, verb, request, who, reason="Oui.")
    assert [j.decision for j in request.justifications.all()] == ["", "Oui."]
