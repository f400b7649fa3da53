"""The results of a search on a map: how many local offers by département, then by EPCI.

Local means of use in a part of France only: what is of use everywhere (national help, or what each
département has) is counted apart, for it would colour all of France alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from maillage.catalog.searching import Search
from maillage.territories import maps
from maillage.territories.directory import CommuneRecord, Directory, directory

BoolArray = npt.NDArray[np.bool_]
#: Shades of the map, lightest first, above the blank of « aucune ».
SHADES: Final = 5


@dataclass(frozen=True, slots=True)
class Place:
    """A département or an EPCI: local offers of use in at least a part of it, its shade from 0
    (none) to `SHADES`. ``communes`` are those with at least one offer, of ``of``.
    """

    code: str
    name: str
    count: int
    shade: int
    communes: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the key: the counts, bounds included, that have a shade."""

    shade: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Shaded:
    """A drawn area and the place it shows."""

    path: str
    place: Place


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map with its shades; ``code`` is that of the département when it shows only one."""

    code: str
    map: maps.Map
    areas: tuple[Shaded, ...]


@dataclass(frozen=True, slots=True)
class CoverageMap:
    """What the page shows: maps, the same as lines of a table, the key; how many offers are local,
    how many are of use everywhere.
    """

    drawings: tuple[Drawing, ...]
    places: tuple[Place, ...]
    steps: tuple[Step, ...]
    local: int
    everywhere: int


def _split(done: Search) -> tuple[BoolArray, int]:
    """Which of the offers found are local, as a mask over the snapshot; how many are not."""
    found = np.zeros(done.shelf.snapshot.facts.size, dtype=np.bool_)
    found[list(done.listing.numbers)] = True
    local = found & done.shelf.reach.tied
    return local, int(found.sum() - local.sum())


def of_france(done: Search) -> CoverageMap:
    """Départements by how many of the local offers found are of use there."""
    local, everywhere = _split(done)
    reach, known = done.shelf.reach, directory()
    counts = {}
    if local.any():
        sums = np.count_nonzero(reach.inside[:, local], axis=1)
        counts = {code: int(sums[number]) for code, number in reach.numbers.items()}
    steps = steps_of(list(counts.values()))
    places = {
        code: Place(code, place.name, count, shade_of(count, steps))
        for code, place in known.departments.items()
        for count in [counts.get(code, 0)]
    }
    drawings = [
        Drawing(code, drawn, tuple(Shaded(a.path, places[a.kind]) for a in drawn.areas))
        for code, drawn in maps.france_maps()
    ]
    lines = sorted(places.values(), key=lambda place: place.code)
    return CoverageMap(tuple(drawings), tuple(lines), steps, int(local.sum()), everywhere)


def of_department(done: Search, code: str) -> CoverageMap:
    """EPCI of a département by how many of the local offers found are of use there, and how many
    of their communes (in this département) have at least one.
    """
    local, everywhere = _split(done)
    local = local & done.shelf.reach.of(code)
    known = directory()
    by_key = done.shelf.snapshot.facts.by_key
    groups: dict[str, list[CommuneRecord]] = {}
    for commune in known.communes.values():
        if commune.department == code:
            groups.setdefault(commune.epci, []).append(commune)
    found: dict[str, tuple[int, int]] = {}
    for siren, communes in groups.items():
        whole, reached = np.zeros(len(local), dtype=np.bool_), 0
        for commune in communes:
            here = np.zeros(len(local), dtype=np.bool_)
            for key in _keys(commune, known):
                if key in by_key:
                    here[by_key[key]] = True
            here &= local
            reached += bool(here.any())
            whole |= here
        found[siren] = int(whole.sum()), reached
    steps = steps_of([count for count, _ in found.values()])
    places = {
        siren: Place(
            siren, known.epcis[siren].name if siren else "Sans intercommunalité", count,
            shade_of(count, steps), reached, len(groups[siren]),
        )
        for siren, (count, reached) in found.items()
    }  # fmt: skip
    by_name = {place.name: place for place in places.values()}
    drawn = maps.department_map(code)
    drawings = []
    if drawn:
        areas = tuple(Shaded(a.path, by_name[a.name]) for a in drawn.areas if a.name in by_name)
        drawings.append(Drawing(code, drawn, areas))
    lines = sorted(places.values(), key=lambda place: (not place.code, place.name))
    return CoverageMap(tuple(drawings), tuple(lines), steps, int(local.sum()), everywhere)


def _keys(commune: CommuneRecord, known: Directory) -> Iterator[str]:
    """Every territory key that contains the commune."""
    department = known.departments[commune.department]
    own = ["FR", f"reg:{department.region}", f"dep:{department.code}", commune.key]
    own += ["DEP"] if department.zone != "com" else []
    own += [f"arr:{commune.arrondissement}"] if commune.arrondissement else []
    own += [f"epci:{commune.epci}"] if commune.epci else []
    for key in own:
        yield key
        yield from known.perimeters.get(key, ())


def steps_of(counts: list[int]) -> tuple[Step, ...]:
    """At most `SHADES` steps of counts, from 1 to the largest, with about as many places in each.

    No step is empty, they do not overlap, and equal counts share a shade.
    """
    present = sorted(count for count in counts if count > 0)
    if not present:
        return ()
    cuts = [present[len(present) * n // SHADES] for n in range(1, SHADES)]
    lows = sorted({present[0], *cuts})
    highs = [low - 1 for low in lows[1:]] + [present[-1]]
    return tuple(
        Step(shade, low, high)
        for shade, (low, high) in enumerate(
            zip(lows, highs, strict=True), start=SHADES - len(lows) + 1
        )
    )


def shade_of(count: int, steps: tuple[Step, ...]) -> int:
    """Shade of a count: 0 for none."""
    return next((step.shade for step in steps if step.low <= count <= step.high), 0)
