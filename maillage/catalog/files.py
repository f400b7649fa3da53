"""Reading of the catalogue written as data: one readable TOML file a family.

The shape is documented in ``maillage/data/catalog/LISEZMOI.md``. What is wrong in a file is said
with the file's name, the entry and what to do; nothing is loaded if anything is wrong.
"""

import tomllib
from collections.abc import Iterable, Iterator
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


def read(data: Path = DATA) -> CatalogueFiles:
    """Read and check every file of `data`. Raises `CatalogueFileError` with all the problems."""
    problems: list[str] = []
    files = CatalogueFiles(
        sources=_table(data / "sources.toml", "sources"),
        thesaurus=_checked([data / "thesaurus.toml"], "entries", problems),
        project_types=_checked(sorted((data / "project_types").glob("*.toml")), "types", problems),
    )
    catalogue = sorted((data / "catalog").glob("*.toml"))
    files.providers = _checked(catalogue, "providers", problems)
    files.offers = _checked(catalogue, "offers", problems)
    problems += _references(files)
    if problems:
        raise CatalogueFileError(problems)
    return files


def _table(file: Path, name: str) -> list[Entry]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise CatalogueFileError([f"{file.name} : le fichier n'est pas lisible ({error})."]) from error
    entries: list[Entry] = content.get(name, [])
    return entries


def _checked(paths: Iterable[Path], name: str, problems: list[str]) -> list[Entry]:
    entries: list[Entry] = []
    seen: dict[str, str] = {}
    for path in paths:
        for entry in _table(path, name):
            key = entry.get("id") or entry.get("expression") or "(sans identifiant)"
            place = f"{path.name}, « {key} »"
            problems += [f"{place} : {problem}" for problem in _problems(entry, name)]
            if key in seen:
                problems.append(f"{place} : déjà présent dans {seen[key]} ; gardez-en un seul.")
            seen[key] = path.name
            entries.append(entry)
    return entries


def _problems(entry: Entry, name: str) -> Iterator[str]:
    fields = _FIELDS[name]
    for required in _REQUIRED[name]:
        if not entry.get(required):
            yield f"le champ « {required} » manque."
    for key, value in entry.items():
        if key not in fields:
            yield f"le champ « {key} » est inconnu ; attendus : {', '.join(fields)}."
        elif not isinstance(value, fields[key]):
            yield f"le champ « {key} » n'a pas la bonne forme (lu : {value!r})."
        elif key in _CHOICES:
            for code in [value] if isinstance(value, str) else value:
                if code not in _CHOICES[key]:
                    allowed = ", ".join(sorted(_CHOICES[key]))
                    yield f"« {code} » n'est pas une valeur de « {key} » ; au choix : {allowed}."
    for rate in entry.get("rates", []):
        if rate.get("kind") not in RateKind.values:
            yield f"un taux est de nature inconnue : {rate.get('kind')!r}."
        if not isinstance(rate.get("value"), int | float) or not rate.get("source"):
            yield "un taux doit avoir un nombre (value) et une source."


def _references(files: CatalogueFiles) -> Iterator[str]:
    sources = {source["id"] for source in files.sources}
    providers = {provider.get("id") for provider in files.providers}
    for entry in [*files.providers, *files.offers]:
        for cited in [entry.get("source"), *(r.get("source") for r in entry.get("rates", []))]:
            if cited not in sources:
                yield f"« {entry.get('id')} » cite la source « {cited} », absente de sources.toml."
    for offer in files.offers:
        if offer.get("provider") not in providers:
            yield (
                f"« {offer.get('id')} » est de l'offreur « {offer.get('provider')} », "
                "qui n'est décrit dans aucun fichier."
            )
