"""Kept days: written when something differs, thinned, compared at any territory."""

import zlib
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate
from pytest_django import DjangoAssertNumQueries

from maillage.catalog.matrix import days
from maillage.catalog.matrix.places import france, place_of
from maillage.catalog.matrix.reading import NATURES, matrix_from, matrix_of
from maillage.catalog.models import CatalogueDay, Offer
from maillage.engine.matrix import differ
from maillage.territories.directory import directory
from tests.catalog.factories import make_offer, make_provider

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


@pytest.fixture
def memory(fresh_memory: None) -> None:
    """For a test that writes to the catalogue and then looks at its pages."""


def day_row(day: date) -> CatalogueDay:
    return CatalogueDay.objects.create(day=day, digest="x", offers=0, content=zlib.compress(b"[]"))


def test_a_day_is_kept_when_the_catalogue_differs_only() -> None:
    assert days.keep(TODAY)
    assert not days.keep(TODAY + timedelta(days=1))
    make_offer()
    assert days.keep(TODAY + timedelta(days=2))
    assert list(days.kept_days()) == [TODAY + timedelta(days=2), TODAY]


def test_what_does_not_move_the_matrix_is_not_a_difference() -> None:
    days.keep(TODAY)
    make_offer("brouillon", publication="draft")
    Offer.objects.filter(slug="cerema-programme-ponts").update(summary="Autrement dit")
    assert not days.keep(TODAY + timedelta(days=1))


def test_the_same_catalogue_always_has_the_same_digest() -> None:
    rows = list(Offer.objects.published().values_list(*days._FIELDS))
    assert days.facts(rows) == days.facts(rows[::-1])


def test_a_day_kept_again_holds_what_is_now() -> None:
    days.keep(TODAY)
    count = CatalogueDay.objects.get().offers
    make_offer()
    assert days.keep(TODAY)
    assert CatalogueDay.objects.get().offers == count + 1


def test_the_first_day_is_kept_once() -> None:
    assert days.keep_the_first(TODAY)
    make_offer()
    assert not days.keep_the_first(TODAY + timedelta(days=1))


def test_old_days_are_one_by_month() -> None:
    for back in range(0, 400, 9):
        day_row(TODAY - timedelta(days=back))
    days.thin(TODAY)
    kept = sorted(days.kept_days())
    recent = [day for day in kept if day >= TODAY - timedelta(days=90)]
    old = [day for day in kept if day not in recent]
    assert len(recent) == 11
    assert len({(day.year, day.month) for day in old}) == len(old) >= 10
    assert days.thin(TODAY) == 0


@pytest.mark.parametrize("nature", NATURES)
@pytest.mark.parametrize(("kind", "code"), [("", ""), ("departement", "24"), ("commune", "24061")])
def test_a_kept_day_makes_the_matrix_that_the_page_shows(kind: str, code: str, nature: str) -> None:
    today = localdate()
    days.keep(today)
    where = place_of(kind, code, directory()) if kind else france()
    kept = matrix_from(days.offers_of(today), where, nature, today, directory())
    assert kept.cells == tuple(
        cell for cell in _without_contacts(matrix_of(where, nature, today)).cells
    )


def _without_contacts(matrix: Any) -> Any:
    """Sure contacts are not kept: they fill no cell."""
    cells = tuple(replace(cell, generalists=0) for cell in matrix.cells)
    return replace(matrix, cells=cells)


def test_what_was_invented_is_not_read_out_of_the_demonstration(settings: Any) -> None:
    settings.MAILLAGE = {**settings.MAILLAGE, "DEMO_OFFERS": True}
    make_offer(state="demonstration")
    days.keep(TODAY)
    assert "offre-essai" in {o.id for o in days.offers_of(TODAY)}
    settings.MAILLAGE = {**settings.MAILLAGE, "DEMO_OFFERS": False}
    assert "offre-essai" not in {o.id for o in days.offers_of(TODAY)}


def test_a_difference_between_two_days_is_the_work_done_between_them() -> None:
    days.keep(TODAY)
    body = make_provider("nouveau", name="Nouveau venu", perimeter=["dep:24"])
    make_offer("o", body, perimeter=["dep:24"], themes=["eau"], phases=["travaux", "montage"])
    days.keep(TODAY + timedelta(days=1))
    for code, came in (("24", ["nouveau"]), ("46", [])):
        where = place_of("departement", code, directory())
        before, after = (
            matrix_from(days.offers_of(day), where, "ingenierie", day, directory())
            for day in (TODAY, TODAY + timedelta(days=1))
        )
        found = differ(before, after)
        assert [one.provider for one in found.came] == came
        assert len(found.cells) == 2 * len(came)


# -- The page


def test_one_day_alone_is_said(client: Client) -> None:
    days.keep(localdate())
    assert "Une seule date est gardée" in client.get("/qui-fait-quoi/changements/").content.decode()


def test_the_page_tells_who_came_who_left_and_what_is_empty_now(
    client: Client, memory: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    yesterday = localdate() - timedelta(days=1)
    old = make_provider("ancien", name="Ancien organisme", perimeter=["dep:975"])
    gone = make_offer("vieux", old, perimeter=["dep:975"], themes=["eau"], phases=["montage"])
    days.keep(yesterday)
    Offer.objects.filter(pk=gone.pk).update(publication="archived")
    new = make_provider("nouveau", name="Nouveau venu", perimeter=["dep:975"])
    make_offer("neuf", new, perimeter=["dep:975"], themes=["eau"], phases=["travaux"])
    days.keep(localdate())
    address = "/qui-fait-quoi/departement/975/changements/"
    client.get(address)  # the first builds what the process holds
    with django_assert_max_num_queries(7):
        response = client.get(address)
    text = response.content.decode()
    assert "VARIABLE-INCONNUE" not in text
    assert "1\u00a0organisme arrivé" in text
    assert "Nouveau venu" in text
    assert "1\u00a0organisme parti" in text
    assert "Ancien organisme" in text
    same = client.get(address, {"du": localdate().isoformat(), "au": localdate().isoformat()})
    assert "Rien n'a changé" in same.content.decode()
    exported = client.get(address, {"export": "csv"})
    lines = b"".join(exported.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    elsewhere = client.get("/qui-fait-quoi/departement/24/changements/").content.decode()
    assert "Rien n'a changé" in elsewhere


@pytest.mark.parametrize("wrong", ["2020-01-01", "hier", "' OR 1=1"])
def test_a_date_that_was_not_kept_is_said(client: Client, wrong: str) -> None:
    days.keep(localdate())
    response = client.get("/qui-fait-quoi/changements/", {"du": wrong})
    assert response.status_code == 422
    assert "gardé à cette date" in response.content.decode()
