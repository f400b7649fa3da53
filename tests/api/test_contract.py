"""The contract: frozen in a file, documented on a page, with the words of the vocabulary."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from maillage.engine.vocabulary import LABELS, PHASES, THEMES

FILE = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"


def test_the_contract_has_not_changed_unknowingly(client: Client) -> None:
    """If it changed on purpose: ``maillage exporter openapi --sortie docs/openapi.json``."""
    assert client.get("/api/v1/openapi.json").json() == json.loads(FILE.read_text("utf-8"))


def test_the_command_writes_the_file_that_is_kept(tmp_path: Path) -> None:
    call_command("exporter_openapi", "--sortie", str(tmp_path / "o.json"), stdout=io.StringIO())
    assert (tmp_path / "o.json").read_text("utf-8") == FILE.read_text("utf-8")


def test_the_command_says_when_it_cannot_write(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="n'a pas pu être écrit"):
        call_command("exporter_openapi", "--sortie", str(tmp_path / "absent" / "o.json"))


def test_every_operation_and_field_asked_is_explained_in_french() -> None:
    contract = json.loads(FILE.read_text("utf-8"))
    for verbs in contract["paths"].values():
        for operation in verbs.values():
            assert operation["summary"]
            assert operation["description"]
            for parameter in operation.get("parameters", []):
                assert parameter["description"]
    for name in ("OrientationIn", "SearchIn", "BearerIn", "CostIn", "ResourceIn"):
        for field in contract["components"]["schemas"][name]["properties"].values():
            assert field["description"]


def test_the_documentation_is_a_plain_page(client: Client) -> None:
    answer = client.get("/api/v1/docs")
    page = answer.content.decode()
    for path in json.loads(FILE.read_text("utf-8"))["paths"]:
        assert path in page
    assert "<script>" not in page
    assert "https://" not in page
    assert not answer.cookies


def test_the_documentation_shows_the_worked_plans(client: Client) -> None:
    page = client.get("/api/v1/docs").content.decode()
    for name in ("Le Juch", "Lormes", "Kourou", "Bourrou"):
        assert name in page


def test_the_vocabulary(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        words = client.get("/api/v1/vocabulary").json()
    assert {w["code"]: w["label"] for w in words["themes"]} == THEMES
    assert {w["code"]: w["label"] for w in words["phases"]} == PHASES
    assert {w["code"]: w["label"] for w in words["labels"]} == LABELS
    assert [w["code"] for w in words["levels"]] == ["municipal", "department", "region", "national"]
    assert len(words["project_types"]) > 300


def test_only_reading_is_offered(client: Client) -> None:
    for verb in ("put", "patch", "delete"):
        assert getattr(client, verb)("/api/v1/offers").status_code == 405
