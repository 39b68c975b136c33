"""Linear and binary programs of the districting search, solved by HiGHS through SciPy.

Binary programs are limited by nodes, so that results are reproducible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array, csr_array

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.solve.outcome import Outcome
from layoutplan.solve.silence import silenced

_INFEASIBLE: Final = 2
_HALF: Final = 0.5


@dataclass(frozen=True)
class BinaryResult:
    """Result of a binary program.

    Attributes
    ----------
    values
        Best solution found, shape (columns,); ``None`` without one.
    bound
        Proven lower bound of the cost; inf if the program is infeasible.
    is_infeasible
        Whether no solution exists.
    nodes
        Number of nodes.
    """

    values: FloatArray | None
    bound: float
    is_infeasible: bool
    nodes: int = 0


def is_one(values: FloatArray) -> BoolArray:
    """Return which binary columns have the value 1.

    Parameters
    ----------
    values
        Values of the columns.

    Returns
    -------
    BoolArray
        True above one half, which is independent of the solver's tolerance.
    """
    return np.asarray(values > _HALF)


def solve_binary(
    cost: FloatArray,
    matrix: csc_array | csr_array,
    limits: tuple[FloatArray, FloatArray],
    *,
    nodes: int,
    time_s: float,
    gap: float = 1e-6,
    continuous: int = 0,
) -> BinaryResult:
    """Minimise ``cost · x`` subject to ``limits[0] ≤ matrix x ≤ limits[1]`` over binary ``x``.

    Presolve is off: with it, HiGHS has reported solutions as optimal that are not (tests/solve/test_mip.py).

    Parameters
    ----------
    cost
        Cost of each column.
    matrix
        Constraint matrix, shape (rows, columns).
    limits
        Lower and upper limit of each row.
    nodes
        Node limit.
    time_s
        Time limit, seconds.
    gap
        Relative gap at which to stop.
    continuous
        Number of columns, from the last, that are continuous and not negative.

    Returns
    -------
    BinaryResult
        Best solution and bound.
    """
    if time_s <= 0:
        return BinaryResult(None, -np.inf, is_infeasible=False)
    is_binary = np.arange(len(cost)) < len(cost) - continuous
    with silenced():
        found = milp(
            cost,
            integrality=is_binary.astype(np.int64),
            bounds=Bounds(0, np.where(is_binary, 1.0, np.inf)),
            constraints=[LinearConstraint(matrix, limits[0], limits[1])],
            options={"presolve": False, "node_limit": nodes, "time_limit": time_s, "mip_rel_gap": gap},
        )
    bound = -np.inf if found.mip_dual_bound is None else float(found.mip_dual_bound)
    count = int(found.mip_node_count or 0)
    if found.status == _INFEASIBLE:
        return BinaryResult(None, np.inf, is_infeasible=True, nodes=count)
    values = None if found.x is None else np.where(is_binary, np.rint(found.x), found.x)
    return BinaryResult(values, bound, is_infeasible=False, nodes=count)


@dataclass(frozen=True)
class LinearResult:
    """Optimal solution of a linear program.

    Attributes
    ----------
    values, reduced
        Value and reduced cost of each column.
    cost
        Optimal value.
    equal_dual
        Dual value of each equation.
    slack
        Slack of each inequality; empty without inequalities.
    """

    values: FloatArray
    cost: float
    reduced: FloatArray
    equal_dual: FloatArray
    slack: FloatArray


def solve_linear(
    cost: FloatArray,
    equal: csr_array | csc_array,
    *,
    equal_rhs: FloatArray,
    less: csr_array | None = None,
    less_rhs: FloatArray | None = None,
    upper: FloatArray | None = None,
    time_s: float,
) -> LinearResult | Outcome:
    """Minimise ``cost · x`` subject to ``equal x = equal_rhs``, ``less x ≤ less_rhs`` and ``0 ≤ x ≤ upper``.

    Parameters
    ----------
    cost
        Cost of each column.
    equal, equal_rhs
        Matrix and right-hand side of the equations.
    less, less_rhs
        Matrix and right-hand side of the inequalities; default: none.
    upper
        Upper bound of each column; default: infinite.
    time_s
        Time limit, seconds.

    Returns
    -------
    LinearResult or Outcome
        The optimal solution; ``NO_PLAN_EXISTS`` if infeasible, ``NO_PLAN_FOUND`` if not solved in time.
    """
    top = np.full(len(cost), np.inf) if upper is None else upper
    options: dict[str, Any] = {"method": "highs", "options": {"time_limit": max(time_s, 1e-3)}}
    if less is not None:
        options |= {"A_ub": less, "b_ub": less_rhs}
    bounds = np.column_stack([np.zeros(len(cost)), top])
    solve: Any = linprog
    found = solve(cost, A_eq=equal, b_eq=equal_rhs, bounds=bounds, **options)
    if found.status != 0:
        return Outcome.NO_PLAN_EXISTS if found.status == _INFEASIBLE else Outcome.NO_PLAN_FOUND
    return LinearResult(
        values=np.asarray(found.x),
        cost=float(found.fun),
        reduced=np.asarray(found.lower.marginals),
        equal_dual=np.asarray(found.eqlin.marginals),
        slack=np.asarray(found.ineqlin.residual) if less is not None else np.zeros(0),
    )
