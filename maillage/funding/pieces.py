"""The documents of a plan, as pages show them: by line, those of removed lines apart, as a zip."""

import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from shutil import copyfileobj
from typing import IO, Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.utils.timezone import localtime

from maillage.common.documents.checking import clean_name
from maillage.common.uploads import MEGABYTE
from maillage.engine.funding.types import OWN, WRITTEN, Status
from maillage.funding.document import PlanDocument, Source
from maillage.funding.enums import Paper
from maillage.funding.models import Attachment, Plan

#: Statuses at which a letter says nothing more: the funder has written otherwise, or refused.
_BEYOND_LETTERS: Final = WRITTEN | {Status.REFUSED}
#: What some systems do not accept in a file's name.
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*]')
_LONGEST_FOLDER: Final = 60
_LOST: Final = "Fichiers introuvables.txt"


@dataclass(frozen=True, slots=True)
class Pieces:
    """The documents of a plan: those of each line by its identifier, those of lines that are no
    longer there as (identifier, name it had, documents).
    """

    by_line: dict[str, list[Attachment]]
    removed: tuple[tuple[str, str, list[Attachment]], ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(map(len, self.by_line.values())) + sum(len(held) for *_, held in self.removed)


def pieces_of(plan: Plan, document: PlanDocument) -> Pieces:
    """The documents of `plan`, whose lines are those of `document` (one query)."""
    found: dict[str, list[Attachment]] = {}
    for one in plan.attachments.held().select_related("added_by"):
        found.setdefault(one.resource, []).append(one)
    lines = {one.id for one in document.resources}
    gone = tuple((name, held[-1].line, held) for name, held in found.items() if name not in lines)
    return Pieces({name: held for name, held in found.items() if name in lines}, gone)


def letter_to_note(source: Source, held: Iterable[Attachment]) -> bool:
    """True when a letter is attached to a line that does not say yet that its funder has written
    (the check of letters reads it).
    """
    silent = source.fund not in OWN and not source.letter and source.status not in _BEYOND_LETTERS
    return silent and any(one.paper == Paper.LETTER for one in held)


def as_zip(pieces: Pieces, document: PlanDocument) -> IO[bytes]:
    """Every document in a folder by line, each name once, in a temporary file that goes when it is
    closed. Those whose file is no longer there are named in a text beside them.
    """
    held = [(one.label, pieces.by_line.get(one.id, [])) for one in document.resources]
    held += [(f"{label} (ligne retirée)", rows) for _, label, rows in pieces.removed]
    made = tempfile.SpooledTemporaryFile(MEGABYTE)  # noqa: SIM115 - the answer closes it
    taken: set[str] = set()
    lost = []
    # Documents are packed already: packing them again would only take time.
    with ZipFile(made, "w", ZIP_STORED) as archive:
        for label, rows in held:
            for row in rows:
                name = _free(_folder(label), _FORBIDDEN.sub("-", row.name), taken)
                entry = ZipInfo(name, localtime(row.added_at).timetuple()[:6])
                try:
                    with row.file.open("rb") as read, archive.open(entry, "w") as written:
                        copyfileobj(read, written)
                except FileNotFoundError:
                    lost.append(name)
        if lost:
            archive.writestr(_LOST, "À joindre de nouveau :\r\n" + "\r\n".join(lost))
    made.seek(0)
    return made


def _folder(label: str) -> str:
    return clean_name(_FORBIDDEN.sub("-", label))[:_LONGEST_FOLDER].rstrip(" .")


def _free(folder: str, name: str, taken: set[str]) -> str:
    """A path that no other document has, whatever the case of its letters."""
    stem, dot, ending = name.rpartition(".")
    number, path = 1, f"{folder}/{name}"
    while path.casefold() in taken:
        number += 1
        path = f"{folder}/{stem} ({number}){dot}{ending}"
    taken.add(path.casefold())
    return path
