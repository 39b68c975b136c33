"""Street segments within walking distance of given places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.travel.network import Network
from layoutplan.travel.search import search_pairs
from layoutplan.travel.snapping import Footing, Snaps


@dataclass(frozen=True)
class Reached:
    """Parts of street edges within walking distance; parallel arrays, ordered by ``start``, then ``edge``.

    Attributes
    ----------
    start
        Position of the place of departure.
    edge
        Position of the edge in the network.
    begin_m, end_m
        Limits of the part, metres along the edge, ``begin_m < end_m``. Parts of one edge may touch or
        overlap.
    """

    start: IntArray
    edge: IntArray
    begin_m: FloatArray
    end_m: FloatArray


def reached_streets(network: Network, starts: Snaps, *, limit_m: float) -> Reached:
    """Return all parts of street edges within ``limit_m`` walking metres of each start.

    The straight line from a start to its street is part of the walk. An edge longer than the remaining
    distance is cut where the walk ends.

    Parameters
    ----------
    network
        Street network, lengths in metres.
    starts
        Places snapped to the network; a place that was not snapped has no parts.
    limit_m
        Longest walk, metres.

    Returns
    -------
    Reached
        Parts of positive length.
    """
    found = search_pairs(network, _nodes_as_places(network), starts, limit_m=limit_m)
    node, start = found.origin.astype(np.int64), found.destination.astype(np.int64)
    left_m = limit_m - found.metres.astype(np.float64)
    indptr, edges, sides = _edges_of_nodes(network)
    walk, entry = _expand(indptr, node)
    return _gathered(
        _from_ends(network, start=start[walk], edge=edges[entry], side=sides[entry], left_m=left_m[walk]),
        _own_streets(network, starts, limit_m=limit_m),
    )


def street_lines(network: Network, reached: Reached) -> npt.NDArray[np.object_]:
    """Return the geometries of the reached street parts.

    Parameters
    ----------
    network
        The network that ``reached`` refers to.
    reached
        Parts of its edges.

    Returns
    -------
    numpy.ndarray
        LineStrings in the network's CRS, in the order of ``reached``.
    """
    lines = network.edges[reached.edge]
    length = network.edge_metres[reached.edge]
    cut = np.flatnonzero((reached.begin_m > 0) | (reached.end_m < length))
    if len(cut):
        lines[cut] = _cut(lines[cut], reached.begin_m[cut], reached.end_m[cut])
    return lines


def _nodes_as_places(network: Network) -> Snaps:
    """Return each node as a place snapped to the end of the first edge that is incident to it."""
    ends = network.edge_ends.astype(np.int64)
    edge = np.full(len(network.nodes), -1, dtype=np.int64)
    edge[ends[::-1]] = np.arange(len(ends))[::-1, None]
    known = edge >= 0
    along_m = np.full((len(edge), 2), np.inf)
    first = ends[edge[known], 0] == np.flatnonzero(known)
    length = network.edge_metres[edge[known]]
    along_m[known] = np.stack([np.where(first, 0.0, length), np.where(first, length, 0.0)], axis=1)
    return Snaps(
        ids=pd.RangeIndex(len(edge)),
        xy=network.nodes,
        edge=edge,
        offset_m=np.where(known, 0.0, np.inf),
        along_m=along_m,
        footing=np.where(known, Footing.STREET, Footing.NONE).astype(np.int8),
    )


def _edges_of_nodes(network: Network) -> tuple[IntArray, IntArray, IntArray]:
    """Return the edges incident to each node in CSR form: ``indptr``, edge, end (0 or 1) at the node."""
    ends = network.edge_ends.ravel()
    order = np.argsort(ends, kind="stable")
    counts = np.bincount(ends, minlength=len(network.nodes))
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), order // 2, order % 2


def _expand(indptr: IntArray, row: IntArray) -> tuple[IntArray, IntArray]:
    """Return, for every CSR entry of the given rows, its index into ``row`` and its position in the data."""
    size = indptr[row + 1] - indptr[row]
    which = np.repeat(np.arange(len(row)), size)
    entry = np.arange(size.sum()) + np.repeat(indptr[row] - (np.cumsum(size) - size), size)
    return which, entry


def _from_ends(
    network: Network, *, start: IntArray, edge: IntArray, side: IntArray, left_m: FloatArray
) -> Reached:
    """Return the parts walked into edges from their end nodes; one whole part where both sides meet."""
    key, place = np.unique(start * len(network.edges) + edge, return_inverse=True)
    into_m = np.zeros((len(key), 2))
    into_m[place, side] = left_m
    start, edge = np.divmod(key, max(len(network.edges), 1))
    length = network.edge_metres[edge]
    whole = into_m.sum(axis=1) >= length
    none = np.zeros(len(key))
    return Reached(
        start=np.concatenate([start, start]),
        edge=np.concatenate([edge, edge]),
        begin_m=np.concatenate([none, np.maximum(length - into_m[:, 1], 0.0)]),
        end_m=np.concatenate([np.where(whole, length, into_m[:, 0]), np.where(whole, none, length)]),
    )


def _own_streets(network: Network, starts: Snaps, *, limit_m: float) -> Reached:
    """Return the part that each start reaches along the edge it was snapped to."""
    on = np.flatnonzero((starts.edge >= 0) & (starts.offset_m < limit_m))
    left_m, along_m = limit_m - starts.offset_m[on], starts.along_m[on, 0]
    edge = starts.edge[on]
    return Reached(
        start=on,
        edge=edge,
        begin_m=np.maximum(along_m - left_m, 0.0),
        end_m=np.minimum(along_m + left_m, network.edge_metres[edge]),
    )


def _gathered(*parts: Reached) -> Reached:
    """Concatenate parts, drop those of zero length and sort by start, edge and begin."""
    start, edge, begin_m, end_m = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("start", "edge", "begin_m", "end_m")
    )
    some = np.flatnonzero(begin_m < end_m)
    order = some[np.lexsort((begin_m[some], edge[some], start[some]))]
    return Reached(start=start[order], edge=edge[order], begin_m=begin_m[order], end_m=end_m[order])


def _cut(lines: npt.NDArray[np.object_], begin_m: FloatArray, end_m: FloatArray) -> npt.NDArray[np.object_]:
    """Return the section of each line between two distances along it."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    step = np.append(0.0, np.hypot(*np.diff(xy, axis=0).T))
    step[np.flatnonzero(np.diff(line, prepend=-1))] = 0.0
    along_m = np.cumsum(step)
    along_m -= along_m[np.searchsorted(line, line)]
    between = (along_m > begin_m[line]) & (along_m < end_m[line])
    every = np.arange(len(lines))
    points = [shapely.get_coordinates(shapely.line_interpolate_point(lines, at)) for at in (begin_m, end_m)]
    piece = np.concatenate([every, line[between], every])
    place = np.concatenate([begin_m, along_m[between], end_m])
    order = np.lexsort((place, piece))
    corners = np.concatenate([points[0], xy[between], points[1]])
    return np.asarray(shapely.linestrings(corners[order], indices=piece[order]))
