"""Where street lines at grade meet without sharing a vertex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.travel.streets import AT_GRADE, EXACT_M
from layoutplan.travel.vertices import Vertices

CHUNK: Final = 100_000
"""Segments per query; bounds the memory of the candidate pairs."""


@dataclass(frozen=True)
class Segments:
    """The straight segments of all lines at grade.

    Attributes
    ----------
    start
        Position of the vertex at which each segment begins, shape (s,); the next vertex ends it.
    tree
        Spatial index of the segments, in the same order.
    """

    start: IntArray
    tree: shapely.STRtree


@dataclass(frozen=True)
class SplitPoints:
    """Positions at which street lines must be split; parallel arrays of length k.

    Attributes
    ----------
    street
        Position of the line in ``Streets``.
    along
        Distance from the start of the line, metres.
    xy
        Coordinates of the split point, metres, shape (k, 2).
    """

    street: IntArray
    along: FloatArray
    xy: FloatArray

    def __len__(self) -> int:
        """Return the number of split points."""
        return len(self.street)


def grade_segments(vertices: Vertices) -> Segments:
    """Return the segments of the lines at grade, with a spatial index.

    Parameters
    ----------
    vertices
        Vertices of all street lines. Lines of kind ``SHARED`` are left out.

    Returns
    -------
    Segments
        One entry per segment, in the order of the vertices.
    """
    same = vertices.street[1:] == vertices.street[:-1]
    start = np.flatnonzero(same & (vertices.kind[1:] == AT_GRADE)).astype(np.int64)
    ends = np.stack([vertices.xy[start], vertices.xy[start + 1]], axis=1)
    pieces = np.asarray(shapely.linestrings(ends), dtype=object)
    return Segments(start=start, tree=shapely.STRtree(pieces))


def segment_crossings(vertices: Vertices, segments: Segments) -> tuple[SplitPoints, SplitPoints]:
    """Return the points at which segments of one layer cross.

    Crossings within ``EXACT_M`` (one centimetre) of a vertex are left to :func:`t_junctions` and to shared
    vertices; overlapping parallel segments meet at their vertices.

    Parameters
    ----------
    vertices
        Vertices of all street lines.
    segments
        Segments at grade (:func:`grade_segments`).

    Returns
    -------
    tuple of SplitPoints
        The split points of the first and of the second line of each crossing, at equal positions.
    """
    first, second = _candidate_pairs(vertices, segments)
    xy = vertices.xy
    p, r = xy[first], xy[first + 1] - xy[first]
    q, s = xy[second], xy[second + 1] - xy[second]
    gap = q - p
    with np.errstate(divide="ignore", invalid="ignore"):
        turn = r[:, 0] * s[:, 1] - r[:, 1] * s[:, 0]
        t = (gap[:, 0] * s[:, 1] - gap[:, 1] * s[:, 0]) / turn
        u = (gap[:, 0] * r[:, 1] - gap[:, 1] * r[:, 0]) / turn
        crossed = (turn != 0) & (t >= 0) & (t <= 1) & (u >= 0) & (u <= 1)
    first, second, place = first[crossed], second[crossed], (p + t[:, None] * r)[crossed]
    clear = np.ones(len(first), dtype=bool)
    for vertex in (first, first + 1, second, second + 1):
        clear &= np.hypot(*(xy[vertex] - place).T) > EXACT_M
    return _split_points(vertices, first[clear], place[clear]), _split_points(
        vertices, second[clear], place[clear]
    )


def t_junctions(vertices: Vertices, segments: Segments) -> tuple[IntArray, SplitPoints]:
    """Return the vertices at grade that lie on another segment of their layer, and the split points there.

    Parameters
    ----------
    vertices
        Vertices of all street lines.
    segments
        Segments at grade (:func:`grade_segments`).

    Returns
    -------
    tuple of numpy.ndarray and SplitPoints
        Positions of the touching vertices, shape (k,), and one split point of the touched line for each.
    """
    vertex, at = _near(vertices, segments, np.flatnonzero(vertices.kind == AT_GRADE), within_m=EXACT_M)
    keep = vertices.layer[vertex] == vertices.layer[at]
    vertex, at = vertex[keep], at[keep]
    return vertex, _split_points(vertices, at, vertices.xy[vertex])


def undershoots(
    vertices: Vertices, segments: Segments, *, dangling: IntArray, tolerance_m: float
) -> tuple[IntArray, SplitPoints]:
    """Return the dangling ends that stop short of another line at grade, and the split points there.

    Each end is joined to the nearest such line. The end of a street at grade is joined to its own layer only;
    the end of a bridge or tunnel is joined to a line at grade of any layer.

    Parameters
    ----------
    vertices
        Vertices of all street lines.
    segments
        Segments at grade (:func:`grade_segments`).
    dangling
        Positions of the vertices that are ends and meet nothing.
    tolerance_m
        Longest gap between the end and the line, metres.

    Returns
    -------
    tuple of numpy.ndarray and SplitPoints
        Positions of the joined ends, shape (k,), and one split point of the line that each is joined to.
    """
    vertex, at = _near(vertices, segments, dangling, within_m=tolerance_m, drop_ends=False)
    other = vertices.street[vertex] != vertices.street[at]
    level = (vertices.kind[vertex] != AT_GRADE) | (vertices.layer[vertex] == vertices.layer[at])
    vertex, at = vertex[other & level], at[other & level]
    foot = _foot(vertices, at, vertices.xy[vertex])
    order = np.lexsort((at, np.hypot(*(foot - vertices.xy[vertex]).T), vertex))
    nearest = np.unique(vertex[order], return_index=True)[1]
    chosen = order[nearest]
    return vertex[chosen], _split_points(vertices, at[chosen], foot[chosen])


def _candidate_pairs(vertices: Vertices, segments: Segments) -> tuple[IntArray, IntArray]:
    """Return pairs of segments of one layer (by start vertex) whose boxes meet; no neighbours in a line."""
    found = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))]
    for low in range(0, len(segments.start), CHUNK):
        one, other = segments.tree.query(segments.tree.geometries[low : low + CHUNK])
        first, second = segments.start[one + low], segments.start[other]
        neighbours = (second == first + 1) & (vertices.street[first] == vertices.street[second])
        keep = (second > first) & ~neighbours & (vertices.layer[first] == vertices.layer[second])
        found.append((first[keep], second[keep]))
    first_parts, second_parts = zip(*found, strict=True)
    return np.concatenate(first_parts), np.concatenate(second_parts)


def _near(
    vertices: Vertices, segments: Segments, chosen: IntArray, *, within_m: float, drop_ends: bool = True
) -> tuple[IntArray, IntArray]:
    """Return pairs (vertex, segment start) within a distance; segments the vertex belongs to are left out.

    ``drop_ends`` leaves out segments one of whose own ends is as near: those are shared vertices. Coincident
    vertices are looked up once. The tree is queried by boxes, which is faster than by distance.
    """
    places, which = np.unique(vertices.xy[chosen], axis=0, return_inverse=True)
    by_place = np.argsort(which.reshape(-1), kind="stable")
    first = np.searchsorted(which.reshape(-1)[by_place], np.arange(len(places) + 1))
    found = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))]
    for low in range(0, len(places), CHUNK):
        part = places[low : low + CHUNK]
        boxes = shapely.box(*(part - within_m).T, *(part + within_m).T)
        one, other = segments.tree.query(boxes)
        at = segments.start[other]
        keep = np.hypot(*(_foot(vertices, at, part[one]) - part[one]).T) <= within_m
        if drop_ends:
            for end in (at, at + 1):
                keep &= np.hypot(*(vertices.xy[end] - part[one]).T) > within_m
        found.append((one[keep] + low, at[keep]))
    place_parts, at_parts = zip(*found, strict=True)
    place, at = np.concatenate(place_parts), np.concatenate(at_parts)
    count = first[place + 1] - first[place]
    offset = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    vertex, at = chosen[by_place[np.repeat(first[place], count) + offset]], np.repeat(at, count)
    keep = (vertex != at) & (vertex != at + 1)
    return vertex[keep], at[keep]


def _foot(vertices: Vertices, at: IntArray, xy: FloatArray) -> FloatArray:
    """Return the nearest place on each segment to each point."""
    start, step = vertices.xy[at], vertices.xy[at + 1] - vertices.xy[at]
    share = ((xy - start) * step).sum(axis=1) / (step**2).sum(axis=1)
    foot: FloatArray = start + np.clip(share, 0.0, 1.0)[:, None] * step
    return foot


def _split_points(vertices: Vertices, at: IntArray, xy: FloatArray) -> SplitPoints:
    """Return split points of segments at points on them or within rounding of them."""
    foot = _foot(vertices, at, xy)
    along = vertices.along[at] + np.hypot(*(foot - vertices.xy[at]).T)
    return SplitPoints(street=vertices.street[at], along=along, xy=foot)
