"""What the tests of the API share: a still memory, so that queries can be counted."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from maillage.api.orientation import provider_levels
from maillage.common import held
from maillage.desk import orientation
from maillage.territories.search import search

Post = Callable[..., Any]


@pytest.fixture(autouse=True)
def still_memory(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What processes hold is built, and does not look at the database for changes."""
    orientation.warm()
    provider_levels.get()
    search("bourrou")
    monkeypatch.setattr(held, "LOOK_EVERY", math.inf)


@pytest.fixture
def orient(client: Client) -> Post:
    """Ask the API: the fields of the question as keywords; gives the response."""

    def post(**question: Any) -> Any:
        return client.post("/api/v1/orientation", question, content_type="application/json")

    return post
