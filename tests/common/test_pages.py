"""Pages of no area, and what every page owes its visitor."""

from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from django.test import Client

from maillage.common.logs import AccessLog
from maillage.config import gunicorn

pytestmark = pytest.mark.django_db

OPEN_PAGES = [
    "/", "/accessibilite/", "/mentions-legales/", "/donnees-personnelles/", "/sources/",
    "/catalogue/", "/experiences/", "/territoires/", "/api/v1/docs",
]  # fmt: skip


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_a_visitor_reads_it_without_account_nor_cookie(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    # The list has a form (favourites): what protects it from forged posts, and says nothing else.
    assert set(answer.cookies) <= ({"csrftoken"} if path == "/catalogue/" else set())


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_it_runs_no_code_but_ours(client: Client, path: str) -> None:
    policy = client.get(path)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", OPEN_PAGES)
def test_it_has_one_title_and_a_way_to_the_content(client: Client, path: str) -> None:
    page = client.get(path).content.decode()
    assert page.count("<h1") == 1
    assert 'href="#contenu"' in page
    assert '<html lang="fr">' in page


def test_what_does_not_exist_is_said_kindly(client: Client) -> None:
    answer = client.get("/nulle-part/")
    assert answer.status_code == 404
    assert "Page introuvable" in answer.content.decode()


def test_an_error_page_needs_no_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*args: object) -> None:
        raise RuntimeError("essai")

    monkeypatch.setattr("maillage.desk.orientation.orient", breaks)
    client.raise_request_exception = False
    answer = client.get("/orientation/", {"besoin": "pont", "commune": "24061"})
    assert answer.status_code == 500
    assert "Ce n'est pas de votre faute" in answer.content.decode()


def test_health(client: Client) -> None:
    assert client.get("/sante/").json() == {"state": "ok"}


def test_the_operator_is_named_or_said_not_to_be(client: Client, settings) -> None:
    assert "ne s'est pas encore nommé" in client.get("/").content.decode()
    settings.MAILLAGE = {**settings.MAILLAGE, "OPERATOR": "Préfecture d'essai"}
    assert "Préfecture d&#x27;essai" in client.get("/").content.decode()


def test_the_access_log_leaves_the_need_out() -> None:
    """Neither the request line, nor the query, nor the page one comes from, nor the address."""
    for secret in ("%(r)s", "%(q)s", "%(f)s", "%(h)s", "{x-forwarded-for}i"):
        assert secret not in gunicorn.access_log_format


def test_a_line_of_the_access_log_cannot_be_forged() -> None:
    log = AccessLog.__new__(AccessLog)
    answer = SimpleNamespace(status="404", sent=1, headers=[])
    asked = SimpleNamespace(headers=[])
    environ = {
        "PATH_INFO": "/demandes/lien/abc/\nFAKE\x1b[2J\x85", "REQUEST_METHOD": "GET",
        "RAW_URI": "/", "SERVER_PROTOCOL": "HTTP/1.1",
    }  # fmt: skip
    with patch("gunicorn.glogging.Logger.now", return_value="[now]"):
        atoms = log.atoms(answer, asked, environ, timedelta(seconds=1))
    line = gunicorn.access_log_format % log.atoms_wrapper_class(atoms)
    assert line.isprintable()
    assert r"/demandes/lien/***/\nFAKE\x1b[2J\x85" in line


@pytest.mark.parametrize("path", ["/territoires/epci/%00/", "/territoires/communes/2%004/"])
def test_a_strange_address_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_an_expired_form_is_said_in_french() -> None:
    answer = Client(enforce_csrf_checks=True).post("/compte/login/code/", {"email": "a@b.test"})
    assert answer.status_code == 403
    assert "Formulaire expiré" in answer.content.decode()


def test_the_api_says_in_its_own_shape_what_does_not_exist(client: Client) -> None:
    for answer in (client.get("/api/v1/rien"), client.post("/api/v2/orientation")):
        assert answer.status_code == 404
        assert "n'existe pas" in answer.json()["detail"]


def test_a_forged_host_is_refused(client: Client) -> None:
    assert client.get("/", headers={"host": "mechant.exemple"}).status_code == 400


@pytest.mark.parametrize("path", ["/accessibilite/", "/sante/", "/mentions-legales/"])
def test_what_is_only_read_cannot_be_posted_to(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


def test_pages_are_sent_compressed_and_files_as_they_are(client: Client) -> None:
    def encoding(address: str) -> str:
        answer = client.get(address, headers={"accept-encoding": "gzip"})
        assert answer.status_code == 200
        return answer.headers.get("Content-Encoding", "")

    assert encoding("/") == "gzip"
    assert encoding("/catalogue/?export=csv") == ""
    assert client.get("/").headers.get("Content-Encoding") is None
