"""Writes of the words: each one is noted (who, when, what) and told to the processes.

Rights are checked by who calls (`perms.may_administer`). A row changed here is no longer touched by
the load of the shipped catalogue, until it is put back.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils.text import slugify
from django.utils.timezone import now

from maillage.accounts.models import User
from maillage.catalog.enums import Origin, UnmetState, Verb
from maillage.catalog.models import Offer, ProjectType, ThesaurusEntry, UnmetNeed
from maillage.catalog.services import history
from maillage.catalog.words.shipped import values_of
from maillage.common.models import DataVersion

Word = ProjectType | ThesaurusEntry
Row = TypeVar("Row", ProjectType, ThesaurusEntry, Offer)
_LONGEST_SLUG: Final = 90
#: Changes shown, in characters and in lines.
_LONGEST_SAID: Final = 400
_CHANGES: Final = 8


class Changed(Exception):
    """Someone has changed the row since its form was opened: nothing was written."""


class Kept(Exception):
    """The row cannot be deleted; says why."""


def stamp(row: Word | Offer) -> str:
    """What a form carries, to know that the row has not changed since it was opened."""
    return row.updated_at.isoformat()


@transaction.atomic
def save(*, row: Word, values: Mapping[str, Any], by: User, seen: str = "") -> list[str]:
    """Write a type or a line of the thesaurus, new or not; return what changed, in words.

    Raises `Changed` when the row is not what it was at `seen` (its `stamp`).
    """
    new = row.pk is None
    held = row if new else _hold(row, seen)
    changes = [
        _said(held, name, getattr(held, name), value)
        for name, value in values.items()
        if getattr(held, name) != value
    ]
    if not changes and not new:
        return []
    for name, value in values.items():
        setattr(held, name, value)
    if isinstance(held, ProjectType) and new:
        held.slug = free_slug(held.label)
    held.origin = Origin.EDITED
    held.save()
    row.pk = held.pk
    _log(held, by, ADDITION if new else CHANGE, "" if new else " ; ".join(changes))
    DataVersion.objects.bump("catalogue")
    return changes


@transaction.atomic
def put_back(*, row: Word, by: User) -> None:
    """Give a row its shipped values back; the next loads keep it in step with the files."""
    values = values_of(row)
    if values is None:
        raise Kept("Ce n'est pas livré avec Maillage : il n'y a pas de version d'origine.")
    held = _hold(row, "")
    for name, value in values.items():
        setattr(held, name, value)
    held.origin = Origin.FILE
    held.save()
    _log(held, by, CHANGE, "Remis comme livré avec Maillage.")
    DataVersion.objects.bump("catalogue")


@transaction.atomic
def delete(*, row: Word, by: User) -> None:
    """Delete a row made here. Raises `Kept` for a shipped one, which the next load would remake."""
    right = may_delete(row)
    if right:
        raise Kept(right)
    held = _hold(row, "")
    _log(held, by, DELETION, "")
    held.delete()
    DataVersion.objects.bump("catalogue")


def may_delete(row: Word) -> str:
    """Why a row is not to be deleted; "" when it may be."""
    if values_of(row) is None:
        return ""
    if isinstance(row, ThesaurusEntry):
        return (
            "Cette expression est livrée avec Maillage : supprimée, elle reviendrait à la "
            "prochaine mise à jour. Pour qu'elle ne soit plus lue, videz la case de ses mots."
        )
    return (
        "Ce type de projet est livré avec Maillage : supprimé, il reviendrait à la prochaine mise "
        "à jour. Changez ses phrases et ses mots, ou remettez-le comme livré."
    )


@transaction.atomic
def save_words(
    *, offer: Offer, words: Sequence[str], by: User, body: str = "", seen: str = ""
) -> bool:
    """Write the users' words of an offer; False when nothing differs. Raises `Changed` as `save`.

    The date on which its provider confirmed it does not change: only its words were read.
    """
    held = _hold(offer, seen)
    if held.words == list(words):
        return False
    changes = [{"field": "words", "old": held.words, "new": list(words)}]
    held.words = list(words)
    if held.origin != Origin.EDITED:
        held.curated = sorted({*held.curated, "words"})
    held.save()
    history.revision(held, Verb.EDITED, changes, by=by, body=body).save()
    DataVersion.objects.bump("catalogue")
    return True


@transaction.atomic
def mark(*, needs: Iterable[int], state: str) -> int:
    """Say what became of needs; return how many changed."""
    rows = UnmetNeed.objects.filter(pk__in=needs).exclude(state=UnmetState(state))
    return rows.update(state=UnmetState(state), updated_at=now())


def changes_of(row: models.Model) -> list[LogEntry]:
    """The last changes of a row, with who made them."""
    if row.pk is None:
        return []
    found = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk)
    )
    return list(found.select_related("user").order_by("-action_time")[:_CHANGES])


def _hold(row: Row, seen: str) -> Row:
    """The row, locked. Raises `Changed` when it is not what it was at `seen`, or is gone."""
    held: Row | None = type(row)._default_manager.select_for_update().filter(pk=row.pk).first()
    if held is None or (seen and seen != stamp(held)):
        raise Changed
    return held


def _said(row: Word, name: str, old: Any, new: Any) -> str:
    """« phrases des usagers : + une, − une autre »."""
    label = row._meta.get_field(name).verbose_name
    if isinstance(new, list):
        more = [f"+ {one}" for one in new if one not in old]
        less = [f"− {one}" for one in old if one not in new]
        text = ", ".join([*more, *less]) or "l'ordre"
    else:
        text = str(new) or "vide"
    return f"{label} : {text}"[:_LONGEST_SAID]


def _log(row: Word, by: User, flag: int, text: str) -> None:
    LogEntry.objects.create(
        user=by, content_type=ContentType.objects.get_for_model(row), object_id=str(row.pk),
        object_repr=str(row)[:200], action_flag=flag, change_message=text,
    )  # fmt: skip


def free_slug(label: str) -> str:
    """The identifier of a new type of this label."""
    base = slugify(label)[:_LONGEST_SLUG].strip("-") or "type"
    taken = set(ProjectType.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug
