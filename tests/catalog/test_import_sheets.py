"""Spreadsheets to import, good ones and the broken ones that people and others send."""

import io
import random
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from maillage.catalog.imports.raw import MOST_COLUMNS, Unreadable
from maillage.catalog.imports.reading import read
from maillage.common.tables import export, workbook
from tests.catalog.importing import OFFICE, cells, lines, ods, patched, refusal, xlsx, zipped

# -- Spreadsheets


def test_a_workbook_under_another_name_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(xlsx(["id", "t"], ["a1", "b"]))
    reading = read(path, "offres.csv")
    assert [line.values for line in reading] == [{"id": "a1", "t": "b"}]
    assert "XLSX" in reading.remarks[0]


def test_cells_of_a_workbook_keep_what_they_say(tmp_path: Path) -> None:
    row = ["a1", 3, 4.0, 2.5, True, date(2026, 3, 1), datetime(2026, 3, 1, 10, 30), 0.8, None, 24]
    content = xlsx([f"c{n}" for n in range(10)], row, styles={"H2": "0 %"})
    (line,) = lines(tmp_path, "f.xlsx", content)
    assert list(line.values.values()) == [
        "a1", 3, 4, 2.5, True, "2026-03-01", "2026-03-01 10:30:00", "80 %", "", 24,
    ]  # fmt: skip


@pytest.mark.parametrize("formula", ["=A1", "=SUM(A1:A2)", '=HYPERLINK("http://x")'])
def test_a_formula_of_xlsx_is_refused_with_its_cell(tmp_path: Path, formula: str) -> None:
    (line,) = lines(tmp_path, "f.xlsx", xlsx(["id", "t"], ["a1", formula]))
    assert "B2" in line.problems[0]
    assert "formule" in line.problems[0]
    assert line.values == {"id": "a1", "t": ""}


def test_an_error_of_xlsx_is_refused_with_its_cell(tmp_path: Path) -> None:
    whole = xlsx(["id", "t"], ["a1", 5])
    number, error = '<c r="B2" t="n"><v>5</v></c>', '<c r="B2" t="e"><v>#REF!</v></c>'
    content = patched(whole, "xl/worksheets/sheet1.xml", number, error)
    (line,) = lines(tmp_path, "f.xlsx", content)
    assert "B2 contient une erreur (#REF!)" in line.problems[0]


def test_a_formula_of_ods_is_refused_with_its_cell(tmp_path: Path) -> None:
    cell = '<table:table-cell table:formula="of:=1+1" office:value-type="float" office:value="2"/>'
    (line,) = lines(tmp_path, "f.ods", ods(cells("id", "t") + cells("a1", more=cell)))
    assert "B2" in line.problems[0]


def test_repeated_blanks_of_ods_cost_nothing(tmp_path: Path) -> None:
    blank = '<table:table-cell table:number-columns-repeated="16384"/>'
    far = f'<table:table-row table:number-rows-repeated="1000000">{blank}</table:table-row>'
    (line,) = lines(tmp_path, "f.ods", ods(cells("id", "t") + far + cells("a1", "b") + far))
    assert (line.number, line.values) == (1_000_002, {"id": "a1", "t": "b"})


def test_a_repeated_cell_and_row_of_ods_stand_for_several(tmp_path: Path) -> None:
    cell = (
        '<table:table-cell table:number-columns-repeated="2" office:value-type="string">'
        "<text:p>x</text:p></table:table-cell>"
    )
    rows = f'<table:table-row table:number-rows-repeated="2">{cell}</table:table-row>'
    found = lines(tmp_path, "f.ods", ods(cells("a", "b") + rows + cells("y", "z")))
    assert [(line.number, *line.values.values()) for line in found] == [
        (2, "x", "x"), (3, "x", "x"), (4, "y", "z"),
    ]  # fmt: skip


def test_texts_of_ods_keep_their_blanks_and_lines_and_not_the_comments(tmp_path: Path) -> None:
    cell = (
        '<table:table-cell office:value-type="string"><office:annotation><text:p>non</text:p>'
        "</office:annotation><text:p>un<text:s text:c='2'/>deux<text:line-break/>trois</text:p>"
        "<text:p><text:span>quatre</text:span></text:p></table:table-cell>"
    )
    (line,) = lines(
        tmp_path, "f.ods", ods(cells("a") + f"<table:table-row>{cell}</table:table-row>")
    )
    assert line.values == {"a": "un  deux\ntrois\nquatre"}


def test_typed_cells_of_ods_keep_what_they_say(tmp_path: Path) -> None:
    typed = (
        '<table:table-cell office:value-type="percentage" office:value="0.8"/>'
        '<table:table-cell office:value-type="date" office:date-value="2026-03-01T00:00:00"/>'
        '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>'
        '<table:table-cell office:value-type="float" office:value="24"/>'
    )
    (line,) = lines(
        tmp_path, "f.ods", ods(cells(*"abcd") + f"<table:table-row>{typed}</table:table-row>")
    )
    assert list(line.values.values()) == ["80 %", "2026-03-01", True, 24]


@pytest.mark.parametrize(
    "row",
    [
        cells(*["x"] * (MOST_COLUMNS + 1)),
        "<table:table-row>" + "<table:table-cell/>" * 30_000 + "</table:table-row>",
        '<table:table-row><table:table-cell table:number-columns-repeated="1000000" '
        'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>',
        cells("a", more=(
            '<table:table-cell table:number-columns-repeated="999999"/>'
            '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
        )),
    ],
)  # fmt: skip
def test_a_million_columns_of_ods_are_refused(tmp_path: Path, row: str) -> None:
    assert "colonnes" in refusal(tmp_path, "f.ods", ods(row))


def test_a_line_repeated_a_million_times_is_refused(tmp_path: Path) -> None:
    row = cells("a1", "b").replace(
        "<table:table-row", '<table:table-row table:number-rows-repeated="1000000"'
    )
    assert "répétée 1000000 fois" in refusal(tmp_path, "f.ods", ods(cells("id", "t") + row))


def test_a_million_columns_of_xlsx_are_refused(tmp_path: Path) -> None:
    wide = patched(
        xlsx(["id"], ["a1"]), "xl/worksheets/sheet1.xml", "</row>", "<c/>" * 30_000 + "</row>"
    )
    assert "colonnes" in refusal(tmp_path, "f.xlsx", wide)
    far = patched(xlsx(["id"], ["a1"]), "xl/worksheets/sheet1.xml", '<c r="A2"', '<c r="XFD2"')
    assert "colonnes" in refusal(tmp_path, "f.xlsx", far)


def test_a_row_far_below_costs_nothing(tmp_path: Path) -> None:
    content = patched(
        xlsx(["id"], ["a1"]), "xl/worksheets/sheet1.xml", 'row r="2"', 'row r="999999999"'
    )
    (line,) = lines(tmp_path, "f.xlsx", content.replace(b"", b""))
    assert line.values == {"id": "a1"}


@pytest.mark.parametrize("name", ["f.xlsx", "f.ods"])
def test_entities_are_refused(tmp_path: Path, name: str) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    content = ods(cells("id") + cells("&b;"), bomb)
    if name == "f.xlsx":
        content = patched(
            xlsx(["id"], ["a1"]), "xl/worksheets/sheet1.xml", "<worksheet", bomb + "<worksheet"
        )
    assert "entités XML" in refusal(tmp_path, name, content)


@pytest.mark.parametrize("entry", ["xl/worksheets/sheet1.xml", "xl/media/bomb.bin"])
def test_what_swells_too_much_is_refused(tmp_path: Path, entry: str) -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx(["id"], ["a1"]))) as archive:
        held: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    held[entry] = b" " * 50_000_000
    assert "se déplie en 4" in refusal(tmp_path, "f.xlsx", zipped(held))


def test_too_many_pieces_are_refused(tmp_path: Path) -> None:
    held: dict[str, str | bytes] = {f"x{n}": "" for n in range(2_100)}
    assert "éléments" in refusal(tmp_path, "f.xlsx", zipped({"xl/workbook.xml": "<a/>", **held}))


def test_an_archive_in_a_workbook_is_never_opened(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx(["id"], ["a1"]))) as archive:
        held: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    held["xl/embeddings/nested.zip"] = zipped({"bomb": b"\0" * 3_000_000})
    assert len(lines(tmp_path, "f.xlsx", zipped(held))) == 1


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    assert "pas un tableau" in refusal(tmp_path, "f.xlsx", zipped({"a.txt": "b"}))
    document = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}
    assert "pas un tableau" in refusal(tmp_path, "f.ods", zipped(document))


def test_a_locked_ods_is_refused(tmp_path: Path) -> None:
    held = {
        "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
        "content.xml": b"\x8f\x01",
        "META-INF/manifest.xml": "<manifest:encryption-data/>",
    }
    assert "mot de passe" in refusal(tmp_path, "f.ods", zipped(held))


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_half_a_workbook_is_refused(tmp_path: Path, kind: str, share: float) -> None:
    whole = export("f", ["id", "t"], [["a", "b" * 40]] * 50, kind).getvalue()
    assert "abîmé ou coupé" in refusal(tmp_path, f"f.{kind}", whole[: int(len(whole) * share)])


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_damaged_workbook_never_raises_anything_else(tmp_path: Path, kind: str) -> None:
    whole = export("f", ["id", "t"], [[f"a{n}", "b"] for n in range(30)], kind).getvalue()
    rnd = random.Random(5)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(rnd.randint(1, 20)):
            broken[rnd.randrange(len(broken))] = rnd.randrange(256)
        try:
            lines(tmp_path, f"f.{kind}", bytes(broken))
        except Unreadable as unreadable:
            assert unreadable.problems  # noqa: PT017


def test_half_an_xml_is_refused(tmp_path: Path) -> None:
    content = zipped(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet",
         "content.xml": f"<office:document-content {OFFICE}>" + cells("id") + cells("a1")}
    )  # fmt: skip
    assert "abîmé ou coupé" in refusal(tmp_path, "f.ods", content)


# -- Which sheet


def _book(*sheets: tuple[str, list[list[str]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _sheets(kind: str, *sheets: tuple[str, list[list[str]]]) -> bytes:
    return _book(*sheets) if kind == "xlsx" else workbook([(t, r[0], r[1:]) for t, r in sheets])


README = ("Lisez-moi", [["Bonjour à tous"], ["Le tableau est après"]])
TABLE = ("Offres", [["id", "titre"], ["a1", "Un"], ["a2", "Deux"]])
END = ("Fin", [["id", "titre"], ["z", "Z"]])


def _known(titles: list[str]) -> bool:
    return "id" in titles


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_the_sheet_that_has_the_titles_is_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "f"
    path.write_bytes(_sheets(kind, README, TABLE, END))
    reading = read(path, f"f.{kind}", _known)
    assert [(line.number, line.values["id"]) for line in reading] == [(2, "a1"), (3, "a2")]
    assert "Feuille lue : « Offres »" in " ".join(reading.remarks)


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_the_first_sheet_is_read_without_a_word(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "f"
    path.write_bytes(_sheets(kind, TABLE, README, END))
    reading = read(path, f"f.{kind}", _known)
    assert [line.values["id"] for line in reading] == ["a1", "a2"]
    assert reading.remarks == []


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_no_sheet_with_the_titles_names_those_seen(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "f"
    path.write_bytes(_sheets(kind, README, ("Notes", [["chien", "chat"], ["a", "b"]])))
    with pytest.raises(Unreadable, match="« Lisez-moi », « Notes »"):
        list(read(path, f"f.{kind}", _known))


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_sheet_alone_is_read_whatever_its_titles(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "f"
    path.write_bytes(_sheets(kind, README))
    assert [line.values for line in read(path, f"f.{kind}", _known)] == [
        {"Bonjour à tous": "Le tableau est après"}
    ]
