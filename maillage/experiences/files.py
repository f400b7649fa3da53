"""Reading of the experiences written as data. What is wrong is said with the file and the entry."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from maillage.common.services import SOURCES
from maillage.engine.vocabulary import THEMES
from maillage.experiences.enums import PRINCIPLES, Certainty, TerritoryKind

FILES: Final = Path(__file__).resolve().parents[1] / "data" / "experiences"
Entry = dict[str, Any]
_REQUIRED: Final = (
    "id",
    "title",
    "territory_name",
    "territory_kind",
    "themes",
    "summary",
    "source",
)
_TEXTS: Final = (
    "words", "what", "partners", "results", "watch_points", "again", "data_notes", "themes",
    "themes_printed", "territory_codes", "departments",
)  # fmt: skip
_NUMBERS: Final = ("started", "population", "crosses_total", "page")
_KNOWN: Final = {
    *_REQUIRED, *_TEXTS, *_NUMBERS, "initiative", "population_note", "principles", "costs",
    "funders",
}  # fmt: skip


class ExperienceFileError(Exception):
    """A file of experiences cannot be used; one French line by problem."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


def read(folder: Path = FILES, sources: Path = SOURCES) -> list[Entry]:
    """Read and check every TOML file of `folder`. Raises `ExperienceFileError`."""
    known = {source["id"] for source in tomllib.loads(sources.read_text("utf-8"))["sources"]}
    problems: list[str] = []
    entries: list[Entry] = []
    seen: set[str] = set()
    for file in sorted(folder.glob("*.toml")):
        try:
            found = tomllib.loads(file.read_text(encoding="utf-8")).get("experiences", [])
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{file.name} : le fichier n'est pas lisible ({error}).")
            continue
        for entry in found:
            name = entry.get("id", "(sans identifiant)")
            problems += [f"{file.name}, « {name} » : {p}" for p in _problems(entry, known)]
            if name in seen:
                problems.append(f"{file.name}, « {name} » : déjà présent ; gardez-en un seul.")
            seen.add(name)
        entries += found
    if problems:
        raise ExperienceFileError(problems)
    return entries


def _problems(entry: Entry, sources: set[str]) -> Iterator[str]:
    for name in _REQUIRED:
        if not entry.get(name):
            yield f"le champ « {name} » manque."
    for name in sorted(entry.keys() - _KNOWN):
        yield f"le champ « {name} » est inconnu."
    for name in _TEXTS:
        value = entry.get(name, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            yield f"le champ « {name} » doit être une liste de textes."
    for name in _NUMBERS:
        value = entry.get(name, 0)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            yield f"le champ « {name} » doit être un nombre entier (lu : {value!r})."
    for theme in entry.get("themes", []):
        if theme not in THEMES:
            yield f"« {theme} » n'est pas un thème."
    if entry.get("territory_kind") not in TerritoryKind.values:
        yield f"« {entry.get('territory_kind')} » n'est pas une nature de territoire."
    if entry.get("source") not in sources:
        yield f"la source « {entry.get('source')} » est absente de sources.toml."
    for code, certainty in entry.get("principles", {}).items():
        if code not in PRINCIPLES or certainty not in Certainty.values:
            yield f"le principe « {code} = {certainty} » n'est pas reconnu."
    for table, label in (("costs", "label"), ("funders", "name")):
        for line in entry.get(table, []):
            amount, share = line.get("amount", 0), line.get("share", 0)
            if not line.get(label) or not all(isinstance(n, int | float) for n in (amount, share)):
                yield f"une ligne de « {table} » n'a pas de « {label} » ou un montant illisible."
