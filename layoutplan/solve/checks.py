"""Check every array before it is passed to OR-Tools.

Callers have validated user input, so a failure here is a defect of the program and raises
:class:`~layoutplan.errors.DefectError`. The native code does not check: with a supply of −1
``SimpleMinCostFlow`` does not return, and NaN converted to an integer is −2⁶³.
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
"""Upper limit of every sum inside a solver, with a margin below 2⁶³."""
_LONGEST_S: Final = 1e9  # about thirty years; a timedelta can represent it


def amounts(name: str, values: npt.ArrayLike, *, count: int | None = None) -> FloatArray:
    """Check amounts (pupils, seats or metres) and return them as a float array.

    Parameters
    ----------
    name
        What the array holds, for the error message.
    values
        One-dimensional, finite, no element negative.
    count
        Required length; ``None`` accepts any length.

    Returns
    -------
    FloatArray
        ``values`` as float64, shape (count,).

    Raises
    ------
    DefectError
        If the shape is wrong, or an element is negative or not finite.

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
    # One pass over the array: if the sum is finite, so is every term.
    if array.size and not (array.min() >= 0 and np.isfinite(array.sum())):
        raise DefectError(f"{name} hold a number that is negative or not finite")
    return array


def shares(name: str, values: npt.ArrayLike, *, count: int) -> FloatArray:
    """Check shares and return them as a float array.

    Parameters
    ----------
    name
        What the array holds, for the error message.
    values
        One-dimensional, elements from 0 to 1.
    count
        Required length.

    Returns
    -------
    FloatArray
        ``values`` as float64, shape (count,).

    Raises
    ------
    DefectError
        If the shape is wrong, or an element is outside 0 to 1.
    """
    array = amounts(name, values, count=count)
    if array.size and array.max() > 1:
        raise DefectError(f"{name} hold a share above 1")
    return array


def places(name: str, values: npt.ArrayLike, *, below: int, count: int | None = None) -> IntArray:
    """Check zero-based positions and return them as an integer array.

    Parameters
    ----------
    name
        What the array holds, for the error message.
    values
        One-dimensional, whole numbers from 0 to ``below - 1``.
    below
        Number of elements that the positions index.
    count
        Required length; ``None`` accepts any length.

    Returns
    -------
    IntArray
        ``values`` as int64, shape (count,).

    Raises
    ------
    DefectError
        If the shape is wrong, or an element is not whole or out of range.
    """
    array = _whole(name, values, count)
    if array.size and (array.min() < 0 or array.max() >= below):
        raise DefectError(f"{name} point outside: 0 to {below - 1} are allowed")
    return array


def whole_amounts(name: str, values: npt.ArrayLike, *, count: int | None = None) -> IntArray:
    """Check non-negative whole amounts (pupils, seats or costs) and return them as an integer array.

    Parameters
    ----------
    name
        What the array holds, for the error message.
    values
        One-dimensional, whole, no element negative; their sum is below :data:`LARGEST_TOTAL`.
    count
        Required length; ``None`` accepts any length.

    Returns
    -------
    IntArray
        ``values`` as int64, shape (count,).

    Raises
    ------
    DefectError
        If the shape is wrong, an element is negative or not whole, or the sum is too large.
    """
    array = _whole(name, values, count)
    if array.size and array.min() < 0:
        raise DefectError(f"{name} hold a negative number")
    if array.sum(dtype=np.float64) >= LARGEST_TOTAL:
        raise DefectError(f"{name} sum to more than 2^61")
    return array


def prices(values: npt.ArrayLike, *, count: int) -> IntArray:
    """Check the starting prices of a solve and return them as an integer array.

    Parameters
    ----------
    values
        One-dimensional, whole numbers of either sign, absolute value below :data:`LARGEST_TOTAL`.
    count
        Required length.

    Returns
    -------
    IntArray
        ``values`` as int64, shape (count,).

    Raises
    ------
    DefectError
        If the shape is wrong, or an element is not whole or out of range.
    """
    array = _whole("prices", values, count)
    if array.size and max(-int(array.min()), int(array.max())) >= LARGEST_TOTAL:
        raise DefectError("a price is above 2^61")
    return array


def whole_costs(metres: FloatArray, *, parts: int, carried: float) -> IntArray:
    """Convert arc lengths to integer costs and check that the objective fits into 64 bits.

    Parameters
    ----------
    metres
        Length of each arc, metres, shape (arcs,).
    parts
        Cost units per metre; costs are rounded to the nearest unit.
    carried
        Total flow; ``carried`` × the largest cost bounds the objective.

    Returns
    -------
    IntArray
        Cost of each arc, shape (arcs,).

    Raises
    ------
    DefectError
        If the objective could reach :data:`LARGEST_TOTAL`.
    """
    dearest = float(metres.max(initial=0.0)) * parts
    if (dearest + 1) * max(carried, 1.0) >= LARGEST_TOTAL:
        raise DefectError(f"{carried:g} pupils over up to {dearest / parts:g} m are more than 64 bits hold")
    return np.rint(metres * parts).astype(np.int64)


def check_program(program: Program, *, time_limit_s: float, relative_gap: float) -> None:
    """Check that a program and its solve limits satisfy the solver's requirements.

    Parameters
    ----------
    program
        The program to check.
    time_limit_s
        Time limit, seconds.
    relative_gap
        Relative gap at which the solver may stop, finite and not negative.

    Raises
    ------
    DefectError
        If an array has the wrong shape, a coefficient is not finite, bounds are contradictory, a matrix entry
        is duplicated, or a limit is out of range.
    """
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
    """Raise an error if a bound is NaN or infinite on the wrong side, or lower exceeds upper."""
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
    # 2⁶³ is representable as a float, but not as a signed 64-bit integer.
    if not ((np.abs(numbers) < 2.0**63).all() and (numbers == np.rint(numbers)).all()):
        raise DefectError(f"{name} hold what is no whole number of 64 bits")
    return numbers.astype(np.int64)


def _flat(name: str, array: npt.NDArray[np.generic], count: int | None) -> None:
    if array.ndim != 1 or (count is not None and len(array) != count):
        wanted = "" if count is None else f" of {count}"
        raise DefectError(f"{name} must be a flat array{wanted}, not one of shape {array.shape}")
