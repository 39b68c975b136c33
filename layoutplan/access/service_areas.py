"""Service areas along the streets: polygons of the land within a given walk of each school."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layoutplan.access.reached import Reached, reached_streets, street_lines
from layoutplan.travel.distinct import distinct
from layoutplan.travel.network import Network
from layoutplan.travel.snapping import Snaps, snap_points

HOLE_M2: Final = 40_000.0
"""Largest hole that is filled, m²: the inside of a city block, 200 m × 200 m; a lake is larger."""

SIMPLE_M: Final = 2.0
"""Tolerance for simplifying outlines, metres: far below the width of a street."""

_CORNERS: Final = 2  # segments per quarter circle at the end of a street
_ROUND: Final = 32  # segments per quarter circle of the straight-line limit

Geometries = npt.NDArray[np.object_]


def service_areas(
    schools: gpd.GeoSeries,
    network: Network | None,
    *,
    radius_m: float,
    street_side_m: float = 50.0,
    snap_limit_m: float = 500.0,
    detour_factor: float = 1.3,
) -> gpd.GeoSeries:
    """Return, for each school, the area within ``radius_m`` walking metres along the streets.

    The area is the union of the reached street parts (cut where the walk ends) buffered by ``street_side_m``,
    with holes up to the size of a city block filled. It is a single valid polygon within the circle of radius
    ``radius_m``; if the union has several parts, the largest is kept. Without a network the result is the
    circle of radius ``radius_m / detour_factor``.

    Parameters
    ----------
    schools
        Points in the network's CRS (metres); their index holds the ids.
    network
        Street network, or ``None`` for straight-line distances.
    radius_m
        Longest walk, metres.
    street_side_m
        Buffer on either side of a reached street, metres.
    snap_limit_m
        Longest straight line from a school to a street, metres.
    detour_factor
        Walking metres per straight-line metre; used without a network only.

    Returns
    -------
    geopandas.GeoSeries
        Polygons on the schools' index; ``None`` for a school that has no geometry or no street within the
        snap limit.

    Raises
    ------
    ValueError
        If a geometry is not a point.
    """
    points = np.asarray(schools.array)
    if network is None:
        circles = shapely.buffer(points, radius_m / detour_factor, quad_segs=_ROUND)
        circles[shapely.is_missing(points) | shapely.is_empty(points)] = None
        return gpd.GeoSeries(circles, index=schools.index, crs=schools.crs)
    starts = snap_points(schools, network, limit_m=snap_limit_m)
    reached = reached_streets(network, starts, limit_m=radius_m)
    which, parts = _street_parts(network, starts, reached)
    found, shapes = _widened(which, parts, side_m=street_side_m)
    circles = shapely.buffer(points[found], radius_m, quad_segs=_ROUND)
    areas = np.full(len(points), None, dtype=object)
    areas[found] = _clean(shapes, circles)
    return gpd.GeoSeries(areas, index=schools.index, crs=schools.crs)


def _street_parts(
    network: Network, starts: Snaps, reached: Reached
) -> tuple[npt.NDArray[np.int64], Geometries]:
    """Return the reached street parts and the line from each school to its street, ordered by school."""
    some = distinct(reached.start)
    feet = shapely.line_interpolate_point(network.edges[starts.edge[some]], starts.along_m[some, 0])
    ways = shapely.linestrings(np.stack([starts.xy[some], shapely.get_coordinates(feet)], axis=1))
    which = np.concatenate([reached.start, some])
    order = np.argsort(which, kind="stable")
    return which[order], np.concatenate([street_lines(network, reached), ways])[order]


def _widened(
    which: npt.NDArray[np.int64], parts: Geometries, *, side_m: float
) -> tuple[npt.NDArray[np.int64], Geometries]:
    """Return the schools that have street parts, and the buffered union of the parts of each.

    Runs in threads, because GEOS releases the interpreter lock.
    """
    found, first = np.unique(which, return_index=True)
    shapes = np.full(len(found), None, dtype=object)
    with ThreadPoolExecutor() as pool:
        shapes[:] = list(pool.map(partial(_widen, side_m=side_m), np.split(parts, first[1:])))
    return found, shapes


def _widen(streets: Geometries, *, side_m: float) -> shapely.Geometry:
    return shapely.union_all(shapely.buffer(streets, side_m, quad_segs=_CORNERS))


def _clean(shapes: Geometries, circles: Geometries) -> Geometries:
    """Fill small holes, clip to the circles, simplify, and keep the largest polygon of each shape."""
    inside = shapely.intersection(_filled(_largest(shapes)), circles)
    return _largest(shapely.make_valid(shapely.simplify(_largest(inside), SIMPLE_M)))


def _filled(polygons: Geometries) -> Geometries:
    """Return the polygons without holes of up to ``HOLE_M2``."""
    rings, owner = shapely.get_rings(polygons, return_index=True)
    shell = np.diff(owner, prepend=-1) > 0
    kept = shell | (shapely.area(shapely.polygons(rings)) > HOLE_M2)
    return np.asarray(shapely.polygons(rings[kept], indices=owner[kept]))


def _largest(shapes: Geometries) -> Geometries:
    """Return the largest polygon of each shape; the first in a tie."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    order = np.lexsort((-shapely.area(parts), owner))
    return np.asarray(parts[order[np.flatnonzero(np.diff(owner[order], prepend=-1))]])
