"""Progress of long commands, said in the terminal."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")
Say = Callable[[str], None]


class Progress(Protocol):
    """What a long task calls to say where it is: what it does, how many are done, of how many."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Say that `done` of `total` steps of `what` are made."""


def silent(what: str, done: int, total: int) -> None:
    """Say nothing (tests, background work)."""


class Terminal:
    """Write progress on one line of a terminal, or one line per tenth in a log file."""

    def __init__(self) -> None:
        self._out = sys.stderr
        self._live = self._out.isatty()
        self._last = 0.0
        self._tenth: tuple[str, int] = ("", -1)

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` steps of `what` are made."""
        over = done >= total
        if self._live:
            now = time.monotonic()
            if not over and now - self._last < 0.1:
                return
            self._last = now
            share = 100 * done // total if total else 100
            end = "\n" if over else ""
            self._out.write(f"\r  {what} : {done}/{total} ({share} %){end}")
        else:
            tenth = (what, 10 * done // total if total else 10)
            if tenth == self._tenth or (not over and tenth[1] == 0):
                return
            self._tenth = tenth
            self._out.write(f"  {what} : {done}/{total}\n")
        self._out.flush()


def track(items: Iterable[T], what: str, total: int, progress: Progress) -> Iterator[T]:
    """Iterate over `items` and say the progress of `what`, of `total` steps."""
    done = 0
    for item in items:
        yield item
        done += 1
        progress(what, done, total)
    if done != total or total == 0:
        progress(what, done, done)
