"""Areas that schools serve: catchments of primary and junior schools, and the 学区 that group them."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from layoutplan.arrays import IntArray
from layoutplan.synthetic.names import Names
from layoutplan.synthetic.records import BASE_YEAR
from layoutplan.synthetic.schooling import Schooling, children
from layoutplan.synthetic.terrain import CRS
from layoutplan.synthetic.town import Town

_HALVED_FROM: Final = 6  # primary catchments of a township that make two 学区


def united(polygons: npt.NDArray[np.object_], owner: IntArray, *, count: int) -> list[BaseGeometry]:
    """Unite polygons that share vertices exactly, by owner."""
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(count + 1))
    return [shapely.coverage_union_all(polygons[order[low:high]]) for low, high in pairwise(bounds.tolist())]


def catchments_table(town: Town, schooling: Schooling, *, names: Names) -> gpd.GeoDataFrame:
    """Return table ``catchments``; each stage's tile the city exactly: blocks share vertices.

    ``district`` is the position of the district of each. Primary catchments name the junior one that most of
    their children live in; one of them names none, and the boundaries of a few are two years old.
    """
    schools = schooling.schools
    parts = []
    for stage, members in schooling.catchment_schools.items():
        owner = schooling.catchment_of[stage]
        width = 3 if len(members) > 99 else 2  # noqa: PLR2004
        block = schools["block"].to_numpy()[[rows[0] for rows in members]]
        old = np.arange(len(members)) % 11 == 7  # noqa: PLR2004
        parts.append(
            gpd.GeoDataFrame(
                {
                    "catchment_id": [f"C{stage[0].upper()}{n + 1:0{width}d}" for n in range(len(members))],
                    "stage": stage,
                    "name": [_catchment_name([names.zh[row] for row in rows]) for rows in members],
                    "school_ids": [";".join(schools["school_id"].iloc[rows]) for rows in members],
                    "district": town.district[block],
                    "published_year": np.where(old, BASE_YEAR - 2, BASE_YEAR),
                },
                geometry=united(town.polygons, owner, count=len(members)),
                crs=CRS,
            )
        )
    parts[0]["feeds_catchment_ids"] = _feeders(town, schooling, parts[1]["catchment_id"].to_numpy())
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=CRS)


def _feeders(town: Town, schooling: Schooling, junior_ids: npt.NDArray[np.object_]) -> list[str | None]:
    """Return the junior catchment of most children of each primary catchment; nothing for the last."""
    primary, junior = schooling.catchment_of["primary"], schooling.catchment_of["junior"]
    together = np.zeros((len(schooling.catchment_schools["primary"]), len(junior_ids)))
    np.add.at(together, (primary, junior), children(town, "primary"))
    fed: list[str | None] = [str(name) for name in junior_ids[together.argmax(axis=1)]]
    return [*fed[:-1], None] if len(fed) > 1 else fed


def school_districts_table(
    town: Town, schooling: Schooling, catchments: gpd.GeoDataFrame, *, districts: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the 学区: the primary catchments of each township, halved east and west where there are many.

    Column ``catchment_ids`` (a list) goes beside those of table ``districts``.
    """
    primary = catchments[catchments["stage"] == "primary"].reset_index(drop=True)
    middle = shapely.get_x(primary.geometry.representative_point())
    owner = schooling.catchment_of["primary"]
    rows: list[dict[str, object]] = []
    for number, district in districts.iterrows():
        mine = np.flatnonzero((primary["district"] == number).to_numpy())
        mine = mine[np.argsort(middle[mine], kind="stable")]
        halves = np.array_split(mine, 2) if len(mine) >= _HALVED_FROM else [mine]
        for half, quarter in zip(halves, ("西", "东"), strict=False):
            if len(half):
                name = str(district["name"]).removesuffix("街道")
                rows.append(
                    {
                        "district_id": f"XQ{len(rows) + 1:02d}",
                        "name": f"{name}{quarter if len(halves) > 1 else ''}学区",
                        "kind": "school_district",
                        "parent_id": district["district_id"],
                        "responsible_unit": "区教育局",
                        "catchment_ids": [*primary["catchment_id"].iloc[half]],
                        "geometry": shapely.coverage_union_all(town.polygons[np.isin(owner, half)]),
                    }
                )
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=CRS)


def in_school_districts(catchments: gpd.GeoDataFrame, groups: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Put every catchment into the 学区 that holds it, a junior one into that of most of its feeders."""
    of_primary = {
        catchment: str(group)
        for group, members in zip(groups["district_id"], groups["catchment_ids"], strict=True)
        for catchment in members
    }
    feeds = catchments["feeds_catchment_ids"]
    fed_from = catchments["catchment_id"].map(of_primary).groupby(feeds).agg(lambda ids: ids.mode()[0])
    named = catchments["catchment_id"].map(of_primary)
    return catchments.assign(district_id=named.fillna(catchments["catchment_id"].map(fed_from))).drop(
        columns="district"
    )


def _catchment_name(schools: list[str]) -> str:
    return "、".join(schools) + ("（多校划片）" if len(schools) > 1 else "片区")
