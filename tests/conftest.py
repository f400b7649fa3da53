"""Fixtures shared by the whole suite.

The test database holds the real France and the shipped catalogue, loaded once a session (four
seconds): tests speak of real communes. Each test is rolled back. What a process holds in memory is
built once too, and is what it was again after each test, whatever the test did with it.
"""

import math
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.urls import get_resolver
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from maillage.catalog.services.loading import load_catalogue
from maillage.common import held
from maillage.experiences.services import load_experiences
from maillage.territories.services import load_reference

# No time is asserted, by hypothesis either: a machine may be slow, an answer is right or wrong.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
def no_look_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is built again aside, by a thread that sees no transaction and outlives its test."""
    monkeypatch.setattr(held, "LOOK_EVERY", math.inf)


@pytest.fixture
def fresh_memory(db: None) -> None:
    """For a test that changes what processes hold in memory: built again at its next use."""
    held.forget_all()


@pytest.fixture
def real_commits(db: None) -> Iterator[None]:
    """For what crosses threads and processes: commits are real, and the test undoes what it wrote.

    Not `transactional_db`, which would also empty the reference data that other tests read: the
    connection of the test, in its transaction, is put aside for one that commits. It is asked for
    through `db`, so that the test database is always the one that is used.
    """
    aside = connections["default"]
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = aside
