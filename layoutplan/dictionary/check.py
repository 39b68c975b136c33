"""The table checker: validate a table as read against the data dictionary and report all faults at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from layoutplan.dictionary.choose_header import Match
from layoutplan.dictionary.consistency import check_rows
from layoutplan.dictionary.convert import Cells, Converted, Spelling, cells_of, convert, empty_column
from layoutplan.dictionary.dates import DateOrder
from layoutplan.dictionary.header_reports import quoted
from layoutplan.dictionary.headers import GEOMETRY, known_column, match_headers, report_unknown_mapping
from layoutplan.dictionary.keys import check_key
from layoutplan.dictionary.limits import report_failures, report_plausible, samples
from layoutplan.dictionary.merged import MergedCells, exclude, report_blanks_below, report_merged
from layoutplan.dictionary.number_marks import Mark
from layoutplan.dictionary.parts import unite_parts
from layoutplan.dictionary.schema import Table
from layoutplan.dictionary.spelling import report_dates, spelling_of
from layoutplan.dictionary.sums import ReadColumn, add_columns
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
    add_up: Collection[str] = (),
    decimal: Mark | None = None,
    date_order: DateOrder | None = None,
    merged: Sequence[MergedCells] = (),
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
        Dictionary column name → header in the file, where the header would not be recognised, or a sum of
        headers (:mod:`layoutplan.dictionary.formulas`).
    values
        For each dictionary column: value in the file → value of the dictionary.
    used
        Headers that the plan uses otherwise (in ``where``): they are not reported if unknown.
    hidden
        Least and largest count that a mark for a suppressed count (``*``) stands for.
    add_up
        Names of columns whose headers are added up where several mean the column (boys and girls).
    decimal, date_order
        Decimal mark, and order of day and month, where the plan states them; else the cells decide.
    merged
        Merged cells of the sheet, already expanded downwards.
    log
        Receives every fault: headers, unreadable cells, ranges, choices, required values, keys, inconsistent
        rows. Errors do not stop the check; call ``log.raise_if_errors()`` when all tables are read.

    Returns
    -------
    pandas.DataFrame
        All fixed columns of the table in its order (those not in the file hold nulls, or their default), then
        the pattern columns found (``age_5``), then ``geometry`` if there is one; the same rows and index,
        except that the rows of one record of a table with ``parts`` are united.
        Dtypes are those of :data:`layoutplan.dictionary.convert.DTYPES`; a cell at fault is null. A
        suppressed count is the middle of its bounds; ``attrs["suppressed"]`` has them by column: row label →
        (low, high).
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
        [header for header in headers if header != GEOMETRY],
        table,
        columns=columns,
        used=used,
        add_up=add_up,
        log=note,
    )
    if not len(raw):
        note.add("empty_table")
    for name in values:
        if known_column(name, table) is None:
            report_unknown_mapping(name, table, log=note)
    places = {header: place for place, header in reversed(list(enumerate(headers)))}
    single = {term.header: term for match in matches.values() for term in (match.terms or (match,))}
    cells = {header: raw.iloc[:, places[header]] for header in single}
    distinct = {header: (match, cells_of(cells[header])) for header, match in single.items()}
    spelling = spelling_of(distinct, decimal=decimal, order=date_order, log=note)
    data: dict[str, pd.Series[Any]] = {}
    at_fault: dict[str, np.ndarray] = {}
    suppressed: dict[str, Suppressed] = {}
    for name, match in matches.items():
        read = {
            term.header: _read(
                cells[term.header],
                term,
                is_key=name in table.key,
                values=values.get(name, _NOTHING),
                hidden=hidden,
                cells=distinct[term.header][1],
                spelling=spelling[term.header],
                log=note,
            )
            for term in (match.terms or (match,))
        }
        data[name], at_fault[name], bounds = add_columns(read, match, labels=raw.index, log=note)
        if bounds is not None:
            suppressed[name] = bounds
    at_fault = exclude(at_fault, report_merged(merged, matches, raw, log=note))
    frame = _whole(data, table, length=len(raw))
    report_failures(frame, matches, at_fault=at_fault, labels=raw.index, log=note)
    report_plausible(frame, matches, labels=raw.index, log=note)
    frame = _with_defaults(frame, matches, at_fault=at_fault)
    found = {name: match.header for name, match in matches.items()}
    _report_defaults(table, data, found=found, at_fault=at_fault, labels=raw.index, log=note)
    report_suppressed(suppressed, frame, headers=found, labels=raw.index, log=note)
    shapes = {GEOMETRY: raw[GEOMETRY].to_numpy()} if GEOMETRY in headers else {}
    frame = _with_bounds(frame, suppressed).assign(**shapes)
    frame = unite_parts(frame, table, found=found, labels=raw.index, log=note)
    labels = raw.index[frame.index]
    frame = frame.reset_index(drop=True)
    report_blanks_below(frame, found=found, labels=labels, log=note)
    check_key(frame, table, found=found, labels=labels, log=note)
    check_rows(frame, table, found=found, labels=labels, log=note)
    checked = frame.set_axis(labels, axis=0)
    checked.attrs["one_header"] = _fed_by_one_header(matches)
    checked.attrs["suppressed"] = {
        name: {
            label: (low, high)
            for label, low, high, is_one in zip(raw.index, one.low, one.high, one.rows, strict=True)
            if is_one and label in labels
        }
        for name, one in suppressed.items()
    }
    return checked


def _fed_by_one_header(matches: Mapping[str, Match]) -> tuple[tuple[str, ...], ...]:
    """Return the columns of quantities that read the same header, one group per header."""
    groups: dict[str, list[str]] = {}
    for name, match in matches.items():
        if match.formula is None and match.column.dtype in ("number", "integer"):
            groups.setdefault(match.header, []).append(name)
    return tuple(tuple(names) for names in groups.values() if len(names) > 1)


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
    return _blank(table).copy()


@cache  # a run asks some hundred times, and a frame of thirty columns takes milliseconds
def _blank(table: Table) -> pd.DataFrame:
    return _whole({}, table, length=0)


def _read(
    column: pd.Series[Any],
    match: Match,
    *,
    is_key: bool,
    values: Mapping[str, str],
    hidden: tuple[float, float] | None,
    cells: Cells,
    spelling: Spelling,
    log: TableLog,
) -> ReadColumn:
    """Return a converted column, positions as index."""
    read: Converted = convert(
        column,
        match.column,
        is_key=is_key,
        factor=match.factor,
        values=values,
        hidden=hidden,
        cells=cells,
        spelling=spelling,
    )
    at_fault = np.zeros(len(column), dtype=bool)
    for code, rows in read.faults.items():
        at_fault |= rows
        log.add(
            code,
            rows=column.index[rows],
            column=match.header,
            values=samples(column[rows]),
            unit=match.column.unit,
        )
    if read.unused:
        log.add("value_mapping_unused", severity="warning", column=match.header, values=quoted(read.unused))
    report_dates(column, read, match, order=spelling.order, log=log)
    return ReadColumn(read.series.reset_index(drop=True), at_fault, read.suppressed)


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
