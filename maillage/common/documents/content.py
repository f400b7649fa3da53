"""What a file really is, read in its content: PDF, image, or office document without a program.

Nothing is trusted of what a file says of itself: an archive is inflated to the end, and counted;
images say their size in pixels; a PDF is read up to the objects that it packs. It is not an
antivirus: it refuses what nobody has a reason to send to this site.
"""

import mmap
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice
from typing import IO, Final, NamedTuple

Octets = bytes | mmap.mmap


class Refused(Exception):
    """The file is not accepted; the message says why and what to do, in French."""


class Kind(NamedTuple):
    """A kind of file: its name, its media type, the endings of its names (the usual one first)."""

    label: str
    mime: str
    endings: tuple[str, ...]


_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
_OPEN: Final = "application/vnd.oasis.opendocument"
KINDS: Final = {
    "pdf": Kind("PDF", "application/pdf", ("pdf",)),
    "png": Kind("image PNG", "image/png", ("png",)),
    "jpeg": Kind("image JPEG", "image/jpeg", ("jpg", "jpeg")),
    "odt": Kind("ODT", f"{_OPEN}.text", ("odt",)),
    "ods": Kind("ODS", f"{_OPEN}.spreadsheet", ("ods",)),
    "docx": Kind("DOCX", f"{_OFFICE}.wordprocessingml.document", ("docx",)),
    "xlsx": Kind("XLSX", f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",)),
}

MOST_PIXELS: Final = 200_000_000
LONGEST_SIDE: Final = 30_000
MOST_ENTRIES: Final = 3_000
#: What an office document, or the packed objects of a PDF, may weigh once inflated, in bytes.
MOST_INFLATED: Final = 40_000_000
#: How many times its packed weight an entry may weigh: a text comes to 50, mere room to 1000.
MOST_RATIO: Final = 200
_RATIO_FROM: Final = 1_000_000
_PIECE: Final = 1 << 16

_OTHER: Final = (
    "ce type de fichier n'est pas accepté. Joignez un PDF, une image (PNG ou JPEG), ou un document "
    "ODT, ODS, DOCX ou XLSX ; depuis votre logiciel : Fichier, Enregistrer sous, PDF."
)
_DAMAGED: Final = (
    "le fichier est incomplet ou abîmé. Ouvrez-le sur votre ordinateur pour le vérifier, "
    "enregistrez-le à nouveau et joignez ce nouveau fichier."
)
_LOCKED: Final = (
    "le fichier est protégé par un mot de passe : personne ne pourrait l'ouvrir. "
    "Enregistrez-le sans mot de passe, ou en PDF."
)
_OLD: Final = (
    "c'est un ancien format (.doc, .xls) ou un document protégé par un mot de passe. "
    "Enregistrez-le en PDF, ODT, ODS, DOCX ou XLSX, sans mot de passe."
)
_PHONE: Final = (
    "c'est une photo au format HEIC, que tous les ordinateurs n'ouvrent pas. Joignez-la en JPEG "
    "(sur un iPhone : Réglages, Appareil photo, Formats, « Le plus compatible »), ou en PDF."
)
_PROGRAM: Final = (
    "il contient un programme (macro), qui n'est pas accepté. Enregistrez-le en PDF, ou sans "
    "macro, et joignez ce nouveau fichier."
)
_PDF_PROGRAM: Final = (
    "ce PDF contient un programme, qui n'est pas accepté (certains formulaires en ont). "
    "Imprimez-le en choisissant « Enregistrer en PDF », et joignez ce nouveau fichier."
)
_TOO_DEEP: Final = (
    "une fois ouvert, le fichier serait beaucoup trop gros. Enregistrez-le en PDF, ou sans ses "
    "images les plus lourdes."
)
_PIXELS: Final = (
    "l'image est trop grande, ou ses dimensions sont fausses. Réduisez-la, ou joignez-la en PDF."
)


def kind_of(data: Octets, file: IO[bytes]) -> str:
    """Key of `KINDS` of what `data` holds; `file` is the same content, to be read as a file.

    Raises `Refused`.
    """
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        _check_png(data)
        return "png"
    if data[:3] == b"\xff\xd8\xff":
        _check_jpeg(data)
        return "jpeg"
    if data[:4] == b"PK\x03\x04":
        return _office_kind(data, file)
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise Refused(_OLD)
    if data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"mif1", b"msf1"}:
        raise Refused(_PHONE)
    if b"%PDF-" in data[:1024]:
        _check_pdf(data)
        return "pdf"
    raise Refused(_OTHER)


# -- Images


def _check_size(width: int, height: int) -> None:
    sane = 0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE
    if not sane or width * height > MOST_PIXELS:
        raise Refused(_PIXELS)


def _check_png(data: Octets) -> None:
    """Walk the chunks, from the header to the end that says itself."""
    at, first = 8, True
    while at + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if first:
            if name != b"IHDR" or length != 13:
                break
            _check_size(*struct.unpack_from(">II", data, at + 8))
            first = False
        at += 12 + length
        if name == b"IEND" and at <= len(data):
            return
    raise Refused(_DAMAGED)


def _check_jpeg(data: Octets) -> None:
    """Walk the segments up to the picture, its size seen; then it must have an end."""
    at, seen = 2, False
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # filling
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        # Frame headers, all but those that define tables.
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC} and at + 9 <= len(data):
            height, width = struct.unpack_from(">HH", data, at + 5)
            _check_size(width, height)
            seen = True
        at += 2 + max(2, length)
        if marker == 0xDA:
            if seen and data.find(b"\xff\xd9", at) != -1:
                return
            break
    raise Refused(_DAMAGED)


# -- PDF


def _name(word: str) -> bytes:
    """Pattern of a PDF name, each letter as it is or by its number (« /J#53 »)."""
    letters = "".join(f"(?:{c}|#(?i:{ord(c):02x}))" for c in word)
    return f"/{letters}(?=[\\s()<>\\[\\]{{}}/%]|$)".encode()


_ACTIONS: Final = re.compile(b"|".join(map(_name, ("JavaScript", "JS", "Launch"))))
_PACKED: Final = re.compile(_name("ObjStm"))
_STREAM: Final = re.compile(rb">>\s*stream\r?\n")
_LONGEST_DICTIONARY: Final = 4_096


def _check_pdf(data: Octets) -> None:
    """Check its end; refuse what would run a program, in the open or in packed objects.

    The content of other streams (images, fonts, pages) is not read: it holds no action.
    """
    if b"%%EOF" not in data[-2048:]:
        raise Refused(_DAMAGED)
    left = MOST_INFLATED
    for start, end, body in _pdf_parts(data):
        if _ACTIONS.search(data, start, end):
            raise Refused(_PDF_PROGRAM)
        if _PACKED.search(data, max(start, end - _LONGEST_DICTIONARY), end):
            left = _check_packed(data, body, left)


def _pdf_parts(data: Octets) -> Iterator[tuple[int, int, slice]]:
    """What stands between streams, up to the dictionary of the next, and where that one is."""
    start = 0
    while found := _STREAM.search(data, start):
        end = data.find(b"endstream", found.end())
        if end == -1:
            break
        yield start, found.start() + 2, slice(found.end(), end)
        start = end
    yield start, len(data), slice(0, 0)


def _check_packed(data: Octets, body: slice, left: int) -> int:
    """Inflate packed objects and look in them; give what may still be inflated."""
    inflater, tail = zlib.decompressobj(), b""
    for at in range(body.start, body.stop, _PIECE):
        packed = data[at : min(at + _PIECE, body.stop)]
        while packed and not inflater.eof:
            try:
                piece = inflater.decompress(packed, _PIECE)
            except zlib.error:  # ciphered, or packed otherwise
                return left
            left -= len(piece)
            if left < 0:
                raise Refused(_TOO_DEEP)
            if _ACTIONS.search(tail + piece):
                raise Refused(_PDF_PROGRAM)
            tail, packed = piece[-64:], inflater.unconsumed_tail
    return left


# -- Office documents

#: Start of a line of an archive's table of contents.
_ENTRY: Final = re.compile(re.escape(b"PK\x01\x02"))
_PROGRAM_FILES: Final = re.compile(
    r"vbaproject\.bin|vbadata\.xml|(?:^|/)activex/|(?:^|/)macrosheets/|^basic/.|^scripts/.",
    re.IGNORECASE,
)
_OPEN_KINDS: Final = {KINDS[kind].mime.encode(): kind for kind in ("odt", "ods")}
_OFFICE_PARTS: Final = (
    (f'"{KINDS["docx"].mime}.main+xml"'.encode(), "word/", "docx"),
    (f'"{KINDS["xlsx"].mime}.main+xml"'.encode(), "xl/", "xlsx"),
)


def _office_kind(data: Octets, file: IO[bytes]) -> str:
    if sum(1 for _ in islice(_ENTRY.finditer(data), MOST_ENTRIES + 1)) > MOST_ENTRIES:
        raise Refused(_TOO_DEEP)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            _check_entries(archive.infolist())
            kind = _declared(archive)
            _inflate(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError) as error:
        raise Refused(_DAMAGED) from error
    return kind


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename.replace("\\", "/") for entry in entries]
    if len(set(names)) < len(names):
        raise Refused(_DAMAGED)
    if any(name.startswith("/") or ":" in name or ".." in name.split("/") for name in names):
        raise Refused(_DAMAGED)
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused(_LOCKED)
    if any(_PROGRAM_FILES.search(name) for name in names):
        raise Refused(_PROGRAM)
    if any(entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
           for entry in entries):  # fmt: skip
        raise Refused(_OTHER)
    if sum(entry.file_size for entry in entries) > MOST_INFLATED or any(map(_swells, entries)):
        raise Refused(_TOO_DEEP)


def _swells(entry: zipfile.ZipInfo) -> bool:
    """True of what is almost nothing but room once inflated (Python never reads beyond it)."""
    return entry.file_size > _RATIO_FROM and entry.file_size > MOST_RATIO * entry.compress_size


def _declared(archive: zipfile.ZipFile) -> str:
    """What the archive says that it is, its main part being there."""
    names = archive.namelist()
    if "mimetype" in names and "content.xml" in names:
        kind = _OPEN_KINDS.get(_start(archive, "mimetype").strip())
        if kind is None:
            raise Refused(_OTHER)
        if b"encryption-data" in _start(archive, "META-INF/manifest.xml"):
            raise Refused(_LOCKED)
        return kind
    if "[Content_Types].xml" in names:
        types = _start(archive, "[Content_Types].xml")
        if b"macroEnabled" in types:
            raise Refused(_PROGRAM)
        for declared, folder, kind in _OFFICE_PARTS:
            if declared in types and any(name.startswith(folder) for name in names):
                return kind
    raise Refused(_OTHER)


def _start(archive: zipfile.ZipFile, name: str) -> bytes:
    """The first million bytes of an entry; nothing when it is absent."""
    if name not in archive.namelist():
        return b""
    with archive.open(name) as entry:
        return entry.read(1_000_000)


def _inflate(archive: zipfile.ZipFile) -> None:
    """Inflate every entry, keeping nothing: it must be whole, and weigh what it may.

    Links to a program are looked for in what is written (`content.xml`).
    """
    left = MOST_INFLATED
    for entry in archive.infolist():
        text, tail = entry.filename.endswith(".xml"), b""
        with archive.open(entry) as opened:
            while piece := opened.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise Refused(_TOO_DEEP)
                if text and b"vnd.sun.star.script:" in tail + piece:
                    raise Refused(_PROGRAM)
                tail = piece[-32:]
