"""How many digits of a figure are written, the same in every file."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

DIGITS: Final = 10
"""Significant digits of a written number."""
_EXACT_POWERS: Final = 22  # of ten, that a float holds exactly


def to_written_digits(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return numbers with ten significant digits: the floats whose shortest decimals have no more.

    Further digits differ between versions of Python and of the libraries. There is no negative zero.

    Parameters
    ----------
    values
        Numbers; nan and infinity stay.

    Returns
    -------
    ndarray
        Of the same shape.

    Examples
    --------
    >>> to_written_digits(np.array([1 / 3, 12345.678901234, -0.0, -2e-7 / 3])).tolist()
    [0.3333333333, 12345.6789, 0.0, -6.666666667e-08]
    """
    known = np.isfinite(values) & (values != 0)
    size = np.floor(np.log10(np.abs(values), out=np.zeros_like(values), where=known))
    shift = DIGITS - 1 - size
    exact = np.abs(shift) <= _EXACT_POWERS
    power = 10.0 ** np.where(exact, np.abs(shift), 0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = np.where(shift >= 0, np.rint(values * power) / power, np.rint(values / power) * power)
    short = np.where(known, rounded, values + 0.0)  # -0.0 + 0.0 is 0.0
    for place in np.flatnonzero(known & ~exact):
        short[place] = float(f"{values[place]:.{DIGITS}g}")
    return short


def with_written_digits(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose numbers have the digits that are written.

    Parameters
    ----------
    frame
        The table.

    Returns
    -------
    DataFrame
        A new table; columns that hold no floats are those given.

    Examples
    --------
    >>> with_written_digits(pd.DataFrame({"walk_m": [1 / 3], "seats": [270]})).to_dict("list")
    {'walk_m': [0.3333333333], 'seats': [270]}
    """
    shorter: dict[str, pd.Series[Any]] = {
        str(name): pd.Series(
            to_written_digits(column.to_numpy(dtype=np.float64, na_value=np.nan)), index=frame.index
        ).astype(column.dtype)
        for name, column in frame.items()
        if pd.api.types.is_float_dtype(column.dtype)
    }
    return frame.assign(**shorter) if shorter else frame
