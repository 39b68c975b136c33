"""Conversion of rows of cells (text files, spreadsheets) to a frame: find the header, check the cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from layoutplan.city.header_rows import count_header_rows, join_header
from layoutplan.city.limits import HEADER_CHARACTERS
from layoutplan.city.sheet_marks import Merge
from layoutplan.dictionary.header_reports import quoted
from layoutplan.dictionary.merged import MergedCells
from layoutplan.dictionary.scalars import TEXT_LIMIT
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import UNPRINTABLE

_ERROR_VALUE: Final = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!)")
_TITLE_ROWS: Final = 5
_FEW_CELLS: Final = 2


@dataclass(frozen=True)
class Grid:
    """A sheet or text file as records.

    Attributes
    ----------
    frame
        Columns as named in the file, index = row number in the file from 1.
    merged
        Merged cells among the records.
    """

    frame: pd.DataFrame
    merged: tuple[MergedCells, ...] = ()


def frame_from_grid(
    rows: Sequence[Sequence[object]],
    *,
    log: TableLog,
    ragged_is_fault: bool,
    merges: Sequence[Merge] = (),
    header_rows: int | None = None,
    same_headers: bool = False,
) -> Grid | None:
    """Return the records of a sheet or text file, without blank rows and columns.

    A title above the header (rows with a single cell) is skipped with a notice; a header of several rows is
    joined. A merged cell is expanded downwards.

    Parameters
    ----------
    rows
        Rows of cells, ``None`` for a blank cell.
    log
        Receives the faults: no header, no record, equal headers, values under a blank header, rows too long.
    ragged_is_fault
        Whether a row shorter than the header is a fault, since its values may be under the wrong headers.
    merges
        Merged ranges, by row and column number from 1.
    header_rows
        Number of rows of the header that the plan states, or ``None``.
    same_headers
        Whether equal headers are told apart by a number in brackets, since the plan has columns added up.

    Returns
    -------
    Grid or None
        ``None`` after a fault.
    """
    numbered = [(number, row) for number, row in enumerate(rows, start=1) if _filled(row)]
    if not numbered:
        log.add("empty_file")
        return None
    head = _header_position(numbered)
    if head:
        title = next(cell for cell in numbered[0][1] if cell is not None)
        log.add("title_skipped", severity="notice", rows=[numbered[0][0]], title=str(title).strip())
    depth = count_header_rows(numbered, head, merges=merges, stated=header_rows)
    header, records = _headers(numbered[head : head + depth], merges, log=log), numbered[head + depth :]
    if not records:
        log.add("no_records")
        return None
    if same_headers:
        header = _numbered_headers(header)
    if not _header_is_sound(header, records, number=numbered[head][0], log=log):
        return None
    if not _widths_are_sound(header, records, strict=ragged_is_fault, log=log):
        return None
    columns = {
        name: [row[place] if place < len(row) else None for _, row in records]
        for place, name in enumerate(header)
        if name
    }
    frame = pd.DataFrame(columns, index=[number for number, _ in records], dtype=object)
    return expand_merged(frame, header, merges)


def _headers(
    rows: Sequence[tuple[int, Sequence[object]]], merges: Sequence[Merge], *, log: TableLog
) -> list[str]:
    """Return the headers without trailing blanks; report those joined from several rows."""
    if len(rows) == 1:
        header = [str(cell).strip() if cell is not None else "" for cell in rows[0][1]]
    else:
        last = rows[-1][0]
        header = join_header(rows, [merge for merge in merges if merge.first_row <= last])
        shown = quoted([name for name in header if name], most=5)
        log.add("header_rows_joined", severity="notice", rows=[number for number, _ in rows], headers=shown)
    while header and not header[-1]:
        header.pop()
    return header


def _numbered_headers(header: Sequence[str]) -> list[str]:
    """Return the headers with a number in brackets after each repetition of one."""
    seen: Counter[str] = Counter()
    made = []
    for name in header:
        seen[name] += 1
        made.append(f"{name} ({seen[name]})" if name and seen[name] > 1 else name)
    return made


def expand_merged(frame: pd.DataFrame, header: Sequence[str], merges: Sequence[Merge]) -> Grid:
    """Return the records with each merged cell repeated in the rows it covers; other columns stay blank.

    Parameters
    ----------
    frame
        Records, index = row number in the file; not modified.
    header
        Headers of all columns of the sheet in order, blank ones included.
    merges
        Merged ranges.

    Returns
    -------
    Grid
        With the merged cells that hold a value.
    """
    merged = []
    made = frame
    for merge in merges:
        rows = list(frame.index[frame.index.slice_indexer(merge.first_row, merge.last_row)])
        names = tuple(name for name in header[merge.first_column - 1 : merge.last_column] if name)
        if not rows or not names or not header[merge.first_column - 1] or merge.first_row != rows[0]:
            continue
        value = frame.loc[rows[0], names[0]]
        if value is None or (len(rows) == 1 and len(names) == 1):
            continue
        if made is frame:
            made = frame.copy()
        made.loc[rows, names[0]] = value
        merged.append(MergedCells(names, tuple(rows)))
    return Grid(made, tuple(merged))


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
