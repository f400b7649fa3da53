"""Needs put down by the answer page: when, what of them, safely, and never in the database."""

import json
import os
import stat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from pytest_django import Settings

from maillage.catalog.enums import UnmetReason
from maillage.catalog.words import spool
from maillage.catalog.words.spool import Line

pytestmark = pytest.mark.django_db
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
NOTHING = "zinzolin abracadabra turlututu"
BISTROT = "On voudrait rouvrir le bistrot"


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.SPOOL_ROOT = tmp_path / "besoins"
    settings.MAILLAGE = {**settings.MAILLAGE, "UNMET_DAYS": 365}
    return settings.SPOOL_ROOT


def waiting(folder: Path) -> list[dict[str, Any]]:
    file = folder / "en-attente.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def ask(
    text: str, *, agent: str = BROWSER, headers: dict[str, str] | None = None, **said: Any
) -> None:
    answer = Client().get(
        "/orientation/", {"besoin": text, **said}, headers={"User-Agent": agent, **(headers or {})}
    )
    assert answer.status_code == 200


def understood(text: str) -> list[str]:
    answer = Client().get("/orientation/", {"besoin": text})
    return [kind.id for kind in answer.context["understanding"].types]


def test_a_need_that_finds_nothing_is_put_down_without_the_person(folder: Path) -> None:
    ask(f"{NOTHING} à Bourrou, Mme Durand 06 12 34 56 78", commune="24061")
    assert waiting(folder) == [
        {
            "day": localdate().isoformat(),
            "text": f"{NOTHING} à […], […] […]",
            "reason": "nothing",
            "understood": [],
            "corrected": [],
        }
    ]


def test_a_need_that_is_understood_is_not_put_down(folder: Path) -> None:
    ask(BISTROT)
    ask("")
    assert waiting(folder) == []


def test_a_type_that_is_refused_is_put_down_with_what_was_chosen(folder: Path) -> None:
    found = understood(BISTROT)
    ask(BISTROT, choix="1", type=["epicerie-multiservices-inconnue", "eclairage-public"])
    [line] = waiting(folder)
    assert line["reason"] == "corrected"
    assert line["understood"] == found
    assert "epicerie-multiservices-inconnue" not in line["corrected"]


def test_a_choice_that_keeps_what_was_understood_is_not_a_correction(folder: Path) -> None:
    found = understood(BISTROT)
    ask(BISTROT, choix="1", type=[*found, "eclairage-public"])
    ask(BISTROT, choix="1", type=found)
    assert waiting(folder) == []


def test_a_choice_among_suggestions_alone_is_not_a_correction(folder: Path) -> None:
    """Nothing was recognised: the person helps, and what they choose answers."""
    ask(NOTHING, choix="1", type=["eclairage-public", "dernier-bistrot"])
    assert [line["reason"] for line in waiting(folder)] in ([], ["nothing"])


def test_all_types_refused_is_a_correction(folder: Path) -> None:
    ask(BISTROT, choix="1")
    [line] = waiting(folder)
    assert (line["reason"], line["corrected"]) == ("corrected", [])


@pytest.mark.parametrize(
    ("agent", "headers"),
    [
        ("", {}),
        ("Mozilla/5.0 (compatible; Googlebot/2.1)", {}),
        ("curl/8.5.0", {}),
        ("python-requests/2.32", {}),
        (BROWSER, {"Sec-Purpose": "prefetch;prerender"}),
        (BROWSER, {"Purpose": "prefetch"}),
        (BROWSER, {"X-Moz": "prefetch"}),
    ],
)
def test_what_no_person_reads_is_not_put_down(
    folder: Path, agent: str, headers: dict[str, str]
) -> None:
    ask(NOTHING, agent=agent, headers=headers)
    assert waiting(folder) == []


def test_a_head_puts_nothing_down(folder: Path) -> None:
    Client().head("/orientation/", {"besoin": NOTHING}, headers={"User-Agent": BROWSER})
    assert waiting(folder) == []


def test_nothing_is_put_down_where_nothing_is_kept(folder: Path, settings: Settings) -> None:
    settings.MAILLAGE = {**settings.MAILLAGE, "UNMET_DAYS": 0}
    ask(NOTHING)
    ask(BISTROT, choix="1")
    assert not folder.exists()


def test_nothing_is_written_to_the_database(folder: Path) -> None:
    with CaptureQueriesContext(connection) as seen:
        ask(NOTHING)
    assert waiting(folder)
    assert [q for q in seen.captured_queries if not q["sql"].startswith("SELECT")] == []


def test_the_file_is_readable_by_its_owner_only(folder: Path) -> None:
    ask(NOTHING)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "en-attente.jsonl").stat().st_mode) == 0o600


def test_a_disk_that_refuses_does_not_break_the_page(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", refuse)
    ask(NOTHING)
    assert waiting(folder) == []


def test_the_file_does_not_grow_without_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "LARGEST", 1_000)
    for number in range(50):
        spool.put(_line(number))
    assert (folder / "en-attente.jsonl").stat().st_size <= 1_000
    assert waiting(folder)


def test_a_file_set_apart_between_opening_and_locking_loses_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worst moment: the writer has opened the file, and the collection renames it."""
    spool.put(_line(1))
    true_lock, done = spool.fcntl.flock, []

    def lock(place: int, how: int) -> None:
        if not done:
            done.append(True)
            spool.set_apart("1")
        true_lock(place, how)

    monkeypatch.setattr(spool.fcntl, "flock", lock)
    spool.put(_line(2))
    monkeypatch.undo()
    [apart] = (folder).glob("lot-*.jsonl")
    assert [line.text for line in spool.read(apart)] == ["besoin 1"]
    assert [line["text"] for line in waiting(folder)] == ["besoin 2"]


def _line(number: int) -> Line:
    return Line(localdate(), f"besoin {number}", UnmetReason.NOTHING, ("a",), ("b",))


def _write(first: int, count: int) -> None:
    for number in range(first, first + count):
        spool.put(_line(number))


def test_several_processes_put_down_while_another_sets_apart(folder: Path) -> None:
    """Every line is whole, and is found once."""
    context = get_context("fork")
    writers = [context.Process(target=_write, args=(start, 200)) for start in (0, 200, 400)]
    for one in writers:
        one.start()
    found: list[Line] = []
    turn = 0
    while any(one.is_alive() for one in writers) or turn == 0:
        turn += 1
        spool.set_apart(f"{turn:020d}")
        for path in spool.apart():
            found += spool.read(path)
            path.unlink()
    for one in writers:
        one.join()
        assert one.exitcode == 0
    spool.set_apart("fin")
    found += [line for path in spool.apart() for line in spool.read(path)]
    assert sorted(int(line.text.split()[1]) for line in found) == list(range(600))
