"""Bounded shortest paths over a street network between many origins and destinations.

No path within a limit leaves the circle of that radius around its start. Destinations are therefore grouped
into square tiles, the part of the network within reach of a tile is extracted once, and SciPy's Dijkstra runs
on that part: the cost grows with the streets within reach, not with the size of the city. A tile is a
:class:`SearchTask`, independent of the rest of the city. Tasks run one after the other or, for large cities,
in parallel (in processes, since SciPy's kernel holds the interpreter lock), and results of a task can be
stored and looked up by its content. Distances depend on none of this: the distance of a node is the minimum
of sums that are formed in the same order in every part.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import joblib
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.second_process import end_with, keep_signals_blocked
from layoutplan.travel.matrix_store import WalkMatrixStore
from layoutplan.travel.network import Network
from layoutplan.travel.search_task import SearchTask, Triples
from layoutplan.travel.snapping import Snaps

BATCH_CELLS: Final = 400_000
"""Sources times nodes per call of Dijkstra: a few megabytes, small enough for the processor's cache."""

PARALLEL_CELLS: Final = 250_000_000
"""Sources times nodes above which parallel processes pay off: some ten seconds of work for one core."""

MARGIN_M: Final = 1.0
"""Metres added around a tile, so that rounding cannot cut a path."""

_TILES_AT_ONCE: Final = 16  # per core; bounds the memory of the tasks
_SMALL_M: Final = 3_000.0  # smallest side of a tile: below it extraction costs more than it saves


def search_pairs(
    network: Network,
    origins: Snaps,
    destinations: Snaps,
    *,
    limit_m: float,
    store: WalkMatrixStore | None = None,
    cores: int | None = None,
) -> Triples:
    """Return all pairs within ``limit_m`` walking metres, snapping offsets included.

    Exact: a walk goes from each point by the straight line to its street and along that street to either end,
    or directly along the street to the other point if both are snapped to the same edge.

    Parameters
    ----------
    network
        Walking network.
    origins, destinations
        Snapped points (:func:`~layoutplan.travel.snapping.snap_points`); those without an edge have no pairs.
    limit_m
        Longest walk, metres; may be infinite.
    store
        Keeps the pairs found between runs; ``None`` stores nothing.
    cores
        Number of processes; ``None`` for all cores where the search is large (``PARALLEL_CELLS``), else one.

    Returns
    -------
    Triples
        Positions of origin and destination in the given arrays, and metres; in no defined order.
    """
    if cores is None:
        work = _cells(network, origins, destinations, limit_m=limit_m)
        cores = joblib.cpu_count() if work > PARALLEL_CELLS else 1
    if cores > 1:
        keep_signals_blocked()
    found = [Triples(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32))]
    cutter = _Cutter(network, origins, destinations, limit_m)
    with joblib.Parallel(n_jobs=cores, max_nbytes=None) as pool:
        tiles = _tiles(destinations, side_m=_side_m(limit_m))
        while some := list(islice(tiles, _TILES_AT_ONCE * cores)):
            found += _search_tiles(cutter, some, store=store, pool=pool)
    return Triples(
        origin=np.concatenate([part.origin for part in found]),
        destination=np.concatenate([part.destination for part in found]),
        metres=np.concatenate([part.metres for part in found]),
    )


def _search_tiles(
    cutter: _Cutter, tiles: Sequence[IntArray], *, store: WalkMatrixStore | None, pool: joblib.Parallel
) -> list[Triples]:
    """Return the pairs of some tiles, with positions in the complete arrays."""
    cut = [cutter.task(tile) for tile in tiles]
    known = [store.get(task) if store else None for task, _ in cut]
    todo = [task for (task, _), stored in zip(cut, known, strict=True) if stored is None]
    made = pool(joblib.delayed(_search_for)(os.getpid(), task) for task in todo)
    if store:
        for task, answer in zip(todo, made, strict=True):
            store.put(task, answer)
    answers = iter(made)
    return [
        _numbered(next(answers) if stored is None else stored, near, tile)
        for stored, (_, near), tile in zip(known, cut, tiles, strict=True)
    ]


def _search_for(parent: int, task: SearchTask) -> Triples:
    """Search in a worker process that ends when its parent ends."""
    end_with(parent)
    return search_task(task)


def _side_m(limit_m: float) -> float:
    """Return the side of a tile."""
    return max(limit_m / 2, _SMALL_M)


def _cells(network: Network, origins: Snaps, destinations: Snaps, *, limit_m: float) -> float:
    """Return an estimate of sources times nodes that a search visits."""
    if not len(network.nodes):
        return 0.0
    width = network.nodes.max(axis=0) - network.nodes.min(axis=0) + MARGIN_M
    share = float(np.minimum(1.0, (2 * limit_m + _side_m(limit_m)) / width).prod())
    return len(destinations.edge) * (len(network.nodes) + len(origins.edge)) * share


def _numbered(found: Triples, near: IntArray, tile: IntArray) -> Triples:
    """Return the pairs of a task with positions in the complete arrays."""
    return Triples(
        origin=near[found.origin].astype(np.int32),
        destination=tile[found.destination].astype(np.int32),
        metres=found.metres,
    )


class _Cutter:
    """Extracts tasks from the complete network and point sets."""

    def __init__(self, network: Network, origins: Snaps, destinations: Snaps, limit_m: float) -> None:
        by_x = np.argsort(origins.xy[:, 0], kind="stable")
        self._by_x = by_x[(origins.edge >= 0)[by_x]]
        self._origins_xy = origins.xy[self._by_x]
        self._local = np.empty(len(network.nodes), dtype=np.int32)
        self._network, self._limit_m = network, limit_m
        self._origins, self._destinations = origins, destinations

    def task(self, tile: IntArray) -> tuple[SearchTask, IntArray]:
        """Return a tile as a task, and the positions of its origins."""
        origins, destinations, ends = self._origins, self._destinations, self._network.edge_ends
        reach = self._limit_m + MARGIN_M
        low, high = destinations.xy[tile].min(axis=0) - reach, destinations.xy[tile].max(axis=0) + reach
        near = self._by_x[_inside(self._origins_xy, low=low, high=high)]
        indptr, indices, metres = self._part(_inside(self._network.nodes, low=low, high=high))
        edges = np.concatenate([destinations.edge[tile], origins.edge[near]])
        number = np.unique(edges, return_inverse=True)[1].reshape(-1).astype(np.int32)
        task = SearchTask(
            indptr=indptr,
            indices=indices,
            metres=metres,
            start_ends=self._local[ends[destinations.edge[tile]]],
            start_along=destinations.along_m[tile],
            start_offset=destinations.offset_m[tile],
            start_edge=number[: len(tile)],
            goal_ends=self._local[ends[origins.edge[near]]],
            goal_along=origins.along_m[near],
            goal_offset=origins.offset_m[near],
            goal_edge=number[len(tile) :],
            limit_m=self._limit_m,
        )
        return task, near

    def _part(self, nodes: IntArray) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], FloatArray]:
        """Return the graph between some nodes, row-compressed; number them in ``_local``."""
        graph, local = self._network.graph, self._local
        local.fill(len(nodes))
        local[nodes] = np.arange(len(nodes), dtype=np.int32)
        begin, size = graph.indptr[nodes].astype(np.int64), np.diff(graph.indptr)[nodes].astype(np.int64)
        offset = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
        entry = np.repeat(begin, size) + offset
        target = local[graph.indices[entry]]
        inside = target < len(nodes)
        per_node = np.bincount(np.repeat(np.arange(len(nodes)), size)[inside], minlength=len(nodes))
        indptr = np.concatenate([[0], np.cumsum(per_node)]).astype(np.int32)
        return indptr, target[inside], graph.data[entry[inside]]


def _tiles(snaps: Snaps, *, side_m: float) -> Iterator[IntArray]:
    """Yield the snapped points by square tiles."""
    on = np.flatnonzero(snaps.edge >= 0)
    if len(on):
        tile = np.floor(snaps.xy[on] / side_m)
        order = np.lexsort((tile[:, 1], tile[:, 0]))
        turns = np.flatnonzero((tile[order[1:]] != tile[order[:-1]]).any(axis=1)) + 1
        yield from np.split(on[order], turns)


def _inside(xy: FloatArray, *, low: FloatArray, high: FloatArray) -> IntArray:
    """Return the positions of points in a box; ``xy`` is sorted by x."""
    first, last = np.searchsorted(xy[:, 0], [low[0], high[0]])
    y = xy[first:last, 1]
    inside: IntArray = np.arange(first, last)[(y >= low[1]) & (y <= high[1])]
    return inside


def search_task(task: SearchTask) -> Triples:
    """Return the pairs of one task by Dijkstra's algorithm from its destinations.

    Parameters
    ----------
    task
        One tile of the search.

    Returns
    -------
    Triples
        Positions in the task's own arrays of goals (origins) and starts (destinations), and metres.
    """
    batch = max(1, BATCH_CELLS // (task.size + len(task.goal_offset) + 1))
    starts = np.arange(len(task.start_offset))
    found = [_search(task, chosen) for chosen in np.split(starts, range(batch, len(starts), batch))]
    return Triples(
        origin=np.concatenate([part.origin for part in found]),
        destination=np.concatenate([part.destination for part in found]),
        metres=np.concatenate([part.metres for part in found]),
    )


def _search(task: SearchTask, chosen: IntArray) -> Triples:
    """Return the pairs of some of the destinations.

    The graph of the part gets one more node, which stands for all nodes outside it and cannot be reached, and
    one node per destination with arcs to the two ends of its street.
    """
    start_m = task.start_along[chosen] + task.start_offset[chosen, None]
    target = task.start_ends[chosen]
    leaves = (target < task.size) & (start_m <= task.limit_m)
    used = int(task.indptr[-1])
    indptr = np.concatenate([task.indptr, [used], used + np.cumsum(leaves.sum(axis=1))])
    size = task.size + 1 + len(chosen)
    graph = sparse.csr_array(
        (
            np.concatenate([task.metres, start_m[leaves]]),
            np.concatenate([task.indices, target[leaves]]),
            indptr.astype(np.int32),
        ),
        shape=(size, size),
    )
    sources = task.size + 1 + np.arange(len(chosen))
    reached = dijkstra(graph, directed=True, indices=sources, limit=task.limit_m)
    ends, along = task.goal_ends, task.goal_along
    walk = np.minimum(reached[:, ends[:, 0]] + along[:, 0], reached[:, ends[:, 1]] + along[:, 1])
    one, other = np.nonzero(task.start_edge[chosen][:, None] == task.goal_edge[None, :])
    direct = np.abs(task.start_along[chosen[one], 0] - task.goal_along[other, 0])
    walk[one, other] = np.minimum(walk[one, other], direct + task.start_offset[chosen[one]])
    walk += task.goal_offset
    row, column = np.nonzero((walk <= task.limit_m) & np.isfinite(walk))
    return Triples(
        origin=column.astype(np.int32),
        destination=chosen[row].astype(np.int32),
        metres=walk[row, column].astype(np.float32),
    )
