"""Checks of a partition: no gap, no overlap, every part connected (划片无缝、不重叠、连片)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from layoutplan.city.city import City


def plan_ground(city: City) -> BaseGeometry | None:
    """Return the area that the catchments must cover: all districts, else all units drawn as areas.

    Parameters
    ----------
    city
        The checked tables.

    Returns
    -------
    BaseGeometry | None
        Union of the polygons, in the working CRS; ``None`` where there are neither, since nothing then states
        the extent of the plan.
    """
    for shapes in (city.districts.geometry, city.areas.geometry):
        polygons = shapes[shapes.geom_type.isin(["Polygon", "MultiPolygon"])]
        if len(polygons):
            return shapely.union_all(polygons.to_numpy())
    return None


def gap_m2(ground: BaseGeometry, covered: BaseGeometry, *, sliver_m2: float) -> float:
    """Return the uncovered area of the ground; pieces up to ``sliver_m2`` do not count.

    Parameters
    ----------
    ground
        Area to cover, in a projected CRS in metres.
    covered
        Union of what covers it, same CRS.
    sliver_m2
        Largest piece, m², that is attributed to the rounding of borders.

    Returns
    -------
    float
        m².

    Examples
    --------
    >>> from shapely.geometry import box
    >>> gap_m2(box(0, 0, 100, 100), box(0, 0, 100, 98), sliver_m2=100)
    200.0
    >>> gap_m2(box(0, 0, 100, 100), box(0, 0, 100, 99.5), sliver_m2=100)
    0.0
    """
    return _large(shapely.difference(ground, covered), sliver_m2)


def overlaps(shapes: gpd.GeoSeries, *, sliver_m2: float) -> pd.DataFrame:
    """Return the pairs of polygons that overlap by more than ``sliver_m2``.

    Parameters
    ----------
    shapes
        Polygons in a projected CRS in metres; index labels.
    sliver_m2
        Largest overlap, m², that is attributed to the rounding of borders.

    Returns
    -------
    DataFrame
        Columns ``one``, ``other`` (labels, in the order of ``shapes``) and ``area_m2``.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> overlaps(gpd.GeoSeries({"A": box(0, 0, 60, 100), "B": box(50, 0, 100, 100)}), sliver_m2=100)
      one other  area_m2
    0   A     B   1000.0
    """
    geometry = shapes.to_numpy()
    one, other = shapely.STRtree(geometry).query(geometry, predicate="intersects")
    one, other = one[one < other], other[one < other]
    area = shapely.area(shapely.intersection(geometry[one], geometry[other]))
    large = np.flatnonzero(area > sliver_m2)
    large = large[np.lexsort((other[large], one[large]))]
    return pd.DataFrame(
        {"one": shapes.index[one[large]], "other": shapes.index[other[large]], "area_m2": area[large]}
    )


def pieces(shapes: gpd.GeoSeries, *, sliver_m2: float) -> pd.Series[int]:
    """Return the number of pieces larger than ``sliver_m2`` of each shape, at least 1.

    Parameters
    ----------
    shapes
        Polygons in a projected CRS in metres.
    sliver_m2
        Largest piece, m², that does not count.

    Returns
    -------
    Series[int]
        On the index of ``shapes``.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> far = box(0, 0, 50, 50).union(box(70, 0, 99, 50))
    >>> pieces(gpd.GeoSeries({"A": far, "B": box(0, 60, 99, 99)}), sliver_m2=100).to_dict()
    {'A': 2, 'B': 1}
    """
    parts, place = shapely.get_parts(shapes.to_numpy(), return_index=True)
    count = np.bincount(place[shapely.area(parts) > sliver_m2], minlength=len(shapes))
    return pd.Series(np.maximum(count, 1), index=shapes.index, dtype=int)


def _large(shape: BaseGeometry, sliver_m2: float) -> float:
    area = shapely.area(shapely.get_parts(shape))
    return float(area[area > sliver_m2].sum())
