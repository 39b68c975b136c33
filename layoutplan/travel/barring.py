"""Straight lines that would cross a barrier: a point never reaches its street over a river or a railway."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely

from layoutplan.arrays import BoolArray, FloatArray, IntArray, ObjectArray

if TYPE_CHECKING:
    from layoutplan.travel.network import Network

_AT_END_M: Final = 0.5
"""A barrier this near to either end of a line does not bar it: the point or the street is on the barrier."""

_INWARDS_M: Final = 2.0
"""A street cut at a barrier ends on it, so that the side it lies on shows only this far from its end."""

_AT_ONCE: Final = 500  # points whose streets are compared together; bounds the memory


@dataclass(frozen=True)
class Barring:
    """Barriers and the places where they may be crossed.

    Attributes
    ----------
    lines
        LineStrings of the barriers, metres, in the network's CRS.
    crossings
        Geometries of the crossings.
    reach_m
        A crossing serves lines that meet a barrier within this distance of it, metres.
    """

    lines: ObjectArray
    crossings: ObjectArray
    reach_m: float

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.lines)

    @cached_property
    def _gates(self) -> shapely.STRtree:
        return shapely.STRtree(self.crossings)

    def joined(self, other: Barring | None) -> Barring:
        """Return the barriers of both.

        Parameters
        ----------
        other
            Further barriers; ``None`` for none.

        Returns
        -------
        Barring
            With the crossings and the reach of ``self``.
        """
        if other is None:
            return self
        return Barring(np.concatenate([other.lines, self.lines]), self.crossings, self.reach_m)

    def bars(self, starts: FloatArray, goals: FloatArray) -> BoolArray:
        """Return which straight lines cross a barrier away from its crossings.

        Parameters
        ----------
        starts, goals
            Coordinates, metres, shape (n, 2) each.

        Returns
        -------
        numpy.ndarray
            Shape (n,). A barrier within half a metre of either end does not count.
        """
        barred = np.zeros(len(starts), dtype=np.bool_)
        if not len(starts) or not len(self.lines):
            return barred
        ways = np.asarray(shapely.linestrings(np.stack([starts, goals], axis=1)), dtype=object)
        way, line = self._tree.query(ways, predicate="intersects")
        if not len(way):
            return barred
        met, owner = shapely.get_coordinates(
            shapely.intersection(ways[way], self.lines[line]), return_index=True
        )
        way = way[owner]
        inside = np.hypot(*(met - starts[way]).T) > _AT_END_M
        inside &= np.hypot(*(met - goals[way]).T) > _AT_END_M
        if len(self._gates) and inside.any():
            places = np.flatnonzero(inside)
            served = self._gates.query(
                shapely.points(met[places]), predicate="dwithin", distance=self.reach_m
            )[0]
            inside[places[served]] = False
        barred[way[inside]] = True
        return barred


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
