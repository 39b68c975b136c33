"""Ranges, choices and required values of a converted table, validated by pandera in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrorReason, SchemaErrors

from layoutplan.dictionary.choose_header import Match
from layoutplan.dictionary.convert import DTYPES
from layoutplan.dictionary.header_reports import quoted
from layoutplan.dictionary.nearest import nearest
from layoutplan.dictionary.schema import Column
from layoutplan.dictionary.table_log import TableLog

_SHOWN: Final = 5
_LOOKED_AT: Final = 1000


@dataclass(frozen=True)
class Failure:
    """Cells of one column that break one rule.

    Attributes
    ----------
    column
        Column name.
    rule
        ``null``, ``minimum``, ``maximum`` or ``choice``.
    rows
        Labels of the rows.
    """

    column: str
    rule: str
    rows: pd.Index[Any]


def find_failures(frame: pd.DataFrame, columns: Sequence[Column]) -> tuple[Failure, ...]:
    """Return the cells that break ranges, choices or required values.

    Parameters
    ----------
    frame
        Converted columns on an index of unique labels; not modified.
    columns
        Definitions of the columns; columns of lists are not checked here.

    Returns
    -------
    tuple of Failure
        In the order of ``columns``; empty if nothing fails.
    """
    try:
        _schema(columns).validate(frame, lazy=True)
    except SchemaErrors as errors:
        found = list(_failures(errors))
    else:
        return ()
    order = {column.name: place for place, column in enumerate(columns)}
    return tuple(sorted(found, key=lambda failure: order[failure.column]))


def _schema(columns: Iterable[Column]) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        {
            column.name: pa.Column(DTYPES[column.dtype], _checks(column), nullable=column.nullable)
            for column in columns
            if column.dtype != "list"
        },
    )


def _checks(column: Column) -> list[pa.Check]:
    checks = []
    if column.minimum is not None:
        checks.append(pa.Check.ge(column.minimum, name="minimum"))
    if column.maximum is not None:
        checks.append(pa.Check.le(column.maximum, name="maximum"))
    if column.choices:
        checks.append(pa.Check.isin(column.choices, name="choice"))
    return checks


def _failures(errors: SchemaErrors) -> Iterable[Failure]:
    for error in errors.schema_errors:
        null = error.reason_code is SchemaErrorReason.SERIES_CONTAINS_NULLS
        rule = "null" if null else str(getattr(error.check, "name", error.check))
        rows = pd.Index(error.failure_cases["index"])
        yield Failure(column=str(error.schema.name), rule=rule, rows=rows)


def report_failures(
    frame: pd.DataFrame,
    matches: Mapping[str, Match],
    *,
    at_fault: Mapping[str, np.ndarray],
    labels: pd.Index[Any],
    log: TableLog,
) -> None:
    """Report broken ranges, choices and required values in the columns of the file.

    Parameters
    ----------
    frame
        Converted table; positions as index.
    matches
        The matched columns.
    at_fault
        For each column, a mask of rows already reported; they are skipped.
    labels
        The reader's label of each row.
    log
        Receives one fault per column and rule.
    """
    for failure in find_failures(frame, [match.column for match in matches.values()]):
        match = matches[failure.column]
        rows = np.zeros(len(frame), dtype=bool)
        rows[failure.rows.to_numpy(dtype=int)] = True
        rows &= ~at_fault[failure.column]
        if rows.any():
            _report(failure.rule, match, cells=frame.loc[rows, failure.column], labels=labels[rows], log=log)
    for name, match in matches.items():
        if match.column.dtype == "list" and match.column.choices:
            _report_items(frame[name], match, labels=labels, log=log)


def report_plausible(
    frame: pd.DataFrame, matches: Mapping[str, Match], *, labels: pd.Index[Any], log: TableLog
) -> None:
    """Report figures outside the plausible range of their column, and fractions of what is whole.

    A 0 is never reported here: whether it is meant is for the checks of what it leads to.

    Parameters
    ----------
    frame
        Converted table; positions as index.
    matches
        The matched columns.
    labels
        The reader's label of each row.
    log
        Receives at most one fault and two warnings per column.
    """
    for name, match in matches.items():
        column = match.column
        if column.plausible is None and not column.whole:
            continue
        values = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
        reported = _outside(values, (column.minimum, column.maximum))
        known = ~np.isnan(values) & (values != 0) & ~reported
        odd = known & _outside(values, column.plausible)
        wrong = known & _outside(values, column.possible)
        for code, rows, limits in (
            ("impossible_value", wrong, column.possible),
            ("implausible_value", odd & ~wrong, column.plausible),
        ):
            if rows.any() and limits is not None:
                log.add(
                    code,
                    severity="error" if code == "impossible_value" else "warning",
                    rows=labels[rows],
                    column=match.header,
                    values=samples(frame.loc[rows, name]),
                    low=f"{limits[0]:,g}",
                    high=f"{limits[1]:,g}",
                    unit=column.unit,
                )
        broken = known & ~wrong & (values != np.floor(values)) if column.whole else np.zeros_like(known)
        if broken.any():
            log.add(
                "fraction_of_whole",
                severity="warning",
                rows=labels[broken],
                column=match.header,
                values=samples(frame.loc[broken, name]),
            )


def _outside(values: np.ndarray, limits: tuple[float | None, float | None] | None) -> np.ndarray:
    low, high = limits or (None, None)
    outside: np.ndarray = values < (-np.inf if low is None else low)
    return outside | (values > (np.inf if high is None else high))


def samples(cells: pd.Series[Any]) -> str:
    """Return the first few distinct cells in quotation marks, for a message.

    Parameters
    ----------
    cells
        Cells of one column.

    Returns
    -------
    str
        At most five values, taken from the first thousand cells.
    """
    texts = dict.fromkeys(
        f"{cell:.15g}" if isinstance(cell, float) else str(cell) for cell in cells.head(_LOOKED_AT)
    )
    return quoted(list(texts), most=_SHOWN)


def _report(rule: str, match: Match, *, cells: pd.Series[Any], labels: pd.Index[Any], log: TableLog) -> None:
    column = match.column
    if rule == "null":
        log.add("missing_value", rows=labels, column=match.header)
    elif rule == "choice":
        _report_choice(list(dict.fromkeys(cells)), match, rows=labels, log=log)
    elif rule == "minimum" and column.minimum == 0:
        log.add("negative_value", rows=labels, column=match.header, values=samples(cells))
    else:
        limit = column.minimum if rule == "minimum" else column.maximum
        code = "below_minimum" if rule == "minimum" else "above_maximum"
        log.add(code, rows=labels, column=match.header, values=samples(cells), limit=f"{limit:g}")


def _report_items(values: pd.Series[Any], match: Match, *, labels: pd.Index[Any], log: TableLog) -> None:
    """Report lists with an item that is not among the choices."""
    allowed = set(match.column.choices)
    wrong = [[item for item in items if item not in allowed] for items in values]
    rows = np.array([bool(items) for items in wrong], dtype=bool)
    if rows.any():
        distinct = list(dict.fromkeys(item for items in wrong for item in items))
        _report_choice(distinct, match, rows=labels[rows], log=log)


def _report_choice(wrong: list[str], match: Match, *, rows: pd.Index[Any], log: TableLog) -> None:
    """Report values that are not among the choices; suggest the nearest choice for the first few."""
    column = match.column
    spellings = {choice: choice for choice in column.choices} | dict(column.choice_aliases)
    offers = [(value, nearest(value, spellings)) for value in wrong[:_SHOWN]]
    near = [(value, choice) for value, choice in offers if choice]
    log.add(
        "bad_choice_near" if near else "bad_choice",
        rows=rows,
        column=match.header,
        name=column.name,
        values=quoted(wrong, most=_SHOWN),
        allowed_en=", ".join(column.choices),
        allowed_zh="、".join(column.choice_label(choice, "zh") for choice in column.choices),
        near_en=", ".join(f"“{value}” → {choice}" for value, choice in near),
        near_zh=", ".join(f"“{value}” → {column.choice_label(choice, 'zh')}" for value, choice in near),
    )
