"""Barriers: lines that pedestrians cross only at a crossing, on a bridge or through an underpass.

:func:`bar` returns the network that remains when the given lines cannot be crossed elsewhere:

* a street at grade that runs over a barrier is cut there;
* a street that runs along a barrier (the trunk road itself) is duplicated, one copy on each side, and each
  junction on it is divided into its corners: a walk that reaches the trunk road from the left continues on
  its left side, and gets to the right side only at a crossing or around the end of the barrier.

Nothing is cut within ``crossing_m`` of a crossing; bridges and tunnels are never cut. Points snap to streets
on their own side only (:mod:`layoutplan.travel.barring`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.ops import substring

from layoutplan.arrays import IntArray
from layoutplan.travel.barring import Barring
from layoutplan.travel.corners import Corners, corners_of
from layoutplan.travel.network import Network, link_edges

PHYSICAL: Final = ("river", "railway", "expressway", "other")
"""Kinds of barrier that can be crossed at crossings and bridges only."""

TRUNK: Final = ("trunk_road",)
"""Kinds that adults may cross anywhere and pupils should not."""

_CROSSING: Final = "crossing"

BESIDE_M: Final = 0.5
"""A street within this distance of a barrier over its whole length is the barrier (a trunk road) itself."""

_LEAST_ALONG_M: Final = 3 * BESIDE_M  # a shorter piece within the strip may also lie across it
_ASIDE_M: Final = 0.02  # each side of a street is offset by this, so that points snap to their own side


@dataclass(frozen=True)
class _Edges:
    """Edges under construction; node positions refer to ``xy``."""

    lines: npt.NDArray[np.object_]
    ends: IntArray
    metres: npt.NDArray[np.float64]
    origin: IntArray
    xy: npt.NDArray[np.float64]


def keep_to_bridges(network: Network, barriers: gpd.GeoDataFrame, *, crossing_m: float) -> Network:
    """Return the network in which railways, rivers and expressways are crossed at crossings and bridges only.

    Where the roads mark no bridge or tunnel anywhere, a street drawn over a river or railway is assumed to
    have one: nothing is cut, and the report counts the places (``unmarked_bridges``).

    Parameters
    ----------
    network
        Walking network.
    barriers
        Input table ``barriers``: ``kind``, ``crossable``, geometry in the network's CRS. Rows of kind
        ``crossing`` are crossings; other rows with ``crossable`` set have no effect.
    crossing_m
        A crossing serves streets that meet the barrier within this distance of it, metres.

    Returns
    -------
    Network
        ``network`` with barriers applied, in the same CRS.
    """
    barred = bar(
        network,
        _of_kinds(barriers, PHYSICAL),
        crossings=_of_kinds(barriers, (_CROSSING,)),
        crossing_m=crossing_m,
    )
    places = barred.report.barrier_cuts + barred.report.barrier_corners
    if places and network.edge_at_grade.all():
        report = replace(network.report, unmarked_bridges=places)
        return replace(network, report=report, barring=barred.barring)
    return barred


def keep_to_side(
    network: Network, barriers: gpd.GeoDataFrame, *, crossing_m: float, walk_along: bool = True
) -> Network:
    """Return the network in which trunk roads are crossed at crossings, bridges and underpasses only.

    Parameters
    ----------
    network
        Walking network.
    barriers
        Input table ``barriers``, as for :func:`keep_to_bridges`.
    crossing_m
        A crossing serves streets that meet the barrier within this distance of it, metres.
    walk_along
        Whether a trunk road at grade may be walked along, on either side.

    Returns
    -------
    Network
        ``network`` with barriers applied, in the same CRS.
    """
    return bar(
        network,
        _of_kinds(barriers, TRUNK),
        crossings=_of_kinds(barriers, (_CROSSING,)),
        crossing_m=crossing_m,
        walk_along=walk_along,
    )


def _of_kinds(barriers: gpd.GeoDataFrame, kinds: tuple[str, ...]) -> gpd.GeoSeries:
    """Return the geometry of barriers of some kinds; of crossable rows only crossings."""
    stays = ~barriers["crossable"].fillna(value=False).astype(bool) | (barriers["kind"] == _CROSSING)
    return barriers.geometry[barriers["kind"].isin(kinds) & stays]


def bar(
    network: Network,
    lines: gpd.GeoSeries,
    *,
    crossings: gpd.GeoSeries,
    crossing_m: float,
    walk_along: bool = True,
) -> Network:
    """Return the network without connections across barriers.

    The report counts the cuts, the divided junctions and the places that a crossing keeps connected.

    Parameters
    ----------
    network
        Walking network.
    lines
        Barriers, lines or areas (of areas the outlines), in the network's CRS.
    crossings
        Places where barriers may be crossed, of any geometry type; they apply to all barriers.
    crossing_m
        A crossing serves streets that meet the barrier within this distance of it, metres.
    walk_along
        Whether streets along a barrier are kept, one copy on each side.

    Returns
    -------
    Network
        ``network`` itself where there is no barrier or no street.

    Examples
    --------
    A street over a railway, without a crossing and with one:

    >>> from shapely import LineString, Point
    >>> street = gpd.GeoDataFrame(geometry=[LineString([(0, 0), (0, 200)])], crs="EPSG:4547")
    >>> railway = gpd.GeoSeries([LineString([(-50, 80), (50, 80)])], crs="EPSG:4547")
    >>> gate = gpd.GeoSeries([Point(10, 80)], crs="EPSG:4547")
    >>> from layoutplan.travel import build_network
    >>> network = build_network(street)
    >>> bar(network, railway, crossings=gate[:0], crossing_m=20).edge_metres.tolist()
    [80.0, 120.0]
    >>> bar(network, railway, crossings=gate, crossing_m=20).edge_metres.tolist()
    [200.0]
    """
    barriers = _as_lines(lines)
    if not len(barriers) or not len(network.edges):
        return network
    places = np.asarray(crossings.dropna().array, dtype=object)
    gates = _Gates(places, crossing_m)
    network = replace(network, barring=Barring(barriers, places, crossing_m).joined(network.barring))
    along = _along(network, barriers)
    corners = corners_of(network, barriers, along=along, beside_m=BESIDE_M)
    opened = gates.serve(network.nodes[corners.nodes])
    corners = corners.without(opened)
    edge, at_m, xy = _runs_over(network, barriers, along=along, corners=corners)
    served = gates.serve(xy)
    edge, at_m = edge[~served], at_m[~served]
    report = replace(
        network.report,
        barrier_cuts=len(edge),
        barrier_corners=len(corners.nodes),
        barrier_crossings=int(opened.sum() + served.sum()),
    )
    if not len(edge) and not len(corners.nodes) and (walk_along or not along.any()):
        return replace(network, report=report)
    edges = _split(_cut(network, edge, at_m), corners, along=along, walk_along=walk_along)
    return _rebuilt(replace(network, report=report), edges)


class _Gates:
    """Crossings, and the places within their reach."""

    def __init__(self, places: npt.NDArray[np.object_], reach_m: float) -> None:
        self._tree = shapely.STRtree(places)
        self._reach_m = reach_m

    def serve(self, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Return which positions have a crossing within reach."""
        served = np.zeros(len(xy), dtype=bool)
        if len(xy) and len(self._tree):
            near = self._tree.query(shapely.points(xy), predicate="dwithin", distance=self._reach_m)[0]
            served[near] = True
        return served


def _as_lines(shapes: gpd.GeoSeries) -> npt.NDArray[np.object_]:
    """Return the lines of barriers: of an area its outline, of a point nothing."""
    parts = shapely.get_parts(np.asarray(shapes.dropna().array, dtype=object))
    areas = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    parts = np.concatenate([parts[~areas], shapely.get_parts(shapely.boundary(parts[areas]))])
    is_line = np.isin(
        shapely.get_type_id(parts), (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING)
    )
    found: npt.NDArray[np.object_] = shapely.force_2d(parts[is_line])
    return found[~shapely.is_empty(found)]


def _along(network: Network, barriers: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Return which edges run along a barrier: within ``BESIDE_M`` of it over their whole length."""
    strips = shapely.get_parts(shapely.union_all(shapely.buffer(barriers, BESIDE_M)))
    # Query with the strips, not the edges: shapely prepares the query geometry, and a barrier has thousands
    # of vertices.
    _, edge = shapely.STRtree(network.edges).query(strips, predicate="covers")
    along = np.zeros(len(network.edges), dtype=bool)
    along[edge] = network.edge_metres[edge] > _LEAST_ALONG_M
    return along


def _runs_over(
    network: Network, barriers: npt.NDArray[np.object_], *, along: npt.NDArray[np.bool_], corners: Corners
) -> tuple[IntArray, npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return where edges at grade run over a barrier: edge, metres from its start, and coordinates.

    Where an edge ends at a junction on the barrier, the junction's corners separate it.
    """
    able = np.flatnonzero(network.edge_at_grade & ~along)
    barrier, one = shapely.STRtree(network.edges[able]).query(barriers, predicate="intersects")
    order = np.lexsort((barrier, one))
    one, barrier = one[order], barrier[order]
    met = shapely.intersection(network.edges[able[one]], barriers[barrier])
    xy, owner = shapely.get_coordinates(met, return_index=True)
    edge = able[one][owner]
    at_m = shapely.line_locate_point(network.edges[edge], shapely.points(xy))
    on_barrier = np.zeros(len(network.nodes), dtype=bool)
    on_barrier[corners.all_nodes] = True
    ends = on_barrier[network.edge_ends[edge]]
    at_end = (ends[:, 0] & (at_m <= 2 * BESIDE_M)) | (
        ends[:, 1] & (network.edge_metres[edge] - at_m <= 2 * BESIDE_M)
    )
    edge, at_m, xy = edge[~at_end], at_m[~at_end], xy[~at_end]
    order = np.lexsort((at_m, edge))
    edge, at_m, xy = edge[order], at_m[order], xy[order]
    fresh = np.ones(len(edge), dtype=bool)
    fresh[1:] = (edge[1:] != edge[:-1]) | (np.diff(at_m) > 2 * BESIDE_M)
    return edge[fresh], at_m[fresh], xy[fresh]


def _cut(network: Network, edge: IntArray, at_m: npt.NDArray[np.float64]) -> _Edges:
    """Cut edges at places along them; each cut leaves two dead ends."""
    whole = np.ones(len(network.edges), dtype=bool)
    whole[edge] = False
    kept = np.flatnonzero(whole)
    lines: list[shapely.Geometry] = []
    ends: list[tuple[int, int]] = []
    origin: list[int] = []
    count = len(network.nodes)
    for cut in np.unique(edge):
        line, (first, last) = network.edges[cut], network.edge_ends[cut]
        stops = [0.0, *at_m[edge == cut], line.length]
        starts = [int(first), *range(count + 1, count + 2 * (len(stops) - 2), 2)]
        goals = [*range(count, count + 2 * (len(stops) - 2), 2), int(last)]
        count += 2 * (len(stops) - 2)
        lines += [substring(line, low, high) for low, high in pairwise(stops)]
        ends += list(zip(starts, goals, strict=True))
        origin += [int(cut)] * (len(stops) - 1)
    made = np.empty(len(lines), dtype=object)
    made[:] = lines
    xy = np.concatenate([network.nodes, np.zeros((count - len(network.nodes), 2))])
    pairs = np.asarray(ends, dtype=np.int64).reshape(-1, 2)
    for side, index in ((0, 0), (1, -1)):
        xy[pairs[:, side]] = shapely.get_coordinates(shapely.get_point(made, index)).reshape(-1, 2)
    return _Edges(
        lines=np.concatenate([network.edges[kept], made]),
        ends=np.concatenate([network.edge_ends[kept].astype(np.int64), pairs]),
        metres=np.concatenate([network.edge_metres[kept], shapely.length(made)]),
        origin=np.concatenate([kept, np.asarray(origin, dtype=np.int64)]),
        xy=xy,
    )


def _split(edges: _Edges, corners: Corners, *, along: npt.NDArray[np.bool_], walk_along: bool) -> _Edges:
    """Give each corner of a junction its own node; replace each edge along a barrier by two sides or none."""
    two = along[edges.origin]
    if not walk_along:
        edges = _Edges(edges.lines[~two], edges.ends[~two], edges.metres[~two], edges.origin[~two], edges.xy)
        two = np.zeros(len(edges.lines), dtype=bool)
    first, last = (corners.of(edges.lines, edges.ends[:, side], back=side == 1) for side in (0, 1))
    single = np.column_stack([first.corner, last.corner])[~two]
    left = np.column_stack([first.left, last.right])[two]
    right = np.column_stack([first.right, last.left])[two]
    nodes = len(edges.xy)
    number = np.concatenate([single, left, right])
    base = np.concatenate([edges.ends[~two], edges.ends[two], edges.ends[two]])
    copies, ends = np.unique(number * nodes + base, return_inverse=True)
    sides = [_aside(edges.lines[two], distance_m) for distance_m in (_ASIDE_M, -_ASIDE_M)]
    return _Edges(
        lines=np.concatenate([edges.lines[~two], *sides]),
        ends=ends.reshape(-1, 2).astype(np.int64),
        metres=np.concatenate([edges.metres[~two], *map(shapely.length, sides)]),
        origin=np.concatenate([edges.origin[~two], edges.origin[two], edges.origin[two]]),
        xy=edges.xy[copies % nodes],
    )


def _aside(lines: npt.NDArray[np.object_], distance_m: float) -> npt.NDArray[np.object_]:
    """Return lines offset slightly to the left (negative: right), with both end points unchanged.

    A line that cannot be offset (it folds back on itself) is returned unchanged.
    """
    moved = np.asarray(shapely.offset_curve(lines, distance_m), dtype=object).reshape(-1)
    good = (shapely.get_type_id(moved) == shapely.GeometryType.LINESTRING) & ~shapely.is_empty(moved)
    result = lines.copy()
    for k in np.flatnonzero(good):
        ends = shapely.get_coordinates(lines[k])[[0, -1]]
        result[k] = shapely.linestrings(np.vstack([ends[:1], shapely.get_coordinates(moved[k]), ends[1:]]))
    return result


def _rebuilt(network: Network, edges: _Edges) -> Network:
    """Return a network of the edges, with the attributes of the edges they come from.

    Islands are carried over from the network before: a block cut off by barriers is not an island, and its
    points must not be snapped across the barrier to the larger network.
    """
    order = np.lexsort((edges.xy[:, 1], edges.xy[:, 0]))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    ends = rank[edges.ends]
    lines = edges.lines.copy()
    backwards = ends[:, 0] > ends[:, 1]
    lines[backwards] = shapely.reverse(lines[backwards])
    ends = np.sort(ends, axis=1)
    by_ends = np.lexsort((edges.origin, edges.metres, ends[:, 1], ends[:, 0]))
    origin = edges.origin[by_ends]
    made = link_edges(
        nodes=edges.xy[order],
        edges=lines[by_ends],
        ends=ends[by_ends].astype(np.int32),
        metres=edges.metres[by_ends],
        road_ids=network.edge_road_ids[origin],
        classes=network.edge_classes[origin],
        at_grade=network.edge_at_grade[origin],
        crs=network.crs,
        report=network.report,
    )
    islands = np.zeros(len(made.islands), dtype=bool)
    islands[made.component[made.edge_ends[network.edge_on_island[origin], 0]]] = True
    report = replace(made.report, islands=int(islands.sum()))
    return replace(made, islands=islands, report=report, barring=network.barring)
