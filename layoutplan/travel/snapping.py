"""Points to streets: where a walk begins."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layoutplan.travel.network import Network

_STRIP_M: Final = 300.0


class Footing(IntEnum):
    """How a point stands to the streets."""

    STREET = 0
    """On the nearest street."""
    MOVED = 1
    """The nearest street is on an island; the point was taken to the nearest street of the larger network."""
    ISLAND = 2
    """On an island, for no street of the larger network is within the limit."""
    NONE = 3
    """No street within the limit."""


@dataclass(frozen=True)
class Snaps:
    """Where points meet the streets; parallel arrays, one entry a point.

    Attributes
    ----------
    ids
        The points' index.
    xy
        The points, metres; NaN where a point is missing.
    edge
        Edge of the network, -1 for none.
    offset_m
        Straight line from the point to the edge; infinite for none.
    along_m
        Metres along the edge to its first and to its last end, shape (n, 2).
    footing
        A :class:`Footing` each.
    """

    ids: pd.Index
    xy: npt.NDArray[np.float64]
    edge: npt.NDArray[np.int64]
    offset_m: npt.NDArray[np.float64]
    along_m: npt.NDArray[np.float64]
    footing: npt.NDArray[np.int8]

    def standing(self, footing: Footing) -> tuple[str, ...]:
        """Return the ids of the points with this footing."""
        return tuple(str(point) for point in self.ids[self.footing == footing])

    def at(self, positions: npt.NDArray[np.int64]) -> Snaps:
        """Return those at some positions."""
        return Snaps(
            ids=self.ids[positions],
            xy=self.xy[positions],
            edge=self.edge[positions],
            offset_m=self.offset_m[positions],
            along_m=self.along_m[positions],
            footing=self.footing[positions],
        )


def point_positions(points: gpd.GeoSeries) -> npt.NDArray[np.float64]:
    """Return x and y of points, shape (n, 2); NaN where a point is missing or empty.

    Raises
    ------
    ValueError
        If a geometry is not a point.
    """
    geometry = np.asarray(points.array)
    known = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    if (shapely.get_type_id(geometry[known]) != shapely.GeometryType.POINT).any():
        raise ValueError("walks begin and end at points; give points, not areas or lines")
    xy = np.full((len(geometry), 2), np.nan)
    xy[known] = shapely.get_coordinates(geometry[known])
    return xy


def snap_points(points: gpd.GeoSeries, network: Network, *, limit_m: float) -> Snaps:
    """Find the nearest place on a street for each point, anywhere along it.

    A point whose nearest street is on an island (see :class:`Network`) goes to the nearest street of the
    larger network if one is within the limit too, by the straight line there; else it stays on its island.
    Of streets equally near, the one first in ``network.edges`` is taken.

    Parameters
    ----------
    points
        Points in the network's CRS.
    limit_m
        Longest straight line from a point to a street, metres.
    """
    xy = point_positions(points)
    known = np.flatnonzero(np.isfinite(xy).all(axis=1))
    edge = np.full(len(xy), -1, dtype=np.int64)
    edge[known] = _nearest(xy[known], network.tree, limit_m=limit_m)
    footing = np.where(edge >= 0, Footing.STREET, Footing.NONE).astype(np.int8)
    stranded = np.flatnonzero((edge >= 0) & network.edge_on_island[edge]) if len(network.edges) else known[:0]
    larger = _nearest(xy[stranded], network.larger_tree, limit_m=limit_m)
    footing[stranded] = np.where(larger >= 0, Footing.MOVED, Footing.ISLAND)
    edge[stranded[larger >= 0]] = network.larger_edges[larger[larger >= 0]]
    on = np.flatnonzero(edge >= 0)
    lines, feet = network.edges[edge[on]], shapely.points(xy[on])
    offset_m = np.full(len(xy), np.inf)
    offset_m[on] = shapely.distance(lines, feet)
    along_m = np.full((len(xy), 2), np.inf)
    along_m[on, 0] = shapely.line_locate_point(lines, feet)
    along_m[on, 1] = np.maximum(network.edge_metres[edge[on]] - along_m[on, 0], 0.0)
    return Snaps(points.index, xy, edge, offset_m, along_m, footing)


def _nearest(xy: npt.NDArray[np.float64], tree: shapely.STRtree, *, limit_m: float) -> npt.NDArray[np.int64]:
    """Return the nearest geometry of a tree to each point, -1 if none is within the limit.

    The tree is asked strip by strip: neighbours after each other find its pages in the processor's cache.
    """
    found = np.full(len(xy), -1, dtype=np.int64)
    if len(tree) and len(xy):
        farthest = limit_m if np.isfinite(limit_m) else None
        by_strip = np.lexsort((xy[:, 1], np.floor(xy[:, 0] / _STRIP_M)))
        place, geometry = tree.query_nearest(shapely.points(xy[by_strip]), max_distance=farthest)
        point = by_strip[place]
        order = np.lexsort((geometry, point))
        first = np.unique(point[order], return_index=True)[1]
        found[point[order[first]]] = geometry[order[first]]
    return found
