"""The page of sent mails: in the demonstration only, and never what would open a real account."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from maillage.accounts.demonstration import load_demo_accounts
from maillage.accounts.models import User
from maillage.notifications.delivery import deliver
from tests.notifications.conftest import News

Person = Callable[..., User]
pytestmark = pytest.mark.django_db
PAGE = "/messages/demonstration/"


@pytest.fixture
def demo(settings: Settings, tmp_path: Path) -> None:
    settings.MAILLAGE = {**settings.MAILLAGE, "DEMO": True, "URL": "http://localhost:8000"}
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mails"
    load_demo_accounts()


def _mairie() -> User:
    return User.objects.get(email="mairie@exemple.test")


def test_it_does_not_exist_elsewhere(client: Client, person: Person) -> None:
    assert client.get(PAGE).status_code == 404
    staff = person("root", is_staff=True, is_superuser=True)
    client.force_login(staff, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(PAGE).status_code == 404
    assert PAGE not in client.get("/compte/login/").content.decode()


def test_without_any_mail_it_says_what_will_come(client: Client, demo: None) -> None:
    assert "Rien n'a encore été envoyé" in client.get(PAGE).content.decode()
    assert PAGE in client.get("/compte/demonstration/").content.decode()


def test_mails_are_shown_newest_first_each_once_with_links_that_can_be_followed(
    client: Client, demo: None
) -> None:
    News(subject="Le premier").send(to=[_mairie()], key="1")
    News(subject="Le second", text="Un <b>texte</b>").send(to=[_mairie()], key="2")
    assert deliver() == 2
    page = client.get(PAGE).content.decode()
    assert page.index("Le second") < page.index("Le premier")
    assert page.count("Le premier") == 1
    assert '<a href="/catalogue/">/catalogue/</a>' in page
    assert "localhost:8000" not in page
    assert "Un &lt;b&gt;texte" in page


def test_the_code_of_sign_in_is_shown_and_opens_the_account(client: Client, demo: None) -> None:
    client.post("/compte/login/code/", {"email": "guichet@exemple.test"})
    page = client.get(PAGE).content.decode()
    assert "Votre code de connexion" in page
    code = page.split("valable dix minutes :")[1].split()[0]
    client.post("/compte/login/code/confirm/", {"code": code})
    assert client.get("/").context["user"].email == "guichet@exemple.test"


def test_what_goes_to_a_real_account_is_never_shown(client: Client, demo: None) -> None:
    User.objects.create_user("prefet@interieur.fr")
    client.post("/compte/login/code/", {"email": "prefet@interieur.fr"})
    News(subject="Pour le préfet").send(to=[], emails=["Prefet@interieur.fr"], key="1")
    News(subject="Pour une mairie sans compte").send(emails=["bourrou@exemple.test"], key="2")
    page = Client().get(PAGE).content.decode()
    assert "prefet@" not in page.lower()
    assert "Votre code de connexion" not in page
    assert "Pour une mairie sans compte" in page


def test_an_account_made_up_for_a_try_reads_its_mails(client: Client, demo: None) -> None:
    """As a mairie that came by a link: it must be able to sign in again."""
    User.objects.create_user("essai@exemple.test")
    News(subject="Pour un essai").send(emails=["essai@exemple.test"], key="1")
    assert "Pour un essai" in Client().get(PAGE).content.decode()
