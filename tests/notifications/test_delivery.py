"""Sending: again and again until it has left, once, whatever breaks on the way."""

import email
import email.policy
import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend as Memory
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from maillage.accounts.models import User
from maillage.notifications import services, tasks
from maillage.notifications.delivery import WAITS, deliver
from maillage.notifications.enums import MailState
from maillage.notifications.models import Mail
from tests.notifications.conftest import News

Person = Callable[..., User]


class Broken(Memory):
    """A mail server that fails as it is told to; `error` is None once it is mended."""

    error: BaseException | None = None
    opens = True

    def open(self) -> None:
        if self.error is not None and not self.opens:
            raise self.error

    def send_messages(self, messages: Any) -> int:
        if self.error is not None:
            raise self.error
        return super().send_messages(messages)


@pytest.fixture
def server(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> type[Broken]:
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    monkeypatch.setattr(Broken, "error", None)
    monkeypatch.setattr(Broken, "opens", True)
    return Broken


def _later(row: Mail) -> None:
    """As if the wait were over."""
    Mail.objects.filter(pk=row.pk).update(next_try_at=timezone.now())


def _send(*addresses: str, key: str = "1") -> None:
    News().send(to=[], emails=addresses or ["mairie@exemple.test"], key=key)


@pytest.mark.django_db
def test_it_is_tried_again_later_and_later_then_abandoned(server: type[Broken]) -> None:
    server.error = smtplib.SMTPDataError(451, b"Revenez plus tard")
    _send()
    for wait in WAITS:
        before = timezone.now()
        assert deliver() == 0
        row = Mail.objects.get()
        assert row.state == MailState.FAILING
        assert row.next_try_at is not None
        assert before + wait <= row.next_try_at <= timezone.now() + wait
        attempts = row.attempts
        deliver()
        row.refresh_from_db()
        assert row.attempts == attempts, "tried before its hour"
        _later(row)
    deliver()
    row.refresh_from_db()
    assert row.state == MailState.ABANDONED
    assert row.next_try_at is None
    assert row.last_error == "Le serveur de courriel refuse : 451 Revenez plus tard"
    assert timedelta(days=3) <= sum(WAITS, timedelta()) <= timedelta(days=3, hours=6)
    server.error = None
    assert deliver() == 0
    assert services.try_again(mail=row.pk) == 1
    assert deliver() == 1
    row.refresh_from_db()
    assert (row.state, row.last_error) == (MailState.SENT, "")
    assert services.try_again(mail=row.pk) == 0


@pytest.mark.django_db
def test_a_refused_address_does_not_stop_the_others(
    server: type[Broken], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_one(self: Broken, messages: Any) -> int:
        if messages[0].to == ["a@exemple.test"]:
            raise smtplib.SMTPRecipientsRefused({"a@exemple.test": (550, b"Bo\xc3\xaete inconnue")})
        return Memory.send_messages(self, messages)

    monkeypatch.setattr(Broken, "send_messages", refuse_one)
    _send("a@exemple.test", "b@exemple.test", "c@exemple.test")
    assert deliver() == 2
    row = Mail.objects.get(to="a@exemple.test")
    assert row.last_error == "Le serveur de courriel refuse cette adresse : 550 Boîte inconnue"


@pytest.mark.django_db
def test_a_server_away_is_not_asked_for_every_mail(server: type[Broken]) -> None:
    server.error, server.opens = ConnectionRefusedError(111, "Connection refused"), False
    _send("a@exemple.test", "b@exemple.test", "c@exemple.test")
    assert deliver() == 0
    assert Mail.objects.filter(state=MailState.FAILING).count() == 1
    assert Mail.objects.filter(state=MailState.WAITING).count() == 2
    server.error = None
    assert deliver() == 2


@pytest.mark.django_db
def test_the_error_that_is_kept_is_short_and_holds_no_secret(
    server: type[Broken], settings: Settings
) -> None:
    settings.EMAIL_HOST_PASSWORD = "le-secret"
    server.error = RuntimeError("le-secret " * 100)
    _send()
    deliver()
    row = Mail.objects.get()
    assert "le-secret" not in row.last_error
    assert 0 < len(row.last_error) <= 300


@pytest.mark.django_db
def test_an_address_that_breaks_the_headers_harms_only_itself(settings: Settings) -> None:
    _send("x@exemple.test\nBcc: tous@exemple.test", "mairie@exemple.test")
    assert deliver() == 1
    assert [m.to for m in mail.outbox] == [["mairie@exemple.test"]]
    assert Mail.objects.get(state=MailState.FAILING).last_error.startswith("Ce courriel n'a pas pu")


def test_a_worker_killed_in_the_middle_loses_nothing(committed: None, server: type[Broken]) -> None:
    server.error = KeyboardInterrupt()
    _send()
    with pytest.raises(KeyboardInterrupt):
        deliver()
    row = Mail.objects.get()
    assert (row.state, row.attempts) == (MailState.WAITING, 0)
    server.error = None
    assert deliver() == 1
    assert len(mail.outbox) == 1


def test_two_workers_send_once(committed: None, settings: Settings) -> None:
    _send(*(f"m{n}@exemple.test" for n in range(20)))
    counts: list[int] = []
    together = threading.Barrier(4)

    def work() -> None:
        try:
            together.wait(10)
            counts.append(deliver())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(counts) == 20
    assert len(mail.outbox) == 20
    assert len({m.to[0] for m in mail.outbox}) == 20


def test_a_mail_that_another_worker_holds_is_left_to_it(
    committed: None, settings: Settings, server: type[Broken], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one sends, slowly, the second must neither wait nor send."""
    sending, may_end = threading.Event(), threading.Event()

    def slowly(self: Broken, messages: Any) -> int:
        sending.set()
        may_end.wait(10)
        return Memory.send_messages(self, messages)

    monkeypatch.setattr(Broken, "send_messages", slowly)
    _send()

    def work() -> None:
        try:
            deliver()
        finally:
            connection.close()

    first = threading.Thread(target=work)
    first.start()
    assert sending.wait(10)
    assert deliver() == 0
    may_end.set()
    first.join(10)
    assert len(mail.outbox) == 1


def test_the_worker_sends_what_was_committed(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its thread closes its connection when it has done.
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)
    _send()
    assert ProcrastinateJob.objects.filter(status="todo").count() == 1
    assert mail.outbox == []

    with app.replace_connector(app.connector.get_worker_connector()):
        app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
    assert len(mail.outbox) == 1
    assert Mail.objects.get().state == MailState.SENT
    assert not ProcrastinateJob.objects.filter(task_name=tasks.deliver_mails.name).exists()


class _Server:
    """A real SMTP server, which refuses the first `refusals` mails."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.asked = 0
        self.received: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.asked += 1
        if self.asked <= self.refusals:
            return "451 Le serveur est occupe"
        self.received.append(envelope.content)
        return "250 OK"


@pytest.fixture
def smtp(settings: Settings) -> tuple[str, int]:
    """Where a mail server may be started: the mails go there."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        settings.EMAIL_HOST, settings.EMAIL_PORT = door.getsockname()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    return settings.EMAIL_HOST, settings.EMAIL_PORT


@contextmanager
def _serving(address: tuple[str, int], refusals: int = 0) -> Iterator[_Server]:
    handler = _Server(refusals)
    controller = Controller(handler, *address)
    controller.start()
    try:
        yield handler
    finally:
        controller.stop()


@pytest.mark.django_db
def test_through_a_real_server_that_refuses_twice(smtp: tuple[str, int], person: Person) -> None:
    News(subject="Accusé de réception : l'école à rénover").send(to=[person("maire")], key="1")
    with _serving(smtp, refusals=2) as server:
        for attempts in (1, 2):
            assert deliver() == 0
            row = Mail.objects.get()
            assert (row.state, row.attempts) == (MailState.FAILING, attempts)
            assert row.last_error == "Le serveur de courriel refuse : 451 Le serveur est occupe"
            _later(row)
        assert deliver() == 1
        assert deliver() == 0
        row.refresh_from_db()
        assert (row.state, row.attempts) == (MailState.SENT, 3)
    (content,) = server.received
    received = email.message_from_bytes(content, policy=email.policy.default)
    assert received["Subject"].strip() == "Accusé de réception : l'école à rénover"
    assert received["To"] == "maire@exemple.test"
    assert "L'agence technique a répondu" in received.get_body(("plain",)).get_content()
    assert "L&#x27;agence technique a répondu" in received.get_body(("html",)).get_content()


@pytest.mark.django_db
def test_through_a_real_server_that_is_away_then_back(smtp: tuple[str, int]) -> None:
    _send("a@exemple.test", "b@exemple.test")
    assert deliver() == 0
    failed = Mail.objects.get(state=MailState.FAILING)
    assert failed.last_error.startswith("Le serveur de courriel ne répond pas")
    _later(failed)
    with _serving(smtp) as server:
        assert deliver() == 2
    assert len(server.received) == 2
