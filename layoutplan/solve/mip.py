"""Solve a mixed-integer program with MathOpt and HiGHS, and audit the solution."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.math_opt.solvers import highs_pb2

from layoutplan.arrays import FloatArray
from layoutplan.solve.background import run_in_thread
from layoutplan.solve.certificate import Certificate, certify
from layoutplan.solve.checks import check_program
from layoutplan.solve.outcome import Outcome
from layoutplan.solve.program import Program
from layoutplan.solve.silence import silenced

_WITHOUT_PLAN: Final = {
    mathopt.TerminationReason.OPTIMAL: Outcome.FAILED,
    mathopt.TerminationReason.FEASIBLE: Outcome.FAILED,
    mathopt.TerminationReason.INFEASIBLE: Outcome.NO_PLAN_EXISTS,
    mathopt.TerminationReason.UNBOUNDED: Outcome.UNBOUNDED,
    mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED: Outcome.NO_PLAN_EXISTS,
    mathopt.TerminationReason.NO_SOLUTION_FOUND: Outcome.NO_PLAN_FOUND,
    mathopt.TerminationReason.IMPRECISE: Outcome.FAILED,
    mathopt.TerminationReason.NUMERICAL_ERROR: Outcome.FAILED,
    mathopt.TerminationReason.OTHER_ERROR: Outcome.FAILED,
}
"""Outcome for each MathOpt termination reason without a feasible solution; any other is ``FAILED``.

Columns are bounded here, so "infeasible or unbounded" means infeasible. With a feasible solution
(and a bounded objective) the reason is not used: the gap between objective and bound decides between
``OPTIMAL`` and ``FEASIBLE``.
"""


@dataclass(frozen=True)
class Solution:
    """An audited solution of a program.

    Attributes
    ----------
    outcome
        How the solve ended.
    values
        One number per column, integer columns rounded; empty without a plan.
    objective
        Recomputed from ``values``; NaN without a plan.
    bound
        Proven limit of the objective: no plan is better. ``±inf`` if nothing is proven.
    gap
        ``|objective − bound| / max(1, |objective|)``; NaN without a plan.
    certificate
        The audit; ``None`` without a plan.
    reduced_costs
        Of each column, where no column is integer (0 where it is fixed); empty otherwise.
    entries, iterations
        Entries of the program without its fixed columns, and simplex iterations: what the solve took, the
        same on every machine.
    """

    outcome: Outcome
    values: FloatArray
    objective: float
    bound: float
    gap: float
    certificate: Certificate | None
    reduced_costs: FloatArray = field(default_factory=lambda: np.zeros(0))
    entries: int = 0
    iterations: int = 0


def solve_program(
    program: Program, *, time_limit_s: float, relative_gap: float = 0.0, most_nodes: int | None = None
) -> Solution:
    """Solve a program and audit the solution.

    Parameters
    ----------
    program
        The program to solve.
    time_limit_s
        Time limit, seconds; the best plan found by then is returned.
    relative_gap
        The solver may stop at a gap no larger than this, and the outcome is then ``OPTIMAL``.
    most_nodes
        Nodes of the search tree after which the best plan found is returned: a limit of effort that, unlike
        time, stops every run at the same plan.

    Returns
    -------
    Solution
        ``FAILED`` if the audit finds a violated constraint. One thread and a fixed seed are used: the same
        program gives the same values unless the time limit ends the search.

    Raises
    ------
    DefectError
        If the program or a limit is invalid (:mod:`layoutplan.solve.checks`).
    """
    check_program(program, time_limit_s=time_limit_s, relative_gap=relative_gap)
    if len(program.objective) == 0:
        return _solution_without_columns(program)
    free = program.lower < program.upper
    small = program if free.all() else program.with_fixed(free)
    if not len(small.objective):
        return _audited(program, program.lower, bound=small.offset, relative_gap=relative_gap)
    result = _run(small, time_limit_s=time_limit_s, relative_gap=relative_gap, most_nodes=most_nodes)
    if result is None:
        return _without_plan(Outcome.FAILED, bound=float("nan"))
    bound = float(result.dual_bound())
    entries, iterations = len(small.entry_row), int(result.solve_stats.simplex_iterations)
    reason = result.termination.reason
    if reason is mathopt.TerminationReason.UNBOUNDED or not result.has_primal_feasible_solution():
        nothing = _without_plan(_WITHOUT_PLAN.get(reason, Outcome.FAILED), bound=bound)
        return replace(nothing, entries=entries, iterations=iterations)
    values = program.lower.copy()
    values[free] = _in_order(result.variable_values())
    found = _audited(program, values, bound=bound, relative_gap=relative_gap)
    found = replace(found, entries=entries, iterations=iterations)
    if small.integer.any() or not found.outcome.has_plan or not result.has_dual_feasible_solution():
        return found
    reduced = np.zeros(len(values))
    reduced[free] = _in_order(result.reduced_costs())
    return replace(found, reduced_costs=reduced)


def _run(
    program: Program, *, time_limit_s: float, relative_gap: float, most_nodes: int | None
) -> mathopt.SolveResult | None:
    """Run HiGHS once, without presolve; return ``None`` if it fails with an internal error.

    Observed with OR-Tools 9.15 (and with SciPy's HiGHS): with presolve it reports a plan and its bound as
    optimal although a cheaper plan exists (tests/solve/test_mip.py holds the case), or it finds its own
    solution outside its tolerance and ends with ``kError``. Without presolve the same programs are solved
    correctly.
    """
    parameters = mathopt.SolveParameters(
        time_limit=timedelta(seconds=max(time_limit_s, 1e-6)),  # MathOpt reads 0 as no limit
        relative_gap_tolerance=relative_gap,
        absolute_gap_tolerance=0.0,
        node_limit=most_nodes,
        random_seed=0,
        presolve=mathopt.Emphasis.OFF,
        highs=highs_pb2.HighsOptionsProto(string_options={"parallel": "off"}),
    )
    model = mathopt.Model.from_model_proto(_proto(program))
    try:
        with silenced():
            return run_in_thread(lambda: mathopt.solve(model, mathopt.SolverType.HIGHS, params=parameters))
    except (AttributeError, RuntimeError):
        # MathOpt raises RuntimeError for an internal failure; 9.15 may raise AttributeError on its status.
        return None


def _in_order(values: dict[Any, float]) -> FloatArray:
    """Return the values of variables in the order of their numbers."""
    numbered = sorted((variable.id, value) for variable, value in values.items())
    return np.array([value for _, value in numbered], dtype=np.float64)


def _audited(program: Program, values: FloatArray, *, bound: float, relative_gap: float) -> Solution:
    """Round integer columns, check all constraints, and classify the plan."""
    values = np.where(program.integer, np.rint(values), values)
    values = np.clip(values, program.lower, program.upper)
    certificate = certify(program, values)
    if not certificate.holds:
        return _without_plan(Outcome.FAILED, bound=bound)
    bound, proven = _right_side(program, certificate.objective, bound)
    gap = abs(certificate.objective - bound) / max(1.0, abs(certificate.objective))
    rounding = 1e-6
    best = proven and gap <= relative_gap + rounding
    return Solution(
        outcome=Outcome.OPTIMAL if best else Outcome.FEASIBLE,
        values=values,
        objective=certificate.objective,
        bound=bound,
        gap=gap,
        certificate=certificate,
    )


def _right_side(program: Program, objective: float, bound: float) -> tuple[float, bool]:
    """Return a bound that is not worse than the objective, and whether the bound is credible.

    The solver works with tolerances, so its bound may pass the objective slightly; if it passes it by more
    than the tolerance, the bound proves nothing.
    """
    better = np.inf if program.sense == "maximise" else -np.inf
    passed = objective - bound if program.sense == "maximise" else bound - objective
    if not np.isfinite(bound) or passed > 1e-5 * max(1.0, abs(objective)):
        return float(better), False
    return (objective, True) if passed > 0 else (bound, True)


def _without_plan(outcome: Outcome, *, bound: float) -> Solution:
    return Solution(
        outcome=outcome,
        values=np.zeros(0),
        objective=float("nan"),
        bound=bound,
        gap=float("nan"),
        certificate=None,
    )


def _solution_without_columns(program: Program) -> Solution:
    """Return the solution of a program without columns."""
    certificate = certify(program, np.zeros(0))
    if not certificate.holds:
        return _without_plan(Outcome.NO_PLAN_EXISTS, bound=program.offset)
    return _audited(program, np.zeros(0), bound=program.offset, relative_gap=0.0)


def _proto(program: Program) -> model_pb2.ModelProto:
    """Convert the program to MathOpt's protocol buffer without a Python object per column."""
    proto = model_pb2.ModelProto()
    columns, rows = len(program.objective), len(program.row_lower)
    proto.variables.ids.extend(range(columns))
    proto.variables.lower_bounds.extend(program.lower.tolist())
    proto.variables.upper_bounds.extend(program.upper.tolist())
    proto.variables.integers.extend(program.integer.tolist())
    used = np.flatnonzero(program.objective)
    proto.objective.maximize = program.sense == "maximise"
    proto.objective.offset = program.offset
    proto.objective.linear_coefficients.ids.extend(used.tolist())
    proto.objective.linear_coefficients.values.extend(program.objective[used].tolist())
    proto.linear_constraints.ids.extend(range(rows))
    proto.linear_constraints.lower_bounds.extend(program.row_lower.tolist())
    proto.linear_constraints.upper_bounds.extend(program.row_upper.tolist())
    order: npt.NDArray[np.intp] = np.lexsort((program.entry_column, program.entry_row))
    proto.linear_constraint_matrix.row_ids.extend(program.entry_row[order].tolist())
    proto.linear_constraint_matrix.column_ids.extend(program.entry_column[order].tolist())
    proto.linear_constraint_matrix.coefficients.extend(program.entry_value[order].tolist())
    return proto
