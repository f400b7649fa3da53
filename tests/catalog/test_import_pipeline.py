"""Imports from end to end: prepared, looked at, written, run again."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from maillage.catalog.enums import Action, ImportState, Origin, Publication, Verb
from maillage.catalog.imports import pipeline
from maillage.catalog.models import (
    Condition,
    Dataset,
    Import,
    ImportLine,
    NamedCatalogue,
    Offer,
    Provider,
    Revision,
)
from maillage.catalog.services import entries
from maillage.common.models import DataVersion
from tests.catalog.factories import make_offer
from tests.catalog.importing import TWO_LINES, csv, load, said, tried

pytestmark = pytest.mark.django_db


HEADER = "id;titre;offreur;themes;perimetre;date_maj"
ONE = "a1;Diagnostic énergétique;Agence d'essai;energie;Dordogne;01/03/2026"
TWO = "a2;Conseil voirie;Agence d'essai;Mobilités, voirie et ouvrages d'art;24;2026-03-02"


def test_a_file_is_prepared_then_written(tmp_path: Path, atd: Provider, feed: Dataset) -> None:
    path = csv(tmp_path, HEADER, ONE, TWO)
    before = DataVersion.objects.number("catalogue")
    parent = pipeline.prepare(kind="offres", path=path, name=path.name, dataset=feed)
    assert (parent.state, parent.counts, parent.problems) == (ImportState.READY, {"new": 2}, [])
    assert not Offer.objects.filter(dataset=feed).exists()
    pipeline.write(parent)
    offer = Offer.objects.get(slug="atd24-a1")
    assert (offer.title, offer.provider, offer.origin) == (
        "Diagnostic énergétique",
        atd,
        Origin.IMPORTED,
    )
    assert (offer.external_id, offer.dataset, offer.perimeter) == ("a1", feed, ["dep:24"])
    assert (offer.checked_on.isoformat(), offer.next_check.isoformat()) == (
        "2026-03-01",
        "2027-03-01",
    )
    assert offer.publication == Publication.PUBLISHED
    assert [(r.verb, r.body) for r in offer.revisions.all()] == [
        (Verb.CREATED, "Import de « Offres de l'ATD 24 »")
    ]
    assert DataVersion.objects.number("catalogue") == before + 1
    assert parent.state == ImportState.WRITTEN


# -- Again


def test_the_same_file_again_changes_nothing(tmp_path: Path, atd: Provider, feed: Dataset) -> None:
    full = [
        "id;titre;offreur;themes;perimetre;publics;mots;taux_max;plafond;conditions;date_maj;lien",
        "a1;Un;Agence d'essai;eau;24;Commune | Habitant;fuite | puits;80 %;5000;"
        "Association : Payant;01/03/2026;https://exemple.fr",
        "a2;Deux;Agence d'essai;eau;;;;;;;;",
    ]
    load(feed, tmp_path, *full)
    version = DataVersion.objects.number("catalogue")
    before = list(Offer.objects.filter(dataset=feed).order_by("pk").values())
    again = load(feed, tmp_path, *full)
    assert again.counts == {"same": 2}
    assert list(Offer.objects.filter(dataset=feed).order_by("pk").values()) == before
    assert DataVersion.objects.number("catalogue") == version
    assert Revision.objects.filter(offer__dataset=feed).count() == 2


def test_a_change_is_told_field_by_field(tmp_path: Path, atd: Provider, feed: Dataset) -> None:
    load(
        feed,
        tmp_path,
        "id;titre;offreur;themes;cout;resume;taux",
        "a1;Un;Agence d'essai;eau;Gratuit;Avant;",
    )
    parent = load(
        feed,
        tmp_path,
        "id;titre;offreur;themes;cout;taux",
        "a1;Un;Agence d'essai;eau,habitat;Payant;40",
    )
    (line,) = parent.lines.all()
    rate = {
        "kind": "rate",
        "value": "40",
        "unit": "%",
        "base": "",
        "valid_from": None,
        "valid_to": None,
    }
    assert line.changes == [
        {"field": "themes", "old": ["eau"], "new": ["eau", "habitat"], "kept": False},
        {"field": "cost", "old": "free", "new": "paid", "kept": False},
        {"field": "rates", "old": [], "new": [rate], "kept": False},
    ]
    offer = Offer.objects.get(slug="atd24-a1")
    assert (offer.summary, offer.cost, offer.rates.get().value) == ("Avant", "paid", 40)
    last = offer.revisions.first()
    assert last is not None
    assert (last.verb, [c["field"] for c in last.changes]) == (
        Verb.IMPORTED,
        ["themes", "cost", "rates"],
    )


def test_what_people_corrected_is_kept(tmp_path: Path, atd: Provider, feed: Dataset) -> None:
    header = "id;titre;offreur;themes;resume;taux"
    load(feed, tmp_path, header, "a1;Un;Agence d'essai;eau;Du fichier;40")
    offer = Offer.objects.get(slug="atd24-a1")
    entries.edit(entry=offer, values={"summary": "Corrigé"}, by=None)
    same = load(feed, tmp_path, header, "a1;Un;Agence d'essai;eau;Du fichier;40")
    (line,) = same.lines.all()
    assert line.action == Action.SAME
    assert line.changes == [
        {"field": "summary", "old": "Corrigé", "new": "Du fichier", "kept": True}
    ]
    load(feed, tmp_path, header, "a1;Deux;Agence d'essai;eau;Encore;40")
    offer.refresh_from_db()
    assert (offer.title, offer.summary) == ("Deux", "Corrigé")
    entries.edit(entry=offer, values={}, rates=[], by=None)
    load(feed, tmp_path, header, "a1;Trois;Agence d'essai;eau;Encore;40")
    assert not Offer.objects.get(pk=offer.pk).rates.exists()


# -- Gone, and back


def test_what_is_gone_is_marked_and_comes_back(
    tmp_path: Path, atd: Provider, feed: Dataset
) -> None:
    other = pipeline.dataset("autre", "Autre")
    load(other, tmp_path, *TWO_LINES)
    load(feed, tmp_path, *TWO_LINES)
    mine = make_offer(provider=atd)
    parent = load(feed, tmp_path, *TWO_LINES[:2])
    assert parent.counts == {"same": 1, "gone": 1}
    gone = Offer.objects.get(slug="atd24-a2")
    assert gone.withdrawn_at
    assert gone.revisions.first().verb == Verb.WITHDRAWN
    mine.refresh_from_db()
    assert mine.withdrawn_at is None
    assert not Offer.objects.filter(dataset=other).exclude(withdrawn_at=None).exists()
    again = load(feed, tmp_path, *TWO_LINES[:2])
    assert again.counts == {"same": 1}
    back = load(feed, tmp_path, *TWO_LINES)
    assert back.counts == {"same": 1, "changed": 1}
    gone.refresh_from_db()
    assert gone.withdrawn_at is None
    assert gone.revisions.first().verb == Verb.PUT_BACK
    assert load(feed, tmp_path, *TWO_LINES).counts == {"same": 2}


def test_what_people_withdrew_stays_so(tmp_path: Path, atd: Provider, feed: Dataset) -> None:
    load(feed, tmp_path, *TWO_LINES)
    offer = Offer.objects.get(slug="atd24-a1")
    entries.withdraw(entry=offer, by=None, reason="Doublon")
    parent = load(feed, tmp_path, TWO_LINES[0], "a1;Autre titre;Agence d'essai;eau", TWO_LINES[2])
    offer.refresh_from_db()
    assert offer.withdrawn_at
    assert offer.title == "Autre titre"
    line = parent.lines.get(key="a1")
    assert "elle le reste" in line.warnings[0]["message"]
    # Gone, back, then withdrawn by someone: it is theirs to put back.
    load(feed, tmp_path, TWO_LINES[0], TWO_LINES[1], accept_gone=True)
    load(feed, tmp_path, *TWO_LINES)
    second = Offer.objects.get(slug="atd24-a2")
    assert second.withdrawn_at is None
    entries.withdraw(entry=second, by=None)
    load(feed, tmp_path, *TWO_LINES)
    second.refresh_from_db()
    assert second.withdrawn_at


def test_more_than_half_gone_must_be_said(tmp_path: Path, atd: Provider, feed: Dataset) -> None:
    load(feed, tmp_path, *TWO_LINES, "a3;Trois;Agence d'essai;eau")
    parent = tried(feed, tmp_path, *TWO_LINES[:2])
    assert pipeline.needs_consent(parent)
    with pytest.raises(pipeline.NotWritten, match="2 fiches disparaîtraient, sur 3"):
        pipeline.write(parent)
    assert not Offer.objects.filter(dataset=feed).exclude(withdrawn_at=None).exists()
    pipeline.write(parent, accept_gone=True)
    assert Offer.objects.filter(dataset=feed).exclude(withdrawn_at=None).count() == 2


# -- All or nothing


def test_one_wrong_line_stops_all(tmp_path: Path, atd: Provider, feed: Dataset) -> None:
    parent = load(feed, tmp_path, *TWO_LINES[:2], "a2;;Agence d'essai;eau")
    assert (parent.state, parent.counts) == (ImportState.REFUSED, {"new": 1, "refused": 1})
    assert not Offer.objects.filter(dataset=feed).exists()
    with pytest.raises(pipeline.NotWritten, match="pas prêt"):
        pipeline.write(parent)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("id;titre;offreur;themes",), "aucune fiche"),
        (("id;titre;offreur", "a;b;c"), "« themes » manque"),
        (("un;deux", "a;b"), "Aucune colonne n'est connue"),
        (("id;titre;offreur;themes;intitulé", "a;b;c;eau;d"), "la même chose"),
        ((*TWO_LINES, "A1;Bis;Agence d'essai;eau"), "déjà à la ligne 2"),
        ((TWO_LINES[0], "a1;Un;Inconnu au bataillon;eau"), "n'a pas de page"),
        ((TWO_LINES[0], "a1;Un;Agence d'essai"), "3\u00a0cellules pour 4\u00a0colonnes"),
    ],
)
def test_a_wrong_file_is_refused_with_what_to_do(
    tmp_path: Path, atd: Provider, feed: Dataset, lines: tuple[str, ...], words: str
) -> None:
    parent = tried(feed, tmp_path, *lines)
    assert parent.state == ImportState.REFUSED
    assert words in said(parent)


def test_a_file_that_cannot_be_read_keeps_no_line(
    tmp_path: Path, atd: Provider, feed: Dataset
) -> None:
    many = [f"a{n};Titre;Agence d'essai;eau" for n in range(1_200)]
    parent = tried(feed, tmp_path, TWO_LINES[0], *many, 'z;"coupé')
    assert parent.state == ImportState.REFUSED
    assert "guillemet" in said(parent)
    assert not parent.lines.exists()


def test_what_changed_since_is_not_written_over(
    tmp_path: Path, atd: Provider, feed: Dataset
) -> None:
    load(feed, tmp_path, *TWO_LINES)
    parent = tried(feed, tmp_path, TWO_LINES[0], "a1;Neuf;Agence d'essai;eau", TWO_LINES[2])
    entries.edit(entry=Offer.objects.get(slug="atd24-a1"), values={"title": "Corrigé"}, by=None)
    with pytest.raises(pipeline.NotWritten, match="depuis la préparation"):
        pipeline.write(parent)
    assert Offer.objects.get(slug="atd24-a1").title == "Corrigé"
    assert parent.state == ImportState.READY


def test_two_prepared_imports_are_not_both_written(
    tmp_path: Path, atd: Provider, feed: Dataset
) -> None:
    first = tried(feed, tmp_path, *TWO_LINES)
    second = tried(feed, tmp_path, *TWO_LINES)
    pipeline.write(first)
    with pytest.raises(pipeline.NotWritten):
        pipeline.write(second)
    with pytest.raises(pipeline.NotWritten):
        pipeline.write(first)
    with pytest.raises(pipeline.NotWritten, match="déjà écrit"):
        pipeline.cancel(first)
    pipeline.cancel(second)
    assert (second.state, second.lines.count()) == (ImportState.CANCELLED, 0)


def test_the_second_batch_wrong_leaves_the_first_unwritten(
    tmp_path: Path, atd: Provider, feed: Dataset
) -> None:
    many = [f"a{n};Titre {n};Agence d'essai;eau" for n in range(700)]
    parent = tried(feed, tmp_path, TWO_LINES[0], *many)
    make_offer("atd24-a690", provider=atd)
    with pytest.raises(pipeline.NotWritten):
        pipeline.write(parent)
    assert not Offer.objects.filter(dataset=feed).exists()


# -- Dates


def test_a_confirmation_only_goes_forward(tmp_path: Path, atd: Provider, feed: Dataset) -> None:
    header = "id;titre;offreur;themes;date_maj"
    load(feed, tmp_path, header, "a1;Un;Agence d'essai;eau;01/03/2026")
    offer = Offer.objects.get(slug="atd24-a1")
    Offer.objects.filter(pk=offer.pk).update(set_aside_at=now(), checked_on=date(2026, 5, 1))
    assert load(feed, tmp_path, header, "a1;Un;Agence d'essai;eau;01/03/2026").counts == {"same": 1}
    assert load(feed, tmp_path, header, "a1;Un;Agence d'essai;eau;").counts == {"same": 1}
    load(feed, tmp_path, header, "a1;Un;Agence d'essai;eau;01/06/2026")
    offer.refresh_from_db()
    assert (offer.checked_on, offer.next_check) == (date(2026, 6, 1), date(2027, 6, 1))
    assert offer.set_aside_at is None


# -- What is left behind


def test_a_trial_leaves_no_trace(tmp_path: Path, atd: Provider) -> None:
    feed = pipeline.dataset("ephemere", "Éphémère")
    pipeline.discard(tried(feed, tmp_path, *TWO_LINES))
    assert not Dataset.objects.filter(pk="ephemere").exists()
    path = csv(tmp_path, *TWO_LINES)
    pipeline.discard(pipeline.prepare(kind="offres", path=path, name="x.csv", named="essai"))
    assert not NamedCatalogue.objects.exists()
    kept = pipeline.dataset("garde", "Gardé")
    load(kept, tmp_path, *TWO_LINES)
    pipeline.discard(tried(kept, tmp_path, *TWO_LINES))
    assert Dataset.objects.filter(pk="garde").exists()


def test_old_imports_are_erased_and_what_they_wrote_stays(
    tmp_path: Path, atd: Provider, feed: Dataset, settings: Any
) -> None:
    written = load(feed, tmp_path, *TWO_LINES)
    unwritten = tried(feed, tmp_path, *TWO_LINES)
    recent = tried(feed, tmp_path, *TWO_LINES)
    long_ago = now() - timedelta(days=settings.MAILLAGE["IMPORT_DAYS"] + 1)
    Import.objects.filter(pk__in=[written.pk, unwritten.pk]).update(updated_at=long_ago)
    assert pipeline.forget_old() == 2
    assert set(Import.objects.all()) == {written, recent}
    assert not ImportLine.objects.filter(parent=written).exists()
    assert recent.lines.count() == 2
    assert Offer.objects.filter(dataset=feed).count() == 2
    assert pipeline.forget_old() == 0


def test_queries_do_not_grow_with_the_lines(tmp_path: Path, atd: Provider, feed: Dataset) -> None:
    def queries(count: int) -> int:
        rows = [f"a{n};Titre {n};Agence d'essai;eau;40" for n in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            load(feed, tmp_path, "id;titre;offreur;themes;taux", *rows, accept_gone=True)
        return len(seen)

    queries(10)
    few = queries(20)
    assert queries(400) <= few + 1


def test_conditions_are_written_and_replaced(tmp_path: Path, atd: Provider, feed: Dataset) -> None:
    header = "id;titre;offreur;themes;conditions"
    load(
        feed,
        tmp_path,
        header,
        "a1;Un;Agence d'essai;eau;Commune : Gratuit | Habitant : Payant (5 €)",
    )
    assert Condition.objects.filter(offer__slug="atd24-a1").count() == 2
    load(feed, tmp_path, header, "a1;Un;Agence d'essai;eau;Commune : Payant")
    assert [str(c) for c in Condition.objects.filter(offer__slug="atd24-a1")] == [
        "Commune : Payant"
    ]


# -- What changes nothing, what is not complete


def test_what_changes_nothing_is_neither_judged_again_nor_locked(
    tmp_path: Path, atd: Provider, feed: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(feed, tmp_path, HEADER, ONE, TWO)
    parent = tried(feed, tmp_path, HEADER, ONE.replace("Diagnostic", "Bilan"), TWO)
    assert parent.counts == {"changed": 1, "same": 1}
    kept = Offer.objects.get(slug="atd24-a2")
    entries.edit(entry=kept, values={"title": "Corrigé ici"}, by=None)
    judged = []
    verdicts = pipeline.comparing.Judge.verdicts

    def counted(self: Any, lines: Any, **said: Any) -> Any:
        judged.extend(line.key for line in lines)
        return verdicts(self, lines, **said)

    monkeypatch.setattr(pipeline.comparing.Judge, "verdicts", counted)
    pipeline.write(parent)
    assert judged == ["a1"]
    kept.refresh_from_db()
    assert kept.title == "Corrigé ici"
    assert Offer.objects.get(slug="atd24-a1").title == "Bilan énergétique"


def test_an_offer_that_lacks_something_is_said_to_be_published_incomplete(
    tmp_path: Path, atd: Provider, feed: Dataset
) -> None:
    full = "id;titre;offreur;themes;perimetre;resume;etapes;contact"
    rows = ("a1;Un;Agence d'essai;eau;24;Une phrase;travaux;L'accueil",
            "a2;Deux;Agence d'essai;eau;24;;;")  # fmt: skip
    parent = tried(feed, tmp_path, full, *rows)
    whole, lacking = parent.lines.order_by("number")
    assert parent.state == ImportState.READY
    assert whole.warnings == []
    (said,) = [one["message"] for one in lacking.warnings]
    assert said.startswith("sera publiée incomplète : il manque ce qu'elle apporte")
    assert "étape de projet" in said
    assert "comment demander" in said
    pipeline.write(parent)
    again = tried(feed, tmp_path, full, *rows)
    assert not again.lines.exclude(warnings=[]).exists(), "it is there already"
