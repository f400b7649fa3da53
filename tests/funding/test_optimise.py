"""The best plans: the optimum of another solver and of trying everything; no rule is broken."""

from dataclasses import replace
from decimal import Decimal
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, linprog, milp
from scipy.sparse import csr_array

from maillage.engine.funding.candidates import Candidate, sort_out
from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.optimise import best_plans
from maillage.engine.funding.program import OWN, Program, build
from maillage.engine.funding.solver import NoPlan, solve
from maillage.engine.funding.types import Bearer, BearerKind, Fund, Plan, Spending, Verdict
from tests.funding.factories import COMMUNE, LAW, line, plan

D = Decimal
HALL = [line(301_000, "Travaux"), line(20_000, "Étude", spending=Spending.ENGINEERING)]


def aid(name: str, fund: Fund, rate: str | None = None, **said: Any) -> Candidate:
    money = ("cap", "floor", "flat", "granted", "hoped")
    amounts = {k: D(str(v)) for k, v in said.items() if k in money}
    others = {k: v for k, v in said.items() if k not in amounts}
    return Candidate(name, name, fund, rate=D(rate) if rate else None, **amounts, **others)


def failures(made: Plan) -> list[str]:
    return [c.id for c in check_plan(made, LAW) if c.verdict is Verdict.FAILS]


def test_least_own_money_goes_down_to_a_fifth() -> None:
    found = best_plans(
        plan(HALL), [aid("DETR", Fund.DETR, "0.4"), aid("Région", Fund.REGION, "0.5")], LAW
    ).plans[0]
    assert found.own == D("64200.00")
    assert not failures(found.plan)


def test_own_money_is_first_then_dossiers() -> None:
    """Two small aids and a big one give the same: the big one alone is one dossier."""
    aids = [aid("a", Fund.REGION, "0.4"), aid("b", Fund.DEPARTMENT, "0.4"),
            aid("c", Fund.OPERATOR, "0.8")]  # fmt: skip
    found = best_plans(plan(1_000), aids, LAW).plans[0]
    assert [r.label for r in found.plan.resources] == ["c", "Fonds propres"]


def test_what_has_no_rate_is_a_question_never_a_number() -> None:
    found = best_plans(plan(1_000), [aid("Fondation", Fund.GIFT)], LAW)
    assert [(x.candidate.id, x.question) for x in found.set_aside] == [("Fondation", True)]
    assert found.plans[0].own == 1_000


def test_an_amount_written_by_hand_is_the_most_to_hope_for() -> None:
    """Without a rate, what the user wrote is a ceiling, said to be their own; never beyond."""
    aids = [aid("Région", Fund.REGION, hoped=300), aid("DETR", Fund.DETR, "0.4", hoped=10)]
    found = best_plans(plan(1_000), aids, LAW)
    assert found.set_aside == ()
    assert {r.id: r.amount for r in found.plans[0].plan.resources} == {
        "Région": 300, "DETR": 400, "own": 300,
    }  # fmt: skip
    assert "le montant que vous avez écrit" in found.plans[0].reasons[1]


def test_a_hope_is_cut_by_what_is_known() -> None:
    aids = [aid("a", Fund.REGION, hoped=300, cap=200), aid("b", Fund.GIFT, hoped=0)]
    found = best_plans(plan(1_000), aids, LAW)
    assert found.plans[0].own == 800
    assert [one.candidate.id for one in found.set_aside if one.question] == ["b"]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (aid("DSID", Fund.DSID, "0.4"), "départements"),
        (aid("Tard", Fund.REGION, "0.4", closes=plan(1).date.replace(year=2020)), "dernier jour"),
        (aid("Gros", Fund.REGION, "0.1", floor=500), "pas moins"),
        (aid("Ailleurs", Fund.REGION, "0.1", lines=frozenset({"nulle part"})), "aucune dépense"),
    ],
)
def test_what_cannot_be_used_says_why(one: Candidate, words: str) -> None:
    found = best_plans(plan(1_000), [one], LAW)
    assert words in found.set_aside[0].reason
    assert not found.set_aside[0].question


def test_exclusive_aids_are_never_together_and_needs_are_met() -> None:
    aids = [aid("a", Fund.REGION, "0.3", excludes=frozenset({"b"})), aid("b", Fund.OPERATOR, "0.3"),
            aid("c", Fund.DEPARTMENT, "0.3", needs=frozenset({"b"}))]  # fmt: skip
    found = best_plans(plan(1_000), aids, LAW).plans[0]
    assert {r.id for r in found.plan.resources} == {"b", "c", "own"}


def test_what_is_granted_is_kept() -> None:
    aids = [aid("a", Fund.REGION, "0.1", granted=100), aid("b", Fund.OPERATOR, "0.8")]
    for found in best_plans(plan(1_000), aids, LAW).plans:
        assert {r.id: r.amount for r in found.plan.resources}["a"] == 100


def test_too_little_own_money_says_the_nearest_plan() -> None:
    found = best_plans(plan(1_000), [aid("a", Fund.REGION, "0.5")], LAW, own_most=D(100))
    assert found.conflict is not None
    assert found.conflict.nearest is not None
    assert found.conflict.nearest.own == 500
    assert "400" in found.conflict.sentence


def test_the_three_plans_keep_their_word() -> None:
    aids = [aid("sûre", Fund.REGION, "0.4", chance=D("0.9"), days=60),
            aid("belle", Fund.OPERATOR, "0.8", chance=D("0.1"), days=900),
            aid("petite", Fund.DEPARTMENT, "0.4", chance=D("0.8"), days=90)]  # fmt: skip
    own, few, sure = best_plans(plan(1_000), aids, LAW).plans
    assert own.own == 200
    assert few.dossiers == 1
    assert {r.id for r in sure.plan.resources} == {"sûre", "petite", "own"}


def test_the_fewest_dossiers_are_those_that_ask_the_least() -> None:
    """Of two plans of one dossier, the one of which the bearer pays less."""
    aids = [aid("Département", Fund.DEPARTMENT, "0.43"), aid("DETR", Fund.DETR, "0.51")]
    for some in (aids, aids[::-1]):
        few = best_plans(plan(100_000), some, LAW, D(90_000)).plans[1]
        assert (few.dossiers, few.own) == (1, 49_000)


def test_what_nobody_said_of_own_money_is_said_to_be_supposed() -> None:
    aids = [aid("a", Fund.REGION, "0.77"), aid("b", Fund.DEPARTMENT, "0.03")]
    own, few, _ = best_plans(plan(1_000), aids, LAW).plans
    assert (own.own, few.own) == (200, 230)
    assert not any("supposé" in one for one in own.reasons)
    assert any("supposé au plus 5\u00a0%" in one for one in few.reasons)
    said = best_plans(plan(1_000), aids, LAW, D(300)).plans
    assert not any("supposé" in one for best in said for one in best.reasons)


@pytest.mark.parametrize(
    ("said", "given"),
    [({"flat": 500, "cap": 300}, 300), ({"flat": 500, "cap": 600}, 500), ({"flat": 500}, 500)],
)
def test_a_flat_amount_stays_under_its_cap(said: dict[str, int], given: int) -> None:
    found = best_plans(plan(1_000), [aid("a", Fund.REGION, **said)], LAW).plans[0]
    assert found.own == 1_000 - given


def test_a_flat_amount_stays_under_its_rate_and_above_its_floor() -> None:
    rated = best_plans(plan(1_000), [aid("a", Fund.REGION, "0.4", flat=500)], LAW)
    assert rated.plans[0].own == 600
    floored = best_plans(plan(1_000), [aid("a", Fund.REGION, flat=500, cap=300, floor=400)], LAW)
    assert "pas moins de 400" in floored.set_aside[0].reason


def test_a_small_project_has_no_floor_that_nobody_said() -> None:
    found = best_plans(plan("0.50"), [aid("a", Fund.REGION, "0.4")], LAW)
    assert found.set_aside == ()
    assert found.plans[0].own == D("0.30")


def test_an_aid_called_own_is_not_taken_for_own_money() -> None:
    made = best_plans(plan(1_000), [aid("own", Fund.REGION, "0.4")], LAW).plans[0].plan
    assert {r.id: r.fund for r in made.resources} == {"own": Fund.REGION, "own-2": Fund.OWN}


@pytest.mark.parametrize("cents", range(0, 400, 7))
def test_rounding_never_says_that_nothing_holds(cents: int) -> None:
    """A cent is taken from what the rule counts: never from a gift that it does not."""
    made = plan(D(1_000_000 + cents * 7_919) / 100, bearer=replace(COMMUNE, department="973"))
    aids = [aid("Don", Fund.GIFT, "0.1"), aid("DETR", Fund.DETR, "0.6"),
            aid("Région", Fund.REGION, "0.4")]  # fmt: skip
    assert len(best_plans(made, aids, LAW).plans) == 3
    association = plan(made.cost, bearer=Bearer(BearerKind.ASSOCIATION))
    flat = (made.cost * D("0.6")).quantize(D("0.01"))
    aids = [aid("LEADER", Fund.LEADER, flat=flat), aid("Région", Fund.REGION, "0.3")]
    assert len(best_plans(association, aids, LAW).plans) == 3


def test_tens_of_millions_are_searched_as_thousands_are() -> None:
    """The tolerances of the solver are absolute: amounts are scaled."""
    names = [f"c{n}" for n in range(60)]
    made = plan([line(700_000 + 1_111 * n, name) for n, name in enumerate(names)])
    aids = [
        aid(str(n), Fund.REGION, "0.31", floor=2_000, cap=300_000 + n,
            lines=frozenset(names[n : n + 9]), chance=D("0.7"), days=n)
        for n in range(60)
    ]  # fmt: skip
    found = best_plans(made, aids, LAW)
    assert found.proved
    assert all(failures(best.plan) == [] for best in found.plans)


# -- Proof

rates = st.integers(1, 20).map(lambda n: D(n) / 20)
amounts = st.integers(1, 400).map(lambda n: D(n) * 250)
LINES = ("a", "b", "c")


@st.composite
def problems(draw: Any) -> tuple[Plan, list[Candidate]]:
    names = LINES[: draw(st.integers(1, 3))]
    costs = [
        line(draw(amounts), name, spending=draw(st.sampled_from(list(Spending)))) for name in names
    ]
    bearer = draw(st.sampled_from([
        Bearer(BearerKind.COMMUNE, department="24", population_dgf=300),
        Bearer(BearerKind.COMMUNE, department="973", population_dgf=300),
        Bearer(BearerKind.ASSOCIATION, department="24"),
    ]))  # fmt: skip
    count = draw(st.integers(1, 5))
    aids = []
    for number in range(count):
        floor = draw(st.one_of(st.none(), st.integers(1, 40).map(lambda n: D(n) * 500)))
        aids.append(
            Candidate(
                str(number), f"Aide {number}",
                draw(st.sampled_from([f for f in Fund if f not in (Fund.OWN, Fund.LOAN)])),
                scheme=draw(st.sampled_from(["", "x", "y"])), rate=draw(st.none() | rates),
                hoped=draw(st.none() | amounts),
                cap=draw(st.one_of(st.none(), amounts)), floor=floor,
                lines=frozenset(draw(st.sets(st.sampled_from(names)))),
                excludes=frozenset(draw(st.sets(st.integers(0, 4).map(str), max_size=1))),
                needs=frozenset(draw(st.sets(st.integers(0, count - 1).map(str), max_size=1))),
                chance=draw(st.one_of(st.none(), rates)), days=draw(st.integers(1, 900)),
            )
        )  # fmt: skip
    return plan(costs, bearer=bearer, economic=False), aids


def matrices(program: Program) -> tuple[Any, np.ndarray, np.ndarray]:
    dense = np.zeros((len(program.rows), program.width))
    for number, (_, factors, _, _) in enumerate(program.rows):
        for column, factor in factors.items():
            dense[number, column] = factor
    return (
        csr_array(dense), np.array([low for _, _, low, _ in program.rows]),
        np.array([high for _, _, _, high in program.rows]),
    )  # fmt: skip


def by_scipy(program: Program) -> float | None:
    """The least own money by another solver; not a number when it gives up (its status 4)."""
    rows, low, high = matrices(program)
    cost = np.zeros(program.width)
    cost[OWN] = 1.0
    found = milp(
        cost, constraints=LinearConstraint(rows, low, high),
        bounds=(np.array(program.least), np.array(program.most)),
        integrality=np.array(program.whole, dtype=int),
    )  # fmt: skip
    if found.status == 4:
        return float("nan")
    return float(found.fun) if found.success else None


def by_trying_everything(program: Program, asked: tuple[int, ...]) -> float | None:
    """The least own money over every choice of dossiers, each a small linear program."""
    rows, low, high = matrices(program)
    best: float | None = None
    cost = np.zeros(program.width)
    cost[OWN] = 1.0
    finite_low, finite_high = np.isfinite(low), np.isfinite(high)
    dense = rows.toarray()
    above = np.vstack([dense[finite_high], -dense[finite_low]])
    limit = np.concatenate([high[finite_high], -low[finite_low]])
    for choice in product((0.0, 1.0), repeat=len(asked)):
        bounds = list(zip(program.least, program.most, strict=True))
        if any(c < bounds[y][0] for c, y in zip(choice, asked, strict=True)):
            continue
        for y, c in zip(asked, choice, strict=True):
            bounds[y] = (c, c)
        found = linprog(cost, A_ub=above, b_ub=limit, bounds=bounds)
        if found.success and (best is None or found.fun < best):
            best = float(found.fun)
    return best


@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_optimum_is_that_of_another_solver_and_of_trying_everything(
    problem: tuple[Plan, list[Candidate]],
) -> None:
    made, aids = problem
    usable, _ = sort_out(made, aids, LAW)
    program, layout = build(made, usable, LAW)
    try:
        ours: float | None = float(solve(program, {OWN: 1.0})[OWN])
    except NoPlan:
        ours = None
    others = (by_scipy(program), by_trying_everything(program, layout.asked))
    for theirs in (one for one in others if one is None or one == one):
        assert (ours is None) == (theirs is None)
        if ours is not None and theirs is not None:
            assert ours == pytest.approx(theirs, abs=0.01)


@settings(max_examples=150, deadline=None)
@given(problems(), st.one_of(st.none(), amounts))
def test_no_plan_breaks_a_rule_and_each_adds_up_to_the_cent(
    problem: tuple[Plan, list[Candidate]], own_most: Decimal | None
) -> None:
    made, aids = problem
    found = best_plans(made, aids, LAW, own_most)
    bounds = {one.candidate.id: one for one in sort_out(made, aids, LAW)[0]}
    for best in found.plans:
        assert failures(best.plan) == []
        assert sum(r.amount for r in best.plan.resources) == made.cost
        for one in best.plan.resources:
            assert one.amount == one.amount.quantize(D("0.01"))
        brought: dict[str, Decimal] = {}
        for one in best.plan.resources:
            name = best.second.get(one.id, one.id)
            brought[name] = brought.get(name, D(0)) + one.amount
        for name, amount in brought.items():
            if name != "own":
                assert bounds[name].least <= amount <= bounds[name].most
        if own_most is not None:
            assert best.own <= own_most
    if found.plans:
        own, few, sure = found.plans
        assert own.own <= min(best.own for best in found.plans) + D("0.05")
        assert sure.own <= _least_with(sure.plan, made, aids) + D("0.05")
        assert few.dossiers <= own.dossiers
    else:
        assert found.conflict is not None
        assert found.conflict.sentence


def _least_with(taken: Plan, made: Plan, aids: list[Candidate]) -> Decimal:
    """The least own money with the dossiers of a plan, each of them asked."""
    ids = {r.id for r in taken.resources}
    usable = [one for one in sort_out(made, aids, LAW)[0] if one.candidate.id in ids]
    program, layout = build(made, usable, LAW)
    for y in layout.asked:
        program.least[y] = 1.0
    return D(str(float(solve(program, {OWN: 1.0})[OWN])))


@settings(max_examples=30, deadline=None)
@given(problems())
def test_more_choice_never_costs_more(problem: tuple[Plan, list[Candidate]]) -> None:
    made, aids = problem
    free = [replace(one, excludes=frozenset(), needs=frozenset()) for one in aids]
    fewer, all_ = best_plans(made, free[:-1], LAW), best_plans(made, free, LAW)
    assert all_.plans[0].own <= fewer.plans[0].own + D("0.05")


def test_the_same_question_has_the_same_answer() -> None:
    aids = [aid(str(n), Fund.REGION, "0.3") for n in range(6)]
    assert best_plans(plan(HALL), aids, LAW) == best_plans(plan(HALL), aids, LAW)


def test_a_fonds_de_concours_of_a_syndicate_is_asked_about_not_refused() -> None:
    """Nobody can tell its limit: the check says so, and the search does not invent one."""
    bearer = Bearer(BearerKind.SYNDICATE, department="24", population_dgf=8_000)
    asked = replace(plan(100_000), bearer=bearer)
    aids = [aid("EPCI", Fund.GROUP, granted=30_000), aid("Région", Fund.REGION, "0.5")]
    found = best_plans(asked, aids, LAW, own_most=D(25_000))
    assert found.plans
    assert not failures(found.plans[0].plan)
