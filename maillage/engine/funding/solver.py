"""Exact solution of a program, by HiGHS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import highspy
import numpy as np

from maillage.engine.funding.program import FloatArray, Program

#: Where a search stops (each of the few of a question). Ordinary ones need a hundredth of it.
SECONDS: Final = 3.0
NODES: Final = 50_000
# Amounts are euros: gaps and tolerances are far under a cent even times a large amount. The
# heuristic that is off takes half of the time of programs as small as ours, and finds nothing.
_OPTIONS: Final = (
    ("output_flag", False), ("threads", 1), ("random_seed", 0), ("mip_rel_gap", 0.0),
    ("mip_abs_gap", 1e-7), ("mip_feasibility_tolerance", 1e-9),
    ("primal_feasibility_tolerance", 1e-9), ("mip_heuristic_run_feasibility_jump", False),
    ("mip_max_nodes", NODES),
)  # fmt: skip


class NoPlan(Exception):
    """No choice respects every row."""


class TooLong(NoPlan):
    """The search was stopped before it found anything."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The columns found. ``proved``: nothing is better; else the search was stopped."""

    columns: FloatArray
    proved: bool


def solve(program: Program, objective: Mapping[int, float]) -> FloatArray:
    """The columns of the best solution that was found (`search`)."""
    return search(program, objective).columns


def search(program: Program, objective: Mapping[int, float], seconds: float = SECONDS) -> Solution:
    """The best solution for `objective` (column → factor), minimised, in `seconds` at most.

    Raises `NoPlan` when there is none, `TooLong` when none was found in time. The same program
    gives the same solution, unless the search is stopped by the clock.
    """
    solver = _solver(program, objective)
    solver.setOptionValue("time_limit", seconds)
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kOptimal:
        return Solution(_columns(solver), proved=True)
    stopped = (
        highspy.HighsModelStatus.kTimeLimit,
        highspy.HighsModelStatus.kSolutionLimit,
        highspy.HighsModelStatus.kIterationLimit,
    )
    if status not in stopped:
        raise NoPlan
    if solver.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        raise TooLong
    return Solution(_columns(solver), proved=False)


class Restarted:
    """One linear program, solved again each time that a bound moves: from where it stood."""

    def __init__(self, program: Program, objective: Mapping[int, float]) -> None:
        self._program = program
        self._solver = _solver(program, objective)
        self._solver.setOptionValue("presolve", "off")

    def value(self) -> float | None:
        """The least value of the objective; ``None`` when nothing respects every row."""
        self._solver.run()
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        return float(self._solver.getInfo().objective_function_value)

    def column(self, number: int, more: float) -> None:
        """Let a column go `more` above its bound (0: its own bound again)."""
        program = self._program
        self._solver.changeColBounds(number, program.least[number], program.most[number] + more)

    def row(self, number: int, more: float) -> None:
        """Let a row go `more` above its bound (0: its own bound again)."""
        _, _, low, high = self._program.rows[number]
        self._solver.changeRowBounds(number, low, high + more)


def _columns(solver: Any) -> FloatArray:
    return np.asarray(solver.getSolution().col_value, dtype=np.float64)


def _solver(program: Program, objective: Mapping[int, float]) -> Any:
    cost = np.zeros(program.width)
    for column, factor in objective.items():
        cost[column] = factor
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in _OPTIONS:
        solver.setOptionValue(name, value)
    solver.passModel(_model(program, cost))
    return solver


def _model(program: Program, cost: FloatArray) -> Any:
    model = highspy.HighsLp()
    model.num_col_ = program.width
    model.num_row_ = len(program.rows)
    model.col_cost_ = cost
    model.col_lower_ = np.asarray(program.least)
    model.col_upper_ = np.asarray(program.most)
    model.row_lower_ = np.asarray([low for _, _, low, _ in program.rows])
    model.row_upper_ = np.asarray([high for _, _, _, high in program.rows])
    starts: list[int] = [0]
    columns: list[int] = []
    values: list[float] = []
    for _, factors, _, _ in program.rows:
        columns += factors.keys()
        values += factors.values()
        starts.append(len(columns))
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.asarray(starts, dtype=np.int32)
    model.a_matrix_.index_ = np.asarray(columns, dtype=np.int32)
    model.a_matrix_.value_ = np.asarray(values, dtype=np.float64)
    kinds = highspy.HighsVarType
    model.integrality_ = [kinds.kInteger if w else kinds.kContinuous for w in program.whole]
    return model
