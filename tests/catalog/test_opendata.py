"""Open data: files made together, described, served; what they hold can be read back."""

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now
from odfdo import Document
from pytest_django import DjangoAssertNumQueries

from maillage.catalog.enums import Publication
from maillage.catalog.imports import reading
from maillage.catalog.imports.cleaning import clean_raw, context
from maillage.catalog.models import Condition, Offer, Provider, Rate
from maillage.catalog.opendata import files
from tests.catalog.factories import make_offer, make_provider, source

pytestmark = pytest.mark.django_db


@pytest.fixture
def few(settings: Any, tmp_path: Path) -> Offer:
    """A catalogue of one offer, and a folder of its own."""
    settings.OPEN_DATA_ROOT = tmp_path / "donnees"
    Offer.objects.update(withdrawn_at=now())
    Provider.objects.update(withdrawn_at=now())
    row = make_offer(
        provider=make_provider(perimeter=["dep:24"]), title="=Toit ; « ancien »\navec un saut",
        themes=["eau", "energie"], words=["le toit fuit", "il pleut"], perimeter=["dep:24"],
        population_max=3500, summary="Une aide.", contact="05 53 00 00 00",
    )  # fmt: skip
    Rate.objects.create(offer=row, kind="rate_max", value="80", unit="%", base="HT",
                        source=source())  # fmt: skip
    Condition.objects.create(offer=row, audience="association", cost="paid", note="200 €")
    return row


def table(name: str) -> list[dict[str, str]]:
    text = (files.folder() / name).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(one) for one in (files.folder() / name).read_text("utf-8").splitlines()]


def test_what_is_published_is_there_and_only_that(few: Offer) -> None:
    make_offer("brouillon", few.provider, publication=Publication.DRAFT)
    files.build()
    assert [row["id"] for row in table("offres.csv")] == [few.slug]
    assert [row["id"] for row in table("offreurs.csv")] == [few.provider.slug]
    assert "brouillon" not in {row["id"] for row in table("retraits.csv")}
    assert "cerema" in {row["id"] for row in table("retraits.csv")}


def test_the_three_formats_say_the_same(few: Offer) -> None:
    files.build()
    (flat,), (deep,) = table("offres.csv"), lines("offres.jsonl")
    assert deep["themes"] == ["eau", "energie"]
    assert flat["themes"] == "eau | energie"
    assert deep["titre"] == few.title
    assert flat["titre"] == f"'{few.title}"  # which no spreadsheet will run
    assert deep["population_max"] == 3500
    assert flat["chiffres"].replace("\u202f", " ") == "Taux maximum : 80 % (HT)"
    sheet = Document(io.BytesIO((files.folder() / "offres.ods").read_bytes())).body.get_table(0)
    assert sheet.get_row_values(0) == list(flat)


def test_what_is_given_can_be_imported_again(few: Offer) -> None:
    files.build()
    for name in ("offres.csv", "offres.jsonl", "offres.ods"):
        (raw,) = reading.read(files.folder() / name, name)
        read = clean_raw("offres", raw, context())
        assert read.problems == []
        assert read.values["title"].replace("\n", " ") == few.title.replace("\n", " ")
        assert set(read.values["themes"]) == set(few.themes)
        assert read.values["perimeter"] == ["dep:24"]
        assert read.values["words"] == few.words
        assert [(r["kind"], r["value"], r["base"]) for r in read.values["rates"]] == [
            ("rate_max", "80", "HT")
        ]
        assert read.values["conditions"] == [
            {"audience": "association", "cost": "paid", "note": "200 €"}
        ]


def test_the_package_describes_every_file_truly(few: Offer) -> None:
    files.build()
    package = files.descriptor()
    assert package is not None
    on_disk = {p.name for p in files.folder().iterdir()} - {files.DESCRIPTOR}
    assert on_disk == {one["path"] for one in package["resources"]}
    for one in package["resources"]:
        content = (files.folder() / one["path"]).read_bytes()
        assert one["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert one["bytes"] == len(content)
        if one["format"] == "csv":
            names = [field["name"] for field in one["schema"]["fields"]]
            header = content.decode("utf-8-sig").splitlines()[0]
            assert header.split(";") == names
            assert one["rows"] == len(table(one["path"]))


def test_the_dictionary_has_a_line_for_each_column(few: Offer) -> None:
    files.build()
    said = {(row["fichier"], row["colonne"]) for row in table("dictionnaire.csv")}
    for name in ("offres", "offreurs", "types-de-projet", "retraits", "vocabulaires"):
        for column in table(f"{name}.csv")[0]:
            assert (name, column) in said


def test_files_are_put_in_force_together_and_old_ones_leave(few: Offer) -> None:
    files.build()
    first = files.folder().resolve()
    for _ in range(3):
        files.build()
    assert files.folder().resolve() != first
    kept = [p for p in files.folder().parent.iterdir() if not p.is_symlink()]
    assert len(kept) == 2


def test_a_build_that_fails_leaves_the_former_files(
    few: Offer, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.build()
    before = files.descriptor()

    def broken(*args: Any) -> None:
        raise OSError("disque plein")

    monkeypatch.setattr(files, "workbook", broken)
    with pytest.raises(OSError, match="disque plein"):
        files.build()
    assert files.descriptor() == before
    assert len(list(files.folder().parent.iterdir())) == 2  # the folder in force, and its link


def test_queries_do_not_follow_the_number_of_entries(
    few: Offer, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        make_offer(f"autre-{number}", few.provider)
    with django_assert_max_num_queries(25):
        files.build()


# -- Pages


def test_the_page_before_and_after_the_first_night(client: Client, few: Offer) -> None:
    assert "pas encore prêts" in client.get("/donnees/").content.decode()
    assert client.get("/donnees/catalogue.jsonld").status_code == 404
    files.build()
    page = client.get("/donnees/").content.decode()
    assert "/donnees/fichiers/offres.csv" in page
    assert "Licence Ouverte 2.0" in page


def test_a_file_is_served_once_for_who_has_it_already(client: Client, few: Offer) -> None:
    files.build()
    answer = client.get("/donnees/fichiers/offres.csv")
    content = b"".join(answer.streaming_content)
    assert content == (files.folder() / "offres.csv").read_bytes()
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    again = client.get("/donnees/fichiers/offres.csv", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("name", ["..%2fsecret.key", "secret.key", "offres.exe", ".", "offres"])
def test_nothing_else_is_served(client: Client, few: Offer, name: str) -> None:
    files.build()
    assert client.get(f"/donnees/fichiers/{name}").status_code == 404


def test_dcat_names_every_file(client: Client, few: Offer) -> None:
    files.build()
    said = json.loads(client.get("/donnees/catalogue.jsonld").content)
    found = {
        one["dcat:downloadURL"]["@id"].rpartition("/")[2]
        for dataset in said["dcat:dataset"]
        for one in dataset["dcat:distribution"]
    }
    package = files.descriptor()
    assert package is not None
    assert found == {one["path"] for one in package["resources"]}
    assert all(dataset["dct:identifier"] for dataset in said["dcat:dataset"])


def test_the_page_says_how_many_are_only_contacts(client: Client, few: Offer) -> None:
    make_offer("contact", few.provider, title="La préfecture", generalist=True)
    files.build()
    text = client.get("/donnees/").content.decode()
    assert "Dont 1\u00a0contact généraliste" in text
