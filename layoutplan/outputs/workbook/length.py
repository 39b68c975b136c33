"""The rows of a long table in the workbook: some years of it, or none; the CSV has all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

MOST_ROWS: Final = 20_000
"""Default limit of rows per sheet: an office PC opens and filters that many without delay."""


@dataclass(frozen=True)
class Fitted:
    """Table as the workbook has it.

    Attributes
    ----------
    frame
        The rows kept.
    how
        ``whole``, ``cut`` to some years, or ``left_out``.
    """

    frame: pd.DataFrame
    how: Literal["whole", "cut", "left_out"]


def fit_rows(
    frames: Mapping[str, pd.DataFrame], *, years: Collection[int], most_rows: int
) -> dict[str, Fitted]:
    """Return the tables so that none has more rows than ``most_rows``.

    A longer table keeps the rows of ``years`` (base and target year); one without a column ``year``, or still
    too long, is left out.

    Parameters
    ----------
    frames
        Tables by name.
    years
        Years to keep of a long table.
    most_rows
        Largest number of rows.

    Returns
    -------
    dict[str, Fitted]
        Table by name, in the same order.

    Examples
    --------
    >>> table = pd.DataFrame({"year": [2025, 2026, 2027], "seats": [1, 2, 3]})
    >>> [fit_rows({"t": table}, years=[2025], most_rows=most)["t"].how for most in (3, 2, 0)]
    ['whole', 'cut', 'left_out']
    """
    return {name: _fitted(frame, years=years, most_rows=most_rows) for name, frame in frames.items()}


def _fitted(frame: pd.DataFrame, *, years: Collection[int], most_rows: int) -> Fitted:
    if len(frame) <= most_rows:
        return Fitted(frame, "whole")
    some = frame[frame["year"].isin(list(years))] if "year" in frame.columns else frame
    return Fitted(some, "cut") if len(some) <= most_rows else Fitted(frame.head(0), "left_out")
