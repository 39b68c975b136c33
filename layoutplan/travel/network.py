"""The walking network: streets as a graph weighted by metres."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from layoutplan.cards import Outlined
from layoutplan.errors import FaultLog
from layoutplan.travel.barring import Barring
from layoutplan.travel.noding import Noded, node_streets
from layoutplan.travel.streets import AT_GRADE, Streets, clean_streets

NODE_TOLERANCE_M: Final = 0.5
"""A street end that stops within this distance of another street is joined to it."""

ISLAND_M: Final = 5_000.0
"""A component other than the main one with less than this total length is an island: usually a drawing error
(a yard, a lane whose link is missing), rarely a separate settlement."""


@dataclass(frozen=True)
class NetworkReport:
    """Counts of what network construction did to the roads.

    Attributes
    ----------
    rows
        Roads given.
    streets
        Lines used, after the drops and with MultiLineStrings taken apart.
    excluded
        Roads left out as unwalkable, by class.
    empty, zero_length, duplicates
        Lines left out because they have no geometry, no length, or are duplicates.
    barrier_cuts, barrier_corners, barrier_crossings
        Places where streets over a barrier were cut, junctions on a barrier that were divided into corners,
        and places that a crossing keeps connected (:mod:`layoutplan.travel.barriers`).
    unmarked_bridges
        Places where streets run over a railway, river or expressway and were not cut, since the roads mark no
        bridge or tunnel anywhere.
    end_nodes, end_links
        Nodes, and distinct pairs of nodes, if streets met at shared end points only.
    nodes, edges
        The network as built; parallel edges count separately.
    crossings
        Junctions created where streets cross or touch at grade without a shared vertex.
    mended_ends
        Street ends that stopped within the tolerance of another street and were joined to it.
    dead_ends
        Nodes with one edge.
    components, islands
        Connected components, and how many of them are islands.
    main_share
        Share of the nodes in the main (longest) component; 0 for an empty network.
    metres
        Total length of all edges.
    """

    rows: int
    streets: int
    excluded: tuple[tuple[str, int], ...]
    empty: int
    zero_length: int
    duplicates: int
    end_nodes: int
    end_links: int
    crossings: int
    mended_ends: int
    barrier_cuts: int = 0
    barrier_corners: int = 0
    barrier_crossings: int = 0
    unmarked_bridges: int = 0
    nodes: int = 0
    edges: int = 0
    dead_ends: int = 0
    components: int = 0
    islands: int = 0
    main_share: float = 0.0
    metres: float = 0.0


@dataclass(frozen=True, repr=False)
class Network(Outlined):
    """A walking network in metres.

    Attributes
    ----------
    crs
        Projected CRS in metres, or ``None`` if the roads had none.
    nodes
        Coordinates, metres, shape (n, 2), sorted by x, then y.
    graph
        Metres between adjacent nodes, shape (n, n), symmetric: pedestrians walk both ways. Of parallel edges
        the shortest.
    edges
        LineStrings of all edges, shape (e,), parallel ones included, so that points snap to each.
    edge_ends
        Node positions of each edge's first and last point, shape (e, 2), never equal.
    edge_metres
        Length of each edge, metres, shape (e,).
    edge_road_ids, edge_classes
        Road that each edge is a piece of, and its class (empty where none is stated).
    edge_at_grade
        Whether each edge lies on the ground: no bridge, no tunnel, layer 0.
    component
        Connected component of each node, shape (n,): 0 for the longest, the others by decreasing length.
    islands
        For each component, whether it is an island (see ``ISLAND_M``); the main component never is.
    report
        Counts of what construction did to the roads.
    barring
        Barriers that no straight line from a point to its street may cross; ``None`` for none.
    """

    crs: pyproj.CRS | None
    nodes: npt.NDArray[np.float64]
    graph: sparse.csr_array
    edges: npt.NDArray[np.object_]
    edge_ends: npt.NDArray[np.int32]
    edge_metres: npt.NDArray[np.float64]
    edge_road_ids: npt.NDArray[np.object_]
    edge_classes: npt.NDArray[np.object_]
    edge_at_grade: npt.NDArray[np.bool_]
    component: npt.NDArray[np.int32]
    islands: npt.NDArray[np.bool_]
    report: NetworkReport
    barring: Barring | None = None

    @cached_property
    def edge_on_island(self) -> npt.NDArray[np.bool_]:
        """Whether each edge belongs to an island, shape (e,)."""
        on_island: npt.NDArray[np.bool_] = self.islands[self.component[self.edge_ends[:, 0]]]
        return on_island

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Spatial index of ``edges``."""
        return shapely.STRtree(self.edges)

    @cached_property
    def larger_edges(self) -> npt.NDArray[np.int64]:
        """Positions of the edges that belong to no island."""
        return np.flatnonzero(~self.edge_on_island)

    @cached_property
    def larger_tree(self) -> shapely.STRtree:
        """Spatial index of ``edges[larger_edges]``."""
        return shapely.STRtree(self.edges[self.larger_edges])


def build_network(
    roads: gpd.GeoDataFrame, *, exclude_classes: Collection[str] = (), tolerance_m: float = NODE_TOLERANCE_M
) -> Network:
    """Return the walking network of a roads table.

    Streets join at shared points, and at grade where they cross; never across a bridge, tunnel or layer: see
    :mod:`layoutplan.travel.noding`. One-way streets are walkable in both directions.

    Parameters
    ----------
    roads
        Columns ``road_id``, ``road_class``, ``walkable``, ``bridge``, ``tunnel``, ``layer``, ``joined_at``
        (each optional) and (Multi)LineString geometry in a projected CRS in metres. An empty frame gives an
        empty network.
    exclude_classes
        Road classes that are not walkable; they are left out of the network. A road's own ``walkable`` takes
        precedence over its class.
    tolerance_m
        Longest gap between a dead end and the street it should meet, metres.

    Returns
    -------
    Network
        In the CRS of the roads.

    Raises
    ------
    InputError
        If the roads are in longitude and latitude, or in a unit other than the metre.
    ValueError
        If a geometry is not a line.

    Examples
    --------
    Two streets that cross, 200 m each:

    >>> from shapely import LineString
    >>> cross = [LineString([(0, 100), (200, 100)]), LineString([(100, 0), (100, 200)])]
    >>> network = build_network(gpd.GeoDataFrame(geometry=cross, crs="EPSG:4547"))
    >>> len(network.nodes), network.edge_metres.tolist()
    (5, [100.0, 100.0, 100.0, 100.0])
    """
    refuse_other_than_metres(roads.crs)
    streets = clean_streets(roads, exclude_classes=exclude_classes)
    noded = node_streets(streets, tolerance_m=tolerance_m)
    return link_edges(
        nodes=noded.nodes,
        edges=noded.lines,
        ends=noded.ends,
        metres=shapely.length(noded.lines),
        road_ids=streets.road_ids[noded.streets],
        classes=streets.classes[noded.streets],
        at_grade=((streets.kinds == AT_GRADE) & (streets.layers == 0))[noded.streets],
        crs=roads.crs,
        report=_report(streets, noded),
    )


def link_edges(
    *,
    nodes: npt.NDArray[np.float64],
    edges: npt.NDArray[np.object_],
    ends: npt.NDArray[np.int32],
    metres: npt.NDArray[np.float64],
    road_ids: npt.NDArray[np.object_],
    classes: npt.NDArray[np.object_],
    at_grade: npt.NDArray[np.bool_],
    crs: pyproj.CRS | None,
    report: NetworkReport,
) -> Network:
    """Return the network of edges between nodes: adjacency graph, components, islands and counts.

    Parameters
    ----------
    nodes
        Coordinates, metres, shape (n, 2), sorted by x, then y.
    edges
        LineStrings from first to second end, shape (e,).
    ends
        Node positions, shape (e, 2), first < second.
    metres
        Length of each edge, shape (e,).
    road_ids, classes
        Road of each edge and its class, shape (e,).
    at_grade
        Whether each edge lies on the ground, shape (e,).
    crs
        CRS of the coordinates; ``None`` if unknown.
    report
        Counts of what was done to the streets; the counts of the network itself are recomputed.

    Returns
    -------
    Network
        The arrays given, with the graph and components derived from them.
    """
    graph = _graph(ends, metres, nodes=len(nodes))
    component, lengths = _components(graph, ends, metres)
    islands = lengths < ISLAND_M
    islands[:1] = False
    return Network(
        crs=crs,
        nodes=nodes,
        graph=graph,
        edges=edges,
        edge_ends=ends,
        edge_metres=metres,
        edge_road_ids=road_ids,
        edge_classes=classes,
        edge_at_grade=at_grade,
        component=component,
        islands=islands,
        report=replace(
            report,
            nodes=len(nodes),
            edges=len(edges),
            dead_ends=int((np.bincount(ends.ravel(), minlength=1) == 1).sum()),
            components=len(islands),
            islands=int(islands.sum()),
            main_share=float((component == 0).mean()) if len(component) else 0.0,
            metres=float(metres.sum()),
        ),
    )


def refuse_other_than_metres(crs: pyproj.CRS | None) -> None:
    """Raise an error unless a coordinate system is projected and in metres.

    Parameters
    ----------
    crs
        CRS to check; ``None`` is assumed to be in metres.

    Raises
    ------
    InputError
        If the CRS is geographic or its unit is not the metre.
    """
    if crs is not None and not (crs.is_projected and crs.axis_info[0].unit_name in {"metre", "meter"}):
        log = FaultLog()
        log.add("roads_not_metres", table="roads", crs=crs.name)
        log.raise_if_errors()


def _graph(ends: npt.NDArray[np.int32], metres: npt.NDArray[np.float64], *, nodes: int) -> sparse.csr_array:
    """Return the symmetric graph; of parallel edges the shortest."""
    order = np.lexsort((metres, ends[:, 1], ends[:, 0]))
    ends, metres = ends[order], metres[order]
    shortest = np.ones(len(ends), dtype=bool)
    shortest[1:] = (ends[1:] != ends[:-1]).any(axis=1)
    first, second, metres = ends[shortest, 0], ends[shortest, 1], metres[shortest]
    both = (np.concatenate([first, second]), np.concatenate([second, first]))
    graph = sparse.csr_array((np.concatenate([metres, metres]), both), shape=(nodes, nodes))
    graph.sort_indices()
    return graph


def _components(
    graph: sparse.csr_array, ends: npt.NDArray[np.int32], metres: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float64]]:
    """Return each node's component, longest first, and the components' lengths."""
    if graph.shape[0] == 0:
        return np.zeros(0, dtype=np.int32), np.zeros(0)
    count, label = connected_components(graph, directed=False)
    lengths = np.bincount(label[ends[:, 0]], weights=metres, minlength=count).astype(float)
    order = np.argsort(-lengths, kind="stable")
    rank = np.empty(count, dtype=np.int32)
    rank[order] = np.arange(count, dtype=np.int32)
    return rank[label], lengths[order]


def _report(streets: Streets, noded: Noded) -> NetworkReport:
    """Return the counts of cleaning and noding; the network's own counts are left at 0."""
    return NetworkReport(
        rows=streets.rows,
        streets=len(streets.lines),
        excluded=streets.excluded,
        empty=streets.empty,
        zero_length=streets.zero_length,
        duplicates=streets.duplicates,
        end_nodes=noded.end_nodes,
        end_links=noded.end_links,
        crossings=noded.crossings,
        mended_ends=noded.mended_ends,
    )
