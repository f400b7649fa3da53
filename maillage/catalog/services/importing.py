"""Imports sent by the web page: the file is read at once when it is short, else by the worker, and
so is what it changes written.
"""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.text import slugify
from django.utils.timezone import now

from maillage.accounts.enums import Role
from maillage.accounts.models import Organisation, User
from maillage.catalog.enums import Action, DatasetKind, ImportKind, ImportState
from maillage.catalog.imports import pipeline
from maillage.catalog.imports.raw import Unreadable
from maillage.catalog.imports.reading import read
from maillage.catalog.models import Dataset, Import
from maillage.catalog.perms import agent_bodies, is_administrator
from maillage.common.progress import Progress

#: Lines that are read, or written, while the person waits; beyond, the worker does.
AT_ONCE: Final = 2_000
#: Folder of the files that wait for the worker.
FOLDER: Final = "imports"
#: A reading that has said nothing for so long is lost with its worker.
LOST: Final = timedelta(minutes=30)
INTERRUPTED: Final = (
    "La lecture a été interrompue (le serveur a redémarré, sans doute). Envoyez de nouveau le "
    "fichier."
)
#: What is said of a writing whose worker was lost.
NOT_WRITTEN: Final = (
    "L'écriture a été interrompue (le serveur a redémarré, sans doute) : rien n'a été changé au "
    "catalogue. Vous pouvez écrire cet import de nouveau, ou l'abandonner."
)
_LONGEST_SLUG: Final = 50


class Abandoned(Exception):
    """The import was given up while the worker was reading it."""


# -- Whose


def bodies(user: User) -> list[Organisation]:
    """The bodies for which this person may import, desks first."""
    own = [body for body in user.bodies(Role.PROVIDER) if body.provider]
    found = {body.pk: body for body in (*agent_bodies(user), *own)}
    return list(found.values())


def kinds(user: User) -> list[tuple[str, str]]:
    """What this person may import, with its label: a provider's own page is not sent in a file."""
    every = is_administrator(user) or agent_bodies(user)
    return [(code, label) for code, label in ImportKind.choices
            if every or code != ImportKind.PROVIDERS]  # fmt: skip


def datasets(user: User) -> QuerySet[Dataset]:
    """The datasets that this person may import into."""
    rows = Dataset.objects.filter(kind=DatasetKind.FILE).order_by("title", "slug")
    if is_administrator(user):
        return rows
    return rows.filter(organisation__in=[body.pk for body in bodies(user)])


def visible(user: User) -> QuerySet[Import]:
    """The imports that this person may see: theirs, those of their bodies; all, for the
    administrator. Those of connectors have their own page.
    """
    rows = Import.objects.filter(run=None).select_related("dataset", "named", "by", "body")
    if is_administrator(user):
        return rows
    mine = [body.pk for body in bodies(user)]
    return rows.filter(Q(by=user) | Q(body__in=mine) | Q(dataset__organisation__in=mine))


def new_dataset(title: str, body: Organisation | None) -> Dataset:
    """The dataset of this title and body, made when it is new."""
    base = slugify(re.sub("[’']", " ", title))[: _LONGEST_SLUG - 7].strip("-") or "jeu"
    found = Dataset.objects.filter(pk=base).first()
    if found and (found.organisation_id, found.kind) != (body.pk if body else None, "file"):
        base = f"{base}-{uuid4().hex[:6]}"
    return pipeline.dataset(base, title, organisation=body)


# -- Reading


def start(
    *,
    by: User,
    kind: str,
    file: "File[bytes]",
    name: str,
    dataset: Dataset,
    body: Organisation | None,
) -> Import:
    """Read a file that was just sent, or give it to the worker when it is long.

    The import that is returned is ready, refused, or still being read. Raises ``PermissionDenied``
    with the reason.
    """
    with _on_disk(file) as path:
        if _is_short(path, name):
            return pipeline.prepare(
                kind=kind, path=path, name=name, dataset=dataset, by=by, body=body
            )
        with transaction.atomic():
            parent = pipeline.begin(kind=kind, name=name, dataset=dataset, by=by, body=body)
            with path.open("rb") as content:
                place = default_storage.save(f"{FOLDER}/{uuid4().hex}", File(content))
            parent.options = {"file": place}
            parent.save(update_fields=["options"])
    return parent


def read_waiting(pk: int) -> None:
    """Read the file of an import that waits (the worker). Nothing is done of one given up."""
    parent = Import.objects.filter(pk=pk, state=ImportState.READING).first()
    place = parent.options.get("file", "") if parent else ""
    if parent is None or not place:
        return
    try:
        with default_storage.open(place) as file, _on_disk(file) as path:
            parent.options = {}
            pipeline.fill(parent, path, _saying(parent.pk, place))
    except Abandoned:
        parent.lines.all().delete()
    except Exception:
        _interrupted(parent)
        raise
    finally:
        default_storage.delete(place)


def _saying(pk: int, place: str) -> Progress:
    """Keep where the reading stands, for its page. Raises `Abandoned` once it was given up."""

    def say(what: str, done: int, total: int) -> None:
        options = {"file": place, "progress": {"what": what, "done": done, "total": total}}
        held = Import.objects.filter(pk=pk, state=ImportState.READING)
        if not held.update(options=options, updated_at=now()):
            raise Abandoned

    return say


def _is_short(path: Path, name: str) -> bool:
    """Whether so few lines are read while the person waits. What cannot be read is refused fast."""
    try:
        return sum(1 for _ in islice(read(path, name), AT_ONCE + 1)) <= AT_ONCE
    except Unreadable:
        return True


@contextmanager
def _on_disk(file: "File[bytes] | IO[bytes]") -> Iterator[Path]:
    """A path at which `file` is read: its own when it has one, else a copy for a time."""
    own = getattr(file, "temporary_file_path", None)
    if own:
        yield Path(own())
        return
    with NamedTemporaryFile() as copy:
        file.seek(0)
        shutil.copyfileobj(file, copy)
        copy.flush()
        yield Path(copy.name)


# -- Writing


def is_short_to_write(parent: Import) -> bool:
    """Whether the changes are written while the person waits."""
    touched = (Action.NEW, Action.CHANGED, Action.GONE)
    return sum(parent.counts.get(action, 0) for action in touched) <= AT_ONCE


def write(parent: Import, *, by: User, accept_gone: bool) -> bool:
    """Write an import, or leave it to the worker when it is long; return whether it is written.

    Raises `pipeline.NotWritten`, ``PermissionDenied``.
    """
    if is_short_to_write(parent):
        pipeline.write(parent, by=by, accept_gone=accept_gone)
        return True
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=parent.pk)
        if held.state != ImportState.READY or held.options.get("writing"):
            raise pipeline.NotWritten("Cet import est déjà écrit, ou en train de l'être.")
        held.options = {**held.options, "writing": by.pk, "refusal": ""}
        held.save(update_fields=["options", "updated_at"])
    return False


def write_waiting(pk: int, accept_gone: bool) -> None:
    """Write an import that waits (the worker); why it was refused is kept for its page."""
    parent = Import.objects.filter(pk=pk, state=ImportState.READY).first()
    by = User.objects.filter(pk=parent.options.get("writing")).first() if parent else None
    if parent is None or by is None:
        return
    refusal = "L'écriture n'a pas abouti : rien n'a été changé. Essayez de nouveau."
    try:
        pipeline.write(parent, by=by, accept_gone=accept_gone)
        refusal = ""
    except (pipeline.NotWritten, PermissionDenied) as refused:
        refusal = str(refused)
    finally:
        with transaction.atomic():
            held = Import.objects.select_for_update().get(pk=pk)
            held.options = {
                name: value for name, value in held.options.items() if name != "writing"
            } | {"refusal": refusal}
            held.save(update_fields=["options"])


# -- What was left behind


def sweep() -> int:
    """Say of readings and writings that were lost that they are, and erase the files that nobody
    waits for; return how many were lost.
    """
    lost = Import.objects.filter(state=ImportState.READING, run=None, updated_at__lt=now() - LOST)
    count = 0
    for parent in lost:
        _interrupted(parent)
        count += 1
    count += _release()
    if default_storage.exists(FOLDER):
        waiting = Import.objects.filter(state=ImportState.READING).values_list("options", flat=True)
        kept = {options.get("file") for options in waiting}
        for file in default_storage.listdir(FOLDER)[1]:
            place = f"{FOLDER}/{file}"
            old = default_storage.get_modified_time(place) < now() - LOST
            if place not in kept and old:
                default_storage.delete(place)
    return count


@transaction.atomic
def _release() -> int:
    """Give back the imports whose worker died while it wrote them; return how many. One that is
    being written is locked by its worker: it is passed over, however long it takes.
    """
    lost = Import.objects.select_for_update(skip_locked=True).filter(
        options__has_key="writing", updated_at__lt=now() - LOST
    )
    count = 0
    for parent in lost:
        del parent.options["writing"]
        parent.options["refusal"] = NOT_WRITTEN if parent.state == ImportState.READY else ""
        parent.save(update_fields=["options", "updated_at"])
        count += 1
    return count


def _interrupted(parent: Import) -> None:
    parent.lines.all().delete()
    parent.state = ImportState.REFUSED
    parent.problems = [INTERRUPTED]
    parent.options = {}
    parent.save()
