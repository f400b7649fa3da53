"""Invented people and messages; a database that is really committed, for what crosses threads."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Mandate, Organisation, User
from maillage.notifications.messages import REGISTRY, Message
from maillage.notifications.models import Mail, Notification


class News(Message):
    """A message of every day."""

    slug = "test-news"
    label = "Nouvelle d'essai"

    def __init__(
        self,
        subject: str = "Votre demande avance",
        path: str = "/catalogue/",
        topic: str = "",
        text: str = "L'agence technique a répondu : elle vient mardi.",
    ) -> None:
        self._subject, self._path, self._topic, self._text = subject, path, topic, text

    def subject(self) -> str:
        return self._subject

    def paragraphs(self) -> list[str]:
        return [self._text, "Vous n'avez rien à faire."]

    def action(self) -> tuple[str, str] | None:
        return ("Voir la demande", self._path) if self._path else None

    def topic(self) -> str:
        return self._topic or self.label

    @classmethod
    def sample(cls) -> "News":
        return cls()


class Receipt(News):
    """A message that cannot wait."""

    slug = "test-receipt"
    label = "Accusé de réception d'essai"
    essential = True


# Known to the tests of this folder only: the registry is the site's.
_OURS = [REGISTRY.pop(kind.slug) for kind in (News, Receipt)]


@pytest.fixture(autouse=True)
def our_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in _OURS:
        monkeypatch.setitem(REGISTRY, kind.slug, kind)


@pytest.fixture
def person(request: pytest.FixtureRequest) -> Callable[..., User]:
    """Make a person, with mandates in the roles given."""

    def make(name: str, *roles: Role, **fields: object) -> User:
        user = User.objects.create_user(f"{name}@exemple.test", name=name.capitalize(), **fields)
        for role in roles:
            body = Organisation.objects.create(
                kind=OrganisationKind.OTHER, name=f"Organisme {name}"
            )
            Mandate.objects.create(user=user, organisation=body, role=role)
        return user

    return make


@pytest.fixture
def committed(real_commits: None) -> Iterator[None]:
    """A database where commits are real, emptied of what the test wrote."""
    try:
        yield
    finally:
        Notification.objects.all().delete()
        Mail.objects.all().delete()
        Mandate.objects.all().delete()
        Organisation.objects.all().delete()
        User.objects.all().delete()
        with connection.cursor() as cursor:
            # The worker keeps there when it made each of its daily tasks last.
            cursor.execute("DELETE FROM procrastinate_periodic_defers")
            cursor.execute("DELETE FROM procrastinate_jobs")
