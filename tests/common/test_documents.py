"""Documents: accepted on their content, kept apart, given back as files."""

import doctest
import hashlib
import io
import os
import stat
import struct
import tracemalloc
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile, UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.test import RequestFactory

from maillage.common.documents import checking, content
from maillage.common.documents.checking import (
    ACCEPT,
    Checked,
    check,
    clean_name,
    formats,
    weight,
    with_ending,
)
from maillage.common.documents.content import Refused
from maillage.common.documents.keeping import Limits, Room, serve
from maillage.common.uploads import MEGABYTE
from maillage.config import paths
from maillage.config.settings import base
from tests.desk import files


def upload(body: bytes, name: str = "devis.pdf") -> UploadedFile:
    return SimpleUploadedFile(name, body)


def on_disk(body: bytes, name: str = "devis.pdf") -> TemporaryUploadedFile:
    """As Django gives what is too large for memory."""
    made = TemporaryUploadedFile(name, "application/octet-stream", len(body), None)
    made.write(body)
    made.seek(0)
    return made


def refusal(body: bytes, name: str = "devis.pdf") -> str:
    """Why it is refused: the same in memory and on the disk."""
    with pytest.raises(Refused) as here:
        check(upload(body, name))
    with on_disk(body, name) as made, pytest.raises(Refused) as there:
        check(made)
    assert str(here.value) == str(there.value)
    return str(here.value)


GOOD = {
    "pdf": files.pdf(),
    "png": files.png(),
    "jpeg": files.jpeg(),
    "odt": files.odf("text"),
    "ods": files.odf("spreadsheet"),
    "docx": files.docx(),
    "xlsx": files.xlsx(),
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_good_file_is_known_by_its_content(kind: str) -> None:
    body = GOOD[kind]
    ending = content.KINDS[kind].endings[0]
    expected = Checked(f"Toiture de l'école.{ending}", kind, len(body),
                       hashlib.sha256(body).hexdigest())  # fmt: skip
    for said in (f"Toiture de l'école.{ending}", "Toiture de l'école.exe", "Toiture de l'école"):
        sent = upload(body, said)
        assert check(sent) == expected
        assert sent.read() == body, "it is left ready to be read"
        with on_disk(body, said) as kept:
            assert check(kept) == expected
            assert kept.read() == body


def test_every_kind_that_is_accepted_is_tried() -> None:
    assert set(GOOD) == set(content.KINDS)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "vide"),
        (b"Bonjour", "pas accepté"),
        (b"MZ\x90\x00" + b"\x00" * 100, "pas accepté"),
        (b"GIF89a\x01\x00\x01\x00", "pas accepté"),
        (b"<html><script>alert(1)</script></html>", "pas accepté"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "pas accepté"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "ancien format"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "JPEG"),
        # Cut while it was sent.
        (files.pdf()[:-10], "incomplet"),
        (files.png()[:-6], "incomplet"),
        (files.jpeg()[:-3], "incomplet"),
        (files.docx()[:-30], "incomplet"),
        (b"PK\x03\x04", "incomplet"),
        (b"\x89PNG\r\n\x1a\n", "incomplet"),
        (b"\xff\xd8\xff", "incomplet"),
        # Images of a size that would fill a computer.
        (files.png(40_000, 10), "trop grande"),
        (files.png(20_000, 20_000), "trop grande"),
        (files.png(0, 10), "trop grande"),
        (files.jpeg(60_000, 60_000), "trop grande"),
        # Programs.
        (files.docx(**{"word/vbaProject.bin": b"x"}), "macro"),
        (files.docx(**{"word/activeX/activeX1.xml": b"x"}), "macro"),
        (files.docx(**{"xl/macrosheets/sheet1.xml": b"x"}), "macro"),
        (files.odf("text", **{"Basic/Standard/Module1.xml": b"x"}), "macro"),
        (files.odf("text", **{"Scripts/python/hello.py": b"x"}), "macro"),
        (files.odf("text", **{"other.xml": b'<a href="vnd.sun.star.script:x"/>'}), "macro"),
        # Archives that are not documents, or not of ours.
        (files.archive({"a.txt": b"x"}), "pas accepté"),
        (files.archive({"mimetype": b"application/zip", "content.xml": b"x"}), "pas accepté"),
        (files.archive({files.CONTENT_TYPES: files.WORD}), "pas accepté"),
        (files.odf("presentation"), "pas accepté"),
        (files.archive({files.CONTENT_TYPES: files.WORD, "word/a": b"x"}, zipfile.ZIP_LZMA),
         "pas accepté"),
        # Paths that lead out.
        (files.docx(**{"../../etc/passwd": b"x"}), "abîmé"),
        (files.docx(**{"/etc/passwd": b"x"}), "abîmé"),
        (files.docx(**{"C:/x": b"x"}), "abîmé"),
        (files.docx(**{"word\\..\\..\\x": b"x"}), "abîmé"),
        # Locked.
        (files.archive({
            "mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"?",
            "META-INF/manifest.xml": b"<manifest:encryption-data/>",
        }), "mot de passe"),
    ],
)  # fmt: skip
def test_what_is_refused_says_why_and_what_to_do(body: bytes, why: str) -> None:
    said = refusal(body)
    assert why in said
    assert said.startswith("« devis.pdf »")
    assert any(verb in said for verb in ("oignez", "nregistrez", "éduisez"))


def test_an_archive_locked_by_a_password_is_refused() -> None:
    body = bytearray(files.docx())
    at = body.find(b"PK\x01\x02")
    while at != -1:  # the mark of a ciphered entry, in the table of contents
        body[at + 8] |= 1
        at = body.find(b"PK\x01\x02", at + 4)
    assert "mot de passe" in refusal(bytes(body))


def test_two_entries_of_one_name_are_refused() -> None:
    out = io.BytesIO(files.docx())
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(out, "a") as made:
        made.writestr("word/document.xml", b"<other/>")
    assert "abîmé" in refusal(out.getvalue())


def test_an_archive_that_would_swell_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST_INFLATED", 1_000_000)
    assert "trop gros" in refusal(files.docx(**{"word/big.xml": b"a" * 1_100_000}))
    assert check(upload(files.docx(**{"word/big.xml": b"a" * 900_000}))).kind == "docx"


def test_an_archive_of_nothing_but_room_is_refused() -> None:
    """Each entry is held to what a true text may weigh for its packed weight."""
    assert content.MOST_INFLATED <= 40_000_000
    assert "trop gros" in refusal(files.docx(**{"word/big.xml": b"\0" * 5_000_000}))
    lines = b"".join(b"<c r='A%d'><v>%d</v></c>" % (n, n * 7919 % 10_007) for n in range(200_000))
    assert check(upload(files.docx(**{"word/big.xml": lines}))).kind == "docx"


def test_packed_objects_of_nothing_but_room_are_read_to_their_end() -> None:
    assert check(upload(files.pdf(files.packed(b"\0" * 20_000_000)))).kind == "pdf"
    assert "trop gros" in refusal(files.pdf(files.packed(b"\0" * 45_000_000)))


def test_an_archive_that_lies_about_its_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it declares is small; what comes out of it is counted."""
    monkeypatch.setattr(content, "MOST_INFLATED", 1_000_000)
    big = b"a" * 3_000_000
    body = files.docx(**{"word/big.xml": big})
    lying = body.replace(struct.pack("<I", len(big)), struct.pack("<I", 1_000))
    assert lying != body
    assert refusal(lying)


def test_an_archive_of_too_many_entries_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST_ENTRIES", 50)
    assert "trop gros" in refusal(files.docx(**{f"word/{n}.xml": b"" for n in range(60)}))
    assert check(upload(files.docx(**{f"word/{n}.xml": b"" for n in range(40)}))).kind == "docx"


@pytest.mark.parametrize(
    "action",
    [
        b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>",
        b"<</S/JavaScript/JS 4 0 R>>",
        b"<< /S /J#61vaScript >>",
        b"<< /S /#4a#53 >>",
        b"<< /S /Launch /F (calc.exe) >>",
    ],
)
def test_a_pdf_that_runs_something_is_refused(action: bytes) -> None:
    assert "programme" in refusal(files.pdf(action))
    assert "programme" in refusal(files.pdf(files.packed(action)))
    # Across two pieces of what is inflated.
    far = b"x" * (content._PIECE - 8) + action
    assert "programme" in refusal(files.pdf(files.packed(far)))


def test_a_pdf_that_only_speaks_of_programs_is_accepted() -> None:
    page = files.packed(b"(/JavaScript et /Launch) Tj", kind=b"/XObject")
    names = b"<< /JSON 1 /LaunchPad 2 /Nom (devis) >>"
    binary = b"<< /Length 20 >>\nstream\n /JS /JavaScript /Launch \nendstream"
    assert check(upload(files.pdf(page, names, binary))).kind == "pdf"


def test_packed_objects_that_would_swell_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST_INFLATED", 1_000_000)
    assert "trop gros" in refusal(files.pdf(files.packed(b"0" * 3_000_000)))


def test_packed_objects_that_cannot_be_read_do_not_stop_it() -> None:
    """Those of a ciphered PDF, which the desk's reader opens."""
    body = b"<< /Type /ObjStm /Length 9 >>\nstream\nciphered!\nendstream"
    assert check(upload(files.pdf(body))).kind == "pdf"


def test_the_size_is_limited_by_a_setting(settings: LazySettings) -> None:
    settings.MAILLAGE = {**settings.MAILLAGE, "UPLOAD_MAX_MB": 1}
    heavy = files.pdf(files.packed(os.urandom(2 * MEGABYTE), kind=b"/X"))
    said = refusal(heavy)
    assert "2\u00a0Mo" in said
    assert "1\u00a0Mo" in said


def test_a_large_file_is_never_whole_in_memory() -> None:
    body = files.pdf(files.packed(os.urandom(8 * MEGABYTE), kind=b"/X"))
    with on_disk(body) as made:
        tracemalloc.start()
        try:
            check(made)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert most < MEGABYTE


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("devis.pdf", "devis.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Documents\\devis toit.pdf", "devis toit.pdf"),
        ("devis\x00\n\r\u202efdp.exe", "devis fdp.pdf"),
        ("e\u0301cole.pdf", "école.pdf"),
        ("  .. ", "document.pdf"),
        ("", "document.pdf"),
        (".pdf", "pdf.pdf"),
        ("Devis v1.2", "Devis v1.2.pdf"),
        ("M. Dupont", "M. Dupont.pdf"),
        ("plan.JPG", "plan.pdf"),
        ("plan.PDF", "plan.PDF"),
        ("archive.tar.docx", "archive.tar.pdf"),
        ("Délibération n° 12 « école ».pdf", "Délibération n° 12 « école ».pdf"),
        ("😀 plan.pdf", "😀 plan.pdf"),
    ],
)
def test_names_are_cleaned_and_agree_with_the_content(said: str, kept: str) -> None:
    sent = upload(files.pdf())
    sent._name = said  # a browser may send what Django's own setter would have changed
    assert check(sent).name == kept


def test_a_long_name_keeps_its_ending() -> None:
    for said in ("a" * 400 + ".pdf", "a" * 400, "é " * 200 + ".pdf", "a." * 200):
        name = clean_name(said)
        assert len(name) <= 150
        assert len(with_ending(name, "docx")) <= 150
        assert with_ending(name, "docx").endswith(".docx")


@pytest.mark.parametrize(
    ("size", "said"),
    [(1, "1 ko"), (34_900, "34 ko"), (MEGABYTE, "1 Mo"), (2_516_582, "2,4 Mo"),
     (10 * MEGABYTE, "10 Mo"), (100 * MEGABYTE, "100 Mo")],
)  # fmt: skip
def test_sizes_are_said_in_words(size: int, said: str) -> None:
    assert weight(size) == said.replace(" ", "\u00a0")


def test_the_page_can_say_what_may_be_joined() -> None:
    assert formats() == (
        "PDF, image PNG, image JPEG, ODT, ODS, DOCX ou XLSX ; 10\u00a0Mo au plus par fichier"
    )
    assert ".jpeg" in ACCEPT.split(",")


def test_the_examples_of_the_docstrings_hold() -> None:
    found = doctest.testmod(checking)
    assert (found.attempted > 0, found.failed) == (True, 0)


def test_there_is_room_for_so_many_files_and_no_more() -> None:
    small = Checked("plan.pdf", "pdf", 1_000, "0")
    most = Limits("ce plan", files=20, octets=60_000)
    room = Room(most, files=2, octets=2_500)
    assert room.take(small) == Room(most, 1, 1_500)
    with pytest.raises(Refused, match="ce plan a déjà 20 pièces"):
        room.take(small).take(small).take(small)
    with pytest.raises(Refused, match="ne reste que 1\u00a0ko sur les 59\u00a0ko de ce plan"):
        Room(most, 5, 900).take(small)
    with pytest.raises(Refused, match="ne reste que rien"):
        Room(most, 5, -3).take(small)


# -- Sent to the site


def sent(body: bytes) -> tuple[HttpRequest, UploadedFile]:
    """A form with a text before and after a file, as the site receives it."""
    data = {"need": "Réparer le pont", "file": upload(body, "pont.pdf"), "after": "Merci"}
    request = RequestFactory().post("/", data)
    return request, request.FILES["file"]


def test_a_small_file_stays_in_memory_and_a_large_one_goes_to_the_disk() -> None:
    assert not hasattr(sent(files.pdf())[1], "temporary_file_path")
    large = files.pdf(files.packed(os.urandom(4 * MEGABYTE), kind=b"/X"))
    request, kept = sent(large)
    assert Path(kept.temporary_file_path()).stat().st_size == len(large)
    assert check(kept).size == len(large)
    assert request.POST["after"] == "Merci"
    kept.close()


def test_a_file_too_large_is_refused_and_nothing_else_is_lost() -> None:
    request, kept = sent(b"%PDF-" + b"0" * (30 * MEGABYTE))
    written = Path(kept.temporary_file_path()).stat().st_size
    assert written == 10 * MEGABYTE, "the rest is thrown away, not written"
    assert request.POST["need"] == "Réparer le pont"
    assert request.POST["after"] == "Merci"
    with pytest.raises(Refused, match="pèse 30\u00a0Mo"):
        check(kept)
    kept.close()


# -- Kept, and given back


@dataclass
class Kept:
    name: str
    kind: str
    file: Any


class _Field:
    def __init__(self, body: bytes | None) -> None:
        self.body = body

    def open(self, mode: str) -> ContentFile:
        assert mode == "rb"
        if self.body is None:
            raise FileNotFoundError
        return ContentFile(self.body)


def given_back(name: str, kind: str, body: bytes) -> HttpResponse:
    response = serve(Kept(name, kind, _Field(body)))
    assert b"".join(response) == body
    return response


@pytest.mark.parametrize("kind", GOOD)
def test_a_document_is_given_back_as_a_file_to_save(kind: str) -> None:
    ending = content.KINDS[kind].endings[0]
    response = given_back(f"Devis « école » 😀.{ending}", kind, GOOD[kind])
    head = response.headers
    assert head["Content-Type"] == content.KINDS[kind].mime
    assert head["Content-Disposition"].startswith("attachment; filename*=utf-8''Devis%20%C2%AB")
    assert head["X-Content-Type-Options"] == "nosniff"
    assert head["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert head["Cache-Control"] == "private, no-store"
    assert head["Content-Length"] == str(len(GOOD[kind]))


def test_a_name_cannot_write_a_header() -> None:
    response = given_back('a"\r\nSet-Cookie: x=1.pdf', "pdf", b"x")
    assert "\n" not in response.headers["Content-Disposition"]
    assert "Set-Cookie" not in response.headers


def test_a_document_whose_file_is_gone_is_not_found() -> None:
    with pytest.raises(Http404, match="plus disponible"):
        serve(Kept("plan.pdf", "pdf", _Field(None)))


def test_files_are_kept_where_only_the_site_reads(tmp_path: Path) -> None:
    """By the settings of the site itself, but for the place."""
    kept = base.STORAGES["default"]
    assert base.MEDIA_ROOT == paths.STATE / "files"
    assert "location" not in kept["OPTIONS"]
    made = storages.create_storage(
        {**kept, "OPTIONS": {**kept["OPTIONS"], "location": tmp_path / "files"}}
    )
    name = made.save("demandes/1/abc", ContentFile(b"x"))
    file = Path(made.path(name))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for folder in (tmp_path / "files", tmp_path / "files/demandes", file.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with on_disk(b"y" * 100) as large:
        moved = Path(made.path(made.save("demandes/1/def", large)))
    assert stat.S_IMODE(moved.stat().st_mode) == 0o600
