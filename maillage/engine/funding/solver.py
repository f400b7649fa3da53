"""Exact solution of a program, by HiGHS."""

from collections.abc import Mapping
from typing import Any

import highspy
import numpy as np

from maillage.engine.funding.program import FloatArray, Program


class NoPlan(Exception):
    """No choice respects every row."""


def solve(program: Program, objective: Mapping[int, float]) -> FloatArray:
    """The columns of a best solution for `objective` (column → factor), minimised.

    Raises `NoPlan` when there is none. The same program always gives the same solution.
    """
    cost = np.zeros(program.width)
    for column, factor in objective.items():
        cost[column] = factor
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in (
        ("output_flag", False), ("threads", 1), ("random_seed", 0), ("mip_rel_gap", 0.0),
        ("mip_abs_gap", 1e-7), ("mip_feasibility_tolerance", 1e-9),
        ("primal_feasibility_tolerance", 1e-9),
    ):  # fmt: skip
        solver.setOptionValue(name, value)
    solver.passModel(_model(program, cost))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise NoPlan
    return np.asarray(solver.getSolution().col_value, dtype=np.float64)


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
