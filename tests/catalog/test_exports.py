"""Lists as files: the present filter, no formula, the same content in every format."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from odfdo import Document
from openpyxl import load_workbook

from maillage.catalog.exports import OFFER_HEADER, PROVIDER_HEADER, TYPE_HEADER
from tests.catalog.factories import make_offer

pytestmark = pytest.mark.django_db


def read_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_the_export_is_the_list_shown(client: Client) -> None:
    response = client.get("/catalogue/", {"theme": "eau", "cout": "free", "export": "csv"})
    assert response.headers["Content-Disposition"].endswith('.csv"')
    rows = read_csv(response.getvalue().decode())  # type: ignore[attr-defined]
    assert tuple(rows[0]) == OFFER_HEADER
    themes, cost = OFFER_HEADER.index("thèmes"), OFFER_HEADER.index("coût")
    assert len(rows) > 3
    assert all("Eau, assainissement" in row[themes] for row in rows[1:])
    assert {row[cost] for row in rows[1:]} == {"Gratuit"}


def test_three_formats_say_the_same(client: Client) -> None:
    query = {"q": "pont", "commune": "24061"}
    text = client.get("/catalogue/", {**query, "export": "csv"}).getvalue().decode()  # type: ignore[attr-defined]
    titles = [row[1] for row in read_csv(text)]
    book = load_workbook(io.BytesIO(client.get("/catalogue/", {**query, "export": "xlsx"}).content))
    assert [row[1] for row in book.active.values] == titles  # type: ignore[union-attr]
    sheet = Document(io.BytesIO(client.get("/catalogue/", {**query, "export": "ods"}).content))
    assert [row[1] for row in sheet.body.tables[0].get_values()] == titles


def test_an_unknown_format_is_not_found(client: Client) -> None:
    assert client.get("/catalogue/", {"export": "exe"}).status_code == 404
    assert client.get("/catalogue/offreurs/", {"export": ""}).status_code == 404


@pytest.mark.usefixtures("memory")
def test_nothing_typed_becomes_a_formula(client: Client) -> None:
    make_offer(title="=CMD()|'/C calc'!A0", summary="+1", apply="@x", words=["x"])
    text = client.get("/catalogue/", {"export": "csv"}).getvalue().decode()  # type: ignore[attr-defined]
    row = next(row for row in read_csv(text) if row[0] == "offre-essai")
    assert row[1] == "'=CMD()|'/C calc'!A0"
    assert not any(cell.startswith(("=", "+", "@")) for cell in row)


@pytest.mark.parametrize(
    ("command", "header", "least"),
    [
        ("exporter_offres", OFFER_HEADER, 2000),
        ("exporter_offreurs", PROVIDER_HEADER, 1500),
        ("exporter_types", TYPE_HEADER, 300),
    ],
)
def test_commands_write_every_row(
    command: str, header: tuple[str, ...], least: int, tmp_path: Path
) -> None:
    out = io.StringIO()
    call_command(command, stdout=out)
    rows = read_csv(out.getvalue())
    assert tuple(rows[0]) == header
    assert len(rows) > least
    target = tmp_path / "liste.jsonl"
    call_command(command, sortie=target, stderr=io.StringIO())
    lines = target.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(rows) - 1
    assert tuple(json.loads(lines[0])) == header


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="csv, ods, xlsx, jsonl"):
        call_command("exporter_types", sortie=tmp_path / "liste.pdf")
    with pytest.raises(CommandError, match="ne peut pas être écrit"):
        call_command("exporter_types", sortie=tmp_path / "absent" / "liste.csv")


@pytest.mark.usefixtures("memory")
def test_an_export_says_labels_whole_addresses_and_loses_nothing(
    client: Client, settings: Any
) -> None:
    row = make_offer(population_kind="dgf", words=["refaire le toit", "fuite"])
    text = client.get("/catalogue/", {"export": "csv"}).getvalue().decode()  # type: ignore[attr-defined]
    header, *rows = read_csv(text)
    found = dict(zip(header, next(r for r in rows if r[0] == "offre-essai"), strict=True))
    assert found["population comptée"] == "Population DGF"
    assert found["mots des usagers"] == "refaire le toit | fuite"
    assert found["identifiant de l'offreur"] == row.provider.slug
    assert found["page"] == f"{settings.MAILLAGE['URL']}{row.get_absolute_url()}"
