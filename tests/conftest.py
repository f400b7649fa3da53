"""Fixtures shared by the whole suite."""

from collections.abc import Iterator

import pytest
from django.conf import settings

from maillage.catalog import snapshot as catalogue_memory
from maillage.territories import directory as territories_memory
from maillage.territories import search as territories_search


@pytest.fixture(autouse=True)
def _nothing_held_between_tests() -> Iterator[None]:
    """Each test sees its own database, not what a former test left in memory."""
    yield
    if not settings.configured:
        return
    catalogue_memory.held.forget()
    territories_memory.forget()
    territories_search.forget()
