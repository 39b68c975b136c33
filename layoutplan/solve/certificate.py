"""Audit a solution without the solver: recompute the objective and check every constraint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray
from layoutplan.solve.program import Program

TOLERANCE: Final = 1e-5
"""Largest violation accepted, relative to the size of the row (at least 1)."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Recomputed objective of a solution and its largest violation of each kind of constraint (0: satisfied).

    Attributes
    ----------
    objective
        Objective value, the constant offset included.
    row_violation
        Largest violation of a row, relative to the sum of the absolute terms of the row (at least 1).
    bound_violation
        Largest violation of a column's bounds, relative to the absolute value of the column (at least 1).
    whole_violation
        Largest distance of an integer column from the nearest integer, absolute.
    """

    objective: float
    row_violation: float
    bound_violation: float
    whole_violation: float

    @property
    def holds(self) -> bool:
        """Whether all constraints hold within :data:`TOLERANCE`."""
        return max(self.row_violation, self.bound_violation, self.whole_violation) <= TOLERANCE


def certify(program: Program, values: npt.ArrayLike) -> Certificate:
    """Recompute the objective and the constraint violations of a solution.

    Parameters
    ----------
    program
        The program that was solved.
    values
        One number per column, shape (columns,).

    Returns
    -------
    Certificate
        A value that is not a number counts as an infinite violation of rows and bounds.

    Examples
    --------
    >>> from layoutplan.solve.program import ProgramBuilder
    >>> builder = ProgramBuilder()
    >>> columns = builder.columns(2, upper=1.0, integer=True)
    >>> builder.entries(builder.rows(1, upper=1.0), columns, 1.0)
    >>> program = builder.program("maximise", [(columns, [2.0, 3.0])])
    >>> certify(program, [0.0, 1.0]).holds, certify(program, [1.0, 1.0]).holds
    (True, False)
    """
    x = np.asarray(values, dtype=np.float64)
    terms = np.abs(program.entry_value * x[program.entry_column])
    sums = np.bincount(program.entry_row, weights=terms, minlength=len(program.row_lower))
    size = np.asarray(sums, dtype=np.float64)
    activity = program.activity(x)
    return Certificate(
        objective=program.objective_at(x),
        row_violation=_worst(program.row_lower - activity, activity - program.row_upper, size=size),
        bound_violation=_worst(program.lower - x, x - program.upper, size=np.abs(x)),
        whole_violation=float(np.abs(x - np.rint(x))[program.integer].max(initial=0.0)),
    )


def _worst(below: FloatArray, above: FloatArray, *, size: FloatArray) -> float:
    """Return the largest violation relative to ``size``; NaN counts as infinite."""
    missed = np.nan_to_num(np.maximum(below, above) / np.maximum(size, 1.0), nan=np.inf, neginf=0.0)
    return float(missed.max(initial=0.0))
