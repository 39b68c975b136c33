"""Streets that a point reaches by a straight line without crossing a barrier."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.travel.network import Network

_INWARDS_M: Final = 2.0
"""A street cut at a barrier ends on it, so that the side it lies on shows only this far from its end."""

_AT_ONCE: Final = 500  # points whose streets are compared together; bounds the memory


def barred_streets(xy: FloatArray, edges: IntArray, network: Network) -> BoolArray:
    """Return which points would cross a barrier on the straight line to their street.

    Parameters
    ----------
    xy
        Coordinates of the points, metres, shape (n, 2).
    edges
        Position of the street of each point in ``network.edges``, shape (n,).
    network
        Walking network.

    Returns
    -------
    numpy.ndarray
        Shape (n,); false throughout for a network without barriers.
    """
    if network.barring is None or not len(xy):
        return np.zeros(len(xy), dtype=np.bool_)
    lines, length = network.edges[edges], shapely.length(network.edges[edges])
    inwards = np.minimum(_INWARDS_M, length / 2)
    at = np.clip(shapely.line_locate_point(lines, shapely.points(xy)), inwards, length - inwards)
    return network.barring.bars(xy, shapely.get_coordinates(shapely.line_interpolate_point(lines, at)))


def nearest_open(
    xy: FloatArray, network: Network, *, among: IntArray, tree: shapely.STRtree, limit_m: float
) -> IntArray:
    """Return the nearest street that each point reaches without crossing a barrier.

    Parameters
    ----------
    xy
        Coordinates of the points, metres, shape (n, 2).
    network
        Walking network with barriers.
    among
        Positions in ``network.edges`` of the streets to choose from, in the order of ``tree``.
    tree
        Spatial index of these streets.
    limit_m
        Longest straight line, metres.

    Returns
    -------
    numpy.ndarray
        Positions in ``network.edges``, shape (n,); -1 where every street within the limit is barred. Of
        streets at equal distance, the first is taken.
    """
    found = np.full(len(xy), -1, dtype=np.int64)
    for begin in range(0, len(xy), _AT_ONCE):
        part = xy[begin : begin + _AT_ONCE]
        points = np.asarray(shapely.points(part), dtype=object)
        point, place = (
            tree.query(points, predicate="dwithin", distance=limit_m)
            if np.isfinite(limit_m)
            else np.divmod(np.arange(len(part) * len(among)), len(among))
        )
        edge = among[place]
        metres = shapely.distance(network.edges[edge], points[point])
        order = np.lexsort((edge, metres, point))
        point, edge = point[order], edge[order]
        open_ = ~barred_streets(part[point], edge, network)
        first, at = np.unique(point[open_], return_index=True)
        found[begin + first] = edge[open_][at]
    return found
