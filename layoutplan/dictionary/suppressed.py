"""Suppressed counts (隐去的小数): a mark or a range instead of a number, read as an interval.

Statistical offices publish no small counts but ``*``, ``<5``, ``1-4`` or words for them. Such a cell is
neither blank nor 0 but a whole number between two bounds; it counts as the middle of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray
from layoutplan.dictionary.schema import Column
from layoutplan.dictionary.table_log import TableLog

_COUNTED: Final = ("pupils", "children", "residents", "births", "dwellings", "seats", "persons")
_MARKS: Final = frozenset({"*", "**", "***", "†", "‡", "suppressed", "supp", "s.", "保密", "隐去"})
_FOLDED: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_NUMBER: Final = r"(\d{1,7})\s*(?:人|名|pupils|students|children)?"
_BELOW: Final = re.compile(rf"(?:<|less than|under|fewer than|below|少于|不足|小于|低于)\s*{_NUMBER}")
_BELOW_AFTER: Final = re.compile(r"(\d{1,7})\s*(?:人|名)?(?:以内)")
_AT_MOST: Final = re.compile(rf"(?:<=|≤|≦|=<|at most|up to|不超过|至多)\s*{_NUMBER}")
_AT_MOST_AFTER: Final = re.compile(r"(\d{1,7})\s*(?:人|名)?(?:及以下|或以下|以下|or less|or fewer|or under)")
_RANGE: Final = re.compile(rf"(\d{{1,7}})\s*(?:-|–|—|~|～|至|到|to)\s*{_NUMBER}")
_LEAST_KNOWN: Final = 3  # published counts from which the least one tells where suppression begins


@dataclass(frozen=True)
class Suppressed:
    """The suppressed cells of a column.

    Attributes
    ----------
    rows
        Mask of the rows.
    low, high
        Bounds by row; NaN in other rows.
    """

    rows: np.ndarray
    low: FloatArray
    high: FloatArray


def read_suppressed(cell: object) -> tuple[float, float] | None:
    """Read a cell that stands for a suppressed count.

    Parameters
    ----------
    cell
        Cell as stored in the file.

    Returns
    -------
    tuple of float or None
        Least and largest count, NaN where the cell does not say; ``None`` for any other cell.

    Examples
    --------
    >>> read_suppressed("<5"), read_suppressed("1-4"), read_suppressed("3"), read_suppressed("10以下")
    ((nan, 4.0), (1.0, 4.0), None, (nan, 10.0))
    """
    if not isinstance(cell, str):
        return None
    text = " ".join(cell.translate(_FOLDED).split()).casefold()
    if text in _MARKS:
        return float("nan"), float("nan")
    for pattern, less in ((_BELOW, 1), (_BELOW_AFTER, 0), (_AT_MOST, 0), (_AT_MOST_AFTER, 0)):
        found = pattern.fullmatch(text)
        if found is not None:
            return float("nan"), float(max(int(found[1]) - less, 0))
    span = _RANGE.fullmatch(text)
    if span is not None and int(span[1]) < int(span[2]):
        return float(span[1]), float(span[2])
    return None


def suppressed_bounds(
    cells: Sequence[Any], column: Column, *, stated: tuple[float, float] | None
) -> dict[int, tuple[float, float]]:
    """Return the bounds of the suppressed cells of a column of counts, by position.

    What a cell does not say is taken from the plan (``stated``). Without it the least count is 0, or 1 where
    the column publishes zeros; the largest is that of the other marks of the column, else one less than the
    least positive count published (if there are at least three).

    Parameters
    ----------
    cells
        Distinct cells of the column.
    column
        Definition of the column.
    stated
        Least and largest count of a mark, from the plan.

    Returns
    -------
    dict
        Empty for a column that holds no counts; a mark without a largest count is left out, and is a blank.
    """
    if column.dtype not in ("number", "integer") or column.unit not in _COUNTED:
        return {}
    read = {place: found for place, cell in enumerate(cells) if (found := read_suppressed(cell)) is not None}
    if not read:
        return {}
    low, high = stated or _usual(cells, [bound for _, bound in read.values()])
    bounds = {}
    for place, (stated_least, stated_most) in read.items():
        most = high if np.isnan(stated_most) else stated_most
        least = min(low, most) if np.isnan(stated_least) else stated_least
        if not np.isnan(most):
            bounds[place] = (least, most)
    return bounds


def _usual(cells: Sequence[Any], stated: Sequence[float]) -> tuple[float, float]:
    """Return the bounds that the published counts of the column suggest; the upper one may be NaN."""
    published = pd.to_numeric(pd.Series(list(cells), dtype=object), errors="coerce").dropna().astype(float)
    low = 1.0 if (published == 0).any() else 0.0
    known = [bound for bound in stated if not np.isnan(bound)]
    if known:
        return low, max(known)
    positive = published[published > 0]
    most = float(positive.min()) - 1 if len(positive) >= _LEAST_KNOWN else float("nan")
    return low, most if most >= low else float("nan")


def middle(bounds: tuple[float, float], column: Column) -> float:
    """Return the count that a suppressed cell is taken as: the middle of its bounds, whole where it must be.

    Parameters
    ----------
    bounds
        Least and largest count.
    column
        Definition of the column.

    Returns
    -------
    float
        Between the bounds.
    """
    centre = sum(bounds) / 2
    return float(np.floor(centre)) if column.dtype == "integer" else centre


def report_suppressed(
    found: Mapping[str, Suppressed],
    frame: pd.DataFrame,
    *,
    headers: Mapping[str, str],
    labels: pd.Index[Any],
    log: TableLog,
) -> None:
    """Warn of suppressed counts: how many, what they count as together, and between which bounds they lie.

    Parameters
    ----------
    found
        Suppressed cells by column.
    frame
        Converted table; positions as index.
    headers
        Header in the file by column.
    labels
        The reader's label of each row.
    log
        Receives one warning per column.
    """
    for name, one in found.items():
        counted = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)[one.rows].sum()
        log.add(
            "suppressed_counts",
            severity="warning",
            rows=labels[one.rows],
            column=headers[name],
            count=int(one.rows.sum()),
            counted=float(counted),
            low=float(one.low[one.rows].sum()),
            high=float(one.high[one.rows].sum()),
        )
