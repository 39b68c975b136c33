"""What lies within a walk of each school: street service areas as clean polygons."""

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
"""A hole no larger than this is the inside of a city block (200 m square) and is filled; a lake is not."""

SIMPLE_M: Final = 2.0
"""Outlines are drawn to this, metres: far below the width of a street."""

_CORNERS: Final = 2  # of a quarter circle round a street's end
_ROUND: Final = 32  # of a quarter circle of the straight-line limit

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
    """Return for each school the area within ``radius_m`` walking metres along the streets.

    The stretches of street reached, cut where the walk ends, and the land within ``street_side_m`` on either
    side of them; insides of blocks are filled. The area is one valid polygon inside the circle of that
    radius. Without a network it is the circle of ``radius_m / detour_factor``.

    Parameters
    ----------
    schools
        Points in the network's CRS; their index is the ids.
    network
        Streets, or ``None`` for straight lines.
    radius_m
        Longest walk, metres.
    street_side_m
        How far from a street reached the area goes, metres.
    snap_limit_m
        Longest straight line from a school to a street, metres.
    detour_factor
        Walking metres per metre of straight line; used without a network only.

    Returns
    -------
    geopandas.GeoSeries
        Polygons on the schools' index; ``None`` for a school that is missing or without a street.

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
    """Return the streets reached, and the way from each school to its street, ordered by school."""
    some = distinct(reached.start)
    feet = shapely.line_interpolate_point(network.edges[starts.edge[some]], starts.along_m[some, 0])
    ways = shapely.linestrings(np.stack([starts.xy[some], shapely.get_coordinates(feet)], axis=1))
    which = np.concatenate([reached.start, some])
    order = np.argsort(which, kind="stable")
    return which[order], np.concatenate([street_lines(network, reached), ways])[order]


def _widened(
    which: npt.NDArray[np.int64], parts: Geometries, *, side_m: float
) -> tuple[npt.NDArray[np.int64], Geometries]:
    """Return each school that has parts, and the union of them and of the land beside them.

    Schools are shared out over the cores: GEOS lets other threads work meanwhile.
    """
    found, first = np.unique(which, return_index=True)
    shapes = np.full(len(found), None, dtype=object)
    with ThreadPoolExecutor() as pool:
        shapes[:] = list(pool.map(partial(_widen, side_m=side_m), np.split(parts, first[1:])))
    return found, shapes


def _widen(streets: Geometries, *, side_m: float) -> shapely.Geometry:
    return shapely.union_all(shapely.buffer(streets, side_m, quad_segs=_CORNERS))


def _clean(shapes: Geometries, circles: Geometries) -> Geometries:
    """Return shapes without small holes, inside their circles, simple, each its largest polygon."""
    inside = shapely.intersection(_filled(_largest(shapes)), circles)
    return _largest(shapely.make_valid(shapely.simplify(_largest(inside), SIMPLE_M)))


def _filled(polygons: Geometries) -> Geometries:
    """Return polygons without holes up to ``HOLE_M2``."""
    rings, owner = shapely.get_rings(polygons, return_index=True)
    shell = np.diff(owner, prepend=-1) > 0
    kept = shell | (shapely.area(shapely.polygons(rings)) > HOLE_M2)
    return np.asarray(shapely.polygons(rings[kept], indices=owner[kept]))


def _largest(shapes: Geometries) -> Geometries:
    """Return the largest polygon of each shape; of equals the first."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    order = np.lexsort((-shapely.area(parts), owner))
    return np.asarray(parts[order[np.flatnonzero(np.diff(owner[order], prepend=-1))]])
