"""The names of France, read once, and a site of ours that the connector is set to read."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from pytest_django import DjangoDbBlocker

from maillage.catalog.aides_territoires import run as runs
from maillage.catalog.aides_territoires.perimeters import Gazetteer, gazetteer
from tests.catalog.aides_territoires.acts import connect
from tests.catalog.aides_territoires_server import Site, aid, modern_aid, serving


@pytest.fixture(scope="session")
def places(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Gazetteer:
    """The names of places, built once, in the transaction of no test: none changes them."""
    with django_db_blocker.unblock():
        return gazetteer()


@pytest.fixture
def quick(db: None, places: Gazetteer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs use the names that are already read."""
    monkeypatch.setattr(runs, "gazetteer", lambda: places)


@pytest.fixture
def site(settings: LazySettings, quick: None) -> Iterator[Site]:
    """A hundred and twenty aids in v1.6, which the settings name."""
    with serving(Site(aids=[aid(n) for n in range(1, 121)])) as made:
        connect(settings, made)
        yield made


@pytest.fixture
def modern(settings: LazySettings, quick: None) -> Iterator[Site]:
    """The same in v1.8."""
    with serving(Site(version="1.8", aids=[modern_aid(n) for n in range(1, 121)])) as made:
        connect(settings, made)
        yield made
