"""What the page of an import says: each line with what is wrong and what it would change."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet

from maillage.catalog.changes import label_of, said
from maillage.catalog.enums import Action, ImportKind, ImportState
from maillage.catalog.imports.schema import plain, schema
from maillage.catalog.models import Import, ImportLine, Offer, Provider
from maillage.catalog.perimeters import named_perimeters
from maillage.common.tables import in_a_cell

LINE_HEADER: Final = (
    "Ligne", "Identifiant", "Titre", "Effet", "À corriger", "Remarques", "Champ", "Avant", "Après",
    "Gardé tel quel ici",
)  # fmt: skip
HISTORY_HEADER: Final = (
    "Quand", "Fichier", "Contenu", "Jeu de données", "Par", "Pour", "État", "Nouvelles",
    "Modifiées", "Inchangées", "Disparues", "À corriger", "Écrit le",
)  # fmt: skip
#: Filter of the lines → its label: the actions, then what has remarks.
REMARKS: Final = "remarques"
_FILTERS: Final = {
    Action.REFUSED: "À corriger", Action.NEW: "Nouvelles", Action.CHANGED: "Modifiées",
    Action.GONE: "Disparues", Action.SAME: "Inchangées",
}  # fmt: skip
#: Changes that are said otherwise than by their field.
_LABELS: Final = {"external_id": "Identifiant d'origine", "withdrawn_at": "Retirée du catalogue"}
_MOST_FIELDS: Final = 8
#: What the report shows of an import that can be written, in this order; of each, so many lines.
_LOOKED_AT: Final = (Action.CHANGED, Action.GONE, Action.NEW, REMARKS)
_FIRST_LINES: Final = 5
#: Columns that `rejects` adds, which a file sent again may still have.
_ADDED: Final = frozenset({"ligne", "a corriger"})


@dataclass(frozen=True, slots=True)
class Count:
    """A count that is a filter: its value in the address, its label, how many."""

    code: str
    label: str
    number: int


@dataclass(frozen=True, slots=True)
class Remark:
    """What is wrong, or to be noticed, of a cell; ``column`` is "" for the line as a whole."""

    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Change:
    """A field in words. ``kept``: people have corrected it here, the import leaves it as it is."""

    label: str
    old: str
    new: str
    kept: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A line as the page shows it."""

    row: ImportLine
    action: str
    problems: tuple[Remark, ...]
    warnings: tuple[Remark, ...]
    changes: tuple[Change, ...]
    understood: tuple[Change, ...]


def counts(parent: Import, remarks: int) -> list[Count]:
    """The counts of an import, those that matter first; those that are nil are left out."""
    found = [
        Count(action.value, label, parent.counts.get(action, 0))
        for action, label in _FILTERS.items()
    ]
    found.append(Count(REMARKS, "Avec une remarque", remarks))
    return [one for one in found if one.number]


def narrowed(parent: Import, text: str, action: str) -> QuerySet[ImportLine]:
    """The lines of an import that hold every word of `text` and would do `action`."""
    rows = parent.lines.order_by("number", "id")
    if action == REMARKS:
        rows = rows.exclude(warnings=[])
    elif action:
        rows = rows.filter(action=action)
    for word in text.split():
        rows = rows.filter(Q(title__icontains=word) | Q(key__icontains=word))
    return rows


def shown(parent: Import, rows: Iterable[ImportLine]) -> list[Shown]:
    """Lines in words."""
    named = named_perimeters()
    model = _model(parent)
    return [_shown(parent, row, model, named) for row in rows]


def sections(parent: Import, found: list[Count]) -> list[tuple[Count, list[Shown]]]:
    """The first lines of each count that is to be looked at: what is to be corrected alone when
    there is some, else what changes, goes, comes, and what has remarks.
    """
    by_code = {one.code: one for one in found}
    order = (Action.REFUSED,) if Action.REFUSED in by_code else _LOOKED_AT
    kept = [by_code[code] for code in order if code in by_code]
    most = _FIRST_LINES if len(kept) > 1 else 2 * _FIRST_LINES
    rows = [list(narrowed(parent, "", one.code).defer("raw")[:most]) for one in kept]
    lines = iter(shown(parent, (row for part in rows for row in part)))
    return [
        (one, [next(lines) for _ in part]) for one, part in zip(kept, rows, strict=True) if part
    ]


def cells(parent: Import, rows: QuerySet[ImportLine]) -> Iterator[tuple[Any, ...]]:
    """The same as rows of a file: one by field that changes."""
    named, model = named_perimeters(), _model(parent)
    for row in rows.defer("raw").iterator(chunk_size=500):
        line = _shown(parent, row, model, named)
        about = (row.number or "", row.key, row.title, line.action, _joined(line.problems),
                 _joined(line.warnings))  # fmt: skip
        for one in line.changes or (Change("", "", "", kept=False),):
            yield (*about, one.label, one.old, one.new, "oui" if one.kept else "")


def most_wrong(parent: Import) -> list[tuple[str, int]]:
    """The columns in which most is to be corrected, with how many cells."""
    rows = parent.lines.filter(action=Action.REFUSED).values_list("problems", flat=True)
    found = Counter(
        one["field"] for problems in rows.iterator(chunk_size=2_000) for one in problems
    )
    return [(_column(parent, name) or "La ligne entière", n) for name, n in
            sorted(found.items(), key=lambda item: (-item[1], item[0]))[:_MOST_FIELDS]]  # fmt: skip


def history_cells(rows: QuerySet[Import]) -> Iterator[tuple[Any, ...]]:
    """The imports as rows of a file."""
    order = (Action.NEW, Action.CHANGED, Action.SAME, Action.GONE, Action.REFUSED)
    for one in rows.iterator(chunk_size=500):
        yield (
            in_a_cell(one.created_at), one.file_name, one.get_kind_display(),
            str(one.dataset or one.named or ""), str(one.by or ""), str(one.body or ""),
            one.get_state_display(), *(one.counts.get(action, 0) for action in order),
            in_a_cell(one.written_at),
        )  # fmt: skip


# -- The lines to correct, as they were sent


def rejects(parent: Import) -> tuple[tuple[str, ...], Iterator[tuple[Any, ...]]]:
    """The lines to correct as a table: the columns of the file, after where and what is wrong.

    Columns are in the order of the model (the database does not keep that of the file), those that
    it does not know last. The added columns are not read when the file is sent again.
    """
    rows = parent.lines.filter(action=Action.REFUSED).order_by("number", "id")
    known = schema(parent.kind)
    ranks = {field.name: rank for rank, field in enumerate(known.fields)}
    found: dict[str, None] = {}
    for raw in rows.values_list("raw", flat=True).iterator(chunk_size=500):
        found.update(dict.fromkeys(name for name in raw if plain(name) not in _ADDED))

    def rank(name: str) -> int:
        field = known.names.get(plain(name))
        return ranks[field.name] if field else len(ranks)

    columns = sorted(found, key=rank)

    def lines() -> Iterator[tuple[Any, ...]]:
        for row in rows.iterator(chunk_size=500):
            wrong = _joined([_remark(parent, one) for one in row.problems])
            yield (row.number, wrong, *(_cell(row.raw.get(name)) for name in columns))

    return ("Ligne", "À corriger", *columns), lines()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return " ; ".join(str(one) for one in value)
    return value if value is None or isinstance(value, int | float) else str(value)


# -- In words


def _model(parent: Import) -> type[Offer] | type[Provider]:
    return Provider if parent.kind == ImportKind.PROVIDERS else Offer


def _shown(
    parent: Import, row: ImportLine, model: type[Offer] | type[Provider], named: Mapping[str, str]
) -> Shown:
    new = row.action == Action.NEW
    return Shown(
        row=row,
        action=Action(row.action).label,
        problems=tuple(_remark(parent, one) for one in row.problems),
        warnings=tuple(_remark(parent, one) for one in row.warnings),
        changes=tuple(
            Change(
                _LABELS.get(one["field"]) or label_of(model, one["field"]),
                said(model, one["field"], one.get("old"), named),
                said(model, one["field"], one.get("new"), named),
                bool(one.get("kept")),
            )
            for one in row.changes
        ),
        understood=tuple(_understood(model, row.cleaned, named)) if new else (),
    )


def _understood(
    model: type[Offer] | type[Provider], cleaned: Mapping[str, Any], named: Mapping[str, str]
) -> Iterator[Change]:
    """What a new line says, field by field; what is empty is left out."""
    for name, value in cleaned.items():
        if name == "provider" and isinstance(value, Mapping):
            value = value.get("name") or value.get("slug")
        if value not in (None, "", [], {}) and name not in ("id", "title", "name"):
            yield Change(label_of(model, name), "", said(model, name, value, named), kept=False)


def _remark(parent: Import, one: Mapping[str, str]) -> Remark:
    return Remark(_column(parent, one.get("field", "")), one["message"])


def _column(parent: Import, name: str) -> str:
    """The title of a column, from its name in the schema."""
    known = schema(parent.kind).names.get(plain(name)) if name else None
    return known.title if known else name


def _joined(remarks: Iterable[Remark]) -> str:
    return " ; ".join(f"{one.column} : {one.message}" if one.column else one.message
                      for one in remarks)  # fmt: skip


def is_idle(parent: Import) -> bool:
    """Whether nothing would be written: the catalogue already says all of it."""
    touched = (Action.NEW, Action.CHANGED, Action.GONE)
    return parent.state == ImportState.READY and not any(parent.counts.get(a) for a in touched)
