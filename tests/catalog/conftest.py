"""Memory of the area: what a test changes is built again, and forgotten after it."""

import pytest

from maillage.catalog import providers, snapshot
from maillage.catalog.imports import pipeline
from maillage.catalog.models import Dataset, Provider
from maillage.catalog.quality import board
from maillage.catalog.quality import memory as links
from maillage.experiences import search
from tests.catalog.factories import make_provider


@pytest.fixture
def memory(db: None) -> None:
    """For a test that writes to the catalogue and then looks at its pages."""
    for held in (snapshot.held, providers.held, search.held, board.held, links.held):
        held.forget()


@pytest.fixture
def atd(db: None) -> Provider:
    """A provider of the Dordogne, for imports."""
    return make_provider(
        "agence-essai",
        name="Agence d'essai",
        family="department",
        level="department",
        perimeter=["dep:24"],
    )


@pytest.fixture
def feed(db: None) -> Dataset:
    """A dataset to import into."""
    return pipeline.dataset("atd24", "Offres de l'ATD 24")
