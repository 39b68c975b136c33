"""School systems: rows of one system get the stages and school types of that system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from layoutplan.city.given import GivenTable
from layoutplan.dictionary import input_table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.standards.schooling import Schooling


def divide_by_system(given: Mapping[str, GivenTable], schooling: Schooling) -> dict[str, GivenTable]:
    """Return tables in which every stage, school type and figure by stage is of the system of its row.

    A row of a school without a system of its own (pupils by class) is of that of the school.

    Parameters
    ----------
    given
        Tables as read, with the stages and types that the systems share. Their logs receive rows without a
        system.
    schooling
        Stages and types of the profile.

    Returns
    -------
    dict of str to GivenTable
        The tables themselves where there are no systems.
    """
    if not schooling.systems:
        return dict(given)
    schools = given.get("schools")
    of_school = pd.Series(dtype=object) if schools is None else _by_school(schools.frame)
    return {
        name: _divided(one, schooling, of_school) if one.table.by_system else one
        for name, one in given.items()
    }


def _by_school(schools: pd.DataFrame) -> pd.Series:
    known = schools.dropna(subset=["school_id", "system"]).drop_duplicates("school_id")
    return known.set_index("school_id")["system"].astype(object)


def _divided(one: GivenTable, schooling: Schooling, of_school: pd.Series) -> GivenTable:
    system = _systems(one.frame, of_school)
    _report_missing(one.frame, system, schooling, one.log)
    placed = one.placed
    if placed is not None:
        own = system.reindex(placed.frame.index)
        placed = replace(placed, frame=_of_rows(placed.frame, own, one.table.column_names, schooling))
    return replace(
        one,
        table=input_table(one.table.name, schooling),
        frame=_of_rows(one.frame, system, one.table.column_names, schooling),
        placed=placed,
    )


def _systems(frame: pd.DataFrame, of_school: pd.Series) -> pd.Series:
    """Return the system of each row: its own, else that of its school; null where neither is known."""
    none = pd.Series(None, index=frame.index, dtype=object)
    own = frame["system"].astype(object) if "system" in frame else none
    if "school_id" not in frame or len(of_school) == 0:
        return own
    return own.where(own.notna(), frame["school_id"].map(of_school).astype(object))


def _report_missing(frame: pd.DataFrame, system: pd.Series, schooling: Schooling, log: TableLog) -> None:
    """Report rows without a system, unless their school type teaches no stage."""
    needed = system.isna()
    if "school_type" in frame:
        needed &= frame["school_type"].isin([kind.id for kind in schooling.as_given.types if kind.stages])
    if needed.any():
        known = ", ".join(one.id for one in schooling.systems)
        log.add("system_missing", rows=frame.index[needed], column="system", known=known)


def _of_rows(
    frame: pd.DataFrame, system: pd.Series, columns: tuple[str, ...], schooling: Schooling
) -> pd.DataFrame:
    found = frame.copy()
    for column in ("stage", "school_type"):
        if column in frame and column in columns:
            found[column] = _own_names(frame[column], system, schooling)
    shared = schooling.as_given
    for column in [name for name in columns if name in frame]:
        stage = next((one for one in shared.ids if column.endswith(f"_{one}")), None)
        if stage is None:
            continue
        figure = column.removesuffix(f"_{stage}")
        for one in schooling.systems:
            found[f"{figure}_{one.own(stage)}"] = _of_system(frame[column], system == one.id)
        found = found.drop(columns=column)
    found.attrs = dict(frame.attrs)
    return found


def _of_system(cells: pd.Series, own: pd.Series) -> pd.Series:
    """Return the cells of a system's rows; of the others none, an empty list in a column of lists."""
    kept = cells.where(own, other=None)
    if not cells.map(lambda cell: isinstance(cell, tuple)).any():
        return kept
    return pd.Series([cell if isinstance(cell, tuple) else () for cell in kept], index=cells.index)


def _own_names(names: pd.Series, system: pd.Series, schooling: Schooling) -> pd.Series:
    """Return the stages or school types of each row's system; what no system has of its own stays."""
    known = {*schooling.ids, *schooling.type_ids}
    by_id = {one.id: one for one in schooling.systems}
    own = [
        by_id[of].own(name) if of in by_id and by_id[of].own(name) in known else name
        for name, of in zip(names, system, strict=True)
    ]
    return pd.Series(own, index=names.index, dtype=object)
