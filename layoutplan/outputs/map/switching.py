"""The data with which the page switches projects on and off: which units reach which schools.

Units that can reach the same schools of a stage are one group: as many of their pupils can be placed as of
the units one by one, so the most pupils placed is exactly that of :mod:`layoutplan.balance`.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.layouts import TODAY
from layoutplan.outputs.map.frames import Record
from layoutplan.outputs.map.meta import MapMeta
from layoutplan.outputs.row_lookup import Frames

_MOST_LINKS = 60_000
"""Largest number of links from groups to schools for which a stage can be switched in the page."""


def reach_groups(tables: Frames, meta: MapMeta) -> Record:
    """Return by stage ``{schools, reach, demand}``, from which the page recomputes the best assignment.

    ``schools`` are ids; ``reach`` holds for each group the indices in ``schools`` it reaches (ascending, as
    differences); ``demand`` the group's pupils per year in hundredths. Left out are stages without walks,
    with too many links, or with boarding, since the page knows walks only.

    Parameters
    ----------
    tables
        Result tables and layers by name.
    meta
        Gives the stages and years.

    Returns
    -------
    Record
        Record by stage.
    """
    walks = tables.get("walks")
    if walks is None:
        return {}
    found: Record = {}
    for stage in meta.stages:
        group = _groups_of_stage(tables, walks, meta, stage)
        if group is not None:
            found[stage] = group
    return found


def _groups_of_stage(tables: Frames, walks: pd.DataFrame, meta: MapMeta, stage: str) -> Record | None:
    balance = tables["school_balance"]
    if (balance.loc[balance["stage"] == stage, "beds"] > 0).any():
        return None
    schools = _schools_with_seats(balance, stage)
    near = walks[walks["metres"] <= meta.reach_m[stage]]
    near = near[near["school_id"].isin(schools)]
    demand = tables["unit_demand"][["unit_id", "stage", "year", "layout", "demand"]]
    own = demand[(demand["stage"] == stage) & (demand["layout"] == TODAY)]
    by_year = own.pivot_table(index="unit_id", columns="year", values="demand", aggfunc="sum", observed=True)
    by_year = by_year.reindex(columns=list(meta.years)).fillna(0.0)
    reached = _reached(near, by_year.index.astype(str), pd.Index(schools))
    grouped: dict[bytes, int] = {}
    group = np.array([grouped.setdefault(key.tobytes(), len(grouped)) for key in reached], dtype=np.int64)
    keys = [np.frombuffer(key, dtype=np.int64) for key in grouped]
    if sum(map(len, keys)) > _MOST_LINKS:
        return None
    pupils = np.zeros((len(keys), len(meta.years)))
    np.add.at(pupils, group, by_year.to_numpy(dtype=float))
    return {
        "schools": schools,
        "reach": [np.diff(key, prepend=0).tolist() for key in keys],
        "demand": np.round(pupils * 100).astype(int).tolist(),
    }


def _reached(near: pd.DataFrame, units: pd.Index, schools: pd.Index) -> list[npt.NDArray[np.int64]]:
    """Return the places of the schools that each unit reaches, ascending."""
    unit = units.get_indexer(pd.Index(near["unit_id"]))
    school = schools.get_indexer(pd.Index(near["school_id"]))
    order = np.lexsort((school, unit))
    order = order[unit[order] >= 0]
    ends = np.cumsum(np.bincount(unit[order], minlength=len(units)))
    return np.split(school[order].astype(np.int64), ends[:-1])


def _schools_with_seats(balance: pd.DataFrame, stage: str) -> list[str]:
    """Return the schools whose seats count in some year and layout: what they take plus what they spare."""
    own = balance[balance["stage"] == stage]
    counted = (own["assigned"] + own["spare"]).groupby(own["school_id"]).max()
    return [str(school) for school in counted.index[counted > 0]]
