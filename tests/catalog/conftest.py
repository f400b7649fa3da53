"""Memory of the area: what a test changes is built again, and forgotten after it."""

from collections.abc import Iterator

import pytest

from maillage.catalog import providers, snapshot
from maillage.experiences import search


@pytest.fixture
def memory(db: None) -> Iterator[None]:
    """For a test that writes to the catalogue and then looks at its pages."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    for held in (snapshot.held, providers.held, search.held):
        held.forget()
