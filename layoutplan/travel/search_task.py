"""One tile of a shortest-path search as a value: what is searched, and the distances found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray


@dataclass(frozen=True)
class Triples:
    """Pairs found: origin position, destination position, metres; parallel arrays in no special order."""

    origin: npt.NDArray[np.int32]
    destination: npt.NDArray[np.int32]
    metres: npt.NDArray[np.float32]


@dataclass(frozen=True)
class SearchTask:
    """One tile: its part of the network, the destinations in it, the origins that may be within reach.

    Node positions and edge numbers are the part's own; a node outside the part is position ``size``.

    Attributes
    ----------
    indptr, indices, metres
        The part of the graph, row-compressed.
    start_ends, start_along, start_offset, start_edge
        Of the destinations (paths are searched from them): the ends of their street, shape (n, 2), metres to
        each, metres to the street, and its number.
    goal_ends, goal_along, goal_offset, goal_edge
        The same of the origins.
    limit_m
        Longest walk.
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
        """Sources times nodes and goals: what the search costs."""
        return len(self.start_offset) * (self.size + len(self.goal_offset) + 1)
