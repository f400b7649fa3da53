"""What is no longer listed is closed, but only when the list was surely read whole."""

import pytest

from maillage.catalog.enums import ImportState, RunState
from tests.catalog.aides_territoires.acts import counts, go, live
from tests.catalog.aides_territoires_server import Site, aid

pytestmark = pytest.mark.django_db


def test_nothing_is_closed_when_the_count_changes_on_the_way(site: Site) -> None:
    """An aid removed while we read shifts the others: one of them was not seen."""
    go()
    site.before = lambda number: site.aids.pop(0) if number == 2 else None
    record = go()
    assert record.state == RunState.DONE
    assert "120 puis 119" in record.error
    assert "Aucune aide n'a donc été fermée" in record.error
    assert live() == list(range(1, 121))
    site.before = lambda number: None
    assert go().error == ""
    assert live() == list(range(2, 121)), "the next night does"


def test_nothing_is_closed_when_fewer_aids_are_read_than_announced(site: Site) -> None:
    go()
    # The trap of the page size: pages overlap, some aids come twice and others never.
    site.aids[60:70] = site.aids[0:10]
    record = go()
    assert record.state == RunState.DONE
    assert "110\u00a0aides différentes ont été lues pour 120" in record.error
    assert live() == list(range(1, 121))


def test_aids_seen_twice_are_read_once(site: Site) -> None:
    site.aids = [*site.aids[:50], site.aids[49], *site.aids[50:]]
    record = go()
    assert record.state == RunState.DONE
    assert counts(record) == {"new": 120}


def test_a_site_that_has_lost_its_aids_closes_nothing(site: Site) -> None:
    go()
    site.aids = site.aids[:40]
    for _ in range(2):
        record = go()
        assert "moins de la moitié des 120" in record.error
        assert live() == list(range(1, 121)), "nor the second night"
    site.aids = []
    assert "moins de la moitié" in go().error
    assert live() == list(range(1, 121))


def test_unless_someone_says_that_it_is_true(site: Site) -> None:
    go()
    site.aids = site.aids[:40]
    record = go(accept_gone=True)
    assert counts(record)["gone"] == 80
    assert live() == list(range(1, 41))


def test_a_run_that_failed_closes_nothing(site: Site) -> None:
    go()
    site.aids = site.aids[:100]
    site.following[1] = "https://ailleurs.example/api/aids/?page=2"
    record = go()
    assert record.state == RunState.FAILED
    assert "renvoie vers une autre adresse" in record.error
    assert live() == list(range(1, 121))
    assert record.parent.state == ImportState.CANCELLED


def test_one_aid_without_identifier_does_not_stop_closures_for_ever(site: Site) -> None:
    go()
    site.aids[10] = None  # type: ignore[call-overload]
    del site.aids[100]
    assert "1 aide n'a pas d'identifiant" in (record := go()).error.replace("\u00a0", " ")
    assert record.state == RunState.DONE
    assert live() == list(range(1, 121)), "absent once"
    go()
    assert 101 not in live(), "absent twice"
    assert 11 not in live()


def test_what_an_aid_without_identifier_may_be_is_not_closed(site: Site) -> None:
    go()
    site.aids[10] = {**site.aids[10], "id": None}
    for _ in range(3):
        go()
        assert live() == list(range(1, 121)), "its title says which it is"


def test_a_run_that_was_not_whole_does_not_count_as_one_of_the_two(site: Site) -> None:
    go()
    site.aids[10] = None  # type: ignore[call-overload]
    go()
    site.before = lambda number: site.aids.append(aid(500)) if number == 2 else None
    assert "Aucune aide" in go().error
    site.before = lambda number: None
    go()
    assert 11 in live()


def test_many_aids_without_identifier_close_nothing(site: Site) -> None:
    go()
    site.aids[10:12] = [None, None]  # type: ignore[list-item]
    for _ in range(3):
        assert "2 aides n'ont pas d'identifiant" in go().error.replace("\u00a0", " ")
    assert live() == list(range(1, 121))
