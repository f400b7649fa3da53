"""The place of each in the search for the best plans."""

import pytest

from maillage.funding import planning
from tests.funding.plans import document


@pytest.mark.django_db
def test_an_address_has_one_search_at_a_time_and_does_not_keep_its_place() -> None:
    with planning._alone("192.0.2.1"):
        with pytest.raises(planning.Busy):
            planning.best(document(), address="192.0.2.1")
        assert planning.best(document(), address="192.0.2.2").plans
        assert planning.best(document()).plans
    assert planning.best(document(), address="192.0.2.1").plans


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
