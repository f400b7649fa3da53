"""What was done with a plan, in order: its versions, its documents, and what concerns it whole.

Three tables, read as one by the database: a page of a long history costs two queries and a count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Case, CharField, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Cast

from maillage.accounts.models import User
from maillage.funding.enums import Paper
from maillage.funding.models import Plan

VERSION: Final = "version"
ADDED: Final = "added"
REMOVED: Final = "removed"
EVENT: Final = "event"
#: What each kind of passage is called in a file.
KINDS: Final = {VERSION: "Version", ADDED: "Pièce jointe", REMOVED: "Pièce retirée", EVENT: "Plan"}


@dataclass(frozen=True, slots=True)
class Passage:
    """Something that was done: when, what (a kind above), in words, by whom, for whom.

    ``number``: that of the version, or the key of the document that may still be read (0: none).
    """

    at: datetime
    what: str
    number: int
    said: str
    by: User | None
    on_behalf_of: str

    @property
    def version(self) -> int:
        """The number of the version that it made, 0 for what made none."""
        return self.number if self.what == VERSION else 0

    @property
    def document(self) -> int:
        """The key of the document that was attached, 0 for all else."""
        return self.number if self.what == ADDED else 0


def passages(plan: Plan, text: str = "") -> QuerySet[Any, Any]:
    """The rows of the history of a plan, the last first, that hold `text`; see `told`."""
    documents, versions, events = plan.attachments.all(), plan.revisions.all(), plan.events.all()
    if text:
        nature = [value for value, label in Paper.choices if text.casefold() in label.casefold()]
        documents = documents.filter(
            Q(name__icontains=text) | Q(line__icontains=text) | Q(paper__in=nature)
        )
        versions = versions.filter(said__icontains=text)
        events = events.filter(said__icontains=text)
    open_now = Case(When(removed_at=None, then=Cast(F("id"), IntegerField())), default=_NONE)
    named = {"said": F("name"), "line": F("line"), "nature": F("paper")}
    return _rows(versions, VERSION, number=Cast(F("number"), IntegerField())).union(
        _rows(documents, ADDED, at=F("added_at"), number=open_now, who=F("added_by"), **named),
        _rows(
            documents.exclude(removed_at=None), REMOVED, at=F("removed_at"), who=F("removed_by"),
            behalf=F("removed_for"), **named,
        ),
        _rows(events, EVENT),
        all=True,
    ).order_by("-x_at", "-x_number")  # fmt: skip


_NOTHING: Final = Value("", output_field=CharField())
_NONE: Final = Value(0, output_field=IntegerField())


def _rows(rows: QuerySet[Any], what: str, **said: Any) -> QuerySet[Any, Any]:
    """The rows of a table in the columns of the union, those of a version unless
    `said`.
    """
    usual = {
        "at": F("at"), "what": Value(what, output_field=CharField()), "number": _NONE,
        "said": F("said"), "line": _NOTHING, "nature": _NOTHING, "who": F("by"),
        "behalf": F("on_behalf_of"),
    }  # fmt: skip
    columns = {f"x_{name}": value for name, value in (usual | said).items()}
    return rows.order_by().annotate(**columns).values_list(*columns)


def told(rows: Iterable[tuple[Any, ...]]) -> list[Passage]:
    """Rows of `passages` in words, with who did them (one query)."""
    rows = list(rows)
    people = User.objects.in_bulk({row[6] for row in rows if row[6]})
    return [
        Passage(at, what, number, _words(what, said, line, nature), people.get(who), behalf)
        for at, what, number, said, line, nature, who, behalf in rows
    ]


def _words(what: str, said: str, line: str, nature: str) -> str:
    if what not in (ADDED, REMOVED):
        return said
    verb = "jointe à" if what == ADDED else "retirée de"
    return f"Pièce {verb} « {line} » : {said} ({Paper(nature).label.lower()})"
