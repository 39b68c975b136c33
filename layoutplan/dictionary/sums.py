"""Columns that are sums of several headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from layoutplan.dictionary.choose_header import Match
from layoutplan.dictionary.table_log import TableLog

_ROUNDING = 1e-9


def add_columns(
    read: Mapping[str, tuple[pd.Series[Any], np.ndarray]],
    match: Match,
    *,
    labels: pd.Index[Any],
    log: TableLog,
) -> tuple[pd.Series[Any], np.ndarray]:
    """Return the column of a match: the header's own, or the sum of its terms.

    Parameters
    ----------
    read
        By header: the converted column, and a mask of the rows that could not be read.
    match
        The match; its ``terms`` are the headers of ``read``.
    labels
        The reader's label of each row.
    log
        Receives a warning of rows where only some of the headers have a value: the sum is missing there.

    Returns
    -------
    pandas.Series, numpy.ndarray
        The column (positions as index), and a mask of the rows at fault.
    """
    if match.formula is None:
        return read[match.header]
    columns = {
        header: series.to_numpy(dtype=np.float64, na_value=np.nan) for header, (series, _) in read.items()
    }
    at_fault = np.logical_or.reduce([rows for _, rows in read.values()])
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
    series = pd.Series(kept, name=match.column.name)
    if match.column.dtype == "integer":
        return series.round().astype("Int64"), at_fault | broken
    return series, at_fault | broken
