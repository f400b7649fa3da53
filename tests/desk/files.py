"""Small files of each kind, made by hand, for tests."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

from odfdo import Document
from openpyxl import Workbook

CONTENT_TYPES = "[Content_Types].xml"
WORD = (
    b'<Types><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    b'officedocument.wordprocessingml.document.main+xml"/></Types>'
)


def pdf(*objects: bytes) -> bytes:
    """A PDF that holds `objects` (bodies of indirect objects) after its catalogue."""
    out = b"%PDF-1.7\n"
    for number, body in enumerate((b"<< /Type /Catalog >>", *objects), 1):
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    return out + b"trailer\n<< /Root 1 0 R >>\n%%EOF\n"


def packed(content: bytes, kind: bytes = b"/ObjStm") -> bytes:
    """The body of a compressed stream of a PDF."""
    body = zlib.compress(content)
    head = b"<< /Type %s /Filter /FlateDecode /Length %d >>" % (kind, len(body))
    return head + b"\nstream\n" + body + b"\nendstream"


def png(width: int = 4, height: int = 3) -> bytes:
    """A PNG that says those dimensions."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\x00" * 5 * 3)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    )


def jpeg(width: int = 4, height: int = 3) -> bytes:
    """A JPEG that says those dimensions, with a thumbnail's end before its own."""

    def segment(marker: int, body: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body

    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE1, b"Exif\x00\x00 thumbnail \xff\xd9"),
            segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"),
            segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            b"\x12\x34",
            b"\xff\xd9",
        )
    )


def archive(entries: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of `entries`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return out.getvalue()


def odf(kind: str = "text", **more: bytes) -> bytes:
    """An ODF document as a library writes it, with more entries (``/`` written ``__``)."""
    out = io.BytesIO()
    Document(kind).save(out)
    if more:
        with zipfile.ZipFile(out, "a") as made:
            for name, content in more.items():
                made.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    """A Word document, with more entries (``/`` written ``__``)."""
    entries = {CONTENT_TYPES: WORD, "word/document.xml": b"<document/>"}
    return archive(entries | {name.replace("__", "/"): body for name, body in more.items()})


def xlsx() -> bytes:
    """A workbook as a library writes it."""
    out = io.BytesIO()
    book = Workbook()
    book.active["A1"] = "Toiture"
    book.save(out)
    return out.getvalue()
