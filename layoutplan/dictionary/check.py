"""The table checker: validate a table as read against the data dictionary and report all faults at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from layoutplan.dictionary.consistency import check_rows
from layoutplan.dictionary.convert import convert, empty_column
from layoutplan.dictionary.headers import (
    GEOMETRY,
    Match,
    known_column,
    match_headers,
    quoted,
    report_unknown_mapping,
)
from layoutplan.dictionary.keys import check_key
from layoutplan.dictionary.limits import report_failures, report_plausible, samples
from layoutplan.dictionary.schema import Table
from layoutplan.dictionary.suppressed import Suppressed, report_suppressed
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def check_frame(
    raw: pd.DataFrame,
    table: Table,
    *,
    file: str,
    columns: Mapping[str, str] = _NOTHING,
    values: Mapping[str, Mapping[str, str]] = _NOTHING,
    used: Collection[str] = (),
    hidden: tuple[float, float] | None = None,
    log: FaultLog,
) -> pd.DataFrame:
    """Check a table as read, and return it with the dictionary's column names, types and values.

    Parameters
    ----------
    raw
        Cells as stored in the file (texts or numbers), columns as named in the file, and ``geometry`` if the
        table has one; the index holds the reader's row labels. It is not modified.
    table
        The dictionary's definition of the table.
    file
        File name for the report.
    columns
        Dictionary column name → header in the file, where the header would not be recognised.
    values
        For each dictionary column: value in the file → value of the dictionary.
    used
        Headers that the plan uses otherwise (in ``where``): they are not reported if unknown.
    hidden
        Least and largest count that a mark for a suppressed count (``*``) stands for.
    log
        Receives every fault: headers, unreadable cells, ranges, choices, required values, keys, inconsistent
        rows. Errors do not stop the check; call ``log.raise_if_errors()`` when all tables are read.

    Returns
    -------
    pandas.DataFrame
        All fixed columns of the table in its order (those not in the file hold nulls, or their default), then
        the pattern columns found (``age_5``), then ``geometry`` if there is one; the same rows and index.
        Dtypes are those of :data:`layoutplan.dictionary.convert.DTYPES`; a cell at fault is null. A
        suppressed count is the middle of its bounds; ``attrs["suppressed"]`` has the bounds (column → row
        label → low, high).
        ``attrs["one_header"]`` has the groups of columns that the plan reads from one header.

    Examples
    --------
    >>> from layoutplan.dictionary import input_table
    >>> raw = pd.DataFrame({"学区编号": ["D1"], "学区名称": ["东区"]}, index=[2])
    >>> log = FaultLog()
    >>> checked = check_frame(raw, input_table("districts"), file="学区.xlsx", log=log)
    >>> checked.loc[2, ["district_id", "name"]].tolist(), log.errors
    (['D1', '东区'], ())
    """
    note = TableLog(log, file, table.name)
    headers = [str(name) for name in raw.columns]
    matches = match_headers(
        [header for header in headers if header != GEOMETRY], table, columns=columns, used=used, log=note
    )
    if not len(raw):
        note.add("empty_table")
    for name in values:
        if known_column(name, table) is None:
            report_unknown_mapping(name, table, log=note)
    places = {header: place for place, header in reversed(list(enumerate(headers)))}
    data: dict[str, pd.Series[Any]] = {}
    at_fault: dict[str, np.ndarray] = {}
    suppressed: dict[str, Suppressed] = {}
    for name, match in matches.items():
        cells = raw.iloc[:, places[match.header]]
        read = _read(cells, match, table=table, values=values.get(name, _NOTHING), hidden=hidden, log=note)
        data[name], at_fault[name] = read[0], read[1]
        if read[2] is not None:
            suppressed[name] = read[2]
    frame = _whole(data, table, length=len(raw))
    report_failures(frame, matches, at_fault=at_fault, labels=raw.index, log=note)
    report_plausible(frame, matches, labels=raw.index, log=note)
    frame = _with_defaults(frame, matches, at_fault=at_fault)
    found = {name: match.header for name, match in matches.items()}
    _report_defaults(table, data, found=found, at_fault=at_fault, labels=raw.index, log=note)
    report_suppressed(suppressed, frame, headers=found, labels=raw.index, log=note)
    check_key(frame, table, found=found, labels=raw.index, log=note)
    check_rows(frame, table, found=found, labels=raw.index, log=note)
    shapes = {GEOMETRY: raw[GEOMETRY].to_numpy()} if GEOMETRY in headers else {}
    checked = _with_bounds(frame, suppressed).assign(**shapes).set_axis(raw.index, axis=0)
    checked.attrs["one_header"] = _report_one_header(matches, log=note)
    checked.attrs["suppressed"] = {
        name: {
            label: (low, high)
            for label, low, high, is_one in zip(raw.index, one.low, one.high, one.rows, strict=True)
            if is_one
        }
        for name, one in suppressed.items()
    }
    return checked


def _report_one_header(matches: Mapping[str, Match], *, log: TableLog) -> tuple[tuple[str, ...], ...]:
    """Warn of headers that feed several columns of quantities; return these columns, one group per header."""
    groups: dict[str, list[str]] = {}
    for name, match in matches.items():
        if match.column.dtype in ("number", "integer"):  # an id may well serve as a name
            groups.setdefault(match.header, []).append(name)
    several = {header: names for header, names in groups.items() if len(names) > 1}
    for header, names in several.items():
        log.add("one_header_for_columns", severity="warning", column=header, columns=", ".join(names))
    return tuple(tuple(names) for names in several.values())


def _with_bounds(frame: pd.DataFrame, suppressed: Mapping[str, Suppressed]) -> pd.DataFrame:
    """Return the frame with bounds of suppressed counts in the table's own columns for them, if any."""
    made = {}
    for name, one in suppressed.items():
        for bound, values in ((f"{name}_low", one.low), (f"{name}_high", one.high)):
            if bound in frame:
                made[bound] = frame[bound].where(~one.rows, values)
    return frame.assign(**made)


def empty_frame(table: Table) -> pd.DataFrame:
    """Return a table without rows: all its fixed columns, in order, with their dtypes.

    Parameters
    ----------
    table
        Definition of the table.

    Returns
    -------
    pandas.DataFrame
        No rows and no geometry.

    Examples
    --------
    >>> from layoutplan.dictionary import input_table
    >>> list(empty_frame(input_table("births")).columns)
    ['area_id', 'year', 'births']
    """
    return _whole({}, table, length=0)


def _read(
    cells: pd.Series[Any],
    match: Match,
    *,
    table: Table,
    values: Mapping[str, str],
    hidden: tuple[float, float] | None,
    log: TableLog,
) -> tuple[pd.Series[Any], np.ndarray, Suppressed | None]:
    """Return a converted column (positions as index), a mask of unreadable rows, and suppressed counts."""
    column = match.column
    read = convert(
        cells, column, is_key=column.name in table.key, factor=match.factor, values=values, hidden=hidden
    )
    at_fault = np.zeros(len(cells), dtype=bool)
    for code, rows in read.faults.items():
        at_fault |= rows
        log.add(
            code,
            rows=cells.index[rows],
            column=match.header,
            values=samples(cells[rows]),
            unit=column.unit,
        )
    if read.unused:
        log.add("value_mapping_unused", severity="warning", column=match.header, values=quoted(read.unused))
    return read.series.reset_index(drop=True), at_fault, read.suppressed


def _whole(data: Mapping[str, pd.Series[Any]], table: Table, *, length: int) -> pd.DataFrame:
    """Return the frame with every fixed column, then the pattern columns found."""
    index = pd.RangeIndex(length)
    made = {
        column.name: data[column.name] if column.name in data else empty_column(column, index)
        for column in table.columns
    }
    return pd.DataFrame({**made, **{name: values for name, values in data.items() if name not in made}})


def _with_defaults(
    frame: pd.DataFrame, matches: Mapping[str, Match], *, at_fault: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Return the frame with blanks of columns that have a default filled; cells at fault stay null."""
    filled = {
        name: frame[name].where(frame[name].notna() | at_fault[name], match.column.default)
        for name, match in matches.items()
        if match.column.default is not None
    }
    return frame.assign(**filled)


def _report_defaults(
    table: Table,
    data: Mapping[str, pd.Series[Any]],
    *,
    found: Mapping[str, str],
    at_fault: Mapping[str, np.ndarray],
    labels: pd.Index[Any],
    log: TableLog,
) -> None:
    """Report where a default was filled into a column of choices (such as ownership or project state)."""
    for column in table.columns:
        if column.default is None or not column.choices:
            continue
        given = data.get(column.name)
        filled = np.ones(len(labels), dtype=bool) if given is None else given.isna() & ~at_fault[column.name]
        if filled.any():
            log.add(
                "default_used",
                severity="notice",
                rows=labels[filled],
                column=found.get(column.name, column.name),
                count=int(filled.sum()),
                default_en=column.choice_label(str(column.default), "en"),
                default_zh=column.choice_label(str(column.default), "zh"),
            )
