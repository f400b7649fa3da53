"""The territories of France in memory: who is who, near whom, with what labels.

Pages and the engine ask it instead of the database. It is built once from the database (a few
tenths of a second) and built again, apart, when the data change: no page waits for it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from django.db import connection

from maillage.common.held import Held
from maillage.engine.types import Territory
from maillage.engine.vocabulary import LABELS
from maillage.territories.enums import DERIVED, INHERITED, Carrier, Zone
from maillage.territories.models import (
    Arrondissement,
    Department,
    Epci,
    FormerCommune,
    LabelFile,
    Perimeter,
    Region,
)

EARTH_KM = 6371.0


class CommuneRecord(NamedTuple):
    """A commune. Codes of what contains it; "" when nothing does. Coordinates in degrees."""

    code: str
    name: str
    sort_key: str
    department: str
    arrondissement: str
    epci: str
    siren: str
    population: int | None
    postal_codes: tuple[str, ...]
    longitude: float | None
    latitude: float | None

    @property
    def key(self) -> str:
        """Territory key."""
        return f"com:{self.code}"

    @property
    def label(self) -> str:
        """Name told apart from its homonyms: « Bourrou (24) »."""
        return f"{self.name} ({self.department})"


class EpciRecord(NamedTuple):
    """An EPCI. Its members are in `Directory.members`."""

    siren: str
    name: str
    sort_key: str
    type: str
    population: int | None

    @property
    def key(self) -> str:
        """Territory key."""
        return f"epci:{self.siren}"


class DepartmentRecord(NamedTuple):
    """A département."""

    code: str
    name: str
    region: str
    zone: str


class Neighbour(NamedTuple):
    """A commune nearby; `distance` is between centres, in kilometres."""

    commune: CommuneRecord
    distance: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of whom the file of a label says that they do not carry it."""

    zones: frozenset[str]
    silent: frozenset[str]


@dataclass(slots=True)
class Directory:
    """All the territories. Do not change it: pages of several threads read it at once."""

    communes: dict[str, CommuneRecord]
    former: dict[str, str]
    sirens: dict[str, str]
    former_names: list[tuple[str, str, str]]
    epcis: dict[str, EpciRecord]
    departments: dict[str, DepartmentRecord]
    regions: dict[str, str]
    arrondissements: dict[str, str]
    members: dict[str, list[CommuneRecord]]
    perimeters: dict[str, tuple[str, ...]]
    labels: dict[str, frozenset[str]]
    derived: dict[str, frozenset[str]]
    coverage: dict[tuple[str, str], Coverage]
    density: dict[str, int]
    _placed: list[CommuneRecord] = field(default_factory=list)
    _points: Any = None

    # -- Who is who

    def commune(self, code: str) -> CommuneRecord:
        """The commune whose code in force is `code`. Raises ``KeyError``."""
        return self.communes[code]

    def epci(self, siren: str) -> EpciRecord:
        """The EPCI `siren`. Raises ``KeyError``."""
        return self.epcis[siren]

    def resolve(self, code: str) -> str | None:
        """The code in force for any code of a territory; ``None`` when it never was one.

        Takes the COG code of a commune, in force or former, of a municipal arrondissement (Paris,
        Lyon, Marseille), or a SIREN; gives a COG code, or the SIREN of an EPCI. A first zero eaten
        by a spreadsheet is forgiven.
        """
        code = code.strip().upper()
        if code in self.epcis:
            return code
        if len(code) == 4 and code.isdigit():
            code = f"0{code}"
        code = self.sirens.get(code, code)
        return code if code in self.communes else self.former.get(code)

    def label(self, code: str) -> str:
        """Name of a commune or EPCI by its code in force: « Bourrou (24) », « CA Le Grand
        Périgueux ». Raises ``KeyError``.
        """
        return self.epcis[code].name if code in self.epcis else self.communes[code].label

    def zone(self, department: str) -> str:
        """``metro``, ``drom`` or ``com``."""
        return self.departments[department].zone

    # -- Near whom

    def neighbours(self, code: str, count: int = 8) -> list[Neighbour]:
        """The `count` communes whose centres are nearest, nearest first; none without a point."""
        here = self.communes[code]
        if here.longitude is None or here.latitude is None or self._points is None:
            return []
        lon, lat = np.radians(here.longitude), np.radians(here.latitude)
        east = (self._points[:, 0] - lon) * np.cos(lat)
        north = self._points[:, 1] - lat
        far = east * east + north * north
        count = min(count + 1, len(far))
        nearest = np.argpartition(far, count - 1)[:count]
        found = (
            Neighbour(self._placed[i], float(np.sqrt(far[i])) * EARTH_KM)
            for i in nearest[np.argsort(far[nearest], kind="stable")]
        )
        return [n for n in found if n.commune.code != code][: count - 1]

    def departments_of(self, siren: str) -> list[str]:
        """Codes of the départements where the EPCI has members, the most populated first."""
        people: dict[str, int] = defaultdict(int)
        for member in self.members.get(siren, ()):
            people[member.department] += member.population or 0
        return sorted(people, key=lambda code: (-people[code], code))

    # -- With what labels

    def engine_territory(self, code: str) -> Territory:
        """What the engine must know of a commune or an EPCI, by any code that `resolve` takes.

        Raises ``KeyError`` when the code is no territory's.
        """
        current = self.resolve(code)
        if current is None:
            raise KeyError(code)
        if current in self.epcis:
            return self._epci_territory(self.epcis[current])
        return self._commune_territory(self.communes[current])

    def engine_territories(self) -> Iterable[Territory]:
        """Every commune of France as the engine sees it, by code."""
        return (self._commune_territory(self.communes[code]) for code in sorted(self.communes))

    def keys_of(self, commune: CommuneRecord) -> frozenset[str]:
        """Every territory key that contains the commune, named perimeters included."""
        department = self.departments[commune.department]
        keys = {"FR", f"reg:{department.region}", f"dep:{department.code}", commune.key}
        if department.zone != Zone.COM:
            keys.add("DEP")
        if commune.arrondissement:
            keys.add(f"arr:{commune.arrondissement}")
        if commune.epci:
            keys.add(f"epci:{commune.epci}")
        return self._with_perimeters(keys)

    def _commune_territory(self, commune: CommuneRecord) -> Territory:
        department = self.departments[commune.department]
        carried, absent = self._labels(commune)
        return Territory(
            code=commune.code,
            name=commune.name,
            keys=self.keys_of(commune),
            population=commune.population,
            labels=carried,
            labels_absent=absent,
            density=self.density.get(commune.key),
            overseas=department.zone != "metro",
        )

    def _epci_territory(self, epci: EpciRecord) -> Territory:
        keys = {"FR", "DEP", epci.key}
        members = self.members.get(epci.siren, [])
        for member in members:
            department = self.departments[member.department]
            keys |= {f"reg:{department.region}", f"dep:{department.code}"}
            if member.arrondissement:
                keys.add(f"arr:{member.arrondissement}")
        # A perimeter that holds one of its communes is open to an EPCI, as a département's is.
        inside = {key for m in members for key in self.perimeters.get(m.key, ())}
        carried = frozenset(label for label in LABELS if epci.key in self.labels.get(label, ()))
        places = [self.departments[m.department].zone for m in members]
        absent = frozenset(
            label
            for label in LABELS
            if label not in carried and self.says_no(label, Carrier.EPCI, epci.siren, places)
        )
        return Territory(
            code=epci.siren,
            name=epci.name,
            keys=self._with_perimeters(keys) | inside,
            population=epci.population,
            labels=carried,
            labels_absent=absent,
            overseas=bool(places) and "metro" not in places,
        )

    def _with_perimeters(self, keys: set[str]) -> frozenset[str]:
        return frozenset(keys).union(*(self.perimeters.get(key, ()) for key in keys))

    def _labels(self, commune: CommuneRecord) -> tuple[frozenset[str], frozenset[str]]:
        carried, absent = set(), set()
        zone = [self.departments[commune.department].zone]
        for label in LABELS:
            if label in DERIVED:
                base = DERIVED[label][0]
                if commune.key in self.derived[label]:
                    carried.add(label)
                elif commune.key in self.labels.get(base, ()) or self.says_no(
                    base, Carrier.COMMUNE, commune.code, zone
                ):
                    absent.add(label)
            elif commune.key in self.labels.get(label, ()):
                carried.add(label)
            elif self.says_no(label, Carrier.COMMUNE, commune.code, zone):
                absent.add(label)
            elif label in INHERITED and commune.epci:
                # No file speaks of communes: what its EPCI carries, or does not, is its own too.
                if f"epci:{commune.epci}" in self.labels.get(label, ()):
                    carried.add(label)
                elif self.says_no(label, Carrier.EPCI, commune.epci, zone):
                    absent.add(label)
        return frozenset(carried), frozenset(absent)

    def says_no(self, label: str, carrier: str, code: str, zones: list[str]) -> bool:
        """Whether a file in force says that the territory `code` does not carry the label."""
        coverage = self.coverage.get((label, carrier))
        return (
            coverage is not None
            and code not in coverage.silent
            and bool(zones)
            and coverage.zones.issuperset(zones)
        )


def build() -> Directory:
    """Read everything from the database: about ten queries."""
    communes = {row[0]: row for row in map(CommuneRecord._make, _communes())}
    members: dict[str, list[CommuneRecord]] = defaultdict(list)
    for commune in communes.values():
        if commune.epci:
            members[commune.epci].append(commune)
    former = list(FormerCommune.objects.values_list("code", "name", "commune_id"))
    placed = [c for c in communes.values() if c.longitude is not None]
    points = np.radians([(c.longitude, c.latitude) for c in placed]) if placed else None
    holders, derived, density = _carried()
    return Directory(
        communes=communes,
        former={code: commune for code, _, commune in former},
        sirens={c.siren: c.code for c in communes.values() if c.siren},
        former_names=[row for row in former if row[1]],
        epcis={
            row[0]: EpciRecord(*row)
            for row in Epci.objects.values_list("siren", "name", "sort_key", "type", "population")
        },
        departments={
            row[0]: DepartmentRecord(*row)
            for row in Department.objects.values_list("code", "name", "region_id", "zone")
        },
        regions=dict(Region.objects.values_list("code", "name")),
        arrondissements=dict(Arrondissement.objects.values_list("code", "name")),
        members=dict(members),
        perimeters=_perimeters(),
        labels=holders,
        derived=derived,
        coverage={
            (label, carrier): Coverage(frozenset(zones), frozenset(silent))
            for label, carrier, zones, silent in LabelFile.objects.current()
            .filter(complete=True)
            .values_list("label", "carrier", "zones", "silent")
        },
        density=density,
        _placed=placed,
        _points=points,
    )


def _communes() -> Iterable[tuple[Any, ...]]:
    """Rows of `CommuneRecord`, read without Django's models: there are 35 000 of them."""
    shared: dict[Any, Any] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, name, sort_key, department_id, coalesce(arrondissement_id, ''),"
            " coalesce(epci_id, ''), siren, population, array_to_string(postal_codes, ' '),"
            " longitude, latitude FROM territories_commune ORDER BY sort_key, code"
        )
        for row in cursor.fetchall():
            # Codes of départements and EPCI come thousands of times: keep one copy of each.
            codes = (shared.setdefault(code, code) for code in row[3:6])
            postal = shared.get(row[8])
            if postal is None:
                postal = shared[row[8]] = tuple(row[8].split())
            yield (*row[:3], *codes, *row[6:8], postal, *row[9:])


def _perimeters() -> dict[str, tuple[str, ...]]:
    """Keys of perimeters by key of what they are made of."""
    inside: dict[str, list[str]] = defaultdict(list)
    for perimeter in Perimeter.objects.order_by("slug"):
        for code in perimeter.codes:
            inside[code].append(perimeter.key)
    return {code: tuple(keys) for code, keys in inside.items()}


def _carried() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]], dict[str, int]]:
    """Who carries each label; who carries each derived one; the density levels."""
    holders: dict[str, set[str]] = defaultdict(set)
    derived: dict[str, set[str]] = {label: set() for label in DERIVED}
    density: dict[str, int] = {}
    # Grouped in the database: a value of density is borne by thousands of communes.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.label, CASE WHEN f.label = ANY(%s) THEN a.value ELSE '' END,"
            " string_agg(a.territory, ' ') FROM territories_labelassignment a"
            " JOIN territories_labelfile f ON f.id = a.file_id WHERE f.current"
            " AND f.label <> ALL(%s) GROUP BY 1, 2",
            [[base for base, _ in DERIVED.values()], ["ruralite", "centralite"]],
        )
        for label, value, territories in cursor.fetchall():
            keys = territories.split(" ")
            holders[label].update(keys)
            for name, (base, values) in DERIVED.items():
                if base == label and value in values:
                    derived[name].update(keys)
            if label == "densite":
                density.update(dict.fromkeys(keys, int(value)))
    return (
        {label: frozenset(keys) for label, keys in holders.items()},
        {label: frozenset(keys) for label, keys in derived.items()},
        density,
    )


_held = Held(build, "territories")


def directory() -> Directory:
    """The territories, built at the first call and kept in step with the database."""
    return _held.get()


def forget() -> None:
    """Build again at the next call (tests, and after an import in this process)."""
    _held.forget()
