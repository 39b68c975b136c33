"""The location of a project, and the district and catchments that contain a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from layoutplan.city.city import City


def project_location(row: Mapping[str, Any], city: City) -> Point | None:
    """Return a point within the project's own geometry, otherwise within that of its site.

    Parameters
    ----------
    row
        A row of table ``projects``.
    city
        The city, with table ``sites``.

    Returns
    -------
    Point or None
        In the city's CRS; ``None`` where neither has a geometry.
    """
    own = row.get("geometry")
    if isinstance(own, BaseGeometry) and not own.is_empty:
        return Point(own.representative_point())
    sites = city.tables["sites"]
    if isinstance(row["site_id"], str) and "geometry" in sites:
        found = sites.loc[(sites["site_id"] == row["site_id"]) & sites["geometry"].notna(), "geometry"]
        if len(found):
            return Point(found.iloc[0].representative_point())
    return None


def empty_rooms(city: City, row: Mapping[str, Any], *, school_id: str) -> tuple[float | None, float | None]:
    """Return the floor area and land that a project would reuse.

    Each is the project's own figure, otherwise that of its site, of an idle site that was the school before,
    or of the school, in this order.

    Parameters
    ----------
    city
        The city, with table ``sites``.
    row
        A row of table ``projects``.
    school_id
        The school whose rooms are reused; "" for none.

    Returns
    -------
    floor_area_m2, land_m2
        Square metres; ``None`` where unknown.
    """
    sites, schools = city.tables["sites"], city.schools
    sources = (
        pd.DataFrame([dict(row)]),
        sites[sites["site_id"] == row["site_id"]],
        sites[sites["former_school_id"] == school_id],
        schools[schools.index == school_id],
    )
    return _first(sources, ("floor_area_m2",)), _first(sources, ("site_area_m2", "area_m2"))


def _first(sources: Sequence[pd.DataFrame], columns: Sequence[str]) -> float | None:
    """Return the first known figure in the columns of the sources, in their order."""
    known = (
        float(frame[column].dropna().iloc[0])
        for frame in sources
        for column in columns
        if column in frame and frame[column].notna().any()
    )
    return next(known, None)


def district_at(point: BaseGeometry, city: City) -> str | None:
    """Return the first district that contains a point.

    Parameters
    ----------
    point
        In the city's CRS.
    city
        The city.

    Returns
    -------
    str or None
        ``district_id``; ``None`` outside all districts.
    """
    held = _holding(city.districts, point)
    return held[0] if held else None


def catchments_at(
    point: BaseGeometry, city: City, *, named: Sequence[str], stages: Sequence[str]
) -> pd.DataFrame:
    """Return the catchments that a school at a point serves.

    Of each stage these are the ``named`` ones; if none of the stage is named, the first catchment of the
    stage that contains the point.

    Parameters
    ----------
    point
        In the city's CRS.
    city
        The city.
    named
        Ids of catchments; unknown ids are ignored.
    stages
        Stages that the school teaches.

    Returns
    -------
    DataFrame
        Columns ``catchment_id`` and ``stage``.
    """
    catchments = city.catchments
    rows = []
    for stage in stages:
        of_stage = catchments[catchments["stage"] == stage]
        chosen = [name for name in named if name in of_stage.index] or _holding(of_stage, point)[:1]
        rows += [(catchment_id, stage) for catchment_id in chosen]
    return pd.DataFrame(rows, columns=["catchment_id", "stage"], dtype=object)


def _holding(polygons: gpd.GeoDataFrame, point: BaseGeometry) -> list[str]:
    """Return the ids of the polygons that contain a point or touch it, in their order."""
    if polygons.empty:
        return []
    return [str(name) for name in polygons.index[polygons.intersects(point).to_numpy()]]
