"""Geometry for a page: longitude and latitude in whole 1e-5 degrees, differences from point to point."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layoutplan.city.centre import unwrapped

_SCALE = 100_000
"""Steps a degree: about one metre."""
SIMPLIFY_TOLERANCE_M = 8.0
_NEAR_TURN = 174.0
"""Longitude beyond which a system may hold both sides of the 180th meridian: a zone beside it."""

Path = list[int]
"""A line or ring: ``[x0, y0, dx1, dy1, …]`` in steps."""
Shape = list[list[Path]]
"""A polygon: its parts, each its rings, the outer one first."""


def encode_lines(lines: gpd.GeoSeries, *, tolerance_m: float) -> list[list[Path]]:
    """Return the parts of each line, simplified.

    Each part is simplified on its own: simplified as one shape, a city's streets would be compared with each
    other.

    Parameters
    ----------
    lines
        Lines in a projected CRS, metres.
    tolerance_m
        Tolerance of the simplification, metres.

    Returns
    -------
    list[list[Path]]
        For each line its paths, WGS 84 longitude and latitude in steps; empty for an empty line.
    """
    parts, owner = shapely.get_parts(lines.to_numpy(), return_index=True)
    simple = shapely.simplify(parts, tolerance_m, preserve_topology=False)
    located = _degrees(gpd.GeoSeries(simple, crs=lines.crs))
    found: list[list[Path]] = [[] for _ in range(len(lines))]
    for line, path in zip(owner, _paths(located), strict=True):
        if path:
            found[line].append(path)
    return found


def encode_coverage(polygons: gpd.GeoSeries, *, tolerance_m: float = SIMPLIFY_TOLERANCE_M) -> list[Shape]:
    """Return polygons simplified together, so that shared edges stay shared and no gap opens.

    Polygons that do not form a coverage (they overlap) are simplified all the same, edge by edge.

    Parameters
    ----------
    polygons
        Polygons in a projected CRS, metres.
    tolerance_m
        Tolerance of the simplification, metres.

    Returns
    -------
    list[Shape]
        As :func:`encode_polygons`.
    """
    plain = shapely.force_2d(polygons.to_numpy())
    simple = shapely.coverage_simplify(plain, tolerance_m) if len(plain) else plain
    return encode_polygons(gpd.GeoSeries(simple, crs=polygons.crs))


def encode_polygons(polygons: gpd.GeoSeries) -> list[Shape]:
    """Return each polygon, without simplification, as a list of parts, each a list of rings.

    Parameters
    ----------
    polygons
        Polygons with a CRS.

    Returns
    -------
    list[Shape]
        For each polygon its rings, WGS 84 longitude and latitude in steps.
    """
    located = _degrees(polygons)
    parts, owner = shapely.get_parts(located, return_index=True)
    areas = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    rings, part = shapely.get_rings(parts[areas], return_index=True)
    drawn: list[list[Path]] = [[] for _ in range(int(areas.sum()))]
    for number, path in zip(part, _paths(rings), strict=True):
        drawn[number].append(path)
    found: list[Shape] = [[] for _ in range(len(located))]
    for shape, outline in zip(owner[areas], drawn, strict=True):
        if outline:
            found[shape].append(outline)
    return found


def encode_points(points: gpd.GeoSeries) -> list[Path]:
    """Return each point as ``[x, y]`` in steps.

    Parameters
    ----------
    points
        Points with a CRS.

    Returns
    -------
    list[Path]
        WGS 84 longitude and latitude in steps; an empty list for a missing point.
    """
    return _paths(_degrees(points))


def label_points(polygons: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return the centre of the largest inscribed circle of each polygon: where a label has room.

    Parameters
    ----------
    polygons
        Polygons in a projected CRS, metres; the circle is found to 10 m.

    Returns
    -------
    gGeoSeries
        Points in the same CRS, on the same index.
    """
    circles = shapely.maximum_inscribed_circle(shapely.force_2d(polygons.to_numpy()), tolerance=10.0)
    return gpd.GeoSeries(shapely.get_point(circles, 0), index=polygons.index, crs=polygons.crs)


def _degrees(shapes: gpd.GeoSeries) -> npt.NDArray[np.object_]:
    """Return geometries in WGS 84 degrees; across the 180th meridian longitudes run on beyond 180."""
    located: npt.NDArray[np.object_] = shapes.to_crs("EPSG:4326").to_numpy()
    area = shapes.crs.area_of_use
    if area is None or max(abs(area.west), abs(area.east)) < _NEAR_TURN:
        return located
    middle = (area.west + area.east) / 2
    return np.asarray(
        shapely.transform(located, lambda xy: np.column_stack([unwrapped(xy[:, 0], middle), xy[:, 1]])),
        dtype=object,
    )


def _paths(lines: npt.NDArray[np.object_]) -> list[Path]:
    """Return every line, ring or point (longitude, latitude) as a path; an empty or missing one as ``[]``."""
    points, owner = shapely.get_coordinates(lines, return_index=True)
    steps = np.round(points * _SCALE).astype(np.int64)
    first = np.diff(owner, prepend=-1) != 0
    kept = first.copy()
    kept[1:] |= np.any(np.diff(steps, axis=0) != 0, axis=1)
    steps, owner, first = steps[kept], owner[kept], first[kept]
    deltas = np.diff(steps, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    deltas[first] = steps[first]
    starts = np.flatnonzero(first)
    paths: list[Path] = [[] for _ in range(len(lines))]
    for line, part in zip(owner[starts], np.split(deltas.ravel(), 2 * starts[1:]), strict=False):
        paths[line] = part.tolist()
    return paths
