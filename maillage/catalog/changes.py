"""The history of an entry in words: who, when, which field, what it said, what it says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet

from maillage.catalog.children import conditions_in_words, figures_in_words
from maillage.catalog.enums import AUDIENCES, Publication
from maillage.catalog.models import Offer, Provider, Revision
from maillage.catalog.perimeters import line_of, named_perimeters
from maillage.common.tables import in_a_cell
from maillage.common.templatetags.maillage import lettres
from maillage.engine.vocabulary import LABELS, PHASES, THEMES
from maillage.territories.directory import directory

NOTHING: Final = "rien"
HEADER: Final = ("Quand", "Quoi", "Fiche ou offre", "Par", "Pour", "Champ", "Avant", "Après",
                 "Pourquoi")  # fmt: skip
#: Fields whose value is a list of codes.
_CODES: Final[dict[str, Mapping[str, str]]] = {
    "themes": THEMES, "phases": PHASES, "audiences": dict(AUDIENCES), "labels_any": LABELS,
}  # fmt: skip
_LABELS: Final = {
    "rates": "taux et montants", "conditions": "conditions par public", "provider": "offreur",
    "publication": "publication",
}  # fmt: skip

#: Child rows, which imports keep as objects.
_CHILDREN: Final = {"rates": figures_in_words, "conditions": conditions_in_words}


@dataclass(frozen=True, slots=True)
class Change:
    """A field: its name in French, what it said, what it says."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of history as people read it; ``about`` is the offer, "" for the page itself."""

    revision: Revision
    about: str
    by: str
    changes: tuple[Change, ...]


def lines(rows: Iterable[Revision]) -> list[Line]:
    """Lines of history in words (``offer`` and ``by`` are read of each: select them with it)."""
    held = list(rows)
    cited = any("per:" in str(row.changes) for row in held)
    named = named_perimeters() if cited else {}
    return [_line(row, named) for row in held]


def cells(rows: QuerySet[Revision]) -> Iterable[tuple[Any, ...]]:
    """The same as rows of a file: one by field that changed."""
    named = named_perimeters()
    for row in rows.select_related("offer", "by").iterator(chunk_size=500):
        line = _line(row, named)
        about = (in_a_cell(row.at), row.get_verb_display(), line.about or "La fiche", line.by,
                 row.body)  # fmt: skip
        for one in line.changes or (Change("", "", ""),):
            yield (*about, one.label, one.old, one.new, row.reason)


def _line(row: Revision, named: Mapping[str, str]) -> Line:
    model = Offer if row.offer_id else Provider
    return Line(
        revision=row,
        about=row.offer.title if row.offer else "",
        by=str(row.by) if row.by else "",
        changes=tuple(
            Change(label_of(model, one["field"]), said(model, one["field"], one.get("old"), named),
                   said(model, one["field"], one.get("new"), named))
            for one in row.changes
        ),
    )  # fmt: skip


def label_of(model: type[Provider] | type[Offer], name: str) -> str:
    """French name of a field, with its capital."""
    label = _LABELS.get(name)
    if label is None:
        try:
            label = str(model._meta.get_field(name).verbose_name)
        except FieldDoesNotExist:
            label = name
    return label[:1].upper() + label[1:]


def said(
    model: type[Provider] | type[Offer], name: str, value: Any, named: Mapping[str, str]
) -> str:
    """The value of a field, as the history keeps it (JSON), in words."""
    if value is None or value == "" or value == []:
        return NOTHING
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        if name == "perimeter":
            known = directory()
            return ", ".join(line_of(str(key), known, named) for key in value)
        if name in _CHILDREN and all(isinstance(one, Mapping) for one in value):
            return ", ".join(_CHILDREN[name](value))  # as an import keeps them
        words = _CODES.get(name, {})
        return ", ".join(words.get(one, one) if isinstance(one, str) else str(one) for one in value)
    if name == "publication":
        return str(dict(Publication.choices).get(value, value))
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return str(value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if field.get_internal_type() in ("DateField", "DateTimeField"):
        return _day(str(value))
    return str(value)


def _day(text: str) -> str:
    try:
        return lettres(date.fromisoformat(text[:10]))
    except ValueError:
        return text
