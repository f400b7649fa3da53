"""Exact solution of a program, by HiGHS."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import highspy
import numpy as np

from maillage.engine.funding.program import FloatArray, Program

#: Where a search stops, when nobody says. Ordinary ones need a hundredth of it.
SECONDS: Final = 3.0
NODES: Final = 50_000
#: Gap, in units of the solver, at which it ends a search by itself.
_PROVED: Final = 1e-7
#: Seconds of processor after which nearly the best is enough, for who says what « nearly » is.
_PATIENCE: Final = 0.2
#: Amounts are given to the solver under this.
_LARGEST: Final = 2.0**17
#: Of what it rounds, from the finest: it gives up, rarely, on a point that it finds just outside.
_TOLERANCES: Final = (1e-9, 1e-8, 1e-7)
# Gaps and tolerances are far under a cent even times a large amount. The heuristic that is off
# takes half of the time of programs as small as ours, and finds nothing.
_OPTIONS: Final = (
    ("output_flag", False), ("threads", 1), ("random_seed", 0), ("mip_rel_gap", 0.0),
    ("mip_abs_gap", _PROVED), ("mip_feasibility_tolerance", _TOLERANCES[0]),
    ("primal_feasibility_tolerance", 1e-9), ("mip_heuristic_run_feasibility_jump", False),
    ("mip_max_nodes", NODES),
)  # fmt: skip


class NoPlan(Exception):
    """No choice respects every row; ``seconds`` were spent to know it."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        super().__init__()


class TooLong(NoPlan):
    """The search was stopped before it found anything."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The columns found. ``proved``: nothing is better; else the search was stopped, after
    ``seconds``, and nothing is better by more than ``gap``, in the unit of what is minimised.
    """

    columns: FloatArray
    proved: bool
    seconds: float = 0.0
    gap: float = 0.0


def solve(program: Program, objective: Mapping[int, float]) -> FloatArray:
    """The columns of the best solution that was found (`search`)."""
    return search(program, objective).columns


def search(
    program: Program, objective: Mapping[int, float], seconds: float = SECONDS, near: float = 0.0
) -> Solution:
    """The best solution for `objective` (column → factor), minimised, in `seconds` at most.

    After a moment (`_PATIENCE`), what is surely within `near` of the best is enough: of two hundred
    amounts that only fit together to the euro, the last euros would take minutes.

    Raises `NoPlan` when there is none, `TooLong` when none was found in time. The same program
    gives the same solution, unless the search is stopped by the clock.
    """
    scale = _scale(program)
    solver = _solver(program, objective, scale)
    solver.setOptionValue("time_limit", seconds)
    unit = scale if all(program.amount[n] for n in objective) else 1.0
    if near:
        solver.cbMipInterrupt.subscribe(_within(near / unit))
    for tolerance in _TOLERANCES:
        solver.setOptionValue("mip_feasibility_tolerance", tolerance)
        solver.clearSolver()
        solver.run()
        status = solver.getModelStatus()
        if status != highspy.HighsModelStatus.kSolveError:
            break
    spent = float(solver.getRunTime())
    if status == highspy.HighsModelStatus.kOptimal:
        return Solution(_columns(solver, program, scale), True, spent)
    impossible = (
        highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible,
    )  # fmt: skip
    if status in impossible:
        raise NoPlan(spent)
    # Stopped by the clock, by its nodes, or for a reason of its own: that proves nothing.
    if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        raise TooLong(spent)
    info = solver.getInfo()
    gap = max(info.objective_function_value - info.mip_dual_bound, 0.0) * unit
    return Solution(_columns(solver, program, scale), False, spent, gap)


def _within(near: float) -> Callable[[Any], None]:
    """Stops a search that has gone on for a moment and is surely within `near` of the best.

    A moment of this thread's processor: neighbours on the machine do not make it shorter. What is
    as good as proved is left to end by itself.
    """
    start = time.thread_time()

    def look(event: Any) -> None:
        said = event.data_out
        gap = said.mip_primal_bound - said.mip_dual_bound
        if _PROVED < gap <= near and time.thread_time() - start > _PATIENCE:
            event.interrupt()

    return look


class Restarted:
    """One linear program, solved again each time that a bound moves: from where it stood."""

    def __init__(self, program: Program, objective: Mapping[int, float]) -> None:
        self._program = program
        self._scale = _scale(program)
        self._solver = _solver(program, objective, self._scale)
        self._solver.setOptionValue("presolve", "off")

    def value(self) -> float | None:
        """The least value of the objective, in euros; ``None`` when nothing respects every row."""
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return float(self._solver.getInfo().objective_function_value) * self._scale

    def column(self, number: int, more: float) -> None:
        """Let an amount go `more` above its bound (0: its own bound again)."""
        low, high = self._program.least[number], self._program.most[number] + more
        self._solver.changeColBounds(number, low / self._scale, high / self._scale)

    def row(self, number: int, more: float) -> None:
        """Let a row of amounts go `more` above its bound (0: its own bound again)."""
        _, _, low, high = self._program.rows[number]
        self._solver.changeRowBounds(number, low / self._scale, (high + more) / self._scale)


def _scale(program: Program) -> float:
    """What a unit of the solver is worth, in euros: a power of two, which floats divide exactly.

    Its tolerances are absolute: of tens of millions of euros, it could not tell a billionth.
    """
    largest = max((m for m, euros in zip(program.most, program.amount, strict=True) if euros),
                  default=1.0)  # fmt: skip
    return 2.0 ** max(0, math.frexp(largest / _LARGEST)[1])


def _columns(solver: Any, program: Program, scale: float) -> FloatArray:
    found = np.asarray(solver.getSolution().col_value, dtype=np.float64)
    return np.where(program.amount, found * scale, found)


def _solver(program: Program, objective: Mapping[int, float], scale: float) -> Any:
    cost = np.zeros(program.width)
    for column, factor in objective.items():
        cost[column] = factor
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in _OPTIONS:
        solver.setOptionValue(name, value)
    solver.passModel(_model(program, cost, scale))
    return solver


def _model(program: Program, cost: FloatArray, scale: float) -> Any:
    """The program in units of `scale` euros: a row of amounts is divided by it as a whole."""
    model = highspy.HighsLp()
    amount = np.asarray(program.amount)
    model.num_col_ = program.width
    model.num_row_ = len(program.rows)
    model.col_cost_ = cost
    units = np.where(amount, scale, 1.0)
    model.col_lower_ = np.asarray(program.least) / units
    model.col_upper_ = np.asarray(program.most) / units
    columns: list[int] = []
    values: list[float] = []
    starts: list[int] = [0]
    for _, factors, _, _ in program.rows:
        columns += factors
        values += factors.values()
        starts.append(len(columns))
    index, start = np.asarray(columns, dtype=np.int32), np.asarray(starts, dtype=np.int32)
    euros = amount[index]
    # A row is of amounts as soon as one of its columns is.
    counted = np.concatenate(([0], np.cumsum(euros)))[start]
    sizes = np.where(np.diff(counted) > 0, scale, 1.0)
    model.row_lower_ = np.asarray([row[2] for row in program.rows]) / sizes
    model.row_upper_ = np.asarray([row[3] for row in program.rows]) / sizes
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = start
    model.a_matrix_.index_ = index
    # In a row of amounts, the factor of what is not one (0 or 1) is itself an amount.
    divided = np.where(euros, 1.0, np.repeat(sizes, np.diff(start)))
    model.a_matrix_.value_ = np.asarray(values) / divided
    kinds = highspy.HighsVarType
    model.integrality_ = [kinds.kInteger if w else kinds.kContinuous for w in program.whole]
    return model
