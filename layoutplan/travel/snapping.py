"""Snapping: the nearest position on a street for each point, where its walk enters the network."""

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
from layoutplan.travel.open_streets import barred_streets, nearest_open

_STRIP_M: Final = 300.0


class Footing(IntEnum):
    """Result of snapping one point to the street network."""

    STREET = 0
    """On the nearest street."""
    MOVED = 1
    """The nearest street is on an island; the point was snapped to the larger network."""
    ISLAND = 2
    """On an island: no street of the larger network is within the limit."""
    NONE = 3
    """No street within the limit."""


@dataclass(frozen=True)
class Snaps:
    """Snapped points; parallel arrays with one entry per point.

    Attributes
    ----------
    ids
        Index of the points, length n.
    xy
        Coordinates of the points in the network's CRS, metres, shape (n, 2); NaN where a point is missing.
    edge
        Position of the edge in ``network.edges``, shape (n,); -1 for none.
    offset_m
        Straight-line distance from the point to the edge, metres, shape (n,); infinite for none.
    along_m
        Distance along the edge to its first and to its last end, metres, shape (n, 2); infinite for none.
    footing
        One :class:`Footing` code per point, shape (n,).
    """

    ids: pd.Index
    xy: npt.NDArray[np.float64]
    edge: npt.NDArray[np.int64]
    offset_m: npt.NDArray[np.float64]
    along_m: npt.NDArray[np.float64]
    footing: npt.NDArray[np.int8]

    def standing(self, footing: Footing) -> tuple[str, ...]:
        """Return the ids of the points with a given snapping result.

        Parameters
        ----------
        footing
            The result to select.

        Returns
        -------
        tuple of str
            Ids in the order of the points.
        """
        return tuple(str(point) for point in self.ids[self.footing == footing])

    def at(self, positions: npt.NDArray[np.int64]) -> Snaps:
        """Return the entries at the given positions.

        Parameters
        ----------
        positions
            Positions into the arrays, shape (k,).

        Returns
        -------
        Snaps
            The selected entries in the order of ``positions``.
        """
        return Snaps(
            ids=self.ids[positions],
            xy=self.xy[positions],
            edge=self.edge[positions],
            offset_m=self.offset_m[positions],
            along_m=self.along_m[positions],
            footing=self.footing[positions],
        )


def point_positions(points: gpd.GeoSeries) -> npt.NDArray[np.float64]:
    """Return the coordinates of points.

    Parameters
    ----------
    points
        Point geometries, length n, in any CRS.

    Returns
    -------
    numpy.ndarray
        x and y in the CRS of the points, shape (n, 2); NaN where a point is missing or empty.

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
    """Return the nearest position on a street for each point, anywhere along the street.

    A point whose nearest street is on an island (see :class:`Network`) is snapped to the nearest street of
    the larger network if one is within the limit; otherwise it stays on its island. The straight line to the
    street never crosses a barrier of the network, except at a crossing. Of streets at equal distance, the
    first in ``network.edges`` is taken.

    Parameters
    ----------
    points
        Points in the network's CRS.
    network
        Walking network.
    limit_m
        Longest straight line from a point to a street, metres; may be infinite.

    Returns
    -------
    Snaps
        One entry per point, in the order of ``points``.

    Raises
    ------
    ValueError
        If a geometry is not a point.
    """
    xy = point_positions(points)
    known = np.flatnonzero(np.isfinite(xy).all(axis=1))
    edge = np.full(len(xy), -1, dtype=np.int64)
    edge[known] = _nearest(xy[known], network.tree, limit_m=limit_m)
    everywhere = np.arange(len(network.edges), dtype=np.int64)
    edge[known] = _on_own_side(
        xy[known], edge[known], network, among=everywhere, tree=network.tree, limit_m=limit_m
    )
    footing = np.where(edge >= 0, Footing.STREET, Footing.NONE).astype(np.int8)
    stranded = np.flatnonzero((edge >= 0) & network.edge_on_island[edge]) if len(network.edges) else known[:0]
    larger = _nearest(xy[stranded], network.larger_tree, limit_m=limit_m)
    larger[larger >= 0] = network.larger_edges[larger[larger >= 0]]
    larger = _on_own_side(
        xy[stranded],
        larger,
        network,
        among=network.larger_edges,
        tree=network.larger_tree,
        limit_m=limit_m,
    )
    footing[stranded] = np.where(larger >= 0, Footing.MOVED, Footing.ISLAND)
    edge[stranded[larger >= 0]] = larger[larger >= 0]
    on = np.flatnonzero(edge >= 0)
    lines, feet = network.edges[edge[on]], shapely.points(xy[on])
    offset_m = np.full(len(xy), np.inf)
    offset_m[on] = shapely.distance(lines, feet)
    along_m = np.full((len(xy), 2), np.inf)
    along_m[on, 0] = shapely.line_locate_point(lines, feet)
    along_m[on, 1] = np.maximum(network.edge_metres[edge[on]] - along_m[on, 0], 0.0)
    return Snaps(points.index, xy, edge, offset_m, along_m, footing)


def _on_own_side(
    xy: npt.NDArray[np.float64],
    edge: npt.NDArray[np.int64],
    network: Network,
    *,
    among: npt.NDArray[np.int64],
    tree: shapely.STRtree,
    limit_m: float,
) -> npt.NDArray[np.int64]:
    """Return the streets with those beyond a barrier replaced by the nearest on the point's own side."""
    given = np.flatnonzero(edge >= 0)
    barred = given[barred_streets(xy[given], edge[given], network)]
    if len(barred):
        edge = edge.copy()
        edge[barred] = nearest_open(xy[barred], network, among=among, tree=tree, limit_m=limit_m)
    return edge


def _nearest(xy: npt.NDArray[np.float64], tree: shapely.STRtree, *, limit_m: float) -> npt.NDArray[np.int64]:
    """Return the nearest geometry of a tree to each point, -1 if none is within the limit.

    Points are queried strip by strip: consecutive queries then visit the same tree pages, which stay in the
    processor's cache.
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
