"""The columns of a file to import: Table Schemas in ``maillage/data/schemas``, documented there.

Beside the standard (https://specs.frictionlessdata.io/table-schema/), a field says ``x-field`` (the
field of our model), ``x-aliases`` (other names of the column), ``x-codes`` (code → label: both are
accepted), ``x-synonyms`` (other words → code), ``x-many`` (a list), ``x-reads`` (how it is read).
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from rapidfuzz import fuzz, process

from maillage.engine.text import fold

FOLDER: Final = Path(__file__).resolve().parents[2] / "data" / "schemas"
_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")
#: How near a word must be to be proposed, of 100, as a whole or in a part, and how long.
_NEAR: Final = 65
_WITHIN: Final = 85
_SHORT: Final = 4


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """`text` without case, accents nor marks: « Coût (TTC) » → « cout ttc »."""
    return _NOT_WORD.sub(" ", fold(text.replace("+", " plus "))).strip()


@dataclass(frozen=True, slots=True)
class Field:
    """A column. ``target`` is the field of our model (``title``, ``provider.name``)."""

    name: str
    title: str
    type: str
    target: str
    description: str
    example: str
    required: bool
    most: int
    minimum: int | None
    maximum: int | None
    codes: dict[str, str]
    many: bool
    reads: str
    aliases: tuple[str, ...]
    #: Plain word → code, for codes, labels and synonyms.
    words: dict[str, str] = field(default_factory=dict)

    def nearest(self, word: str) -> str:
        """The label nearest to a word that is none; "" when nothing looks like it."""
        labels = {plain(label): label for label in self.codes.values()}
        choices = {**{known: self.codes[code] for known, code in self.words.items()}, **labels}
        asked = plain(word)
        if len(asked) < _SHORT:
            return ""
        for scorer, least in ((fuzz.ratio, _NEAR), (fuzz.partial_ratio, _WITHIN)):
            found = process.extractOne(asked, choices.keys(), scorer=scorer, score_cutoff=least)
            if found:
                return choices[found[0]]
        return ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The header of a file, understood. ``fields`` is header → field."""

    fields: dict[str, Field]
    missing: tuple[Field, ...]
    problems: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """The columns of one kind of file; ``raw`` is the Table Schema as published."""

    kind: str
    title: str
    description: str
    fields: tuple[Field, ...]
    ignored: frozenset[str]
    raw: dict[str, Any]
    names: dict[str, Field]

    def field(self, name: str) -> Field:
        """The field `name`. Raises ``KeyError``."""
        return self.names[plain(name)]

    def match(self, header: Iterable[str]) -> Columns:
        """Understand a header; case, accents, spaces and underscores do not count."""
        found: dict[str, Field] = {}
        seen: dict[str, str] = {}
        problems, remarks = [], []
        for column in header:
            known = self.names.get(plain(column))
            if known is None:
                if plain(column) not in self.ignored:
                    remarks.append(self._unknown(column))
            elif known.name in seen:
                problems.append(
                    f"Les colonnes « {seen[known.name]} » et « {column} » disent la même chose "
                    f"({known.title.lower()}) : gardez-en une seule."
                )
            else:
                found[column] = known
                seen[known.name] = column
        missing = tuple(f for f in self.fields if f.required and f.name not in seen)
        # The keys of a perimeter are read before its words, which they make useless.
        found = dict(sorted(found.items(), key=lambda pair: pair[1].target != "perimeter_keys"))
        return Columns(found, missing, tuple(problems), tuple(remarks))

    def _unknown(self, column: str) -> str:
        near = process.extractOne(plain(column), self.names.keys(), score_cutoff=70)
        guess = f" Vouliez-vous dire « {self.names[near[0]].name} » ?" if near else ""
        return f"La colonne « {column[:60]} » n'est pas connue : elle n'est pas lue.{guess}"


@cache
def schema(kind: str) -> Schema:
    """The columns of the files of offers, aids or providers (`ImportKind`)."""
    raw = json.loads((FOLDER / f"{kind}.json").read_text(encoding="utf-8"))
    fields = tuple(_field(entry) for entry in raw["fields"])
    names: dict[str, Field] = {}
    for one in fields:
        names[plain(one.name)] = one
    for one in fields:
        for alias in (one.title, *one.aliases):
            names.setdefault(plain(alias), one)
    ignored = frozenset(plain(name) for name in raw["x-ignored"])
    return Schema(kind, raw["title"], raw["description"], fields, ignored, raw, names)


def _field(entry: dict[str, Any]) -> Field:
    constraints = entry.get("constraints", {})
    codes: dict[str, str] = entry.get("x-codes", {})
    words = {plain(word): code for word, code in entry.get("x-synonyms", {}).items()}
    words |= {plain(label): code for code, label in codes.items()}
    words |= {plain(code): code for code in codes}
    return Field(
        name=entry["name"],
        title=entry["title"],
        type="url" if entry.get("format") == "uri" else entry["type"],
        target=entry["x-field"],
        description=entry["description"],
        example=entry.get("example", ""),
        required=constraints.get("required", False),
        most=constraints.get("maxLength", 20_000),
        minimum=constraints.get("minimum"),
        maximum=constraints.get("maximum"),
        codes=codes,
        many=entry.get("x-many", False),
        reads=entry.get("x-reads", ""),
        aliases=tuple(entry.get("x-aliases", ())),
        words=words,
    )
