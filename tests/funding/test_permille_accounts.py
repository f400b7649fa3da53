"""Import of the accounts of local bodies: read in a report, written all or nothing."""

import gzip
import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from maillage.common.held import forget_all
from maillage.common.models import DataVersion
from maillage.data import build_permille
from maillage.engine.funding.permille import Key, Terms, study
from maillage.funding import sharing as words
from maillage.funding.models import AccountsFile, LocalAccounts
from maillage.funding.permille import STRATUM_LABELS, hold, holdings, sample
from maillage.funding.services.accounts import NotImported, read_accounts
from maillage.territories.directory import directory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_memory")]
GOOD = """exercice;nature;code;investissement;potentiel_financier
2024;commune;24061;12 345,67;650
2024;commune;1001;100000;
2024;;200040392;2500000;
2024;departement;24;90000000;
2024;departement;1;80000000;
2024;region;75;1000000000;
2023;commune;24037;1;
"""


@pytest.fixture
def write(tmp_path: Path):
    def make(text: str) -> Path:
        path = tmp_path / "comptes.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return make


def run(path: Path, **options: object) -> str:
    out = io.StringIO()
    call_command("importer_comptes", str(path), exercice=2024, stdout=out, **options)
    return out.getvalue()


def test_without_ecrire_it_only_says_what_it_would_do(write) -> None:
    said = run(write(GOOD), source="OFGL")
    assert "Communes : 2 sur 34\u202f969, 112\u202f345,67\u00a0€" in said
    assert "lignes d'autres exercices, laissées : 1" in said
    assert "Rien n'a été écrit" in said
    assert not AccountsFile.objects.exists()


def test_written_it_takes_the_place_of_the_same_year(write) -> None:
    version = DataVersion.objects.number("local_accounts")
    assert "Écrit : 6 collectivités" in run(write(GOOD), source="OFGL", ecrire=True)
    said = run(write(GOOD.replace("12 345,67", "99")), source="OFGL, bis", ecrire=True)
    assert "1 modifiées" in said
    assert "5 inchangées" in said
    assert AccountsFile.objects.get().source == "OFGL, bis"
    bourrou = LocalAccounts.objects.get(kind="commune", code="24061")
    assert (bourrou.investment, bourrou.wealth) == (Decimal(99), Decimal(650))
    assert LocalAccounts.objects.get(code="01001").wealth is None
    assert LocalAccounts.objects.filter(kind="departement", code="01").exists()
    assert DataVersion.objects.number("local_accounts") == version + 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2024;commune;99999;5;", "n'est le code d'aucune commune"),
        ("2024;commune;200040392;5;", "n'est pas un code de la nature"),
        ("2024;syndicat;24061;5;", "nature « syndicat » inconnue"),
        ("2024;departement;99;5;", "n'est le code d'aucun département"),
        ("2024;commune;24061;beaucoup;", "n'est pas un montant"),
        ("2024;commune;24061;;", "l'investissement est vide"),
        ("2024;commune;24061;99000000000;", "trop grand"),
        ("2024;commune;;5;", "le code est vide"),
        ("2024;commune;24061;5;\n2024;commune;24061;6;", "déjà à la ligne 8"),
    ],
)
def test_a_wrong_line_is_told_with_its_number_and_nothing_is_written(write, line, reason) -> None:
    text = GOOD.replace("2024;commune;24061;12 345,67;650\n", "") + line.replace("24061", "24062")
    text = text.replace("24062", "24061")
    path = write(text + "\n")
    report = read_accounts(path, path.name, 2024)
    assert len(report.problems) == 1
    assert reason in report.problems[0]
    assert report.problems[0].startswith("Ligne ")
    with pytest.raises(CommandError, match="rien n'a été écrit"):
        run(path, source="OFGL", ecrire=True)
    assert not AccountsFile.objects.exists()
    assert "Écrit" in run(path, source="OFGL", ecrire=True, tolerer=True)


def test_the_source_must_be_said(write) -> None:
    with pytest.raises(CommandError, match="--source"):
        run(write(GOOD), ecrire=True)


def test_a_column_that_is_missing_is_named(write) -> None:
    with pytest.raises(CommandError, match="colonne « investissement »"):
        run(write("code;montant\n24061;5\n"))


def test_a_file_of_another_year_is_refused(write) -> None:
    path = write("exercice;code;investissement\n2023;24061;5\n")
    with pytest.raises(NotImported, match="aucune ligne de l'exercice 2024, mais 1 d'autres"):
        read_accounts(path, path.name, 2024)


def test_communes_that_have_merged_add_up_and_lose_their_wealth_by_head(write) -> None:
    # Saint-Bois is now in Arboys en Bugey, which kept the code of Arbignieu.
    path = write("code;investissement;potentiel_financier\n01015;1000;500\n01340;234;400\n")
    report = read_accounts(path, path.name, 2024)
    assert report.problems == []
    assert report.converted == ["01340 devient 01015"]
    (body,) = report.bodies.values()
    assert (body.investment, body.wealth) == (Decimal(1234), None)


def test_a_negative_investment_counts_for_nothing_and_is_told(write) -> None:
    path = write("code;investissement\n24061;-50\n")
    report = read_accounts(path, path.name, 2024)
    assert report.bodies["commune", "24061"].investment == 0
    assert "négatif" in report.notes[0]


def test_true_accounts_take_the_place_of_the_sample(write) -> None:
    (only,) = holdings().values()
    assert only.sample
    assert len(only.bodies) > 36_000
    assert only.missing == 0
    run(write(GOOD), source="OFGL", ecrire=True)
    forget_all()
    (only,) = holdings().values()
    assert not only.sample
    assert only.year == 2024
    assert len(only.bodies) == 6
    assert int(only.bodies.spending.sum()) == sum(
        int(amount * 100) for amount in LocalAccounts.objects.values_list("investment", flat=True)
    )


def test_the_sample_is_what_its_script_makes() -> None:
    path = Path(build_permille.OUT)
    assert gzip.decompress(path.read_bytes()).decode() == build_permille.content()
    assert path.stat().st_size < 300_000
    assert all(wealth >= 0 and spent >= 0 for _, _, spent, wealth in sample())


def test_the_density_grid_once_loaded_feeds_the_key_of_rurality() -> None:
    known = replace(directory(), density={"com:24061": 7, "com:24322": 2})
    held = hold(sample(), known, 0, "")
    assert held.graded
    shared = study(held.bodies, Terms(weights={Key.RURAL: 1}))
    place = held.place("commune", "24061")
    assert place is not None
    assert int(shared.receives[place]) == shared.fund, "the only rural one that is known"
    assert "Ruralité" in words.body(held, shared, place, Terms(weights={Key.RURAL: 1})).keys


def test_bodies_are_in_their_groups() -> None:
    (held,) = holdings().values()
    place = held.place("commune", "24061")
    epci = held.place("epci", "200040392")
    region = held.place("region", "75")
    assert place is not None
    assert epci is not None
    assert region is not None
    assert STRATUM_LABELS[held.stratum[place]] == "Communes de moins de 200 habitants"
    assert STRATUM_LABELS[held.stratum[epci]] == "Intercommunalités"
    assert STRATUM_LABELS[held.stratum[region]] == "Régions"
    assert held.departments[held.department[epci]] == ("24", "Dordogne")
    assert held.regions[held.region[region]] == ("75", "Nouvelle-Aquitaine")
    assert held.department[region] == -1
