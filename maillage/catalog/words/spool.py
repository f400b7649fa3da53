"""Needs that were not understood, put down by the answer page: a line in a file, never a row.

A GET does not write to the database: what is put down here is collected every hour (`collecting`).
A line holds the words of the need, masked, why it is kept, and the kinds of project understood and
chosen. No address, no account, no commune, no hour. Nothing is kept when ``UNMET_DAYS`` is 0.
"""

import fcntl
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest
from django.utils.timezone import localdate

from maillage.catalog.enums import UnmetReason
from maillage.catalog.snapshot import snapshot
from maillage.catalog.words.masks import masked
from maillage.engine.types import Need, Orientation
from maillage.engine.understanding import understand

logger = logging.getLogger(__name__)

#: Beyond, nothing more is kept until the next collection: an hour of needs is far less.
LARGEST: Final = 1_000_000
_FILE: Final = "en-attente.jsonl"
_NO_PERSON: Final = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|preview|monitor|headless|lighthouse|curl|wget|python|httpx|"
    r"java/|okhttp|go-http",
    re.IGNORECASE,
)
_AHEAD: Final = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")
_MOST_TYPES: Final = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A need put down: its words, why, the slugs of the types understood and of those chosen."""

    day: date
    text: str
    reason: UnmetReason
    understood: tuple[str, ...] = ()
    corrected: tuple[str, ...] = ()


def note(request: HttpRequest, need: Need, found: Orientation, place: str = "") -> None:
    """Put a need down if it found nothing, or if what was understood of it was refused.

    `found` is the answer given; `place` the name of its territory, to be taken out of the words.
    Never raises, never writes to the database.
    """
    if not need.text or not listening(request):
        return
    line = _line(need, found, place)
    if line is not None:
        put(line)


def listening(request: HttpRequest) -> bool:
    """True when a person reads this answer, and needs are kept here."""
    if settings.MAILLAGE["UNMET_DAYS"] <= 0 or request.method not in ("GET", "POST"):
        return False
    if any(word in request.headers.get(name, "").lower()
           for name in _AHEAD for word in ("prefetch", "preview")):  # fmt: skip
        return False
    agent = request.headers.get("User-Agent", "")
    return bool(agent) and not _NO_PERSON.search(agent)


def _line(need: Need, found: Orientation, place: str) -> Line | None:
    read = found.understanding
    if need.types is not None:
        # What the text alone says: what was understood before the person chose.
        read = understand(Need(need.text, audience=need.audience), snapshot())
        understood = tuple(kind.id for kind in read.types)
        if set(understood) - set(need.types):
            return _made(need, UnmetReason.CORRECTED, place, understood, need.types)
    adequate = bool(found.funding) or any(one.adequate for one in found.help)
    if read.types or read.empty or adequate:
        return None
    return _made(need, UnmetReason.NOTHING, place)


def _made(
    need: Need,
    reason: UnmetReason,
    place: str,
    understood: Iterable[str] = (),
    corrected: Iterable[str] = (),
) -> Line | None:
    known = snapshot().type_number
    text = masked(need.text, place)
    kept = tuple(slug for slug in corrected if slug in known)[:_MOST_TYPES]
    return Line(localdate(), text, reason, tuple(understood), kept) if text else None


def folder() -> Path:
    """Where lines wait: readable by the site alone."""
    path = Path(settings.SPOOL_ROOT)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    return path


def put(line: Line) -> None:
    """Add a line to the file, in one write; several processes may do so at once.

    What cannot be written is lost, and said in the log: a page never fails for it.
    """
    said = {
        "day": line.day.isoformat(), "text": line.text, "reason": line.reason.value,
        "understood": line.understood, "corrected": line.corrected,
    }  # fmt: skip
    octets = f"{json.dumps(said, ensure_ascii=False)}\n".encode()
    try:
        # Three tries: the file may be set apart between its opening and its lock.
        _ = _append(octets) or _append(octets) or _append(octets)
    except OSError as error:
        logger.warning("a need could not be put down: %s", error.strerror)


def _append(octets: bytes) -> bool:
    """Write at the end of the file; False when it was set apart meanwhile."""
    path = folder() / _FILE
    place = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # Shared: writers do not wait for each other, `read` waits for those who write.
        fcntl.flock(place, fcntl.LOCK_SH)
        mine = os.fstat(place)
        try:
            theirs = path.stat()
        except FileNotFoundError:
            return False
        if (mine.st_dev, mine.st_ino) != (theirs.st_dev, theirs.st_ino):
            return False
        if mine.st_size + len(octets) <= LARGEST:
            os.write(place, octets)
        return True
    finally:
        os.close(place)


def set_apart(name: str) -> None:
    """Rename what is waiting, if anything is, to « lot-`name` »: later lines go to a new file."""
    path = folder() / _FILE
    if path.exists() and path.stat().st_size:
        path.rename(path.with_name(f"lot-{name}.jsonl"))


def apart() -> list[Path]:
    """Files set apart, in the order of their names."""
    return sorted(folder().glob("lot-*.jsonl"))


def forget() -> None:
    """Erase all that waits."""
    for path in [folder() / _FILE, *apart()]:
        path.unlink(missing_ok=True)


@contextmanager
def alone() -> Iterator[bool]:
    """True for the one process that collects; False for another that comes meanwhile."""
    place = os.open(folder() / "collecte.lock", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(place)
        yield False
        return
    try:
        yield True
    finally:
        os.close(place)


def read(path: Path) -> list[Line]:
    """The lines of a file set apart, once nobody writes to it; what is not a line is left out."""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        return [line for raw in file if (line := _read_line(raw)) is not None]


def _read_line(raw: bytes) -> Line | None:
    try:
        said: dict[str, Any] = json.loads(raw)
        return Line(
            date.fromisoformat(said["day"]), str(said["text"]), UnmetReason(said["reason"]),
            tuple(map(str, said["understood"])), tuple(map(str, said["corrected"])),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError):
        return None
