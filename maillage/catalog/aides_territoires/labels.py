"""Labels of Aides-territoires → our codes, by tables kept as data.

The API gives labels, not codes: in the plural or the singular, with typographic marks or not. They
are compared folded (case, accents, apostrophes and separators aside), as a whole: « / » stands
inside themes as well as between a theme and what is under it, so nothing is ever cut.
"""

import html
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from maillage.engine.text import words

DATA: Final = Path(__file__).resolve().parents[2] / "data" / "aides_territoires"


def folded(text: str) -> str:
    """A label without what varies: case, accents, apostrophes, punctuation, HTML entities.

    >>> folded("Dépenses d’investissement")
    'depenses d investissement'
    """
    return " ".join(words(html.unescape(text)))


def read_table(name: str) -> dict[str, Any]:
    """Content of the table ``<name>.toml``."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Understood:
    """Our codes, in the order of the table, and the labels that no table knows."""

    ours: tuple[str, ...]
    unknown: tuple[str, ...] = ()
    #: Labels that are known, as the table writes them.
    known: tuple[str, ...] = ()


@cache
def _labels(name: str) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Folded label → code there, first label, our codes."""
    return {
        folded(label): (entry["code"], entry["labels"][0], tuple(entry.get("ours", ())))
        for entry in read_table(name)["labels"]
        for label in entry["labels"]
    }


def understand(name: str, labels: Iterable[str]) -> Understood:
    """Our codes for some labels of the table `name` (audiences, types, steps…)."""
    table = _labels(name)
    ours: dict[str, None] = {}
    known: list[str] = []
    unknown: list[str] = []
    for label in labels:
        found = table.get(folded(label))
        if found is None:
            unknown.append(label)
        else:
            ours.update(dict.fromkeys(found[2]))
            known.append(found[1])
    return Understood(tuple(ours), tuple(unknown), tuple(known))


def code_of(name: str, label: str) -> str:
    """Code there of one label of the table `name`; "" when it is not known."""
    return _labels(name).get(folded(label), ("", "", ()))[0]


@cache
def _categories() -> dict[str, tuple[str, tuple[str, ...]]]:
    """Folded « theme sub-theme », and sub-theme alone → sub-theme, our themes."""
    table: dict[str, tuple[str, tuple[str, ...]]] = {}
    for theme in read_table("themes")["themes"]:
        for category in theme["categories"]:
            said = (category["label"], tuple(category["ours"]))
            table.setdefault(folded(category["label"]), said)
            for name in (theme["label"], *theme.get("other_labels", ())):
                table[f"{folded(name)} {folded(category['label'])}"] = said
    return table


def understand_categories(labels: Iterable[str]) -> Understood:
    """Our themes for « Thème|Sous-thème » (v1.6) or « Thème / Sous-thème » (v1.8).

    A sub-theme that is known counts under a theme that is not (renamed there): what follows one of
    the separators is tried, the longest first.
    """
    table = _categories()
    ours: dict[str, None] = {}
    known: list[str] = []
    unknown: list[str] = []
    for label in labels:
        found = table.get(folded(label))
        rest = label
        while found is None and (cut := _after_separator(rest)):
            rest = cut
            found = table.get(folded(rest))
        if found is None:
            unknown.append(label)
        else:
            ours.update(dict.fromkeys(found[1]))
            known.append(found[0])
    return Understood(tuple(ours), tuple(unknown), tuple(known))


def _after_separator(text: str) -> str:
    """What follows the first separator of `text`; "" when it holds none."""
    places = [at + len(mark) for mark in ("|", " / ") if (at := text.find(mark)) >= 0]
    return text[min(places) :].strip() if places else ""
