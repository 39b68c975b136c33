"""Noding: where street lines meet, and the edges between those nodes.

Two lines are joined where

* they share a point (to a centimetre): ends always; an end and an inner vertex; two inner vertices if both
  lines are at grade and of one layer;
* they cross, or a vertex of one lies on the other, both at grade and of one layer;
* an end that meets nothing else stops within a tolerance of a line at grade (a T drawn slightly short).

A bridge or tunnel joins others at its ends only; an inner vertex of a bridge (tunnel) is joined only to the
end of another bridge (tunnel) of its layer. Nothing is therefore joined to a street that passes over or under
it.

Lines with ``joined_at = "vertices"`` (OpenStreetMap, where ways that meet share a node) are joined at shared
points alone, ends or not, whatever their layer: no crossing is created and no end is extended.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.ops import substring

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.travel.crossings import (
    SplitPoints,
    grade_segments,
    segment_crossings,
    t_junctions,
    undershoots,
)
from layoutplan.travel.distinct import distinct, distinct_pairs
from layoutplan.travel.streets import EXACT_M, Streets
from layoutplan.travel.vertices import SHARED, Vertices, coincident, link, shared_places, street_vertices

LOOP_M: Final = 5 * EXACT_M
"""A ring shorter than this is an artefact of noding, not a street."""


@dataclass(frozen=True)
class Noded:
    """Street lines split into edges at nodes.

    Attributes
    ----------
    nodes
        Coordinates, metres, shape (n, 2), sorted by x, then y.
    ends
        Node positions of each edge's two ends, shape (e, 2), first < second: rings are split in two.
    lines
        LineStrings of the edges, from first to second end, shape (e,). Several edges may join the same two
        nodes.
    streets
        Position in ``Streets`` of the line that each edge is a piece of, shape (e,).
    end_nodes, end_links
        Number of nodes, and of distinct pairs of joined nodes, if lines were joined by shared end points
        alone.
    crossings
        Number of nodes created at crossings and t_junctions that no shared vertex marks.
    mended_ends
        Number of ends that stopped short and were joined.
    """

    nodes: FloatArray
    ends: npt.NDArray[np.int32]
    lines: npt.NDArray[np.object_]
    streets: IntArray
    end_nodes: int
    end_links: int
    crossings: int
    mended_ends: int


@dataclass(frozen=True)
class _Joints:
    """All positions of all lines (vertices first, then split points) and the node of each, -1 for none."""

    street: IntArray
    along: FloatArray
    xy: FloatArray
    node: IntArray
    crossings: int
    mended_ends: int


def node_streets(streets: Streets, *, tolerance_m: float) -> Noded:
    """Split street lines where they meet, by the rules of this module.

    Parameters
    ----------
    streets
        Cleaned street lines, metres.
    tolerance_m
        Longest gap between a dangling end and the street it should meet, metres.

    Returns
    -------
    Noded
        Nodes and edges; empty where there are no lines.
    """
    vertices = street_vertices(streets)
    joints = _join(vertices, tolerance_m=tolerance_m)
    lines, ends, street = _cut_rings(*_edges(joints))
    nodes = _end_positions(lines, ends)
    order = np.lexsort((nodes[:, 1], nodes[:, 0]))
    rank = np.empty(len(nodes), dtype=np.int64)
    rank[order] = np.arange(len(nodes))
    ends = rank[ends]
    backwards = ends[:, 0] > ends[:, 1]
    lines[backwards] = shapely.reverse(lines[backwards])
    ends = np.sort(ends, axis=1)
    by_ends = np.lexsort((shapely.length(lines), ends[:, 1], ends[:, 0]))
    end_nodes, end_links = _shared_end_figures(vertices)
    return Noded(
        nodes=nodes[order],
        ends=ends[by_ends].astype(np.int32),
        lines=lines[by_ends],
        streets=street[by_ends],
        end_nodes=end_nodes,
        end_links=end_links,
        crossings=joints.crossings,
        mended_ends=joints.mended_ends,
    )


def _join(vertices: Vertices, *, tolerance_m: float) -> _Joints:
    """Find all positions where lines meet, and number the nodes."""
    segments = grade_segments(vertices)
    shared = shared_places(vertices)
    crossed, crossing = segment_crossings(vertices, segments)
    touching, touched = t_junctions(vertices, segments)
    dangling = _dangling(
        vertices,
        met=np.concatenate([shared.ravel(), touching]),
        splits=(crossed, crossing, touched),
        tolerance_m=tolerance_m,
    )
    short, mended = undershoots(vertices, segments, dangling=dangling, tolerance_m=tolerance_m)
    splits = (crossed, crossing, touched, mended)
    first = len(vertices) + np.cumsum([0, *map(len, splits)])
    pairs = np.concatenate(
        [
            shared,
            np.column_stack([np.arange(first[0], first[1]), np.arange(first[1], first[2])]),
            np.column_stack([touching, np.arange(first[2], first[3])]),
            np.column_stack([short, np.arange(first[3], first[4])]),
        ],
    )
    street = np.concatenate([vertices.street, *(split.street for split in splits)])
    along = np.concatenate([vertices.along, *(split.along for split in splits)])
    xy = np.concatenate([vertices.xy, *(split.xy for split in splits)])
    is_node = np.ones(len(street), dtype=bool)
    is_node[: len(vertices)] = vertices.is_end
    is_node[pairs.ravel()] = True
    pairs = np.concatenate([pairs, _same_place_of_a_line(street, along, np.flatnonzero(is_node))])
    node = np.where(is_node, link(len(street), pairs), -1)
    unmarked = np.unique(node[first[0] : first[3]])
    return _Joints(street, along, xy, _renumber(node), crossings=len(unmarked), mended_ends=len(short))


def _dangling(
    vertices: Vertices, *, met: IntArray, splits: tuple[SplitPoints, ...], tolerance_m: float
) -> IntArray:
    """Return the ends that meet nothing: no shared place, and no split point of their own line nearby.

    Ends of lines that meet others at vertices only are left out: their topology is stated by the source.
    """
    free = vertices.is_end & (vertices.kind != SHARED)
    free[met] = False
    ends = np.flatnonzero(free)
    count = int(vertices.street.max(initial=-1)) + 1
    first_split, last_split = np.full(count, np.inf), np.full(count, -np.inf)
    for split in splits:
        np.minimum.at(first_split, split.street, split.along)
        np.maximum.at(last_split, split.street, split.along)
    street, along = vertices.street[ends], vertices.along[ends]
    gap = np.where(along == 0, first_split[street], along - last_split[street])
    return ends[gap > tolerance_m]


def _same_place_of_a_line(street: IntArray, along: FloatArray, chosen: IntArray) -> IntArray:
    """Return pairs of chosen positions of one line that coincide to a centimetre."""
    order = chosen[np.lexsort((along[chosen], street[chosen]))]
    here, there = order[:-1], order[1:]
    same = (street[here] == street[there]) & (along[there] - along[here] <= EXACT_M)
    return np.column_stack([here[same], there[same]])


def _renumber(node: IntArray) -> IntArray:
    """Return node labels as 0, 1, 2, …; -1 stays."""
    known = node >= 0
    fresh = np.full(len(node), -1, dtype=np.int64)
    fresh[known] = np.unique(node[known], return_inverse=True)[1].reshape(-1)
    return fresh


def _edges(joints: _Joints) -> tuple[npt.NDArray[np.object_], IntArray, IntArray]:
    """Return the pieces between nodes: lines, end nodes (k, 2) and street; artefacts of noding left out.

    A node is placed at the mean of its positions, rounded to a micrometre (so that the order of rows cannot
    change it), and the lines are moved to it: lengths are taken from the moved lines, so no edge is shorter
    than the straight line between its nodes.
    """
    xy = joints.xy.copy()
    known = joints.node >= 0
    count = np.bincount(joints.node[known])
    for axis in (0, 1):
        mean = np.bincount(joints.node[known], weights=joints.xy[known, axis]) / np.maximum(count, 1)
        xy[known, axis] = np.round(mean, 6)[joints.node[known]]
    order = np.lexsort((joints.along, joints.street))
    stops = np.flatnonzero(joints.node[order] >= 0)
    start, stop = stops[:-1], stops[1:]
    same = joints.street[order[start]] == joints.street[order[stop]]
    start, stop = start[same], stop[same]
    size = stop - start + 1
    piece = np.repeat(np.arange(len(size)), size)
    offset = np.arange(len(piece)) - np.repeat(np.cumsum(size) - size, size)
    lines = shapely.linestrings(xy[order[np.repeat(start, size) + offset]], indices=piece)
    ends = np.column_stack([joints.node[order[start]], joints.node[order[stop]]])
    street = joints.street[order[start]]
    real = (ends[:, 0] != ends[:, 1]) | (shapely.length(lines) > LOOP_M)
    return np.asarray(lines)[real], ends[real], street[real]


def _cut_rings(
    lines: npt.NDArray[np.object_], ends: IntArray, street: IntArray
) -> tuple[npt.NDArray[np.object_], IntArray, IntArray]:
    """Split every edge that returns to its own node in two, at a new node in its middle."""
    ring = ends[:, 0] == ends[:, 1]
    rings = np.flatnonzero(ring)
    fresh = ends.max(initial=-1) + 1 + np.arange(len(rings))
    halves = np.empty((2, len(rings)), dtype=object)
    for k, line in enumerate(lines[rings]):
        halves[0, k] = substring(line, 0.0, 0.5, normalized=True)
        halves[1, k] = substring(line, 0.5, 1.0, normalized=True)
    there = np.column_stack([ends[rings, 0], fresh])
    back = np.column_stack([fresh, ends[rings, 0]])
    return (
        np.concatenate([lines[~ring], halves[0], halves[1]]),
        np.concatenate([ends[~ring], there, back]),
        np.concatenate([street[~ring], street[rings], street[rings]]),
    )


def _end_positions(lines: npt.NDArray[np.object_], ends: IntArray) -> FloatArray:
    """Return the position of every node, from the edges' end points."""
    nodes = np.zeros((int(ends.max(initial=-1)) + 1, 2))
    for side in (0, -1):
        nodes[ends[:, side]] = shapely.get_coordinates(shapely.get_point(lines, side))
    return nodes


def _shared_end_figures(vertices: Vertices) -> tuple[int, int]:
    """Return nodes and distinct links when lines are joined by shared end points alone."""
    ends = np.flatnonzero(vertices.is_end)
    label = coincident(vertices.xy[ends])
    low, high = np.sort(label.reshape(-1, 2), axis=1).T
    return len(distinct(label)), len(distinct_pairs(low, high)[0])
