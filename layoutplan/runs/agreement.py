"""When two figures of a run agree: sums of floating-point parts may differ by a hundredth of a pupil."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

KEY: Final = ["layout", "stage", "year"]
PUPIL: Final = 0.01
"""Pupils, seats or units of money by which sums of floating-point parts may differ."""
_RELATIVE: Final = 1e-7


def slack(value: float) -> float:
    """Return by how much sums of parts may differ from a figure.

    Parameters
    ----------
    value
        The figure.

    Returns
    -------
    float
        In the figure's unit.
    """
    return PUPIL + _RELATIVE * abs(value)


def same(said: float | None, value: Any) -> bool:  # noqa: ANN401  a frame's cell
    """Say whether a figure of the summary is the table's; missing is only the same as missing.

    Parameters
    ----------
    said, value
        The figures.

    Returns
    -------
    bool
        Whether they agree.
    """
    if said is None or pd.isna(value):
        return said is None and bool(pd.isna(value))
    return abs(float(said) - float(value)) <= 1e-5 + _RELATIVE * abs(float(value))


def sums(frame: pd.DataFrame, figure: str) -> pd.Series:
    """Return a figure summed by layout, stage and year.

    Parameters
    ----------
    frame
        Rows with these columns.
    figure
        The column to sum.

    Returns
    -------
    Series
        Missing where every part is.
    """
    return frame.groupby(KEY, observed=True)[figure].sum(min_count=1).astype(float)


def differ(what: str, parts: pd.Series, whole: pd.Series) -> Iterator[str]:
    """Say where parts do not add up; a part that is not there counts as nothing.

    Parameters
    ----------
    what
        What is compared.
    parts, whole
        Sums and headlines on comparable indexes.

    Yields
    ------
    str
        One sentence a difference.
    """
    known = whole.dropna().astype(float)
    found = parts.reindex(known.index).astype(float).fillna(0.0)
    for place in known.index[(found - known).abs() > PUPIL + _RELATIVE * known.abs()]:
        yield f"{what} at {place}: {found[place]} instead of {known[place]}"


def exceed(what: str, parts: pd.Series, whole: pd.Series) -> Iterator[str]:
    """Say where parts are more than the whole.

    Parameters
    ----------
    what
        What is compared.
    parts, whole
        Sums and headlines on comparable indexes.

    Yields
    ------
    str
        One sentence an excess.
    """
    found = parts.dropna().astype(float)
    known = whole.reindex(found.index).astype(float)
    for place in found.index[~(found <= known + PUPIL + _RELATIVE * known.abs())]:
        yield f"{what} at {place}: {found[place]} of {known[place]}"
