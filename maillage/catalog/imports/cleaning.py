"""A line as read → what is understood of it: fields of our models, in JSON form.

A column that the file does not have is not in ``values``: what we hold of it stays. A cell that is
empty is: what we held is emptied.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from maillage.accounts.models import Organisation
from maillage.catalog.enums import ImportKind
from maillage.catalog.imports import figures, values
from maillage.catalog.imports.places import Places
from maillage.catalog.imports.raw import Raw
from maillage.catalog.imports.schema import Columns, Field, schema
from maillage.catalog.imports.values import Wrong
from maillage.territories.directory import directory

Said = dict[str, str]
_LONGEST_TITLE: Final = 250
#: What a line cannot do without, in every catalogue.
_VITAL: Final = ("id", "title", "name")
_KINDS: Final = {ImportKind.OFFERS: "engineering", ImportKind.AIDS: "funding"}


@dataclass(slots=True)
class Context:
    """What is known while the lines of one import are cleaned.

    ``named``: the lines go to a named catalogue, where only an identifier and a title are asked.
    ``provider``: the name and slug that a line has when it says none (the body that sends it).
    """

    named: bool = False
    provider: tuple[str, str] | None = None
    places: Places = field(default_factory=lambda: Places(directory()))
    columns: dict[tuple[str, ...], Columns] = field(default_factory=dict)
    whole: bool = True

    def columns_of(self, kind: str, header: Iterable[str]) -> Columns:
        """The columns, understood once by header."""
        names = tuple(header)
        if names not in self.columns:
            if len(self.columns) > 1_000:
                self.columns.clear()
            self.columns[names] = schema(kind).match(names)
        return self.columns[names]


def context(*, named: bool = False, body: Organisation | None = None) -> Context:
    """A context for an import made for `body` (``None``: for nobody in particular)."""
    own = (body.name, body.provider) if body and body.provider else None
    return Context(named=named, provider=own)


@dataclass(slots=True)
class Cleaned:
    """What is understood of a line. ``key`` is its identifier in its file; ``values`` has the
    fields of `Offer` or `Provider`, plus ``rates``, ``conditions`` and ``provider``;
    ``problems`` and ``warnings`` are ``{"field", "message"}``.
    """

    key: str
    title: str
    values: dict[str, Any]
    problems: list[Said] = field(default_factory=list)
    warnings: list[Said] = field(default_factory=list)


def clean(
    kind: str,
    values: dict[str, Any],
    context: Context,
    problems: Iterable[str] = (),
    remarks: Iterable[str] = (),
) -> Cleaned:
    """Understand the `values` of a line (column → value as read) of a file of `kind`.

    `problems` and `remarks` are those of the line as a whole, found while reading it.
    """
    line = _Line(kind, context)
    for said in problems:
        line.problem("", said)
    for said in remarks:
        line.remark("", said)
    columns = context.columns_of(kind, values)
    for header, column in columns.fields.items():
        line.take(column, values[header])
    for said in columns.problems:
        line.problem("", said)
    line.finish()
    key = line.values.pop("id", "")
    title = line.values.get("title") or line.values.get("name") or ""
    return Cleaned(key, title[:_LONGEST_TITLE], line.values, line.problems, line.warnings)


def clean_raw(kind: str, raw: Raw, context: Context) -> Cleaned:
    """Understand a line of a file."""
    return clean(kind, raw.values, context, raw.problems, raw.remarks)


class _Line:
    """A line being understood."""

    def __init__(self, kind: str, context: Context) -> None:
        self.kind = kind
        self.context = context
        self.schema = schema(kind)
        self.values: dict[str, Any] = {}
        self.problems: list[Said] = []
        self.warnings: list[Said] = []
        self._figures: dict[str, Any] = {}

    def problem(self, name: str, message: str) -> None:
        """What stops the line; in a named catalogue, only what is vital does."""
        self.problems.append({"field": name, "message": message})

    def remark(self, name: str, message: str) -> None:
        """What does not stop it."""
        self.warnings.append({"field": name, "message": message})

    def take(self, column: Field, value: Any) -> None:
        """Understand one cell."""
        if column.target == "perimeter" and self.values.get("perimeter"):
            return
        try:
            understood = self._understand(column, value)
        except Wrong as wrong:
            lenient = self.context.named and column.target not in _VITAL
            (self.remark if lenient else self.problem)(column.name, str(wrong))
            return
        target, _, part = column.target.partition(".")
        if target == "provider":
            self.values.setdefault("provider", {})[part] = understood
        elif target == "rates":
            self._figures[part] = understood
        elif target == "perimeter_keys":
            if understood:
                self.values["perimeter"] = understood
        else:
            self.values[target] = understood

    def _understand(self, column: Field, value: Any) -> Any:
        read = _READS.get(column.reads)
        if read:
            return read(self, column, value)
        if column.codes:
            return values.codes(column, value) if column.many else values.code(column, value)
        if column.type == "integer":
            return values.integer(column, value)
        if column.type == "number":
            found = values.number(column, value)
            return None if found is None else figures.plain_number(found)
        if column.type == "date":
            return values.day(value)
        if column.type == "boolean":
            return values.yes(value)
        if column.type == "url":
            return values.address(column, value, lambda said: self.remark(column.name, said))
        said = values.text(column, value)
        if said.startswith("=") and not self.context.named:
            self.remark(column.name, "commence par « = » : gardé comme un texte, jamais calculé.")
        return said

    def places(self, column: Field, value: Any) -> list[str]:
        """A perimeter."""
        return self.context.places.keys(value)

    def words(self, column: Field, value: Any) -> list[str]:
        """Several expressions."""
        return values.expressions(column, value)

    def figures(self, column: Field, value: Any) -> list[dict[str, Any]]:
        """Figures in words, or as objects."""
        return figures.rates(value)

    def conditions(self, column: Field, value: Any) -> list[dict[str, Any]]:
        """Conditions by audience, in words, or as objects."""
        fields = self.schema
        return figures.conditions(value, fields.field("publics"), fields.field("cout"))

    def finish(self) -> None:
        """What the line as a whole says, and lacks."""
        if self._is_example():
            self.problem("", "c'est la ligne d'exemple du modèle : retirez-la.")
        if self._figures:
            try:
                self.values["rates"] = figures.gathered(self._figures)
            except Wrong as wrong:
                (self.remark if self.context.named else self.problem)("assiette", str(wrong))
        if self.kind != ImportKind.PROVIDERS:
            self._provider()
        self._required()
        self._defaults()
        self._together()

    def _is_example(self) -> bool:
        fields = {one.target: one.example for one in self.schema.fields}
        vital = [name for name in _VITAL if name in fields]
        return all(self.values.get(name) == fields[name] for name in vital)

    def _provider(self) -> None:
        said = {k: v for k, v in self.values.get("provider", {}).items() if v}
        if not said.get("name") and not said.get("slug") and self.context.provider:
            said["name"], said["slug"] = self.context.provider
        if said:
            self.values["provider"] = said
        else:
            self.values.pop("provider", None)

    def _required(self) -> None:
        wrong = {said["field"] for said in self.problems}
        for column in self.schema.fields:
            target = column.target.partition(".")[0]
            if not column.required or self.values.get(target) or column.name in wrong:
                continue
            if self.context.named and target not in _VITAL:
                continue
            self.problem(column.name, f"« {column.name} » est vide : {_lower(column.description)}")

    def _defaults(self) -> None:
        """Codes that cannot be empty take the value they have when nobody says."""
        if not self.values.get("kind") and self.kind in _KINDS and not self.context.named:
            self.values["kind"] = _KINDS[ImportKind(self.kind)]
        for target, plain in _PLAIN.items():
            if target in self.values and not self.values[target]:
                self.values[target] = plain
        for target in ("level", "family"):
            if not self.values.get(target, True):
                del self.values[target]

    def _together(self) -> None:
        for low, high, said in (
            ("population_min", "population_max", "la population minimale dépasse la maximale."),
            ("opens", "closes", "l'ouverture est après le dernier jour."),
        ):
            first, last = self.values.get(low), self.values.get(high)
            if first is not None and last is not None and first > last:
                name = "population_min" if low == "population_min" else "date_ouverture"
                (self.remark if self.context.named else self.problem)(name, said)


#: What an empty cell of a code stands for.
_PLAIN: Final = {
    "cost": "unknown", "state": "to_confirm", "population_kind": "municipal",
    "available_unit": "cases", "audiences": ["commune"],
}  # fmt: skip
_READS: Final[dict[str, Callable[[_Line, Field, Any], Any]]] = {
    "places": _Line.places,
    "words": _Line.words,
    "figures": _Line.figures,
    "conditions": _Line.conditions,
}


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
