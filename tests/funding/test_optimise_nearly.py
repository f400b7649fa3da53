"""When the best would take too long: the plan found, and how far from the best it may be, said."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maillage.engine.funding import limits, optimise, solver
from maillage.engine.funding.candidates import Candidate, sort_out
from maillage.engine.funding.limits import _CHECKS, _POINTS, _pressed, _pushed
from maillage.engine.funding.optimise import best_plans
from maillage.engine.funding.program import OWN, build
from maillage.engine.funding.solver import NoPlan, Solution, search
from maillage.engine.funding.types import Fund, Plan
from tests.funding.factories import LAW, plan
from tests.funding.test_optimise import aid, problems

AIDS = [aid("a", Fund.REGION, "0.5"), aid("b", Fund.OPERATOR, "0.2")]


def stopped(gap: float) -> Callable[..., Solution]:
    return lambda *asked: replace(search(*asked), proved=False, gap=gap)


def test_a_search_that_is_stopped_says_how_far_the_best_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(optimise, "search", stopped(12.4))
    own, _, sure = best_plans(plan(1_000), AIDS, LAW).plans
    assert own.reasons[-1].endswith("avec au plus 13\u00a0€ de fonds propres en moins.")
    assert sure.reasons[-1].endswith("avec au plus 13\u00a0€ qui peuvent ne pas venir en moins.")


def test_of_dossiers_whole_ones_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimise, "search", stopped(2.7))
    few = best_plans(plan(1_000), AIDS, LAW).plans[1]
    assert few.reasons[-1].endswith("avec au plus 2 dossiers de moins.")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(problems(), st.integers(1, 2_000))
def test_nearly_the_best_is_within_what_is_said(
    monkeypatch: pytest.MonkeyPatch, problem: tuple[Plan, list[Candidate]], near: int
) -> None:
    """Without any patience, what is found is at most `near` from the optimum, and `gap` says so."""
    monkeypatch.setattr(solver, "_PATIENCE", -1.0)
    made, aids = problem
    program, _ = build(made, sort_out(made, aids, LAW)[0], LAW)
    try:
        best = search(program, {OWN: 1.0}).columns[OWN]
    except NoPlan:
        return
    found = search(program, {OWN: 1.0}, near=float(near))
    assert found.gap <= near + 0.01
    assert found.proved or found.gap > 0
    assert best - 0.01 <= found.columns[OWN] <= best + found.gap + 0.01


@settings(max_examples=60, deadline=None)
@given(problems())
def test_what_limits_a_plan_is_what_trying_each_aid_finds(
    problem: tuple[Plan, list[Candidate]],
) -> None:
    """Rules are first looked at where they stand the worst: none is missed by it."""
    made, aids = problem
    for best in best_plans(made, aids, LAW).plans:
        if best.own:
            broken = {
                name
                for n, one in enumerate(best.plan.resources)
                if one.fund is not Fund.OWN
                for run in _CHECKS
                for name in _pressed(run, _pushed(best.plan, [n]), LAW)
            }
            said = {point.check for point in limits._points(best.plan, LAW, limits._Clock())[0]}
            assert said == {p.check for p in _POINTS if p.check in broken and p.rule in LAW}
