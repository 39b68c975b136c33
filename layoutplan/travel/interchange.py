"""Conversion of street networks to and from NetworkX, in the convention of OSMnx."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import shapely
from shapely.ops import substring

from layoutplan.city.crs import choose_crs
from layoutplan.errors import FaultLog
from layoutplan.travel.network import Network, NetworkReport, link_edges, refuse_other_than_metres

if TYPE_CHECKING:
    import networkx as nx

_NO = ("", "no", "None", "nan", "False")


def network_to_networkx(network: Network) -> nx.MultiDiGraph:
    """Return a network as a NetworkX graph in the convention of OSMnx: each edge in both directions.

    Parameters
    ----------
    network
        A walking network.

    Returns
    -------
    networkx.MultiDiGraph
        With ``crs``; nodes (0, 1, 2, …) have ``x`` and ``y``; edges have ``length`` (metres), ``geometry``
        (from its first node to its second), ``osmid`` (the road's id), ``highway`` (its class), ``at_grade``
        and ``reversed``. :func:`network_from_networkx` converts it back.
    """
    import networkx as nx  # noqa: PLC0415  slow to import, seldom needed

    graph = nx.MultiDiGraph(crs=network.crs)
    graph.add_nodes_from((node, {"x": x, "y": y}) for node, (x, y) in enumerate(network.nodes.tolist()))
    attributes = zip(
        network.edge_ends.tolist(),
        network.edge_metres.tolist(),
        network.edges,
        shapely.reverse(network.edges),
        network.edge_road_ids,
        network.edge_classes,
        network.edge_at_grade.tolist(),
        strict=True,
    )
    for (one, other), metres, there, back, road, road_class, at_grade in attributes:
        same = {"length": metres, "osmid": road, "highway": road_class, "at_grade": at_grade}
        graph.add_edge(one, other, geometry=there, reversed=False, **same)
        graph.add_edge(other, one, geometry=back, reversed=True, **same)
    return graph


def network_from_networkx(graph: nx.Graph, *, crs: pyproj.CRS | str | None = None) -> Network:
    """Return the walking network of a NetworkX graph, such as one downloaded with OSMnx.

    Directions are dropped, since pedestrians walk both ways: an edge present once in each direction becomes
    one edge; parallel edges of different lengths stay. Nothing is noded, split or left out: the topology is
    that of the graph.

    Parameters
    ----------
    graph
        Any NetworkX graph whose nodes have ``x`` and ``y`` and whose ``graph["crs"]`` is their coordinate
        system (OSMnx: WGS 84 degrees). Edges may have ``geometry``, ``length`` (metres), ``osmid``,
        ``highway``, ``bridge``, ``tunnel``. Lengths are those of the projected geometry, so that no walk is
        shorter than the straight line; an edge without geometry is straight, and its ``length`` is used where
        it is longer.
    crs
        Projected CRS in metres for a graph in degrees; by default one is chosen from the location of the
        nodes. Ignored for a graph that is projected already.

    Returns
    -------
    Network
        In the CRS of the graph if that is projected, else in the target CRS.

    Raises
    ------
    InputError
        If the graph states no coordinate system, if nodes have no finite coordinates, or if the resulting CRS
        is not in metres.

    Examples
    --------
    >>> graph = nx.Graph(crs="EPSG:4547")
    >>> graph.add_nodes_from([("a", {"x": 0.0, "y": 0.0}), ("b", {"x": 300.0, "y": 400.0})])
    >>> graph.add_edge("a", "b")
    >>> network_from_networkx(graph).edge_metres.tolist()
    [500.0]
    """
    xy, system = _positions(graph)
    target = system if not system.is_geographic else _projected(crs, xy)
    refuse_other_than_metres(target)
    edges = _undirected(graph)
    if system.is_geographic and len(xy):
        xy = np.column_stack(pyproj.Transformer.from_crs(system, target, always_xy=True).transform(*xy.T))
    lines, stated = _lines(edges, xy, system=system, target=target)
    edges, lines, stated, xy = _halved_rings(edges, lines, stated, xy)
    order = np.lexsort((xy[:, 1], xy[:, 0]))
    rank = np.empty(len(xy), dtype=np.int32)
    rank[order] = np.arange(len(xy), dtype=np.int32)
    ends = rank[edges[["one", "other"]].to_numpy(dtype=np.int64)].reshape(-1, 2)
    backwards = ends[:, 0] > ends[:, 1]
    lines[backwards] = shapely.reverse(lines[backwards])
    ends = np.sort(ends, axis=1)
    metres = np.maximum(shapely.length(lines), stated)
    by_ends = np.lexsort((metres, ends[:, 1], ends[:, 0]))
    return link_edges(
        nodes=xy[order],
        edges=lines[by_ends],
        ends=ends[by_ends],
        metres=metres[by_ends],
        road_ids=edges["osmid"].to_numpy(dtype=object)[by_ends],
        classes=edges["highway"].to_numpy(dtype=object)[by_ends],
        at_grade=edges["at_grade"].to_numpy(dtype=bool)[by_ends],
        crs=target,
        report=_untouched(len(edges), nodes=len(xy)),
    )


def _positions(graph: nx.Graph) -> tuple[npt.NDArray[np.float64], pyproj.CRS]:
    """Return the coordinates of the nodes, shape (n, 2), and their CRS."""
    log = FaultLog()
    places = [(data.get("x", np.nan), data.get("y", np.nan)) for _, data in graph.nodes(data=True)]
    xy = np.asarray(places, dtype=np.float64).reshape(-1, 2)
    lost = [
        node for node, place in zip(graph, xy.tolist(), strict=True) if not all(map(math.isfinite, place))
    ]
    if lost:
        log.add("graph_without_places", rows=lost, count=len(lost))
    if graph.graph.get("crs") is None:
        log.add("graph_without_crs")
    log.raise_if_errors()
    return xy, pyproj.CRS.from_user_input(graph.graph["crs"])


def _projected(crs: pyproj.CRS | str | None, xy: npt.NDArray[np.float64]) -> pyproj.CRS:
    """Return the CRS to project degrees to: the one asked for, else one chosen from the location."""
    if crs is not None:
        return pyproj.CRS.from_user_input(crs)
    lon, lat = np.median(xy, axis=0) if len(xy) else (0.0, 0.0)
    return choose_crs(float(lon), float(lat))


def _undirected(graph: nx.Graph) -> pd.DataFrame:
    """Return one row per undirected edge, in the order of the graph.

    Of edges of equal length between two nodes, as many are kept as there are in the direction that has more.
    """
    position = {node: place for place, node in enumerate(graph)}
    rows = [_row(position[u], position[v], data) for u, v, data in graph.edges(data=True)]
    columns = ["start", "end", "length", "geometry", "osmid", "highway", "at_grade"]
    frame = pd.DataFrame(rows, columns=columns)
    low, high = frame[["start", "end"]].min(axis=1), frame[["start", "end"]].max(axis=1)
    alike = [low, high, frame["length"].fillna(-1.0).round(3)]
    turn = frame.groupby([*alike, frame["start"]], sort=False).cumcount()
    kept = ~pd.concat([*alike, turn], axis=1, keys=["low", "high", "length", "turn"]).duplicated()
    return frame[kept].rename(columns={"start": "one", "end": "other"}).reset_index(drop=True)


def _row(start: int, end: int, data: dict[str, Any]) -> tuple[object, ...]:
    at_grade = data.get("at_grade")
    if at_grade is None:
        at_grade = all(_text(data.get(tag)) in _NO for tag in ("bridge", "tunnel"))
    length = data.get("length")
    return (
        start,
        end,
        np.nan if length is None else float(length),
        data.get("geometry"),
        _text(data.get("osmid")),
        _text(data.get("highway")),
        bool(at_grade),
    )


def _text(value: object) -> str:
    """Return an attribute as text; OSMnx stores lists for merged ways."""
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _lines(
    edges: pd.DataFrame, xy: npt.NDArray[np.float64], *, system: pyproj.CRS, target: pyproj.CRS
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.float64]]:
    """Return the edges' lines in the target system, and stated lengths of those without a geometry."""
    given = edges["geometry"].notna().to_numpy()
    lines = np.empty(len(edges), dtype=object)
    lines[given] = edges["geometry"].to_numpy(dtype=object)[given]
    if system != target and given.any():
        transformer = pyproj.Transformer.from_crs(system, target, always_xy=True)
        moved = shapely.transform(
            lines[given], lambda part: np.column_stack(transformer.transform(part[:, 0], part[:, 1]))
        )
        lines[given] = moved
    pairs = edges.loc[~given, ["one", "other"]].to_numpy(dtype=np.int64)
    lines[~given] = shapely.linestrings(xy[pairs]) if len(pairs) else []
    stated = np.where(given, 0.0, edges["length"].fillna(0.0).to_numpy(dtype=np.float64))
    return lines, stated


def _halved_rings(
    edges: pd.DataFrame,
    lines: npt.NDArray[np.object_],
    stated: npt.NDArray[np.float64],
    xy: npt.NDArray[np.float64],
) -> tuple[pd.DataFrame, npt.NDArray[np.object_], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Cut edges that return to their own node in two at a new node; a ring without length is dropped."""
    ring = (edges["one"] == edges["other"]).to_numpy()
    if not ring.any():
        return edges, lines, stated, xy
    rings = np.flatnonzero(ring & (shapely.length(lines) > 0))
    fresh = len(xy) + np.arange(len(rings))
    halves = [substring(lines[k], 0.0, 0.5, normalized=True) for k in rings]
    halves += [substring(lines[k], 0.5, 1.0, normalized=True) for k in rings]
    there, back = edges.iloc[rings].assign(other=fresh), edges.iloc[rings].assign(one=fresh)
    middles = shapely.get_coordinates(shapely.line_interpolate_point(lines[rings], 0.5, normalized=True))
    all_lines = np.empty((~ring).sum() + len(halves), dtype=object)
    all_lines[:] = [*lines[~ring], *halves]
    return (
        pd.concat([edges[~ring], there, back], ignore_index=True),
        all_lines,
        np.concatenate([stated[~ring], stated[rings] / 2, stated[rings] / 2]),
        np.concatenate([xy, middles]),
    )


def _untouched(edges: int, *, nodes: int) -> NetworkReport:
    """Return the report of a network that was given as a graph."""
    return NetworkReport(
        rows=edges,
        streets=edges,
        excluded=(),
        empty=0,
        zero_length=0,
        duplicates=0,
        end_nodes=nodes,
        end_links=edges,
        crossings=0,
        mended_ends=0,
    )
