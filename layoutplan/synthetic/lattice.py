"""The abstract plan of a synthetic city: main roads, corridors, superblocks and blocks as rectangles.

Coordinates are whole metres on a plane in which all lines are parallel to an axis, so that crossings and
shared sides are exact. ``terrain`` then transforms that plane to the map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy import ndimage

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.synthetic.arrays import Flags
from layoutplan.synthetic.zones import NeighbourhoodZones

CorridorKind = Literal["", "river", "railway", "expressway"]
CORRIDOR_WIDTH_M: Final[dict[str, int]] = {"river": 110, "railway": 50, "expressway": 90}
PRIMARY, SECONDARY, TERTIARY, RESIDENTIAL, LANE, MOTORWAY = range(6)
ROAD_CLASSES: Final = ("primary", "secondary", "tertiary", "residential", "living_street", "motorway")
_SUPERBLOCK_M: Final = 640.0
_BLOCK_HA: Final = {"core": 2.7, "mid": 3.3, "new": 4.3, "industry": 7.2, "fringe": 6.1}
_SHORTEST_CUT_M: Final = 105


@dataclass(frozen=True, slots=True)
class RoadGrid:
    """Main roads: vertical lines at ``x``, horizontal at ``y``; ``x_strip[i]`` is the corridor from i to i+1.

    ``kept`` (columns × rows) marks the cells inside the city. Merged pairs of cells form one superblock:
    ``open_right[i, j]`` means that no road separates cells (i, j) and (i+1, j), ``open_up`` the same for (i,
    j+1). ``x_cross[i]`` means that vertical line i crosses horizontal corridors, ``y_cross`` the same for
    horizontal lines and vertical corridors.
    """

    x: IntArray
    y: IntArray
    x_strip: tuple[CorridorKind, ...]
    y_strip: tuple[CorridorKind, ...]
    kept: Flags
    open_right: Flags
    open_up: Flags
    x_cross: Flags
    y_cross: Flags


@dataclass(frozen=True, slots=True)
class Lines:
    """Straight streets: ``at`` is the constant coordinate; ``main`` lines cross the whole city."""

    vertical: Flags
    at: IntArray
    road_class: IntArray
    main: Flags


@dataclass(frozen=True, slots=True)
class Blocks:
    """Rectangles between streets; ``sides`` are the lines left, right, below, above.

    A ``corridor`` has no residents.
    """

    x0: IntArray
    x1: IntArray
    y0: IntArray
    y1: IntArray
    sides: IntArray
    zone: IntArray
    corridor: Flags

    @property
    def area_m2(self) -> FloatArray:
        """Area on the abstract plane, m²."""
        return ((self.x1 - self.x0) * (self.y1 - self.y0)).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Lattice:
    """The abstract plan; ``node_line`` and ``node_at`` are the points of lines where others meet them."""

    grid: RoadGrid
    lines: Lines
    blocks: Blocks
    node_line: IntArray
    node_at: IntArray


def make_grid(side_m: float, rng: np.random.Generator) -> RoadGrid:
    """Draw main roads and corridors, and the outline of the city.

    Parameters
    ----------
    side_m
        Approximate side of the city, metres.
    rng
        Random numbers.

    Returns
    -------
    RoadGrid
        On the abstract plane.
    """
    factor = 1.08  # compensates for the corners that the outline cuts off
    width, height = round(side_m * factor * 1.06), round(side_m * factor / 1.06)
    x, x_strip = _cuts(width, kinds=_corridor_kinds(side_m, vertical=True), rng=rng)
    y, y_strip = _cuts(height, kinds=_corridor_kinds(side_m, vertical=False), rng=rng)
    kept = _outline(x, y, rng=rng)
    open_right, open_up = _merged(kept, x_strip=x_strip, y_strip=y_strip, rng=rng)
    return RoadGrid(
        x=x,
        y=y,
        x_strip=x_strip,
        y_strip=y_strip,
        kept=kept,
        open_right=open_right,
        open_up=open_up,
        x_cross=_crossing_lines(x, strip=x_strip, rng=rng),
        y_cross=_crossing_lines(y, strip=y_strip, rng=rng),
    )


def _corridor_kinds(side_m: float, *, vertical: bool) -> list[CorridorKind]:
    """Return the corridors of one direction, in order from west or south."""
    smallest_m = {"river": 2_500.0, "railway": 5_000.0, "expressway": 5_000.0}
    if vertical:
        count = int(side_m >= smallest_m["expressway"]) + int(side_m // 14_000)
        return ["railway" if step % 3 == 2 else "expressway" for step in range(count)]  # noqa: PLR2004
    kinds: list[CorridorKind] = []
    for step in range(1 + int(side_m // 14_000)):
        if side_m >= smallest_m["railway"]:
            kinds.append("expressway" if step % 2 else "railway")
        if side_m >= smallest_m["river"] and step % 2 == 0:
            kinds.append("river")
    return kinds


def _cuts(
    length: int, *, kinds: list[CorridorKind], rng: np.random.Generator
) -> tuple[IntArray, tuple[CorridorKind, ...]]:
    """Return irregular main-road positions from 0 to ``length`` with a strip for each corridor."""
    count = max(2, round(length / _SUPERBLOCK_M))
    steps = rng.uniform(0.68, 1.32, count)
    cuts = np.rint(np.concatenate([[0.0], np.cumsum(steps) / steps.sum()]) * length).astype(np.int64)
    shares = (np.arange(len(kinds)) + 1.0) / (len(kinds) + 1.0)
    if len(kinds) > 1:  # pull corridors away from the middle, where the old town is
        shares = shares + 0.1 * np.sign(shares - 0.5) * (np.abs(shares - 0.5) < 0.2)  # noqa: PLR2004
    else:
        shares = shares + 0.17
    wanted = np.rint(shares * count).astype(np.int64)
    chosen = {int(np.clip(index, 1, count - 1)): kind for index, kind in zip(wanted, kinds, strict=True)}
    positions: list[int] = []
    strips: list[CorridorKind] = []
    for index, cut in enumerate(cuts.tolist()):
        kind = chosen.get(index, "")
        if kind:
            half = CORRIDOR_WIDTH_M[kind] // 2
            positions += [cut - half, cut + half]
            strips += [kind, ""]
        else:
            positions.append(cut)
            strips.append("")
    return np.array(positions, dtype=np.int64), tuple(strips[: len(positions) - 1])


def _outline(x: IntArray, y: IntArray, *, rng: np.random.Generator) -> Flags:
    """Return the cells inside a rounded, irregular outline; one connected region without holes."""
    shape = (len(x) - 1, len(y) - 1)
    phases = rng.uniform(0.0, 2.0 * np.pi, 3)
    across = ((x[:-1] + x[1:]) / x[-1] - 1.0)[:, None]
    along = ((y[:-1] + y[1:]) / y[-1] - 1.0)[None, :]
    angle = np.arctan2(along, across)
    waves = 0.07 * np.sin(2 * angle + phases[0]) + 0.06 * np.sin(3 * angle + phases[1])
    waves = waves + 0.04 * np.sin(5 * angle + phases[2])
    power = 3.2
    kept = (np.abs(across) ** power + np.abs(along) ** power) ** (1 / power) < 1.0 + waves
    smallest = 4
    if min(shape) < smallest:
        return np.ones(shape, dtype=np.bool_)
    labels, _ = ndimage.label(kept)
    largest = np.bincount(labels.ravel())[1:].argmax() + 1
    filled: Flags = ndimage.binary_fill_holes(labels == largest)
    return filled


def _merged(
    kept: Flags,
    *,
    x_strip: tuple[CorridorKind, ...],
    y_strip: tuple[CorridorKind, ...],
    rng: np.random.Generator,
) -> tuple[Flags, Flags]:
    """Select pairs of neighbouring cells that form one superblock (campus, works, park)."""
    plain = kept & ~np.array([bool(s) for s in x_strip])[:, None] & ~np.array([bool(s) for s in y_strip])
    open_right, open_up = np.zeros_like(kept), np.zeros_like(kept)
    taken = ~plain
    draws = rng.random(kept.shape)
    share = 0.16
    for i, j in np.argwhere(plain & (draws < share)):
        right = draws[i, j] < share / 2
        other = (i + 1, j) if right else (i, j + 1)
        if other[0] < kept.shape[0] and other[1] < kept.shape[1] and not taken[i, j] and not taken[other]:
            (open_right if right else open_up)[i, j] = True
            taken[i, j] = taken[other] = True
    return open_right, open_up


def _crossing_lines(cuts: IntArray, *, strip: tuple[CorridorKind, ...], rng: np.random.Generator) -> Flags:
    """Select the main roads that cross corridors: about one in two, without those along a corridor."""
    crosses = np.zeros(len(cuts), dtype=np.bool_)
    step = int(rng.integers(1, 3))
    while step < len(cuts) - 1:
        beside = bool(strip[step]) or bool(strip[step - 1])
        crosses[step] = not beside
        step += 1 if beside else int(rng.integers(1, 4))
    if not crosses.any():
        crosses[len(cuts) // 2] = True
    return crosses


def make_lattice(grid: RoadGrid, zones: NeighbourhoodZones, rng: np.random.Generator) -> Lattice:
    """Divide the superblocks of a grid into blocks, smaller in the old core than in the fringe.

    Parameters
    ----------
    grid
        Main roads and corridors.
    zones
        Kinds of neighbourhood.
    rng
        Random numbers.

    Returns
    -------
    Lattice
        Streets and blocks on the abstract plane.
    """
    lines = _main_lines(grid)
    cells, corridors = _cells(grid, zones)
    node_line, node_at = _main_nodes(grid)
    blocks, lines, cut_line, cut_at = _divide(cells, lines=lines, rng=rng)
    return Lattice(
        grid=grid,
        lines=lines,
        blocks=_joined(blocks, corridors),
        node_line=np.concatenate([node_line, cut_line]),
        node_at=np.concatenate([node_at, cut_at]),
    )


def _main_lines(grid: RoadGrid) -> Lines:
    classes = []
    for strips in (grid.x_strip, grid.y_strip):
        kinds = ("", *strips, "")
        for index in range(len(strips) + 1):
            beside = kinds[index] or kinds[index + 1]
            grade = PRIMARY if index % 3 == 1 else SECONDARY
            by_corridor = {"": grade, "river": TERTIARY, "railway": RESIDENTIAL, "expressway": SECONDARY}
            classes.append(by_corridor[beside])
    columns, rows = len(grid.x), len(grid.y)
    return Lines(
        vertical=np.repeat([True, False], [columns, rows]),
        at=np.concatenate([grid.x, grid.y]),
        road_class=np.array(classes, dtype=np.int64),
        main=np.ones(columns + rows, dtype=np.bool_),
    )


def _main_nodes(grid: RoadGrid) -> tuple[IntArray, IntArray]:
    """Return the crossings of main roads, once for each of the two lines."""
    columns, rows = len(grid.x), len(grid.y)
    on_vertical = np.repeat(np.arange(columns), rows)
    on_horizontal = columns + np.repeat(np.arange(rows), columns)
    return np.concatenate([on_vertical, on_horizontal]), np.concatenate(
        [np.tile(grid.y, columns), np.tile(grid.x, rows)]
    )


def _cells(grid: RoadGrid, zones: NeighbourhoodZones) -> tuple[Blocks, Blocks]:
    """Return the superblocks, and the cells of corridors."""
    x_corridor = np.array([bool(kind) for kind in grid.x_strip])
    y_corridor = np.array([bool(kind) for kind in grid.y_strip])
    covered = np.zeros_like(grid.kept)
    covered[1:] |= grid.open_right[:-1]
    covered[:, 1:] |= grid.open_up[:, :-1]
    i, j = np.nonzero(grid.kept & ~covered)
    right = i + 1 + grid.open_right[i, j]
    above = j + 1 + grid.open_up[i, j]
    columns = len(grid.x)
    corridor = x_corridor[i] | y_corridor[j]
    x0, x1, y0, y1 = grid.x[i], grid.x[right], grid.y[j], grid.y[above]
    zone = zones.at((x0 + x1) / 2.0, (y0 + y1) / 2.0)
    cells = Blocks(
        x0=x0,
        x1=x1,
        y0=y0,
        y1=y1,
        sides=np.column_stack([i, right, columns + j, columns + above]),
        zone=zone,
        corridor=corridor,
    )
    return _taken(cells, ~corridor), _taken(cells, corridor)


def _taken(blocks: Blocks, rows: Flags | IntArray) -> Blocks:
    return Blocks(
        x0=blocks.x0[rows],
        x1=blocks.x1[rows],
        y0=blocks.y0[rows],
        y1=blocks.y1[rows],
        sides=blocks.sides[rows],
        zone=blocks.zone[rows],
        corridor=blocks.corridor[rows],
    )


def _joined(first: Blocks, second: Blocks) -> Blocks:
    return Blocks(
        x0=np.concatenate([first.x0, second.x0]),
        x1=np.concatenate([first.x1, second.x1]),
        y0=np.concatenate([first.y0, second.y0]),
        y1=np.concatenate([first.y1, second.y1]),
        sides=np.concatenate([first.sides, second.sides]),
        zone=np.concatenate([first.zone, second.zone]),
        corridor=np.concatenate([first.corridor, second.corridor]),
    )


def _divide(
    cells: Blocks, *, lines: Lines, rng: np.random.Generator
) -> tuple[Blocks, Lines, IntArray, IntArray]:
    """Bisect superblocks repeatedly and unevenly until each block is small enough for its zone."""
    limits_ha = np.array(list(_BLOCK_HA.values()))
    done, todo = _taken(cells, np.zeros(0, dtype=np.int64)), cells
    node_line: list[IntArray] = []
    node_at: list[IntArray] = []
    depth = 0
    while len(todo.x0):
        limit = limits_ha[todo.zone] * 1e4 * rng.uniform(0.65, 1.45, len(todo.x0))
        longest = np.maximum(todo.x1 - todo.x0, todo.y1 - todo.y0)
        split = (todo.area_m2 > limit) & (longest >= 2 * _SHORTEST_CUT_M)
        done, todo = _joined(done, _taken(todo, ~split)), _taken(todo, split)
        if len(todo.x0):
            todo, lines, touched, at = _halved(todo, lines=lines, depth=depth, rng=rng)
            node_line.append(touched)
            node_at.append(at)
        depth += 1
    empty = np.zeros(0, dtype=np.int64)
    return done, lines, np.concatenate([empty, *node_line]), np.concatenate([empty, *node_at])


def _halved(
    blocks: Blocks, *, lines: Lines, depth: int, rng: np.random.Generator
) -> tuple[Blocks, Lines, IntArray, IntArray]:
    """Divide every block across its longer side by a new street; return the points where the streets end."""
    count = len(blocks.x0)
    width, height = blocks.x1 - blocks.x0, blocks.y1 - blocks.y0
    vertical = np.where(rng.random(count) < 0.12, width < height, width >= height)  # noqa: PLR2004
    vertical = np.where(np.minimum(width, height) < 2 * _SHORTEST_CUT_M, width >= height, vertical)
    low, span = np.where(vertical, blocks.x0, blocks.y0), np.where(vertical, width, height)
    at = np.rint(low + span * rng.uniform(0.36, 0.64, count)).astype(np.int64)
    new = len(lines.at) + np.arange(count)
    left, right, below, above = blocks.sides.T
    first = Blocks(
        x0=blocks.x0,
        x1=np.where(vertical, at, blocks.x1),
        y0=blocks.y0,
        y1=np.where(vertical, blocks.y1, at),
        sides=np.column_stack([left, np.where(vertical, new, right), below, np.where(vertical, above, new)]),
        zone=blocks.zone,
        corridor=blocks.corridor,
    )
    second = Blocks(
        x0=np.where(vertical, at, blocks.x0),
        x1=blocks.x1,
        y0=np.where(vertical, blocks.y0, at),
        y1=blocks.y1,
        sides=np.column_stack([np.where(vertical, new, left), right, np.where(vertical, below, new), above]),
        zone=blocks.zone,
        corridor=blocks.corridor,
    )
    grade = TERTIARY if depth < 1 else RESIDENTIAL
    more = Lines(
        vertical=np.concatenate([lines.vertical, vertical]),
        at=np.concatenate([lines.at, at]),
        road_class=np.concatenate([lines.road_class, np.full(count, grade)]),
        main=np.concatenate([lines.main, np.zeros(count, dtype=np.bool_)]),
    )
    low_end, high_end = np.where(vertical, blocks.y0, blocks.x0), np.where(vertical, blocks.y1, blocks.x1)
    low_side, high_side = np.where(vertical, below, left), np.where(vertical, above, right)
    touched = np.concatenate([new, new, low_side, high_side])
    return _joined(first, second), more, touched, np.concatenate([low_end, high_end, at, at])
