"""Geometry for a page: longitude and latitude in whole 1e-5 degrees, differences from point to point."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

_SCALE = 100_000
"""Steps a degree: about one metre."""
TOLERANCE_M = 8.0

Path = list[int]
"""A line or ring: ``[x0, y0, dx1, dy1, …]`` in steps."""
Shape = list[list[Path]]
"""A polygon: its parts, each its rings, the outer one first."""


def encode_lines(lines: gpd.GeoSeries, *, tolerance_m: float) -> list[list[Path]]:
    """Return the parts of each line, simplified by ``tolerance_m`` (metres, in the layer's own CRS)."""
    simple = gpd.GeoSeries(lines.simplify(tolerance_m), crs=lines.crs).to_crs("EPSG:4326")
    return [[_path(shapely.get_coordinates(part)) for part in _parts(line)] for line in simple]


def encode_coverage(polygons: gpd.GeoSeries, *, tolerance_m: float = TOLERANCE_M) -> list[Shape]:
    """Return each polygon as a list of parts, each a list of rings.

    Neighbours are simplified together, so that a shared edge stays shared and no gap opens. Polygons that do
    not form a coverage (they overlap) are simplified all the same, edge by edge.
    """
    plain = shapely.force_2d(polygons.to_numpy())
    simple = shapely.coverage_simplify(plain, tolerance_m) if len(plain) else plain
    located = gpd.GeoSeries(simple, crs=polygons.crs).to_crs("EPSG:4326")
    return [_polygon(shape) for shape in located]


def encode_points(points: gpd.GeoSeries) -> list[Path]:
    """Return each point as ``[x, y]`` in steps; a missing point as an empty list."""
    located = points.to_crs("EPSG:4326")
    return [
        [] if point is None or point.is_empty else _path(shapely.get_coordinates(point)) for point in located
    ]


def label_points(polygons: gpd.GeoSeries) -> gpd.GeoSeries:
    """Return the point of each polygon farthest from its edge: where a label has room."""
    circles = shapely.maximum_inscribed_circle(shapely.force_2d(polygons.to_numpy()), tolerance=10.0)
    return gpd.GeoSeries(shapely.get_point(circles, 0), index=polygons.index, crs=polygons.crs)


def soft_outlines(polygons: gpd.GeoSeries, *, reach_m: float) -> gpd.GeoSeries:
    """Return calm outlines around ragged polygons, for drawing alone: gaps up to twice ``reach_m`` closed.

    The outline holds every polygon; corners are round and holes filled.
    """
    grown = polygons.buffer(reach_m, quad_segs=4).buffer(-0.85 * reach_m, quad_segs=4)
    filled = [
        shapely.union_all([shapely.Polygon(shapely.get_exterior_ring(part)) for part in _parts(shape)])
        for shape in grown
    ]
    return gpd.GeoSeries(filled, index=polygons.index, crs=polygons.crs).simplify(reach_m / 12)


def _polygon(shape: shapely.Geometry | None) -> Shape:
    return [
        [_path(shapely.get_coordinates(ring)) for ring in (part.exterior, *part.interiors)]
        for part in _parts(shape)
        if isinstance(part, shapely.Polygon)
    ]


def _parts(shape: shapely.Geometry | None) -> list[shapely.Geometry]:
    return [] if shape is None else [part for part in shapely.get_parts([shape]) if not part.is_empty]


def _path(coordinates: npt.NDArray[np.float64]) -> Path:
    steps = np.round(coordinates * _SCALE).astype(np.int64)
    moved = np.concatenate([[True], np.any(np.diff(steps, axis=0) != 0, axis=1)])
    kept = steps[moved]
    deltas = np.concatenate([kept[:1], np.diff(kept, axis=0)])
    path: Path = deltas.ravel().tolist()
    return path
