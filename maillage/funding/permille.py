"""The adapter of the study « 1 ‰ »: local bodies held in memory, and the words of its pages."""

import csv
import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from maillage.common.held import Held
from maillage.engine.funding.permille import KINDS, Bodies, Ints
from maillage.engine.text import words
from maillage.funding.enums import BodyKind
from maillage.funding.models import AccountsFile, LocalAccounts
from maillage.territories.directory import Directory, directory

_SAMPLE: Final = Path(__file__).resolve().parents[1] / "data" / "permille" / "exemple.csv.gz"
#: Where each stratum of communes begins, and its name. Other kinds of bodies are a stratum each.
STRATA: Final[tuple[tuple[int, str], ...]] = (
    (0, "Communes de moins de 200 habitants"),
    (200, "Communes de 200 à 499 habitants"),
    (500, "Communes de 500 à 999 habitants"),
    (1_000, "Communes de 1 000 à 1 999 habitants"),
    (2_000, "Communes de 2 000 à 3 499 habitants"),
    (3_500, "Communes de 3 500 à 9 999 habitants"),
    (10_000, "Communes de 10 000 à 49 999 habitants"),
    (50_000, "Communes de 50 000 habitants et plus"),
)
STRATUM_LABELS: Final = (*(label for _, label in STRATA), *BodyKind.labels[1:])
Row = tuple[str, str, int, int]


@dataclass(frozen=True, slots=True)
class Holdings:
    """The bodies of one set of accounts. `year` is 0 for the invented sample. Groups are numbers
    in `STRATUM_LABELS`, `departments` and `regions` (-1: a région is in no département).
    """

    year: int
    source: str
    bodies: Bodies
    names: tuple[str, ...]
    #: Names as they are searched and ordered: words without accents.
    folded: tuple[str, ...]
    stratum: Ints
    department: Ints
    region: Ints
    departments: tuple[tuple[str, str], ...]
    regions: tuple[tuple[str, str], ...]
    missing: int

    @property
    def sample(self) -> bool:
        """Are these amounts invented?"""
        return self.year == 0

    @property
    def graded(self) -> bool:
        """Is the density of some communes known?"""
        return bool(self.bodies.density.any())

    @property
    def rated(self) -> bool:
        """Is the potentiel financier of some communes known?"""
        return bool(self.bodies.wealth.any())

    def place(self, kind: str, code: str) -> int | None:
        """Where a body is in the arrays; None when the accounts do not hold it."""
        found = np.flatnonzero(
            (self.bodies.codes == code) & (self.bodies.kind == KINDS.index(kind))
        )
        return int(found[0]) if len(found) else None


def holdings() -> dict[int, Holdings]:
    """Sets of accounts by year, the latest first; only the sample (year 0) before any import."""
    return _held.get()


def _build() -> dict[int, Holdings]:
    known = directory()
    made = {}
    for file in AccountsFile.objects.order_by("-year"):
        lines = LocalAccounts.objects.filter(file=file).order_by("kind", "code")
        rows = (
            (kind, code, int(investment * 100), int((wealth or 0) * 100))
            for kind, code, investment, wealth in lines.values_list(
                "kind", "code", "investment", "wealth"
            )
        )
        made[file.year] = hold(rows, known, file.year, file.source)
    return made or {0: hold(sample(), known, 0, "")}


def sample() -> Iterator[Row]:
    """The invented accounts: kind, code, investment and wealth in cents."""
    with gzip.open(_SAMPLE, "rt", encoding="utf-8", newline="") as file:
        for kind, code, investment, wealth in list(csv.reader(file, delimiter=";"))[1:]:
            yield kind, code, int(investment) * 100, int(wealth or 0) * 100


def hold(rows: Iterable[Row], known: Directory, year: int, source: str) -> Holdings:
    """Put rows in arrays. A body that is no longer one is left out, and counted."""
    departments = sorted((d.code, d.name) for d in known.departments.values())
    regions = sorted(known.regions.items(), key=lambda one: words(one[1]))
    places = _Places(known, departments, regions)
    kept, names, found, missing = [], [], [], 0
    for row in rows:
        where = places.of(row[0], row[1])
        if where is None:
            missing += 1
            continue
        kept.append(row)
        names.append(where[0])
        found.append(where[1:])
    table: Any = np.array(found, np.int64).reshape(len(found), 4)
    kinds = np.array([KINDS.index(row[0]) for row in kept], np.int64)
    strata = np.searchsorted([start for start, _ in STRATA], table[:, 0], side="right") - 1
    return Holdings(
        year=year,
        source=source,
        bodies=Bodies(
            codes=np.array([row[1] for row in kept], dtype="U9"),
            kind=kinds,
            spending=np.array([row[2] for row in kept], np.int64),
            population=table[:, 0],
            density=table[:, 1],
            wealth=np.array([row[3] for row in kept], np.int64),
        ),
        names=tuple(names),
        folded=tuple(" ".join(words(name)) for name in names),
        stratum=np.where(kinds == 0, strata, len(STRATA) - 1 + kinds),
        department=table[:, 2],
        region=table[:, 3],
        departments=tuple(departments),
        regions=tuple(regions),
        missing=missing,
    )


class _Places:
    """Name, population, density and groups of a body."""

    def __init__(
        self, known: Directory, departments: list[tuple[str, str]], regions: list[tuple[str, str]]
    ) -> None:
        self._known = known
        self._department = {code: n for n, (code, _) in enumerate(departments)}
        self._region = {code: n for n, (code, _) in enumerate(regions)}
        self._people: dict[str, int] = dict.fromkeys(known.departments, 0)
        for commune in known.communes.values():
            self._people[commune.department] += commune.population or 0

    def of(self, kind: str, code: str) -> tuple[str, int, int, int, int] | None:
        """(name, population, density, département, région), -1 for none; None when unknown."""
        known = self._known
        if kind == BodyKind.COMMUNE and code in known.communes:
            commune = known.communes[code]
            density = known.density.get(commune.key, 0)
            return self._in(commune.department, commune.label, commune.population or 0, density)
        if kind == BodyKind.EPCI and code in known.epcis:
            epci = known.epcis[code]
            there = known.departments_of(code)
            if not there:
                return epci.name, epci.population or 0, 0, -1, -1
            return self._in(there[0], epci.name, epci.population or 0, 0)
        if kind == BodyKind.DEPARTMENT and code in known.departments:
            name = f"Département : {known.departments[code].name}"
            return self._in(code, name, self._people[code], 0)
        if kind == BodyKind.REGION and code in known.regions:
            people = sum(
                self._people[d.code] for d in known.departments.values() if d.region == code
            )
            return f"Région : {known.regions[code]}", people, 0, -1, self._region[code]
        return None

    def _in(
        self, department: str, name: str, people: int, density: int
    ) -> tuple[str, int, int, int, int]:
        region = self._known.departments[department].region
        return name, people, density, self._department[department], self._region[region]


_held = Held(_build, "territories", "local_accounts")
