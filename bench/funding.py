"""Speed of the search for the best plans, and the same programs by another caller, in one run.

200 invented projects of 5 lines and 60 candidate aids, always the same ones. For each: the whole
search (three plans, what limits them, every check), then its programs (least own money, fewest
dossiers, surest) solved here and by ``scipy.optimize.milp``. Times are of the processor
(``time.process_time``), so that neighbours on the machine do not count. Prints, asserts nothing.

``python -m bench.funding [--cases 200] [--aids 60] [--lines 5]``
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_array

from maillage.engine.funding import optimise
from maillage.engine.funding.candidates import Candidate
from maillage.engine.funding.program import Program
from maillage.engine.funding.rules import law_of
from maillage.engine.funding.solver import NoPlan, Solution, search
from maillage.engine.funding.types import (
    Bearer,
    BearerKind,
    CostLine,
    Fund,
    Nature,
    Plan,
    Spending,
)
from maillage.funding.rulebook import shipped_rules

DAY = date(2026, 11, 21)
#: How often each fund stands among the aids that a commune may ask: many small public ones.
FUNDS = {
    Fund.DETR: 2, Fund.DSIL: 2, Fund.STATE: 8, Fund.OPERATOR: 12, Fund.REGION: 10,
    Fund.DEPARTMENT: 8, Fund.GROUP: 2, Fund.LEADER: 3, Fund.EUROPE: 3, Fund.OTHER_PUBLIC: 4,
    Fund.GIFT: 4, Fund.CROWD: 2,
}  # fmt: skip
LINES = (
    ("Études", Spending.ENGINEERING, Nature.STUDY, (5_000, 60_000)),
    ("Gros œuvre", Spending.INVESTMENT, Nature.WORKS, (50_000, 900_000)),
    ("Second œuvre", Spending.INVESTMENT, Nature.WORKS, (20_000, 400_000)),
    ("Équipement", Spending.INVESTMENT, Nature.OTHER, (3_000, 120_000)),
    ("Animation", Spending.OPERATION, Nature.OTHER, (2_000, 40_000)),
)


def case(number: int, aids: int, lines: int) -> tuple[Plan, list[Candidate]]:
    """An invented project and its candidate aids; the same number gives the same case."""
    dice = random.Random(number)
    costs = []
    for n in range(lines):
        label, spending, nature, (low, high) = LINES[n % len(LINES)]
        net = Decimal(dice.randrange(low * 100, high * 100)) / 100
        gross = (net * Decimal("1.2")).quantize(Decimal("0.01"))
        costs.append(CostLine(f"c{n}", f"{label} {n}", net, gross, spending, nature))
    bearer = Bearer(BearerKind.COMMUNE, department=dice.choice(["24", "29", "58", "973"]),
                    population_dgf=dice.randrange(100, 2_000))  # fmt: skip
    plan = Plan(bearer, tuple(costs), (), DAY, economic=False)
    return plan, [_aid(dice, n, aids, costs) for n in range(aids)]


def _aid(dice: random.Random, number: int, count: int, costs: list[CostLine]) -> Candidate:
    fund = dice.choices(list(FUNDS), list(FUNDS.values()))[0]
    cap = Decimal(dice.choice([0, 0, 5_000, 10_000, 20_000, 40_000, 75_000, 150_000, 300_000]))
    lines = frozenset(dice.sample([c.id for c in costs], dice.randrange(1, len(costs))))
    flat = Decimal(dice.randrange(1, 16) * 1_000) if dice.random() < 0.1 else None
    return Candidate(
        id=f"a{number}", label=f"Aide {number}", fund=fund,
        scheme=f"s{dice.randrange(count)}" if dice.random() < 0.3 else "",
        rate=None if flat else Decimal(dice.randrange(5, 81)) / 100, flat=flat, cap=cap or None,
        floor=Decimal(dice.choice([500, 1_000, 2_000, 5_000])) if dice.random() < 0.4 else None,
        lines=lines if dice.random() < 0.5 else frozenset(),
        excludes=frozenset({f"a{dice.randrange(count)}"}) if dice.random() < 0.2 else frozenset(),
        needs=frozenset({f"a{dice.randrange(count)}"}) if dice.random() < 0.1 else frozenset(),
        chance=Decimal(dice.randrange(1, 20)) / 20 if dice.random() < 0.7 else None,
        days=dice.randrange(30, 900) if dice.random() < 0.7 else None,
    )  # fmt: skip


Asked = tuple[Program, Mapping[int, float]]


def by_scipy(program: Program, objective: Mapping[int, float]) -> float | None:
    """The optimum that ``scipy.optimize.milp`` finds for the same program; ``None`` without any."""
    cost = np.zeros(program.width)
    for column, factor in objective.items():
        cost[column] = factor
    low, high = [row[2] for row in program.rows], [row[3] for row in program.rows]
    found = milp(
        cost,
        constraints=LinearConstraint(_matrix(program), low, high),
        bounds=(np.array(program.least), np.array(program.most)),
        integrality=np.array(program.whole, dtype=int),
        options={"mip_rel_gap": 0.0},
    )
    return float(found.fun) if found.success else None


def _matrix(program: Program) -> Any:
    indices: list[int] = []
    values: list[float] = []
    starts = [0]
    for _, factors, _, _ in program.rows:
        indices += factors.keys()
        values += factors.values()
        starts.append(len(indices))
    return csr_array((values, indices, starts), shape=(len(program.rows), program.width))


def timed(run: Callable[[], Any]) -> tuple[Any, float, float]:
    """What `run` gives, its seconds of processor, its seconds on the wall."""
    cpu, wall = time.process_time(), time.perf_counter()
    made = run()
    return made, time.process_time() - cpu, time.perf_counter() - wall


def row(name: str, seconds: list[float]) -> None:
    """Print a row: median, 95 %, worst, in milliseconds."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    print(f"{name:40} {statistics.median(ordered) * 1000:9.1f} {p95 * 1000:9.1f} "
          f"{ordered[-1] * 1000:9.1f}")  # fmt: skip


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=200)
    parser.add_argument("--aids", type=int, default=60)
    parser.add_argument("--lines", type=int, default=5)
    options = parser.parse_args()
    print(f"{options.cases} cases of {options.lines} lines and {options.aids} aids; "
          f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")  # fmt: skip
    compared(options.cases, options.aids, options.lines)
    print("\nWorst shapes, 200 aids and 40 lines (one search each):")
    worst()


def compared(cases: int, aids: int, lines: int) -> None:
    """The whole search, then the programs that it solved, here and by scipy."""
    law = law_of(shipped_rules(), DAY)
    whole, wall, ours, theirs = [], [], [], []
    differ = without = failing = unproved = 0
    for number in range(cases):
        plan, candidates = case(number, aids, lines)
        answer, cpu, clock = timed(lambda p=plan, c=candidates: optimise.best_plans(p, c, law))
        whole.append(cpu)
        wall.append(clock)
        without += answer.conflict is not None
        unproved += not answer.proved
        failing += sum(c.verdict.value == "fails" for b in answer.plans for c in b.checks)
        here = there = 0.0
        for program, objective in asked_of_the_solver(lambda p=plan, c=candidates: (
            optimise.best_plans(p, c, law))):  # fmt: skip
            mine, seconds, _ = timed(lambda p=program, o=objective: value(p, o))
            here += seconds
            other, seconds, _ = timed(lambda p=program, o=objective: by_scipy(p, o))
            there += seconds
            differ += (mine is None) != (other is None) or (
                mine is not None and other is not None and abs(mine - other) > 0.01
            )
        ours.append(here)
        theirs.append(there)
    print(f"{'milliseconds':40} {'median':>9} {'95 %':>9} {'worst':>9}")
    row("whole search, processor", whole)
    row("whole search, wall", wall)
    row("its programs, here (processor)", ours)
    row("its programs, scipy.optimize.milp", theirs)
    ratios = [there / here for here, there in zip(ours, theirs, strict=True)]
    print(f"scipy / here: median of the ratios {statistics.median(ratios):.2f}, of the totals "
          f"{sum(theirs) / sum(ours):.2f}; optima that differ by more than a cent: {differ}; "
          f"cases without a plan: {without}; checks that fail: {failing}; "
          f"cases not proved: {unproved}")  # fmt: skip


def asked_of_the_solver(run: Callable[[], Any]) -> list[Asked]:
    """The programs that `run` solves, with what each minimises."""
    seen: list[Asked] = []

    def recording(
        program: Program, objective: Mapping[int, float], seconds: float, near: float
    ) -> Solution:
        seen.append((program, objective))
        return search(program, objective, seconds, near)

    optimise.search = recording
    try:
        run()
    finally:
        optimise.search = search
    return seen


def value(program: Program, objective: Mapping[int, float]) -> float | None:
    """The optimum found here; ``None`` without any."""
    with suppress(NoPlan):
        columns = search(program, objective).columns
        return float(sum(columns[n] * factor for n, factor in objective.items()))
    return None


def worst() -> None:
    """Shapes made to be slow; each says whether its optimum was proved."""
    law = law_of(shipped_rules(), DAY)
    plan, aids = case(1, 200, 40)
    every = frozenset(a.id for a in aids)
    floors = [replace(a, floor=Decimal(2_000)) for a in aids]
    same = replace(aids[0], rate=Decimal("0.02"), flat=None, cap=Decimal(30_000), scheme="",
                   lines=frozenset(), excludes=frozenset(), needs=frozenset())  # fmt: skip
    shapes: dict[str, tuple[list[Candidate], Decimal | None]] = {
        "as drawn": (aids, None),
        "floors everywhere": (floors, None),
        "all exclusive": ([replace(a, excludes=every - {a.id}) for a in floors], None),
        "each excludes ten others": ([
            replace(a, excludes=frozenset(f"a{(n * 7 + k * 13) % 200}" for k in range(10)))
            for n, a in enumerate(floors)
        ], None),
        "each needs another": ([
            replace(a, needs=frozenset({f"a{(n * 11 + 3) % 200}"})) for n, a in enumerate(floors)
        ], None),
        "flat amounts only (a puzzle of sums)": ([
            replace(a, rate=None, flat=Decimal(1_009 + 137 * n), cap=None, floor=None)
            for n, a in enumerate(aids)
        ], None),
        "two hundred alike": ([replace(same, id=f"a{n}") for n in range(200)], None),
        "one euro of own money": (floors, Decimal(1)),
    }  # fmt: skip
    print(f"{'':40} {'cpu s':>9} {'wall s':>9}  proved")
    for name, (some, most) in shapes.items():
        answer, cpu, wall = timed(lambda s=some, m=most: optimise.best_plans(plan, s, law, m))
        said = "no plan: " + answer.conflict.sentence if answer.conflict else str(answer.proved)
        print(f"{name:40} {cpu:9.2f} {wall:9.2f}  {said}")


if __name__ == "__main__":
    main()
