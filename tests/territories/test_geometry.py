"""Contours: what is encoded is decoded, what touches is joined, common borders stay common."""

import struct

import pytest

from maillage.territories.geometry import (
    SCALE,
    centroid,
    decode,
    decode_wkb,
    encode,
    join,
    simplify,
    simplify_together,
    twice_area,
)

LEFT = [[(0, 0), (10, 0), (10, 10), (0, 10)]]
RIGHT = [[(10, 0), (20, 0), (20, 10), (10, 10)]]


def _wkb(kind: int, rings: list[list[tuple[float, float]]]) -> bytes:
    body = struct.pack("<BII", 1, 3, len(rings))
    for ring in rings:
        body += struct.pack("<I", len(ring)) + b"".join(struct.pack("<2d", *p) for p in ring)
    return body if kind == 3 else struct.pack("<BII", 1, 6, 1) + body


def test_a_shape_comes_back_as_it_was() -> None:
    assert decode(encode(LEFT + RIGHT)) == LEFT + RIGHT


@pytest.mark.parametrize("kind", [3, 6])
def test_wkb_is_read_in_our_units_outer_ring_counter_clockwise(kind: int) -> None:
    clockwise = [(0.0, 0.0), (0.0, 0.001), (0.001, 0.001), (0.001, 0.0), (0.0, 0.0)]
    (ring,) = decode_wkb(_wkb(kind, [clockwise]))
    assert sorted(ring) == [(0, 0), (0, 10), (10, 0), (10, 10)]
    assert twice_area(ring) == 200


def test_another_kind_of_geometry_is_refused() -> None:
    with pytest.raises(ValueError, match="WKB kind 1"):
        decode_wkb(struct.pack("<BIdd", 1, 1, 0.0, 0.0))


def test_neighbours_joined_lose_their_common_border() -> None:
    (ring,) = join([LEFT, RIGHT])
    assert twice_area(ring) == 400
    assert set(ring) == {(0, 0), (10, 0), (20, 0), (20, 10), (10, 10), (0, 10)}


def test_a_ring_around_a_hole_and_what_fills_it_make_one_plain_shape() -> None:
    outer = [[(0, 0), (30, 0), (30, 30), (0, 30)], [(10, 10), (10, 20), (20, 20), (20, 10)]]
    inner = [[(10, 10), (20, 10), (20, 20), (10, 20)]]
    (ring,) = join([outer, inner])
    assert twice_area(ring) == 1800


def test_the_centre_of_a_square() -> None:
    assert centroid(LEFT) == (5 / SCALE, 5 / SCALE)
    assert centroid([]) is None


def test_points_near_the_line_go_and_the_result_is_the_same_from_both_ends() -> None:
    line = [(0, 0), (5, 1), (10, 0), (15, 9), (20, 0)]
    kept = simplify(line, 2)
    assert kept == [(0, 0), (10, 0), (15, 9), (20, 0)]
    assert simplify(line[::-1], 2) == kept[::-1]


def test_a_border_simplified_from_both_sides_stays_common() -> None:
    wavy = [(10, 0), (11, 3), (9, 6), (10, 10)]
    left = [[(0, 0), *wavy, (0, 10)]]
    right = [[(20, 0), (20, 10), *wavy[::-1]]]
    light = simplify_together({"left": left, "right": right}, 3, 1)
    (ring,) = join(light.values())
    assert twice_area(ring) == 400
    assert (11, 3) not in light["left"][0]


def test_islets_go_but_never_the_last_ring() -> None:
    islet = [[(100, 100), (101, 100), (101, 101)]]
    assert len(simplify_together({"a": LEFT + islet}, 1, 50)["a"]) == 1
    assert len(simplify_together({"a": islet}, 1, 50)["a"]) == 1
