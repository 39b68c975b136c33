"""Binary programs of the districting search, by SciPy's HiGHS: stopped by nodes, so that answers repeat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array, csr_array

from layoutplan.arrays import FloatArray
from layoutplan.solve.districting.problem import Marks

_INFEASIBLE: Final = 2
_HALF: Final = 0.5


@dataclass(frozen=True)
class Answer:
    """Values (``None`` without a plan), the proven bound of the cost, and whether none exists."""

    values: FloatArray | None
    bound: float
    none_exists: bool


def chosen(values: FloatArray) -> Marks:
    """Return which binary columns are 1."""
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
) -> Answer:
    """Minimise ``cost · x`` over binary ``x`` with ``limits[0] ≤ matrix x ≤ limits[1]``.

    The last ``continuous`` columns are numbers from 0 on instead.

    Without presolve: HiGHS with it has called plans optimal that are not (tests/solve/test_mip.py).
    """
    if time_s <= 0:
        return Answer(None, -np.inf, none_exists=False)
    whole = np.arange(len(cost)) < len(cost) - continuous
    found = milp(
        cost,
        integrality=whole.astype(np.int64),
        bounds=Bounds(0, np.where(whole, 1.0, np.inf)),
        constraints=[LinearConstraint(matrix, limits[0], limits[1])],
        options={"presolve": False, "node_limit": nodes, "time_limit": time_s, "mip_rel_gap": gap},
    )
    bound = -np.inf if found.mip_dual_bound is None else float(found.mip_dual_bound)
    if found.status == _INFEASIBLE:
        return Answer(None, np.inf, none_exists=True)
    values = None if found.x is None else np.where(whole, np.rint(found.x), found.x)
    return Answer(values, bound, none_exists=False)


@dataclass(frozen=True)
class LinearAnswer:
    """A linear program solved: values, cost, reduced costs of columns, duals and slacks of rows."""

    values: FloatArray
    cost: float
    reduced: FloatArray
    equal_dual: FloatArray
    slack: FloatArray


def solve_linear(
    cost: FloatArray,
    equal: csr_array | csc_array,
    *,
    right: FloatArray,
    below: csr_array | None = None,
    limit: FloatArray | None = None,
    upper: FloatArray | None = None,
    time_s: float,
) -> LinearAnswer | bool:
    """Minimise ``cost · x`` with ``equal x = right``, ``below x ≤ limit`` and ``0 ≤ x ≤ upper``.

    ``False`` if there is no solution, ``True`` if none was found in time.
    """
    top = np.full(len(cost), np.inf) if upper is None else upper
    options: dict[str, Any] = {"method": "highs", "options": {"time_limit": max(time_s, 1e-3)}}
    if below is not None:
        options |= {"A_ub": below, "b_ub": limit}
    bounds = np.column_stack([np.zeros(len(cost)), top])
    solve: Any = linprog
    found = solve(cost, A_eq=equal, b_eq=right, bounds=bounds, **options)
    if found.status != 0:
        return bool(found.status != _INFEASIBLE)
    return LinearAnswer(
        values=np.asarray(found.x),
        cost=float(found.fun),
        reduced=np.asarray(found.lower.marginals),
        equal_dual=np.asarray(found.eqlin.marginals),
        slack=np.asarray(found.ineqlin.residual) if below is not None else np.zeros(0),
    )
