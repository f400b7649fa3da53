"""Data held in memory by each process, kept in step with the database.

A page never waits for a rebuild: when another process has changed the data, the present value
goes on serving while a thread builds the next one.
"""

import logging
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeAlias, TypeVar

from django.db import OperationalError, close_old_connections, connection

from maillage.common.models import DataVersion

logger = logging.getLogger(__name__)
T = TypeVar("T")

#: Seconds between two looks at the version: what is written is seen by all within this time.
LOOK_EVERY = 1.0
#: What is long to build is built less often: one part of the time building, this many parts not.
REST = 3


def forget_all() -> None:
    """Build every held value again at its next use (tests, and after an import)."""
    for held in list(_all):
        held.forget()


def build_all() -> None:
    """Build now every held value that is not yet."""
    for held in list(_all):
        held.get()


def photograph() -> "Photograph":
    """What every held value is now, for `put_back`. Nothing is copied."""
    return {held: held.state for held in list(_all)}


def put_back(photo: "Photograph") -> None:
    """Give back to every held value what it was in `photo`; one that is not there is forgotten."""
    for held in list(_all):
        held.state = photo.get(held, (None, ()))


#: Each held value with the versions of its sets.
Photograph: TypeAlias = "Mapping[Held[Any], tuple[Any, tuple[int, ...]]]"
_all: "weakref.WeakSet[Held[Any]]" = weakref.WeakSet()


class Held(Generic[T]):
    """A value built from the database by `build`, for the versions of the sets `names`.

    The first `get` builds it (a server does so before it opens its door, see `wsgi`); later ones
    answer at once.
    """

    def __init__(self, build: Callable[[], T], *names: str) -> None:
        self._build = build
        self._names = names
        self._value: T | None = None
        self._versions: tuple[int, ...] = ()
        self._looked = 0.0
        self._took = 0.0
        self._lock = threading.Lock()
        self._building = threading.Lock()
        _all.add(self)

    def get(self) -> T:
        """Return the value, at most `LOOK_EVERY` seconds late on what another process wrote."""
        if self._value is None:
            with self._lock:
                if self._value is None:
                    self._rebuild(self._read_versions())
        elif time.monotonic() - self._looked > max(LOOK_EVERY, REST * self._took):
            self._looked = time.monotonic()
            versions = self._versions_or_present()
            if versions != self._versions and self._building.acquire(blocking=False):
                threading.Thread(target=self._rebuild_apart, args=(versions,), daemon=True).start()
        if self._value is None:
            raise RuntimeError("the value held in memory could not be built")
        return self._value

    @property
    def state(self) -> tuple[T | None, tuple[int, ...]]:
        """The value, ``None`` if it is not built, and the versions that it was built for."""
        return self._value, self._versions

    @state.setter
    def state(self, state: tuple[T | None, tuple[int, ...]]) -> None:
        with self._lock:
            self._value, self._versions = state

    def forget(self) -> None:
        """Build again at the next `get` (used by tests and after an import in this process)."""
        with self._lock:
            self._value = None

    def _versions_or_present(self) -> tuple[int, ...]:
        try:
            return self._read_versions()
        except OperationalError:
            # The database is away: what is in memory can still answer.
            logger.warning("no database to look at the version of %s", self._names)
            return self._versions

    def _read_versions(self) -> tuple[int, ...]:
        found = dict(DataVersion.objects.filter(name__in=self._names).values_list("name", "number"))
        return tuple(found.get(name, 0) for name in self._names)

    def _rebuild(self, versions: tuple[int, ...]) -> None:
        started = time.monotonic()
        self._value = self._build()
        self._versions = versions
        self._looked = time.monotonic()
        self._took = self._looked - started

    def _rebuild_apart(self, versions: tuple[int, ...]) -> None:
        try:
            self._rebuild(versions)
        except Exception:
            logger.exception("rebuild of %s failed; the former value goes on", self._names)
        finally:
            self._building.release()
            close_old_connections()
            connection.close()
