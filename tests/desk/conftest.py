"""What the tests of the desk's pages share: an agent of the Dordogne, their browser."""

import pytest
from django.test import Client

from maillage.accounts.models import User
from tests.desk.factories import DeskFactory, make_user


@pytest.fixture
def agent(db: None) -> User:
    """An agent of the desk of the Dordogne."""
    DeskFactory()
    return make_user(name="Inès Roy")


@pytest.fixture
def signed_in(client: Client, agent: User) -> Client:
    """The browser of `agent`."""
    return enter(client, agent)


def enter(client: Client, user: User) -> Client:
    """Sign `user` in."""
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def page(client: Client, address: str) -> str:
    """The text of a page that must answer."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    text = answer.content.decode()
    assert "VARIABLE-INCONNUE" not in text
    return text
