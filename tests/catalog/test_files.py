"""The catalogue's files: the shipped ones are good, a broken one is refused with its place."""

import shutil
from pathlib import Path

import pytest

from maillage.catalog.files import DATA, CatalogueFileError, read

PROVIDER = """
[[providers]]
id = "essai"
name = "Essai"
family = "network"
level = "national"
perimeter = ["FR"]
state = "to_confirm"
source = "cgct"
"""
OFFER = """
[[offers]]
id = "essai-offre"
provider = "essai"
title = "Une offre"
summary = "Une aide."
kind = "funding"
cost = "free"
themes = ["eau"]
phases = ["travaux"]
audiences = ["commune"]
state = "to_confirm"
source = "cgct"
"""
RATE = """
[[offers.rates]]
kind = "rate"
value = 80
unit = "%"
source = "cgct"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of data with one family."""
    for name in ("sources.toml", "perimeters.toml"):
        shutil.copy(DATA / name, tmp_path)
    (tmp_path / "thesaurus.toml").write_text(
        '[[entries]]\nexpression = "bistrot"\nterms = ["café"]'
    )
    (tmp_path / "project_types").mkdir()
    (tmp_path / "catalog").mkdir()
    return tmp_path


def write(folder: Path, text: str, name: str = "famille.toml") -> None:
    (folder / "catalog" / name).write_text(text, encoding="utf-8")


def refusal(folder: Path) -> list[str]:
    with pytest.raises(CatalogueFileError) as caught:
        read(folder)
    return caught.value.problems


def test_the_shipped_files_are_good() -> None:
    files = read()
    assert len(files.offers) >= 220
    assert len(files.project_types) >= 300
    assert len(files.thesaurus) >= 300
    assert {offer["source"] for offer in files.offers} <= {s["id"] for s in files.sources}


def test_a_small_folder_is_read(folder: Path) -> None:
    write(folder, PROVIDER + OFFER + RATE)
    files = read(folder)
    assert [offer["id"] for offer in files.offers] == ["essai-offre"]
    assert files.offers[0]["rates"][0]["value"] == 80


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "Une offre"\n', "", "le champ « title » manque"),
        ('themes = ["eau"]', 'themes = ["loisirs"]', "« loisirs » n'est pas une valeur"),
        ('kind = "funding"', 'kind = "argent"', "« argent » n'est pas une valeur de « kind »"),
        ('cost = "free"', 'cost = "free"\nprix = 3', "le champ « prix » est inconnu"),
        ('cost = "free"', 'cost = "free"\ncloses = "demain"', "n'a pas la bonne forme"),
        ('cost = "free"', 'cost = "free"\npopulation_max = -1', "est négatif"),
        ('cost = "free"', 'cost = "free"\npopulation_max = true', "n'a pas la bonne forme"),
        ('cost = "free"', 'cost = "free"\npopulation_min = 9\npopulation_max = 2', "dépasse"),
        ('cost = "free"', 'cost = "free"\nopens = 2027-01-02\ncloses = 2027-01-01', "est après"),
        ('cost = "free"', 'cost = "free"\nlink = "ouvrir"', "n'est pas une adresse"),
        ('cost = "free"', 'cost = "free"\nrates = [3]', "[[offers.rates]]"),
        ('cost = "free"', 'cost = "free"\nperimeter = ["24"]', "n'est pas une clé de territoire"),
        ('cost = "free"', 'cost = "free"\nperimeter = ["per:nulle-part"]', "perimeters.toml"),
        ('id = "essai-offre"', 'id = "Essai Offre"', "minuscules"),
        ('title = "Une offre"', f'title = "{"x" * 251}"', "dépasse 250"),
        ('provider = "essai"', 'provider = "autre"', "n'est décrit dans aucun fichier"),
        ('summary = "Une aide."', "summary = 3", "n'a pas la bonne forme"),
    ],
)  # fmt: skip
def test_a_broken_offer_is_said_with_its_file_and_its_name(
    folder: Path, old: str, new: str, said: str
) -> None:
    assert old in OFFER
    write(folder, PROVIDER + OFFER.replace(old, new))
    problems = refusal(folder)
    assert any(said in problem for problem in problems)
    assert all(problem.startswith("famille.toml, « ") for problem in problems)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "rate"', 'kind = "cadeau"', "de nature inconnue"),
        ("value = 80", 'value = "beaucoup"', "un nombre (value) et une source"),
        ('unit = "%"\n', "", "son unité"),
        ('source = "cgct"', 'source = "nulle"', "absente de sources.toml"),
        ('unit = "%"', 'unit = "%"\ncouleur = "bleu"', "champ inconnu"),
    ],
)
def test_a_broken_figure_is_said(folder: Path, old: str, new: str, said: str) -> None:
    write(folder, PROVIDER + OFFER + RATE.replace(old, new))
    assert any("essai-offre" in p and said in p for p in refusal(folder))


def test_every_problem_is_said_at_once(folder: Path) -> None:
    write(folder, PROVIDER + OFFER.replace("eau", "rien").replace("travaux", "jamais"))
    write(folder, "ceci n'est pas du TOML", "autre.toml")
    problems = refusal(folder)
    assert len(problems) == 3
    assert sum("autre.toml : le fichier n'est pas lisible" in p for p in problems) == 1


def test_an_identifier_is_used_once(folder: Path) -> None:
    write(folder, PROVIDER + OFFER)
    write(folder, OFFER, "zzz.toml")
    assert refusal(folder) == [
        "zzz.toml, « essai-offre » : déjà présent dans famille.toml ; gardez-en un seul."
    ]


def test_a_missing_file_is_said(folder: Path) -> None:
    (folder / "thesaurus.toml").unlink()
    assert refusal(folder) == ["thesaurus.toml : le fichier est absent."]
