"""The fund at 1 ‰: what is shared out is what is paid in, to the cent, whatever is chosen."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.engine.funding.permille import (
    KINDS,
    Bodies,
    Key,
    NobodyReceives,
    Terms,
    by_group,
    contributions,
    measures_of,
    share_out,
    study,
    top_tenth,
)

EVEN = dict.fromkeys(Key, 1)


def make(rows: list[tuple[int, int, int, int, int]]) -> Bodies:
    """Bodies from (kind, spending, population, density, wealth); codes are their numbers."""
    columns = np.array(rows, np.int64).reshape(len(rows), 5).T
    kind, spending, population, density, wealth = columns
    codes = np.array([f"{number:05d}" for number in range(len(rows))])
    return Bodies(codes, kind, spending, population, density, wealth)


rows = st.tuples(
    st.integers(0, 3),
    st.integers(0, 10**12),
    st.integers(0, 3_000_000),
    st.integers(0, 7),
    st.integers(0, 10**7),
)
several = st.lists(rows, min_size=1, max_size=40)
weights = st.fixed_dictionaries({key: st.integers(0, 100) for key in Key})
terms = st.builds(
    Terms,
    payers=st.frozensets(st.integers(0, 3)),
    rate=st.integers(1, 20_000),
    least=st.integers(0, 10**6),
    most=st.none() | st.integers(1, 10**8),
    receivers=st.none() | st.integers(1, 100_000),
    small=st.integers(0, 5_000),
    weights=weights,
)


@given(several, terms)
def test_what_is_received_is_what_is_paid_and_nobody_is_below_zero(rows, chosen):
    bodies = make(rows)
    try:
        shared = study(bodies, chosen)
    except NobodyReceives:
        measures = measures_of(bodies, chosen)
        assert not any(measures[key].any() for key in Key if chosen.weights[key])
        return
    assert int(shared.receives.sum()) == int(shared.pays.sum()) == shared.fund
    assert sum(shared.pots.values()) == shared.fund
    assert int(shared.balance.sum()) == 0
    assert (shared.pays >= 0).all()
    assert (shared.receives >= 0).all()
    communes = bodies.kind == 0
    assert not shared.receives[~communes].any(), "only communes receive"
    if chosen.receivers is not None:
        assert not shared.receives[bodies.population > chosen.receivers].any()
    assert not shared.receives[bodies.population == 0].any()


@given(several, terms, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_nothing(rows, chosen, lot):
    bodies = make(rows)
    order = list(range(len(rows)))
    lot.shuffle(order)
    mixed = Bodies(
        *(
            column[order]
            for column in (
                bodies.codes, bodies.kind, bodies.spending, bodies.population, bodies.density,
                bodies.wealth,
            )
        )
    )  # fmt: skip
    try:
        shared = study(bodies, chosen)
    except NobodyReceives:
        with pytest.raises(NobodyReceives):
            study(mixed, chosen)
        return
    assert study(mixed, chosen).receives.tolist() == shared.receives[order].tolist()


amounts = st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any)


@given(amounts, st.integers(0, 10**12), st.data())
def test_who_counts_for_more_never_receives_less(measures, total, data):
    place = data.draw(st.integers(0, len(measures) - 1))
    rank = np.arange(len(measures))
    before = share_out(total, np.array(measures), rank)
    measures[place] += data.draw(st.integers(1, 10**6))
    after = share_out(total, np.array(measures), rank)
    assert after[place] >= before[place]


@given(several, terms, st.sampled_from(list(Key)), st.integers(1, 100))
def test_a_key_with_more_weight_never_has_a_smaller_part(rows, chosen, key, more):
    bodies = make(rows)
    heavier = replace(chosen, weights={**chosen.weights, key: chosen.weights[key] + more})
    try:
        before, after = study(bodies, chosen), study(bodies, heavier)
    except NobodyReceives:
        return
    assert after.pots.get(key, 0) >= before.pots.get(key, 0)


@given(amounts, st.integers(0, 10**9), st.integers(1, 1000))
def test_only_proportions_matter(measures, total, times):
    rank = np.arange(len(measures))
    once = share_out(total, np.array(measures), rank)
    assert share_out(total, np.array(measures) * times, rank).tolist() == once.tolist()


@given(amounts, st.integers(0, 10**9))
def test_each_share_is_within_a_cent_of_its_exact_part(measures, total):
    shares = share_out(total, np.array(measures), np.arange(len(measures)))
    whole = sum(measures)
    assert all(
        abs(int(share) * whole - total * measure) < whole
        for share, measure in zip(shares, measures, strict=True)
    )


@given(several, st.integers(1, 50))
def test_twice_the_investment_is_twice_the_contribution(rows, times):
    # At 1 ‰, amounts in whole tens of euros give whole cents.
    rows = [(kind, spending // 1000 * 1000, *rest) for kind, spending, *rest in rows]
    larger = [(kind, spending * times, *rest) for kind, spending, *rest in rows]
    chosen = Terms(weights=EVEN)
    once, more = contributions(make(rows), chosen), contributions(make(larger), chosen)
    assert (once * times).tolist() == more.tolist()


def test_a_contribution_too_small_is_not_asked_for_and_none_passes_the_ceiling():
    bodies = make([(0, 99_000, 10, 0, 0), (0, 100_000, 10, 0, 0), (1, 10**9, 10, 0, 0)])
    chosen = Terms(least=100, most=50_000, weights=EVEN)
    assert contributions(bodies, chosen).tolist() == [0, 100, 50_000]


def test_only_those_chosen_pay():
    bodies = make([(kind, 1_000_000, 100, 7, 0) for kind in range(4)])
    shared = study(bodies, Terms(payers=frozenset({KINDS.index("region")}), weights=EVEN))
    assert shared.pays.tolist() == [0, 0, 0, 1_000]
    assert shared.receives.tolist() == [1_000, 0, 0, 0]


def test_each_key_gives_to_those_that_it_is_for():
    bodies = make(
        [
            (0, 10**9, 400, 7, 40_000),  # small, rural, poor
            (0, 10**9, 400, 2, 40_000),  # small, urban, as poor
            (0, 10**9, 3_000, 5, 120_000),  # rural, rich
            (0, 10**9, 90_000, 1, 0),  # too large to receive
        ]
    )

    def only(key: Key) -> list[int]:
        return study(bodies, Terms(weights={key: 3})).receives.tolist()

    assert only(Key.SMALL) == [2_000_000, 2_000_000, 0, 0]
    small, urban, rich, large = only(Key.RURAL)
    assert (urban, large) == (0, 0)
    assert small + rich == 4_000_000
    assert rich > 7 * small
    poor, poor_too, rich, _ = only(Key.WEALTH)
    assert poor == poor_too
    assert poor / 400 > rich / 3_000, "more by head when poorer"
    first, second, *_ = only(Key.POPULATION)
    assert abs(first - second) <= 1


def test_a_key_that_nobody_answers_to_leaves_its_part_to_the_others():
    bodies = make([(0, 10**8, 400, 0, 0), (0, 10**8, 3_000, 0, 0)])
    shared = study(bodies, Terms(weights=EVEN))
    assert set(shared.idle) == {Key.RURAL, Key.WEALTH}
    assert shared.pots == {Key.POPULATION: 100_000, Key.SMALL: 100_000}


def test_groups_add_up_and_leave_out_those_of_no_group():
    bodies = make([(0, 10**8, 400, 7, 0), (0, 10**8, 3_000, 0, 0), (3, 10**8, 0, 0, 0)])
    shared = study(bodies, Terms(weights=EVEN))
    first, second = by_group(shared, np.array([0, 1, -1]), 2)
    assert first.bodies == second.bodies == 1
    assert first.receives + second.receives == shared.fund
    assert first.gaining == 1
    assert first.balance > 0
    assert first.pays + second.pays == shared.fund - int(shared.pays[2])


def test_the_tenth_with_the_most():
    assert top_tenth(np.array([0, 0])) == 0
    assert top_tenth(np.full(30, 7)) == pytest.approx(0.1)
    assert top_tenth(np.array([0, 900, *[1] * 100])) > 0.9


def test_the_sums_hold_for_the_largest_bodies_at_the_highest_rate():
    bodies = make([(3, 10**12, 0, 0, 0)] * 300 + [(0, 10**12, 2_000_000, 5, 1)] * 300)
    chosen = Terms(rate=20_000, receivers=None, small=10**7, weights=EVEN)
    shared = study(bodies, chosen)
    assert int(shared.receives.sum()) == shared.fund == 600 * 2 * 10**10


def test_nobody_counts_more_than_three_times_for_being_poor():
    bodies = make([(0, 0, 100, 0, 1_000), (0, 0, 100, 0, 100), (0, 0, 100, 0, 0)])
    # The mean is 550: 0.55 times for the first, 5.5 for the second, brought back to 3.
    found = measures_of(bodies, Terms(receivers=None))[Key.WEALTH]
    assert found.tolist() == [55_000, 300_000, 0]


def test_of_equal_remainders_the_first_in_rank_has_the_cent():
    measures = np.array([1, 1, 1])
    assert share_out(100, measures, np.array([2, 0, 1])).tolist() == [33, 34, 33]
    assert share_out(101, measures, np.array([2, 0, 1])).tolist() == [33, 34, 34]


def test_of_equal_communes_the_first_code_has_the_cent():
    bodies = make([(0, 0, 100, 0, 0)] * 3 + [(3, 100_000, 0, 0, 0)])
    for order in ([0, 1, 2, 3], [2, 1, 0, 3]):
        codes = bodies.codes[order]
        shared = study(replace(bodies, codes=codes), Terms(weights={Key.POPULATION: 1}))
        assert dict(zip(codes.tolist(), shared.receives.tolist(), strict=True)) == {
            "00000": 34, "00001": 33, "00002": 33, "00003": 0,
        }  # fmt: skip


def test_rural_is_from_the_fifth_to_the_seventh_level():
    bodies = make([(0, 0, 10, level, 0) for level in range(8)])
    found = measures_of(bodies, Terms())[Key.RURAL]
    assert found.tolist() == [0, 0, 0, 0, 0, 10, 10, 10]


def test_a_contribution_is_rounded_to_the_nearest_cent():
    bodies = make([(0, spending, 10, 0, 0) for spending in (499, 500, 1_499, 1_500)])
    assert contributions(bodies, Terms()).tolist() == [0, 1, 1, 2]


def test_at_the_edge_a_commune_is_still_small_and_still_receives():
    bodies = make([(0, 0, people, 0, 0) for people in (500, 501, 3_500, 3_501)])
    found = measures_of(bodies, Terms())
    assert found[Key.SMALL].tolist() == [1, 0, 0, 0]
    assert found[Key.POPULATION].tolist() == [500, 501, 3_500, 0]
