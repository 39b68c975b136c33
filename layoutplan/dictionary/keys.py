"""Keys within a table and references between tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from layoutplan.dictionary.headers import quoted
from layoutplan.dictionary.loader import STAGES, input_tables
from layoutplan.dictionary.nearest import nearest
from layoutplan.dictionary.schema import Column, Table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog

_CANDIDATES: Final = 5000  # names compared for 'did you mean'; beyond, only the count is told


def check_key(
    frame: pd.DataFrame, table: Table, *, found: Mapping[str, str], labels: pd.Index[Any], log: TableLog
) -> None:
    """Report rows whose key another row has too.

    Rows without a required part of the key are left to the check for required values; an optional part that
    is empty, or whose column is missing, is a value like any other (an empty area is the whole city).

    Parameters
    ----------
    frame
        Converted; positions as index.
    found
        Our column name = header, for the columns the file has.
    labels
        The reader's label of each row.
    """
    must = [name for name in table.key if table.column(name).required]
    if not table.key or any(name not in found for name in must):
        return
    keys = frame[list(table.key)]
    complete = keys[must].notna().all(axis=1) if must else pd.Series(data=True, index=keys.index)
    twice = keys.duplicated(keep=False) & complete
    if not twice.any():
        return
    parts = [name for name in table.key if name in found]
    shown = keys.loc[twice, parts].drop_duplicates().astype(object)
    values = [
        " + ".join("-" if pd.isna(part) else str(part) for part in row)
        for row in shown.itertuples(index=False)
    ]
    log.add(
        "duplicate_key",
        rows=labels[twice.to_numpy()],
        column=", ".join(found[name] for name in parts),
        values=quoted(values, most=3),
        count=len(values),
    )


def check_references(frames: Mapping[str, pd.DataFrame], *, files: Mapping[str, str], log: FaultLog) -> None:
    """Report ids that no row of the table they point into has.

    Parameters
    ----------
    frames
        Checked input tables by name, those the plan gives and no others; the key is a column or the index's
        name. A reference into a table that is not given is not checked: a district id may be a mere label.
    files
        File of each table, for the report.
    log
        Gets one fault a column, with the rows, the first ids and the nearest id that exists.
    """
    ids = {target: set(_ids(frames, target)) for target in _targets() if target.split(".")[0] in frames}
    for name, frame in frames.items():
        table = input_tables()[name]
        note = TableLog(log, files.get(name, ""), name)
        for column in table.columns:
            given = [target for target in _alternatives(column) if target in ids]
            if given and column.name in frame.columns:
                known = set().union(*(ids[target] for target in given))
                _check_column(frame[column.name], column, known=known, targets=given, log=note)
    _check_catchment_stages(frames, files=files, log=log)


def _alternatives(column: Column) -> tuple[str, ...]:
    """Return what a column may point into: ``table.column``, several separated by ``|``."""
    return tuple(column.reference.split("|")) if column.reference else ()


def _targets() -> list[str]:
    return sorted(
        {
            target
            for table in input_tables().values()
            for column in table.columns
            for target in _alternatives(column)
        }
    )


def _ids(frames: Mapping[str, pd.DataFrame], target: str) -> list[str]:
    name, key = target.split(".")
    frame = frames[name]
    values = frame[key] if key in frame.columns else frame.index.to_series()
    return [str(value) for value in values.dropna()]


def _dangling(values: pd.Series[Any], column: Column, known: set[str]) -> list[tuple[object, str]]:
    """Return row label and id for every id, in a column of ids or of lists of ids, that is not known."""
    if column.dtype == "list":
        return [(label, item) for label, item in _items(values) if item not in known]
    wrong = values[values.notna() & ~values.isin(known)]
    return [(label, str(value)) for label, value in wrong.items()]


def _items(values: pd.Series[Any]) -> Iterator[tuple[object, str]]:
    """Return row label and id for every id in a column of lists."""
    for label, items in values.items():
        for item in items:
            yield label, item


def _check_column(
    values: pd.Series[Any], column: Column, *, known: set[str], targets: list[str], log: TableLog
) -> None:
    dangling = _dangling(values, column, known)
    if not dangling:
        return
    missing = list(dict.fromkeys(value for _, value in dangling))
    candidates = sorted(known)[:_CANDIDATES]
    close = nearest(missing[0], {candidate: candidate for candidate in candidates})
    log.add(
        "dangling_reference_near" if close else "dangling_reference",
        rows=dict.fromkeys(label for label, _ in dangling),
        column=column.name,
        values=quoted(missing, most=5),
        count=len(missing),
        target=", ".join(target.split(".")[0] for target in targets),
        near=close,
    )


def _check_catchment_stages(
    frames: Mapping[str, pd.DataFrame], *, files: Mapping[str, str], log: FaultLog
) -> None:
    """Report schools whose catchment of a stage is a catchment of another stage."""
    if "schools" not in frames or "catchments" not in frames:
        return
    catchments = frames["catchments"]
    ids = catchments["catchment_id"] if "catchment_id" in catchments.columns else catchments.index.to_series()
    stage_of = dict(zip(ids, catchments["stage"], strict=True))
    for stage in STAGES:
        column = f"catchment_{stage}"
        if column not in frames["schools"].columns:
            continue
        wrong = [
            (label, value)
            for label, value in _items(frames["schools"][column])
            if stage_of.get(value, stage) != stage
        ]
        if wrong:
            TableLog(log, files.get("schools", ""), "schools").add(
                "catchment_of_other_stage",
                rows=dict.fromkeys(label for label, _ in wrong),
                column=column,
                values=quoted(list(dict.fromkeys(value for _, value in wrong)), most=5),
                stage=stage,
            )
