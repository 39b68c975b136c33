"""Point-in-polygon lookup with a unique result that does not depend on the order of rows."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

_SURFACE: Final = 2
_MILLIMETRE: Final = 1e-3


def polygon_of(points: gpd.GeoSeries, polygons: gpd.GeoSeries) -> pd.Series:
    """Return the label of the polygon that contains each point.

    A point on a shared border, or in an overlap, belongs to the polygon with the smallest label (compared as
    text), so that the order of points and polygons does not matter.

    Parameters
    ----------
    points, polygons
        In the same projected CRS; rows without geometry match nothing.

    Returns
    -------
    pandas.Series
        Labels on the index of ``points``; ``None`` where no polygon contains the point.
    """
    ordered = polygons[polygons.notna()]
    ordered = ordered.iloc[np.argsort(ordered.index.astype(str), kind="stable")]
    found = np.full(len(points), None, dtype=object)
    if ordered.empty or points.empty:
        return pd.Series(found, index=points.index, dtype=object)
    tree = shapely.STRtree(points.to_numpy())  # tree of the points: the query prepares each polygon once
    polygon, point = tree.query(ordered.to_numpy(), predicate="intersects")
    first = np.full(len(points), len(ordered), dtype=np.int64)
    np.minimum.at(first, point, polygon)
    held = first < len(ordered)
    found[held] = ordered.index.to_numpy()[first[held]]
    return pd.Series(found, index=points.index, dtype=object)


def place_points(shapes: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return a representative point for every geometry.

    Parameters
    ----------
    shapes
        Geometries in any CRS.

    Returns
    -------
    geopandas.GeoSeries
        Points unchanged; for others a point in (or on) the geometry. Same index and CRS.
    """
    points = shapes.to_numpy().copy()
    other = ~np.isin(shapely.get_type_id(points), (-1, 0))
    points[other] = inside_points(points[other])
    return gpd.GeoSeries(points, index=shapes.index, crs=shapes.crs)


def inside_points(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return a point inside each geometry; of a surface none in a spike or sliver that rounding has made.

    Overlays leave spikes of 1e-13 m along a border. The middle line of ``shapely.point_on_surface`` may cross
    the spike alone: the point of a piece would lie in its neighbour. Such a point is taken from the shape
    rounded to a millimetre.

    Parameters
    ----------
    shapes
        Geometries without missing ones, projected CRS in metres.

    Returns
    -------
    numpy.ndarray
        Points.
    """
    points = np.asarray(shapely.point_on_surface(shapes), dtype=object)
    surface = np.flatnonzero(shapely.get_dimensions(shapes) == _SURFACE)
    near = shapely.distance(points[surface], shapely.boundary(shapes[surface])) < _MILLIMETRE
    spiked = surface[near]
    rounded = shapely.set_precision(shapes[spiked], _MILLIMETRE)
    whole = ~shapely.is_empty(rounded)
    points[spiked[whole]] = shapely.point_on_surface(rounded[whole])
    return points
