"""Areas that schools serve: catchments of primary and junior schools, and school districts (学区)."""

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
from layoutplan.synthetic.schooling import TownSchooling, children
from layoutplan.synthetic.terrain import CRS
from layoutplan.synthetic.town import Town

_HALVED_FROM: Final = 6  # number of primary catchments from which a township has two 学区


def union_by_owner(polygons: npt.NDArray[np.object_], owner: IntArray, *, count: int) -> list[BaseGeometry]:
    """Union polygons with shared vertices by owner.

    Parameters
    ----------
    polygons
        Polygons that form a valid coverage.
    owner
        Owner of each polygon, 0 to ``count - 1``.
    count
        Number of owners.

    Returns
    -------
    list of geometry
        One per owner.
    """
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(count + 1))
    return [shapely.coverage_union_all(polygons[order[low:high]]) for low, high in pairwise(bounds.tolist())]


def catchments_table(town: Town, schooling: TownSchooling, *, names: Names) -> gpd.GeoDataFrame:
    """Return table ``catchments``; those of each stage tile the city exactly, since blocks share vertices.

    Each primary catchment names the junior one in which most of its children live; one names none. A few
    boundaries are two years old.

    Parameters
    ----------
    town
        The town.
    schooling
        Schools and catchments.
    names
        Names of the schools.

    Returns
    -------
    GeoDataFrame
        EPSG:4547; the additional column ``district`` is the index of the district.
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
                    "name_en": [" / ".join(names.en[row] for row in rows) + " Catchment" for rows in members],
                    "school_ids": [";".join(schools["school_id"].iloc[rows]) for rows in members],
                    "district": town.district[block],
                    "published_year": np.where(old, BASE_YEAR - 2, BASE_YEAR),
                },
                geometry=union_by_owner(town.polygons, owner, count=len(members)),
                crs=CRS,
            )
        )
    parts[0]["feeds_catchment_ids"] = _feeders(town, schooling, parts[1]["catchment_id"].to_numpy())
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=CRS)


def _feeders(town: Town, schooling: TownSchooling, junior_ids: npt.NDArray[np.object_]) -> list[str | None]:
    """Return, per primary catchment, the junior one with most of its children; ``None`` for the last."""
    primary, junior = schooling.catchment_of["primary"], schooling.catchment_of["junior"]
    together = np.zeros((len(schooling.catchment_schools["primary"]), len(junior_ids)))
    np.add.at(together, (primary, junior), children(town, "primary"))
    fed: list[str | None] = [str(name) for name in junior_ids[together.argmax(axis=1)]]
    return [*fed[:-1], None] if len(fed) > 1 else fed


def school_districts_table(
    town: Town, schooling: TownSchooling, catchments: gpd.GeoDataFrame, *, districts: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Return the school districts (学区): the primary catchments of each township, halved if many.

    Parameters
    ----------
    town
        The town.
    schooling
        Schools and catchments.
    catchments
        From :func:`catchments_table`.
    districts
        Table ``districts`` of the townships.

    Returns
    -------
    GeoDataFrame
        Rows of table ``districts`` in EPSG:4547, with the additional column ``catchment_ids`` (a list).
    """
    primary = catchments[catchments["stage"] == "primary"].reset_index(drop=True)
    middle = shapely.get_x(primary.geometry.representative_point())
    owner = schooling.catchment_of["primary"]
    rows: list[dict[str, object]] = []
    for number, district in districts.iterrows():
        mine = np.flatnonzero((primary["district"] == number).to_numpy())
        mine = mine[np.argsort(middle[mine], kind="stable")]
        halves = np.array_split(mine, 2) if len(mine) >= _HALVED_FROM else [mine]
        for half, quarter, english in zip(halves, ("西", "东"), (" West", " East"), strict=False):
            if len(half):
                name = str(district["name"]).removesuffix("街道")
                name_en = str(district["name_en"]).removesuffix(" Subdistrict")
                rows.append(
                    {
                        "district_id": f"XQ{len(rows) + 1:02d}",
                        "name": f"{name}{quarter if len(halves) > 1 else ''}学区",
                        "name_en": f"{name_en}{english if len(halves) > 1 else ''} School District",
                        "kind": "school_district",
                        "parent_id": district["district_id"],
                        "responsible_unit": "区教育局",
                        "catchment_ids": [*primary["catchment_id"].iloc[half]],
                        "geometry": shapely.coverage_union_all(town.polygons[np.isin(owner, half)]),
                    }
                )
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry="geometry", crs=CRS)


def in_school_districts(catchments: gpd.GeoDataFrame, groups: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Assign every catchment to its school district; a junior one to that of most of its feeders.

    Parameters
    ----------
    catchments
        From :func:`catchments_table`.
    groups
        From :func:`school_districts_table`.

    Returns
    -------
    GeoDataFrame
        ``catchments`` with ``district_id`` in place of ``district``.
    """
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
