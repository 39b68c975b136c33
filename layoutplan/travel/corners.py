"""Corners: the sectors into which barriers divide the junctions that lie on them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.travel.distinct import distinct
from layoutplan.travel.network import Network

_RADIUS_M: Final = 2.0
"""Directions at a junction are measured this far from it: beyond drawing errors, before the next bend."""

_SAME: Final = 0.05  # radians; barrier lines that differ by less in direction count as one
_FULL: Final = 2 * np.pi


@dataclass(frozen=True)
class Junctions:
    """Corners at one end of each line; parallel arrays, one entry per line.

    Attributes
    ----------
    corner
        The corner that the line comes from.
    left, right
        The corners to the left and to the right of the line.
    """

    corner: IntArray
    left: IntArray
    right: IntArray


@dataclass(frozen=True)
class Corners:
    """Junctions on barriers and their corners.

    Attributes
    ----------
    nodes
        Nodes divided into corners (two or more barrier lines leave them), ascending, shape (n,).
    begin, angles
        Directions in which barriers leave node ``nodes[k]``, ascending:
        ``angles[begin[k]:begin[k + 1]]``, radians from 0 to 2π, anticlockwise from east. Corner ``i`` lies
        clockwise of angle ``i``; corner 0 also covers the directions beyond the last angle.
    all_nodes
        All nodes on barriers, including those where a barrier ends.
    """

    nodes: IntArray
    begin: IntArray
    angles: FloatArray
    all_nodes: IntArray

    def without(self, opened: npt.NDArray[np.bool_]) -> Corners:
        """Return the corners without the nodes that are not divided.

        Parameters
        ----------
        opened
            Mask over ``nodes``: nodes that a crossing keeps undivided.

        Returns
        -------
        Corners
            ``all_nodes`` is unchanged.
        """
        sizes = np.diff(self.begin)
        return replace(
            self,
            nodes=self.nodes[~opened],
            begin=np.concatenate([[0], np.cumsum(sizes[~opened])]).astype(np.int64),
            angles=self.angles[np.repeat(~opened, sizes)],
        )

    def of(self, lines: npt.NDArray[np.object_], node: IntArray, *, back: bool) -> Junctions:
        """Return the corners at one end of each line; 0 where the node is undivided.

        Parameters
        ----------
        lines
            LineStrings in the network's CRS, shape (e,).
        node
            The node of each line's first end, or of its last if ``back``, shape (e,).
        back
            Whether to look at the last end of each line.

        Returns
        -------
        Junctions
            One entry per line.
        """
        corner, left, right = (np.zeros(len(node), dtype=np.int64) for _ in range(3))
        place = np.searchsorted(self.nodes, node)
        place[place == len(self.nodes)] = 0
        on = np.flatnonzero(self.nodes[place] == node) if len(self.nodes) else np.zeros(0, dtype=np.int64)
        direction = _directions(lines[on], back=back)
        for k, angle, at in zip(on.tolist(), direction.tolist(), place[on].tolist(), strict=True):
            angles = self.angles[self.begin[at] : self.begin[at + 1]]
            apart = np.abs((angles - angle + np.pi) % _FULL - np.pi)
            nearest = int(apart.argmin())
            corner[k] = np.searchsorted(angles, angle) % len(angles)
            left[k], right[k] = (nearest + 1) % len(angles), nearest
        return Junctions(corner, left, right)


def corners_of(
    network: Network,
    barriers: npt.NDArray[np.object_],
    *,
    along: npt.NDArray[np.bool_],
    along_m: float,
) -> Corners:
    """Return the junctions near barriers, and the directions in which barriers leave them.

    Only nodes with an edge at grade, or with one along the barrier, are considered: a bridge does not lie on
    the barrier it crosses.

    Parameters
    ----------
    network
        Walking network.
    barriers
        LineStrings in the network's CRS.
    along
        Mask over ``network.edges``: edges that run along a barrier.
    along_m
        Largest distance between a junction and a barrier that it lies on, metres.

    Returns
    -------
    Corners
        Empty where no junction lies on a barrier.
    """
    ends = network.edge_ends[network.edge_at_grade | along]
    candidates = distinct(ends)
    points = np.asarray(shapely.points(network.nodes[candidates]), dtype=object)
    barrier, one = shapely.STRtree(points).query(barriers, predicate="dwithin", distance=along_m)
    order = np.lexsort((barrier, one))
    one, barrier = one[order], barrier[order]
    rings = shapely.boundary(shapely.buffer(points[one], _RADIUS_M))
    met, owner = shapely.get_coordinates(shapely.intersection(rings, barriers[barrier]), return_index=True)
    step = met - network.nodes[candidates[one[owner]]]
    angle = np.arctan2(step[:, 1], step[:, 0]) % _FULL
    at = one[owner]
    order = np.lexsort((angle, at))
    at, angle = at[order], angle[order]
    fresh = np.ones(len(at), dtype=bool)
    fresh[1:] = (at[1:] != at[:-1]) | (np.diff(angle) > _SAME)
    fresh &= ~_wraps(at, angle)
    at, angle = at[fresh], angle[fresh]
    node, counts = np.unique(at, return_counts=True)
    several = counts > 1
    return Corners(
        nodes=candidates[node[several]],
        begin=np.concatenate([[0], np.cumsum(counts[several])]).astype(np.int64),
        angles=angle[np.repeat(several, counts)],
        all_nodes=candidates[distinct(one)],
    )


def _wraps(at: IntArray, angle: FloatArray) -> npt.NDArray[np.bool_]:
    """Return which angles are the last of their node and equal its first across the full turn."""
    first = np.ones(len(at), dtype=bool)
    first[1:] = at[1:] != at[:-1]
    least = angle[first][np.cumsum(first) - 1] if len(at) else angle
    return ~first & (least + _FULL - angle <= _SAME)


def _directions(lines: npt.NDArray[np.object_], *, back: bool) -> FloatArray:
    """Return the directions in which lines leave their first end (their last, if ``back``), 0 to 2π."""
    sign = -1.0 if back else 1.0
    start = shapely.get_coordinates(shapely.get_point(lines, -1 if back else 0)).reshape(-1, 2)
    reach = np.minimum(_RADIUS_M, shapely.length(lines) / 2)
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines, sign * reach)).reshape(-1, 2)
    step = ahead - start
    angle: FloatArray = np.arctan2(step[:, 1], step[:, 0]) % _FULL
    return angle
