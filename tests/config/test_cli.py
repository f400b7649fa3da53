"""The command line, as one who types it."""

import socket
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from django.core.mail import send_mail

from maillage.config import database, paths, server
from maillage.config.cli import COMMANDS, main
from maillage.config.server import _free, _port
from tests.browser.site import running_site


def test_without_anything_the_help_is_given_in_french(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    said = capsys.readouterr().out
    assert all(f"  {name}" in said for name in COMMANDS)
    assert "le guichet local de l'ingénierie" in said


def test_a_misspelt_command_gets_a_guess(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["orientr"]) == 2
    assert "Vouliez-vous dire « orienter »" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["importer", "exporter"])
def test_a_family_lists_what_it_can_do(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb]) == 0
    assert "au choix" in capsys.readouterr().out


def test_a_taken_port_is_said_with_how_to_choose_another(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        port = door.getsockname()[1]
        assert not _free("127.0.0.1", port)
    assert f"PORT={port + 1} make run" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["abc", "0", "70000", "-1", ""])
def test_a_port_that_is_none_is_said(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", text)
    assert _port() is None
    assert "PORT doit être un nombre" in capsys.readouterr().out


def test_a_secret_is_made_once_and_readable_by_its_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "STATE", tmp_path / "etat")
    first = paths.secret("cle")
    assert paths.secret("cle") == first
    assert len(first) > 40
    assert stat.S_IMODE((tmp_path / "etat" / "cle").stat().st_mode) == 0o600


def test_logs_and_mails_are_read_by_their_owner_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings
) -> None:
    monkeypatch.setattr(paths, "STATE", tmp_path / "etat")
    (tmp_path / "etat" / "journal").mkdir(parents=True, mode=0o755)
    assert stat.S_IMODE(paths.private_folder("journal").stat().st_mode) == 0o700
    settings.EMAIL_BACKEND = "maillage.notifications.kept.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mails"
    send_mail("Votre code", "ABC123", "site@exemple.test", ["agent@exemple.test"])
    (kept,) = (tmp_path / "mails").iterdir()
    assert "ABC123" in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "mails").stat().st_mode) == 0o700


def test_a_stopped_site_leaves_no_process_behind(tmp_path: Path) -> None:
    me = psutil.Process()
    before = {child.pid for child in me.children(recursive=True)}  # the journeys' own site
    with running_site(tmp_path):
        during = {child.pid for child in me.children(recursive=True)} - before
    assert len(during) >= 3  # the command, the web server and its process, the worker
    assert not [pid for pid in during if psutil.pid_exists(pid) and _alive(pid)]


def _alive(pid: int) -> bool:
    return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_background_work_that_stops_is_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    started: list[float] = []
    monkeypatch.setattr(server.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(server.subprocess, "Popen", lambda *a, **k: _Dead(started, clock))
    work = server._Worker(tmp_path / "log")
    for clock[0] in (0.5, 1.0, 1.5, 2.9, 3.0, 6.9, 7.0):
        work.keep_alive()
    assert started == [0.0, 1.0, 3.0, 7.0]  # after 1, 2, then 4 seconds


class _Dead:
    """A process that stops at once."""

    def __init__(self, started: list[float], clock: list[float]) -> None:
        started.append(clock[0])

    def poll(self) -> int:
        return 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///x.db", "doit être l'adresse d'une base PostgreSQL"),
        ("postgresql://postgres@127.0.0.1:1/x", "ne répond pas"),
    ],
)
def test_a_wrong_database_is_said_in_a_sentence(
    url: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SystemExit, match=said):
        database.ensure()


def test_a_reader_that_leaves_ends_it_without_a_trace() -> None:
    code = (
        "import sys; from maillage.config import cli\n"
        "cli.COMMANDS['x'] = (lambda rest: print('ligne\\n' * 100_000) or 0, '')\n"
        "sys.exit(cli.main(['x']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as told:
        assert told.stdout
        assert told.stderr
        told.stdout.readline()
        told.stdout.close()
        assert told.stderr.read() == b""
        assert told.wait() == 141
