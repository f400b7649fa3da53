"""A perimeter as people write it: one place a line, by its name or its code, and back.

Each line that the site writes is read again as the same key: « Bourrou (24061) »,
« Département : Dordogne (24) », « Intercommunalité : CC … (200040392) », « Toute la France ».
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from maillage.engine.text import words
from maillage.territories.directory import Directory, directory
from maillage.territories.models import Perimeter
from maillage.territories.search import Suggestion, search

FRANCE: Final = "Toute la France"
ALL_DEPARTMENTS: Final = "Tous les départements"
_WHOLE: Final = {
    "fr": "FR", "france": "FR", "toute france": "FR", "france entiere": "FR",
    "toute la france": "FR", "dep": "DEP", "tous les departements": "DEP",
    "tous les departements hexagone et outre mer": "DEP",
}  # fmt: skip
_KINDS: Final = {
    "departement": "dep", "region": "reg", "arrondissement": "arr", "intercommunalite": "epci",
    "epci": "epci", "commune": "com", "perimetre": "per",
}  # fmt: skip
_NAMES: Final = {
    "dep": "Département", "reg": "Région", "arr": "Arrondissement", "epci": "Intercommunalité",
    "com": "Commune", "per": "Périmètre",
}  # fmt: skip
_PREFIX: Final = re.compile(
    r"^\s*([A-Za-zÀ-ÿ]+)\s*(?::|\bde\s+la\b|\bdes\b|\bdu\b|\bde\b|\s)\s*(.+)$"
)
_LAST_CODE: Final = re.compile(r"\(\s*([-0-9A-Za-z_]+)\s*\)\s*$")
_KEY: Final = re.compile(r"^(com|epci|dep|reg|arr|per):([-0-9A-Za-z_]+)$")
_BARE: Final = re.compile(r"^[0-9AaBb]{2,9}$")
_ARTICLES: Final = frozenset({"la", "le", "les", "l", "de", "du", "des", "d"})
#: Places offered when a name is that of several.
MOST_CHOICES: Final = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """A place that may be meant."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """A line that was not understood: why, and what it may be."""

    text: str
    message: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: keys in order, without doubles; `lines` to show again; what is to be asked."""

    keys: list[str]
    lines: list[str]
    questions: list[Question]


def named_perimeters() -> dict[str, str]:
    """Names of the named perimeters, by slug (one query)."""
    return dict(Perimeter.objects.values_list("slug", "name"))


def line_of(key: str, known: Directory, named: Mapping[str, str]) -> str:
    """The line that is read again as `key`; `key` itself for a place unknown here."""
    kind, _, code = key.partition(":")
    if key == "FR":
        return FRANCE
    if key == "DEP":
        return ALL_DEPARTMENTS
    if kind == "com" and code in known.communes:
        return f"{known.communes[code].name} ({code})"
    names = {
        "dep": {code: d.name for code, d in known.departments.items()} if kind == "dep" else {},
        "reg": known.regions,
        "arr": known.arrondissements,
        "epci": {code: known.epcis[code].name} if code in known.epcis else {},
        "per": named,
    }
    name = names.get(kind, {}).get(code)
    return f"{_NAMES[kind]} : {name} ({code})" if name else key


def lines_of(keys: Iterable[str]) -> list[str]:
    """The lines of a perimeter, to be corrected by people."""
    held = list(keys)
    named = named_perimeters() if any(key.startswith("per:") for key in held) else {}
    known = directory()
    return [line_of(key, known, named) for key in held]


def read(
    lines: Iterable[str],
    *,
    kept: Iterable[str] = (),
    chosen: Mapping[str, str] | None = None,
) -> Read:
    """The keys of `lines`. A key of `kept` is taken even when this installation does not know it.

    `chosen` answers former questions: text of the line → key, "" to drop the line.
    """
    known, named = directory(), named_perimeters()
    held, answers = set(kept), chosen or {}
    keys: list[str] = []
    shown: list[str] = []
    questions: list[Question] = []
    for line in lines:
        text = line.strip(" \t,;.•-")
        if not text:
            continue
        answer = answers.get(text)
        if answer == "":
            continue
        found = [answer] if answer and _exists(answer, known, named) else []
        if not found:
            found = [text] if text in held else _sure(text, known, named)
        if len(found) == 1:
            if found[0] not in keys:
                keys.append(found[0])
                shown.append(line_of(found[0], known, named))
            continue
        questions.append(_question(text, found, known, named))
        shown.append(text)
    return Read(keys, shown, questions)


def _exists(key: str, known: Directory, named: Mapping[str, str]) -> bool:
    return key in ("FR", "DEP") or (
        _KEY.match(key) is not None and line_of(key, known, named) != key
    )


def _sure(text: str, known: Directory, named: Mapping[str, str]) -> list[str]:
    """Keys of the places that are exactly what was typed; one when there is no doubt."""
    if _exists(text, known, named):
        return [text]
    whole = _WHOLE.get(_folded(text))
    if whole:
        return [whole]
    said = _PREFIX.match(text)
    kind = _KINDS.get(_folded(said[1]), "") if said else ""
    rest = said[2].strip() if said and kind else text
    code = _LAST_CODE.search(rest)
    if code:
        found = _by_code(kind or _kind_of(code[1]), code[1], known, named)
        if found:
            return found
    elif _BARE.match(rest):
        return _by_bare_code(kind, rest.upper(), known, named)
    return _by_name(kind, rest, known, named)


def _kind_of(code: str) -> str:
    return {5: "com", 9: "epci"}.get(len(code), "")


def _by_code(kind: str, code: str, known: Directory, named: Mapping[str, str]) -> list[str]:
    key = f"{kind}:{code if kind == 'per' else code.upper()}"
    if kind == "com":
        now = known.resolve(code)
        key = f"com:{now}" if now in known.communes else key
    return [key] if kind and _exists(key, known, named) else []


def _by_bare_code(kind: str, code: str, known: Directory, named: Mapping[str, str]) -> list[str]:
    """A code alone: of a département (2 or 3 characters), a commune or its post office, an EPCI."""
    if kind:
        return _by_code(kind, code, known, named)
    if len(code) <= 3:
        return _by_code("dep", code, known, named)
    if len(code) == 9:
        return _by_code("epci", code, known, named)
    found = _by_code("com", code, known, named)
    posted = [_key(one) for one in search(code, kind="commune")] if len(code) == 5 else []
    return list(dict.fromkeys([*found, *posted]))


def _by_name(kind: str, text: str, known: Directory, named: Mapping[str, str]) -> list[str]:
    wanted = _folded(text)
    tables: dict[str, Mapping[str, str]] = {
        "dep": {code: row.name for code, row in known.departments.items()},
        "reg": known.regions,
    }
    if kind == "arr":
        tables = {"arr": known.arrondissements}
    elif kind == "per":
        tables = {"per": named}
    elif kind in ("com", "epci"):
        tables = {}
    elif kind:
        tables = {kind: tables[kind]}
    found = [
        f"{sort}:{code}"
        for sort, names in tables.items()
        for code, name in names.items()
        if _folded(name) == wanted
    ]
    if kind in ("", "com", "epci"):
        sort = {"com": "commune", "epci": "epci"}.get(kind, "all")
        found += [_key(one) for one in search(text, kind=sort, limit=MOST_CHOICES) if one.certain]
    return list(dict.fromkeys(found))


def _question(text: str, found: list[str], known: Directory, named: Mapping[str, str]) -> Question:
    near = found or [_key(one) for one in search(text, kind="all", limit=MOST_CHOICES)]
    choices = tuple(Choice(key, line_of(key, known, named)) for key in near[:MOST_CHOICES])
    if found:
        message = f"« {text} » désigne plusieurs lieux : choisissez lequel."
    elif choices:
        message = f"« {text} » n'est pas exactement un lieu connu : est-ce un de ceux-ci ?"
    else:
        message = (
            f"« {text} » n'est pas un lieu connu : écrivez le nom ou le code d'une commune, d'une "
            "intercommunalité, d'un département ou d'une région, ou retirez la ligne."
        )
    return Question(text, message, choices)


def _key(one: Suggestion) -> str:
    return f"{'com' if one.kind == 'commune' else 'epci'}:{one.code}"


def _folded(text: str) -> str:
    """Folded words, without the articles at the beginning."""
    found = words(text)
    if " ".join(found) in _WHOLE:
        return " ".join(found)
    while len(found) > 1 and found[0] in _ARTICLES:
        found = found[1:]
    return " ".join(found)
