"""Shared borders of cells, and which of them a barrier bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from layoutplan.arrays import BoolArray, FloatArray, IntArray, ObjectArray
from layoutplan.travel.barriers import PHYSICAL, TRUNK

_TOUCH_M: Final = 0.1  # cells within this distance share a border: their outlines are rounded
_LEAST_BORDER_M: Final = 2.0  # a shorter border is a corner
_SAMPLES: Final = (0.2, 0.5, 0.8)
_CROSSING: Final = "crossing"


@dataclass(frozen=True)
class Borders:
    """Pairs of cells with a common border.

    Attributes
    ----------
    pairs
        Positions of the two cells, the smaller first, sorted; shape (pairs, 2).
    lines
        The common border of each pair.
    metres
        Its length.
    """

    pairs: IntArray
    lines: ObjectArray
    metres: FloatArray


def shared_borders(cells: gpd.GeoSeries) -> Borders:
    """Return the pairs of cells that have a border in common, not only a corner.

    Parameters
    ----------
    cells
        Polygons that tile, projected CRS in metres.

    Returns
    -------
    Borders
        Borders of 2 m or more.
    """
    shapes = np.asarray(cells.array, dtype=object)
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=_TOUCH_M)
    first = one < other
    pairs = np.stack([one[first], other[first]], axis=1).astype(np.int64)
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    outlines, strips = shapely.boundary(shapes), shapely.buffer(shapes, _TOUCH_M, quad_segs=1)
    lines = shapely.intersection(outlines[pairs[:, 0]], strips[pairs[:, 1]])
    metres = shapely.length(lines)
    long = metres >= _LEAST_BORDER_M
    return Borders(pairs[long], np.asarray(lines[long], dtype=object), metres[long])


def barred(
    borders: Borders,
    points: npt.NDArray[np.object_],
    barriers: gpd.GeoDataFrame,
    roads: gpd.GeoDataFrame,
    *,
    crossing_m: float,
    trunk_roads: bool,
) -> BoolArray:
    """Return which borders a barrier bars: no way across them that is free or has a crossing.

    A way goes straight from the point of one unit to a place on the border and on to the point of the other;
    three places are tried. A pair is joined nevertheless where a crossing, or a bridge or underpass of the
    roads at a barrier, lies within ``crossing_m`` of both cells' border. Where the roads mark no bridge or
    tunnel anywhere, every road over a river, railway or expressway counts as one, as for walks.

    Parameters
    ----------
    borders
        Shared borders.
    points
        Where people live in each cell.
    barriers, roads
        Input tables, geometry in the CRS of the cells.
    crossing_m
        How far a crossing serves, metres.
    trunk_roads
        Whether trunk roads bar too; else rivers, railways, expressways and other barriers only.

    Returns
    -------
    numpy.ndarray
        One mark a border.
    """
    kinds = (*PHYSICAL, *(TRUNK if trunk_roads else ()))
    crossable = barriers["crossable"].fillna(value=False).astype(bool)
    lines = _geometry(barriers[barriers["kind"].isin(kinds) & ~crossable])
    marks = np.zeros(len(borders.pairs), dtype=bool)
    if not len(lines) or not len(marks):
        return marks
    crossed = np.ones(len(marks), dtype=bool)
    for share in _SAMPLES:
        crossed &= _crosses(_ways(borders, points, share), lines)
    at = np.flatnonzero(crossed)
    gates = np.concatenate(
        [
            _geometry(barriers[barriers["kind"] == _CROSSING]),
            _bridges(roads, lines, _geometry(barriers[barriers["kind"].isin(PHYSICAL) & ~crossable])),
        ]
    )
    served, _ = shapely.STRtree(gates).query(borders.lines[at], predicate="dwithin", distance=crossing_m)
    marks[at] = True
    marks[at[served]] = False
    return marks


def _geometry(frame: gpd.GeoDataFrame) -> ObjectArray:
    shapes = np.asarray(frame.geometry.array, dtype=object)
    known: ObjectArray = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    return known


def _ways(borders: Borders, points: npt.NDArray[np.object_], share: float) -> ObjectArray:
    over = shapely.get_coordinates(
        shapely.line_interpolate_point(_longest(borders.lines), share, normalized=True)
    )
    ends = [shapely.get_coordinates(points[borders.pairs[:, side]]) for side in (0, 1)]
    return np.asarray(shapely.linestrings(np.stack([ends[0], over, ends[1]], axis=1)), dtype=object)


def _longest(lines: ObjectArray) -> ObjectArray:
    """Return of each border its longest unbroken part."""
    parts, owner = shapely.get_parts(shapely.line_merge(lines), return_index=True)
    order = np.lexsort((-shapely.length(parts), owner))
    _, first = np.unique(owner[order], return_index=True)
    return np.asarray(parts[order[first]], dtype=object)


def _crosses(ways: ObjectArray, barriers: ObjectArray) -> BoolArray:
    _, met = shapely.STRtree(ways).query(barriers, predicate="intersects")
    found = np.zeros(len(ways), dtype=bool)
    found[met] = True
    return found


def _bridges(roads: gpd.GeoDataFrame, barriers: ObjectArray, physical: ObjectArray) -> ObjectArray:
    """Return where roads cross barriers by bridge or tunnel; any road does where none is marked."""
    if roads.empty:
        return np.zeros(0, dtype=object)
    marked = np.zeros(len(roads), dtype=bool)
    for name in ("bridge", "tunnel"):
        if name in roads:
            marked |= roads[name].fillna(value=False).astype(bool).to_numpy()
    lines = np.asarray(roads.geometry.array, dtype=object)
    over, under = (lines[marked], barriers) if marked.any() else (lines, physical)
    road, barrier = shapely.STRtree(under).query(over, predicate="intersects")
    return np.asarray(shapely.intersection(over[road], under[barrier]), dtype=object)
