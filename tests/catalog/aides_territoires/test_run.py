"""Runs of the connector, from a site of ours to the catalogue: whole, cut, repeated, in trouble."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connections
from django.utils.timezone import now

from maillage.catalog.aides_territoires import run as runs
from maillage.catalog.aides_territoires.client import Address, Failed
from maillage.catalog.enums import Action, ImportState, Origin, RunState
from maillage.catalog.imports import pipeline
from maillage.catalog.models import ConnectorRun, Import, ImportLine, Offer, Provider, Revision
from maillage.catalog.services.entries import edit, withdraw
from maillage.common.models import DataVersion
from tests.catalog.aides_territoires.acts import connect, counts, go, live, offer
from tests.catalog.aides_territoires_server import TOKEN, Site, aid, modern_aid, serving

pytestmark = pytest.mark.django_db


# -- Whole


@pytest.mark.parametrize("version", ["1.6", "1.8"])
def test_every_aid_enters_the_catalogue(request: pytest.FixtureRequest, version: str) -> None:
    request.getfixturevalue("site" if version == "1.6" else "modern")
    record = go()
    assert (record.state, record.error) == (RunState.DONE, "")
    assert (record.pages, record.read, record.expected) == (3, 120, 120)
    assert counts(record) == {"new": 120}
    assert live() == list(range(1, 121))
    first = offer(1)
    assert first.slug == "aides-territoires-1"
    assert first.origin == Origin.IMPORTED
    assert first.perimeter == ["reg:53"]
    assert first.provider.slug == "region-53"
    assert first.source_id == "aides-territoires"
    assert [str(rate) for rate in first.rates.all()] == ["Taux : 50\u202f%"]
    assert first.dataset.licence == "Licence Ouverte 2.0 (Etalab)"
    assert Offer.objects.published().filter(pk=first.pk).exists()


def test_a_second_run_changes_nothing(site: Site) -> None:
    go()
    version = DataVersion.objects.number("catalogue")
    before = dict(Offer.objects.values_list("pk", "updated_at"))
    history = Revision.objects.count()
    bodies = Provider.objects.count()
    record = go()
    assert counts(record) == {"same": 120}
    assert dict(Offer.objects.values_list("pk", "updated_at")) == before
    assert (Revision.objects.count(), Provider.objects.count()) == (history, bodies)
    assert DataVersion.objects.number("catalogue") == version
    assert not record.parent.lines.exists(), "what has not changed is not kept"


def test_the_same_aids_from_the_other_version_change_only_what_it_says(
    site: Site, settings: LazySettings
) -> None:
    go()
    with serving(Site(version="1.8", aids=[modern_aid(n) for n in range(1, 121)])) as other:
        connect(settings, other)
        record = go()
    changed = {one["field"] for line in record.parent.lines.all() for one in line.changes}
    assert changed == {"link"}, "the address of the site is another one, nothing else is"


def test_what_changes_there_changes_here_with_its_history(site: Site) -> None:
    go()
    site.aids[4] = aid(5, submission_deadline="2026-12-01", date_updated="2026-10-01T00:00:00Z")
    record = go()
    assert counts(record) == {"same": 119, "changed": 1}
    assert str(offer(5).closes) == "2026-12-01"
    line = offer(5).revisions.first()
    assert line is not None
    assert "Aides-territoires" in line.body
    assert {one["field"] for one in line.changes} == {"closes", "checked_on", "vintage"}


def test_what_was_corrected_here_is_kept(site: Site) -> None:
    go()
    edit(entry=offer(5), values={"title": "Mieux dit", "perimeter": ["dep:35"]}, by=None)
    site.aids[4] = aid(5, name="Aide cinq", recurrence="Ponctuelle")
    go()
    assert (offer(5).title, offer(5).perimeter) == ("Mieux dit", ["dep:35"])
    assert "ponctuelle" in offer(5).apply


def test_an_aid_that_is_no_longer_listed_is_closed_and_may_come_back(site: Site) -> None:
    go()
    gone = site.aids.pop(9)
    record = go()
    assert counts(record)["gone"] == 1
    assert offer(10).withdrawn_at is not None
    assert live() == [n for n in range(1, 121) if n != 10]
    site.aids.append(gone)
    go()
    assert offer(10).withdrawn_at is None


def test_an_aid_that_someone_withdrew_here_stays_so(site: Site) -> None:
    go()
    withdraw(entry=offer(3), by=None)
    go()
    assert offer(3).withdrawn_at is not None


def test_no_aid_at_all_on_the_first_day(quick: None, settings: LazySettings) -> None:
    with serving(Site()) as empty:
        connect(settings, empty)
        record = go()
    assert (record.state, record.read) == (RunState.DONE, 0)


# -- Not understood


def test_what_is_not_understood_is_counted_and_kept_out(site: Site) -> None:
    site.aids[0] = aid(1, perimeter="Pays de Nulle-Part")
    site.aids[1] = aid(2, perimeter="Pays de Nulle-Part", categories=["Espace / Lune"])
    site.aids[2] = aid(3, targeted_audiences=["Régions"])
    site.aids[3] = aid(4, financers=["Syndicat des Essais"])
    record = go()
    assert record.state == RunState.DONE
    assert live() == list(range(4, 121))
    unknown = record.unknown
    assert unknown["perimetres"]["Pays de Nulle-Part : ce nom n'est pas connu"]["times"] == 2
    assert unknown["categories"]["Espace / Lune"]["aids"][0][0] == "2"
    assert unknown["hors-champ"]["Régions"]["times"] == 1
    assert list(unknown["financeurs"]) == ["Syndicat des Essais"]
    body = offer(4).provider
    assert (body.name, body.family, body.state) == (
        "Syndicat des Essais",
        "municipal",
        "to_confirm",
    )
    assert body.dataset_id == "aides-territoires"
    assert "financeurs" not in go().unknown, "the page that was made is found again"


def test_an_aid_that_is_held_keeps_what_is_no_longer_understood(site: Site) -> None:
    go()
    site.aids[0] = aid(1, perimeter="Pays renommé", submission_deadline="2026-12-24",
                       financers=["Organisme nouveau"], aid_types=["Troc"],
                       subvention_rate_upper_bound=None,
                       targeted_audiences=["Martiens"])  # fmt: skip
    record = go()
    held = offer(1)
    assert (held.perimeter, held.kind, held.audiences) == (["reg:53"], "funding", ["commune"])
    assert held.provider.slug == "region-53"
    assert str(held.closes) == "2026-12-24", "what is understood is followed"
    assert held.withdrawn_at is None
    assert set(record.unknown) == {"perimetres", "types", "publics"}


def test_an_aid_that_is_no_longer_for_our_audiences_is_closed(site: Site) -> None:
    go()
    site.aids[0] = aid(1, targeted_audiences=["Régions"])
    go()
    assert offer(1).withdrawn_at is not None


def test_a_line_that_the_import_refuses_does_not_stop_the_others(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    go()
    site.aids[0] = aid(1, name="Autre nom")
    site.aids.append(aid(121))
    refuse = {"1", "121"}
    judged = pipeline.comparing.Judge._settle

    def settle(self: Any, found: Any) -> None:
        judged(self, found)
        if found.values.get("title") in ("Autre nom", "Aide 121"):
            found.problems.append({"field": "titre", "message": "refusé pour l'essai"})

    monkeypatch.setattr(pipeline.comparing.Judge, "_settle", settle)
    record = go()
    assert record.state == RunState.DONE
    assert record.unknown["illisibles"]["refusé pour l'essai"]["times"] == len(refuse)
    assert offer(1).title == "Aide 1"
    assert live() == list(range(1, 121))


def test_odd_items_do_not_stop_the_others_but_close_nothing(site: Site) -> None:
    go()
    site.aids[10:14] = [None, {"id": None}, "texte", aid(14, name=None, perimeter=3)]  # type: ignore[list-item]
    record = go()
    assert record.state == RunState.DONE
    assert live() == list(range(1, 121))
    assert "3\u00a0aides n'ont pas d'identifiant" in record.error


# -- Cut and repeated


def test_a_run_killed_between_two_pages_goes_on_from_there(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = runs._keep

    def killed(record: ConnectorRun, *rest: Any) -> None:
        if record.pages == 1:
            raise KeyboardInterrupt
        kept(record, *rest)

    monkeypatch.setattr(runs, "_keep", killed)
    with pytest.raises(KeyboardInterrupt):
        go()
    monkeypatch.setattr(runs, "_keep", kept)
    assert live() == [], "nothing is written before the end"
    left = ConnectorRun.objects.get()
    assert (left.state, left.pages, left.cursor) == (RunState.RUNNING, 1, "2")
    record = go()
    assert record.pk == left.pk
    assert (record.state, record.pages, record.read) == (RunState.DONE, 3, 120)
    assert site.pages == [1, 2, 2, 3], "the first page is not read again"
    assert live() == list(range(1, 121))
    assert Import.objects.count() == 1


def test_a_run_killed_while_it_writes_is_finished_by_the_next(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = pipeline.write

    def killed(*args: Any, **said: Any) -> Import:
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        go()
    monkeypatch.setattr(pipeline, "write", written)
    record = go()
    assert (record.state, site.pages) == (RunState.DONE, [1, 2, 3])
    assert live() == list(range(1, 121))


def test_a_page_that_goes_on_failing_stops_the_run_which_is_resumed(site: Site) -> None:
    site.trouble[2] = ["garbage"] * 4
    record = go()
    assert record.state == RunState.STOPPED
    assert "La page 2 n'a pas pu être lue" in record.error
    assert live() == []
    again = go()
    assert (again.pk, again.state, again.retries) == (record.pk, RunState.DONE, 3)
    assert live() == list(range(1, 121))


def test_a_run_that_was_cut_may_be_begun_again(site: Site) -> None:
    site.trouble[2] = [503] * 4
    left = go()
    record = go(resume=False)
    assert record.pk != left.pk
    assert record.state == RunState.DONE
    left.refresh_from_db()
    assert left.state == RunState.FAILED
    assert left.parent.state == ImportState.CANCELLED
    assert not left.parent.lines.exists()


@pytest.mark.parametrize("what", ["old", "other version"])
def test_a_run_of_another_day_or_another_site_is_not_resumed(
    site: Site, settings: LazySettings, what: str
) -> None:
    site.trouble[2] = [503] * 4
    left = go()
    if what == "old":
        ConnectorRun.objects.update(created_at=now() - timedelta(hours=13))
    else:
        ConnectorRun.objects.update(version="1.8")
    record = go()
    assert record.pk != left.pk
    assert site.pages[-3:] == [1, 2, 3]


def test_two_runs_are_never_made_at_once(site: Site, real_commits: None) -> None:
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [runs._LOCK])
        with pytest.raises(runs.Busy, match="déjà en cours"):
            go()
        assert site.seen == []
    finally:
        other.close()


# -- Tried, refused


def test_a_trial_writes_nothing(site: Site) -> None:
    site.aids[0] = aid(1, financers=["Syndicat des Essais"])
    record = go(trial=True)
    assert record.state == RunState.DONE
    assert "rien n'a été écrit" in record.error
    assert counts(record) == {"new": 120}
    assert live() == []
    assert not Provider.objects.filter(name="Syndicat des Essais").exists()
    assert not ImportLine.objects.exists()
    assert go().pk != record.pk


def test_a_trial_that_fails_is_not_resumed(site: Site) -> None:
    site.trouble[2] = [503] * 4
    assert go(trial=True).state == RunState.FAILED


def test_without_an_address_it_is_said() -> None:
    with pytest.raises(Failed, match="MAILLAGE_AIDES_TERRITOIRES_URL"):
        go()
    assert not ConnectorRun.objects.exists()


def test_an_entry_edited_while_we_write_is_compared_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    go()
    site.aids[4] = aid(5, name="Aide cinq")
    compared = pipeline.compare
    times: list[int] = []

    def meanwhile(parent: Import, *rest: Any) -> Import:
        compared(parent, *rest)
        times.append(1)
        if len(times) == 1:
            edit(entry=offer(5), values={"title": "Dit ici"}, by=None)
        return parent

    monkeypatch.setattr(pipeline, "compare", meanwhile)
    record = go()
    assert (record.state, len(times)) == (RunState.DONE, 2)
    assert offer(5).title == "Dit ici"


def test_an_unexpected_error_is_kept_and_raised(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(runs, "_keep", broken)
    with pytest.raises(ZeroDivisionError):
        go()
    record = ConnectorRun.objects.get()
    assert (record.state, bool(record.ended_at)) == (RunState.FAILED, True)


def test_old_runs_are_forgotten(site: Site, settings: LazySettings) -> None:
    old = go()
    ConnectorRun.objects.update(created_at=now() - timedelta(days=91))
    new = go()
    assert list(ConnectorRun.objects.all()) == [new]
    assert not Import.objects.filter(pk=old.parent_id).exists()
    assert live() == list(range(1, 121))


def test_the_token_is_written_nowhere(modern: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="maillage")
    modern.trouble[2] = [503] * 4
    record = go()
    said = [
        record.error,
        record.address,
        str(record.unknown),
        caplog.text,
        str(record.parent.options),
    ]
    assert not any(TOKEN in one or "jwt-" in one for one in said)
    assert Action.NEW in ImportLine.objects.values_list("action", flat=True)
    assert Address("https://x.fr", "1.8", TOKEN).token == TOKEN
