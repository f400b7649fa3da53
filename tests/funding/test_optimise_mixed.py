"""Projects that invest and run: the search says which aid pays what, and so loses nothing."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from maillage.engine.funding.candidates import Candidate, Usable, sort_out
from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.optimise import best_plans
from maillage.engine.funding.outcome import presses
from maillage.engine.funding.types import (
    PUBLIC,
    STATE_CGCT,
    Bearer,
    BearerKind,
    Fund,
    Plan,
    Spending,
    Verdict,
)
from tests.funding.factories import LAW, line, plan
from tests.funding.test_optimise import aid, failures

D = Decimal
RUNNING = line(100_000, "Animation", spending=Spending.OPERATION)
MIXED = [line(100_000, "Travaux"), RUNNING]


def resources(made: Plan) -> dict[str, tuple[Decimal, list[str]]]:
    return {r.id: (r.amount, sorted(r.lines)) for r in made.resources}


def test_an_aid_pays_the_running_costs_first_and_stays_one_dossier() -> None:
    found = best_plans(plan(MIXED), [aid("Région", Fund.REGION, "0.9")], LAW, D(25_000))
    assert found.conflict is None
    best = found.plans[0]
    assert resources(best.plan) == {
        "Région": (80_000, ["Travaux"]), "Région-fonctionnement": (100_000, ["Animation"]),
        "own": (20_000, []),
    }  # fmt: skip
    assert (best.dossiers, best.proved) == (1, True)
    assert best.second == {"Région-fonctionnement": "Région"}
    assert any("deux lignes, pour un seul dossier" in said for said in best.reasons)
    assert not any(map(presses, best.checks))


def test_an_aid_that_need_not_be_shared_out_is_left_whole() -> None:
    aids = [aid("Région", Fund.REGION, "0.3"), aid("Département", Fund.DEPARTMENT, "0.5")]
    best = best_plans(plan(MIXED), aids, LAW).plans[0]
    assert resources(best.plan)["Région"] == (60_000, [])
    assert (best.own, best.second) == (40_000, {})


def test_of_two_aids_at_most_one_is_in_two_lines() -> None:
    aids = [aid("Région", Fund.REGION, "0.4"), aid("Département", Fund.DEPARTMENT, "0.5")]
    best = best_plans(plan(MIXED), aids, LAW).plans[0]
    assert best.own == 20_000
    assert resources(best.plan)["Département"] == (100_000, ["Animation"])
    assert best.second == {}


def test_what_is_granted_without_its_lines_is_supposed_and_said() -> None:
    """It is not ours to say what it pays: nothing is proved, and no plan is refused flatly."""
    aids = [aid("Département", Fund.DEPARTMENT, granted=90_000), aid("Région", Fund.REGION, "0.9")]
    best = best_plans(plan(MIXED), aids, LAW).plans[0]
    assert resources(best.plan)["Département"] == (90_000, [])
    assert not best.proved
    assert "nous avons compté l'investissement" in best.reasons[-1]
    conflict = best_plans(plan(MIXED), aids, LAW, D(20_000)).conflict
    assert conflict is not None
    assert "aucun plan ne tient" not in conflict.sentence.lower()
    assert "nous avons compté l'investissement" in conflict.sentence
    tied = [aid("Département", Fund.DEPARTMENT, granted=90_000, lines=frozenset({"Animation"})),
            aids[1]]  # fmt: skip
    best = best_plans(plan(MIXED), tied, LAW, D(20_000)).plans[0]
    assert (best.own, best.proved) == (20_000, True)


amounts = st.integers(1, 400).map(lambda n: D(n) * 250)


@st.composite
def mixed(draw: Any) -> tuple[Plan, list[Candidate]]:
    kinds = [Spending.INVESTMENT, Spending.OPERATION]
    kinds += draw(st.lists(st.sampled_from(list(Spending)), max_size=2))
    costs = [line(draw(amounts), str(n), spending=kind) for n, kind in enumerate(kinds)]
    names = [one.id for one in costs]
    funds = [Fund.REGION, Fund.DEPARTMENT, Fund.EUROPE, Fund.DSIL, Fund.DPV, Fund.GIFT]
    aids = [
        Candidate(
            f"a{n}", f"Aide {n}", draw(st.sampled_from(funds)),
            rate=draw(st.integers(1, 10).map(lambda n: D(n) / 10)),
            cap=draw(st.none() | amounts),
            floor=draw(st.none() | st.integers(1, 20).map(lambda n: D(n) * 500)),
            lines=frozenset(draw(st.sets(st.sampled_from(names)))),
        )
        for n in range(draw(st.integers(1, 4)))
    ]  # fmt: skip
    bearer = Bearer(BearerKind.COMMUNE, department=draw(st.sampled_from(["24", "973"])))
    return plan(costs, bearer=bearer, economic=False), aids


def by_lines(made: Plan, usable: list[Usable]) -> float | None:
    """The least own money over every choice of dossiers, each euro shared out line by line."""
    found = [_with(made, list(some)) for some in product(*((one, None) for one in usable))]
    return min((one for one in found if one is not None), default=None)


def _with(made: Plan, choice: list[Usable | None]) -> float | None:
    chosen = [one for one in choice if one is not None]
    lines = [one.id for one in made.costs]
    price = {one.id: float(made.amount(one)) for one in made.costs}
    cells = [(n, x) for n, one in enumerate(chosen) for x in lines if x in one.lines]
    cells += [(-1, x) for x in lines]
    own = [float(n < 0) for n, _ in cells]
    public = [n >= 0 and chosen[n].candidate.fund in PUBLIC for n, _ in cells]
    equal = [[float(x == y) for _, y in cells] for x in lines]
    above: list[list[float]] = []
    most: list[float] = []

    def row(factors: list[float], high: float) -> None:
        above.append(factors)
        most.append(high)

    for n, one in enumerate(chosen):
        row([float(m == n) for m, _ in cells], float(one.most))
        row([-float(m == n) for m, _ in cells], -float(one.least))
    invested = made.invested
    if made.bearer.department == "24":
        row([(0.2 * p - 0.8 * o) * (x in invested)
             for (_, x), p, o in zip(cells, public, own, strict=True)], 0.0)  # fmt: skip
    bases = [one.lines & invested for one in chosen if one.candidate.fund in STATE_CGCT]
    for base in {base for base in bases if base} | ({invested} if any(bases) else set()):
        row([float(p and x in base) for (_, x), p in zip(cells, public, strict=True)],
            0.8 * sum(price[x] for x in base))  # fmt: skip
    found = linprog(own, A_ub=above or None, b_ub=most or None, A_eq=equal,
                    b_eq=[price[x] for x in lines])  # fmt: skip
    return float(found.fun) if found.status == 0 else None


@settings(max_examples=120, deadline=None)
@given(mixed())
def test_the_optimum_is_that_of_sharing_out_every_euro(
    problem: tuple[Plan, list[Candidate]],
) -> None:
    made, aids = problem
    found = best_plans(made, aids, LAW)
    least = by_lines(made, sort_out(made, aids, LAW)[0])
    assert least is not None
    assert found.conflict is None
    assert float(found.plans[0].own) == pytest.approx(least, abs=0.05)
    for best in found.plans:
        assert failures(best.plan) == []
        assert not any(map(presses, check_plan(best.plan, LAW)))
        assert best.proved
        assert sum(r.amount for r in best.plan.resources) == made.cost
        assert all(one.verdict is not Verdict.FAILS for one in best.checks)
