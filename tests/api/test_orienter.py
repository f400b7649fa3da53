"""`maillage orienter`: the same answer in a terminal."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.api.conftest import Post

BISTROT = "On voudrait rouvrir le bistrot dans l'ancienne école"


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command("orienter", *arguments, stdout=out)
    return out.getvalue()


def test_the_answer_reads_from_the_closest_to_the_branch() -> None:
    text = said("--commune", "24061", BISTROT)
    parts = (
        "Bourrou, ", "Nous avons compris", "débit de boissons", "Qui peut vous aider", "Tout près",
        "Dans le département", "Appui national", "Qui peut financer", "Ils l'ont fait",
        "Guichet local de l'ingénierie de la Dordogne",
    )  # fmt: skip
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "Parce que vous parlez de" in text.replace("\n", " ")


def test_no_line_is_too_wide_nor_begins_with_a_mark() -> None:
    lines = said("--commune", "24061", BISTROT).splitlines()
    assert max(map(len, lines)) <= 92
    assert not [line for line in lines if line.strip()[:1] in {"»", ":", ";"}]


def test_json_is_what_the_api_answers(orient: Post) -> None:
    printed = json.loads(said("--commune", "24061", "--phase", "travaux", "--json", BISTROT))
    assert printed == orient(commune="24061", text=BISTROT, phase="travaux").json()


def test_for_whom(orient: Post) -> None:
    printed = json.loads(said("--commune", "24061", "--pour", "company", "--json", BISTROT))
    assert printed == orient(commune="24061", text=BISTROT, audience="company").json()


@pytest.mark.parametrize("place", ["24061", "Bourrou", "bourrou"])
def test_a_commune_by_its_code_or_its_name(place: str) -> None:
    assert said("--commune", place, "le pont est fermé").startswith("Bourrou")


def test_without_a_commune_it_says_so() -> None:
    assert said("le pont est fermé").startswith("Sans commune")


def test_homonyms_are_listed_with_their_codes() -> None:
    with pytest.raises(CommandError, match=r"choisissez :\n  --commune \w{5}  Saint-Martin \("):
        said("--commune", "Saint-Martin", "le pont est fermé")


def test_an_unknown_commune_says_what_to_check() -> None:
    with pytest.raises(CommandError, match="vérifiez le nom"):
        said("--commune", "zzzzzzzzzzzz", "le pont est fermé")


def test_an_empty_need_is_asked_again() -> None:
    with pytest.raises(CommandError, match="même en deux mots"):
        said("  ")


def test_the_need_may_come_by_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("le pont est fermé\n"))
    assert "pont communal" in said("--commune", "24061", "-")


def test_a_text_too_long_is_said_to_be_cut() -> None:
    assert "sa fin n'a pas été lue" in said("pont fermé " * 1_000)


@pytest.mark.parametrize("text", ["zzzz", "🎉", "\udce9cole", "%s", "我们"])
def test_whatever_is_typed_gets_an_answer(text: str) -> None:
    assert "Et maintenant" in said("--commune", "24061", text)


def test_its_help_is_under_the_name_that_people_type(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        said("--help")
    assert "usage: maillage orienter" in capsys.readouterr().out
