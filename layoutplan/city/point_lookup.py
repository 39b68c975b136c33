"""Which polygon holds a point: one answer for every point, the same whatever the order of the rows."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


def polygon_of(points: gpd.GeoSeries, polygons: gpd.GeoSeries) -> pd.Series:
    """Return the label of the polygon that holds each point, ``None`` where none does.

    A point on a shared border, or in an overlap, belongs to the polygon of the smallest label (compared as
    text), so that neither the order of points nor that of polygons matters.

    Parameters
    ----------
    points, polygons
        In the same projected CRS; rows without a shape are held by, and hold, nothing.
    """
    ordered = polygons[polygons.notna()]
    ordered = ordered.iloc[np.argsort(ordered.index.astype(str), kind="stable")]
    found = np.full(len(points), None, dtype=object)
    if ordered.empty or points.empty:
        return pd.Series(found, index=points.index, dtype=object)
    tree = shapely.STRtree(points.to_numpy())  # of the points: a query prepares each polygon once
    polygon, point = tree.query(ordered.to_numpy(), predicate="intersects")
    first = np.full(len(points), len(ordered), dtype=np.int64)
    np.minimum.at(first, point, polygon)
    held = first < len(ordered)
    found[held] = ordered.index.to_numpy()[first[held]]
    return pd.Series(found, index=points.index, dtype=object)


def place_points(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return one point for every shape: a point as it is, for others a point surely in (or on) the shape."""
    points = shapes.to_numpy().copy()
    other = ~np.isin(shapely.get_type_id(points), (-1, 0))
    points[other] = shapely.point_on_surface(points[other])
    return gpd.GeoSeries(points, index=shapes.index, crs=shapes.crs)
