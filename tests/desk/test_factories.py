"""The factories say the truth: constraints hold, the journal rebuilds the state."""

import pytest

from maillage.accounts.enums import Role
from maillage.desk import lifecycle
from maillage.desk.enums import Branch, State
from maillage.desk.models import Request

from .factories import GRAND_FIGEAC, DeskFactory, make_request, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", State.values)
def test_a_request_is_what_its_journal_says(state: str) -> None:
    request = make_request(state)
    assert lifecycle.replay(request.journal.all()) == request.position
    assert request.state == state
    agent = make_user()
    handled = Request.objects.handled_by(agent)
    assert handled.exists() == (state != State.DRAFT)


@pytest.mark.parametrize("state", [State.ACCOMPANIED, State.CLOSED])
def test_a_national_request_goes_by_the_committee(state: str) -> None:
    request = make_request(state, branch=Branch.NATIONAL)
    assert lifecycle.replay(request.journal.all()) == request.position
    assert request.justifications.count() == 1
    assert Request.objects.visible_to(make_user(Role.COMMITTEE)).get() == request


def test_an_epci_over_two_departments_and_numbers_by_desk() -> None:
    lot, aveyron = DeskFactory(territory="dep:46"), DeskFactory(territory="dep:12")
    one = make_request(commune=GRAND_FIGEAC, desk=lot)
    other = make_request(commune=GRAND_FIGEAC, desk=lot)
    third = make_request(commune=GRAND_FIGEAC, desk=aveyron)
    assert {"dep:46", "dep:12"} <= set(one.keys)
    assert (one.number[-5:], other.number[-5:], third.number[-5:]) == ("00001", "00002", "00001")
