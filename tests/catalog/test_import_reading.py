"""Files to import, good ones in every format, and the broken ones that people and others send."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.catalog.imports.raw import MOST_COLUMNS, Unreadable
from maillage.catalog.imports.reading import read
from maillage.common.tables import export
from tests.catalog.importing import lines, refusal

# -- Texts


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_found_on_the_header(tmp_path: Path, separator: str) -> None:
    text = f"id{separator}titre{separator}note\na1{separator}Été{separator}x\n"
    (line,) = lines(tmp_path, "f.csv", text)
    assert line.values == {"id": "a1", "titre": "Été", "note": "x"}
    assert line.number == 2


@pytest.mark.parametrize(
    ("encoding", "remark"),
    [("utf-8", ""), ("utf-8-sig", ""), ("cp1252", "Windows-1252"), ("utf-16", "UTF-16")],
)
def test_the_encoding_is_found(tmp_path: Path, encoding: str, remark: str) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes("id;titre\na1;Été à l’école\n".encode(encoding))
    reading = read(path, "f.csv")
    assert [line.values for line in reading] == [{"id": "a1", "titre": "Été à l’école"}]
    assert remark in " ".join(reading.remarks)
    assert bool(reading.remarks) == bool(remark)


def test_mixed_encodings_are_refused_with_the_line(tmp_path: Path) -> None:
    content = "id;titre\na1;Été\n".encode() + "a2;Été\n".encode("cp1252")
    assert "ligne 3" in refusal(tmp_path, "f.csv", content)


def test_a_broken_letter_in_a_later_block_is_found(tmp_path: Path) -> None:
    good = "".join(f"a{n};{'é' * 50}\n" for n in range(6_000)).encode()
    assert "ligne 6002" in refusal(tmp_path, "f.csv", b"id;t\n" + good + b"z;\xe9\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('id;titre\na1;"jamais fermé\na2;b\n', "jamais fermé"),
        ('id;titre\na1;"ouvert"au milieu"\n', "ligne 2"),
        ("id;titre\na1;nul\0ici\n", "caractères nuls"),
        ("id;titre;id\na1;b;c\n", "deux fois"),
        ("", "vide"),
        ("\n\n  \n", "vide"),
        (f"{';'.join(f'c{n}' for n in range(MOST_COLUMNS + 1))}\n", "colonnes"),
        (";".join("a" * 1_000_000) + "\n1\n", "colonnes"),
        (f"id;titre\na1;{'x' * 10_000_000}\n", "ligne 2"),
        (f'id;titre\na1;"{"x" * 200_000}"\n', "ligne 2"),
    ],
)
def test_a_broken_csv_is_refused_with_where_and_what_to_do(
    tmp_path: Path, text: str, said: str
) -> None:
    assert said in refusal(tmp_path, "f.csv", text)


def test_a_line_of_another_width_says_so(tmp_path: Path) -> None:
    short, long = lines(tmp_path, "f.csv", "id;titre;note\na1;b\na2;b;c;d\n")
    assert "2\u00a0cellules pour 3\u00a0colonnes" in short.problems[0]
    assert "4\u00a0cellules pour 3\u00a0colonnes" in long.problems[0]


def test_blank_lines_are_skipped_and_counted(tmp_path: Path) -> None:
    (line,) = lines(tmp_path, "f.csv", "id;titre\n" + "\n" * 300_000 + ";\na1;b\n")
    assert line.number == 300_003


def test_a_text_over_several_lines_is_one_line(tmp_path: Path) -> None:
    first, second = lines(tmp_path, "f.csv", 'id;t\r\na1;"deux\r\nlignes"\r\na2;x\r\n')
    assert first.values["t"] == "deux\r\nlignes"
    assert second.number == 3


def test_lines_of_an_old_computer_are_read(tmp_path: Path) -> None:
    assert len(lines(tmp_path, "f.csv", "id;t\ra1;b\ra2;c\r")) == 2


def test_the_mark_of_our_own_exports_is_taken_off(tmp_path: Path) -> None:
    (line,) = lines(tmp_path, "f.csv", "id;t;u\na1;'-5;l'été\n")
    assert line.values == {"id": "a1", "t": "-5", "u": "l'été"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"id": "a1", "titre": "coup', "ligne 1"),
        ('{"id": 1}\n{"id": 2\n', "ligne 2"),
        ('[{"id": 1}]', "liste JSON"),
        ('{"id": 1}\n[1]\n', "ligne 2"),
        ('{"id": 1, "id": 2}', "deux fois"),
        ('{"id": NaN}', "ligne 1"),
        ('{"id": 1e999}', "ligne 1"),
        ('{"id": "\\u0000"}', "ligne 1"),
        ('{"id": "\\ud800"}', "ligne 1"),
        ("[" * 100_000, "ligne 1"),
    ],
)
def test_broken_json_lines_are_refused_with_the_line(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, "f.jsonl", text)


# -- What is no table


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"x" * 50, "une image"), (b"\xff\xd8\xff\xe0", "une image"),
        (b"%PDF-1.7", "PDF"), (b"\x1f\x8b\x08", "archive"), (b"{\\rtf1", "RTF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ".xls"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "mot de passe"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_named(tmp_path: Path, start: bytes, said: str) -> None:
    assert said in refusal(tmp_path, "offres.csv", start)


def test_an_unknown_ending_says_which_are_known(tmp_path: Path) -> None:
    assert ".jsonl" in refusal(tmp_path, "offres.doc", "id;titre\n1;2\n")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="ne peut pas être ouvert"):
        read(tmp_path / "absent.csv", "absent.csv")


# -- What goes in comes out, in every format

_TEXTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=30
).map(lambda s: " ".join(s.split()))
_CELLS = _TEXTS.filter(lambda s: not s.startswith("'"))
_ROWS = st.lists(
    st.tuples(_CELLS.filter(bool), _CELLS, _CELLS | st.integers(-(10**9), 10**9)),
    min_size=1,
    max_size=6,
)


@pytest.mark.parametrize("kind", ["csv", "ods", "xlsx"])
@given(rows=_ROWS)
def test_a_table_that_we_write_is_read_again(tmp_path_factory: Any, kind: str, rows: Any) -> None:
    folder = tmp_path_factory.mktemp("t")
    found = lines(folder, f"f.{kind}", export("f", ["un", "deux", "trois"], rows, kind).getvalue())
    expected = [[str(cell) for cell in row] for row in rows]
    assert [[str(cell) for cell in line.values.values()] for line in found] == expected


@given(rows=st.lists(st.tuples(_TEXTS.filter(bool), _TEXTS), min_size=1, max_size=6))
def test_a_csv_of_others_is_read(tmp_path_factory: Any, rows: Any) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerows([("un", "deux"), *rows])
    found = lines(tmp_path_factory.mktemp("t"), "f.csv", text.getvalue())
    quoted = str.maketrans({"'": None})
    assert [[c.translate(quoted) for c in line.values.values()] for line in found] == [
        [c.translate(quoted) for c in row] for row in rows
    ]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)


@given(
    objects=st.lists(
        st.dictionaries(_TEXTS, _VALUES, min_size=1, max_size=5), min_size=1, max_size=5
    )
)
def test_json_lines_are_read_as_they_are(tmp_path_factory: Any, objects: Any) -> None:
    text = "\n".join(json.dumps(one, ensure_ascii=False) for one in objects)
    assert [one.values for one in lines(tmp_path_factory.mktemp("t"), "f.jsonl", text)] == objects


@given(
    content=st.binary(max_size=300), name=st.sampled_from(["f.csv", "f.jsonl", "f.xlsx", "f.ods"])
)
def test_any_bytes_are_read_or_refused(tmp_path_factory: Any, content: bytes, name: str) -> None:
    try:
        lines(tmp_path_factory.mktemp("t"), name, content)
    except Unreadable as unreadable:
        assert all(problem.endswith((".", "}.")) for problem in unreadable.problems)  # noqa: PT017


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("id;titre\na1;Un\na2;Des eaux", True),
        ("id;titre\r\na1;Un\r\na2;Des ea", True),
        ("id;titre\na1;Un\na2;Des eaux\n", False),
        ('id;titre\na1;Un\na2;"Des eaux"', False),
        ("id;titre\na1;Un\na2;", False),
    ],
)
def test_a_last_line_without_end_is_remarked(tmp_path: Path, text: str, cut: bool) -> None:
    first, last = lines(tmp_path, "f.csv", text)
    assert not first.remarks
    assert any("semble coupé" in said for said in last.remarks) is cut


def test_counts_of_cells_agree(tmp_path: Path) -> None:
    (line,) = lines(tmp_path, "f.csv", "id;titre;note\na1\n")
    assert "1\u00a0cellule pour 3\u00a0colonnes" in line.problems[0]
