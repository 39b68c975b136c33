"""Grow connected areas (catchments, districts) from seed blocks over neighbouring blocks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse
import shapely
from scipy.sparse.csgraph import dijkstra

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.synthetic.lattice import SECONDARY, Blocks, Lines

_CENTIMETRES = 100.0
_CORRIDOR_M, _MAIN_ROAD_M = 650.0, 160.0
_SHIFT = 1 << 32


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Pairs of blocks that share a side, with the distance between them in metres.

    Corridors and main roads add to the distance, so that areas tend to end there. ``count`` is the number of
    blocks.
    """

    first: IntArray
    second: IntArray
    metres: FloatArray
    count: int


def find_neighbours(polygons: npt.NDArray[np.object_], *, blocks: Blocks, lines: Lines) -> Neighbours:
    """Find the blocks that share a side, by their common polygon edges.

    Parameters
    ----------
    polygons
        Block polygons with shared vertices, EPSG:4547.
    blocks, lines
        Blocks and street lines of the lattice.

    Returns
    -------
    Neighbours
        Distances between centroids, metres, with additions for corridors and main roads.
    """
    place, owner = shapely.get_coordinates(polygons, return_index=True)
    whole = np.rint((place - place.min(axis=0)) * _CENTIMETRES).astype(np.int64)
    point = whole[:, 0] * _SHIFT + whole[:, 1]
    same = owner[1:] == owner[:-1]
    low = np.minimum(point[:-1], point[1:])[same]
    high = np.maximum(point[:-1], point[1:])[same]
    block = owner[:-1][same]
    order = np.lexsort((high, low))
    low, high, block = low[order], high[order], block[order]
    twin = np.flatnonzero((low[1:] == low[:-1]) & (high[1:] == high[:-1]))
    pairs = np.unique(np.sort(np.column_stack([block[twin], block[twin + 1]]), axis=1), axis=0)
    first, second = pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64)
    middle = shapely.get_coordinates(shapely.centroid(polygons))
    metres = np.hypot(*(middle[first] - middle[second]).T) + 1.0
    metres += _CORRIDOR_M * (blocks.corridor[first].astype(float) + blocks.corridor[second])
    metres += _MAIN_ROAD_M * _across_main(blocks, lines, first=first, second=second)
    return Neighbours(first=first, second=second, metres=metres, count=len(polygons))


def _across_main(blocks: Blocks, lines: Lines, *, first: IntArray, second: IntArray) -> FloatArray:
    """Return 1.0 for each pair that a main road separates."""
    main = lines.main & (lines.road_class <= SECONDARY)
    across = np.zeros(len(first), dtype=np.bool_)
    for side, opposite in ((0, 1), (1, 0), (2, 3), (3, 2)):
        line = blocks.sides[first, side]
        across |= (line == blocks.sides[second, opposite]) & main[line]
    return across.astype(np.float64)


def with_borders(neighbours: Neighbours, areas: IntArray, *, extra_m: float) -> Neighbours:
    """Return the neighbours with an additional distance across borders of areas.

    Parameters
    ----------
    neighbours
        Pairs of blocks.
    areas
        Area of each block.
    extra_m
        Additional distance, metres.

    Returns
    -------
    Neighbours
        The same pairs.
    """
    border = areas[neighbours.first] != areas[neighbours.second]
    return Neighbours(
        first=neighbours.first,
        second=neighbours.second,
        metres=neighbours.metres + extra_m * border,
        count=neighbours.count,
    )


def grow(neighbours: Neighbours, seeds: IntArray, *, head_start_m: FloatArray | None = None) -> IntArray:
    """Assign every block to its nearest seed; the handicap of a seed is added to its distances.

    Parameters
    ----------
    neighbours
        Pairs of blocks with distances.
    seeds
        Distinct blocks, shape (k,).
    head_start_m
        Handicap of each seed, metres, not negative; default none. A handicap with which a seed would lose its
        own block is reduced.

    Returns
    -------
    IntArray
        Index of the seed of each block, shape (blocks,). Every area is connected, because the shortest path
        from a block to its seed runs through blocks of the same seed.
    """
    handicap = np.zeros(len(seeds)) if head_start_m is None else head_start_m.copy()
    while True:
        owner = _nearest(neighbours, seeds, handicap)
        lost = owner[seeds] != np.arange(len(seeds))
        if not lost.any():
            return owner
        handicap[lost] = np.where(handicap[lost] > 1.0, 0.5 * handicap[lost], 0.0)


def _nearest(neighbours: Neighbours, seeds: IntArray, handicap: FloatArray) -> IntArray:
    count, extra = neighbours.count, np.arange(len(seeds))
    row = np.concatenate([neighbours.first, neighbours.second, count + extra])
    column = np.concatenate([neighbours.second, neighbours.first, seeds])
    metres = np.concatenate([neighbours.metres, neighbours.metres, handicap + 1.0])
    size = count + len(seeds)
    graph = scipy.sparse.csr_array((metres, (row, column)), shape=(size, size))
    _, _, source = dijkstra(graph, indices=count + extra, min_only=True, return_predecessors=True)
    return source[:count].astype(np.int64) - count


def grow_to_loads(
    neighbours: Neighbours, seeds: IntArray, *, weight: FloatArray, wanted: FloatArray, rounds: int = 14
) -> IntArray:
    """Grow areas whose summed ``weight`` approaches ``wanted``, by adjusting the handicaps of the seeds.

    The handicap of a seed with too much weight increases, that of one with too little decreases. A few rounds
    leave an imbalance typical of real catchments.

    Parameters
    ----------
    neighbours
        Pairs of blocks.
    seeds
        Distinct blocks, shape (k,).
    weight
        Weight of each block.
    wanted
        Target weight of each area, shape (k,).
    rounds
        Number of adjustments.

    Returns
    -------
    IntArray
        Index of the seed of each block; the best of all rounds.
    """
    handicap = np.zeros(len(seeds))
    spacing = 0.5 * float(np.median(neighbours.metres)) * np.sqrt(neighbours.count / len(seeds))
    best, best_error = grow(neighbours, seeds), np.inf
    for step in range(rounds):
        owner = grow(neighbours, seeds, head_start_m=handicap)
        load = np.bincount(owner, weights=weight, minlength=len(seeds))
        error = float(np.abs(load - wanted).sum())
        if error < best_error:
            best, best_error = owner, error
        push = np.clip(load / np.maximum(wanted, 1.0) - 1.0, -0.6, 1.5)
        handicap = handicap + 0.5 * spacing * push * (1.0 - 0.5 * step / rounds)
        handicap -= handicap.min()
    return best
