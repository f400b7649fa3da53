"""``maillage importer offres|aides|offreurs``, as one who types it."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from maillage.catalog.enums import DatasetKind
from maillage.catalog.models import Dataset, Import, NamedCatalogue, NamedEntry, Offer, Provider
from maillage.catalog.tasks import erase_old_imports
from tests.catalog.factories import make_provider

pytestmark = pytest.mark.django_db
HEADER = "id;titre;offreur;themes;cout;descripton"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    make_provider("agence-essai", name="Agence d'essai", perimeter=["dep:24"])
    path = tmp_path / "offres.csv"
    rows = [f"a{n};Conseil {n};Agence d'essai;eau;Gratuit;" for n in range(25)]
    path.write_text("\n".join([HEADER, *rows]))
    return path


def called(*arguments: Any, what: str = "offres") -> str:
    out = io.StringIO()
    call_command(f"importer_{what}", *map(str, arguments), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def refused(*arguments: Any, what: str = "offres") -> str:
    with pytest.raises(CommandError) as caught:
        called(*arguments, what=what)
    assert caught.value.returncode != 0
    return str(caught.value)


def test_it_only_shows_the_difference_unless_asked(file: Path) -> None:
    said = called(file, "--jeu", "essai")
    assert "25 nouvelles" in said
    assert "ligne 2 : a0, Conseil 0" in said
    assert "… et 5 autres, voir --rapport" in said
    assert "Vouliez-vous dire « description »" in said
    assert "relancez avec --ecrire" in said
    assert not Offer.objects.filter(slug__startswith="essai-").exists()
    assert not Import.objects.exists()
    assert not Dataset.objects.filter(pk="essai").exists()


def test_it_writes_when_asked_then_shows_what_changes(file: Path) -> None:
    assert "Écrit : 25 nouvelles." in called(file, "--jeu", "essai", "--titre", "Essai", "--ecrire")
    assert Dataset.objects.get(pk="essai").title == "Essai"
    assert "Rien à écrire" in called(file, "--jeu", "essai")
    file.write_text(
        file.read_text().replace(
            "a3;Conseil 3;Agence d'essai;eau;Gratuit", "a3;Conseil 3;Agence d'essai;eau;Payant"
        )
    )
    said = called(file, "--jeu", "essai")
    assert "Modifiées (1)" in said
    assert "Coût pour la commune : Gratuit → Payant" in said


def test_what_is_wrong_is_said_and_the_command_fails(file: Path, capsys: Any) -> None:
    file.write_text(f"{HEADER}\na1;;Agence d'essai;o;Gratuit;\n")
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"Rien n'a été écrit\.") as caught:
        call_command("importer_offres", str(file), "--jeu", "essai", "--ecrire", stdout=out)
    assert caught.value.returncode == 1
    assert "À corriger (1)" in out.getvalue()
    assert "Thèmes : « o » n'est pas connu" in out.getvalue()
    assert not Dataset.objects.filter(pk="essai").exists()


def test_what_would_go_must_be_accepted(file: Path) -> None:
    called(file, "--jeu", "essai", "--ecrire")
    file.write_text("\n".join(file.read_text().splitlines()[:3]))
    assert "--accepter-disparitions" in refused(file, "--jeu", "essai", "--ecrire")
    assert "Écrit" in called(file, "--jeu", "essai", "--ecrire", "--accepter-disparitions")
    assert Offer.objects.filter(slug__startswith="essai-", withdrawn_at=None).count() == 2


def test_the_result_is_told_to_machines(file: Path) -> None:
    said = json.loads(called(file, "--jeu", "essai", "--ecrire", "--json"))
    assert said["lignes"] == {"new": 25, "changed": 0, "same": 0, "gone": 0, "refused": 0}
    assert (said["ecrit"], said["problemes"], len(said["remarques"])) == (True, [], 1)


@pytest.mark.parametrize("kind", ["csv", "jsonl", "ods", "xlsx"])
def test_the_report_is_whole(file: Path, tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"rapport.{kind}"
    called(file, "--jeu", "essai", "--rapport", target)
    if kind == "jsonl":
        rows = [json.loads(line) for line in target.read_text().splitlines()]
        assert len(rows) == 26
        assert rows[1]["Effet"] == "Nouvelle"
    elif kind == "csv":
        rows = list(csv.reader(target.read_text("utf-8-sig").splitlines(), delimiter=";"))
        assert len(rows) == 27
        assert "descripton" in rows[1][5]
    else:
        assert target.stat().st_size > 1_000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--jeu", "Mon jeu"], "minuscules"), (["--catalogue", "x" * 51], "50 au plus"),
        (["--jeu", "a", "--rapport", "r.pdf"], "terminez par"),
        (["--jeu", "a", "--rapport", "/nulle/part/r.csv"], "ne peut pas être écrit"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_said(file: Path, arguments: list[str], said: str) -> None:
    assert said in refused(file, *arguments)
    assert not Import.objects.exists()


def test_where_it_goes_must_be_said_before_it_is_written(file: Path) -> None:
    assert "Rien n'a été écrit" in called(file)
    assert not Dataset.objects.filter(kind=DatasetKind.FILE).exists()
    with pytest.raises(CommandError, match="--jeu"):
        called(file, "--ecrire")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("importer_offres", str(tmp_path / "x.csv"), "--jeu", "a", stdout=out)
    assert "ne peut pas être ouvert" in out.getvalue()


def test_a_named_catalogue_is_filled(file: Path) -> None:
    """At once: nothing that anyone reads is touched."""
    called(file, "--catalogue", "mesure", "--essai")
    assert not NamedCatalogue.objects.exists()
    called(file, "--catalogue", "mesure")
    assert NamedEntry.objects.filter(catalogue="mesure").count() == 25


def test_aids_and_providers_have_their_own_command(file: Path, tmp_path: Path) -> None:
    called(file, "--jeu", "aides-essai", "--ecrire", what="aides")
    assert Offer.objects.get(slug="aides-essai-a1").kind == "funding"
    path = tmp_path / "offreurs.csv"
    path.write_text("id;nom;famille;perimetre\np1;Parc;Réseau ou association;24\n")
    called(path, "--jeu", "parcs", "--ecrire", what="offreurs")
    assert Provider.objects.get(slug="parcs-p1").name == "Parc"
    assert "déjà" not in refused(file, "--jeu", "aides-essai", what="offres")


@pytest.mark.parametrize("kind", ["offres", "aides", "offreurs"])
def test_the_template_is_given(tmp_path: Path, kind: str) -> None:
    out = io.StringIO()
    call_command("exporter_modele", "--de", kind, stdout=out)
    assert out.getvalue().startswith("id;")
    target = tmp_path / "m.xlsx"
    call_command("exporter_modele", "--de", kind, "--sortie", str(target), stderr=io.StringIO())
    assert target.read_bytes().startswith(b"PK")
    with pytest.raises(CommandError, match="terminez"):
        call_command("exporter_modele", "--sortie", "m.pdf")


def test_old_imports_are_erased_each_night() -> None:
    erase_old_imports(timestamp=0)
