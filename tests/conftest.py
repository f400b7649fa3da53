"""Fixtures shared by the whole suite.

The test database holds the real France and the shipped catalogue, loaded once a session (four
seconds): tests speak of real communes. Each test is rolled back. What a process holds in memory is
built once too, and is what it was again after each test, whatever the test did with it: so are the
cache, the documents and the counters of the factories. No test reads what another one left, in
whatever order they run (`pytest --randomly-seed=1` gives an order again).
"""

import math
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import caches
from django.core.files.storage import InMemoryStorage, storages
from django.db import connections
from django.urls import get_resolver
from django.utils.timezone import localdate
from factory.django import DjangoModelFactory
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from maillage.catalog.services.loading import load_catalogue
from maillage.common import held
from maillage.experiences.services import load_experiences
from maillage.territories.services import load_reference

# No time is asserted, by hypothesis either: a machine may be slow, an answer is right or wrong. Its
# examples are the same each time, so that a change is judged on what it changes; others are sought
# by `pytest --hypothesis-profile=explore`, as often and as long as one likes.
_PATIENT: Any = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("house", derandomize=True, database=None, **_PATIENT)
settings.register_profile("explore", max_examples=1_000, **_PATIENT)
settings.load_profile("house")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Load the reference data in the test database, and what a process holds of it in memory."""
    with django_db_blocker.unblock():
        load_reference()
        load_catalogue()
        load_experiences()
        get_resolver()._populate()  # every module that holds something is then known
        held.forget_all()
        held.build_all()
    _reference.update(held.photograph())


#: The day when the suite began.
_STARTED = localdate()
#: What the memory is between two tests: the reference data, as no test has changed it.
_reference: dict[held.Held[Any], tuple[Any, tuple[int, ...]]] = {}


@pytest.fixture(autouse=True)
def same_memory() -> Iterator[None]:
    """The memory is put back after each test.

    Otherwise what one builds in its own transaction, then rolled back, would be read by the next.
    """
    yield
    if _reference:
        held.put_back(_reference)


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """What a test counts by address, keeps as documents or numbers is unknown to the next one."""
    yield
    for cache in caches.all(initialized_only=True):
        cache.clear()
    documents = storages["default"]
    assert isinstance(documents, InMemoryStorage), "the tests write on no disk"
    for names in documents.listdir(""):
        for name in names:
            documents.delete(name)
    for kind in DjangoModelFactory.__subclasses__():
        kind.reset_sequence(force=True)


@pytest.fixture(autouse=True)
def no_look_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is built again aside, by a thread that sees no transaction and outlives its test."""
    monkeypatch.setattr(held, "LOOK_EVERY", math.inf)


@pytest.fixture(autouse=True)
def same_day(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """``TODAY = localdate()`` of a module is the day of each test, when the suite sees midnight."""
    if getattr(request.module, "TODAY", None) == _STARTED != localdate():
        monkeypatch.setattr(request.module, "TODAY", localdate())


@pytest.fixture
def fresh_memory(db: None) -> None:
    """For a test that changes what processes hold in memory: built again at its next use."""
    held.forget_all()


@pytest.fixture
def real_commits(db: None) -> Iterator[None]:
    """For what crosses threads and processes: commits are real, and the test undoes what it wrote.

    Not `transactional_db`, which would also empty the reference data that other tests read: the
    connection of the test, in its transaction, is put aside for one that commits. It is asked for
    through `db`, so that the test database is always the one that is used. A test that leaves a
    line more, or less, than it found fails.
    """
    aside = connections["default"]
    connections["default"] = connections.create_connection("default")
    try:
        found = _lines()
        yield
        assert _lines() == found, "what the test wrote is still there"
    finally:
        connections["default"].close()
        connections["default"] = aside


def _lines() -> dict[str, int]:
    """Lines of each table."""
    return {model.__name__: model._base_manager.count() for model in apps.get_models()}
