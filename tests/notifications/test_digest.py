"""Summaries: on working mornings, once, what was not read; and what is erased, when."""

import os
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from maillage.accounts.models import User
from maillage.notifications import services
from maillage.notifications.delivery import deliver
from maillage.notifications.digest import write_digests
from maillage.notifications.enums import Frequency, MailState
from maillage.notifications.models import Mail, Notification
from maillage.notifications.retention import erase_old
from tests.notifications.conftest import News

Person = Callable[..., User]
PARIS = ZoneInfo("Europe/Paris")

FRIDAY = datetime(2026, 4, 3, 7, 30, tzinfo=PARIS)
SATURDAY = FRIDAY + timedelta(days=1)
EASTER_MONDAY = FRIDAY + timedelta(days=3)
TUESDAY = FRIDAY + timedelta(days=4)


@pytest.fixture
def daily(person: Person) -> User:
    user = person("agent")
    services.choose_frequency(user=user, frequency=Frequency.DAILY)
    return user


@pytest.fixture
def weekly(person: Person) -> User:
    user = person("offreur")
    services.choose_frequency(user=user, frequency=Frequency.WEEKLY)
    return user


def _told(user: User, at: datetime, key: str, **words: str) -> Notification:
    News(**words).send(to=[user], key=key)
    Notification.objects.filter(key=key, user=user).update(created_at=at)
    return Notification.objects.get(key=key, user=user)


@pytest.mark.django_db
def test_one_mail_groups_what_waits_by_topic_once(daily: User) -> None:
    before = FRIDAY - timedelta(hours=3)
    _told(daily, before, "1", subject="La DDT accepte", topic="Demande de Bourrou")
    _told(daily, before, "2", subject="Un avis est arrivé", topic="Demande de Vergt", path="")
    _told(daily, before, "3", subject="Une pièce jointe", topic="Demande de Bourrou")
    assert write_digests(FRIDAY) == 1
    assert write_digests(FRIDAY) == 0
    assert write_digests(FRIDAY + timedelta(hours=4)) == 0
    row = Mail.objects.get()
    assert row.subject == "Votre résumé du jour : 3 messages"
    assert row.text.count("Demande de Bourrou") == 1
    order = [row.text.index(words) for words in ("La DDT accepte", "Une pièce", "Vergt", "Un avis")]
    assert order == sorted(order)
    assert "/catalogue/" in row.text
    assert deliver() == 1
    assert "La DDT accepte" in mail.outbox[0].alternatives[0].content


@pytest.mark.django_db
def test_nothing_before_half_past_seven_nor_on_days_off(daily: User) -> None:
    _told(daily, FRIDAY - timedelta(hours=3), "1")
    assert write_digests(FRIDAY - timedelta(minutes=1)) == 0
    assert write_digests(SATURDAY) == 0
    assert write_digests(EASTER_MONDAY) == 0
    assert write_digests(TUESDAY) == 1


@pytest.mark.django_db
def test_in_winter_as_in_summer_it_is_half_past_seven_in_paris(daily: User) -> None:
    winter = datetime(2026, 1, 14, 6, 30, tzinfo=ZoneInfo("UTC"))
    _told(daily, winter - timedelta(days=1), "1")
    assert write_digests(winter - timedelta(minutes=1)) == 0
    assert write_digests(winter) == 1


@pytest.mark.django_db
def test_what_comes_later_waits_for_the_next_one(daily: User) -> None:
    _told(daily, FRIDAY - timedelta(hours=3), "1")
    assert write_digests(FRIDAY) == 1
    _told(daily, FRIDAY + timedelta(hours=1), "2")
    assert write_digests(FRIDAY + timedelta(hours=8)) == 0
    assert write_digests(TUESDAY) == 1
    assert Mail.objects.count() == 2


@pytest.mark.django_db
def test_a_message_written_late_by_a_slow_transaction_is_not_lost(daily: User) -> None:
    _told(daily, FRIDAY - timedelta(hours=3), "1")
    assert write_digests(FRIDAY) == 1
    _told(daily, FRIDAY - timedelta(seconds=1), "2")
    assert write_digests(FRIDAY + timedelta(minutes=10)) == 1
    assert Mail.objects.count() == 2


@pytest.mark.django_db
def test_the_weekly_one_comes_on_the_first_working_day(weekly: User) -> None:
    _told(weekly, FRIDAY - timedelta(hours=3), "1")
    assert write_digests(FRIDAY) == 0
    assert write_digests(EASTER_MONDAY) == 0
    assert write_digests(TUESDAY) == 1
    assert Mail.objects.get().subject == "Votre résumé de la semaine : 1 message"
    _told(weekly, TUESDAY + timedelta(hours=1), "2")
    assert write_digests(TUESDAY + timedelta(days=2)) == 0
    assert write_digests(TUESDAY + timedelta(days=6)) == 1


@pytest.mark.django_db
def test_what_was_read_is_left_out(daily: User) -> None:
    services.read(notification=_told(daily, FRIDAY - timedelta(hours=3), "1"))
    assert write_digests(FRIDAY) == 0
    assert not Mail.objects.exists()


@pytest.mark.django_db
def test_a_summary_awaited_comes_even_after_a_change_of_mind(daily: User) -> None:
    _told(daily, FRIDAY - timedelta(hours=3), "1")
    services.choose_frequency(user=daily, frequency=Frequency.AT_ONCE)
    assert write_digests(FRIDAY) == 1


@pytest.mark.django_db
def test_a_closed_account_has_no_summary(daily: User) -> None:
    _told(daily, FRIDAY - timedelta(hours=3), "1")
    User.objects.update(is_active=False)
    assert write_digests(FRIDAY) == 0


@pytest.mark.django_db
def test_what_is_old_is_erased_and_nothing_else(person: Person, settings: Settings) -> None:
    now = timezone.now()
    user = person("maire")
    for key in ("read", "unread", "recent"):
        News().send(to=[user], key=key)
    deliver()
    News().send(to=[user], key="waiting")
    services.read(notification=Notification.objects.get(key="read"))
    Notification.objects.exclude(key="recent").update(created_at=now - timedelta(days=366))
    Mail.objects.filter(pk=Mail.objects.earliest("pk").pk).update(
        created_at=now - timedelta(days=91)
    )
    Mail.objects.filter(state=MailState.WAITING).update(created_at=now - timedelta(days=400))
    erase_old(now)
    kept = set(Notification.objects.values_list("key", flat=True))
    assert kept == {"unread", "recent", "waiting"}
    emptied = Mail.objects.get(erased_at__isnull=False)
    assert [emptied.to, emptied.subject, emptied.text, emptied.html, emptied.folded] == [""] * 5
    assert Mail.objects.filter(to="maire@exemple.test").count() == 3
    # The empty row still says that it was sent.
    News().send(to=[user], key="read")
    assert Mail.objects.count() == 4
    erase_old(now + timedelta(days=366))
    assert list(Mail.objects.values_list("state", flat=True)) == [MailState.WAITING]


@pytest.mark.django_db
def test_the_files_of_a_site_without_mail_server_are_erased_too(
    settings: Settings, tmp_path: Path
) -> None:
    settings.EMAIL_FILE_PATH = tmp_path
    now = timezone.now()
    for name, age in (("old.log", 91), ("new.log", 1), ("notes.txt", 500)):
        file = tmp_path / name
        file.write_text("…")
        moment = (now - timedelta(days=age)).timestamp()
        os.utime(file, (moment, moment))
    erase_old(now)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["new.log", "notes.txt"]


@pytest.mark.django_db
def test_without_a_folder_of_files_nothing_breaks(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_FILE_PATH = tmp_path / "absent"
    erase_old(timezone.now())


def test_two_workers_write_one_summary(committed: None, daily: User) -> None:
    _told(daily, FRIDAY - timedelta(hours=3), "1")
    written: list[int] = []
    together = threading.Barrier(3)

    def work() -> None:
        try:
            together.wait(10)
            written.append(write_digests(FRIDAY))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sum(written) == 1
    assert Mail.objects.count() == 1
