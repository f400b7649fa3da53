"""Choose a territory by what is typed: a commune, an intercommunalité, a département, a région."""

from typing import NamedTuple

from maillage.catalog.matrix.places import KINDS, Place, Unknown, place_of
from maillage.territories.directory import Directory
from maillage.territories.models import sort_key
from maillage.territories.search import search


class Choice(NamedTuple):
    """A territory that what was typed may name; ``detail`` says which one it is."""

    place: Place
    detail: str
    certain: bool = False


def find_places(text: str, code: str, known: Directory) -> list[Choice]:
    """Territories that a typed text may name, best first; one alone and ``certain`` when sure.

    `code` is what the suggestions filled: it wins as long as the text is still its name.
    """
    if code:
        found = _by_code(code, known)
        if found and (not text or sort_key(text).startswith(sort_key(found.name.split(" (")[0]))):
            return [Choice(found, "", True)]
    if not text:
        return []
    wide = _wide(text, known)
    if len(wide) == 1 and wide[0].certain:
        return wide
    near = [
        Choice(place_of(one.kind, one.code, known), one.detail, one.certain)
        for one in search(text, kind="all", limit=8)
    ]
    sure = [one for one in (*wide, *near) if one.certain]
    return sure if len(sure) == 1 else [*wide, *near]


def _by_code(code: str, known: Directory) -> Place | None:
    for kind in ("commune", "epci"):
        try:
            return place_of(kind, code, known)
        except Unknown:
            continue
    return None


def _wide(text: str, known: Directory) -> list[Choice]:
    """Départements and régions that have this name or this code."""
    typed = sort_key(text).removeprefix("region ").removeprefix("departement ")
    found = []
    for code, one in known.departments.items():
        name = sort_key(one.name)
        exact = typed in (name, code.lower(), f"{name} {code.lower()}")
        if exact or (len(typed) > 3 and name.startswith(typed)):
            found.append(Choice(place_of("departement", code, known), "département", exact))
    for code, name in known.regions.items():
        exact = typed == sort_key(name)
        if exact or (len(typed) > 3 and sort_key(name).startswith(typed)):
            found.append(Choice(place_of("region", code, known), "région", exact))
    return sorted(found, key=lambda one: (not one.certain, list(KINDS).index(one.place.kind)))


def below(place: Place, known: Directory) -> list[Place]:
    """The territories just inside: régions of France, départements of a région, EPCI of a
    département, communes of an EPCI; by name.
    """
    if place.is_france:
        inside = [("region", code) for code in known.regions]
    elif place.kind == "region":
        inside = [
            ("departement", d.code) for d in known.departments.values() if d.region == place.code
        ]
    elif place.kind == "departement":
        inside = [("epci", siren) for siren in _epcis_of(place.code, known)]
    elif place.kind == "epci":
        inside = [("commune", one.code) for one in known.members.get(place.code, ())]
    else:
        inside = []
    found = [place_of(kind, code, known) for kind, code in inside]
    return sorted(found, key=lambda one: sort_key(one.name))


def _epcis_of(department: str, known: Directory) -> list[str]:
    communes = known.communes.values()
    return list(dict.fromkeys(c.epci for c in communes if c.department == department and c.epci))
