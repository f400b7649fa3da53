"""The page that people get while the database does not answer."""

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client, RequestFactory

from maillage.common import pages


@pytest.fixture
def client() -> Client:
    return Client(raise_request_exception=False)


class Away:
    """A cursor of a database that has stopped."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def cursor(self) -> None:
        raise self.error


def _caused(error: Exception) -> Exception:
    try:
        raise RuntimeError("the job could not be written") from error
    except RuntimeError as wrapped:
        return wrapped


@pytest.mark.django_db
@pytest.mark.parametrize(
    "error",
    [
        OperationalError("terminating connection due to administrator command"),
        InterfaceError("connection already closed"),
        _caused(OperationalError("connection refused")),
    ],
)
def test_a_database_that_is_away_is_said_plainly(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(pages, "connection", Away(error))
    answer = client.get("/sante/")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "30"
    text = answer.content.decode()
    assert "reprend dans un instant" in text
    assert "deux fois" in text


@pytest.mark.django_db
def test_another_failure_is_ours(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "connection", Away(ValueError("a mistake of ours")))
    answer = client.get("/sante/")
    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers


def test_the_api_says_it_in_its_own_shape(rf: RequestFactory) -> None:
    request = rf.get("/api/v1/communes")
    try:
        raise OperationalError("connection refused")
    except OperationalError:
        answer = pages.server_error(request)
    assert answer.status_code == 503
    assert b"minute" in answer.content
    assert answer.headers["Content-Type"] == "application/json"
