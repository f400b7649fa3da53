"""A form that was opened before someone else's change: what both wrote, put together.

What they changed and the person did not touch is taken into the form; what both changed keeps what
the person typed. Nothing is written until the person saves again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from maillage.catalog import changes
from maillage.catalog.changes import Change, label_of, said
from maillage.catalog.forms.keeping import WithPerimeter
from maillage.catalog.models import Offer, Provider, Revision
from maillage.catalog.perimeters import lines_of, named_perimeters
from maillage.catalog.services import entries, keeping
from maillage.catalog.services.history import plain


@dataclass(frozen=True, slots=True)
class Merge:
    """A field that someone else changed: in words, and whether the form took their value."""

    name: str
    change: Change
    taken: bool


class Opened:
    """What the entry was when a form was opened; after a change by someone else, what they did."""

    def __init__(self, posted: QueryDict, entry: Provider | Offer | None) -> None:
        self.seen = posted.get("vu") or (entries.stamp(entry) if entry else "")
        line = posted.get("depuis", "")
        known = line.isascii() and line.isdigit() and len(line) < 15
        self.line = int(line) if known else keeping.last_line(entry) if entry else 0
        self.merges: list[Merge] = []

    def again(self, form: Any, entry: Provider | Offer) -> tuple[Any, "Opened"]:
        """The form to show after someone else's change, and what they changed."""
        since = keeping.since(entry, self.line)
        whole = isinstance(form, WithPerimeter)
        data, merges = merged(form, entry, since)
        self.merges = [one for one in merges if whole or one.name in form.fields]
        self.lines = changes.lines(since)
        self.seen, self.line = entries.stamp(entry), keeping.last_line(entry)
        more = {"kept": entry.perimeter} if whole else {}
        return type(form)(data, initial=form.initial, **more), self


def merged(
    form: forms.Form, entry: Provider | Offer, since: Iterable[Revision]
) -> tuple[QueryDict, list[Merge]]:
    """The data of the form to show again, and what became of each field changed `since`."""
    first: dict[str, Any] = {}
    for row in since:
        for change in row.changes:
            first.setdefault(change["field"], change.get("old"))
    data = form.data.copy()
    named = named_perimeters()
    found = []
    for name, old in first.items():
        if name == "state":
            continue
        model = type(entry)
        held = getattr(entry, name, None)
        now = plain(held) if name in form.fields else None
        in_form = name in form.fields and name in form.cleaned_data
        untouched = in_form and _same(plain(form.cleaned_data[name]), old)
        if untouched:
            _put(data, form, name, held)
        words = (
            Change(label_of(model, name), said(model, name, old, named),
                   said(model, name, now, named) if in_form else "voir l'historique")
        )  # fmt: skip
        found.append(Merge(name, words, untouched))
    return data, found


def _same(typed: Any, old: Any) -> bool:
    if isinstance(typed, list) and isinstance(old, list):
        return sorted(map(str, typed)) == sorted(map(str, old))
    if isinstance(typed, str) and isinstance(old, str):
        return typed.split() == old.split()
    return bool(typed == old)


def _put(data: QueryDict, form: forms.Form, name: str, value: Any) -> None:
    """Write `value` in the data as a browser would post it."""
    field = form.add_prefix(name)
    if name == "perimeter":
        data[field] = "\n".join(lines_of(value))
    elif isinstance(form.fields[name], forms.MultipleChoiceField):
        data.setlist(field, list(value))
    elif isinstance(value, list):
        data[field] = "\n".join(value)
    else:
        data[field] = "" if value is None else str(plain(value))
