"""From the lines put down to the list of needs: counted once, whatever breaks; then erased."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils.timezone import localdate
from pytest_django import Settings

from maillage.catalog.enums import UnmetReason, UnmetState
from maillage.catalog.models import UnmetNeed
from maillage.catalog.words import collecting, spool
from maillage.catalog.words.spool import Line

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 21)


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.SPOOL_ROOT = tmp_path / "besoins"
    settings.MAILLAGE = {**settings.MAILLAGE, "UNMET_DAYS": 365}
    return settings.SPOOL_ROOT


def put(text: str, *, day: date = TODAY, chosen: tuple[str, ...] | None = None) -> None:
    reason = UnmetReason.NOTHING if chosen is None else UnmetReason.CORRECTED
    spool.put(Line(day, text, reason, () if chosen is None else ("seen",), chosen or ()))


def test_the_same_words_are_one_need_counted() -> None:
    put("Plus de médecin !", day=TODAY - timedelta(days=2))
    put("plus de medecin")
    put("un four à pain")
    assert collecting.collect() == 3
    first, second = UnmetNeed.objects.order_by("-count")
    assert (first.text, first.count) == ("plus de medecin", 2)
    assert (first.first_on, first.last_on) == (TODAY - timedelta(days=2), TODAY)
    assert (second.text, second.count, second.state) == ("un four à pain", 1, UnmetState.OPEN)


def test_who_ticks_boxes_one_after_the_other_counts_once() -> None:
    put("un four à pain", chosen=("pain",))
    put("un four à pain", chosen=("pain", "four"))
    put("Un four à pain ?")
    collecting.collect()
    need = UnmetNeed.objects.get()
    assert (need.count, need.corrected) == (1, ["pain", "four"])


def test_a_second_collection_adds_to_the_first() -> None:
    put("un four à pain", day=TODAY - timedelta(days=3))
    collecting.collect()
    put("Un four à pain", chosen=("pain",))
    collecting.collect()
    need = UnmetNeed.objects.get()
    assert need.count == 2
    assert (need.reason, need.understood, need.corrected) == ("corrected", ["seen"], ["pain"])
    assert (need.first_on, need.last_on) == (TODAY - timedelta(days=3), TODAY)


def test_nothing_waits_after_a_collection(folder: Path) -> None:
    put("un four à pain")
    collecting.collect()
    assert collecting.collect() == 0
    assert [path.name for path in folder.iterdir()] == ["collecte.lock"]


def test_a_crash_before_the_database_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    put("un four à pain")

    def crash(lines: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr(collecting, "_count", crash)
    with pytest.raises(RuntimeError):
        collecting.collect()
    monkeypatch.undo()
    put("un four à pain")
    assert collecting.collect() == 2
    assert UnmetNeed.objects.get().count == 2


def test_a_crash_after_the_database_counts_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    put("un four à pain")

    def crash(path: Path, missing_ok: bool = False) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(Path, "unlink", crash)
    with pytest.raises(OSError, match="power cut"):
        collecting.collect()
    monkeypatch.undo()
    put("un four à pain")
    assert collecting.collect() == 1
    assert UnmetNeed.objects.get().count == 2


def test_two_collections_at_once_do_not_count_twice() -> None:
    put("un four à pain")
    with spool.alone() as mine:
        assert mine
        assert collecting.collect() == 0
    assert collecting.collect() == 1


def test_what_is_not_a_line_is_left_out(folder: Path) -> None:
    put("un four à pain")
    with (folder / "en-attente.jsonl").open("ab") as file:
        file.write(b'{"day": "2026-11-21", "text"\n\xff\xfe\n[]\n{}\n"a"\n')
        file.write(b'{"day":"hier","text":"a","reason":"nothing","understood":[],"corrected":[]}\n')
        file.write(b'{"day":"2026-11-21","text":"a","reason":"?","understood":[],"corrected":[]}\n')
    put("\u2026 !")
    put("un lavoir")
    collecting.collect()
    assert set(UnmetNeed.objects.values_list("text", flat=True)) == {"un four à pain", "un lavoir"}


def test_what_was_handled_and_comes_back_later_is_to_be_looked_at() -> None:
    put("un four à pain")
    collecting.collect()
    need = UnmetNeed.objects.get()
    handled = localdate()
    UnmetNeed.objects.update(state=UnmetState.HANDLED)
    put("un four à pain", day=handled)
    collecting.collect()
    need.refresh_from_db()
    assert need.state == UnmetState.HANDLED, "the same day, the word was perhaps not there yet"
    put("un four à pain", day=handled + timedelta(days=1))
    collecting.collect()
    need.refresh_from_db()
    assert need.state == UnmetState.OPEN


def test_what_is_ignored_stays_so() -> None:
    put("qsdfgh")
    collecting.collect()
    UnmetNeed.objects.update(state=UnmetState.IGNORED)
    put("qsdfgh", day=localdate() + timedelta(days=9))
    collecting.collect()
    assert UnmetNeed.objects.get().state == UnmetState.IGNORED


def test_what_nobody_says_any_more_is_erased() -> None:
    put("hier", day=TODAY - timedelta(days=365))
    put("avant-hier", day=TODAY - timedelta(days=366))
    collecting.run(TODAY)
    assert [need.text for need in UnmetNeed.objects.all()] == ["hier"]


def test_where_nothing_is_kept_everything_is_erased(settings: Settings, folder: Path) -> None:
    put("un four à pain")
    collecting.run(TODAY)
    put("un lavoir")
    settings.MAILLAGE = {**settings.MAILLAGE, "UNMET_DAYS": 0}
    assert collecting.run(TODAY) == 0
    assert not UnmetNeed.objects.exists()
    assert not list(folder.glob("*.jsonl"))


def test_a_flood_does_not_fill_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collecting, "MOST_NEEDS", 3)
    put("besoin 1")
    collecting.run(TODAY)
    for number in range(6):
        put(f"besoin {number}")
    collecting.run(TODAY)
    assert UnmetNeed.objects.count() == 3
    assert UnmetNeed.objects.filter(text="besoin 1", count=2).exists()
