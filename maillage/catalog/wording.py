"""What the pages and the exports say of an entry, in plain French."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from maillage.engine.vocabulary import LABELS, Audience
from maillage.territories.directory import Directory
from maillage.territories.models import Perimeter

_AUDIENCES: Final[dict[str, str]] = {
    Audience.COMMUNE: "les communes",
    Audience.EPCI: "les intercommunalités",
    Audience.SYNDICATE: "les syndicats, PETR et pôles",
    Audience.DEPARTMENT: "les départements",
    Audience.ASSOCIATION: "les associations",
    Audience.COMPANY: "les entreprises et commerces",
    Audience.INHABITANT: "les habitants",
}
_POPULATION: Final = {"municipal": "population municipale de l'INSEE", "dgf": "population DGF"}


@dataclass(frozen=True, slots=True)
class Place:
    """A piece of a perimeter: its name, its page when there is one, what is approximate in it."""

    name: str
    kind: str = ""
    code: str = ""
    approximate: bool = False
    note: str = ""


def enumerated(items: Sequence[str], last: str = "et") -> str:
    """« a, b et c »."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def audiences_in_words(codes: Iterable[str]) -> str:
    """« les communes, les intercommunalités et les associations »."""
    asked = set(codes)
    return enumerated([words for code, words in _AUDIENCES.items() if code in asked])


def population_in_words(low: int | None, high: int | None, kind: str) -> str:
    """« 3 500 habitants au plus (population municipale de l'INSEE) »; "" without bounds."""
    if low is None and high is None:
        return ""
    if low and high is not None:
        text = f"entre {_grouped(low)} et {_grouped(high)} habitants"
    elif high is not None:
        text = f"{_grouped(high)} habitants au plus"
    else:
        text = f"au moins {_grouped(low or 0)} habitants"
    return f"{text} ({_POPULATION[kind]})"


def labels_in_words(codes: Iterable[str]) -> str:
    """« Petites villes de demain » ou « Villages d'avenir »; "" without any."""
    return enumerated([f"« {LABELS.get(code, code)} »" for code in codes], "ou")


def places(
    keys: Iterable[str], directory: Directory, perimeters: Mapping[str, Perimeter]
) -> list[Place]:
    """The pieces of a perimeter, the widest first, then by name; an unknown key is said as it is.

    `perimeters` holds by slug the named ones that the keys cite (see `cited`).
    """
    found = [(_place(key, directory, perimeters), key) for key in keys]
    return [place for place, _ in sorted(found, key=lambda f: (_WIDTH[f[0].kind], f[0].name))]


def perimeter_in_words(
    keys: Iterable[str], directory: Directory, perimeters: Mapping[str, Perimeter]
) -> str:
    """« Dordogne (24), Lot (46) » on one line, for exports."""
    return ", ".join(place.name for place in places(keys, directory, perimeters))


def cited(keys: Iterable[str]) -> set[str]:
    """Slugs of the named perimeters among territory keys."""
    return {key[4:] for key in keys if key.startswith("per:")}


_WIDTH: Final = {"country": 0, "region": 1, "perimeter": 2, "department": 3, "arrondissement": 4,
                 "epci": 5, "commune": 6, "": 7}  # fmt: skip


def _place(key: str, directory: Directory, perimeters: Mapping[str, Perimeter]) -> Place:
    if key == "FR":
        return Place("Toute la France", "country")
    if key == "DEP":
        return Place("Tous les départements, hexagone et outre-mer", "country")
    kind, _, code = key.partition(":")
    if kind == "reg" and code in directory.regions:
        return Place(f"Région {directory.regions[code]}", "region", code)
    if kind == "dep" and code in directory.departments:
        return Place(f"{directory.departments[code].name} ({code})", "department", code)
    if kind == "arr" and code in directory.arrondissements:
        name = directory.arrondissements[code]
        return Place(f"Arrondissement : {name} ({code[:-1]})", "arrondissement", code)
    if kind == "epci" and code in directory.epcis:
        return Place(directory.epcis[code].name, "epci", code)
    if kind == "com" and code in directory.communes:
        return Place(directory.communes[code].label, "commune", code)
    if kind == "per" and code in perimeters:
        known = perimeters[code]
        return Place(known.name, "perimeter", code, known.approximate, known.note)
    return Place(f"Périmètre « {key} » (inconnu de cette installation)")


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")
