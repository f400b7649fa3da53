"""Reading papers again, and the worst that people may type."""

import io
import xml.etree.ElementTree as ET
import zipfile

from odfdo import Document

HOSTILE = [
    '"; #import "x": *',
    "#panic() $x^2$ @ref <label> = Titre",
    "</text:p></office:text> & <script>alert(1)</script> ]]>",
    "l'école 🎉 我们 \u202egpj.exe",
    "\x00\x01\x0b\x1f\ufffe\uffff\ud800 fin",
    "mot" * 1_000,
    "[à compléter]",
    "{{ need }} {% now %} %s ${TITLE} $TITLE",
    "\n\n \n",
]


def text_of(octets: bytes) -> str:
    """All that an ODT says, a paragraph a line, reopened by the library and by another parser."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        for name in ("content.xml", "styles.xml", "meta.xml"):
            ET.fromstring(archive.read(name))
    return Document(io.BytesIO(octets)).get_formatted_text().replace("\u00a0", " ")


def headings(octets: bytes) -> list[str]:
    body = Document(io.BytesIO(octets)).body
    return [str(h.inner_text).replace("\u00a0", " ") for h in body.headers]
