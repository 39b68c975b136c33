"""Uniqueness of keys within a table, and references between tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import pandas as pd

from layoutplan.dictionary.header_reports import quoted
from layoutplan.dictionary.loader import input_tables
from layoutplan.dictionary.nearest import nearest
from layoutplan.dictionary.rolls import stage_column
from layoutplan.dictionary.schema import Column, Table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.standards.schooling import Schooling

_CANDIDATES: Final = 5000  # ids compared for a suggestion; bounds the time


def check_key(
    frame: pd.DataFrame, table: Table, *, found: Mapping[str, str], labels: pd.Index[Any], log: TableLog
) -> None:
    """Report rows that share their key with another row.

    Rows without a required part of the key are left to the check of required values. An optional part that is
    empty, or whose column is missing, counts as a value (an empty area means the whole city).

    Parameters
    ----------
    frame
        Converted table; positions as index.
    table
        Definition of the table.
    found
        Dictionary column name → header, for the columns in the file.
    labels
        The reader's label of each row.
    log
        Receives at most one fault.
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


def check_references(
    frames: Mapping[str, pd.DataFrame], schooling: Schooling, *, files: Mapping[str, str], log: FaultLog
) -> None:
    """Report ids that do not exist in the table they reference.

    Parameters
    ----------
    frames
        Checked input tables by name, only those the plan gives; the key is a column or the index name. A
        reference into a table that is not given is not checked: a district id may be a mere label.
    schooling
        Stages of the columns.
    files
        File of each table, for the report.
    log
        Receives one fault per column, with the rows, the first ids and the nearest id that exists.
    """
    tables = input_tables(schooling)
    ids = {
        target: set(_ids(frames, target))
        for target in _targets(tables.values())
        if target.split(".")[0] in frames
    }
    for name, frame in frames.items():
        table = tables[name]
        note = TableLog(log, files.get(name, ""), name)
        for column in table.columns:
            given = [target for target in _alternatives(column) if target in ids]
            if given and column.name in frame.columns:
                known = set().union(*(ids[target] for target in given))
                _check_column(frame[column.name], column, known=known, targets=given, log=note)
    _check_catchment_stages(frames, schooling.ids, files=files, log=log)


def _alternatives(column: Column) -> tuple[str, ...]:
    """Return the targets a column may reference: ``table.column``, alternatives separated by ``|``."""
    return tuple(column.reference.split("|")) if column.reference else ()


def _targets(tables: Iterable[Table]) -> list[str]:
    return sorted(
        {target for table in tables for column in table.columns for target in _alternatives(column)}
    )


def _ids(frames: Mapping[str, pd.DataFrame], target: str) -> list[str]:
    name, key = target.split(".")
    frame = frames[name]
    values = frame[key] if key in frame.columns else frame.index.to_series()
    return [str(value) for value in values.dropna()]


def _dangling(values: pd.Series[Any], column: Column, known: set[str]) -> list[tuple[object, str]]:
    """Return row label and id for every unknown id in a column of ids or of lists of ids."""
    if column.dtype == "list":
        return [(label, item) for label, item in _items(values) if item not in known]
    wrong = values[values.notna() & ~values.isin(known)]
    return [(label, str(value)) for label, value in wrong.items()]


def _items(values: pd.Series[Any]) -> Iterator[tuple[object, str]]:
    """Yield row label and id for every id in a column of lists."""
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
    frames: Mapping[str, pd.DataFrame], stages: Iterable[str], *, files: Mapping[str, str], log: FaultLog
) -> None:
    """Report schools whose catchment for a stage belongs to another stage."""
    if "schools" not in frames or "catchments" not in frames:
        return
    catchments = frames["catchments"]
    ids = catchments["catchment_id"] if "catchment_id" in catchments.columns else catchments.index.to_series()
    stage_of = dict(zip(ids, catchments["stage"], strict=True))
    for stage in stages:
        column = stage_column("catchment", stage)
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
