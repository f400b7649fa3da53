"""The answer on paper."""

import sys
import unicodedata
from datetime import date

import pytest
import typst
from django.test import Client

from maillage.common.typeset import DRAWN, cut, printable
from maillage.desk.orientation import Answer, answer
from maillage.desk.pdf import answer_as_pdf, answer_as_read
from maillage.engine.types import Need

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 21)
BISTROT = "On voudrait rouvrir le bistrot dans l'ancienne école"


def ask(text: str = BISTROT, code: str | None = "24061") -> Answer:
    return answer(Need(text), code, TODAY)


def said_in(found: Answer) -> str:
    read = answer_as_read(found, TODAY, "")
    return read["said"]


def test_it_is_an_accessible_pdf_in_french() -> None:
    pdf = answer_as_pdf(ask(), TODAY, "http://localhost/orientation/?besoin=x")
    assert pdf.startswith(b"%PDF-")
    assert b"/Lang (fr-FR)" in pdf or b"/Lang(fr-FR)" in pdf
    assert b"pdfuaid:part" in pdf


def test_it_holds_what_was_said_and_what_was_found() -> None:
    """Read back from the laid-out document, which no one can do with the letters of a PDF."""
    found = ask()
    read = answer_as_read(found, TODAY, "")
    assert read["said"] == "On voudrait rouvrir le bistrot dans l’ancienne école"
    assert read["title"] == "Qui peut aider Bourrou ?"
    assert read["date"] == "21 novembre 2026"
    assert read["rings"] == [ring.level.code for ring in found.rings]
    assert read["funding"] == len(found.funding)


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ('#import "x": *', '#import "x": *'),
        ("\\ $x^2$ @ref <label>", "\\ $x^2$ @ref <label>"),
        ("#panic()", "#panic()"),
        ("= Titre\n- liste // note", "= Titre - liste // note"),
        ("bistrot 🎉", "bistrot"),
        ("我们", "□□"),
        ("\x00\x01\u202eé\ud800", "é"),
        ("", "…"),
    ],
)
def test_what_is_typed_is_only_text(typed: str, drawn: str) -> None:
    found = ask(typed)
    assert said_in(found) == drawn
    assert answer_as_pdf(found, TODAY, "").startswith(b"%PDF-")


def test_a_very_long_text_keeps_to_three_pages() -> None:
    found = ask(("médecin école isolation pont bistrot " * 300)[:8_000])
    read = answer_as_read(found, TODAY, "")
    assert read["pages"] <= 3
    assert len(read["said"]) <= 901


def test_a_word_without_end_is_given_places_to_be_cut() -> None:
    assert answer_as_pdf(ask("a" * 8_000), TODAY, "").startswith(b"%PDF-")


@pytest.mark.parametrize("code", [None, "24061", "200040392", "97401", "75056", "97501"])
@pytest.mark.parametrize("text", ["le pont est fermé", "zzzz", BISTROT])
def test_every_answer_has_its_paper(code: str | None, text: str) -> None:
    found = ask(text, code)
    read = answer_as_read(found, TODAY, "")
    assert 1 <= read["pages"] <= 3
    assert answer_as_pdf(found, TODAY, "").startswith(b"%PDF-")


def test_every_character_let_through_can_be_drawn() -> None:
    """PDF/UA refuses a document with a letter that its font lacks."""
    letters = [
        chr(code)
        for low, high in DRAWN
        for code in range(low, high + 1)
        if unicodedata.category(chr(code)) not in {"Cn", "Cc", "Cf"}
    ]
    kept = printable(" ".join(letters))
    assert len(letters) > 1_500
    source = f'#set document(title: "x")\n#set text(font: "Libertinus Serif")\n#"{_escaped(kept)}"'
    pdf = typst.compile(
        source.encode(), ignore_system_fonts=True, format="pdf", pdf_standards="ua-1"
    )
    assert pdf.startswith(b"%PDF-")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def test_printable_draws_no_emptiness() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    assert "\n" not in printable(everything[:0x3000])
    assert printable("  Le \n\t bistrot  ") == "Le bistrot"


def test_cut_keeps_whole_words() -> None:
    assert cut("rouvrir le bistrot", 12) == "rouvrir le…"
    assert cut("rouvrir", 12) == "rouvrir"


def test_the_page_gives_it(client: Client) -> None:
    got = client.get("/orientation/pdf/", {"commune": "24061", "besoin": BISTROT})
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.content.startswith(b"%PDF-")
