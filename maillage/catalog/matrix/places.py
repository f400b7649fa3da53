"""The territories of « qui fait quoi », and which offers reach them: whole, or a part only."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.urls import reverse

from maillage.engine.eligibility import Rule, facts_of, first_failures
from maillage.engine.types import Offer
from maillage.engine.vocabulary import Audience
from maillage.territories.directory import CommuneRecord, Directory

#: Word of the address → prefix of the territory key.
KINDS: Final = {"region": "reg", "departement": "dep", "epci": "epci", "commune": "com"}
FRANCE: Final = "FR"
_DEPARTMENTS: Final = frozenset({Audience.DEPARTMENT})
_OUT: Final = (Rule.TERRITORY, Rule.POPULATION, Rule.LABEL)


class Unknown(Exception):
    """No such territory."""


@dataclass(frozen=True, slots=True)
class Step:
    """A territory on the way down from France: its name and where its page is."""

    name: str
    kind: str = ""
    code: str = ""


@dataclass(frozen=True)
class Place:
    """A territory of the page. ``kind`` and ``code`` are "" for France.

    ``name`` tells it from others (« Bourrou (24) »); ``above`` are those that contain it, France
    first. ``departments`` are the codes of the départements where it lies, "" for wider ones.
    """

    kind: str
    code: str
    name: str
    above: tuple[Step, ...] = ()
    departments: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Territory key (``FR``, ``dep:24``)."""
        return f"{KINDS[self.kind]}:{self.code}" if self.kind else FRANCE

    @property
    def is_france(self) -> bool:
        """The whole country."""
        return not self.kind

    @property
    def slug(self) -> str:
        """In a file's name: « departement-24 »."""
        return f"{self.kind}-{self.code}" if self.kind else "france"

    @property
    def lead_keys(self) -> tuple[str, ...]:
        """Territories whose leads hold here, closest first: its départements, then France."""
        return (*(f"dep:{code}" for code in self.departments), FRANCE)

    @property
    def may_have_leads(self) -> bool:
        """A lead is named for a département, or for France."""
        return self.kind in ("", "departement")

    def address(self, page: str = "", **more: str) -> str:
        """Path of one of its pages: "" (the matrix), ``cell``, ``changes``, ``poster``…"""
        if self.is_france:
            return reverse(f"matrix:{page or 'france'}", kwargs=more)
        name = f"matrix:place_{page}" if page else "matrix:place"
        return reverse(name, kwargs={"kind": self.kind, "code": self.code, **more})

    @cached_property
    def path(self) -> str:
        """Path of its matrix."""
        return self.address()


def france() -> Place:
    """The whole country."""
    return Place("", "", "France entière")


def place_of(kind: str, code: str, known: Directory) -> Place:
    """The territory of a kind of `KINDS`, by its official code. Raises `Unknown`.

    The former code of a commune leads to the commune of today, whose ``code`` then differs.
    """
    code = code.upper()
    if kind == "region" and code in known.regions:
        return Place(kind, code, f"Région {known.regions[code]}", (_FRANCE,))
    if kind == "departement" and code in known.departments:
        return Place(kind, code, _department_name(code, known), _above_department(code, known),
                     (code,))  # fmt: skip
    if kind == "epci" and code in known.epcis:
        places = tuple(known.departments_of(code))
        above = _down_to_department(places[0], known) if places else (_FRANCE,)
        return Place(kind, code, known.epcis[code].name, above, places)
    current = known.resolve(code) if kind == "commune" else None
    if current in known.communes:
        return _commune(known.communes[current], known)
    raise Unknown


def _commune(commune: CommuneRecord, known: Directory) -> Place:
    above = _down_to_department(commune.department, known)
    if commune.epci:
        above = (*above, Step(known.epcis[commune.epci].name, "epci", commune.epci))
    return Place("commune", commune.code, commune.label, above, (commune.department,))


_FRANCE: Final = Step("France entière")


def _department_name(code: str, known: Directory) -> str:
    return f"{known.departments[code].name} ({code})"


def _above_department(code: str, known: Directory) -> tuple[Step, ...]:
    region = known.departments[code].region
    if region not in known.regions:
        return (_FRANCE,)
    return (_FRANCE, Step(known.regions[region], "region", region))


def _down_to_department(code: str, known: Directory) -> tuple[Step, ...]:
    here = Step(_department_name(code, known), "departement", code)
    return (*_above_department(code, known), here)


# -- Which offers reach it


@dataclass(frozen=True, slots=True)
class Reach:
    """The communes of a territory that each territory key holds: one bit by commune."""

    everything: int
    by_key: Mapping[str, int]

    def of(self, perimeter: Iterable[str]) -> int:
        """Bits of the communes that a perimeter holds."""
        held = 0
        for key in perimeter:
            held |= self.by_key.get(key, 0)
        return held


def reach_of(place: Place, known: Directory) -> Reach:
    """Read the communes of a territory (a few thousand at most: France has its own rule)."""
    bits: dict[str, int] = {}
    communes = _communes(place, known)
    for number, commune in enumerate(communes):
        for key in known.keys_of(commune):
            bits[key] = bits.get(key, 0) | 1 << number
    return Reach((1 << len(communes)) - 1, bits)


def _communes(place: Place, known: Directory) -> list[CommuneRecord]:
    if place.kind == "epci":
        return known.members.get(place.code, [])
    if place.kind == "commune":
        return [known.communes[place.code]]
    inside = {place.code}
    if place.kind == "region":
        inside = {d.code for d in known.departments.values() if d.region == place.code}
    return [c for c in known.communes.values() if c.department in inside]


def choose(
    place: Place, offers: Sequence[Offer], known: Directory
) -> tuple[list[Offer], Collection[str] | None]:
    """The offers that reach a territory, and which cover it whole (``None``: all of them).

    For a commune, also what its size and its programmes do not exclude, and what is not for
    départements alone: the rules of the list of offers.
    """
    if place.kind == "commune":
        return _for_commune(place, offers, known), None
    if place.is_france:
        return list(offers), {o.id for o in offers if o.perimeter & {"FR", "DEP"}}
    reach = reach_of(place, known)
    here, whole = [], set()
    for offer in offers:
        held = reach.of(offer.perimeter)
        if held:
            here.append(offer)
            if held == reach.everything:
                whole.add(offer.id)
    return here, whole


def _for_commune(place: Place, offers: Sequence[Offer], known: Directory) -> list[Offer]:
    territory = known.engine_territory(place.code)
    near = [o for o in offers if o.perimeter & territory.keys and o.audiences != _DEPARTMENTS]
    failed = first_failures(facts_of(near), territory, Audience.COMMUNE, None)
    return [o for o, rule in zip(near, failed.tolist(), strict=True) if rule not in _OUT]
