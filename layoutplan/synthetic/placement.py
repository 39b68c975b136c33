"""Select blocks for schools: near the children and far from each other."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.synthetic.arrays import Flags

_ROUNDS = 10
_NEAREST = 40


def place_sites(
    count: int, *, place: FloatArray, weight: FloatArray, free: Flags, rng: np.random.Generator
) -> IntArray:
    """Select ``count`` distinct free blocks that divide ``weight`` about evenly (weighted k-means).

    Parameters
    ----------
    count
        Number of blocks.
    place
        Point in each block, metres, shape (blocks, 2).
    weight
        Children (or residents) of each block; blocks of weight 0 attract no school.
    free
        Blocks that may be selected; at least ``count`` of them.
    rng
        Random numbers.

    Returns
    -------
    IntArray
        Selected blocks, shape (count,).
    """
    lived = np.flatnonzero(weight > 0)
    points, mass = place[lived], weight[lived]
    centres = _spread_start(count, points=points, mass=mass, rng=rng)
    for _ in range(_ROUNDS):
        _, owner = KDTree(centres).query(points)
        total = np.bincount(owner, weights=mass, minlength=count)
        sums = [np.bincount(owner, weights=mass * points[:, axis], minlength=count) for axis in (0, 1)]
        moved = np.column_stack(sums) / np.maximum(total, 1e-9)[:, None]
        centres = np.where(total[:, None] > 0, moved, centres)
    return nearest_free(centres, place=place, free=free)


def _spread_start(
    count: int, *, points: FloatArray, mass: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Draw initial centres, each far from the previous ones (k-means++)."""
    chosen = np.empty(count, dtype=np.int64)
    squared = np.full(len(points), np.inf)
    draws = rng.random(count)
    for step in range(count):
        chance = np.cumsum(mass if step == 0 else mass * squared)
        pick = np.searchsorted(chance, draws[step] * chance[-1])
        chosen[step] = min(int(pick), len(points) - 1)
        np.minimum(squared, ((points - points[chosen[step]]) ** 2).sum(axis=1), out=squared)
    return points[chosen]


def nearest_free(wanted: FloatArray, *, place: FloatArray, free: Flags) -> IntArray:
    """Return, for each point in order, the nearest free block that has not been taken.

    Parameters
    ----------
    wanted
        Points, metres, shape (n, 2).
    place
        Point in each block, metres, shape (blocks, 2).
    free
        Blocks that may be selected; at least n of them.

    Returns
    -------
    IntArray
        Distinct blocks, shape (n,).
    """
    candidates = np.flatnonzero(free)
    near = min(_NEAREST, len(candidates))
    _, found = KDTree(place[candidates]).query(wanted, k=near)
    found = np.asarray(found).reshape(len(wanted), near)
    taken = np.zeros(len(candidates), dtype=np.bool_)
    chosen = np.empty(len(wanted), dtype=np.int64)
    for row, options in enumerate(found):
        open_options = options[~taken[options]]
        if len(open_options) == 0:
            rest = np.flatnonzero(~taken)
            open_options = rest[np.argsort(((place[candidates[rest]] - wanted[row]) ** 2).sum(axis=1))[:1]]
        taken[open_options[0]] = True
        chosen[row] = candidates[open_options[0]]
    return chosen
