"""The vertices of street lines, and which of them coincide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from layoutplan.travel.streets import AT_GRADE, EXACT_M, Streets

SHARED: Final = 3
"""Kind of a vertex whose line meets others at shared vertices only: at grade, bridge or tunnel."""

_KINDS: Final = 4


@dataclass(frozen=True)
class Vertices:
    """All vertices of all street lines, line by line in drawing order; parallel arrays of length n.

    Attributes
    ----------
    xy
        Coordinates, metres, shape (n, 2).
    street
        Position of the line in ``Streets``.
    along
        Distance from the start of the line, metres.
    is_end
        Whether the vertex is the first or last of its line.
    kind
        Kind of the line: ``AT_GRADE``, ``BRIDGE`` or ``TUNNEL``, or ``SHARED`` for any line that meets others
        at shared vertices only.
    layer
        Layer number of the line.
    """

    xy: npt.NDArray[np.float64]
    street: npt.NDArray[np.int64]
    along: npt.NDArray[np.float64]
    is_end: npt.NDArray[np.bool_]
    kind: npt.NDArray[np.int8]
    layer: npt.NDArray[np.int32]

    def __len__(self) -> int:
        """Return the number of vertices."""
        return len(self.street)


def street_vertices(streets: Streets) -> Vertices:
    """Return the vertices of all street lines.

    Parameters
    ----------
    streets
        Cleaned street lines, metres.

    Returns
    -------
    Vertices
        Empty where there are no lines.
    """
    xy, street = shapely.get_coordinates(streets.lines, return_index=True)
    street = street.astype(np.int64)
    first = np.ones(len(street), dtype=bool)
    first[1:] = street[1:] != street[:-1]
    step = np.zeros(len(street))
    step[1:] = np.hypot(*(xy[1:] - xy[:-1]).T)
    step[first] = 0.0
    total = np.cumsum(step)
    start = total[np.flatnonzero(first)]
    is_end = first.copy()
    is_end[:-1] |= first[1:]
    is_end[-1:] = True
    return Vertices(
        xy=xy,
        street=street,
        along=total - start[np.cumsum(first) - 1] if len(street) else total,
        is_end=is_end,
        kind=np.where(streets.at_vertices, SHARED, streets.kinds)[street].astype(np.int8),
        layer=streets.layers[street],
    )


def coincident(xy: npt.NDArray[np.float64], *, radius_m: float = EXACT_M) -> npt.NDArray[np.int64]:
    """Return a group label for each point: points within ``radius_m`` share one, transitively along chains.

    Parameters
    ----------
    xy
        Coordinates, metres, shape (n, 2).
    radius_m
        Largest distance between two coincident points, metres.

    Returns
    -------
    numpy.ndarray of int64
        Labels from 0, shape (n,).

    Examples
    --------
    >>> coincident(np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 0.001]])).tolist()
    [0, 1, 0]
    """
    if len(xy) == 0:
        return np.zeros(0, dtype=np.int64)
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    fresh = np.ones(len(xy), dtype=bool)
    fresh[1:] = (xy[order[1:]] != xy[order[:-1]]).any(axis=1)
    label = np.empty(len(xy), dtype=np.int64)
    label[order] = np.cumsum(fresh) - 1
    points = xy[order[fresh]]
    near = KDTree(points).query_pairs(radius_m, output_type="ndarray")
    groups: npt.NDArray[np.int64] = link(len(points), near)[label]
    return groups


def link(count: int, pairs: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """Return the connected component of each of ``count`` items.

    Parameters
    ----------
    count
        Number of items.
    pairs
        Positions of items that belong together, shape (k, 2).

    Returns
    -------
    numpy.ndarray of int64
        Component labels from 0, shape (count,).
    """
    ones = np.ones(len(pairs), dtype=np.int8)
    graph = sparse.coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def shared_places(vertices: Vertices) -> npt.NDArray[np.int64]:
    """Return pairs of vertices that become one node by the noding rules.

    In each group of coincident vertices all ends form one node, together with all vertices of kind
    ``SHARED``. An inner vertex of a line at grade belongs to it if the group has an end; otherwise it is
    joined to the other inner vertices at grade of its layer. An inner vertex of a bridge or tunnel belongs to
    it only if the group has an end of the same kind and layer.

    Parameters
    ----------
    vertices
        Vertices of all street lines.

    Returns
    -------
    numpy.ndarray of int64
        Positions of the two vertices of each pair, shape (k, 2).
    """
    place = coincident(vertices.xy)
    crowded = np.bincount(place, minlength=1)[place] > 1
    level = _KINDS * (vertices.layer.astype(np.int64) - vertices.layer.min(initial=0)) + vertices.kind
    levels = int(level.max(initial=0)) + 1
    own = place * levels + level
    has_end = np.isin(place, place[vertices.is_end])
    has_own_end = np.isin(own, own[vertices.is_end])
    at_grade = vertices.kind == AT_GRADE
    shared = vertices.kind == SHARED
    at_main = crowded & (vertices.is_end | (at_grade & has_end) | has_own_end | shared)
    at_layer = crowded & at_grade & ~has_end
    main_groups = _chain(np.flatnonzero(at_main), place)
    layer_groups = _chain(np.flatnonzero(at_layer), own)
    return np.concatenate([main_groups, layer_groups])


def _chain(members: npt.NDArray[np.int64], group: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return pairs that link each member with the next member of its group."""
    ordered = members[np.argsort(group[members], kind="stable")]
    same = group[ordered[1:]] == group[ordered[:-1]]
    return np.column_stack([ordered[:-1][same], ordered[1:][same]]).reshape(-1, 2)
