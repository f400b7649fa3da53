"""Long files of the web page of imports: read, then written, by the worker."""

from collections.abc import Iterator

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils.timezone import now

from maillage.catalog.enums import ImportState
from maillage.catalog.models import Import, Offer
from maillage.catalog.services import importing
from tests.catalog.importers import address, offers, sent, table
from tests.catalog.keepers import keeper, local_page, signed_in
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    """A browser of the people of a page."""
    return signed_in(keeper(local_page()))


@pytest.fixture
def clean_storage() -> Iterator[None]:
    """The files that wait for the worker are this test's."""
    yield
    if default_storage.exists(importing.FOLDER):
        for name in default_storage.listdir(importing.FOLDER)[1]:
            default_storage.delete(f"{importing.FOLDER}/{name}")


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch, clean_storage: None) -> None:
    """More than three lines are the worker's."""
    monkeypatch.setattr(importing, "AT_ONCE", 3)


def test_a_long_file_is_read_then_written_by_the_worker(desk: Client, few_at_once: None) -> None:
    parent = sent(desk, table(*offers(5)))
    assert parent.state == ImportState.READING
    page = text_of(desk.get(address("import", parent)))
    assert "La lecture va commencer" in page
    assert 'hx-trigger="every' in page
    Import.objects.filter(pk=parent.pk).update(
        options={**parent.options, "progress": {"what": "lignes lues", "done": 2, "total": 5}}
    )
    assert "2 lignes lues" in text_of(desk.get(address("import", parent)))
    importing.read_waiting(parent.pk)
    parent.refresh_from_db()
    assert (parent.state, parent.counts) == (ImportState.READY, {"new": 5})
    assert default_storage.listdir(importing.FOLDER)[1] == []
    answer = desk.get(address("import", parent), headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"
    desk.post(address("write", parent))
    assert "Écriture en cours" in text_of(desk.get(address("import", parent)))
    assert desk.post(address("write", parent)).status_code == 302
    assert "ne s'abandonne plus" in text_of(desk.post(address("cancel", parent), follow=True))
    importing.write_waiting(parent.pk, accept_gone=False)
    parent.refresh_from_db()
    assert parent.state == ImportState.WRITTEN
    assert "Écriture en cours" not in text_of(desk.get(address("import", parent)))


def test_why_the_worker_did_not_write_is_said(desk: Client, few_at_once: None) -> None:
    parent = sent(desk, table(*offers(5)))
    importing.read_waiting(parent.pk)
    parent.refresh_from_db()
    importing.write(parent, by=parent.by, accept_gone=False)
    Offer.objects.filter(pk=Offer.objects.first().pk).update(slug=f"{parent.dataset_id}-a0")
    importing.write_waiting(parent.pk, accept_gone=False)
    text = text_of(desk.get(address("import", parent)))
    assert "Rien n'a été écrit" in text
    assert not Offer.objects.filter(dataset=parent.dataset).exists()


def test_a_reading_given_up_stops_and_leaves_nothing(desk: Client, few_at_once: None) -> None:
    parent = sent(desk, table(*offers(5)))
    desk.post(address("cancel", parent))
    importing.read_waiting(parent.pk)
    parent.refresh_from_db()
    assert parent.state == ImportState.CANCELLED
    assert not parent.lines.exists()


def test_a_reading_that_was_lost_is_said_to_be(desk: Client, few_at_once: None) -> None:
    parent = sent(desk, table(*offers(5)))
    assert importing.sweep() == 0
    Import.objects.filter(pk=parent.pk).update(updated_at=now() - 2 * importing.LOST)
    assert importing.sweep() == 1
    assert "a été interrompue" in text_of(desk.get(address("import", parent)))


def test_the_file_of_a_reading_that_is_gone_is_said_to_be_lost(
    desk: Client, few_at_once: None
) -> None:
    parent = sent(desk, table(*offers(5)))
    default_storage.delete(parent.options["file"])
    with pytest.raises(FileNotFoundError):
        importing.read_waiting(parent.pk)
    assert "a été interrompue" in text_of(desk.get(address("import", parent)))


def test_files_that_nobody_waits_for_are_erased(
    clean_storage: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = default_storage.save(f"{importing.FOLDER}/oublie", ContentFile(b"x"))
    importing.sweep()
    assert default_storage.exists(place)
    monkeypatch.setattr(importing, "LOST", -importing.LOST)
    importing.sweep()
    assert not default_storage.exists(place)


def test_a_writing_that_was_lost_is_given_back(desk: Client, few_at_once: None) -> None:
    parent = sent(desk, table(*offers(5)))
    importing.read_waiting(parent.pk)
    desk.post(address("write", parent))
    assert importing.sweep() == 0, "the worker may still come"
    Import.objects.filter(pk=parent.pk).update(updated_at=now() - 2 * importing.LOST)
    assert importing.sweep() == 1
    assert importing.sweep() == 0
    text = text_of(desk.get(address("import", parent)))
    assert "L'écriture a été interrompue" in text
    assert "Écriture en cours" not in text
    importing.write_waiting(parent.pk, accept_gone=False)
    assert not Offer.objects.filter(dataset=parent.dataset).exists(), "it is no longer asked"
    desk.post(address("cancel", parent))
    parent.refresh_from_db()
    assert parent.state == ImportState.CANCELLED


def test_one_written_whose_worker_died_at_the_very_end_is_not_busy_for_ever(
    desk: Client, few_at_once: None
) -> None:
    parent = sent(desk, table(*offers(2)))
    desk.post(address("write", parent))
    Import.objects.filter(pk=parent.pk).update(
        options={"writing": parent.by_id}, updated_at=now() - 2 * importing.LOST
    )
    importing.sweep()
    text = text_of(desk.get(address("import", parent)))
    assert "Écriture en cours" not in text
    assert "interrompue" not in text
