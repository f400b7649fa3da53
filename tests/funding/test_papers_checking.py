"""`maillage verifier documents`, with a stand-in for LibreOffice: the command itself opens it."""

import os
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from maillage.common import office
from maillage.common.office import TEXT, OfficeError, convert, find_office
from maillage.funding.management.commands import verifier_documents
from maillage.funding.papers import PAPERS
from maillage.funding.papers.checking import make_all
from maillage.funding.papers.examples import example

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(tmp_path: Path) -> Callable[[str], str]:
    """A program that runs these lines of shell; the folder of its conversions is ``$into``."""

    def written(lines: str) -> str:
        path = tmp_path / "soffice"
        path.write_text(
            f'#!/bin/sh\nfor into; do [ "$last" = --outdir ] && break; last=$into; done\n{lines}\n'
        )
        path.chmod(0o700)
        return str(path)

    return written


def test_without_libreoffice_the_command_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier_documents, "find_office", lambda: None)
    out = StringIO()
    call_command("verifier_documents", stdout=out)
    assert "8\u00a0documents faits." in out.getvalue()
    assert "LibreOffice n'est pas installé" in out.getvalue()
    assert "apt install" in out.getvalue()


def test_it_is_looked_for_on_the_path(
    program: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = program("true")
    monkeypatch.setenv("PATH", os.path.dirname(made))
    assert find_office() == made
    monkeypatch.setenv("PATH", "")
    assert find_office() is None


def test_what_differs_is_told_and_the_command_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(verifier_documents, "find_office", lambda: "soffice")
    monkeypatch.setattr(verifier_documents, "differences", lambda *_: ["plan.ods : faux."])
    out = StringIO()
    with pytest.raises(CommandError, match="1\u00a0différence"):
        call_command("verifier_documents", "--dossier", str(tmp_path / "neuf"), stdout=out)
    assert "plan.ods : faux." in out.getvalue()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(CommandError, match="n'est pas vide"):
        call_command("verifier_documents", "--dossier", str(tmp_path))
    assert os.listdir(tmp_path) == ["x"]


def test_every_paper_is_made(tmp_path: Path) -> None:
    made = make_all(example(), tmp_path)
    assert {path.name for path in made} == {
        f"{what}.{kind}" for what, entry in PAPERS.items() for kind in entry.kinds
    }
    assert all(path.stat().st_size for path in made)


def test_a_conversion_gives_what_was_made(program: Callable[[str], str], tmp_path: Path) -> None:
    into = tmp_path / "lu"
    into.mkdir()
    found = convert(program('echo oui > "$into/a.txt"'), [tmp_path / "a.odt"], TEXT, into)
    assert found == [into / "a.txt"]


def test_a_file_that_is_not_converted_is_named(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    with pytest.raises(OfficeError, match=r"a\.odt : Error: source file"):
        convert(program("echo Error: source file"), [tmp_path / "a.odt"], TEXT, tmp_path)


def test_a_conversion_that_never_ends_is_ended(
    program: Callable[[str], str], tmp_path: Path
) -> None:
    with pytest.raises(OfficeError, match=r"pas fini en 0\.2 secondes"):
        convert(program("while :; do :; done"), [tmp_path / "a.odt"], TEXT, tmp_path, 0.2)


def test_the_profile_is_its_own(program: Callable[[str], str], tmp_path: Path) -> None:
    into = tmp_path / "lu"
    into.mkdir()
    convert(program('echo "$1 $HOME" > "$into/a.txt"'), [Path("a.odt")], TEXT, into)
    said = (into / "a.txt").read_text()
    assert said.startswith(f"-env:UserInstallation=file://{into}")
    assert said.strip().endswith(str(into))
    assert office.LIMIT > 0
