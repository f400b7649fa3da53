"""Erasing a person: no trace of the name, nothing of what happened is lost."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from maillage.accounts.models import User
from maillage.desk.enums import Audience, State
from maillage.desk.lifecycle import replay
from maillage.desk.models import FilingLink, JournalEntry, Message, Request
from maillage.desk.services import exchanges, links, privacy, qualifying
from maillage.desk.services.core import Act
from maillage.notifications.models import Mail, Notification
from tests.desk.factories import DeskFactory, make_request, make_user

pytestmark = pytest.mark.django_db
EMAIL = "camille.martin@mairie.fr"


@pytest.fixture
def person() -> User:
    return make_user("applicant", email=EMAIL, name="Camille Martin")


@pytest.fixture
def demand(person: User) -> Request:
    DeskFactory()
    made = make_request(State.RECEIVED, author=person, contact_email=EMAIL)
    exchanges.post_message(
        request=made, act=Act(by=person), audience=Audience.APPLICANT, body="Bonjour"
    )
    links.send_link(email=EMAIL, code="24061")
    qualifying.withdraw(request=made, act=Act(by=person, reason="Projet abandonné."))
    return made


def test_a_person_is_erased_and_what_happened_stays(person: User, demand: Request) -> None:
    privacy.erase_person(EMAIL.upper())
    person = User.objects.get(pk=person.pk)
    assert not person.is_active
    assert not person.mandates.exists()
    for value in (
        *User.objects.values_list("email", "name"),
        *Request.objects.values_list("contact_name", "contact_email", "contact_phone"),
        *JournalEntry.objects.values_list("by_label", "on_behalf_of"),
        *Message.objects.values_list("author_label"),
        *Mail.objects.values_list("to", "text"),
        *Notification.objects.filter(user=person).values_list("text"),
        *FilingLink.objects.values_list("email"),
    ):
        assert "camille" not in " ".join(value).lower()
    demand.refresh_from_db()
    assert replay(demand.journal.all()).state == demand.state == State.WITHDRAWN


def test_the_command_asks_and_says_what_it_did(
    demand: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: "non")
    with pytest.raises(CommandError, match="Rien n'a été effacé"):
        call_command("effacer_personne", EMAIL, stdout=io.StringIO())
    assert User.objects.filter(email=EMAIL).exists()
    said = io.StringIO()
    call_command("effacer_personne", EMAIL, "--oui", stdout=said)
    assert "1 compte" in said.getvalue()
    with pytest.raises(CommandError, match="n'est connue nulle part"):
        call_command("effacer_personne", EMAIL, "--oui", stdout=said)


def test_contacts_of_requests_long_over_are_forgotten(demand: Request) -> None:
    assert privacy.forget_old_contacts(30) == 0
    Request.objects.filter(pk=demand.pk).update(ended_at=now() - timedelta(days=31))
    assert privacy.forget_old_contacts(30) == 1
    demand.refresh_from_db()
    assert (demand.contact_name, demand.contact_email, demand.contact_phone) == ("", "", "")
    assert demand.need
