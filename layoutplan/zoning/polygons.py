"""Outlines of redrawn catchments: today's, with the cells of the moved units taken out and put in.

Where nothing moves, the line that an office has drawn stays as it is. Pieces without a unit that are left
between moved cells and an old line go to the neighbour with which they share most of their outline.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from layoutplan.arrays import BoolArray, IntArray, ObjectArray

_GRID_M: Final = 0.01
_SURFACE: Final = 2
_SLIVER_M2: Final = 0.5  # what rounding leaves
_TOUCH_M: Final = 0.1
_PART_OF_CELL: Final = 0.05


def redrawn_outlines(
    old: ObjectArray, cells: gpd.GeoSeries, *, zone: IntArray, moved: BoolArray
) -> ObjectArray:
    """Return the outline of each zone.

    Parameters
    ----------
    old
        Today's outline of each zone; empty for a new one.
    cells
        Cells of the units, in metres.
    zone
        Units: the zone of each.
    moved
        Units that were in another zone, or in none.

    Returns
    -------
    numpy.ndarray
        Polygons that do not overlap and cover what the old ones and the moved cells covered.
    """
    shapes = np.asarray(cells.array, dtype=object)
    if not moved.any():
        return old.copy()
    taken = shapely.union_all(shapes[moved], grid_size=_GRID_M)
    found = old.copy()
    touched = shapely.intersects(old, taken) & ~shapely.is_empty(old)
    found[touched] = shapely.difference(old[touched], taken, grid_size=_GRID_M)
    pieces, owner = _pieces(found, touched)
    holds = _holding(pieces, owner, shapes[~moved], zone[~moved])
    for place in np.unique(zone[moved]):
        own = pieces[(owner == place) & holds] if touched[place] else np.array([found[place]], dtype=object)
        parts = np.concatenate([own, shapes[moved & (zone == place)]])
        found[place] = _surface(shapely.union_all(parts, grid_size=_GRID_M))
    for place in np.flatnonzero(touched & ~np.isin(np.arange(len(old)), zone[moved])):
        found[place] = _surface(shapely.union_all(pieces[(owner == place) & holds], grid_size=_GRID_M))
    return _give_away(found, pieces[~holds], owner[~holds])


def _pieces(shapes: ObjectArray, chosen: BoolArray) -> tuple[ObjectArray, IntArray]:
    """Return the connected pieces of the chosen shapes."""
    places = np.flatnonzero(chosen)
    parts, owner = shapely.get_parts(shapes[places], return_index=True)
    surface = shapely.get_dimensions(parts) == _SURFACE
    parts, owner = parts[surface], owner[surface]
    wide = shapely.area(parts) > _SLIVER_M2
    return np.asarray(parts[wide], dtype=object), places[owner[wide]].astype(np.int64)


def _holding(pieces: ObjectArray, owner: IntArray, shapes: ObjectArray, zone: IntArray) -> BoolArray:
    """Return which pieces hold a unit that stays: a good part of the cell of one of their zone's units."""
    piece, cell = shapely.STRtree(shapes).query(pieces, predicate="intersects")
    own = owner[piece] == zone[cell]
    piece, cell = piece[own], cell[own]
    common = shapely.area(shapely.intersection(pieces[piece], shapes[cell]))
    large = common > _PART_OF_CELL * np.maximum(shapely.area(shapes[cell]), _SLIVER_M2)
    holds = np.zeros(len(pieces), dtype=bool)
    holds[piece[large]] = True
    return holds


def _give_away(found: ObjectArray, pieces: ObjectArray, owner: IntArray) -> ObjectArray:
    """Give each piece to the zone with which it shares most of its outline; to its own if it touches none."""
    for piece, own in zip(pieces, owner.tolist(), strict=True):
        strip = shapely.buffer(piece, _TOUCH_M)
        near = np.flatnonzero(shapely.intersects(found, strip))
        if not len(near):
            near = np.array([own])
        border = shapely.length(shapely.intersection(shapely.boundary(found[near]), strip))
        best = int(near[int(np.argmax(border))])
        found[best] = _surface(shapely.union_all([found[best], piece], grid_size=_GRID_M))
    return found


def _surface(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_dimensions(parts) == _SURFACE])
