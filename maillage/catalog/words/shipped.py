"""The words as they are shipped: what a row that was changed here can be put back to."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from maillage.catalog import files


@dataclass(frozen=True, slots=True)
class Shipped:
    """Values of the fields, by slug of a type and by expression of the thesaurus."""

    types: Mapping[str, dict[str, Any]]
    entries: Mapping[str, dict[str, Any]]


@cache
def shipped() -> Shipped:
    """Read the files of the catalogue, once by process (they come with the code)."""
    held = files.read()
    return Shipped(
        types={
            one["id"]: {
                "label": one["label"],
                "themes": one["themes"],
                "phases": one["phases"],
                "vocabulary": one["vocabulary"],
                "first_step": one.get("first_step", ""),
                "phrases": one["phrases"],
                "state": one.get("state", "to_confirm"),
                "schemes_to_check": one.get("schemes_to_check", []),
            }
            for one in held.project_types
        },
        entries={
            one["expression"]: {"terms": one["terms"], "themes": one.get("themes", [])}
            for one in held.thesaurus
        },
    )


def values_of(row: Any) -> dict[str, Any] | None:
    """The shipped values of a type or of a line of the thesaurus; ``None`` if it was made here."""
    held = shipped()
    slug = getattr(row, "slug", None)
    return held.types.get(slug) if slug is not None else held.entries.get(row.expression)
