"""Records drawn in several rows, such as a catchment exported as single parts: united into one row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import numpy as np
import pandas as pd
import shapely

from layoutplan.dictionary.header_reports import quoted
from layoutplan.dictionary.schema import Table
from layoutplan.dictionary.table_log import TableLog

_SHAPE: Final = "geometry"


def unite_parts(
    frame: pd.DataFrame, table: Table, *, found: Mapping[str, str], labels: pd.Index[Any], log: TableLog
) -> pd.DataFrame:
    """Unite the rows that are parts of one record: their shapes are joined, their lists put together.

    Rows are parts of one record where they share the key and no other column contradicts another; rows that
    do are left to the check of keys.

    Parameters
    ----------
    frame
        Converted table with its shapes; positions as index.
    table
        Definition of the table; nothing is done unless it allows ``parts``.
    found
        Dictionary column name → header, for the columns in the file.
    labels
        The reader's label of each row.
    log
        Receives one notice.

    Returns
    -------
    pandas.DataFrame
        The first row of each record; the index is its position.
    """
    key = [name for name in table.key if name in found]
    if not table.parts or not key:
        return frame
    whole = frame[key].notna().all(axis=1)
    repeated = frame[frame[key].duplicated(keep=False) & whole]
    firsts: dict[int, dict[str, object]] = {}
    dropped: list[int] = []
    names: list[str] = []
    for record, rows in repeated.groupby(key, sort=False):
        united = _united(rows, table)
        if united is not None:
            firsts[int(rows.index[0])] = united
            dropped += [int(place) for place in rows.index[1:]]
            names.append(" + ".join(str(part) for part in record))
    if not firsts:
        return frame
    made = frame.copy()
    for place, values in firsts.items():
        for name, value in values.items():
            made.at[place, name] = cast("Any", value)  # noqa: PD008  a tuple or a shape is one value
    log.add(
        "parts_united",
        severity="notice",
        rows=labels[sorted([*firsts, *dropped])],
        column=", ".join(found[name] for name in key),
        count=len(firsts),
        values=quoted(names, most=5),
    )
    return made.drop(index=dropped)


def _united(rows: pd.DataFrame, table: Table) -> dict[str, object] | None:
    """Return the values of the record that some rows make up; ``None`` if they contradict each other."""
    values: dict[str, object] = {}
    for name in rows.columns:
        if name == _SHAPE:
            continue
        if name in table.column_names and table.column(name).dtype == "list":
            values[name] = tuple(dict.fromkeys(item for items in rows[name] for item in items))
            continue
        given = rows[name].dropna()
        if len(set(given)) > 1:
            return None
        if len(given):
            values[name] = given.iloc[0]
    if _SHAPE not in rows:
        return values
    shapes = rows[_SHAPE].to_numpy(dtype=object)
    given_shapes = shapes[~shapely.is_missing(shapes)]
    if len(given_shapes) and not np.isin(shapely.get_type_id(given_shapes), (3, 6)).all():
        return None
    values[_SHAPE] = _joined(given_shapes)
    return values


def _joined(polygons: np.ndarray) -> object:
    """Return the union of polygons; where one is invalid, all of them, for the check of shapes to report."""
    if not len(polygons):
        return None
    if shapely.is_valid(polygons).all():
        return shapely.union_all(polygons)
    return shapely.multipolygons(shapely.get_parts(polygons))
