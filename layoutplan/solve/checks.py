"""What may be handed to OR-Tools: every array is checked here, before native code sees it.

Callers have checked what the user gave, so whatever fails here is a defect of ours and raises
:class:`~layoutplan.errors.DefectError`. Native code is less kind: with a supply of −1 ``SimpleMinCostFlow``
does not return, and NaN turned into an integer is −2⁶³.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.errors import DefectError

if TYPE_CHECKING:
    from layoutplan.solve.program import Program


LARGEST_TOTAL: Final = 2**61
"""Every sum inside a solver stays below this, far inside 64 bits."""
_LONGEST_S: Final = 1e9  # no search is meant to last thirty years; a timedelta can hold it


def amounts(name: str, values: npt.ArrayLike, *, count: int | None = None) -> FloatArray:
    """Return pupils, seats or metres as a flat array: finite, none negative, ``count`` of them.

    Examples
    --------
    >>> amounts("pupils", [10, 2.5]).tolist()
    [10.0, 2.5]
    >>> amounts("pupils", [-1.0])
    Traceback (most recent call last):
    layoutplan.errors.DefectError: pupils hold a number that is negative or not finite
    """
    array = np.asarray(values, dtype=np.float64)
    _flat(name, array, count)
    # One pass over all: a sum that is finite has only finite terms, unless it overflows.
    if array.size and not (array.min() >= 0 and np.isfinite(array.sum())):
        raise DefectError(f"{name} hold a number that is negative or not finite")
    return array


def shares(name: str, values: npt.ArrayLike, *, count: int) -> FloatArray:
    """Return shares as a flat array of ``count`` numbers from 0 to 1."""
    array = amounts(name, values, count=count)
    if array.size and array.max() > 1:
        raise DefectError(f"{name} hold a share above 1")
    return array


def places(name: str, values: npt.ArrayLike, *, below: int, count: int | None = None) -> IntArray:
    """Return positions as a flat array of whole numbers from 0 to ``below - 1``, ``count`` of them."""
    array = _whole(name, values, count)
    if array.size and (array.min() < 0 or array.max() >= below):
        raise DefectError(f"{name} point outside: 0 to {below - 1} are allowed")
    return array


def whole_amounts(name: str, values: npt.ArrayLike, *, count: int | None = None) -> IntArray:
    """Return whole pupils, seats or costs as a flat array, none negative, whose sum fits."""
    array = _whole(name, values, count)
    if array.size and array.min() < 0:
        raise DefectError(f"{name} hold a negative number")
    if array.sum(dtype=np.float64) >= LARGEST_TOTAL:
        raise DefectError(f"{name} sum to more than 2^61")
    return array


def prices(values: npt.ArrayLike, *, count: int) -> IntArray:
    """Return prices to begin with as ``count`` whole numbers, of either sign."""
    array = _whole("prices", values, count)
    if array.size and max(-int(array.min()), int(array.max())) >= LARGEST_TOTAL:
        raise DefectError("a price is above 2^61")
    return array


def whole_costs(metres: FloatArray, *, parts: int, carried: float) -> IntArray:
    """Return the metres of arcs in whole parts, after a check that what may be carried over them fits.

    ``carried`` is the sum of all pupils; ``carried × dearest arc`` bounds the objective.
    """
    dearest = float(metres.max(initial=0.0)) * parts
    if (dearest + 1) * max(carried, 1.0) >= LARGEST_TOTAL:
        raise DefectError(f"{carried:g} pupils over up to {dearest / parts:g} m are more than 64 bits hold")
    return np.rint(metres * parts).astype(np.int64)


def check_program(program: Program, *, time_limit_s: float, relative_gap: float) -> None:
    """Raise :class:`DefectError` unless a program and its limits are ones that the solver can take."""
    columns, rows = len(program.objective), len(program.row_lower)
    for name, values, count in (
        ("objective", program.objective, columns),
        ("entries", program.entry_value, len(program.entry_row)),
    ):
        _flat(name, np.asarray(values), count)
        if not np.isfinite(values).all():
            raise DefectError(f"{name} hold a number that is not finite")
    if not np.isfinite(program.offset):
        raise DefectError("the offset is not finite")
    _flat("marks of whole columns", program.integer, columns)
    _check_bounds("columns", program.lower, program.upper, count=columns)
    _check_bounds("rows", program.row_lower, program.row_upper, count=rows)
    row = places("rows of entries", program.entry_row, below=rows)
    column = places("columns of entries", program.entry_column, below=columns, count=len(row))
    if len(np.unique(row * columns + column)) < len(row):
        raise DefectError("a place of the matrix is given twice")
    if not time_limit_s <= _LONGEST_S:
        raise DefectError(f"a time limit of {time_limit_s} s is out of range")
    if not 0 <= relative_gap < np.inf:
        raise DefectError(f"a relative gap of {relative_gap} is out of range")


def _check_bounds(name: str, lower: FloatArray, upper: FloatArray, *, count: int) -> None:
    """Refuse bounds that are no numbers, or open on the wrong side; a lower one above the upper too."""
    _flat(f"lower bounds of {name}", lower, count)
    _flat(f"upper bounds of {name}", upper, count)
    if not ((lower <= upper).all() and (lower < np.inf).all() and (upper > -np.inf).all()):
        raise DefectError(f"bounds of {name} are no numbers, or leave nothing between them")


def _whole(name: str, values: npt.ArrayLike, count: int | None) -> IntArray:
    array = np.asarray(values)
    _flat(name, array, count)
    if array.dtype.kind == "i":
        return array.astype(np.int64, copy=False)
    numbers = array.astype(np.float64)
    # 2⁶³ itself is a float, and no integer of 64 bits.
    if not ((np.abs(numbers) < 2.0**63).all() and (numbers == np.rint(numbers)).all()):
        raise DefectError(f"{name} hold what is no whole number of 64 bits")
    return numbers.astype(np.int64)


def _flat(name: str, array: npt.NDArray[np.generic], count: int | None) -> None:
    if array.ndim != 1 or (count is not None and len(array) != count):
        wanted = "" if count is None else f" of {count}"
        raise DefectError(f"{name} must be a flat array{wanted}, not one of shape {array.shape}")
