"""The as-zoned view as result tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from layoutplan.balance.measures import ratio
from layoutplan.balance.result_tables import long_rows
from layoutplan.balance.stage_balance import StageBalance
from layoutplan.balance.zoned import group_walks
from layoutplan.city.city import City
from layoutplan.dictionary import stacked
from layoutplan.layouts.layout import Layout


def zoned_city_table(stages: Sequence[StageBalance], city: City, layout: Layout) -> pd.DataFrame:
    """Return table ``zoned_city``: one row per stage with catchments, and year.

    Parameters
    ----------
    stages
        Evaluation of each stage.
    city
        Units and years.
    layout
        Layout evaluated; provides its id.

    Returns
    -------
    pandas.DataFrame
        All columns of the result table.
    """
    frames = []
    everyone = np.zeros(len(city.units), dtype=np.int64)
    for one in stages:
        zoned, demand = one.zoned, one.units.demand
        if zoned is None:
            continue
        figures = group_walks(zoned, demand, everyone, count=1)
        total = demand.sum(axis=0, keepdims=True)
        ones = np.ones_like(total)
        frames.append(
            long_rows(
                pd.DataFrame(index=[0]),
                one.stage,
                city.years,
                demand=total,
                without_school=np.maximum(total - figures["with_school"], 0.0),
                overload=zoned.overload.sum(axis=0, keepdims=True),
                mean_walk_m=figures["mean_walk_m"],
                share_within_radius=figures["share_within_radius"],
                moved=figures["moved"],
                catchments=ones * len(zoned.parts),
                split_catchments=ones * (zoned.parts > 1).sum(),
                schools_outside=ones * (zoned.inside == 0).sum(),
            )
        )
    return stacked("zoned_city", frames, layout=layout.id)


def zoned_catchment_table(stages: Sequence[StageBalance], city: City, layout: Layout) -> pd.DataFrame:
    """Return table ``zoned_catchment``: one row per catchment, stage and year.

    Parameters
    ----------
    stages, city, layout
        As in :func:`zoned_city_table`.

    Returns
    -------
    pandas.DataFrame
        All columns of the result table.
    """
    frames = []
    for one in stages:
        zoned, parts = one.zoned, one.parts
        if zoned is None:
            continue
        count = len(parts.catchments)
        figures = group_walks(zoned, one.units.demand, parts.unit_catchment, count=count)
        things = pd.DataFrame(
            {
                "catchment_id": parts.catchments,
                "name": layout.zoning.catchments.loc[parts.catchments, "name"].to_numpy(),
            }
        )
        frames.append(
            long_rows(
                things,
                one.stage,
                city.years,
                seats=parts.seats[:count],
                demand=parts.demand[:count],
                overload=parts.shortfall[:count],
                mean_walk_m=figures["mean_walk_m"],
                share_within_radius=figures["share_within_radius"],
                moved=figures["moved"],
                parts=np.repeat(zoned.parts[:, None], len(city.years), axis=1).astype(float),
            )
        )
    return stacked("zoned_catchment", frames, layout=layout.id)


def zoned_school_table(stages: Sequence[StageBalance], city: City, layout: Layout) -> pd.DataFrame:
    """Return table ``zoned_school``: one row per school that serves a catchment, stage and year.

    Parameters
    ----------
    stages, city, layout
        As in :func:`zoned_city_table`.

    Returns
    -------
    pandas.DataFrame
        All columns of the result table.
    """
    frames = []
    for one in stages:
        zoned = one.zoned
        if zoned is None:
            continue
        serving = layout.zoning.links(one.stage)["school_id"]
        rows = np.flatnonzero(layout.seats.schools.index.isin(serving))
        things = pd.DataFrame(
            {
                "school_id": layout.seats.schools.index[rows],
                "name": layout.seats.schools["name"].to_numpy()[rows],
            }
        )
        inside = pd.array(
            [None if place < 0 else bool(place) for place in zoned.inside[rows]], dtype="boolean"
        )
        things["inside"] = inside
        frames.append(
            long_rows(
                things,
                one.stage,
                city.years,
                seats=one.counted[rows],
                pupils=zoned.pupils[rows],
                overload=zoned.overload[rows],
                mean_walk_m=ratio(zoned.pupil_metres[rows], zoned.pupils[rows]),
                share_within_radius=ratio(zoned.near[rows], zoned.pupils[rows]),
            )
        )
    return stacked("zoned_school", frames, layout=layout.id)
