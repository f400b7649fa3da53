"""Who may do what, who reads what: one table, tried through the services and the query set."""

from datetime import timedelta
from random import Random

import pytest
from django.http import Http404
from django.utils.timezone import localdate

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import User
from maillage.desk import perms
from maillage.desk.enums import (
    Audience,
    Capacity,
    ConsultationKind,
    ConsultationState,
    LeadKind,
    State,
    Verb,
)
from maillage.desk.models import Party, Request
from maillage.desk.services import consultations, exchanges, filing, local
from maillage.desk.services.core import Act, NotAllowed

from .acts import BISTRO, DOING, World, do, examine_all, file_as, make_world
from .factories import (
    BOURROU,
    FIGEAC,
    GRAND_PERIGUEUX,
    PERIGUEUX,
    DeskFactory,
    OrganisationFactory,
    give_mandate,
    make_prefecture,
    make_provider,
    make_request,
    make_town,
    make_user,
)

pytestmark = pytest.mark.django_db

S, V = State, Verb
#: Who works at the desk, and who of them decides.
DESK = {"agent", "pilot", "delegate", "deputy", "assistant"}
DECIDERS = {"delegate", "deputy"}
#: Everyone of the world, and whether they see a filed request of Bourrou.
SEES = {
    **dict.fromkeys(
        ("mairie", "agent", "pilot", "delegate", "deputy", "assistant", "lead", "asked", "informed",
         "committee", "observer", "administrator"),
        True,
    ),
    **dict.fromkeys(("stranger", "former mayor", "next mayor"), False),
}  # fmt: skip
#: Verb → who may. Written by hand from the protocol; whoever is not named is refused.
MAY = {
    V.FILE: {"mairie"},
    V.ASK_INFORMATION: DESK,
    V.GIVE_INFORMATION: DESK | {"mairie"},
    V.QUALIFY: DESK,
    V.PREPARE: DESK,
    V.DESIGNATE: DECIDERS,
    V.REPLACE_LEAD: DECIDERS,
    V.ACCEPT_LEAD: DESK | {"lead"},
    V.DECLINE_LEAD: DESK | {"lead"},
    V.OPEN_NATIONAL: DECIDERS,
    V.SUBMIT: DECIDERS,
    V.ACCEPT_NATIONAL: {"committee"},
    V.REFUSE_NATIONAL: {"committee"},
    V.RETURN_TO_LOCAL: DECIDERS,
    V.SIGN_CONVENTION: DESK,
    V.START_SUPPORT: DECIDERS,
    V.ENTRUST: DESK,
    V.CLOSE: DESK | {"lead"},
    V.WITHDRAW: DESK | {"mairie"},
    V.REORIENT: DESK,
    V.REOPEN: DESK | {"mairie"},
}
#: A state in which the verb is possible (with a lead for what the lead may do).
FROM = {
    V.FILE: S.DRAFT, V.ASK_INFORMATION: S.RECEIVED, V.GIVE_INFORMATION: S.INFORMATION_WANTED,
    V.QUALIFY: S.RECEIVED, V.PREPARE: S.QUALIFIED, V.DESIGNATE: S.QUALIFIED,
    V.REPLACE_LEAD: S.ACCOMPANIED, V.ACCEPT_LEAD: S.LOCAL, V.DECLINE_LEAD: S.LOCAL,
    V.OPEN_NATIONAL: S.QUALIFIED, V.SUBMIT: S.NATIONAL, V.ACCEPT_NATIONAL: S.COMMITTEE,
    V.REFUSE_NATIONAL: S.COMMITTEE, V.RETURN_TO_LOCAL: S.REFUSED, V.SIGN_CONVENTION: S.ACCEPTED,
    V.START_SUPPORT: S.CONVENTION, V.ENTRUST: S.RECEIVED, V.CLOSE: S.ACCOMPANIED,
    V.WITHDRAW: S.QUALIFIED, V.REORIENT: S.QUALIFIED, V.REOPEN: S.CLOSED,
}  # fmt: skip


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.mark.parametrize("verb", Verb.values)
def test_each_verb_is_for_those_of_the_table(world: World, verb: str) -> None:
    for name in world.people:
        request = world.request(FROM[Verb(verb)])
        if verb == V.OPEN_NATIONAL and name in DECIDERS:
            examine_all(request, world["agent"])
        if name in MAY[Verb(verb)]:
            assert perms.may(verb, perms.standing(world[name], request)), (verb, name)
            do(world, verb, request, name)
            continue
        right = perms.may(verb, perms.standing(world[name], request))
        assert isinstance(right, perms.Denied), (verb, name)
        assert right.reason[0].isupper()
        assert right.reason.endswith(".")
        with pytest.raises(NotAllowed) as refused:
            DOING[verb](world, request, Act(by=world[name], reason="Parce que."))
        assert str(refused.value) == right.reason
        assert Request.objects.get(pk=request.pk).state == request.state


def test_who_sees_a_request_before_and_after_it_is_filed(world: World) -> None:
    filed, draft = world.request(S.ACCOMPANIED), world.request(S.DRAFT)
    committee = world.request(S.COMMITTEE)
    for name, sees in SEES.items():
        seen = set(Request.objects.visible_to(world[name]))
        here = {"lead": filed, "committee": committee}.get(name, filed)
        assert (here in seen) == sees, name
        assert (draft in seen) == (name == "mairie"), name
        if sees:
            assert perms.find(world[name], here.pk) == here
        else:
            with pytest.raises(Http404):
                perms.find(world[name], here.pk)
    assert committee not in Request.objects.visible_to(world["lead"])
    assert filed not in Request.objects.visible_to(world["committee"])


# -- One rule, written twice: in SQL (`visible_to`) and in Python (`standing`)

_CAPACITIES = (
    "applicant", "agent", "decider", "lead", "asked", "informed", "committee", "observer",
    "administrator",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_what_is_visible_is_what_one_has_a_standing_to(seed: int) -> None:
    """Random people, mandates (past, present, to come), parts (ended or not) and requests."""
    dice = Random(seed)
    desk = DeskFactory()
    bodies = [
        desk.organisation, make_prefecture("dep:46"), make_town(), make_town(PERIGUEUX),
        make_provider(), make_provider("CAUE"),
        OrganisationFactory(name="ANCT", kind=OrganisationKind.ANCT, territory="FR"),
        OrganisationFactory(name="Élus 24", territory="dep:24"),
        OrganisationFactory(name="Élus de Bourrou", territory=f"com:{BOURROU}"),
        OrganisationFactory(name="Sans territoire"),
    ]  # fmt: skip
    users = [make_user(None) for _ in range(25)]
    users[0].is_staff = True
    users[0].save()
    for user in users:
        for body, role in {(dice.choice(bodies), dice.choice(Role.values)) for _ in range(3)}:
            starts, ends = dice.choice(((None, None), (None, -1), (1, None), (-5, 5), (0, 0)))
            give_mandate(
                user, role, body, signs=dice.random() < 0.5,
                starts=_day(starts), ends=_day(ends),
            )  # fmt: skip
    requests = []
    for _ in range(20):
        state = dice.choice(State.values)
        request = make_request(
            state, dice.choice([BOURROU, PERIGUEUX, GRAND_PERIGUEUX]), desk,
            lead=dice.choice(bodies[4:6]) if state in _LED else None,
            author=dice.choice([None, *users]), address_checked=dice.random() < 0.5,
        )  # fmt: skip
        for body, capacity in {(dice.choice(bodies), dice.choice(_OTHER)) for _ in range(4)}:
            Party.objects.get_or_create(
                request=request, organisation=body, capacity=capacity,
                defaults={"ended_at": request.created_at if dice.random() < 0.3 else None},
            )  # fmt: skip
        requests.append(request)
    count = 0
    for user in users:
        user = User.objects.get(pk=user.pk)
        seen = set(Request.objects.visible_to(user))
        for request in requests:
            who = perms.standing(user, request)
            stands = any(getattr(who, name) for name in _CAPACITIES)
            assert stands == (request in seen), (user.mandates.all(), request, who)
            count += stands
            if not stands:
                assert not any(perms.may(verb, who) for verb in Verb.values)
                assert not perms.messages(who).exists()
                assert not perms.attachments(who).exists()
                assert not perms.journal(who).exists()
    assert count > 20, "the draw holds almost nothing"


_LED = {S.LOCAL, S.ACCOMPANIED, S.CLOSED, S.EXISTING_CIRCUIT}
_OTHER = [c for c in Capacity.values if c not in {Capacity.LEAD, Capacity.APPLICANT}]


def _day(distance: int | None):
    return None if distance is None else localdate() + timedelta(days=distance)


# -- What each reads


def test_a_provider_sees_only_what_it_was_asked(world: World) -> None:
    request, other = world.request(S.QUALIFIED, parties=()), make_request(S.QUALIFIED, PERIGUEUX)
    agent = world["agent"]
    consultations.ask(
        request=request, act=Act(by=agent), organisation=world.agency, kind=ConsultationKind.HELP,
        question="Pouvez-vous passer ?",
    )  # fmt: skip
    consultations.ask(
        request=request, act=Act(by=agent), organisation=world.ddt, kind=ConsultationKind.OPINION,
        question="Le plan de prévention ?",
    )  # fmt: skip
    for audience, partner in (
        (Audience.APPLICANT, None), (Audience.INTERNAL, None), (Audience.PARTNER, world.caue),
        (Audience.PARTNER, world.agency),
    ):  # fmt: skip
        exchanges.post_message(
            request=request, act=Act(by=agent), audience=audience, body="Bonjour.", partner=partner
        )
    provider = world["lead"]
    assert list(Request.objects.visible_to(provider)) == [request]
    assert other not in Request.objects.visible_to(provider)
    who = perms.standing(provider, request)
    assert [q.organisation for q in perms.consultations(who)] == [world.agency]
    assert [(m.audience, m.partner) for m in perms.messages(who)] == [
        (Audience.PARTNER, world.agency)
    ]
    assert not perms.tasks(who).exists()
    assert not perms.journal(who).exists()
    assert not who.sees_contact
    mairie = perms.standing(world["mairie"], request)
    assert {m.audience for m in perms.messages(mairie)} == {Audience.APPLICANT}
    assert not perms.journal(mairie).filter(internal=True).exists()


def test_documents_go_with_the_question_and_leave_with_the_refusal(world: World) -> None:
    request = world.request(S.QUALIFIED)
    request.attachments.create(name="plan.pdf", kind="pdf", size=1, sha256="a" * 64)
    agent, asked = world["agent"], world["asked"]
    seen = lambda: perms.attachments(perms.standing(asked, request)).count()  # noqa: E731
    assert seen() == 0
    made = consultations.ask(
        request=request, act=Act(by=agent), organisation=world.caue, kind=ConsultationKind.HELP,
        question="Pouvez-vous passer ?", with_documents=True,
    )  # fmt: skip
    assert seen() == 1
    consultations.answer_help(consultation=made, act=Act(by=asked), accept=False, text="Non.")
    assert seen() == 0
    assert Request.objects.visible_to(asked).contains(request), "it reads what it answered"


def test_what_was_taken_back_is_no_longer_read(world: World) -> None:
    request = world.request(S.QUALIFIED)
    made = consultations.ask(
        request=request, act=Act(by=world["agent"]), organisation=world.agency,
        kind=ConsultationKind.OPINION, question="Le chauffage ?",
    )  # fmt: skip
    assert Request.objects.visible_to(world["lead"]).contains(request)
    consultations.cancel(consultation=made, act=Act(by=world["agent"]))
    assert not Request.objects.visible_to(world["lead"]).contains(request)


def test_who_declined_reads_its_answer_and_no_longer_the_mairie(world: World) -> None:
    request = world.request(S.QUALIFIED)
    do(world, V.DESIGNATE, request, "delegate")
    exchanges.post_message(
        request=request, act=Act(by=world["mairie"]), audience=Audience.APPLICANT, body="Bonjour."
    )
    lead = world["lead"]
    assert perms.messages(perms.standing(lead, request)).count() == 1
    do(world, V.DECLINE_LEAD, request, "lead")
    who = perms.standing(lead, Request.objects.get(pk=request.pk))
    assert (who.lead, who.asked) == (False, True)
    assert not perms.messages(who).exists()
    assert [q.state for q in perms.consultations(who)] == [ConsultationState.DECLINED]


def test_an_unverified_author_reads_only_their_own_request(world: World) -> None:
    theirs_before = world.request(S.QUALIFIED)
    author = make_user(None, email="quelqu.un@exemple.test")
    request = file_as(BOURROU, author)
    assert not request.address_checked
    assert request.applicant is None
    assert list(Request.objects.visible_to(author)) == [request]
    assert not Request.objects.visible_to(world["mairie"]).contains(request)
    assert perms.standing(author, request).applicant
    filing.confirm_author(request=request, act=Act(by=world["agent"]))
    author = User.objects.get(pk=author.pk)
    assert set(Request.objects.visible_to(author)) == {request, theirs_before}
    assert Request.objects.visible_to(world["mairie"]).contains(request)


def test_who_types_for_a_mairie_belongs_to_its_desk(world: World) -> None:
    with pytest.raises(NotAllowed, match="agent du guichet"):
        filing.start_draft(by=world["stranger"], need=BISTRO, code=BOURROU, on_behalf=True)
    DeskFactory(territory="dep:46")
    with pytest.raises(filing.Incomplete, match="autre guichet"):
        filing.start_draft(by=world["agent"], need=BISTRO, code=FIGEAC, on_behalf=True)
    draft = filing.start_draft(by=world["agent"], need=BISTRO, code=BOURROU, on_behalf=True)
    assert Request.objects.visible_to(world["agent"]).contains(draft)
    assert Request.objects.visible_to(world["mairie"]).contains(draft)
    assert not Request.objects.visible_to(world["pilot"]).contains(draft)


def test_a_lead_ends_only_what_it_has_accepted(world: World) -> None:
    request = world.request(S.LOCAL)
    with pytest.raises(NotAllowed, match="Acceptez"):
        do(world, V.CLOSE, request, "lead")
    do(world, V.ACCEPT_LEAD, request, "lead")
    assert do(world, V.CLOSE, request, "lead").state == S.CLOSED


def test_remarks_of_the_elected_are_read_by_the_desk_and_by_their_author(world: World) -> None:
    request = world.request(S.QUALIFIED)
    exchanges.post_message(
        request=request, act=Act(by=world["observer"]), audience=Audience.REMARK,
        body="Ce projet compte.",
    )  # fmt: skip
    readers = {
        name for name in world.people if perms.messages(perms.standing(world[name], request))
    }
    assert readers == DESK | {"observer"}
    for audience in (Audience.APPLICANT, Audience.INTERNAL):
        with pytest.raises(NotAllowed):
            exchanges.post_message(
                request=request, act=Act(by=world["observer"]), audience=audience, body="Non."
            )


def test_one_writes_only_to_a_body_that_takes_part(world: World) -> None:
    request = world.request(S.QUALIFIED)
    with pytest.raises(exchanges.Incomplete, match="ne prend pas part"):
        exchanges.post_message(
            request=request, act=Act(by=world["agent"]), audience=Audience.PARTNER,
            partner=make_provider("Inconnu"), body="Bonjour.",
        )  # fmt: skip


def test_the_lead_kind_is_one_of_the_protocol(world: World) -> None:
    assert set(LeadKind.values) == {"subprefect", "ddt", "operator", "local_provider"}
    with pytest.raises(local.Incomplete):
        local.designate(
            request=world.request(S.QUALIFIED), act=Act(by=world["delegate"]),
            organisation=world.agency, lead_kind="cousin",
        )  # fmt: skip


def test_standing_costs_two_queries(world: World, django_assert_max_num_queries) -> None:
    request = Request.objects.get(pk=world.request(S.ACCOMPANIED).pk)
    agent = User.objects.get(pk=world["agent"].pk)
    with django_assert_max_num_queries(2):
        perms.standing(agent, request)
