"""How documents are kept: so many and no more, where no address leads, given back as files.

They are under the state folder, each under a name that says nothing of it, and given back only by
`serve`, as a file to be saved, which no browser opens in the site's name.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any, Protocol

from django.core.files.storage import default_storage
from django.db import models
from django.db.models import Count, Sum
from django.http import FileResponse, Http404
from django.utils.timezone import now

from maillage.common.documents.checking import Checked, weight
from maillage.common.documents.content import KINDS, Refused


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that something keeps; ``whose`` is its name in a sentence (« cette demande »)."""

    whose: str
    files: int
    octets: int

    def room(self, kept: models.QuerySet[Any]) -> "Room":
        """What may still be joined to what holds the documents `kept` (one query)."""
        held = kept.aggregate(files=Count("pk"), octets=Sum("size"))
        return Room(self, self.files - held["files"], self.octets - (held["octets"] or 0))


@dataclass(frozen=True, slots=True)
class Room:
    """What may still be joined, within the limits `most`. ``octets`` is in bytes."""

    most: Limits
    files: int
    octets: int

    def take(self, checked: Checked) -> "Room":
        """The room that is left after `checked`. Raises `Refused` when there is not enough."""
        if self.files <= 0:
            raise Refused(
                f"« {checked.name} » n'a pas été joint : {self.most.whose} a déjà "
                f"{self.most.files} pièces, le plus que l'on puisse garder. Retirez-en une, ou "
                "réunissez-en plusieurs en un seul PDF."
            )
        if checked.size > self.octets:
            left = weight(self.octets) if self.octets > 0 else "rien"
            raise Refused(
                f"« {checked.name} » n'a pas été joint : il pèse {weight(checked.size)} et il ne "
                f"reste que {left} sur les {weight(self.most.octets)} de {self.most.whose}. "
                "Réduisez-le, ou retirez une autre pièce."
            )
        return Room(self.most, self.files - 1, self.octets - checked.size)


class _Kept(Protocol):
    name: str
    kind: str
    file: Any


def serve(kept: _Kept) -> FileResponse:
    """Give back a document, as a file to be saved. Rights are checked before, by who calls.

    Raises ``Http404`` when its file is no longer there.
    """
    try:
        opened: IO[bytes] = kept.file.open("rb")
    except FileNotFoundError as error:
        raise Http404(f"« {kept.name} » n'est plus disponible.") from error
    return as_file(opened, kept.name, KINDS[kept.kind].mime)


def as_file(content: IO[bytes], name: str, mime: str) -> FileResponse:
    """Answer with private content as a file to be saved."""
    response = FileResponse(content, as_attachment=True, filename=name, content_type=mime)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def erase_orphans(
    documents: type[models.Model], folder: str, older_than: timedelta = timedelta(days=1)
) -> int:
    """Erase files of `folder` that none of the `documents` names (the writing that named them was
    undone); return how many. A file is at ``folder/<what holds it>/<name>``.

    Those younger than `older_than` are left: their writing may not be over yet.
    """
    if not default_storage.exists(folder):
        return 0
    known = set(documents._default_manager.values_list("file", flat=True))
    orphans = [
        name
        for held in default_storage.listdir(folder)[0]
        for file in default_storage.listdir(f"{folder}/{held}")[1]
        if (name := f"{folder}/{held}/{file}") not in known
        and default_storage.get_modified_time(name) < now() - older_than
    ]
    for name in orphans:
        default_storage.delete(name)
    return len(orphans)
