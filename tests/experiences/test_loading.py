"""Files of experiences: good ones loaded as often as one likes, broken ones refused."""

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from maillage.common.models import DataVersion
from maillage.experiences import services
from maillage.experiences.files import ExperienceFileError, read
from maillage.experiences.models import Experience, ExperienceCost, ExperienceFunder

GOOD = """
[[experiences]]
id = "essai"
title = "Un essai"
territory_name = "Bourrou"
territory_kind = "commune"
territory_codes = ["com:24061"]
themes = ["culture"]
summary = "Un résumé."
source = "guide-smart-village-2022"
principles = { communs = "certain" }

[[experiences.costs]]
label = "Coût"
amount = 100
"""


def test_the_shipped_files_are_good() -> None:
    assert len(read()) == 15


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "Un essai"\n', "", "le champ « title » manque"),
        ('themes = ["culture"]', 'themes = ["loisirs"]', "« loisirs » n'est pas un thème"),
        ('kind = "commune"', 'kind = "hameau"', "nature de territoire"),
        ('"guide-smart-village-2022"', '"nulle"', "absente de sources.toml"),
        ('"certain"', '"sûr"', "n'est pas reconnu"),
        ("amount = 100", 'amount = "cent"', "montant illisible"),
        ('summary = "Un résumé."', 'summary = "x"\nwhat = "ceci"', "liste de textes"),
        ('summary = "Un résumé."', 'summary = "x"\npage = "12"', "nombre entier"),
        ('summary = "Un résumé."', 'summary = "x"\ncouleur = "bleu"', "est inconnu"),
    ],
)
def test_a_broken_entry_is_said_with_its_file(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    (tmp_path / "fiche.toml").write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ExperienceFileError) as caught:
        read(tmp_path)
    assert any(p.startswith("fiche.toml, « essai »") and said in p for p in caught.value.problems)


def test_an_unreadable_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "fiche.toml").write_text("rien", encoding="utf-8")
    with pytest.raises(ExperienceFileError, match=r"fiche\.toml : le fichier n'est pas lisible"):
        read(tmp_path)


@pytest.mark.django_db
def test_loading_again_changes_nothing_but_the_version() -> None:
    def counts() -> list[int]:
        return [m._default_manager.count() for m in (Experience, ExperienceCost, ExperienceFunder)]

    before, version = counts(), DataVersion.objects.number("experiences")
    assert services.load_experiences() == 15
    assert counts() == before
    assert DataVersion.objects.number("experiences") == version + 1


@pytest.mark.django_db
def test_edited_ones_stay_and_those_gone_leave(tmp_path: Path) -> None:
    (tmp_path / "fiche.toml").write_text(GOOD, encoding="utf-8")
    Experience.objects.filter(slug="redon-wiki").update(origin="edited")
    services.load_experiences(tmp_path)
    assert set(Experience.objects.values_list("slug", flat=True)) == {"essai", "redon-wiki"}
    Experience.objects.filter(slug="essai").update(title="Corrigé", origin="edited")
    services.load_experiences(tmp_path)
    assert Experience.objects.get(slug="essai").title == "Corrigé"


@pytest.mark.django_db
def test_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    call_command("importer_experiences", verifier=True, stdout=out)
    call_command("importer_experiences", stdout=out)
    assert out.getvalue().count("15 expériences") == 2

    def refuse(folder: Path) -> list[dict[str, object]]:
        raise ExperienceFileError(["fiche.toml, « x » : le champ « title » manque."])

    monkeypatch.setattr(services, "read", refuse)
    with pytest.raises(CommandError, match=r"fiche\.toml, « x »"):
        call_command("importer_experiences")
