"""Reading of the catalogue written as data: one readable TOML file a family.

The shape is documented in ``maillage/data/catalog/LISEZMOI.md``. What is wrong in a file is said
with the file's name, the entry and what to do; nothing is loaded if anything is wrong.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from maillage.catalog.enums import LEVEL_BY_CODE, PopulationKind, RateKind
from maillage.engine import vocabulary as v

DATA: Final = Path(__file__).resolve().parents[1] / "data"
Entry = dict[str, Any]


class CatalogueFileError(Exception):
    """A file of the catalogue cannot be used; one French line by problem."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(slots=True)
class CatalogueFiles:
    """All that the files hold, checked. Values are as in TOML (dates are dates)."""

    sources: list[Entry] = field(default_factory=list)
    providers: list[Entry] = field(default_factory=list)
    offers: list[Entry] = field(default_factory=list)
    project_types: list[Entry] = field(default_factory=list)
    thesaurus: list[Entry] = field(default_factory=list)


class _Table:
    """The entries of one kind, and where each one was read: « file, « id » »."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.places: list[str] = []

    def located(self) -> Iterator[tuple[Entry, str]]:
        """Each entry with its place."""
        return zip(self.entries, self.places, strict=True)


_TEXT: Final = (str,)
_CODES: Final = (list,)
_FIELDS: Final[dict[str, dict[str, tuple[type, ...]]]] = {
    "providers": {
        "id": _TEXT, "name": _TEXT, "full_name": _TEXT, "family": _TEXT, "level": _TEXT,
        "perimeter": _CODES, "summary": _TEXT, "website": _TEXT, "contact": _TEXT,
        "state": _TEXT, "source": _TEXT, "source_detail": _TEXT, "vintage": _TEXT,
    },
    "offers": {
        "id": _TEXT, "provider": _TEXT, "title": _TEXT, "summary": _TEXT, "description": _TEXT,
        "kind": _TEXT, "cost": _TEXT, "cost_note": _TEXT, "themes": _CODES, "phases": _CODES,
        "audiences": _CODES, "population_min": (int,), "population_max": (int,),
        "population_kind": _TEXT, "labels_any": _CODES, "level": _TEXT, "perimeter": _CODES,
        "words": _CODES, "apply": _TEXT, "contact": _TEXT, "link": _TEXT, "opens": (date,),
        "closes": (date,), "waiting_weeks": (int,), "capacity": _TEXT, "state": _TEXT,
        "source": _TEXT, "source_detail": _TEXT, "vintage": _TEXT, "checked_on": (date,),
        "rates": _CODES,
    },
    "types": {
        "id": _TEXT, "label": _TEXT, "themes": _CODES, "phases": _CODES, "vocabulary": _CODES,
        "first_step": _TEXT, "phrases": _CODES, "state": _TEXT, "schemes_to_check": _CODES,
        "merged_from": _CODES,
    },
    "entries": {"expression": _TEXT, "terms": _CODES, "themes": _CODES},
}  # fmt: skip
_REQUIRED: Final = {
    "providers": ("id", "name", "family", "level", "perimeter", "state", "source"),
    "offers": ("id", "provider", "title", "summary", "kind", "cost", "themes", "phases",
               "audiences", "state", "source"),
    "types": ("id", "label", "themes", "phases", "vocabulary", "phrases"),
    "entries": ("expression", "terms"),
}  # fmt: skip
_CHOICES: Final[dict[str, set[str]]] = {
    "family": {member.value for member in v.Family},
    "level": set(LEVEL_BY_CODE),
    "kind": {member.value for member in v.Kind},
    "cost": {member.value for member in v.Cost},
    "state": {member.value for member in v.State},
    "population_kind": set(PopulationKind.values),
    "themes": set(v.THEMES),
    "phases": set(v.PHASES),
    "audiences": {member.value for member in v.Audience},
    "labels_any": set(v.LABELS),
}


#: Longest texts, in characters: what the columns of the database hold.
_LONGEST: Final = {
    "id": 100, "name": 200, "full_name": 300, "title": 250, "label": 200, "expression": 120,
    "source_detail": 250, "vintage": 20, "capacity": 250, "link": 400, "website": 200,
}  # fmt: skip
_RATE: Final = {"kind", "value", "unit", "base", "valid_from", "valid_to", "source", "state"}
_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_KEY: Final = re.compile(
    r"FR|DEP|reg:\d{2,3}|dep:(\d{2,3}|2[AB])|arr:\w{3,4}|epci:\d{9}|com:\w{5}|per:([a-z0-9-]+)"
)


def read(data: Path = DATA) -> CatalogueFiles:
    """Read and check every file of `data`. Raises `CatalogueFileError` with all the problems."""
    problems: list[str] = []
    sources = _read(data / "sources.toml", "sources", problems)
    perimeters = _read(data / "perimeters.toml", "perimeters", problems)
    catalogue = sorted((data / "catalog").glob("*.toml"))
    kinds = sorted((data / "project_types").glob("*.toml"))
    thesaurus = _checked([data / "thesaurus.toml"], "entries", problems)
    types = _checked(kinds, "types", problems)
    providers = _checked(catalogue, "providers", problems)
    offers = _checked(catalogue, "offers", problems)
    problems += _references(
        providers,
        offers,
        {source.get("id", "") for source in sources},
        {perimeter.get("id", "") for perimeter in perimeters},
    )
    if problems:
        raise CatalogueFileError(problems)
    return CatalogueFiles(
        sources=sources,
        providers=providers.entries,
        offers=offers.entries,
        project_types=types.entries,
        thesaurus=thesaurus.entries,
    )


def _read(file: Path, name: str, problems: list[str]) -> list[Entry]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        problems.append(f"{file.name} : le fichier est absent.")
        return []
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = f"{file.name} : le fichier n'est pas lisible ({error})."
        if problem not in problems:  # a file of the catalogue is read once by table
            problems.append(problem)
        return []
    entries: list[Entry] = content.get(name, [])
    return entries


def _checked(paths: Iterable[Path], name: str, problems: list[str]) -> _Table:
    table = _Table()
    seen: dict[str, str] = {}
    for path in paths:
        for entry in _read(path, name, problems):
            key = str(entry.get("id") or entry.get("expression") or "(sans identifiant)")
            place = f"{path.name}, « {key} »"
            problems += [f"{place} : {problem}" for problem in _problems(entry, name)]
            if key in seen:
                problems.append(f"{place} : déjà présent dans {seen[key]} ; gardez-en un seul.")
            seen[key] = path.name
            table.entries.append(entry)
            table.places.append(place)
    return table


def _problems(entry: Entry, name: str) -> Iterator[str]:
    fields = _FIELDS[name]
    for required in _REQUIRED[name]:
        if not entry.get(required):
            yield f"le champ « {required} » manque."
    for key, value in entry.items():
        if key not in fields:
            yield f"le champ « {key} » est inconnu ; attendus : {', '.join(fields)}."
        elif not isinstance(value, fields[key]) or isinstance(value, bool):
            yield f"le champ « {key} » n'a pas la bonne forme (lu : {value!r})."
        else:
            yield from _value_problems(key, value)
    for rate in _rates(entry):
        yield from _rate_problems(rate)
    low, high = entry.get("population_min"), entry.get("population_max")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        yield f"la population minimale ({low}) dépasse la maximale ({high})."
    opens, closes = entry.get("opens"), entry.get("closes")
    if isinstance(opens, date) and isinstance(closes, date) and opens > closes:
        yield f"l'ouverture ({opens}) est après le dernier jour ({closes})."


def _value_problems(key: str, value: Any) -> Iterator[str]:
    """Problems of a value that has the right shape."""
    if isinstance(value, int) and value < 0:
        yield f"le champ « {key} » est négatif ({value})."
    if key == "rates" and not all(isinstance(item, dict) for item in value):
        yield "un chiffre s'écrit dans sa propre table [[offers.rates]]."
    elif isinstance(value, list) and key != "rates":
        if not all(isinstance(item, str) for item in value):
            yield f"le champ « {key} » doit être une liste de textes."
            return
        if key == "perimeter":
            for code in value:
                if not _KEY.fullmatch(code):
                    yield f"« {code} » n'est pas une clé de territoire (« FR », « dep:24 »…)."
    if key == "id" and not _ID.fullmatch(value):
        yield "l'identifiant ne prend que des minuscules sans accent, des chiffres et des tirets."
    if key in ("link", "website") and not value.startswith(("https://", "http://")):
        yield f"« {value} » n'est pas une adresse : elle commence par https://."
    if key in _LONGEST and len(value) > _LONGEST[key]:
        yield f"le champ « {key} » dépasse {_LONGEST[key]} caractères."
    if key in _CHOICES:
        for code in [value] if isinstance(value, str) else value:
            if code not in _CHOICES[key]:
                allowed = ", ".join(sorted(_CHOICES[key]))
                yield f"« {code} » n'est pas une valeur de « {key} » ; au choix : {allowed}."


def _rates(entry: Entry) -> list[Entry]:
    """The figures that have the shape of one; the others are said by `_problems`."""
    found = entry.get("rates", [])
    return [rate for rate in found if isinstance(rate, dict)] if isinstance(found, list) else []


def _rate_problems(rate: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(rate.keys() - _RATE):
        yield f"un chiffre a un champ inconnu : « {key} »."
    if rate.get("kind") not in RateKind.values:
        yield f"un chiffre est de nature inconnue : {rate.get('kind')!r}."
    value = rate.get("value")
    if not isinstance(value, int | float) or isinstance(value, bool) or not rate.get("source"):
        yield "un chiffre doit avoir un nombre (value) et une source."
    if not isinstance(rate.get("unit"), str):
        yield "un chiffre doit dire son unité (unit) : « % » ou « € »."
    if rate.get("state", "to_confirm") not in _CHOICES["state"]:
        yield f"un chiffre est dans un état inconnu : {rate.get('state')!r}."


def _references(
    providers: _Table, offers: _Table, sources: set[str], perimeters: set[str]
) -> Iterator[str]:
    known = {provider.get("id") for provider in providers.entries}
    for entry, place in [*providers.located(), *offers.located()]:
        for cited in [entry.get("source"), *(rate.get("source") for rate in _rates(entry))]:
            if cited and cited not in sources:
                yield f"{place} : la source « {cited} » est absente de sources.toml."
        for key in entry.get("perimeter", []):
            match = _KEY.fullmatch(key) if isinstance(key, str) else None
            if match and match[2] and match[2] not in perimeters:
                yield f"{place} : le périmètre « {key} » est absent de perimeters.toml."
    for offer, place in offers.located():
        if offer.get("provider") not in known:
            yield (
                f"{place} : l'offreur « {offer.get('provider')} » n'est décrit dans aucun fichier."
            )
