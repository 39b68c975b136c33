"""How numbers and dates of a file are written: decided once from all its columns, and reported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from layoutplan.dictionary.choose_header import Match
from layoutplan.dictionary.convert import Cells, Converted, Spelling
from layoutplan.dictionary.dates import DateOrder, is_serial, order_of_dates, read_year
from layoutplan.dictionary.limits import samples
from layoutplan.dictionary.number_marks import Mark, marks_of_file
from layoutplan.dictionary.table_log import TableLog

_NUMBERS = ("number", "integer")
_DATES = ("year", "date")


def spelling_of(
    read: Mapping[str, tuple[Match, Cells]],
    *,
    decimal: Mark | None,
    order: DateOrder | None,
    log: TableLog,
) -> dict[str, Spelling]:
    """Return how the numbers and dates of each column are written.

    Parameters
    ----------
    read
        By header: the match and the distinct cells of the columns read.
    decimal, order
        Decimal mark, and order of day and month, that the plan states; ``None`` to decide from the cells.
    log
        Receives a notice of a decimal comma, and an error where dates prove both orders.

    Returns
    -------
    dict of str to Spelling
        By header.
    """
    numbers = [
        (match.column, cells.distinct) for match, cells in read.values() if match.column.dtype in _NUMBERS
    ]
    marks = marks_of_file(numbers, stated=decimal)
    if marks.example:
        log.add("decimal_comma", severity="notice", example=marks.example)
    dates = [
        cell for match, cells in read.values() if match.column.dtype in _DATES for cell in cells.distinct
    ]
    found = order_of_dates(dates) if order is None else order
    if found == "mixed":
        log.add("date_order_mixed")
        found = None
    return {
        header: Spelling(marks.of(match.column, cells.distinct), found)
        for header, (match, cells) in read.items()
    }


def report_dates(
    cells: pd.Series[Any], read: Converted, match: Match, *, order: DateOrder | None, log: TableLog
) -> None:
    """Report dates that were read as days since 1900, and openings counted from the next school year.

    Parameters
    ----------
    cells
        The column as in the file.
    read
        The column as converted, on the same index.
    match
        Its match.
    order
        Order of day and month in the file.
    log
        Receives the notices.
    """
    if match.column.dtype not in _DATES:
        return
    sound = read.series.notna().to_numpy()
    serial = np.array([is_serial(cell) for cell in cells], dtype=bool) & sound
    if serial.any():
        log.add(
            "serial_dates",
            severity="notice",
            rows=cells.index[serial],
            column=match.header,
            values=samples(cells[serial]),
        )
    if match.column.dated == "first":
        later = np.array(
            [_is_shifted(cell, year, order) for cell, year in zip(cells, read.series, strict=True)],
            dtype=bool,
        )
        if later.any():
            shown = pd.Series([str(cell) for cell in cells[later]], index=cells.index[later], dtype=object)
            log.add(
                "opens_next_year",
                severity="notice",
                rows=cells.index[later],
                column=match.header,
                values=samples(shown),
            )


def _is_shifted(cell: object, year: object, order: DateOrder | None) -> bool:
    """Return whether the school year of a date is not the calendar year that it names."""
    if pd.isna(year):  # type: ignore[call-overload]  # a scalar
        return False
    named = read_year(cell, order=order)
    return isinstance(named, float) and named != year
