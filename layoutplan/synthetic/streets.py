"""Streets and blocks of a synthetic city on the map: junctions, street pieces, barriers, block polygons.

Streets are split at every junction, so that two pieces that meet share an end point exactly; a bridge or
underpass has no junction between its ends. Coordinates are whole centimetres in EPSG:4547.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse
import shapely
from scipy.sparse.csgraph import connected_components

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.synthetic.arrays import Flags, ragged_ranges
from layoutplan.synthetic.lanes import Lanes
from layoutplan.synthetic.lattice import (
    LANE,
    MOTORWAY,
    RESIDENTIAL,
    SECONDARY,
    TERTIARY,
    Blocks,
    Lattice,
    Lines,
    RoadGrid,
)
from layoutplan.synthetic.terrain import Terrain

_BIG = 1 << 24  # above any abstract coordinate, m
_MISSING = {SECONDARY: 0.012, TERTIARY: 0.05, RESIDENTIAL: 0.10}
_JITTER_M = 11.0
_MOTORWAY_PIECE_M = 900.0
_DENSE_M = 90.0


@dataclass(frozen=True, slots=True)
class StreetPlan:
    """Street pieces: geometry, class, line (for the name; -1 for a lane), bridge and tunnel flags."""

    geometry: npt.NDArray[np.object_]
    road_class: IntArray
    line: IntArray
    bridge: Flags
    tunnel: Flags


@dataclass(frozen=True, slots=True)
class Barrier:
    """A railway, river or expressway: its kind, its number within the kind, and its centre line."""

    kind: str
    number: int
    line: shapely.LineString


@dataclass(frozen=True, slots=True)
class _Points:
    """All junctions: abstract coordinates, map coordinates, and the points of each line in order."""

    x: IntArray
    y: IntArray
    place: FloatArray
    line: IntArray
    at: IntArray
    node: IntArray


def make_streets(
    lattice: Lattice, lanes: Lanes, *, terrain: Terrain, rng: np.random.Generator
) -> tuple[StreetPlan, npt.NDArray[np.object_], tuple[Barrier, ...]]:
    """Transform the lattice to the map.

    Parameters
    ----------
    lattice
        Streets and blocks on the abstract plane.
    lanes
        Lanes inside blocks.
    terrain
        Transformation to EPSG:4547.
    rng
        Random numbers.

    Returns
    -------
    streets
        Street pieces.
    polygons
        Polygon of each block.
    barriers
        Railways, rivers and expressways.
    """
    points = _points(lattice, lanes, terrain=terrain, rng=rng)
    start, end, line, bridge, tunnel = _pieces(lattice, points, rng=rng)
    first = len(points.place)
    place = np.vstack([points.place, np.round(terrain.place(lanes.x, lanes.y), 2)])
    gates = _gate_nodes(points, lanes)
    lane_nodes = np.where(lanes.is_gate, gates, first + np.arange(len(lanes.x)))
    lane_start, lane_end = lane_nodes[lanes.start], lane_nodes[lanes.end]
    none = np.zeros(len(lane_start), dtype=np.bool_)
    start, end = np.concatenate([start, lane_start]), np.concatenate([end, lane_end])
    streets = StreetPlan(
        geometry=np.asarray(shapely.linestrings(np.stack([place[start], place[end]], axis=1))),
        road_class=np.concatenate([lattice.lines.road_class[line], np.full(len(lane_start), LANE)]),
        line=np.concatenate([line, np.full(len(lane_start), -1)]),
        bridge=np.concatenate([bridge, none]),
        tunnel=np.concatenate([tunnel, none]),
    )
    joined = _in_large_components(start, end, count=len(place))
    barriers = _barriers(lattice.grid, terrain)
    return (
        _with_motorways(_taken(streets, joined), barriers, lines=len(lattice.lines.at)),
        _polygons(lattice.blocks, points),
        barriers,
    )


def _points(lattice: Lattice, lanes: Lanes, *, terrain: Terrain, rng: np.random.Generator) -> _Points:
    """Collect the points of all lines and gates, number them, and place them on the map."""
    gate_line, gate_at = lanes.gate_line[lanes.is_gate], lanes.gate_at[lanes.is_gate]
    key = np.unique(
        np.concatenate([lattice.node_line, gate_line]) * _BIG + np.concatenate([lattice.node_at, gate_at])
    )
    line, at = key // _BIG, key % _BIG
    vertical = lattice.lines.vertical[line]
    x = np.where(vertical, lattice.lines.at[line], at)
    y = np.where(vertical, at, lattice.lines.at[line])
    packed, node = np.unique(x * _BIG + y, return_inverse=True)
    x, y = packed // _BIG, packed % _BIG
    # points move by less than a fifth of the distance to their neighbours, so that polygons stay valid
    gap = np.full(len(packed), np.inf)
    step = np.where(line[1:] == line[:-1], np.diff(at), np.inf)
    np.minimum.at(gap, node[1:], step)
    np.minimum.at(gap, node[:-1], step)
    minor = np.full(len(packed), RESIDENTIAL, dtype=np.int64)
    np.minimum.at(minor, node, lattice.lines.road_class[line])
    freedom = np.minimum(_JITTER_M * np.array([0.2, 0.4, 0.7, 1.0])[minor], 0.18 * gap)
    shake = rng.uniform(-1.0, 1.0, (len(packed), 2)) * freedom[:, None]
    place = np.round(terrain.place(x + shake[:, 0], y + shake[:, 1]), 2)
    return _Points(x=x, y=y, place=place, line=line, at=at, node=node.astype(np.int64))


def _gate_nodes(points: _Points, lanes: Lanes) -> IntArray:
    """Return, for each lane point that is a gate, the number of its junction; 0 for the others."""
    key = points.line * _BIG + points.at
    wanted = lanes.gate_line * _BIG + lanes.gate_at
    where = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
    found: IntArray = np.where(lanes.is_gate, points.node[where], 0)
    return found


def _pieces(
    lattice: Lattice, points: _Points, *, rng: np.random.Generator
) -> tuple[IntArray, IntArray, IntArray, Flags, Flags]:
    """Split every line at its points; omit pieces outside the city, inside superblocks, or missing."""
    same = points.line[1:] == points.line[:-1]
    line = points.line[:-1][same]
    low, high = points.at[:-1][same], points.at[1:][same]
    start, end = points.node[:-1][same], points.node[1:][same]
    present, crossing = _present(lattice.grid, lattice.lines, line=line, middle=(low + high) / 2.0)
    chance = np.zeros(MOTORWAY + 1)
    for road_class, share in _MISSING.items():
        chance[road_class] = share
    missing = (rng.random(len(line)) < chance[lattice.lines.road_class[line]]) & (crossing == 0)
    kept = present & ~missing
    tunnel = (crossing == 2) & (rng.random(len(line)) < 0.6)  # noqa: PLR2004  # a railway: mostly underpasses
    bridge = (crossing > 0) & ~tunnel
    return start[kept], end[kept], line[kept], bridge[kept], tunnel[kept]


def _present(grid: RoadGrid, lines: Lines, *, line: IntArray, middle: FloatArray) -> tuple[Flags, IntArray]:
    """Return which pieces exist, and which corridor they cross: 0 none, 1 river or expressway, 2 railway."""
    present = np.ones(len(line), dtype=np.bool_)
    crossing = np.zeros(len(line), dtype=np.int64)
    codes = {"": 0, "river": 1, "expressway": 1, "railway": 2}
    columns = len(grid.x)
    for vertical in (True, False):
        rows = np.flatnonzero(lines.main[line] & (lines.vertical[line] == vertical))
        index = line[rows] - (0 if vertical else columns)
        cuts, strips = (grid.y, grid.y_strip) if vertical else (grid.x, grid.x_strip)
        crosses = grid.x_cross if vertical else grid.y_cross
        kept, opened = (grid.kept, grid.open_right) if vertical else (grid.kept.T, grid.open_up.T)
        cell = np.searchsorted(cuts, middle[rows], side="right") - 1
        padded = np.vstack([np.zeros_like(kept[:1]), kept, np.zeros_like(kept[:1])])
        before, after = padded[index, cell], padded[index + 1, cell]
        joined = np.vstack([np.zeros_like(opened[:1]), opened])[index, cell]
        code = np.array([codes[kind] for kind in strips])[cell]
        crossing[rows] = code
        inside = np.where(code > 0, before & after & crosses[index], before | after)
        present[rows] = inside & ~joined
    return present, np.where(present, crossing, 0)


def _in_large_components(start: IntArray, end: IntArray, *, count: int) -> Flags:
    """Return which pieces belong to the largest component, or to one with at least 2 % of the junctions."""
    ones = np.ones(len(start), dtype=np.int8)
    graph = scipy.sparse.coo_array((ones, (start, end)), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    used = np.unique(np.concatenate([start, end]))
    sizes = np.bincount(label[used])
    share = 0.02
    large = (sizes == sizes.max()) | (sizes >= share * len(used))
    kept: Flags = large[label[start]]
    return kept


def _taken(streets: StreetPlan, rows: Flags) -> StreetPlan:
    return StreetPlan(
        geometry=streets.geometry[rows],
        road_class=streets.road_class[rows],
        line=streets.line[rows],
        bridge=streets.bridge[rows],
        tunnel=streets.tunnel[rows],
    )


def _barriers(grid: RoadGrid, terrain: Terrain) -> tuple[Barrier, ...]:
    """Return the centre line of every corridor within the city."""
    found: list[Barrier] = []
    for vertical, cuts, other, strips in (
        (True, grid.x, grid.y, grid.x_strip),
        (False, grid.y, grid.x, grid.y_strip),
    ):
        for index, kind in enumerate(strips):
            if not kind:
                continue
            inside = np.flatnonzero(grid.kept[index] if vertical else grid.kept[:, index])
            if not len(inside):
                continue
            low, high = float(other[inside[0]]), float(other[inside[-1] + 1])
            along = np.linspace(low, high, max(2, round((high - low) / _DENSE_M)))
            middle = np.full_like(along, (cuts[index] + cuts[index + 1]) / 2.0)
            place = terrain.place(middle, along) if vertical else terrain.place(along, middle)
            number = sum(other_barrier.kind == kind for other_barrier in found)
            found.append(Barrier(kind=kind, number=number, line=shapely.LineString(np.round(place, 2))))
    return tuple(found)


def _with_motorways(streets: StreetPlan, barriers: tuple[Barrier, ...], *, lines: int) -> StreetPlan:
    """Add the expressways as streets without junctions; pieces across a railway or river are bridges."""
    pieces: list[shapely.LineString] = []
    number: list[int] = []
    others = [barrier.line for barrier in barriers if barrier.kind != "expressway"]
    for barrier in barriers:
        if barrier.kind == "expressway":
            vertices = shapely.get_coordinates(barrier.line)
            stride = max(1, round(_MOTORWAY_PIECE_M / _DENSE_M))
            for first in range(0, len(vertices) - 1, stride):
                pieces.append(shapely.LineString(vertices[first : first + stride + 1]))
                number.append(barrier.number)
    made = np.array(pieces, dtype=object)
    over = np.array([any(piece.intersects(other) for other in others) for piece in pieces], dtype=np.bool_)
    return StreetPlan(
        geometry=np.concatenate([streets.geometry, made]),
        road_class=np.concatenate([streets.road_class, np.full(len(made), MOTORWAY)]),
        line=np.concatenate([streets.line, lines + np.array(number, dtype=np.int64)]),
        bridge=np.concatenate([streets.bridge, over]),
        tunnel=np.concatenate([streets.tunnel, np.zeros(len(made), dtype=np.bool_)]),
    )


def _polygons(blocks: Blocks, points: _Points) -> npt.NDArray[np.object_]:
    """Construct each block from all points on its four sides, so that neighbours share every vertex."""
    key = points.line * _BIG + points.at
    left, right, below, above = blocks.sides.T
    parts: list[tuple[IntArray, IntArray, IntArray]] = []
    for side, (line, low, high, forward) in enumerate(
        (
            (below, blocks.x0, blocks.x1, True),
            (right, blocks.y0, blocks.y1, True),
            (above, blocks.x0, blocks.x1, False),
            (left, blocks.y0, blocks.y1, False),
        )
    ):
        first = np.searchsorted(key, line * _BIG + low)
        last = np.searchsorted(key, line * _BIG + high)  # the corner belongs to the next side
        if forward:
            index, owner = ragged_ranges(first, last)
        else:
            index, owner = ragged_ranges(first + 1, last + 1)
            index = first[owner] + 1 + last[owner] - index  # the same range, backwards
        parts.append((owner * 4 + side, index, owner))
    order = np.argsort(np.concatenate([part[0] for part in parts]), kind="stable")
    node = points.node[np.concatenate([part[1] for part in parts])[order]]
    owner = np.concatenate([part[2] for part in parts])[order]
    starts = np.searchsorted(owner, np.arange(len(blocks.x0)))
    closed = np.insert(node, np.append(starts[1:], len(node)), node[starts])
    ring = np.insert(owner, np.append(starts[1:], len(node)), np.arange(len(blocks.x0)))
    made: npt.NDArray[np.object_] = shapely.polygons(shapely.linearrings(points.place[closed], indices=ring))
    return made
