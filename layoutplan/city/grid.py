"""Conversion of rows of cells (text files, spreadsheets) to a frame: find the header, check the cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

import pandas as pd

from layoutplan.city.limits import HEADER_CHARACTERS
from layoutplan.dictionary.scalars import TEXT_LIMIT
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import UNPRINTABLE

_ERROR_VALUE: Final = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
_TITLE_ROWS: Final = 5
_FEW_CELLS: Final = 2


def frame_from_grid(
    rows: Sequence[Sequence[object]], *, log: TableLog, ragged_is_fault: bool
) -> pd.DataFrame | None:
    """Return the records of a sheet or text file, without blank rows and columns.

    A title above the header (rows with a single cell) is skipped with a notice.

    Parameters
    ----------
    rows
        Rows of cells, ``None`` for a blank cell.
    log
        Receives the faults: no header, no record, equal headers, values under a blank header, rows too long.
    ragged_is_fault
        Whether a row shorter than the header is a fault, since its values may be under the wrong headers.

    Returns
    -------
    pandas.DataFrame or None
        Columns as named in the file, index = row number in the file from 1; ``None`` after a fault.
    """
    numbered = [(number, row) for number, row in enumerate(rows, start=1) if _filled(row)]
    if not numbered:
        log.add("empty_file")
        return None
    head = _header_position(numbered)
    if head:
        title = next(cell for cell in numbered[0][1] if cell is not None)
        log.add("title_skipped", severity="notice", rows=[numbered[0][0]], title=str(title).strip())
    header = [str(cell).strip() if cell is not None else "" for cell in numbered[head][1]]
    while header and not header[-1]:
        header.pop()
    records = numbered[head + 1 :]
    if not records:
        log.add("no_records")
        return None
    if not _header_is_sound(header, records, number=numbered[head][0], log=log):
        return None
    if not _widths_are_sound(header, records, strict=ragged_is_fault, log=log):
        return None
    width = len(header)
    columns = {
        name: [row[place] if place < len(row) else None for _, row in records]
        for place, name in enumerate(header[:width])
        if name
    }
    return pd.DataFrame(columns, index=[number for number, _ in records], dtype=object)


def _filled(row: Sequence[object]) -> int:
    return sum(1 for cell in row if cell is not None)


def _header_position(numbered: Sequence[tuple[int, Sequence[object]]]) -> int:
    """Return the position of the header: the first row with two cells near the top; else the first."""
    for place, (_, row) in enumerate(numbered[:_TITLE_ROWS]):
        if _filled(row) >= _FEW_CELLS:
            return place
    return 0


def _header_is_sound(
    header: list[str], records: Sequence[tuple[int, Sequence[object]]], *, number: int, log: TableLog
) -> bool:
    """Report equal headers, and columns with values but no header."""
    named = [name for name in header if name]
    twice = sorted(name for name, count in Counter(named).items() if count > 1)
    for name in twice:
        log.add("header_twice", rows=[number], column=name, header=name)
    for place, name in enumerate(header):
        if not name:
            filled = [row for row, cells in records if place < len(cells) and cells[place] is not None]
            if filled:
                log.add("header_blank", rows=filled, position=place + 1)
                return False
    return not twice


def _widths_are_sound(
    header: list[str], records: Sequence[tuple[int, Sequence[object]]], *, strict: bool, log: TableLog
) -> bool:
    width = len(header)
    longer = [number for number, row in records if any(cell is not None for cell in row[width:])]
    if longer:
        log.add("row_too_long", rows=longer, width=width)
    shorter = [number for number, row in records if len(row) < width] if strict else []
    if shorter:
        log.add("row_too_short", rows=shorter, width=width)
    return not longer and not shorter


def check_cells(frame: pd.DataFrame, *, log: TableLog) -> bool:
    """Report cells that no table may hold: spreadsheet error values, and texts longer than a cell can be.

    A text that begins like a formula (``=``) is a warning only: it is kept and written as text.

    Parameters
    ----------
    frame
        Table as read; the index holds the reader's row numbers.
    log
        Receives the faults; also for headers that are too long or unprintable.

    Returns
    -------
    bool
        Whether the table has no such error.
    """
    sound = _check_headers(frame.columns, log=log)
    for name in frame.columns:
        if name == "geometry" or not _may_hold_text(frame[name]):
            continue
        texts = _texts(frame[name])
        long = frame.index[texts.str.len() > TEXT_LIMIT]
        if len(long):
            log.add("cell_too_long", rows=long, column=str(name))
            sound = False
        marked = texts[texts.str.startswith("#")]
        broken = marked.index[[bool(_ERROR_VALUE.fullmatch(text)) for text in marked]]
        if len(broken):
            log.add("error_value", rows=broken, column=str(name), value=str(texts[broken[0]]))
            sound = False
        formula = frame.index[texts.str.startswith("=")]
        if len(formula):
            log.add("formula_as_text", severity="warning", rows=formula, column=str(name))
    return sound


def _check_headers(headers: pd.Index, *, log: TableLog) -> bool:
    """Report headers that are too long or have unprintable characters."""
    written = [str(header) for header in headers]
    long = [header for header in written if len(header) > HEADER_CHARACTERS]
    if long:
        log.add("header_too_long", header=long[0][:40], most=HEADER_CHARACTERS)
    unfit = [place for place, header in enumerate(written, start=1) if UNPRINTABLE.search(header)]
    for place in unfit:
        log.add("header_characters", position=place)
    return not long and not unfit


def _texts(column: pd.Series) -> pd.Series:
    """Return the texts of a column, stripped; an empty text for other cells."""
    if not pd.api.types.is_object_dtype(column.dtype):
        return column.fillna("").str.strip()
    cells = [cell.strip() if isinstance(cell, str) else "" for cell in column]
    return pd.Series(cells, index=column.index, dtype="str")


def _may_hold_text(column: pd.Series) -> bool:
    return pd.api.types.is_object_dtype(column.dtype) or pd.api.types.is_string_dtype(column.dtype)
