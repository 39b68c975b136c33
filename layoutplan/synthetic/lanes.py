"""Lanes inside compounds and villages: spines, rings, courts and alleys, with gates on streets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.synthetic.arrays import Flags
from layoutplan.synthetic.lattice import Blocks

_Shape = tuple[tuple[tuple[float, float], ...], tuple[tuple[int, int], ...]]

# Points in the unit square (0 or 1 in a coordinate: a gate on that side), and the pieces between them.
_SHAPES: Final[dict[str, _Shape]] = {
    "stub": (((0.5, 0.0), (0.5, 0.42)), ((0, 1),)),
    "court": (
        ((0.35, 0.0), (0.33, 0.6), (0.68, 0.58), (1.0, 0.56)),
        ((0, 1), (1, 2), (2, 3)),
    ),
    "spine": (
        (
            (0.5, 0.0), (0.5, 0.35), (0.52, 0.68), (0.5, 1.0),
            (0.2, 0.36), (0.8, 0.33), (0.22, 0.7), (0.8, 0.66),
        ),
        ((0, 1), (1, 2), (2, 3), (1, 4), (1, 5), (2, 6), (2, 7)),
    ),
    "ring": (
        (
            (0.5, 0.0), (0.5, 0.24), (0.24, 0.25), (0.25, 0.76), (0.75, 0.75), (0.76, 0.5),
            (0.75, 0.25), (1.0, 0.5),
        ),
        ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 1), (5, 7)),
    ),
    "village": (
        (
            (0.5, 0.0), (0.48, 0.24), (0.2, 0.3), (0.78, 0.22), (0.24, 0.55), (0.52, 0.5),
            (0.8, 0.54), (0.5, 0.78), (0.22, 0.8), (1.0, 0.55), (0.0, 0.28),
        ),
        ((0, 1), (1, 2), (1, 3), (1, 5), (2, 4), (5, 4), (5, 6), (5, 7), (7, 8), (6, 9), (2, 10)),
    ),
    "double": (
        (
            (0.5, 0.0), (0.5, 0.16), (0.24, 0.3), (0.24, 0.68), (0.5, 0.84), (0.76, 0.7),
            (0.76, 0.32), (0.5, 0.5), (0.5, 1.0), (1.0, 0.34), (0.0, 0.66),
        ),
        (
            (0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 1), (1, 7), (7, 4), (4, 8),
            (6, 9), (3, 10),
        ),
    ),
}  # fmt: skip
SHAPES: Final = tuple(_SHAPES)


@dataclass(frozen=True, slots=True)
class Lanes:
    """Lane points on the abstract plane, metres, and pieces between them; a gate is on a street line."""

    x: FloatArray
    y: FloatArray
    is_gate: Flags
    gate_line: IntArray
    gate_at: IntArray
    start: IntArray
    end: IntArray


def make_lanes(blocks: Blocks, shape: IntArray, *, rng: np.random.Generator) -> Lanes:
    """Generate lanes in blocks.

    Parameters
    ----------
    blocks
        Blocks of the lattice.
    shape
        Index into ``SHAPES`` of each block, -1 for a block without lanes.
    rng
        Random numbers.

    Returns
    -------
    Lanes
        Of all blocks.
    """
    made = [
        _laid(blocks, np.flatnonzero(shape == index), _SHAPES[name], rng=rng)
        for index, name in enumerate(SHAPES)
    ]
    sizes = np.cumsum([0, *(len(lanes.x) for lanes in made)])
    return Lanes(
        x=np.concatenate([lanes.x for lanes in made]),
        y=np.concatenate([lanes.y for lanes in made]),
        is_gate=np.concatenate([lanes.is_gate for lanes in made]),
        gate_line=np.concatenate([lanes.gate_line for lanes in made]),
        gate_at=np.concatenate([lanes.gate_at for lanes in made]),
        start=np.concatenate([lanes.start + size for lanes, size in zip(made, sizes[:-1], strict=True)]),
        end=np.concatenate([lanes.end + size for lanes, size in zip(made, sizes[:-1], strict=True)]),
    )


def _laid(blocks: Blocks, rows: IntArray, shape: _Shape, *, rng: np.random.Generator) -> Lanes:
    """Place one shape in the given blocks, each with random rotation, reflection and jitter."""
    count = len(rows)
    points, pieces = np.array(shape[0]), np.array(shape[1])
    s = np.broadcast_to(points[:, 0], (count, len(points)))
    t = np.broadcast_to(points[:, 1], (count, len(points)))
    swap, mirror_s, mirror_t = (rng.random((count, 1)) < 0.5 for _ in range(3))  # noqa: PLR2004
    s, t = np.where(swap, t, s), np.where(swap, s, t)
    s, t = np.where(mirror_s, 1.0 - s, s), np.where(mirror_t, 1.0 - t, t)
    shake_s, shake_t = rng.uniform(-0.055, 0.055, (2, count, len(points)))
    on_s, on_t = (s == 0.0) | (s == 1.0), (t == 0.0) | (t == 1.0)
    s, t = np.where(on_s, s, s + shake_s), np.where(on_t, t, t + shake_t)
    x0, y0 = blocks.x0[rows, None], blocks.y0[rows, None]
    x = x0 + s * (blocks.x1[rows, None] - x0)
    y = y0 + t * (blocks.y1[rows, None] - y0)
    left, right, below, above = (blocks.sides[rows, side][:, None] for side in range(4))
    line = np.where(on_s, np.where(s == 0.0, left, right), np.where(t == 0.0, below, above))
    at = np.rint(np.where(on_s, y, x)).astype(np.int64)
    offset = np.arange(count)[:, None] * len(points)
    return Lanes(
        x=x.ravel(),
        y=y.ravel(),
        is_gate=(on_s | on_t).ravel(),
        gate_line=line.ravel(),
        gate_at=at.ravel(),
        start=(offset + pieces[:, 0]).ravel(),
        end=(offset + pieces[:, 1]).ravel(),
    )
