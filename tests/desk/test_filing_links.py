"""Links by which a mairie files without an account: asked for, sent by an agent, used once."""

import logging
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import localdate, now
from gunicorn.config import Config
from pytest_django import DjangoAssertNumQueries

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.common.logs import AccessLog, WithoutSecrets
from maillage.desk.models import FilingLink, Request
from maillage.desk.services import links
from maillage.notifications.models import Mail
from tests.desk.factories import (
    BOURROU,
    FIGEAC,
    PERIGUEUX,
    DeskFactory,
    make_town,
    make_user,
)
from tests.desk.filing import BISTROT, text_of

pytestmark = pytest.mark.django_db

MAIRIE = "mairie@bourrou.test"
ASKED = {"besoin": BISTROT, "lieu": "Bourrou (24)", "commune": BOURROU, "email": MAIRIE}


@pytest.fixture(autouse=True)
def desk():
    return DeskFactory()


@pytest.fixture
def agent() -> User:
    return make_user(Role.AGENT)


def send(agent: User | None = None, email: str = MAIRIE, **more: object) -> str:
    """Send a link; return its address."""
    secret = links.send_link(email=email, code=BOURROU, sent_by=agent, **more)
    return f"/demandes/lien/{secret}/"


def sent_address(email: str = MAIRIE) -> str:
    """The address in the last mail."""
    mail = Mail.objects.filter(to=email).latest("pk")
    return re.search(r"/demandes/lien/[\w-]+/", mail.text)[0]


# -- Asked for by a mairie


def test_a_mairie_asks_for_a_link_and_finds_what_it_typed(client: Client) -> None:
    answer = client.post("/demandes/deposer/lien/", ASKED)
    assert answer.url == "/demandes/deposer/lien/"
    assert "Regardez la boîte aux lettres" in text_of(client.get(answer.url))
    assert User.objects.count() == 0
    answer = client.post(sent_address())
    made = Request.objects.get()
    assert answer.url == f"/demandes/{made.pk}/deposer/besoin/"
    assert (made.need, made.bearer) == (BISTROT, BOURROU)
    assert made.created_by.email == MAIRIE
    # Nobody has vouched for the address: it reads this request alone.
    assert not made.address_checked
    assert made.applicant is None
    assert made.created_by.mandates.count() == 0
    assert client.get(answer.url).status_code == 200


def test_the_same_is_said_whatever_the_address(client: Client) -> None:
    make_user(Role.AGENT, email="agent@exemple.test")
    answers = [
        client.post("/demandes/deposer/lien/", {**ASKED, "email": email})
        for email in ("agent@exemple.test", "inconnu@exemple.test")
    ]
    assert len({(a.status_code, a.url, a.content) for a in answers}) == 1


def test_three_links_an_hour_to_one_address(client: Client) -> None:
    answers = [client.post("/demandes/deposer/lien/", ASKED) for _ in range(5)]
    assert {(a.status_code, a.url) for a in answers} == {(302, "/demandes/deposer/lien/")}
    assert FilingLink.objects.count() == links.MOST_BY_ADDRESS
    FilingLink.objects.update(created_at=now() - timedelta(hours=2))
    client.post("/demandes/deposer/lien/", ASKED)
    assert FilingLink.objects.count() == links.MOST_BY_ADDRESS + 1


def test_ten_links_an_hour_from_one_origin(client: Client) -> None:
    for n in range(12):
        client.post("/demandes/deposer/lien/", {**ASKED, "email": f"m{n}@exemple.test"})
    assert FilingLink.objects.count() == links.MOST_BY_ORIGIN
    client.post("/demandes/deposer/lien/", ASKED, REMOTE_ADDR="203.0.113.7")
    assert FilingLink.objects.count() == links.MOST_BY_ORIGIN + 1


def test_the_network_address_is_not_kept(client: Client) -> None:
    client.post("/demandes/deposer/lien/", ASKED, REMOTE_ADDR="203.0.113.7")
    link = FilingLink.objects.get()
    assert len(link.origin) == 64
    assert "203.0.113.7" not in str(vars(link))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"email": "mairie@"}, "Cette adresse n'est pas complète"),
        ({"email": ""}, "Indiquez l'adresse où envoyer le lien"),
        ({"lieu": "", "commune": ""}, "Indiquez votre commune"),
        ({"lieu": "Zzzzzz", "commune": ""}, "Aucune commune ne répond"),
        ({"lieu": "Figeac (46)", "commune": FIGEAC}, "ne reçoit pas"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(
    client: Client, wrong: dict[str, str], said: str
) -> None:
    answer = client.post("/demandes/deposer/lien/", {**ASKED, **wrong})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert BISTROT in text_of(answer)
    assert FilingLink.objects.count() == 0


# -- Opened


def test_reading_a_link_does_nothing(client: Client, agent: User) -> None:
    address = send(agent)
    for _ in range(2):
        page = client.get(address)
        assert "Bonjour, Bourrou (24)" in text_of(page)
    client.head(address)
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "no-store" in page.headers["Cache-Control"]
    assert FilingLink.objects.get().used_at is None
    assert Request.objects.count() == 0
    assert "_auth_user_id" not in client.session


def test_a_link_of_an_agent_gives_the_mandate_of_the_mairie(client: Client, agent: User) -> None:
    client.post(send(agent))
    made = Request.objects.get()
    assert made.address_checked
    assert made.applicant == make_town(BOURROU)
    assert [m.role for m in made.created_by.mandates.all()] == [Role.APPLICANT]
    assert client.session["_auth_user_id"] == str(made.created_by_id)


def test_a_link_serves_once(client: Client, agent: User) -> None:
    address = send(agent)
    onward = client.post(address).url
    # Its person goes on, wherever they are.
    assert client.get(address).url == onward
    assert client.post(address).url == onward
    other = Client()
    page = other.get(address)
    assert "Ce lien a déjà servi" in text_of(page)
    assert f"next={onward}" in page.content.decode()
    other.post(address)
    assert "_auth_user_id" not in other.session
    assert Request.objects.count() == 1


def test_a_used_link_tells_nothing_to_another_person(client: Client, agent: User) -> None:
    address = send(agent)
    client.post(address)
    client.force_login(make_user(Role.APPLICANT, make_town(PERIGUEUX)))
    assert "Ce lien a déjà servi" in text_of(client.get(address))


def test_a_link_too_old_says_how_to_have_another(client: Client, agent: User) -> None:
    address = send(agent)
    FilingLink.objects.update(expires_at=now() - timedelta(seconds=1))
    for answer in (client.get(address), client.post(address), client.get("/demandes/lien/faux/")):
        assert answer.status_code == 410
        assert "Demander un autre lien" in text_of(answer)
    assert Request.objects.count() == 0


def test_a_link_does_not_open_an_account_with_other_rights(client: Client, agent: User) -> None:
    """Whoever reads the mails of an agent for two weeks must not become that agent."""
    address = send(email=agent.email)
    answer = client.post(address)
    assert answer.url == f"/compte/login/?next={address}"
    assert "_auth_user_id" not in client.session
    client.force_login(agent)
    assert client.post(address).status_code == 302
    assert Request.objects.get().created_by == agent


def test_a_closed_account_stays_closed(client: Client, agent: User) -> None:
    address = send(agent)
    User.objects.create_user(MAIRIE, is_active=False)
    answer = client.post(address)
    assert answer.status_code == 403
    assert "Ce compte est fermé" in text_of(answer)


def test_the_form_of_a_link_is_protected(agent: User) -> None:
    address = send(agent)
    assert Client(enforce_csrf_checks=True).post(address).status_code == 403
    assert FilingLink.objects.get().used_at is None


# -- Never in a log


def test_no_log_of_the_site_holds_a_secret(caplog: pytest.LogCaptureFixture, agent: User) -> None:
    address = send(agent)
    secret = address.split("/")[3]
    with caplog.at_level(logging.WARNING):
        Client(enforce_csrf_checks=True).post(address)
        Client().put(address)
    kept = [r for r in caplog.records if "/lien/" in r.getMessage()]
    assert kept
    for record in kept:
        assert WithoutSecrets().filter(record)
        assert secret not in record.getMessage()
        assert "/demandes/lien/***/" in record.getMessage()


def test_the_log_of_accesses_holds_no_secret() -> None:
    class Response:
        status, sent = "200 OK", 12
        headers = ()

    class Incoming:
        headers = (("REFERER", "http://localhost/demandes/lien/s3cret/"),)

    environ = {"PATH_INFO": "/demandes/lien/s3cret/", "RAW_URI": "/demandes/lien/s3cret/?a=1",
               "REQUEST_METHOD": "GET", "SERVER_PROTOCOL": "HTTP/1.1"}  # fmt: skip
    atoms = AccessLog(Config()).atoms(Response, Incoming, environ, timedelta(seconds=1))
    assert atoms["U"] == "/demandes/lien/***/"
    assert "s3cret" not in " ".join(map(str, atoms.values()))


# -- The page of the desk


def test_an_agent_sends_a_link(client: Client, agent: User) -> None:
    client.force_login(agent)
    said = {"lieu": "Bourrou (24)", "commune": BOURROU, "email": "Mairie@Bourrou.test"}
    assert client.post("/guichet/liens/", said).url == "/guichet/liens/"
    link = FilingLink.objects.get()
    assert (link.email, link.sent_by) == (MAIRIE, agent)
    page = text_of(client.get("/guichet/liens/"))
    assert "Le lien part à Mairie@Bourrou.test" in page
    assert "Envoyé" in page
    client.post(sent_address())
    client.force_login(agent)
    assert "Ouvert" in text_of(client.get("/guichet/liens/"))


def test_a_link_for_another_desk_is_refused(client: Client, agent: User) -> None:
    DeskFactory(territory="dep:46")
    client.force_login(agent)
    said = {"lieu": "Figeac (46)", "commune": FIGEAC, "email": "mairie@figeac.test"}
    answer = client.post("/guichet/liens/", said)
    assert answer.status_code == 422
    assert "relève d'un autre guichet" in text_of(answer)
    assert "mairie@figeac.test" in text_of(answer)
    assert FilingLink.objects.count() == 0


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.PROVIDER, Role.OBSERVER, Role.COMMITTEE])
def test_the_page_is_for_those_who_work_for_a_desk(client: Client, role: str) -> None:
    send()
    number = FilingLink.objects.get().pk
    client.force_login(make_user(role))
    assert client.get("/guichet/liens/").status_code == 403
    assert client.post(f"/guichet/liens/{number}/renvoyer/").status_code == 403
    assert client.post(f"/guichet/liens/{number}/annuler/").status_code == 403


def test_links_of_another_desk_are_not_seen(client: Client) -> None:
    send()
    number = FilingLink.objects.get().pk
    lot = DeskFactory(territory="dep:46")
    client.force_login(make_user(Role.AGENT, lot.organisation))
    assert MAIRIE not in text_of(client.get("/guichet/liens/"))
    for address in (f"/guichet/liens/{number}/annuler/", f"/guichet/liens/{number}/renvoyer/"):
        assert client.post(address).status_code == 404


def test_a_link_is_sent_again_and_the_former_one_dies(client: Client, agent: User) -> None:
    client.force_login(agent)
    former = send(agent)
    client.post(f"/guichet/liens/{FilingLink.objects.get().pk}/renvoyer/")
    visitor = Client()
    assert visitor.get(former).status_code == 410
    assert sent_address() != former
    assert visitor.get(sent_address()).status_code == 200


def test_sending_again_does_not_vouch_for_an_address(client: Client, agent: User) -> None:
    client.force_login(agent)
    send()
    client.post(f"/guichet/liens/{FilingLink.objects.get().pk}/renvoyer/")
    Client().post(sent_address())
    assert not Request.objects.get().address_checked


def test_a_link_is_cancelled_after_asking(client: Client, agent: User) -> None:
    client.force_login(agent)
    address = send(agent)
    cancel = f"/guichet/liens/{FilingLink.objects.get().pk}/annuler/"
    assert "Annuler ce lien ?" in text_of(client.get(cancel))
    assert Client().get(address).status_code == 200
    client.post(cancel)
    assert Client().get(address).status_code == 410
    assert "Plus valable" in text_of(client.get("/guichet/liens/"))


def test_the_list_is_searched_filtered_paged_and_exported(
    client: Client, agent: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(60):
        send(agent, email=f"mairie{n:02d}@exemple.test")
    client.force_login(agent)
    client.get("/guichet/liens/")
    with django_assert_max_num_queries(12):
        page = client.get("/guichet/liens/", {"page": "2"})
    assert len(page.context["lines"]) == 10
    found = client.get("/guichet/liens/", {"q": "mairie07"})
    assert [line.link.email for line in found.context["lines"]] == ["mairie07@exemple.test"]
    assert len(client.get("/guichet/liens/", {"q": "Bourrou"}).context["lines"]) == 50
    assert not client.get("/guichet/liens/", {"q": "Périgueux"}).context["lines"]
    assert not client.get("/guichet/liens/", {"etat": "ouverts"}).context["lines"]
    file = client.get("/guichet/liens/", {"export": "csv", "q": "mairie07"})
    text = b"".join(file.streaming_content).decode()
    assert text.count("\n") == 2
    assert "Bourrou (24);24061;mairie07@exemple.test" in text


def test_links_long_over_are_erased(client: Client, agent: User) -> None:
    client.post(send(agent))
    FilingLink.objects.update(expires_at=now() - timedelta(days=91))
    send(agent)
    assert links.erase_old_links() == 1
    assert FilingLink.objects.count() == 1
    assert Request.objects.count() == 1


@pytest.mark.parametrize("starts", [None, timedelta(days=1)], ids=["today", "tomorrow"])
def test_a_link_that_a_stranger_asks_for_does_not_open_a_known_mairie(starts: timedelta) -> None:
    DeskFactory()
    mairie = make_user(Role.APPLICANT, starts=starts and localdate() + starts)
    secret = links.send_link(email=mairie.email, code=PERIGUEUX)
    with pytest.raises(links.SignInFirst):
        links.use_link(secret=secret)
    user, demand = links.use_link(secret=secret, signed_in=mairie)
    assert (user, demand.bearer) == (mairie, PERIGUEUX)
    assert not demand.address_checked
