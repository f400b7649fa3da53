"""What is told, to whom, when: frequencies, no duplicate, nothing of what is undone."""

import email
import email.policy
from collections.abc import Callable

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries, Settings

from maillage.accounts.enums import Role
from maillage.accounts.models import Mandate, User
from maillage.notifications import services
from maillage.notifications.delivery import deliver
from maillage.notifications.enums import Frequency
from maillage.notifications.messages import REGISTRY, Message
from maillage.notifications.models import Mail, Notification, Preference
from tests.notifications.conftest import News, Receipt

Person = Callable[..., User]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("chosen", "roles", "news_at_once", "awaits"),
    [
        (None, (), True, False),
        (None, (Role.APPLICANT,), True, False),
        (None, (Role.OBSERVER,), False, False),
        (None, (Role.OBSERVER, Role.AGENT), True, False),
        (Frequency.AT_ONCE, (Role.OBSERVER,), True, False),
        (Frequency.DAILY, (Role.AGENT,), False, True),
        (Frequency.WEEKLY, (Role.AGENT,), False, True),
        (Frequency.ESSENTIAL, (Role.AGENT,), False, False),
    ],
)
def test_what_is_sent_at_once(
    person: Person,
    chosen: Frequency | None,
    roles: tuple[Role, ...],
    news_at_once: bool,
    awaits: bool,
) -> None:
    user = person("maire", *roles)
    if chosen:
        services.choose_frequency(user=user, frequency=chosen)
    News().send(to=[user], key="1")
    assert Mail.objects.filter(slug=News.slug).exists() is news_at_once
    assert Notification.objects.get(slug=News.slug).awaits_digest is awaits
    Receipt().send(to=[user], key="1")
    assert Mail.objects.filter(slug=Receipt.slug).exists()
    assert not Notification.objects.get(slug=Receipt.slug).awaits_digest


def test_an_observer_whose_other_mandate_is_over_only_observes(person: Person) -> None:
    user = person("elu", Role.OBSERVER, Role.AGENT)
    Mandate.objects.filter(role=Role.AGENT).update(ends="2020-01-01")
    News().send(to=[user], key="1")
    assert not Mail.objects.exists()
    assert Notification.objects.count() == 1


def test_nobody_is_told_twice(person: Person) -> None:
    both = person("maire", Role.APPLICANT, Role.AGENT)
    for _ in range(2):
        News().send(
            to=[both, User.objects.get(pk=both.pk)],
            emails=["Maire@Exemple.test ", "mairie@exemple.test", "MAIRIE@exemple.test", ""],
            key="1",
        )
    assert Notification.objects.count() == 1
    assert sorted(Mail.objects.values_list("to", flat=True)) == [
        "maire@exemple.test",
        "mairie@exemple.test",
    ]
    News().send(to=[both], key="2")
    assert Notification.objects.count() == 2


def test_who_chose_a_summary_is_not_written_to_because_their_address_is_given(
    person: Person,
) -> None:
    user = person("maire")
    services.choose_frequency(user=user, frequency=Frequency.WEEKLY)
    News().send(to=[user], emails=[user.email], key="1")
    assert not Mail.objects.exists()


def test_a_closed_account_is_not_told(person: Person) -> None:
    News().send(to=[person("ancien", is_active=False)], key="1")
    assert not Notification.objects.exists()
    assert not Mail.objects.exists()


def test_what_is_undone_tells_nobody(person: Person) -> None:
    user = person("maire")
    with transaction.atomic():
        News().send(to=[user], emails=["mairie@exemple.test"], key="1")
        assert ProcrastinateJob.objects.filter(task_name__endswith="deliver_mails").exists()
        transaction.set_rollback(True)
    assert not Notification.objects.exists()
    assert not Mail.objects.exists()
    assert not ProcrastinateJob.objects.exists()


def test_many_people_cost_no_more_queries(
    person: Person, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    people = [person(f"p{n}", Role.AGENT) for n in range(30)]
    # Savepoint and its end, preferences, mandates, notifications, mails, the job.
    with django_assert_max_num_queries(11):
        News().send(to=people, emails=["mairie@exemple.test"], key="1")
    assert Mail.objects.count() == 31


@pytest.mark.parametrize(
    "path", ["https://ailleurs.test/", "//ailleurs.test", "/\\ailleurs.test", "demandes/1/", ""]
)
def test_a_button_that_leads_out_is_refused_when_sent(
    person: Person, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(News, "action", lambda self: ("Partir", path))
    with pytest.raises(ValueError, match="leads out"):
        News().send(to=[person("maire")], key="1")
    assert not Notification.objects.exists()


def test_two_messages_cannot_have_one_slug() -> None:
    with pytest.raises(ValueError, match="test-news"):

        class Twin(News):
            slug = "test-news"
            label = "Double"

    with pytest.raises(ValueError, match="no slug or no label"):

        class Nameless(Message):
            slug = "test-nameless"

    assert "test-nameless" not in REGISTRY


def test_a_base_of_messages_is_not_a_message(person: Person) -> None:
    class Base(News):
        pass

    assert Base not in REGISTRY.values()
    with pytest.raises(ValueError, match="not registered"):
        Base().send(to=[person("maire")], key="1")


def test_the_mail_reads_well(person: Person, settings: Settings) -> None:
    settings.MAILLAGE = {
        **settings.MAILLAGE,
        "NAME": "Guichet d'été",
        "URL": "https://guichet.exemple.test",
        "OPERATOR": "Préfecture de la Dordogne",
        "OPERATOR_PHONE": "05 53 00 00 00",
        "OPERATOR_EMAIL": "guichet@exemple.test",
    }
    settings.DEFAULT_FROM_EMAIL = "Ancien nom <envoi@exemple.test>"
    News(subject="Réunion prévue\nle 3 décembre : à l'école").send(to=[person("maire")], key="1")
    assert deliver() == 1
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    parsed = email.message_from_bytes(sent.message().as_bytes(), policy=email.policy.default)
    assert parsed["Subject"].strip() == "Réunion prévue le 3 décembre : à l'école"
    assert parsed["From"].addresses[0].display_name == "Guichet d'été"
    assert parsed["From"].addresses[0].addr_spec == "envoi@exemple.test"
    assert parsed["Reply-To"] == "guichet@exemple.test"
    assert parsed["Auto-Submitted"] == "auto-generated"
    row = Mail.objects.get()
    assert parsed["Message-ID"] == f"<maillage-courriel-{row.pk}-{row.key[:16]}@exemple.test>"
    text = parsed.get_body(("plain",)).get_content()
    page = parsed.get_body(("html",)).get_content()
    for content in (text, page):
        assert "elle vient mardi" in content
        assert "https://guichet.exemple.test/catalogue/" in content
        assert "https://guichet.exemple.test/messages/preferences/" in content
        assert "Préfecture de la Dordogne" in content
        assert "05 53 00 00 00" in content
        assert "VARIABLE" not in content
    assert "<script" not in page
    assert "style=" not in page


def test_what_people_wrote_is_escaped_in_html_only(person: Person) -> None:
    News(text="Le maire <b>& l'école</b>").send(to=[person("maire")], key="1")
    row = Mail.objects.get()
    assert "Le maire <b>& l'école</b>" in row.text
    assert "<b>&" not in row.html
    assert "&lt;b&gt;&amp; l" in row.html


def test_an_address_without_account_is_told_why_and_has_no_frequency(person: Person) -> None:
    News().send(to=[], emails=["mairie@exemple.test"], key="1")
    row = Mail.objects.get()
    assert "cette adresse a été donnée" in row.text
    assert "preferences" not in row.text + row.html


def test_choosing_the_essential_drops_the_summary_to_come(person: Person) -> None:
    user = person("agent")
    services.choose_frequency(user=user, frequency=Frequency.DAILY)
    News().send(to=[user], key="1")
    services.choose_frequency(user=user, frequency=Frequency.ESSENTIAL)
    assert not Notification.objects.for_digest().exists()
    assert Preference.objects.get().frequency == Frequency.ESSENTIAL
