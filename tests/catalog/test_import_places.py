"""Where imports go: addresses, providers, who may, named catalogues, our own exports again."""

from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from maillage.accounts.enums import Role
from maillage.catalog.enums import DatasetKind, ImportState, Origin
from maillage.catalog.exports import OFFER_HEADER, offer_rows
from maillage.catalog.imports import pipeline
from maillage.catalog.imports.providers import LONGEST_SLUG, entry_slug
from maillage.catalog.models import (
    Dataset,
    Import,
    NamedEntry,
    Offer,
    Provider,
)
from maillage.catalog.snapshot import shelf
from maillage.common.models import DataVersion
from maillage.common.tables import export
from tests.catalog.factories import make_offer, make_provider
from tests.catalog.importing import TWO_LINES, load, said, tried
from tests.desk.factories import make_prefecture, make_user
from tests.desk.factories import make_provider as make_body

pytestmark = pytest.mark.django_db


# -- Addresses of the entries


def test_addresses_are_told_apart() -> None:
    keys = ["a1", "a 1", "A/1", "a-1", "É", "E", "", "x" * 200, "x" * 199]
    slugs = [entry_slug("jeu", key) for key in keys]
    assert len(set(slugs)) == len(keys)
    assert all(len(slug) <= LONGEST_SLUG for slug in slugs)
    assert entry_slug("jeu", "12-b") == "jeu-12-b"


def test_an_address_that_another_has_is_refused(
    tmp_path: Path, atd: Provider, feed: Dataset
) -> None:
    make_offer("atd24-a1", provider=atd)
    assert "autre jeu de données" in said(tried(feed, tmp_path, *TWO_LINES))


# -- Providers


def test_a_provider_that_is_described_is_made_once(tmp_path: Path, feed: Dataset) -> None:
    header = "id;titre;offreur;offreur_famille;offreur_site;themes;perimetre"
    rows = (
        "a1;Un;Agence neuve;Département et ses agences;https://neuve.fr;eau;24",
        "a2;Deux;agence NEUVE;Département et ses agences;;eau;24",
    )
    parent = load(feed, tmp_path, header, *rows)
    assert "sera créée" in parent.lines.get(key="a1").warnings[0]["message"]
    made = Provider.objects.get(slug="atd24-agence-neuve")
    assert (made.name, made.family, made.level) == ("Agence neuve", "department", "department")
    assert (made.origin, made.dataset, made.website) == (Origin.IMPORTED, feed, "https://neuve.fr")
    assert made.offers.count() == 2
    assert Offer.objects.get(slug="atd24-a1").level == "department"
    Provider.objects.filter(pk=made.pk).update(name="Renommée ici")
    assert load(feed, tmp_path, header, *rows).counts == {"same": 2}


def test_a_name_that_two_bear_must_be_told_apart(
    tmp_path: Path, atd: Provider, feed: Dataset
) -> None:
    make_provider("agence-bis", name="Agence d'essai")
    assert "agence-bis" in said(tried(feed, tmp_path, *TWO_LINES))
    parent = load(feed, tmp_path, "id;titre;offreur_id;themes", "a1;Un;agence-bis;eau")
    assert parent.state == ImportState.WRITTEN
    assert Offer.objects.get(slug="atd24-a1").provider.slug == "agence-bis"


def test_all_there_is_to_correct_is_said_at_once(
    tmp_path: Path, atd: Provider, feed: Dataset
) -> None:
    parent = tried(feed, tmp_path, TWO_LINES[0], "a1;Un;Agence d'essais;zzzz")
    (line,) = parent.lines.all()
    assert [one["field"] for one in line.problems] == ["themes", "offreur"]
    assert "Vouliez-vous dire « Agence d'essai » ?" in line.problems[1]["message"]
    pipeline.compare(parent)
    assert len(parent.lines.get().problems) == 2


def test_of_two_that_bear_a_name_the_one_of_the_place_is_meant(
    tmp_path: Path, atd: Provider, feed: Dataset
) -> None:
    make_provider("agence-bis", name="Agence d'essai", perimeter=["dep:46"])
    load(feed, tmp_path, "id;titre;offreur;themes;perimetre", "a1;Un;Agence d'essai;eau;Lot")
    assert Offer.objects.get(slug="atd24-a1").provider.slug == "agence-bis"


def test_providers_are_imported_then_named_by_their_identifier(
    tmp_path: Path, feed: Dataset
) -> None:
    header = "id;nom;famille;perimetre;contact;site"
    row = "p1;Parc d'essai;Réseau ou association;Dordogne | Lot;05 00;www.parc.fr"
    parent = load(feed, tmp_path, header, row, kind="offreurs")
    assert parent.counts == {"new": 1}
    made = Provider.objects.get(slug="atd24-p1")
    assert (made.perimeter, made.level, made.website) == (
        ["dep:24", "dep:46"], "department", "https://www.parc.fr",
    )  # fmt: skip
    offers = pipeline.dataset("atd24", "")
    load(offers, tmp_path, "id;titre;offreur_id;themes", "a1;Un;p1;eau")
    offer = Offer.objects.get(slug="atd24-a1")
    assert (offer.provider, offer.perimeter) == (made, ["dep:24", "dep:46"])
    assert load(feed, tmp_path, header, row, kind="offreurs").counts == {"same": 1}
    load(feed, tmp_path, header, "p2" + row[2:], kind="offreurs", accept_gone=True)
    made.refresh_from_db()
    assert made.withdrawn_at
    assert Offer.objects.get(pk=offer.pk).withdrawn_at is None


# -- Who may


def test_an_agent_imports_in_their_departement_only(tmp_path: Path, atd: Provider) -> None:
    desk = make_prefecture()
    agent = make_user(Role.AGENT, desk)
    feed = pipeline.dataset("guichet24", "Offres locales", organisation=desk)
    lines = ("id;titre;offreur;themes;perimetre", "a1;Un;Agence d'essai;eau;24",
             "a2;Deux;Agence d'essai;eau;46", "a3;Trois;Agence d'essai;eau;France")  # fmt: skip
    parent = tried(feed, tmp_path, *lines, by=agent, body=desk)
    assert parent.counts == {"new": 1, "refused": 2}
    wrong = parent.lines.exclude(problems=[]).values_list("problems", flat=True)
    assert all("hors de votre département" in said[0]["message"] for said in wrong)
    good = tried(feed, tmp_path, *lines[:2], by=agent, body=desk)
    pipeline.write(good, by=agent)
    assert Offer.objects.get(slug="guichet24-a1").revisions.get().by == agent


def test_a_provider_imports_its_own_offers_only(tmp_path: Path, atd: Provider) -> None:
    make_provider("autre", name="Autre organisme")
    body = make_body("Agence", provider=atd.slug)
    person = make_user(Role.PROVIDER, body)
    feed = pipeline.dataset("offres-agence", "Les offres", organisation=body)
    mine = tried(feed, tmp_path, "id;titre;themes", "a1;Un;eau", by=person, body=body)
    pipeline.write(mine, by=person)
    offer = Offer.objects.get(slug="offres-agence-a1")
    assert (offer.provider, offer.perimeter) == (atd, ["dep:24"])
    lines = ("id;titre;themes;offreur", "a1;Un;eau;Autre organisme")
    assert "pas votre organisme" in said(tried(feed, tmp_path, *lines, by=person, body=body))
    with pytest.raises(PermissionDenied, match="Mes fiches"):
        tried(feed, tmp_path, *TWO_LINES, kind="offreurs", by=person, body=body)


def test_a_dataset_is_its_body_s_alone(tmp_path: Path, feed: Dataset) -> None:
    desk = make_prefecture()
    agent = make_user(Role.AGENT, desk)
    with pytest.raises(PermissionDenied, match="tenu par l'administrateur"):
        tried(feed, tmp_path, *TWO_LINES, by=agent, body=desk)
    with pytest.raises(PermissionDenied, match="pour lequel"):
        tried(feed, tmp_path, *TWO_LINES, by=agent)
    with pytest.raises(PermissionDenied, match="catalogue nommé"):
        pipeline.prepare(kind="offres", path=tmp_path, name="x", named="essai", by=agent, body=desk)
    mayor = make_user(Role.APPLICANT)
    with pytest.raises(PermissionDenied, match="Seuls les agents"):
        tried(feed, tmp_path, *TWO_LINES, by=mayor)
    assert not Import.objects.exists()


def test_who_may_no_more_does_not_write(tmp_path: Path, atd: Provider, feed: Dataset) -> None:
    parent = tried(feed, tmp_path, *TWO_LINES)
    with pytest.raises(PermissionDenied):
        pipeline.write(parent, by=make_user(Role.AGENT, make_prefecture()))
    assert not Offer.objects.filter(dataset=feed).exists()


def test_a_dataset_holds_one_kind_of_thing(tmp_path: Path, atd: Provider, feed: Dataset) -> None:
    load(feed, tmp_path, *TWO_LINES)
    with pytest.raises(PermissionDenied, match="passeraient pour disparues"):
        tried(feed, tmp_path, *TWO_LINES, kind="aides")
    Dataset.objects.filter(pk=feed.pk).update(kind=DatasetKind.CONNECTOR)
    feed.refresh_from_db()
    with pytest.raises(PermissionDenied, match="connecteur"):
        tried(feed, tmp_path, *TWO_LINES)


# -- Named catalogues


def test_a_named_catalogue_is_replaced_whole_with_its_ids_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(
        '{"id": "É/1 A", "title": "Un", "themes": ["eau"]}\n{"id": 2, "titre": "Deux"}\n'
    )
    before = Offer.objects.count(), DataVersion.objects.number("catalogue")
    parent = pipeline.prepare(kind="offres", path=path, name=path.name, named="essai")
    assert parent.counts == {"new": 2}
    pipeline.write(parent)
    held = dict(NamedEntry.objects.filter(catalogue="essai").values_list("key", "data"))
    assert set(held) == {"É/1 A", "2"}
    assert held["É/1 A"] == {"id": "É/1 A", "title": "Un", "themes": ["eau"]}
    path.write_text('{"id": "É/1 A", "title": "Neuf", "themes": ["eau"]}\n')
    again = pipeline.prepare(kind="offres", path=path, name=path.name, named="essai")
    assert again.counts == {"changed": 1, "gone": 1}
    assert again.lines.get(number=1).changes[0]["new"] == "Neuf"
    pipeline.write(again)
    assert [e.data["title"] for e in NamedEntry.objects.filter(catalogue="essai")] == ["Neuf"]
    assert (Offer.objects.count(), DataVersion.objects.number("catalogue")) == before


# -- What the site exports


@pytest.mark.parametrize("kind", ["csv", "ods", "xlsx"])
def test_what_the_site_exports_is_imported_again_without_loss(
    tmp_path: Path, memory: None, kind: str
) -> None:
    held = shelf()
    offers = list(held.snapshot.offers)[::7]
    path = tmp_path / f"e.{kind}"
    answer = export("e", OFFER_HEADER, offer_rows(offers, held), kind)
    path.write_bytes(answer.getvalue())
    feed = pipeline.dataset("copie", "Copie")
    parent = pipeline.prepare(kind="offres", path=path, name=path.name, dataset=feed)
    assert said(parent) == ""
    pipeline.write(parent)
    assert parent.counts == {"new": len(offers)}
    copies = {row.external_id: row for row in Offer.objects.filter(dataset=feed)}
    for one in Offer.objects.filter(slug__in=[o.id for o in offers]).prefetch_related("rates"):
        copy = copies[one.slug]
        for name in ("title", "kind", "level", "cost", "provider_id", "population_min", "link",
                     "population_max", "population_kind", "opens", "closes", "waiting_weeks",
                     "generalist", "state", "vintage", "checked_on"):  # fmt: skip
            assert getattr(copy, name) == getattr(one, name), (one.slug, name)
        for name in ("themes", "phases", "audiences", "labels_any", "perimeter", "words"):
            assert set(getattr(copy, name)) == set(getattr(one, name)), (one.slug, name)
        for name in ("summary", "description", "cost_note", "capacity", "apply"):
            assert getattr(copy, name).split() == getattr(one, name).split(), (one.slug, name)
