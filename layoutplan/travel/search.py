"""Bounded shortest paths over a street network, for many points at once.

No path within a limit leaves the circle of that radius round its start. So destinations are taken by square
tiles, a tile's part of the network is cut out once, and SciPy's Dijkstra runs on that part: its cost follows
the streets within reach, not the size of the city, which on large networks beats the same kernel on the whole
graph over several cores (SciPy holds the interpreter lock, so threads gain nothing). Distances do not depend
on the tiling: a node's distance is the least of sums that are formed in the same order in every part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from layoutplan.travel.network import Network
from layoutplan.travel.snapping import Snaps

BATCH_CELLS: Final = 400_000
"""Sources times nodes searched at a time: a few megabytes, which the processor's cache still helps with."""

MARGIN_M: Final = 1.0
"""Added to a tile's surroundings, so that rounding cannot cut a path."""

Indices = npt.NDArray[np.int64]
Metres = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Triples:
    """Pairs found: origin position, destination position, metres; parallel arrays in no special order."""

    origin: npt.NDArray[np.int32]
    destination: npt.NDArray[np.int32]
    metres: npt.NDArray[np.float32]


@dataclass(frozen=True)
class _Part:
    """A part of the network; ``local`` gives each node's position in it, -1 outside."""

    indptr: Indices
    indices: Indices
    metres: Metres
    local: Indices
    size: int


def search_pairs(network: Network, origins: Snaps, destinations: Snaps, *, limit_m: float) -> Triples:
    """Return all pairs within ``limit_m`` walking metres, snapping offsets included.

    Exact: a walk leaves each point by the straight line to its street, follows that street to either end, or
    straight to the other point if both stand on one street.
    """
    found = [Triples(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32))]
    by_x = np.argsort(origins.xy[:, 0], kind="stable")
    by_x = by_x[(origins.edge >= 0)[by_x]]
    origins_xy = origins.xy[by_x]
    for tile in _tiles(destinations, side_m=max(limit_m, MARGIN_M)):
        low, high = destinations.xy[tile].min(axis=0), destinations.xy[tile].max(axis=0)
        reach = limit_m + MARGIN_M
        part = _cut_out(network, _inside(network.nodes, low=low - reach, high=high + reach))
        near = by_x[_inside(origins_xy, low=low - reach, high=high + reach)]
        batch = max(1, BATCH_CELLS // (part.size + len(near) + 1))
        found.extend(
            _search(network, part, origins, destinations, near=near, chosen=chosen, limit_m=limit_m)
            for chosen in np.split(tile, range(batch, len(tile), batch))
        )
    return Triples(
        origin=np.concatenate([part.origin for part in found]),
        destination=np.concatenate([part.destination for part in found]),
        metres=np.concatenate([part.metres for part in found]),
    )


def _tiles(snaps: Snaps, *, side_m: float) -> Iterator[Indices]:
    """Yield the snapped points by square tiles."""
    on = np.flatnonzero(snaps.edge >= 0)
    if len(on):
        tile = np.floor(snaps.xy[on] / side_m)
        order = np.lexsort((tile[:, 1], tile[:, 0]))
        turns = np.flatnonzero((tile[order[1:]] != tile[order[:-1]]).any(axis=1)) + 1
        yield from np.split(on[order], turns)


def _inside(xy: Metres, *, low: Metres, high: Metres) -> Indices:
    """Return the positions of points in a box; ``xy`` is sorted by x."""
    first, last = np.searchsorted(xy[:, 0], [low[0], high[0]])
    y = xy[first:last, 1]
    inside: Indices = np.arange(first, last)[(y >= low[1]) & (y <= high[1])]
    return inside


def _cut_out(network: Network, nodes: Indices) -> _Part:
    """Return the part of the network between some nodes."""
    graph = network.graph
    local = np.full(len(network.nodes), -1, dtype=np.int64)
    local[nodes] = np.arange(len(nodes))
    begin, size = graph.indptr[nodes].astype(np.int64), np.diff(graph.indptr)[nodes].astype(np.int64)
    offset = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
    entry = np.repeat(begin, size) + offset
    target = local[graph.indices[entry]]
    inside = target >= 0
    per_node = np.bincount(np.repeat(np.arange(len(nodes)), size)[inside], minlength=len(nodes))
    return _Part(
        indptr=np.concatenate([[0], np.cumsum(per_node)]),
        indices=target[inside],
        metres=graph.data[entry[inside]],
        local=local,
        size=len(nodes),
    )


def _search(
    network: Network,
    part: _Part,
    origins: Snaps,
    destinations: Snaps,
    *,
    near: Indices,
    chosen: Indices,
    limit_m: float,
) -> Triples:
    """Return the pairs of some destinations and the origins near them.

    The graph of the part is given one more node for each destination, with arcs to the two ends of its
    street, and one node that nothing reaches, which stands for every node outside the part.
    """
    start_m = destinations.along_m[chosen] + destinations.offset_m[chosen, None]
    target = part.local[network.edge_ends[destinations.edge[chosen]]]
    leaves = (target >= 0) & (start_m <= limit_m)
    indptr = np.concatenate([part.indptr, part.indptr[-1] + np.cumsum(leaves.sum(axis=1))])
    size = part.size + len(chosen) + 1
    graph = sparse.csr_array(
        (
            np.concatenate([part.metres, start_m[leaves]]),
            np.concatenate([part.indices, target[leaves]]).astype(np.int32),
            np.append(indptr, indptr[-1]).astype(np.int32),
        ),
        shape=(size, size),
    )
    sources = part.size + np.arange(len(chosen))
    reached = dijkstra(graph, directed=True, indices=sources, limit=limit_m)
    ends = part.local[network.edge_ends[origins.edge[near]]]
    along = origins.along_m[near]
    walk = np.minimum(reached[:, ends[:, 0]] + along[:, 0], reached[:, ends[:, 1]] + along[:, 1])
    one, other = np.nonzero(destinations.edge[chosen][:, None] == origins.edge[near][None, :])
    direct = np.abs(destinations.along_m[chosen[one], 0] - origins.along_m[near[other], 0])
    walk[one, other] = np.minimum(walk[one, other], direct + destinations.offset_m[chosen[one]])
    walk += origins.offset_m[near]
    row, column = np.nonzero((walk <= limit_m) & np.isfinite(walk))
    return Triples(
        origin=near[column].astype(np.int32),
        destination=chosen[row].astype(np.int32),
        metres=walk[row, column].astype(np.float32),
    )
