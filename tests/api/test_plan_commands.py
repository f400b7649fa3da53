"""`maillage plan verifier` and `maillage plan chercher`: the same answers in a terminal."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from maillage.funding.examples import known

pytestmark = pytest.mark.django_db


def said(name: str, file: Path | str, *more: str) -> tuple[str, int]:
    """What is printed, and the exit code."""
    out = io.StringIO()
    try:
        call_command(name, str(file), *more, stdout=out)
    except SystemExit as stop:
        return out.getvalue(), int(str(stop.code))
    return out.getvalue(), 0


@pytest.fixture
def file(tmp_path: Path) -> Any:
    """A file that holds a plan."""

    def write(plan: Any) -> Path:
        path = tmp_path / "plan.json"
        path.write_text(json.dumps(plan), "utf-8")
        return path

    return write


def test_a_plan_that_holds(file: Any) -> None:
    text, code = said("plan_verifier", file(known()["lormes"].plan))
    assert code == 0
    assert text.startswith("Rien ne s'oppose à ce plan\u00a0; il reste un point à préciser.")
    assert "L1111-10" in text


def test_a_plan_that_fails_says_it_first_and_by_its_code(file: Any) -> None:
    text, code = said("plan_verifier", file(known()["le-juch"].plan))
    assert code == 1
    assert text.index("✖ À corriger") < text.index("✔ Respecté")
    assert "Le plus petit changement" in text
    assert max(map(len, text.splitlines())) <= 92


@pytest.mark.parametrize(("name", "what"), [("plan_verifier", "check"), ("plan_chercher", "best")])
def test_json_is_what_the_api_answers(client: Client, file: Any, name: str, what: str) -> None:
    plan = dict(known()["bourrou"].plan or {})
    answer = client.post(f"/api/v1/plans/{what}", plan, content_type="application/json")
    text, _ = said(name, file(plan), "--json")
    assert json.loads(text) == answer.json()


def test_the_best_plans_are_said_with_what_limits_them(file: Any) -> None:
    plan = {"costs": [{"net": "1000"}], "resources": [
        {"label": "DETR", "fund": "detr", "rate": "0.9"}, {"label": "LEADER", "fund": "leader"},
    ]}  # fmt: skip
    text, code = said("plan_chercher", file(plan))
    assert code == 0
    for words in ("Le moins d'argent propre", "Participation minimale", "Mis de côté", "LEADER"):
        assert words in text


def test_no_plan_is_an_exit_code_too(file: Any) -> None:
    text, code = said("plan_chercher", file({"costs": [{"net": "1000"}], "own_most": "1"}))
    assert code == 1
    assert "Le plan le plus proche" in text


def test_a_plan_may_come_by_the_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(known()["lormes"].plan)))
    assert said("plan_verifier", "-")[1] == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"costs": [{"net": "x"}]}', "costs[1]"),
        (b'{"costs"\n: [', "ligne 2"),
        (b"\xff\xfe", "UTF-8"),
        (b"[" * 200_000, "JSON"),
        (b" " * 2_000_001, "volumineux"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=words.replace("[", r"\[")) as error:
        said("plan_verifier", path)
    assert error.value.returncode == 2


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="n'a pas pu être lu"):
        said("plan_chercher", tmp_path / "absent.json")


def test_its_help_is_under_the_name_that_people_type(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("plan_verifier", "--help")
    assert "usage: maillage plan verifier" in capsys.readouterr().out
