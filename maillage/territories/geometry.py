"""Plane geometry of contours, standard library only: decode, join, simplify, measure.

A point is a pair of integers, longitude and latitude in ten-thousandths of a degree (about 10 m).
A ring is a list of points whose first is not repeated at the end; a shape is a flat list of rings,
outer ones counter-clockwise and holes clockwise, so that it is drawn with the even-odd rule and
two neighbours run along their common border in opposite directions.
"""

import struct
from collections import Counter, defaultdict
from collections.abc import Iterable

Point = tuple[int, int]
Ring = list[Point]
Shape = list[Ring]
Encoded = list[list[int]]

#: Units in one degree.
SCALE = 10_000


def decode_wkb(data: bytes) -> Shape:
    """Read a little-endian WKB polygon or multipolygon (2D) and bring it to our units.

    Raises ``ValueError`` for another kind of geometry.
    """
    (kind,) = struct.unpack_from("<xI", data, 0)
    if kind == 3:
        return _polygon(data, 5)[0]
    if kind != 6:
        raise ValueError(f"neither a polygon nor a multipolygon: WKB kind {kind}")
    (count,) = struct.unpack_from("<I", data, 5)
    shape: Shape = []
    offset = 9
    for _ in range(count):
        rings, offset = _polygon(data, offset + 5)
        shape += rings
    return shape


def _polygon(data: bytes, offset: int) -> tuple[Shape, int]:
    (count,) = struct.unpack_from("<I", data, offset)
    offset += 4
    rings: Shape = []
    for number in range(count):
        (size,) = struct.unpack_from("<I", data, offset)
        values = struct.unpack_from(f"<{2 * size}d", data, offset + 4)
        offset += 4 + 16 * size
        ring = _clean([round(v * SCALE) for v in values])
        if len(ring) > 2:
            # Outer rings counter-clockwise, holes clockwise, whatever the file did.
            rings.append(ring if (twice_area(ring) > 0) == (number == 0) else ring[::-1])
    return rings, offset


def _clean(values: list[int]) -> Ring:
    """Pair the coordinates, drop the points that rounding made equal to the one before."""
    ring: Ring = []
    for point in zip(values[::2], values[1::2], strict=True):
        if not ring or point != ring[-1]:
            ring.append(point)
    while len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    return ring


def encode(shape: Shape) -> Encoded:
    """Write each ring as its first point, then the steps from one point to the next.

    >>> encode([[(10, 20), (15, 20), (15, 26)]])
    [[10, 20, 5, 0, 0, 6]]
    """
    rings: Encoded = []
    for ring in shape:
        x = y = 0
        values: list[int] = []
        for px, py in ring:
            values += (px - x, py - y)
            x, y = px, py
        rings.append(values)
    return rings


def decode(rings: Encoded) -> Shape:
    """Undo `encode`."""
    shape: Shape = []
    for values in rings:
        x = y = 0
        ring: Ring = []
        for dx, dy in zip(values[::2], values[1::2], strict=True):
            x += dx
            y += dy
            ring.append((x, y))
        shape.append(ring)
    return shape


def twice_area(ring: Ring) -> int:
    """Signed area of a ring, doubled; positive when it runs counter-clockwise."""
    total = 0
    x, y = ring[-1]
    for px, py in ring:
        total += x * py - px * y
        x, y = px, py
    return total


def centroid(shape: Shape) -> tuple[float, float] | None:
    """Centre of area, in degrees (longitude, latitude); ``None`` for an empty shape."""
    area = sx = sy = 0
    for ring in shape:
        x, y = ring[-1]
        for px, py in ring:
            cross = x * py - px * y
            area += cross
            sx += (x + px) * cross
            sy += (y + py) * cross
            x, y = px, py
    if not area:
        return None
    return sx / (3 * area) / SCALE, sy / (3 * area) / SCALE


def join(shapes: Iterable[Shape]) -> Shape:
    """Union of shapes that touch without overlapping: the borders met twice go away."""
    edges: Counter[tuple[Point, Point]] = Counter()
    for shape in shapes:
        for ring in shape:
            before = ring[-1]
            for point in ring:
                if edges[point, before] > 0:
                    edges[point, before] -= 1
                else:
                    edges[before, point] += 1
                before = point
    onward: dict[Point, list[Point]] = defaultdict(list)
    for (start, end), count in edges.items():
        onward[start] += [end] * count
    return _chain(onward)


def _chain(onward: dict[Point, list[Point]]) -> Shape:
    """Follow the edges left until each ring closes."""
    rings: Shape = []
    for first in sorted(onward):
        while onward[first]:
            ring = [first]
            point = onward[first].pop()
            while point != first:
                ring.append(point)
                point = onward[point].pop()
            if len(ring) > 2:
                rings.append(ring)
    return rings


def simplify(line: list[Point], tolerance: float) -> list[Point]:
    """Keep of an open line the points farther than `tolerance` from it (Douglas-Peucker).

    Both ends stay. The result is the same whichever end one starts from.
    """
    if len(line) < 3:
        return line
    keep = {0, len(line) - 1}
    stack = [(0, len(line) - 1)]
    while stack:
        start, end = stack.pop()
        (ax, ay), (bx, by) = line[start], line[end]
        dx, dy = bx - ax, by - ay
        length = dx * dx + dy * dy
        worst, where = tolerance * tolerance, -1
        for i in range(start + 1, end):
            px, py = line[i][0] - ax, line[i][1] - ay
            along = (px * dx + py * dy) / length if length else 0.0
            along = 0.0 if along < 0 else 1.0 if along > 1 else along
            gap = (px - along * dx) ** 2 + (py - along * dy) ** 2
            if gap > worst:
                worst, where = gap, i
        if where > 0:
            keep.add(where)
            stack += [(start, where), (where, end)]
    return [line[i] for i in sorted(keep)]


def simplify_together(
    shapes: dict[str, Shape], tolerance: float, smallest: float
) -> dict[str, Shape]:
    """Simplify neighbours so that their common borders stay common.

    Lines are cut where three borders meet and each piece is simplified once. Rings of fewer than
    `smallest` square units (islets) are dropped, but never all those of a shape.
    """
    around: dict[Point, set[Point]] = defaultdict(set)
    for shape in shapes.values():
        for ring in shape:
            for before, point in zip([ring[-1], *ring], ring, strict=False):
                around[before].add(point)
                around[point].add(before)
    knots = {point for point, others in around.items() if len(others) != 2}
    return {
        name: _largest([_simplify_ring(ring, knots, tolerance) for ring in shape], smallest)
        or [max(shape, key=lambda ring: abs(twice_area(ring)))]
        for name, shape in shapes.items()
        if shape
    }


def _simplify_ring(ring: Ring, knots: set[Point], tolerance: float) -> Ring:
    places = [i for i, point in enumerate(ring) if point in knots]
    if len(places) < 2:
        # An island, or two shapes one inside the other: cut at fixed, shared points.
        low = ring.index(min(ring))
        high = ring.index(max(ring))
        places = sorted({low, high})
    result: Ring = []
    for start, end in zip(places, [*places[1:], places[0] + len(ring)], strict=True):
        line = [ring[i % len(ring)] for i in range(start, end + 1)]
        # The same direction for both sides of a border, so that both keep the same points.
        if line[0] > line[-1]:
            line = simplify(line[::-1], tolerance)[::-1]
        else:
            line = simplify(line, tolerance)
        result += line[:-1]
    return result


def _largest(rings: Shape, smallest: float) -> Shape:
    """Rings of at least `smallest`, or the largest one; none when all have become lines."""
    rings = [ring for ring in rings if len(ring) > 2]
    kept = [ring for ring in rings if abs(twice_area(ring)) >= 2 * smallest]
    return kept or sorted(rings, key=lambda ring: -abs(twice_area(ring)))[:1]
