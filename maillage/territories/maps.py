"""Small static maps drawn on the server from the contours: no tile, no script, nothing fetched.

A map is a list of SVG paths in a box of whole numbers; the template draws it with a title and a
description, and always beside a list that says the same.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians
from pathlib import Path
from typing import Final

from maillage.common.held import Held
from maillage.territories.directory import CommuneRecord, directory
from maillage.territories.geometry import (
    SCALE,
    Encoded,
    Shape,
    decode,
    join,
    simplify_together,
)

COG: Final = Path(__file__).resolve().parents[1] / "data" / "cog"
#: Width of the drawing's own units; height follows the place's shape.
WIDTH: Final = 1000
_MARGIN: Final = 12


@dataclass(frozen=True, slots=True)
class Area:
    """One path. ``kind``: ``here``, ``inside`` (same whole) or ``around``."""

    kind: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Map:
    """A drawing: its box, what it shows in words, its paths (the last ones on top).

    ``bounds`` are those of the box in degrees: « west,south,east,north ».
    """

    width: int
    height: int
    title: str
    description: str
    areas: tuple[Area, ...]
    bounds: str

    @property
    def box(self) -> str:
        """The box as SVG wants it: without the thousands separators that templates would put."""
        return f"0 0 {self.width} {self.height}"

    @property
    def shown_width(self) -> str:
        """Width on a wide screen, in pixels."""
        return str(self.width // 2)

    @property
    def shown_height(self) -> str:
        """Height on a wide screen, in pixels."""
        return str(self.height // 2)


@lru_cache(maxsize=16)
def _contours(department: str) -> dict[str, Encoded]:
    file = COG / "contours" / f"{department}.json.gz"
    return json.loads(gzip.decompress(file.read_bytes())) if file.exists() else {}


@lru_cache(maxsize=1)
def _outlines() -> dict[str, Shape]:
    encoded = json.loads(gzip.decompress((COG / "departements.json.gz").read_bytes()))
    return {code: decode(rings) for code, rings in encoded.items()}


def _shape(commune: CommuneRecord) -> Shape:
    return decode(_contours(commune.department).get(commune.code, []))


def commune_map(code: str) -> Map | None:
    """The commune among those of its EPCI, or its neighbours when it has none.

    ``None`` when its contour is not in our sources (overseas collectivities).
    """
    known = directory()
    here = known.commune(code)
    shape = _shape(here)
    if not shape:
        return None
    neighbours = [n.commune for n in known.neighbours(code, 24)]
    members = known.members.get(here.epci, [])
    inside = [c for c in members if c.code != code]
    # A metropolis or a very wide EPCI would make the commune a speck: show its surroundings only.
    frame = [here, *(inside if 0 < len(inside) <= 60 else neighbours[:12])]
    around = [c for c in neighbours if c.epci != here.epci or not here.epci]
    areas = [("around", c) for c in around] + [("inside", c) for c in inside] + [("here", here)]
    whole = f", dans {known.epcis[here.epci].name}" if here.epci else ""
    return _draw(
        [(kind, c.name, _shape(c)) for kind, c in areas],
        frame=[_shape(c) for c in frame],
        title=f"{here.name}{whole}",
        description=f"{here.name} est en couleur pleine, les autres communes de son "
        "intercommunalité en clair, leurs voisines en plus clair encore."
        if here.epci
        else f"{here.name} est en couleur pleine parmi les communes voisines.",
    )


def epci_map(siren: str) -> Map | None:
    """The communes of an EPCI. ``None`` without any contour."""
    epci = directory().epci(siren)
    members = directory().members.get(siren, [])
    return _draw(
        [("inside", c.name, _shape(c)) for c in members],
        title=epci.name,
        description=f"Les {len(members)} communes de l'intercommunalité et leurs limites.",
    )


def department_map(code: str) -> Map | None:
    """The EPCI of a département, in the limits of the département."""
    known = directory()
    epcis: dict[str, list[str]] = defaultdict(list)
    for commune in known.communes.values():
        if commune.department == code:
            epcis[commune.epci].append(commune.code)
    name = known.departments[code].name
    return _draw(
        [
            ("inside", known.epcis[siren].name if siren else "Sans intercommunalité", shape)
            for siren, shape in _joined(code, _frozen(epcis))
        ],
        title=name,
        description="Les intercommunalités du département et leurs limites.",
    )


def region_map(code: str) -> Map | None:
    """The départements of a région."""
    known = directory()
    places = [d for d in known.departments.values() if d.region == code]
    return _draw(
        [("inside", d.name, _outlines().get(d.code, [])) for d in places],
        title=known.regions[code],
        description="Les départements de la région et leurs limites.",
    )


def france_maps() -> tuple[tuple[str, Map], ...]:
    """The départements of metropolitan France on one map (code ""), and one map by département
    overseas whose contour is known (its code), whatever its true place and size.

    The ``kind`` of an area is the code of its département.
    """
    return _france.get()


def _france_maps() -> tuple[tuple[str, Map], ...]:
    known = directory().departments
    light = simplify_together(_outlines(), 220, 60_000)
    shapes = {code: light[code] for code in known if light.get(code)}
    metro = [code for code in shapes if known[code].zone == "metro"]
    drawn = [("", _outline(metro, shapes, "France métropolitaine"))]
    drawn += [(c, _outline([c], shapes, known[c].name)) for c in sorted(shapes.keys() - set(metro))]
    return tuple((code, drawing) for code, drawing in drawn if drawing)


_france: Final = Held(_france_maps, "territories")


def _outline(codes: list[str], shapes: dict[str, Shape], title: str) -> Map | None:
    known = directory().departments
    areas = [(code, known[code].name, shapes[code]) for code in codes]
    return _draw(areas, title=title, description="Les départements et leurs limites.")


def _frozen(groups: dict[str, list[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, tuple(codes)) for name, codes in sorted(groups.items()))


@lru_cache(maxsize=128)
def _joined(
    department: str, groups: tuple[tuple[str, tuple[str, ...]], ...]
) -> list[tuple[str, Shape]]:
    """Contours of groups of communes of a département, made one and lightened."""
    contours = _contours(department)
    shapes = {name: join(decode(contours.get(c, [])) for c in codes) for name, codes in groups}
    shapes = {name: shape for name, shape in shapes.items() if shape}
    return list(simplify_together(shapes, 30, 2_000).items())


def _draw(
    areas: list[tuple[str, str, Shape]],
    *,
    title: str,
    description: str,
    frame: Iterable[Shape] | None = None,
) -> Map | None:
    """Bring shapes to the box: north up, widths shortened as they are at this latitude."""
    shapes = list(frame) if frame is not None else [shape for _, _, shape in areas]
    points = [point for shape in shapes for ring in shape for point in ring]
    if not points:
        return None
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    shrink = cos(radians((south + north) / 2 / SCALE))
    width, height = max((east - west) * shrink, 1), max(north - south, 1)
    # Never taller than wide by more than a fifth: it stands beside text.
    scale = min((WIDTH - 2 * _MARGIN) / width, (1.2 * WIDTH - 2 * _MARGIN) / height)
    box = (round(width * scale) + 2 * _MARGIN, round(height * scale) + 2 * _MARGIN)

    def path(shape: Shape) -> str:
        parts = []
        for ring in shape:
            placed = [
                (
                    round((x - west) * shrink * scale) + _MARGIN,
                    round((north - y) * scale) + _MARGIN,
                )
                for x, y in ring
            ]
            if _outside(placed, box):
                continue
            steps = _steps(placed)
            if steps:
                parts.append(f"M{placed[0][0]} {placed[0][1]}l{steps}z")
        return "".join(parts)

    drawn = ((kind, name, path(shape)) for kind, name, shape in areas)
    return Map(
        *box,
        title=title,
        description=description,
        areas=tuple(Area(kind, name, line) for kind, name, line in drawn if line),
        bounds=",".join(
            f"{value / SCALE:.5f}"
            for value in (
                west - _MARGIN / (shrink * scale),
                south - _MARGIN / scale,
                east + _MARGIN / (shrink * scale),
                north + _MARGIN / scale,
            )
        ),
    )


def _outside(points: list[tuple[int, int]], box: tuple[int, int]) -> bool:
    return (
        max(x for x, _ in points) < 0
        or max(y for _, y in points) < 0
        or min(x for x, _ in points) > box[0]
        or min(y for _, y in points) > box[1]
    )


def _steps(points: list[tuple[int, int]]) -> str:
    """Relative steps of a line, those of nothing left out."""
    steps = []
    x, y = points[0]
    for px, py in points[1:]:
        if (px, py) != (x, y):
            # « 3-4 » is « 3 -4 »: a minus separates as well as a space.
            steps.append(f"{px - x}{py - y}" if py < y else f"{px - x} {py - y}")
            x, y = px, py
    line = " ".join(steps)
    return line.replace(" -", "-")
