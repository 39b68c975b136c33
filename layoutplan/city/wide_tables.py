"""Wide tables (a column for each grade or year) turned into rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from layoutplan.city.raw_table import RawTable
from layoutplan.dictionary.header_reports import quoted
from layoutplan.dictionary.nearest import header_key, nearest
from layoutplan.dictionary.scalars import is_blank
from layoutplan.dictionary.table_log import TableLog
from layoutplan.plan.settings import LongSettings


def to_long(raw: RawTable, settings: LongSettings, *, log: TableLog) -> RawTable | None:
    """Return a table with a row for each row and each value of ``into``.

    Parameters
    ----------
    raw
        Table as read.
    settings
        ``long`` of the plan.
    log
        Receives an error for headers that the file lacks, and a notice of the rows made. Rows whose figures
        are all blank are left out: a grade that a school does not teach is no grade with 0 pupils.

    Returns
    -------
    RawTable or None
        Labels are the row and the first header (``5 · Grade 1``); ``None`` after a fault.
    """
    frame = raw.frame
    headers = [str(name) for name in frame.columns]
    places = _places(settings, headers, log=log)
    if places is None:
        return None
    used = {header for of_value in places.values() for header in of_value.values()}
    kept = frame.drop(columns=[name for name in frame.columns if name in used])
    parts = []
    for meant, of_value in places.items():
        part = kept.assign(**dict(zip(settings.names, meant, strict=True)))
        for name in settings.headers:
            part[name] = frame[of_value[name]] if name in of_value else None
        first = next(iter(of_value.values()))
        parts.append(part.set_axis([f"{label} · {first}" for label in frame.index], axis=0))
    made = pd.concat(parts)
    figures = made[list(settings.headers)]
    blank = figures.map(lambda cell: is_blank(cell, marks=False)).all(axis=1)
    order = pd.Series(range(len(frame)), index=frame.index)
    rank = [order.iloc[place % len(frame)] for place in range(len(made))]
    whole = made.iloc[pd.Series(rank).argsort(kind="stable").to_numpy()]
    whole = whole[~blank.loc[whole.index]]
    log.add("long_rows", severity="notice", rows_made=len(whole), left_out=int(blank.sum()))
    if whole.empty:
        log.add("no_records")
        return None
    return replace(raw, frame=whole, merged=())


def _places(
    settings: LongSettings, headers: Sequence[str], *, log: TableLog
) -> dict[tuple[str, ...], dict[str, str]] | None:
    """Return for each value of ``into`` the header of each column of figures."""
    by_key = {header_key(header): header for header in reversed(headers)}
    places: dict[tuple[str, ...], dict[str, str]] = {}
    missing = []
    for name, of_headers in settings.headers.items():
        for wanted, meant in of_headers.items():
            header = wanted if wanted in headers else by_key.get(header_key(wanted))
            if header is None:
                missing.append(wanted)
                continue
            values = tuple(str(one) for one in meant) if isinstance(meant, tuple) else (str(meant),)
            places.setdefault(values, {})[name] = header
    taken = [name for name in (*settings.names, *settings.headers) if name in headers]
    if taken:
        log.add("long_column_taken", names=quoted(taken))
    if missing:
        close = nearest(missing[0], {header: header for header in headers})
        log.add(
            "long_header_missing",
            names=quoted(missing),
            headers=quoted([close]) if close else quoted(list(headers)),
        )
    return None if missing or taken else places
