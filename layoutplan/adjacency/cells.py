"""Cells of units: polygons that tile the study area, one for each unit.

A unit that is alone in its area has the area itself. Several units of an area divide it by a Voronoi
diagram of their points. Ground in no area (streets, water, fields) goes to the unit whose area, or point, is
nearest: the diagram is then that of points along the outlines of the areas (Fleischmann et al. 2020,
morphological tessellation, https://doi.org/10.1016/j.compenvurbsys.2019.101441).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layoutplan.arrays import BoolArray, FloatArray, IntArray, ObjectArray
from layoutplan.city.city import City

_MOST_SEEDS: Final = 400_000
_STEPS_A_SIDE: Final = 8  # seeds along one side of a typical area
_SPACING_M: Final = (5.0, 60.0)
_SURFACE: Final = 2
_COVERED: Final = 1e-6  # share of the frame without an area that is left to rounding
_AROUND_M: Final = 300.0
_GRID_M: Final = 0.001  # coordinates are rounded to this, so that neighbours share their vertices


def unit_cells(city: City) -> gpd.GeoSeries:
    """Return the cell of every unit.

    Parameters
    ----------
    city
        Units, the areas they lie in, and the outlines that frame them: catchments and districts; without
        them the convex hull of units and areas, widened by 300 m.

    Returns
    -------
    GeoSeries
        Polygons, index ``unit_id``, in the order of ``city.units``. No two of them overlap, and together they
        cover the frame and every area. The cell of a unit at exactly the place of an earlier one is empty.
    """
    units = city.units
    points = np.asarray(units.geometry.array, dtype=object)
    first = _first_at_place(points)
    cells = np.full(len(units), shapely.Polygon(), dtype=object)
    if len(first):
        shapes, single = _own_shapes(city, first)
        frame = _frame(city, shapes)
        cells[first] = _grown(shapes, points[first], frame=frame, single=single)
    return gpd.GeoSeries(cells, index=units.index, crs=city.crs)


def _first_at_place(points: ObjectArray) -> IntArray:
    """Return the first unit at each place."""
    _, first = np.unique(np.round(shapely.get_coordinates(points), 2), axis=0, return_index=True)
    return np.sort(first).astype(np.int64)


def _own_shapes(city: City, chosen: IntArray) -> tuple[ObjectArray, BoolArray]:
    """Return the part of its area that belongs to each chosen unit (empty for areas that are points).

    The second array tells which units are alone in an area that overlaps no other.
    """
    held = city.units["area_id"].iloc[chosen]
    at = city.areas.index.get_indexer(held)
    areas = _disjoint(np.asarray(city.areas.geometry.array, dtype=object))
    shapes = np.full(len(chosen), shapely.Polygon(), dtype=object)
    inside = (at >= 0) & (shapely.get_dimensions(areas[at]) == _SURFACE)
    count = np.bincount(at[inside], minlength=len(areas))
    alone = np.zeros(len(chosen), dtype=bool)
    alone[inside] = count[at[inside]] == 1
    shapes[alone] = areas[at[alone]]
    points = np.asarray(city.units.geometry.array, dtype=object)[chosen]
    for area in np.flatnonzero(count > 1):
        members = np.flatnonzero(inside & (at == area))
        parts = shapely.intersection(_voronoi(points[members], areas[area]), areas[area])
        shapes[members] = [_surface(part) for part in parts]
    return shapes, alone


def _disjoint(areas: ObjectArray) -> ObjectArray:
    """Return the areas without what they share with an earlier one; other geometries unchanged."""
    found = areas.copy()
    surfaces = np.flatnonzero(shapely.get_dimensions(areas) == _SURFACE)
    tree = shapely.STRtree(areas[surfaces])
    one, other = tree.query(areas[surfaces], predicate="intersects")
    later = one > other
    one, other = surfaces[one[later]], surfaces[other[later]]
    common = shapely.area(shapely.intersection(areas[one], areas[other]))
    for place, earlier in zip(one[common > 0], other[common > 0], strict=True):
        found[place] = _surface(shapely.difference(found[place], areas[earlier]))
    return found


def _frame(city: City, shapes: ObjectArray) -> shapely.Geometry:
    outlines = [np.asarray(frame.geometry.array, dtype=object) for frame in (city.catchments, city.districts)]
    drawn = np.concatenate(outlines)
    if len(drawn):
        return shapely.union_all(drawn)
    places = np.concatenate([shapes, np.asarray(city.units.geometry.array, dtype=object)])
    return shapely.buffer(shapely.convex_hull(shapely.union_all(places)), _AROUND_M)


def _grown(
    shapes: ObjectArray, points: ObjectArray, *, frame: shapely.Geometry, single: BoolArray
) -> ObjectArray:
    """Give the ground of the frame that is in no shape to the nearest one."""
    if single.all():
        covered = shapely.area(shapely.intersection(shapely.union_all(shapes), frame))
        if shapely.area(frame) - covered <= _COVERED * shapely.area(frame):
            return shapes
    seeds, owner = _seeds(shapes, points)
    diagram = _voronoi(seeds, frame)
    order = np.argsort(owner, kind="stable")
    ends = np.searchsorted(owner[order], np.arange(len(shapes) + 1))
    regions = np.array(
        [_joined(diagram[order[low:high]]) for low, high in pairwise(ends)],
        dtype=object,
    )
    shapely.prepare(frame)
    over = ~shapely.contains(frame, regions)
    regions[over] = shapely.intersection(regions[over], frame)
    return _around(regions, shapes)


def _joined(cells: ObjectArray) -> shapely.Geometry:
    """Return the union of Voronoi cells; those that GEOS had to mend no longer meet at nodes."""
    try:
        return shapely.coverage_union_all(cells)
    except shapely.errors.GEOSException:
        return shapely.union_all(cells)


def _around(regions: ObjectArray, shapes: ObjectArray) -> ObjectArray:
    """Return each region without the shapes of others, joined with its own shape."""
    known = np.flatnonzero(~shapely.is_empty(shapes))
    region, other = shapely.STRtree(shapes[known]).query(regions, predicate="intersects")
    other = known[other]
    foreign = region != other
    region, other = region[foreign], other[foreign]
    order = np.argsort(region, kind="stable")
    ends = np.searchsorted(region[order], np.arange(len(regions) + 1))
    cells = regions.copy()
    for place, (low, high) in enumerate(pairwise(ends)):
        if low < high:
            taken = shapely.union_all(shapes[other[order[low:high]]])
            cells[place] = shapely.difference(cells[place], taken)
    joined = shapely.union(cells, shapes, grid_size=_GRID_M)
    return np.array([_surface(cell) for cell in joined], dtype=object)


def _seeds(shapes: ObjectArray, points: ObjectArray) -> tuple[ObjectArray, IntArray]:
    """Return distinct points along the outlines, or the unit's point without one, and whose they are."""
    has = ~shapely.is_empty(shapes)
    length = shapely.length(shapes[has])
    typical = float(np.median(np.sqrt(shapely.area(shapes[has])))) if has.any() else 0.0
    spacing = float(np.clip(typical / _STEPS_A_SIDE, *_SPACING_M))
    spacing = max(spacing, float(length.sum()) / _MOST_SEEDS)
    lines = shapely.segmentize(shapely.boundary(shapes[has]), spacing)
    xy, place = shapely.get_coordinates(lines, return_index=True)
    owner = np.concatenate([np.flatnonzero(has)[place], np.flatnonzero(~has)])
    every: FloatArray = np.concatenate([xy, shapely.get_coordinates(points[~has])])
    _, first = np.unique(np.round(every, 2), axis=0, return_index=True)
    first.sort()
    return np.asarray(shapely.points(every[first]), dtype=object), owner[first].astype(np.int64)


def _voronoi(points: npt.NDArray[np.object_], extent: shapely.Geometry) -> ObjectArray:
    """Return the Voronoi cell of each of some distinct points, in their order."""
    if len(points) == 1:
        return np.array([shapely.envelope(shapely.union(extent, points[0]))], dtype=object)
    parts = shapely.voronoi_polygons(shapely.multipoints(points), extend_to=extent, ordered=True)
    cells = np.asarray(shapely.get_parts(parts), dtype=object)
    # Of points on a regular lattice GEOS may return a cell that crosses itself, or one with a line beside it.
    odd = (shapely.get_type_id(cells) != shapely.GeometryType.POLYGON) | ~shapely.is_valid(cells)
    cells[odd] = [_surface(cell) for cell in shapely.make_valid(cells[odd])]
    return cells


def _surface(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the surfaces of a geometry: intersections also give lines and points where borders touch."""
    if shapely.get_type_id(shape) in {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON}:
        return shape
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == _SURFACE])
