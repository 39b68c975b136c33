"""What the page needs to switch projects on and off: who can reach which schools.

Units that can reach the same schools of a stage are one group: as many of their pupils can be placed as of
the units one by one, so the most pupils placed is exactly that of :mod:`layoutplan.balance`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from layoutplan.maps.frames import Frames, Record
from layoutplan.maps.meta import MapMeta

_MOST_LINKS = 60_000
"""A stage with more links from groups to schools is too much for a page: it goes without."""


def reach_groups(tables: Frames, meta: MapMeta) -> Record:
    """Return by stage ``{schools, reach, demand}``; stages without walks, or with too many, are left out.

    ``schools`` are ids; ``reach`` holds for each group the places in ``schools`` it reaches (ascending,
    as differences); ``demand`` the group's pupils a year in hundredths.
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
    schools = _schools_with_seats(tables["school_balance"], stage)
    near = walks[(walks["metres"] <= meta.reach_m[stage]) & walks["school_id"].isin(schools)]
    place = {school: position for position, school in enumerate(schools)}
    reached: dict[str, list[int]] = {}
    for unit, school in zip(near["unit_id"], near["school_id"], strict=True):
        reached.setdefault(unit, []).append(place[school])
    demand = tables["unit_demand"]
    own = demand[(demand["stage"] == stage) & (demand["variant"] == "baseline")]
    by_year = own.pivot_table(index="unit_id", columns="year", values="demand", aggfunc="sum", sort=True)
    by_year = by_year.reindex(columns=list(meta.years)).fillna(0.0)
    grouped: dict[tuple[int, ...], np.ndarray[tuple[int], np.dtype[np.float64]]] = {}
    for unit, pupils in zip(by_year.index, by_year.to_numpy(), strict=True):
        key = tuple(sorted(reached.get(str(unit), [])))
        grouped[key] = grouped.get(key, np.zeros(len(meta.years))) + pupils
    if sum(map(len, grouped)) > _MOST_LINKS:
        return None
    return {
        "schools": schools,
        "reach": [np.diff(key, prepend=0).tolist() for key in grouped],
        "demand": [np.round(pupils * 100).astype(int).tolist() for pupils in grouped.values()],
    }


def _schools_with_seats(balance: pd.DataFrame, stage: str) -> list[str]:
    """Return the schools whose seats count in some year and variant: what they take plus what they spare."""
    own = balance[balance["stage"] == stage]
    counted = (own["assigned"] + own["spare"]).groupby(own["school_id"]).max()
    return [str(school) for school in counted.index[counted > 0]]
