"""Barriers that straight lines from points to streets must not cross, such as rivers and railways."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely

from layoutplan.arrays import BoolArray, FloatArray, ObjectArray

_AT_END_M: Final = 0.5
"""A barrier this near to either end of a line does not bar it: the point or the street is on the barrier."""


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
