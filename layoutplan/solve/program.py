"""A linear program with whole-numbered columns, as a value; and the builder that makes one."""

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
    """Optimise ``objective · x + offset`` subject to ``row_lower ≤ A x ≤ row_upper`` and the columns' bounds.

    ``A`` is given by entries (``entry_row``, ``entry_column``, ``entry_value``), no place twice.
    ``±inf`` is an open bound. Columns marked ``integer`` are whole numbers.
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
        """Return ``A x``, one number a row."""
        products = self.entry_value * values[self.entry_column]
        sums = np.bincount(self.entry_row, weights=products, minlength=len(self.row_lower))
        return np.asarray(sums, dtype=np.float64)

    def worth(self, values: FloatArray) -> float:
        """Return the objective of ``values``."""
        return float((self.objective * values).sum()) + self.offset


@dataclass
class ProgramBuilder:
    """Collects columns and rows block by block, then gives the :class:`Program`."""

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
        """Add ``count`` columns and return their numbers."""
        self._lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), count))
        self._upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), count))
        self._integer.append(np.full(count, integer))
        self._columns += count
        return np.arange(self._columns - count, self._columns, dtype=np.int64)

    def rows(self, count: int, *, lower: npt.ArrayLike = -np.inf, upper: npt.ArrayLike = np.inf) -> IntArray:
        """Add ``count`` empty rows and return their numbers."""
        self._row_lower.append(np.broadcast_to(np.asarray(lower, dtype=np.float64), count))
        self._row_upper.append(np.broadcast_to(np.asarray(upper, dtype=np.float64), count))
        self._rows += count
        return np.arange(self._rows - count, self._rows, dtype=np.int64)

    def entries(self, row: npt.ArrayLike, column: npt.ArrayLike, value: npt.ArrayLike) -> None:
        """Put values into rows; ``row``, ``column`` and ``value`` are flat and broadcast together."""
        rows, columns, values = np.broadcast_arrays(
            np.asarray(row, dtype=np.int64),
            np.asarray(column, dtype=np.int64),
            np.asarray(value, dtype=np.float64),
        )
        self._entries.append((rows.ravel(), columns.ravel(), values.ravel()))

    def program(
        self, sense: Sense, terms: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]], *, offset: float = 0.0
    ) -> Program:
        """Return the program that optimises the sum of ``terms``, each (columns, coefficients)."""
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
