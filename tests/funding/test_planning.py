"""The place of each in the search for the best plans."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from maillage.funding import planning
from tests.funding.plans import document


@pytest.mark.django_db
def test_an_address_has_one_search_at_a_time_and_does_not_keep_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(planning, "_PATIENCE", 0.01)
    with planning._alone("192.0.2.1"):
        with pytest.raises(planning.Busy):
            planning.best(document(), address="192.0.2.1")
        assert planning.best(document(), address="192.0.2.2").plans
        assert planning.best(document()).plans
    assert planning.best(document(), address="192.0.2.1").plans


def test_several_searches_of_an_address_wait_for_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A whole town hall may have one address: short searches are all answered, each in turn."""
    monkeypatch.setattr(planning, "_SHORT", 60)
    monkeypatch.setattr(planning, "_PATIENCE", 60)
    inside, most, started = 0, 0, threading.Barrier(6)

    def search(_: int) -> None:
        nonlocal inside, most
        started.wait()
        with planning._alone("192.0.2.1"):
            inside += 1
            most = max(most, inside)
            time.sleep(0.01)
            inside -= 1

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(search, range(6)))
    assert most == 1


@pytest.mark.django_db
def test_a_search_that_breaks_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(planning, "best_plans", broken)
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                planning.best(document(), address="192.0.2.1")
    assert planning.best(document(), address="192.0.2.1").plans


@pytest.mark.django_db
def test_beyond_the_places_one_is_told_to_try_again() -> None:
    held = planning._turn(planning._places, 1), planning._turn(planning._places, 1)
    with held[0], held[1], pytest.raises(planning.Busy, match="réessayez"):
        planning.best(document(), address="192.0.2.9")
