"""Pages of messages: one's own, read by POST, never a way out of the site; those of the staff."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from django.db import connection
from django.http import HttpResponseBase
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.notifications import services
from maillage.notifications.enums import Frequency, MailState
from maillage.notifications.messages import REGISTRY
from maillage.notifications.models import Mail, Notification, Preference
from tests.notifications.conftest import News, Receipt

Person = Callable[..., User]
pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def maire(person: Person, client: Client) -> User:
    user = person("maire", Role.APPLICANT)
    client.force_login(user, backend=BACKEND)
    return user


@pytest.fixture
def staff(person: Person, client: Client) -> User:
    user = person("admin", is_staff=True)
    client.force_login(user, backend=BACKEND)
    return user


def _text(answer: HttpResponseBase) -> str:
    if answer.streaming:
        return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return answer.content.decode()


def _one(user: User, key: str = "1", **words: str) -> Notification:
    News(**words).send(to=[user], key=key)
    return Notification.objects.get(user=user, key=key)


ADDRESSES = [
    ("get", "list", ()), ("post", "read-all", ()), ("post", "open", (1,)), ("post", "read", (1,)),
    ("get", "preferences", ()), ("get", "previews", ()), ("get", "preview", ("test-news",)),
    ("get", "mails", ()), ("post", "try-all-again", ()), ("post", "try-again", (1,)),
]  # fmt: skip


@pytest.mark.parametrize(("method", "name", "arguments"), ADDRESSES)
def test_a_visitor_is_asked_to_sign_in(
    client: Client, method: str, name: str, arguments: tuple[object, ...]
) -> None:
    answer = getattr(client, method)(reverse(f"notifications:{name}", args=arguments))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/compte/login/")


@pytest.mark.parametrize(("method", "name", "arguments"), ADDRESSES)
def test_a_get_never_writes(
    client: Client, staff: User, method: str, name: str, arguments: tuple[object, ...]
) -> None:
    row = _one(staff)
    if method == "post":
        answer = client.get(reverse(f"notifications:{name}", args=arguments))
        assert answer.status_code == 405
    else:
        assert client.get(reverse(f"notifications:{name}", args=arguments)).status_code == 200
    row.refresh_from_db()
    assert row.read_at is None
    assert Mail.objects.get().state == MailState.WAITING


def test_the_list_holds_my_messages_unread_first(
    client: Client, maire: User, person: Person
) -> None:
    services.read(notification=_one(maire, "1", subject="Celui que j'ai lu"))
    _one(maire, "2", subject="Le premier à lire")
    _one(maire, "3", subject="Le second à lire")
    _one(person("autre"), "1", subject="Celui d'un autre")
    page = _text(client.get("/messages/"))
    order = [page.index(s) for s in ("Le second à lire", "Le premier à lire", "Celui que j")]
    assert order == sorted(order)
    assert "Celui d" not in page.replace("Celui que", "")
    assert "2\u00a0non lus" in page


def test_search_and_filter(client: Client, maire: User) -> None:
    services.read(notification=_one(maire, "1", subject="Réunion à l'école"))
    _one(maire, "2", subject="Pont fermé")
    assert "Pont" not in _text(client.get("/messages/?q=reunion+ECOLE"))
    assert "Réunion" in _text(client.get("/messages/?q=reunion+ECOLE"))
    assert "Réunion" not in _text(client.get("/messages/?etat=non-lus"))
    assert "Pont fermé" in _text(client.get("/messages/?etat=non-lus"))
    assert "Aucun message pour « piscine »" in _text(client.get("/messages/?q=piscine"))
    assert client.get("/messages/?q=%00'%22<b>&etat=zz&page=-4").status_code == 200


def test_pages_and_queries(
    client: Client, maire: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(45):
        _one(maire, str(number), subject=f"Nouvelle {number}")
    with django_assert_max_num_queries(6):
        page = _text(client.get("/messages/?q=nouvelle&page=2"))
    assert page.count('class="n-message ') == 20
    assert "page 2 sur 3" in page


def test_the_header_counts_for_one_query_and_only_when_signed_in(
    client: Client, maire: User
) -> None:
    def asked() -> tuple[str, int]:
        with CaptureQueriesContext(connection) as queries:
            text = _text(client.get("/accessibilite/"))
        return text, sum("notifications_notification" in q["sql"] for q in queries)

    _one(maire)
    text, count = asked()
    assert "(1)</a>" in text
    assert count == 1
    client.logout()
    text, count = asked()
    assert 'href="/messages/"' not in text
    assert count == 0


@pytest.mark.parametrize(
    ("kind", "start"), [("csv", b"\xef\xbb\xbf"), ("ods", b"PK"), ("xlsx", b"PK")]
)
def test_the_list_can_be_taken_away(client: Client, maire: User, kind: str, start: bytes) -> None:
    _one(maire, subject="=1+1")
    answer = client.get(f"/messages/?export={kind}")
    content = b"".join(answer) if answer.streaming else answer.content
    assert content.startswith(start)
    if kind == "csv":
        assert "'=1+1" in content.decode()
    else:
        assert zipfile.is_zipfile(io.BytesIO(content))
    assert client.get("/messages/?export=exe").status_code == 404


def test_opening_marks_as_read_and_leads_where_the_button_says(client: Client, maire: User) -> None:
    row = _one(maire)
    answer = client.post(f"/messages/{row.pk}/ouvrir/")
    assert (answer.status_code, answer["Location"]) == (302, "/catalogue/")
    row.refresh_from_db()
    first = row.read_at
    assert first is not None
    client.post(f"/messages/{row.pk}/ouvrir/")
    row.refresh_from_db()
    assert row.read_at == first


@pytest.mark.parametrize(
    "path",
    ["https://ailleurs.test/", "//ailleurs.test/", "/\\ailleurs.test", "javascript:alert(1)"],
)
def test_a_row_that_was_tampered_with_leads_nowhere(client: Client, maire: User, path: str) -> None:
    row = _one(maire)
    Notification.objects.update(action_path=path)
    assert client.post(f"/messages/{row.pk}/ouvrir/")["Location"] == "/messages/"


def test_another_s_message_is_not_found(client: Client, maire: User, person: Person) -> None:
    row = _one(person("autre"))
    for verb in ("ouvrir", "lu"):
        assert client.post(f"/messages/{row.pk}/{verb}/").status_code == 404
    client.post("/messages/tout-lu/")
    row.refresh_from_db()
    assert row.read_at is None


def test_marking_comes_back_to_the_list_as_it_was_filtered(client: Client, maire: User) -> None:
    row = _one(maire)
    answer = client.post(f"/messages/{row.pk}/lu/?q=demande&page=2")
    assert answer["Location"] == "/messages/?q=demande&page=2"
    _one(maire, "2")
    page = _text(client.post("/messages/tout-lu/", follow=True))
    assert "1\u00a0message lu." in page
    assert not Notification.objects.unread().exists()


def test_forms_are_protected(maire: User) -> None:
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(maire, backend=BACKEND)
    row = _one(maire)
    assert guarded.post(f"/messages/{row.pk}/lu/").status_code == 403
    assert guarded.post("/messages/preferences/", {"frequency": "daily"}).status_code == 403


def test_choosing_a_frequency(client: Client, maire: User) -> None:
    page = _text(client.get("/messages/preferences/"))
    checked = re.findall(r"<input[^>]*checked[^>]*>", page)
    assert len(checked) == 1
    assert 'value="at_once"' in checked[0]
    assert "Accusé de réception d&#x27;essai" in page
    assert "Nouvelle d&#x27;essai" not in page
    answer = client.post("/messages/preferences/", {"frequency": "weekly"}, follow=True)
    assert "C&#x27;est noté" in _text(answer)
    assert Preference.objects.get(user=maire).frequency == Frequency.WEEKLY
    answer = client.post("/messages/preferences/", {"frequency": "jamais"})
    assert answer.status_code == 422
    assert Preference.objects.get(user=maire).frequency == Frequency.WEEKLY
    answer = client.post("/messages/preferences/", {})
    assert "Choisissez l&#x27;une des quatre" in _text(answer)


@pytest.mark.parametrize(("method", "name", "arguments"), ADDRESSES[5:])
def test_staff_pages_are_refused_to_others_with_the_reason(
    client: Client, maire: User, method: str, name: str, arguments: tuple[object, ...]
) -> None:
    answer = getattr(client, method)(reverse(f"notifications:{name}", args=arguments))
    assert answer.status_code == 403
    assert "réservée aux administrateurs" in _text(answer)


def test_every_message_of_the_site_has_its_preview(client: Client, staff: User) -> None:
    listed = _text(client.get("/messages/apercu/"))
    written = (User.objects.count(), Notification.objects.count(), Mail.objects.count())
    for slug, kind in [*REGISTRY.items(), ("resume", Receipt)]:
        address = f"/messages/apercu/{slug}/"
        assert address in listed
        page = _text(client.get(address))
        assert "VARIABLE-INCONNUE" not in page
        letter = kind.sample().letter()
        for content in (letter.text(), letter.html(), letter.subject):
            assert "VARIABLE-INCONNUE" not in content
            assert "None" not in content
        assert 0 < len(letter.subject) <= 120, slug
        assert all(letter.paragraphs), slug
        assert "Bonjour" in page
    assert written == (User.objects.count(), Notification.objects.count(), Mail.objects.count())
    assert client.get("/messages/apercu/inconnu/").status_code == 404


def test_the_state_of_the_sendings(
    client: Client, staff: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    addresses = [f"mairie{n}@exemple.test" for n in range(30)]
    News().send(emails=addresses, key="1")
    Mail.objects.filter(to__contains="mairie1").update(
        state=MailState.ABANDONED, next_try_at=None, attempts=17, last_error="Boîte pleine"
    )
    with django_assert_max_num_queries(6):
        page = _text(client.get("/messages/envois/"))
    assert "30\u00a0courriels" in page
    page = _text(client.get("/messages/envois/?etat=abandoned&q=mairie12"))
    assert "mairie12@exemple.test" in page
    assert "Boîte pleine" in page
    assert "17\u00a0essais" in page
    assert "mairie2@" not in page
    lines = _text(client.get("/messages/envois/?etat=abandoned&export=csv")).splitlines()
    assert len(lines) == 12
    assert "Nouvelle d'essai" in lines[1]
    one = Mail.objects.get(to="mairie12@exemple.test")
    assert client.post(f"/messages/envois/{one.pk}/reessayer/").status_code == 302
    one.refresh_from_db()
    assert (one.state, one.attempts) == (MailState.WAITING, 0)
    page = _text(client.post("/messages/envois/reessayer/", follow=True))
    assert "10\u00a0courriels repartent" in page
    assert not Mail.objects.filter(state=MailState.ABANDONED).exists()
    assert client.post("/messages/envois/999999/reessayer/").status_code == 404
    assert "Rien à réessayer" in _text(client.post("/messages/envois/reessayer/", follow=True))


def test_the_administration_only_looks(client: Client, person: Person) -> None:
    root = person("root", is_staff=True, is_superuser=True)
    client.force_login(root, backend=BACKEND)
    _one(root)
    row = Mail.objects.get()
    page = _text(client.get(f"/administration/notifications/mail/{row.pk}/change/"))
    assert row.to in page
    assert "elle vient mardi" not in page
    assert client.get("/administration/notifications/mail/add/").status_code == 403
    assert client.get("/administration/notifications/preference/").status_code == 200
    answer = client.post(f"/administration/notifications/mail/{row.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403
