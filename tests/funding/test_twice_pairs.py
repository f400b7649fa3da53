"""Aids that do not go together: the quick reading finds what comparing every two of them finds."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maillage.engine.funding import pairs
from maillage.engine.funding.candidates import Candidate, sort_out
from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.pairs import asked_twice, forbidden, not_together, same_aid
from maillage.engine.funding.program import build
from maillage.engine.funding.settle import filled
from maillage.engine.funding.types import OWN, STATE_CGCT, STATE_OTHER, Fund, Resource, Verdict
from tests.funding.factories import LAW, line, money, plan

BARRED = ("detr|fnadt", "dsil|s1", "region|department", "operator|operator", "s1|s2")
PAIRED = replace(LAW, rules={**LAW.rules, "pairs": replace(
    LAW["pairs"], parameters={**LAW["pairs"].parameters, "forbidden": BARRED})})  # fmt: skip
NAMES = "abcd"
lines = st.frozensets(st.sampled_from(NAMES), max_size=3)


@st.composite
def aids(draw: Any) -> list[Resource]:
    count = draw(st.integers(0, 7))
    return [
        money(
            draw(st.sampled_from(list(Fund))), 1, id=str(n), lines=draw(lines),
            scheme=draw(st.sampled_from(["", "fnadt", "fonds-vert", "s1", "s2", "detr"])),
            label=draw(st.sampled_from(["Aide", "aide", "Fonds vert 2026", f"Aide {n}"])),
        )
        for n in range(count)
    ]  # fmt: skip


def share_a_line(one: Resource, other: Resource) -> bool:
    return not one.lines or not other.lines or bool(one.lines & other.lines)


def is_barred(one: Resource, other: Resource) -> bool:
    ours, theirs = {one.scheme, one.fund.value}, {other.scheme, other.fund.value}
    parts = [text.split("|") for text in BARRED]
    return any((a in ours and b in theirs) or (b in ours and a in theirs) for a, b in parts)


@given(aids())
def test_what_is_forbidden_is_what_two_by_two_is(some: list[Resource]) -> None:
    expected = [
        (n, m)
        for (n, one), (m, other) in combinations(enumerate(some), 2)
        if share_a_line(one, other) and is_barred(one, other)
    ]
    assert [(n, m) for n, m, _ in forbidden(some, PAIRED)] == expected
    told = not_together(some, PAIRED)
    assert [(n, m) for n, m, sure in told if sure] == expected
    for n, m, sure in told:
        funds = {some[n].fund, some[m].fund}
        assert share_a_line(some[n], some[m])
        assert sure or (Fund.DETR in funds and funds & (STATE_CGCT | STATE_OTHER))


@given(aids())
def test_the_same_aid_twice_is_what_two_by_two_is(some: list[Resource]) -> None:
    sure, maybe = [], []
    for (n, one), (m, other) in combinations(enumerate(some), 2):
        if one.fund in OWN or other.fund in OWN or not share_a_line(one, other):
            continue
        alike = one.fund in STATE_CGCT or one.label.casefold() == other.label.casefold()
        if one.scheme and one.scheme == other.scheme:
            sure.append((n, m))
        elif one.fund is other.fund and alike:
            maybe.append((n, m))
    assert [(n, m) for n, m, _ in same_aid(some)] == sure
    assert [(n, m) for n, m, _ in asked_twice(some)] == sure + maybe


@given(st.data())
def test_the_search_refuses_together_what_a_check_refuses(data: Any) -> None:
    """Two aids may both be asked by the program if and only if no check of pairs fails."""
    costs = [line(1_000, name) for name in NAMES]
    two = [
        Candidate(
            str(n), f"Aide {n}",
            data.draw(st.sampled_from([f for f in Fund if f not in OWN and f is not Fund.DSID])),
            scheme=data.draw(st.sampled_from(["", "fnadt", "s1", "s2"])), flat=line(10).net,
            lines=data.draw(lines),
        )
        for n in range(2)
    ]  # fmt: skip
    asked = plan(costs)
    usable, _ = sort_out(asked, two, PAIRED)
    if len(usable) < 2:
        return
    program, layout = build(asked, usable, PAIRED)
    apart = any(
        name in ("pairs", "no-double") and factors.keys() == set(layout.asked)
        for name, factors, _, _ in program.rows
    )
    both = filled(asked, [(one, one.most) for one in usable], dict.fromkeys("01", line(10).net))
    failing = {c.id for c in check_plan(both, PAIRED) if c.verdict is Verdict.FAILS}
    assert apart == bool(failing & {"pairs", "no-double"})


def test_the_names_of_an_aid_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long names of many aids: what each may be called is not read again for every couple."""
    read: list[Resource] = []

    def counted(one: Resource) -> frozenset[str]:
        read.append(one)
        return names(one)

    names = pairs._names
    monkeypatch.setattr(pairs, "_names", counted)
    some = [money((Fund.DETR, Fund.STATE)[n % 2], 1, id=str(n), label=f"{n} " + "a " * 95)
            for n in range(60)]  # fmt: skip
    assert len(not_together(some, LAW)) == 900
    assert len(read) == 60
