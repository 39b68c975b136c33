"""Columns that are sums of several headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from layoutplan.dictionary.choose_header import Match
from layoutplan.dictionary.suppressed import Suppressed
from layoutplan.dictionary.table_log import TableLog

_ROUNDING = 1e-9


@dataclass(frozen=True)
class ReadColumn:
    """A column as read.

    Attributes
    ----------
    series
        Values; positions as index.
    at_fault
        Mask of the rows that could not be read.
    suppressed
        Bounds of suppressed counts, if there are any.
    """

    series: pd.Series[Any]
    at_fault: np.ndarray
    suppressed: Suppressed | None = None


def add_columns(
    read: Mapping[str, ReadColumn],
    match: Match,
    *,
    labels: pd.Index[Any],
    log: TableLog,
) -> tuple[pd.Series[Any], np.ndarray, Suppressed | None]:
    """Return the column of a match: the header's own, or the sum of its terms.

    Parameters
    ----------
    read
        By header: the column as read.
    match
        The match; its ``terms`` are the headers of ``read``.
    labels
        The reader's label of each row.
    log
        Receives a warning of rows where only some of the headers have a value: the sum is missing there.

    Returns
    -------
    pandas.Series, numpy.ndarray, Suppressed or None
        The column (positions as index), a mask of the rows at fault, and bounds of suppressed counts.
    """
    if match.formula is None:
        own = read[match.header]
        return own.series, own.at_fault, own.suppressed
    columns = {header: one.series.to_numpy(dtype=np.float64, na_value=np.nan) for header, one in read.items()}
    at_fault = np.logical_or.reduce([one.at_fault for one in read.values()])
    blank = np.vstack([np.isnan(values) for values in columns.values()])
    value = np.broadcast_to(match.formula.value(columns), (len(labels),)).astype(np.float64)
    partly = blank.any(axis=0) & ~blank.all(axis=0) & ~at_fault
    if partly.any():
        log.add("sum_with_blanks", severity="warning", rows=labels[partly], column=match.header)
    broken = ~np.isfinite(value) & ~blank.any(axis=0) & ~at_fault
    if broken.any():
        log.add("sum_not_finite", rows=labels[broken], column=match.header)
    whole = np.abs(np.nan_to_num(value) - np.round(np.nan_to_num(value))) <= _ROUNDING
    if match.column.dtype == "integer" and not whole[np.isfinite(value)].all():
        fractional = np.isfinite(value) & ~whole
        log.add("sum_not_whole", rows=labels[fractional], column=match.header)
        broken |= fractional
    kept = np.where(np.isfinite(value) & ~broken & ~at_fault, value, np.nan)
    series: pd.Series[Any] = pd.Series(kept, name=match.column.name)
    if match.column.dtype == "integer":
        series = series.round().astype("Int64")
    return series, at_fault | broken, _bounds_of_sum(read, columns, match)


def _bounds_of_sum(
    read: Mapping[str, ReadColumn], columns: Mapping[str, np.ndarray], match: Match
) -> Suppressed | None:
    """Return the bounds of a sum with suppressed terms: its values at the least and largest of each."""
    hidden = [one.suppressed for one in read.values() if one.suppressed is not None]
    if not hidden or match.formula is None:
        return None
    ends = []
    for bound in ("low", "high"):
        moved = {
            header: values
            if (one := read[header].suppressed) is None
            else np.where(one.rows, getattr(one, bound), values)
            for header, values in columns.items()
        }
        ends.append(np.broadcast_to(match.formula.value(moved), hidden[0].rows.shape).astype(np.float64))
    low, high = np.minimum(*ends), np.maximum(*ends)  # a term may be subtracted
    rows = np.logical_or.reduce([one.rows for one in hidden]) & np.isfinite(low) & np.isfinite(high)
    return Suppressed(rows=rows, low=np.where(rows, low, np.nan), high=np.where(rows, high, np.nan))
