"""Small street networks and points, drawn by hand or by Hypothesis, and an independent way to walk them."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely
from hypothesis import settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point
from shapely.ops import substring, unary_union

from tests.examples import examples

CRS = "EPSG:4547"
GRID_M = 40.0

laws = settings(max_examples=examples(40))
"""Enough examples to find a slip, few enough for a busy machine."""


def roads(lines: Sequence[object], **columns: Sequence[object]) -> gpd.GeoDataFrame:
    """Return a roads table of lines (coordinate lists or geometries)."""
    geometry = [
        line if isinstance(line, shapely.Geometry) or line is None else LineString(line) for line in lines
    ]
    table = {"road_id": [f"r{k}" for k in range(len(lines))], **columns}
    return gpd.GeoDataFrame(table, geometry=geometry, crs=CRS)


def points(xy: Sequence[tuple[float, float]], prefix: str = "p") -> gpd.GeoSeries:
    """Return points with ids."""
    return gpd.GeoSeries([Point(p) for p in xy], index=[f"{prefix}{k}" for k in range(len(xy))], crs=CRS)


lattice = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda p: (p[0] * GRID_M, p[1] * GRID_M))


@st.composite
def polylines(draw: st.DrawFn) -> LineString:
    """Draw a line of two to five lattice vertices; it may cross itself or close."""
    return LineString(draw(st.lists(lattice, min_size=2, max_size=5)))


street_maps = st.lists(polylines(), min_size=1, max_size=12).filter(
    lambda lines: any(x.length for x in lines)
)

places = st.lists(
    st.tuples(st.integers(-20, 190), st.integers(-20, 190)).map(
        lambda p: (p[0] * 1.3717 + 0.1131, p[1] * 1.3241 + 0.2713),
    ),
    min_size=1,
    max_size=6,
)


def clear_of_ties(lines: Sequence[LineString], xy: Sequence[tuple[float, float]]) -> bool:
    """Say whether every point has one nearest place on the streets."""
    pieces = [line for line in lines if line.length]
    for p in map(Point, xy):
        feet = [line.interpolate(line.project(p)) for line in _segments(pieces)]
        best = min(feet, key=p.distance)
        rivals = [foot for foot in feet if foot.distance(p) < best.distance(p) + 1e-6]
        if any(foot.distance(best) > 1e-9 for foot in rivals):
            return False
    return True


def _segments(lines: Sequence[LineString]) -> list[LineString]:
    return [
        LineString(pair)
        for line in lines
        for pair in zip(line.coords[:-1], line.coords[1:], strict=True)
        if pair[0] != pair[1]
    ]


def walk(
    lines: Sequence[LineString], start: tuple[float, float], goal: tuple[float, float], *, snap_limit_m: float
) -> float:
    """Return the walking metres by another road: unary_union nodes the streets, networkx searches.

    The two snapped places are made nodes of the graph, so nothing of the package's arithmetic is repeated.
    """
    united = unary_union([line for line in lines if line.length])
    pieces = list(getattr(united, "geoms", [united]))
    ends = []
    offset = 0.0
    for p in (Point(start), Point(goal)):
        nearest = min(pieces, key=p.distance)
        if nearest.distance(p) > snap_limit_m:
            return np.inf
        offset += nearest.distance(p)
        at = nearest.project(p)
        if 0 < at < nearest.length:
            pieces.remove(nearest)
            pieces += [substring(nearest, 0, at), substring(nearest, at, nearest.length)]
        ends.append(nearest.interpolate(at))
    graph = nx.MultiGraph()
    for piece in pieces:
        graph.add_edge(_key(piece.coords[0]), _key(piece.coords[-1]), weight=piece.length)
    one, other = (_key(end.coords[0]) for end in ends)
    if one not in graph or other not in graph or not nx.has_path(graph, one, other):
        return np.inf
    return offset + nx.dijkstra_path_length(graph, one, other)


def _key(xy: Sequence[float]) -> tuple[float, float]:
    return round(xy[0], 6) + 0.0, round(xy[1], 6) + 0.0
