"""Areas larger than a place: districts, townships, school districts (学区) and the whole city.

Column ``level`` of table ``total_bands`` states the kind of area:

``district``
    districts, by ``district_id`` of the units, and one row for units outside districts with demand;
``township``
    column ``township`` of the units table, where it divides the units differently from the districts;
``school_district``
    catchments grouped by 学区, in stages that have catchments;
``city``
    the whole city.

A place (a catchment or a remainder) cut by a boundary is divided in proportion to the demand on either side,
its draws and seats alike; without demand, in proportion to the number of units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.catchment_view import positions
from layoutplan.balance.measures import sums
from layoutplan.outlook.bands import Groups
from layoutplan.outlook.inputs import StageInputs


@dataclass(frozen=True)
class UnitGroups:
    """Areas of all levels.

    Attributes
    ----------
    table
        One row per area: ``level``, ``place_id``, ``name``.
    groups
        Composition of the areas from places, and their seats.
    demand
        Forecast demand, areas × years.
    """

    table: pd.DataFrame
    groups: Groups
    demand: FloatArray


@dataclass(frozen=True)
class _Level:
    """Areas of one level and the pieces of places that compose them; ``group`` counts from 0."""

    name: str
    ids: list[str]
    names: list[object]
    place: IntArray
    group: IntArray
    share: FloatArray


def groups_of(inputs: StageInputs) -> UnitGroups:
    """Return the areas of every level that the city has, composed of the places of a stage.

    Parameters
    ----------
    inputs
        Stage inputs.

    Returns
    -------
    UnitGroups
        Levels in the order district, township, school district, city.
    """
    levels = [
        level
        for level in (_districts(inputs), _townships(inputs), _school_districts(inputs), _city(inputs))
        if level is not None
    ]
    sizes = [len(level.ids) for level in levels]
    table = pd.DataFrame(
        {
            "level": np.repeat([level.name for level in levels], sizes),
            "place_id": [name for level in levels for name in level.ids],
            "name": pd.Series([name for level in levels for name in level.names], dtype=object),
        }
    )
    start = np.cumsum([0, *sizes[:-1]])
    place = np.concatenate([level.place for level in levels])
    area = np.concatenate([level.group + first for level, first in zip(levels, start, strict=True)])
    share = np.vstack([level.share for level in levels])
    of = {
        name: sums(values[place] * share, area, count=len(table))
        for name, values in (("demand", inputs.parts.demand), ("seats", inputs.parts.seats))
    }
    limits = inputs.parts.limits
    by_grade = None
    if limits is not None:
        by_grade = np.stack([sums(own[place] * share, area, count=len(table)) for own in limits.seats])
    groups = Groups(place=place, area=area, share=share, seats=of["seats"], grade_seats=by_grade)
    return UnitGroups(table=table, groups=groups, demand=of["demand"])


def _districts(inputs: StageInputs) -> _Level | None:
    """Return the districts, with places cut as in the balance, and the remainder if it has demand."""
    pieces, districts = inputs.parts.pieces, inputs.city.districts
    if districts.empty:
        return None
    names = [*districts["name"], None]
    level = _Level(
        "district", [*map(str, districts.index), ""], names, pieces.part, pieces.district, pieces.share
    )
    outside = level.group == len(districts)
    if (inputs.parts.demand[level.place] * level.share)[outside].any():
        return level
    kept = ~outside
    return _Level(
        "district", level.ids[:-1], names[:-1], level.place[kept], level.group[kept], level.share[kept]
    )


def _townships(inputs: StageInputs) -> _Level | None:
    """Return the townships of the units table; ``None`` without any, or if they equal the districts."""
    city = inputs.city
    if "township" not in city.areas or not city.areas["township"].notna().any():
        return None
    names = city.areas["township"].reindex(city.units["area_id"]).reset_index(drop=True)
    townships = sorted(names.dropna().astype(str).unique())
    of_unit = positions(names, pd.Index(townships))
    pairs = pd.DataFrame({"township": of_unit, "district": city.units["district_id"].to_numpy()})
    pairs = pairs[pairs["township"] >= 0].drop_duplicates()
    if pairs["district"].notna().all() and pairs.apply(lambda column: column.is_unique).all():
        return None
    place, group, share = _by_unit(inputs, of_unit, count=len(townships))
    return _Level("township", townships, [*townships], place, group, share)


def _by_unit(inputs: StageInputs, of_unit: IntArray, *, count: int) -> tuple[IntArray, IntArray, FloatArray]:
    """Cut places by the group of each unit (−1 for none): place, group and share (× years) of each piece."""
    inside = of_unit >= 0
    kinds, piece = np.unique(inputs.of_unit[inside] * count + of_unit[inside], return_inverse=True)
    place, group = kinds // count, kinds % count
    demand = inputs.demand.pupils[inputs.stage].to_numpy(dtype=float)[inside]
    whole = inputs.parts.demand[place]
    units = np.bincount(inputs.of_unit, minlength=len(inputs.parts.demand))
    even = (np.bincount(piece, minlength=len(kinds)) / units[place])[:, None]
    even = np.broadcast_to(even, whole.shape).copy()
    wanted = sums(demand, piece.astype(np.int64), count=len(kinds))
    return place, group, np.divide(wanted, whole, out=even, where=whole > 0)


def _school_districts(inputs: StageInputs) -> _Level | None:
    """Return the 学区 that group catchments of the stage; ``None`` if there is none."""
    city = inputs.city
    if city.school_districts.empty or "school_district_id" not in city.catchments:
        return None
    named = city.catchments.loc[inputs.catchments, "school_district_id"]
    group = positions(named, city.school_districts.index)
    place = np.flatnonzero(group >= 0)
    used = np.unique(group[place])
    if not len(used):
        return None
    districts = city.school_districts.iloc[used]
    share = np.ones((len(place), len(city.years)))
    ids = [*map(str, districts.index)]
    return _Level(
        "school_district", ids, [*districts["name"]], place, np.searchsorted(used, group[place]), share
    )


def _city(inputs: StageInputs) -> _Level:
    count, years = inputs.parts.demand.shape
    return _Level(
        "city", [""], [inputs.city.name], np.arange(count), np.zeros(count, np.int64), np.ones((count, years))
    )
