"""What the desk asked of a body and how fast it answered."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localdate, now
from hypothesis import given
from hypothesis import strategies as st

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.desk.asked_record import OPEN, Question, figures
from maillage.desk.enums import Capacity, ConsultationKind, ConsultationState, State
from maillage.desk.models import Consultation
from tests.catalog.keepers import local_page
from tests.desk.factories import (
    DeskFactory,
    make_prefecture,
    make_provider,
    make_request,
    make_user,
)

_BACKEND = settings.AUTHENTICATION_BACKENDS[0]
DAY = date(2026, 11, 20)
S = ConsultationState


def one(state: str = S.ACCEPTED, asked: int = 0, days: int | None = 3, due: int | None = 7,
        **said: Any) -> Question:  # fmt: skip
    begun = DAY + timedelta(days=asked)
    return Question(
        as_lead=said.get("as_lead", False), kind=said.get("kind", ConsultationKind.HELP),
        state=state, asked_on=begun,
        answered_on=None if days is None or state in OPEN else begun + timedelta(days=days),
        due_on=None if due is None else begun + timedelta(days=due),
    )  # fmt: skip


def test_figures_are_counted_in_plain_days() -> None:
    rows = [
        one(days=1, as_lead=True), one(days=9), one(S.DECLINED, days=4),
        one(S.GIVEN, days=2, due=None, kind=ConsultationKind.OPINION), one(S.WAITING, asked=-20),
        one(S.WAITING),
    ]  # fmt: skip
    found = figures(rows, DAY)
    assert (found.asked, found.designated, found.opinions) == (6, 1, 1)
    assert (found.accepted, found.declined, found.given) == (2, 1, 1)
    assert (found.waiting, found.late) == (2, 1)
    assert (found.median_days, found.longest_days) == (3.0, 9)
    assert (found.in_time, found.judged, found.share) == (2, 4, 50)


def test_nothing_asked_says_nothing() -> None:
    found = figures([], DAY)
    assert (found.asked, found.median_days, found.longest_days, found.share) == (
        0,
        None,
        None,
        None,
    )


@given(
    st.lists(
        st.builds(
            one, st.sampled_from([S.ACCEPTED, S.DECLINED, S.GIVEN, *OPEN]),
            asked=st.integers(-400, 0), days=st.integers(0, 300),
            due=st.none() | st.integers(0, 60), as_lead=st.booleans(),
        ),
        max_size=30,
    )
)  # fmt: skip
def test_figures_add_up(rows: list[Question]) -> None:
    found = figures(rows, DAY)
    assert found.asked == found.accepted + found.declined + found.given + found.waiting
    assert 0 <= found.late <= found.waiting
    assert 0 <= found.in_time <= found.judged <= found.asked
    assert found.share is None or 0 <= found.share <= 100
    if found.median_days is not None and found.longest_days is not None:
        assert 0 <= found.median_days <= found.longest_days


# -- The page


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=_BACKEND)
    return client


@pytest.fixture
def asked(db: None) -> Consultation:
    """The body of a page is asked its opinion, by the desk of the Dordogne, and gives it."""
    page = local_page()
    body = make_provider(page.name, provider=page.slug)
    demand = make_request(State.QUALIFIED, desk=DeskFactory(), parties=[(body, Capacity.ASKED)])
    row = Consultation.objects.create(
        request=demand, organisation=body, kind=ConsultationKind.OPINION, state=S.GIVEN,
        question="Un avis ?", due_on=localdate(), answered_at=now(),
    )  # fmt: skip
    Consultation.objects.filter(pk=row.pk).update(created_at=now() - timedelta(days=5))
    return row


def test_a_body_reads_its_own_figures(asked: Consultation) -> None:
    client = signed_in(make_user(Role.PROVIDER, asked.organisation))
    answer = client.get(reverse("asked:record"))
    assert answer.context["figures"].median_days == 5
    text = answer.content.decode()
    assert asked.request.number in text
    assert reverse("keeping:provider", args=["atd-essai"]) in text
    by_page = client.get(reverse("asked:record"), {"organisme": "atd-essai"})
    assert by_page.context["figures"] == answer.context["figures"]


def test_an_agent_reads_those_of_a_body_of_their_departement(asked: Consultation) -> None:
    client = signed_in(make_user(Role.AGENT))
    assert [line.name for line in client.get(reverse("asked:record")).context["page"]] == [
        asked.organisation.name
    ]
    answer = client.get(reverse("asked:record"), {"organisme": "atd-essai"})
    assert answer.context["figures"].given == 1


def test_an_agent_counts_only_the_requests_that_they_may_read(asked: Consultation) -> None:
    far = DeskFactory(territory="dep:46")
    client = signed_in(make_user(Role.AGENT, far.organisation))
    answer = client.get(reverse("asked:record"), {"organisme": "atd-essai"})
    assert answer.context["figures"].asked == 0
    assert asked.request.number not in answer.content.decode()


def test_a_stranger_reads_nothing(asked: Consultation) -> None:
    for role, body in ((Role.PROVIDER, make_provider("Autre")), (Role.APPLICANT, None)):
        client = signed_in(make_user(role, body))
        assert client.get(reverse("asked:record"), {"organisme": "atd-essai"}).status_code == 403
    assert signed_in(make_user(Role.APPLICANT)).get(reverse("asked:record")).status_code == 403


def test_what_was_taken_back_or_only_told_is_not_counted(asked: Consultation) -> None:
    for state, kind in ((S.CANCELLED, ConsultationKind.HELP),
                        (S.INFORMED, ConsultationKind.INFORMATION)):  # fmt: skip
        Consultation.objects.create(
            request=asked.request, organisation=asked.organisation, kind=kind, state=state
        )
    client = signed_in(make_user(Role.PROVIDER, asked.organisation))
    assert client.get(reverse("asked:record")).context["figures"].asked == 1


def test_a_page_that_was_never_asked_says_so() -> None:
    local_page("jamais")
    client = signed_in(make_user(Role.AGENT, make_prefecture()))
    answer = client.get(reverse("asked:record"), {"organisme": "jamais"})
    assert "encore rien demandé" in answer.content.decode()


test_a_page_that_was_never_asked_says_so = pytest.mark.django_db(
    test_a_page_that_was_never_asked_says_so
)


def test_the_record_costs_the_same_for_one_and_for_many(
    asked: Consultation, django_assert_max_num_queries: Any
) -> None:
    body = asked.organisation
    for _ in range(40):
        demand = make_request(State.QUALIFIED, desk=DeskFactory(), parties=[(body, Capacity.ASKED)])
        Consultation.objects.create(
            request=demand, organisation=body, kind=ConsultationKind.HELP, question="?",
            due_on=localdate(),
        )  # fmt: skip
    client = signed_in(make_user(Role.PROVIDER, body))
    with django_assert_max_num_queries(14):
        answer = client.get(reverse("asked:record"))
    assert answer.context["figures"].waiting == 40
    assert answer.context["page"].paginator.num_pages == 2
    agent = signed_in(make_user(Role.AGENT))
    with django_assert_max_num_queries(10):
        agent.get(reverse("asked:record"))
    rows = b"".join(client.get(reverse("asked:record"), {"export": "csv"})).decode()
    assert rows.count("\n") == 42
