"""A mixed-integer linear program as an immutable value, and a builder for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray, IntArray

Sense = Literal["maximise", "minimise"]


@dataclass(frozen=True)
class Program:
    """Optimise ``objective · x + offset`` with ``row_lower ≤ A x ≤ row_upper``, ``lower ≤ x ≤ upper``.

    Attributes
    ----------
    sense
        ``maximise`` or ``minimise``.
    objective, offset
        Coefficients, shape (columns,), and constant of the objective.
    lower, upper
        Bounds of the columns, shape (columns,); ``±inf`` for none.
    integer
        Whether each column is integer, shape (columns,).
    row_lower, row_upper
        Bounds of the rows, shape (rows,); ``±inf`` for none.
    entry_row, entry_column, entry_value
        Entries of ``A`` as coordinates and values, shape (entries,); no position twice.
    """

    sense: Sense
    objective: FloatArray
    offset: float
    lower: FloatArray
    upper: FloatArray
    integer: npt.NDArray[np.bool_]
    row_lower: FloatArray
    row_upper: FloatArray
    entry_row: IntArray
    entry_column: IntArray
    entry_value: FloatArray

    def activity(self, values: FloatArray) -> FloatArray:
        """Return the activities of the rows, ``A x``.

        Parameters
        ----------
        values
            The point ``x``, shape (columns,).

        Returns
        -------
        FloatArray
            Shape (rows,).
        """
        products = self.entry_value * values[self.entry_column]
        sums = np.bincount(self.entry_row, weights=products, minlength=len(self.row_lower))
        return np.asarray(sums, dtype=np.float64)

    def with_fixed(self, free: npt.NDArray[np.bool_]) -> Program:
        """Return the program of some columns, the others fixed at their lower bound.

        Parameters
        ----------
        free
            Whether each column stays, shape (columns,).

        Returns
        -------
        Program
            Without the rows that have no entry left and hold; columns and rows stay in order.
        """
        at_lower = np.where(free, 0.0, self.lower)
        settled = self.activity(at_lower)
        entries = np.flatnonzero(free[self.entry_column])
        used = np.bincount(self.entry_row[entries], minlength=len(settled)) > 0
        used |= (settled < self.row_lower) | (settled > self.row_upper)
        return Program(
            sense=self.sense,
            objective=self.objective[free],
            offset=self.objective_at(at_lower),
            lower=self.lower[free],
            upper=self.upper[free],
            integer=self.integer[free],
            row_lower=(self.row_lower - settled)[used],
            row_upper=(self.row_upper - settled)[used],
            entry_row=(np.cumsum(used) - 1)[self.entry_row[entries]],
            entry_column=(np.cumsum(free) - 1)[self.entry_column[entries]],
            entry_value=self.entry_value[entries],
        )

    def objective_at(self, values: FloatArray) -> float:
        """Return the objective at a point, the offset included.

        Parameters
        ----------
        values
            The point ``x``, shape (columns,).

        Returns
        -------
        float
            The objective value.
        """
        return float((self.objective * values).sum()) + self.offset


@dataclass
class ProgramBuilder:
    """Collect columns, rows and entries in blocks and build a :class:`Program` from them."""

    _lower: list[FloatArray] = field(default_factory=list)
    _upper: list[FloatArray] = field(default_factory=list)
    _integer: list[npt.NDArray[np.bool_]] = field(default_factory=list)
    _row_lower: list[FloatArray] = field(default_factory=list)
    _row_upper: list[FloatArray] = field(default_factory=list)
    _entries: list[tuple[IntArray, IntArray, FloatArray]] = field(default_factory=list)
    _columns: int = 0
    _rows: int = 0

    def columns(
        self, count: int, *, lower: npt.ArrayLike = 0.0, upper: npt.ArrayLike = np.inf, integer: bool = False
    ) -> IntArray:
        """Add columns and return their indices.

        Parameters
        ----------
        count
            Number of columns.
        lower, upper
            Bounds, one for all or one per column.
        integer
            Whether the columns are integer.

        Returns
        -------
        IntArray
            Indices of the new columns, shape (count,).
        """
        self._lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), count))
        self._upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), count))
        self._integer.append(np.full(count, integer))
        self._columns += count
        return np.arange(self._columns - count, self._columns, dtype=np.int64)

    def rows(self, count: int, *, lower: npt.ArrayLike = -np.inf, upper: npt.ArrayLike = np.inf) -> IntArray:
        """Add empty rows and return their indices.

        Parameters
        ----------
        count
            Number of rows.
        lower, upper
            Bounds of the row activities, one for all or one per row.

        Returns
        -------
        IntArray
            Indices of the new rows, shape (count,).
        """
        self._row_lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), count))
        self._row_upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), count))
        self._rows += count
        return np.arange(self._rows - count, self._rows, dtype=np.int64)

    def entries(self, row: npt.ArrayLike, column: npt.ArrayLike, value: npt.ArrayLike) -> None:
        """Set matrix entries.

        Parameters
        ----------
        row, column, value
            Indices and values, one-dimensional or scalar; broadcast against each other. No position may be
            set twice (:func:`~layoutplan.solve.checks.check_program` refuses it).
        """
        rows, columns, values = np.broadcast_arrays(
            np.asarray(row, dtype=np.int64),
            np.asarray(column, dtype=np.int64),
            np.asarray(value, dtype=np.float64),
        )
        self._entries.append((rows.ravel(), columns.ravel(), values.ravel()))

    def program(
        self, sense: Sense, terms: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]], *, offset: float = 0.0
    ) -> Program:
        """Return the program of all columns and rows added.

        Parameters
        ----------
        sense
            ``maximise`` or ``minimise``.
        terms
            Pairs of column indices and objective coefficients; coefficients of the same column are added up.
        offset
            Constant of the objective.

        Returns
        -------
        Program
            The program; columns without a term have the objective coefficient 0.
        """
        objective = np.zeros(self._columns)
        for columns, coefficients in terms:
            np.add.at(objective, np.asarray(columns, dtype=np.int64), coefficients)
        return Program(
            sense=sense,
            objective=objective,
            offset=offset,
            lower=_joined(self._lower),
            upper=_joined(self._upper),
            integer=np.concatenate([np.zeros(0, dtype=bool), *self._integer]),
            row_lower=_joined(self._row_lower),
            row_upper=_joined(self._row_upper),
            entry_row=np.concatenate([np.zeros(0, dtype=np.int64), *(part[0] for part in self._entries)]),
            entry_column=np.concatenate([np.zeros(0, dtype=np.int64), *(part[1] for part in self._entries)]),
            entry_value=_joined([part[2] for part in self._entries]),
        )


def _joined(parts: Sequence[FloatArray]) -> FloatArray:
    return np.concatenate([np.zeros(0), *parts])
