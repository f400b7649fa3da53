"""What holds a plan, and why there is none: named exactly, with what a step would change."""

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maillage.engine.funding import limits as named
from maillage.engine.funding import optimise, solver
from maillage.engine.funding.candidates import Candidate, sort_out
from maillage.engine.funding.optimise import best_plans
from maillage.engine.funding.program import OWN, build
from maillage.engine.funding.solver import NoPlan, Solution, search, solve
from maillage.engine.funding.types import Bearer, BearerKind, Fund, Plan
from tests.funding.factories import DAY, LAW, line, plan
from tests.funding.test_optimise import aid, amounts, failures, problems

D = Decimal
ASSOCIATION = Bearer(BearerKind.ASSOCIATION)


def limits(made: Plan, *aids: Candidate) -> dict[str, Decimal]:
    """What each limit of the plan of least own money saves alone."""
    return {one.rule: one.saved for one in best_plans(made, aids, LAW).plans[0].limits}


def test_two_rules_that_bind_together_are_both_named() -> None:
    """A fifth of own money and four fifths of public money: neither alone lets a euro pass."""
    best = best_plans(plan(1_000), [aid("DETR", Fund.DETR, "0.9")], LAW).plans[0]
    assert [(one.rule, one.saved) for one in best.limits] == [("own-share", 0), ("state-cap", 0)]
    assert best.together == D("10.00")
    assert all("une autre limite bloque aussi" in one.sentence for one in best.limits)
    assert best.together_sentence == (
        "Si toutes ces limites bougeaient à la fois, vous paieriez 10\u00a0€ de moins."
    )
    assert "à cause de : Participation minimale" in best.reasons[1]


def test_a_rule_that_binds_alone_says_what_a_point_saves() -> None:
    best = best_plans(plan(1_000), [aid("Région", Fund.REGION, "0.9")], LAW).plans[0]
    assert [one.sentence for one in best.limits] == [
        "Participation minimale : un point de moins, c'est 10\u00a0€ de fonds propres en moins."
    ]
    assert best.together_sentence == ""


def test_ceilings_that_are_reached_are_named() -> None:
    assert limits(plan(10_000), aid("a", Fund.REGION, "0.2")) == {"ceiling": D(1_000)}


def test_a_fonds_de_concours_and_leader_are_named() -> None:
    found = limits(plan(10_000), aid("cc", Fund.GROUP, "0.8"))
    assert found == {"group-half": D("100.00")}
    found = limits(plan(10_000), aid("LEADER", Fund.LEADER, "1"))
    assert found == {"own-share": 0, "leader": 0, "leader-own": 0}


def test_a_line_paid_in_full_is_named() -> None:
    made = plan([line(1_000, "A"), line(1_000, "B")], bearer=ASSOCIATION)
    aids = [aid(n, Fund.REGION, "0.7", lines=frozenset("A")) for n in "ab"]
    found = best_plans(made, aids, LAW).plans[0].limits[0]
    assert (found.rule, found.saved) == ("no-double", D(400))
    assert "« A »" in found.sentence


def test_the_surest_plan_asks_all_that_its_dossiers_give() -> None:
    """Own money that is kept back stays there, whether the aid comes or not."""
    aids = [aid("a", Fund.REGION, "0.8", chance=D("0.5"))]
    own, _, sure = best_plans(plan(1_000), aids, LAW).plans
    assert sure.own == own.own == 200
    assert sure.limits == own.limits


@settings(max_examples=80, deadline=None)
@given(problems())
def test_what_is_not_named_changes_nothing_alone(problem: tuple[Plan, list[Candidate]]) -> None:
    """Every rule whose step saves a cent is named, and what is said to be saved is."""
    made, aids = problem
    usable, _ = sort_out(made, aids, LAW)
    for best in best_plans(made, aids, LAW).plans[:1]:
        said = {one.rule: one.saved for one in best.limits}
        ids = {r.id for r in best.plan.resources}
        kept = [one for one in usable if one.candidate.id in ids]
        before = _least(made, kept, LAW)
        for point in named._POINTS:
            if point.rule not in LAW:
                continue
            after = _least(made, kept, named._moved(LAW, [point]))
            assert abs(before - after - float(said.get(point.check, 0))) <= 0.02
        assert best.together >= max(said.values(), default=D(0)) - D("0.02")


def _least(made: Plan, kept: list[Any], law: Any) -> float:
    program, layout = build(made, kept, law)
    for y in layout.asked:
        program.least[y] = 1.0
    return float(solve(program, {OWN: 1.0})[OWN])


# -- When nothing is possible


def test_the_rule_in_the_way_is_named() -> None:
    found = best_plans(plan(1_000), [aid("a", Fund.REGION, "0.9")], LAW, D(100)).conflict
    assert found is not None
    assert found.rules == ("own-share",)
    assert "sans la participation minimale" in found.sentence


def test_two_rules_in_the_way_are_named_together() -> None:
    found = best_plans(plan(1_000), [aid("a", Fund.DETR, "0.9")], LAW, D(100)).conflict
    assert found is not None
    assert found.enough == (("own-share", "state-cap"),)
    assert found.sentence.endswith("ensemble.")


def test_when_aids_are_too_small_no_rule_is_blamed() -> None:
    found = best_plans(plan(1_000), [aid("a", Fund.REGION, "0.5")], LAW, D(100)).conflict
    assert found is not None
    assert found.rules == ()
    assert "n'apportent pas assez" in found.sentence


def test_what_is_granted_in_excess_is_given_back_by_the_nearest_plan() -> None:
    aids = [aid("a", Fund.DETR, "0.5", granted=500), aid("b", Fund.REGION, "0.4", granted=400)]
    found = best_plans(plan(1_000), aids, LAW).conflict
    assert found is not None
    assert found.enough == (("own-share", "state-cap"),)
    assert found.nearest is not None
    assert found.nearest.own == 200
    assert failures(found.nearest.plan) == []
    assert "rend 100\u00a0€" in found.sentence


def test_what_is_granted_beyond_the_cost_is_said() -> None:
    aids = [aid("a", Fund.DETR, "0.5", granted=700), aid("b", Fund.REGION, "0.4", granted=400)]
    found = best_plans(plan(1_000), aids, LAW).conflict
    assert found is not None
    assert found.rules == ("balance",)
    assert "1\u202f100\u00a0€ pour 1\u202f000\u00a0€" in found.sentence


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (plan(1_000, total=D(1_100)), "Corrigez une ligne ou le total"),
        (plan([line(1_000, gross=900)]), "TTC est inférieur"),
        (plan([line(1_000, signed_on=DAY)]), "a été signé"),
    ],
)
def test_what_no_choice_can_mend_is_said_before_any_search(made: Plan, words: str) -> None:
    late = DAY.replace(month=12)
    found = best_plans(made, [aid("a", Fund.DETR, "0.5", granted=100, received_on=late)], LAW)
    assert found.plans == ()
    assert found.conflict is not None
    assert words in found.conflict.sentence


def test_an_aid_received_in_time_may_pay_what_was_signed_after() -> None:
    made = plan([line(1_000, signed_on=DAY)])
    late, early = (aid("a", Fund.DETR, "0.5", received_on=day)
                   for day in (DAY.replace(month=12), DAY.replace(month=1)))  # fmt: skip
    assert best_plans(made, [late], LAW).plans[0].own == 1_000
    assert best_plans(made, [early], LAW).plans[0].own == 500


@settings(max_examples=80, deadline=None)
@given(problems(), amounts, st.sets(st.integers(0, 4), max_size=3), amounts)
def test_there_is_always_a_plan_or_a_sentence(
    problem: tuple[Plan, list[Candidate]], own_most: Decimal, held: set[int], granted: Decimal
) -> None:
    """Whatever is granted and said; and without the rules named, there would be a plan."""
    made, aids = problem
    aids = [replace(one, granted=granted + n) if n in held else one for n, one in enumerate(aids)]
    found = best_plans(made, aids, LAW, own_most)
    for best in found.plans:
        assert failures(best.plan) == []
    if found.conflict is None:
        assert len(found.plans) == 3
        return
    assert found.conflict.sentence
    usable, _ = sort_out(made, aids, LAW)
    for some in found.conflict.enough:
        if some != ("balance",):
            program, _ = build(made, usable, LAW, float(own_most))
            loose = replace(program, rows=[row for row in program.rows if row[0] not in some])
            wide = replace(loose, most=[float(made.cost), *loose.most[1:]])
            assert _has(loose) or _has(wide)
    if found.conflict.nearest is not None:
        assert failures(found.conflict.nearest.plan) == []


def _has(program: Any) -> bool:
    try:
        search(program, {})
    except NoPlan:
        return False
    return True


# -- When it is too long


def test_a_search_that_is_stopped_at_once_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimise, "search", lambda program, asked, *_: search(program, asked, 0.0))
    found = best_plans(plan(1_000), [aid("a", Fund.REGION, "0.5")], LAW)
    assert found.plans == ()
    assert found.conflict is not None
    assert "dans le temps prévu" in found.conflict.sentence


def test_a_plan_that_is_not_proved_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*asked: Any) -> Solution:
        return replace(search(*asked), proved=False)

    monkeypatch.setattr(optimise, "search", stopped)
    found = best_plans(plan(1_000), [aid("a", Fund.REGION, "0.5")], LAW)
    assert not found.proved
    assert all("un meilleur existe peut-être" in best.reasons[-1] for best in found.plans)


def test_two_hundred_exclusive_aids_for_forty_lines_are_searched_in_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To the end, however slow the machine is."""
    monkeypatch.setattr(solver, "_PATIENCE", float("inf"))
    monkeypatch.setattr(optimise, "_SECONDS", 60.0)
    names = [f"c{n}" for n in range(40)]
    costs = [line(1_000 + n, name) for n, name in enumerate(names)]
    every = frozenset(map(str, range(200)))
    aids = [
        aid(str(n), Fund.REGION, "0.5", floor=500, lines=frozenset(names[n % 40 : n % 40 + 7]),
            excludes=every - {str(n)})
        for n in range(200)
    ]  # fmt: skip
    found = best_plans(plan(costs), aids, LAW)
    assert found.proved
    assert [best.dossiers for best in found.plans[:2]] == [1, 1]


@pytest.mark.parametrize("seed", range(20))
def test_many_sets_of_lines_give_the_same_optimum_as_few(seed: int) -> None:
    """Beyond some unions of sets of lines, amounts are shared by columns: same optimum."""
    dice = random.Random(seed)
    names = [f"c{n}" for n in range(dice.randrange(9, 13))]
    made = plan([line(dice.randrange(1, 40) * 100, n) for n in names], bearer=ASSOCIATION)
    aids = [
        aid(str(n), Fund.REGION, "0.9", lines=frozenset(dice.sample(names, 3))) for n in range(12)
    ]
    usable, _ = sort_out(made, aids, LAW)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("maillage.engine.funding.program._MOST_UNIONS", 0)
        wide, _ = build(made, usable, LAW)
        patch.setattr("maillage.engine.funding.program._MOST_UNIONS", 1 << 13)
        narrow, layout = build(made, usable, LAW)
    assert narrow.width == 1 + 2 * len(layout.asked)
    assert narrow.width < wide.width
    values = [float(solve(one, {OWN: 1.0})[OWN]) for one in (wide, narrow)]
    assert values[0] == pytest.approx(values[1], abs=0.01)
