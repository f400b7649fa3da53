"""Speed of the search for the best plans, and the same programs by another caller, in one run.

200 invented projects of 5 lines and 60 candidate aids, always the same ones. For each: the whole
search (three plans, what limits them, every check), then its programs (least own money, fewest
dossiers, surest) solved here and by ``scipy.optimize.milp``. Times are of the processor
(``time.process_time``), so that neighbours on the machine do not count. Prints, asserts nothing.

``python -m bench.funding [--cases 200] [--aids 60] [--lines 5] [--worst]``
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_array

from maillage.engine.funding import optimise
from maillage.engine.funding.candidates import Candidate
from maillage.engine.funding.program import Program
from maillage.engine.funding.rules import Law, law_of
from maillage.engine.funding.solver import NoPlan, solve
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
    dice = random.Random(number)  # noqa: S311
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
