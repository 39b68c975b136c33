"""One tile of a shortest-path search: its input, and the distances found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray


@dataclass(frozen=True)
class Triples:
    """Pairs found; parallel arrays in no defined order.

    Attributes
    ----------
    origin, destination
        Positions, shape (k,).
    metres
        Walking distance of each pair, shape (k,).
    """

    origin: npt.NDArray[np.int32]
    destination: npt.NDArray[np.int32]
    metres: npt.NDArray[np.float32]


@dataclass(frozen=True)
class SearchTask:
    """One tile: its part of the network, its destinations, and the origins that may be within reach.

    Node positions and edge numbers are local to the part; a node outside the part has position ``size``.

    Attributes
    ----------
    indptr, indices, metres
        Row-compressed adjacency of the part, weighted by metres.
    start_ends, start_along, start_offset, start_edge
        Destinations, from which paths are searched: the two end nodes of their street, shape (n, 2); metres
        to each, shape (n, 2); metres to the street, shape (n,); and the number of the street, shape (n,).
    goal_ends, goal_along, goal_offset, goal_edge
        The same for the origins.
    limit_m
        Longest walk, metres.
    """

    indptr: npt.NDArray[np.int32]
    indices: npt.NDArray[np.int32]
    metres: FloatArray
    start_ends: npt.NDArray[np.int32]
    start_along: FloatArray
    start_offset: FloatArray
    start_edge: npt.NDArray[np.int32]
    goal_ends: npt.NDArray[np.int32]
    goal_along: FloatArray
    goal_offset: FloatArray
    goal_edge: npt.NDArray[np.int32]
    limit_m: float

    @property
    def size(self) -> int:
        """Number of nodes of the part."""
        return len(self.indptr) - 1

    @property
    def cells(self) -> int:
        """Number of starts times nodes and goals, proportional to the cost of the search."""
        return len(self.start_offset) * (self.size + len(self.goal_offset) + 1)
