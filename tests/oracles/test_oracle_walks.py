"""Walking metres of the bundled city against a second walking graph: GEOS nodes the streets, networkx walks.

The graph is built from the GeoPackage itself: streets at grade are noded by ``unary_union``, bridges and
underpasses join at their ends only, motorways are left out.
"""

from __future__ import annotations

import itertools

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from tests.conftest import DEMO_PLAN

pytestmark = pytest.mark.xdist_group("demo")

LIMIT_M = 3000.0
SCHOOLS = 20
MOST_HOMES = 20


def _key(point):
    return tuple(np.round(point[:2], 2))


def _pieces(roads):
    """Return the streets cut wherever they meet: at grade anywhere, bridges and underpasses at their ends."""
    streets = roads.explode()
    lines = np.array(
        [shapely.transform(line, lambda xy: np.round(xy, 2)) for line in streets.geometry], dtype=object
    )
    apart = (streets["bridge"] | streets["tunnel"] | (streets["layer"] != 0)).to_numpy()
    ends = {_key(line.coords[side]) for line in lines[apart] for side in (0, -1)}
    pieces = list(lines[apart])
    for line in shapely.unary_union(lines[~apart]).geoms:
        places = [_key(point) for point in line.coords]
        cuts = [0, *(i for i in range(1, len(places) - 1) if places[i] in ends), len(places) - 1]
        pieces += [shapely.LineString(line.coords[a : b + 1]) for a, b in itertools.pairwise(cuts)]
    return np.array(pieces, dtype=object)


def _graph(pieces):
    graph = nx.Graph()
    for line in pieces:
        first, last = _key(line.coords[0]), _key(line.coords[-1])
        known = graph.get_edge_data(first, last, {"metres": np.inf})["metres"]
        graph.add_edge(first, last, metres=min(known, line.length))
    return graph


def _foot(point, pieces, tree):
    """Return the piece a point is nearest to, the way to it, and the ways along it to its two ends."""
    piece = int(np.sort(tree.query_nearest(point))[0])
    along = pieces[piece].project(point)
    ends = (_key(pieces[piece].coords[0]), _key(pieces[piece].coords[-1]))
    ways = dict(zip(ends, (along, pieces[piece].length - along), strict=True))
    return piece, point.distance(pieces[piece]), ways


def _walks_from(school, homes, pieces, tree, graph):
    """Return the metres from a school to each home, infinite beyond the limit."""
    piece, offset, ends = _foot(school, pieces, tree)
    ways = [
        {node: metres + start for node, metres in found.items()}
        for end, start in ends.items()
        for found in [nx.single_source_dijkstra_path_length(graph, end, cutoff=LIMIT_M, weight="metres")]
    ]
    metres = []
    for home in homes:
        own, aside, own_ends = _foot(home, pieces, tree)
        best = min(way.get(end, np.inf) + rest for way in ways for end, rest in own_ends.items())
        if own == piece:
            best = min(best, abs(pieces[own].project(home) - pieces[piece].project(school)))
        metres.append(offset + best + aside)
    return np.array(metres)


def test_walks_are_those_of_a_second_graph(demo_run):
    roads = gpd.read_file(DEMO_PLAN.parent / "map.gpkg", layer="roads")
    roads = roads[roads["road_class"] != "motorway"].astype({"bridge": bool, "tunnel": bool})
    pieces = _pieces(roads)
    tree, graph = shapely.STRtree(pieces), _graph(pieces)
    assert nx.is_connected(graph)
    pairs = demo_run.study.today.walks.to_frame()
    pairs = pairs[pairs["metres"] <= LIMIT_M]
    random = np.random.default_rng(7)
    places = demo_run.study.today.seats.schools.geometry
    homes = demo_run.city.units.geometry
    checked = 0
    for school in random.choice(places.index.to_numpy(), SCHOOLS, replace=False):
        near = pairs[pairs["destination"] == school]
        near = near.sample(min(MOST_HOMES, len(near)), random_state=1)
        walked = _walks_from(places[school], homes[near["origin"]], pieces, tree, graph)
        np.testing.assert_allclose(near["metres"], walked, atol=0.05)
        checked += len(near)
    assert checked > 200
