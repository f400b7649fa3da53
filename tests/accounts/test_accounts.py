"""Accounts: who may enter, and how the demonstration stays in the demonstration."""

import re
from datetime import date, timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from maillage.accounts.demonstration import DEMO_ACCOUNTS, load_demo_accounts, retire_demo_accounts
from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Mandate, Organisation, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """No test pays for the codes that another has asked for."""
    cache.clear()


@pytest.fixture
def demo(settings: Settings) -> None:
    settings.MAILLAGE = {**settings.MAILLAGE, "DEMO": True}


def test_the_demonstration_page_does_not_exist_elsewhere(client: Client) -> None:
    load_demo_accounts()
    assert client.get("/compte/demonstration/").status_code == 404
    answer = client.post("/compte/demonstration/", {"email": DEMO_ACCOUNTS[0].email})
    assert answer.status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("account", DEMO_ACCOUNTS, ids=lambda a: a.role)
def test_one_click_becomes_each_demonstration_account(client: Client, demo: None, account) -> None:
    load_demo_accounts()
    answer = client.post("/compte/demonstration/", {"email": account.email})
    assert answer.status_code == 302
    assert client.get("/").context["user"].email == account.email


def test_the_demonstration_never_opens_a_real_account(client: Client, demo: None) -> None:
    User.objects.create_user("prefet@exemple.test")
    answer = client.post("/compte/demonstration/", {"email": "prefet@exemple.test"})
    assert answer.status_code == 404


def test_loading_the_demonstration_twice_changes_nothing() -> None:
    load_demo_accounts()
    load_demo_accounts()
    assert User.objects.count() == len(DEMO_ACCOUNTS)
    assert Mandate.objects.count() == len(DEMO_ACCOUNTS)


def test_sign_in_by_a_code_sent_by_mail(client: Client) -> None:
    User.objects.create_user("agent@exemple.test")
    client.post("/compte/login/code/", {"email": "agent@exemple.test"})
    code = re.search(r"^([A-Z0-9-]{6,})$", mail.outbox[0].body, re.MULTILINE)
    assert code, mail.outbox[0].body
    answer = client.post("/compte/login/code/confirm/", {"code": code.group(1)})
    assert answer.status_code == 302
    assert client.get("/").context["user"].email == "agent@exemple.test"


def test_a_wrong_code_opens_nothing(client: Client) -> None:
    User.objects.create_user("agent@exemple.test")
    client.post("/compte/login/code/", {"email": "agent@exemple.test"})
    client.post("/compte/login/code/confirm/", {"code": "AAAAAA"})
    assert not client.get("/").context["user"].is_authenticated


def test_nobody_opens_an_account_alone(client: Client) -> None:
    client.post("/compte/signup/", {"email": "curieux@exemple.test"})
    assert not User.objects.exists()


@pytest.mark.parametrize("path", ["/compte/login/", "/compte/login/code/", "/compte/logout/"])
def test_account_pages_answer_in_our_clothes(client: Client, path: str) -> None:
    answer = client.get(path, follow=True)
    assert answer.status_code == 200
    assert "Maillage" in answer.content.decode()


def test_the_administration_is_for_staff(client: Client) -> None:
    user = User.objects.create_user("elu@exemple.test")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/administration/").status_code == 302


def test_a_mandate_is_valid_between_its_dates() -> None:
    user = User.objects.create_user("maire@exemple.test")
    town = Organisation.objects.create(kind=OrganisationKind.COMMUNE, name="Commune")
    today = date(2026, 11, 21)
    Mandate.objects.create(
        user=user, organisation=town, role=Role.APPLICANT, starts=today, ends=today
    )
    assert Mandate.objects.in_force(today).exists()
    assert not Mandate.objects.in_force(today + timedelta(days=1)).exists()
    assert not Mandate.objects.in_force(today - timedelta(days=1)).exists()


def test_a_mandate_cannot_end_before_it_starts() -> None:
    user = User.objects.create_user("maire@exemple.test")
    town = Organisation.objects.create(kind=OrganisationKind.COMMUNE, name="Commune")
    with pytest.raises(IntegrityError), transaction.atomic():
        Mandate.objects.create(
            user=user, organisation=town, role=Role.AGENT,
            starts=date(2026, 2, 1), ends=date(2026, 1, 1),
        )  # fmt: skip


def test_leaving_the_demonstration_closes_its_accounts_and_sessions(
    client: Client, demo: None
) -> None:
    load_demo_accounts()
    client.post("/compte/demonstration/", {"email": "admin@exemple.test"})
    assert client.get("/administration/").status_code == 200
    assert retire_demo_accounts() == len(DEMO_ACCOUNTS)
    assert client.get("/administration/").status_code == 302
    assert not User.objects.filter(is_superuser=True).exists()


def test_a_demonstration_open_to_others_has_no_administrator(client: Client, demo: None) -> None:
    taken = load_demo_accounts(administrator=False)
    assert "admin@exemple.test" not in [account.email for account in taken]
    assert "admin@exemple.test" not in client.get("/compte/demonstration/").content.decode()
    answer = client.post("/compte/demonstration/", {"email": "admin@exemple.test"})
    assert answer.status_code == 404


def test_the_administration_has_no_door_of_its_own(client: Client) -> None:
    answer = client.get("/administration/login/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/compte/login/")


def test_an_unknown_address_receives_nothing(client: Client) -> None:
    client.post("/compte/login/code/", {"email": "inconnu@exemple.test"})
    assert mail.outbox == []


def test_the_mail_names_neither_the_host_nor_a_sign_up(client: Client) -> None:
    User.objects.create_user("agent@exemple.test")
    client.post("/compte/login/code/", {"email": "agent@exemple.test"})
    sent = mail.outbox[0]
    assert sent.subject == "[Maillage] Votre code de connexion"
    assert "testserver" not in sent.body
    assert "http" not in sent.body
    assert "VARIABLE" not in sent.body


def test_a_mail_server_that_is_away_is_said_in_words(client: Client, settings: Settings) -> None:
    User.objects.create_user("agent@exemple.test")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = client.post("/compte/login/code/", {"email": "agent@exemple.test"}, follow=True)
    assert answer.status_code == 200
    assert "notre messagerie ne répond pas" in answer.content.decode()
