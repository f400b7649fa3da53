"""What a file that is sent may be: known by its content, under a name that can be trusted.

What a document is, is read in its content (`content.kind_of`), never in its name.
"""

import hashlib
import mmap
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import UnsupportedOperation
from mimetypes import MimeTypes
from typing import Final

from django.core.files.uploadedfile import UploadedFile

from maillage.common.documents.content import KINDS, Octets, Refused, kind_of
from maillage.common.uploads import MEGABYTE, largest_upload

LONGEST_NAME: Final = 150
#: What a file field may say in its ``accept``.
ACCEPT: Final = ",".join(f".{ending}" for kind in KINDS.values() for ending in kind.endings)

#: Endings that are surely one (« .exe », « .doc »), told from « Devis v1.2 » or « M. Dupont ».
_ENDINGS: Final = MimeTypes().types_map[True]
_SPACES: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept. ``kind`` is a key of `content.KINDS`; ``size`` is in bytes."""

    name: str
    kind: str
    size: int
    sha256: str


def check(upload: UploadedFile) -> Checked:
    """Say what `upload` is, and leave it ready to be read again from its start.

    Raises `Refused`, whose message says to the person what is wrong and what to do. A file that
    came by a temporary one is read where it is, never loaded whole in memory.
    """
    said = clean_name(upload.name or "")
    size = upload.size or 0
    if not size:
        raise Refused(
            f"« {said} » est vide : rien n'a été reçu. Vérifiez le fichier et joignez-le à nouveau."
        )
    if size > largest_upload():
        raise Refused(
            f"« {said} » pèse {weight(size)} : c'est plus que les {weight(largest_upload())} "
            "acceptés. Réduisez-le (un document numérisé se réduit en 150 points par pouce), ou "
            "envoyez-le en plusieurs fichiers."
        )
    with _octets(upload) as data:
        try:
            kind = kind_of(data, upload)
        except Refused as refused:
            raise Refused(f"« {said} » : {refused}") from refused
    return Checked(name=with_ending(said, kind), kind=kind, size=size, sha256=digest(upload))


def digest(upload: UploadedFile) -> str:
    """SHA-256 of `upload`, left ready to be read again: it costs little, whatever the file is."""
    if not upload.size:
        return ""
    with _octets(upload) as data:
        found = hashlib.sha256(data).hexdigest()
    upload.seek(0)
    return found


@contextmanager
def _octets(upload: UploadedFile) -> Iterator[Octets]:
    """The content: seen in place when it is a file of the disk, read when it is in memory."""
    upload.seek(0)
    try:
        mapped = mmap.mmap(upload.file.fileno(), 0, access=mmap.ACCESS_READ)
    except (AttributeError, UnsupportedOperation):
        yield upload.read()
        return
    with mapped:
        yield mapped


def clean_name(name: str) -> str:
    """The last part of `name`, without what a file's name may not hold; « document » if none.

    >>> clean_name("C:\\\\Mairie\\\\..\\\\devis  toiture\\x00.pdf")
    'devis toiture.pdf'
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Controls, marks that turn the writing (« gpj.exe »), lone halves of characters.
    seen = "".join(" " if c.isspace() else c for c in last if c.isspace() or _shown(c))
    kept = _SPACES.sub(" ", seen).strip(" .")
    stem, dot, ending = kept.rpartition(".")
    if dot and len(ending) < 10:
        return f"{stem[: LONGEST_NAME - len(ending) - 1].rstrip(' .')}.{ending}"
    return kept[:LONGEST_NAME].rstrip(" .") or "document"


def _shown(character: str) -> bool:
    return unicodedata.category(character)[0] != "C"


def with_ending(name: str, kind: str) -> str:
    """`name` with an ending that says what the file is.

    >>> with_ending("Plan.PDF", "pdf"), with_ending("plan.exe", "pdf"), with_ending("v1.2", "odt")
    ('Plan.PDF', 'plan.pdf', 'v1.2.odt')
    """
    endings = KINDS[kind].endings
    stem, dot, ending = name.rpartition(".")
    if dot and ending.lower() in endings:
        return name
    if not (stem and _is_an_ending(ending)):
        stem = name
    return f"{stem[: LONGEST_NAME - len(endings[0]) - 1].rstrip(' .')}.{endings[0]}"


def _is_an_ending(text: str) -> bool:
    known = any(text.lower() in kind.endings for kind in KINDS.values())
    return known or f".{text.lower()}" in _ENDINGS


def weight(size: int) -> str:
    """A number of bytes in words: « 34 ko », « 2,4 Mo »."""
    if size < MEGABYTE:
        return f"{max(1, round(size / 1024))}\u00a0ko"
    return f"{size / MEGABYTE:.1f}\u00a0Mo".replace(".", ",").replace(",0", "")


def formats() -> str:
    """The kinds of files that are accepted and what each may weigh, to be said by a page."""
    *first, last = (kind.label for kind in KINDS.values())
    return f"{', '.join(first)} ou {last} ; {weight(largest_upload())} au plus par fichier"
