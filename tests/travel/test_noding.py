"""Where streets meet, and where they only seem to."""

import networkx as nx
import numpy as np
import pytest
import shapely
from hypothesis import given
from shapely.ops import unary_union

from layoutplan.travel import build_network
from layoutplan.travel.noding import Noded, node_streets
from layoutplan.travel.streets import clean_streets
from tests.travel.drawn import laws, roads, street_maps

EAST = [(0, 100), (200, 100)]
NORTH = [(100, 0), (100, 200)]


def noded(lines, tolerance_m=0.5, **columns) -> Noded:
    return node_streets(clean_streets(roads(lines, **columns)), tolerance_m=tolerance_m)


def parts(result: Noded) -> int:
    """Return how many separate pieces the network is in."""
    graph = nx.MultiGraph(result.ends.tolist())
    graph.add_nodes_from(range(len(result.nodes)))
    return nx.number_connected_components(graph)


@pytest.mark.parametrize(
    ("columns", "joined"),
    [
        ({}, True),
        ({"layer": [1, 1]}, True),
        ({"layer": [0, 1]}, False),
        ({"bridge": [True, False]}, False),
        ({"tunnel": [False, True]}, False),
        ({"bridge": [True, True]}, False),
        ({"tunnel": [True, True]}, False),
        ({"bridge": [True, False], "tunnel": [False, True]}, False),
        ({"bridge": [True, False], "layer": [1, 0]}, False),
    ],
)
@pytest.mark.parametrize("vertex", [False, True], ids=["plain crossing", "shared inner vertex"])
def test_crossing_lines_join_at_grade_and_in_one_layer_only(columns, joined, vertex):
    lines = [[EAST[0], (100, 100), EAST[1]], [NORTH[0], (100, 100), NORTH[1]]] if vertex else [EAST, NORTH]
    result = noded(lines, **columns)
    assert parts(result) == (1 if joined else 2)
    assert len(result.nodes) == (5 if joined else 4)


@pytest.mark.parametrize("vertex", [False, True], ids=["inside a segment", "at an inner vertex"])
@pytest.mark.parametrize(
    ("columns", "joined"),
    [
        ({}, True),
        ({"bridge": [False, True]}, True),  # a bridge comes down on the street
        ({"tunnel": [False, True], "layer": [0, -1]}, True),  # an underpass comes up
        ({"bridge": [True, False]}, False),  # a street ends under a bridge
        ({"bridge": [True, False], "layer": [1, 0]}, False),
    ],
)
def test_an_end_on_the_middle_of_another_line(columns, joined, vertex):
    through = [EAST[0], (100, 100), EAST[1]] if vertex else EAST
    assert parts(noded([through, [(100, 100), (100, 200)]], **columns)) == (1 if joined else 2)


def test_ends_meet_whatever_they_carry():
    lines = [[(0, 0), (50, 0)], [(50, 0), (90, 0)], [(90, 0), (150, 0)]]
    result = noded(lines, bridge=[False, True, False], layer=[0, 1, 0])
    assert parts(result) == 1
    assert len(result.lines) == 3


def test_a_ramp_joins_the_middle_of_an_elevated_road_at_a_shared_vertex():
    deck, ramp = [(0, 0), (100, 0), (200, 0)], [(100, 0), (100, 80)]
    assert parts(noded([deck, ramp], bridge=[True, True], layer=[1, 1])) == 1
    assert parts(noded([deck, ramp], bridge=[True, True], layer=[2, 1])) == 2
    assert parts(noded([deck, ramp], bridge=[True, False], tunnel=[False, True])) == 2


@pytest.mark.parametrize(("gap", "joined"), [(0.0, True), (0.3, True), (0.5, True), (0.7, False)])
def test_an_end_that_stops_short_is_joined_within_the_tolerance(gap, joined):
    result = noded([EAST, [(100, 100 + gap), (100, 200)]])
    assert parts(result) == (1 if joined else 2)
    assert result.mended_ends == (1 if joined and gap else 0)


def test_an_end_that_overshoots_makes_no_second_junction():
    result = noded([EAST, [(100, 99.8), (100, 200)]])
    assert (parts(result), result.mended_ends, result.crossings) == (1, 0, 1)


def test_two_dead_ends_that_nearly_meet_are_joined():
    result = noded([[(0, 0), (50, 0)], [(50.2, 0.1), (90, 40)]])
    assert parts(result) == 1
    assert len(result.nodes) == 3


def test_ends_that_already_meet_something_are_left_alone():
    fan = [[(0, 0), (50, 0)], [(50, 0), (90, 0)], [(50.3, 0.2), (60, 30)], [(50.3, 0.2), (70, 60)]]
    assert parts(noded(fan)) == 2


def test_float_noise_does_not_part_streets():
    assert parts(noded([[(0, 0), (1e6, 0)], [(1e6 + 1e-7, 1e-7), (1e6, 50)]], tolerance_m=0.0)) == 1


def test_a_line_that_crosses_itself_meets_itself():
    loop = [(0, 0), (100, 0), (100, 50), (50, 50), (50, -50)]
    result = noded([loop])
    assert len(result.nodes) == 4  # two ends, the crossing, the middle of the ring
    assert len(noded([loop], bridge=[True]).nodes) == 2


def test_rings_are_cut_so_that_no_edge_returns_to_its_node():
    ring = [(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]
    result = noded([ring])
    assert len(result.lines) == 2
    assert (result.ends[:, 0] != result.ends[:, 1]).all()
    assert shapely.length(result.lines).tolist() == [200.0, 200.0]


def test_parallel_edges_are_all_kept():
    result = noded([[(0, 0), (100, 0)], [(0, 0), (50, 60), (100, 0)]])
    assert result.ends.tolist() == [[0, 1], [0, 1]]
    assert result.end_links == 1


def test_lines_that_overlap_are_joined_where_one_ends():
    result = noded([[(0, 0), (100, 0)], [(60, 0), (160, 0)]], tolerance_m=0.0)
    assert parts(result) == 1
    assert len(result.nodes) == 4


def test_edges_run_from_their_first_to_their_second_node():
    result = noded([EAST, NORTH, [(0, 0), (200, 130)]])
    for side in (0, 1):
        place = shapely.get_coordinates(shapely.get_point(result.lines, -side))
        np.testing.assert_array_equal(place, result.nodes[result.ends[:, side]])


@laws
@given(street_maps)
def test_at_grade_it_is_what_unary_union_makes(lines):
    """Oracle: GEOS's own noding gives the same set of streets and the same junctions."""
    result = noded(lines, tolerance_m=0.0)
    united = unary_union([line for line in lines if line.length])
    ours = unary_union(result.lines)
    assert united.difference(ours.buffer(1e-3)).length == 0
    assert ours.difference(united.buffer(1e-3)).length == 0
    pieces = nx.MultiGraph()
    for piece in getattr(united, "geoms", [united]):
        pieces.add_edge(*(tuple(np.round(piece.coords[k], 6) + 0.0) for k in (0, -1)))
    assert parts(result) == nx.number_connected_components(pieces)
    junctions = {node for node in pieces if pieces.degree(node) != 2}
    assert junctions <= {tuple(np.round(node, 6) + 0.0) for node in result.nodes}


@laws
@given(street_maps)
def test_no_edge_is_shorter_than_the_straight_line_between_its_nodes(lines):
    result = noded(lines, tolerance_m=0.5)
    straight = np.hypot(*(result.nodes[result.ends[:, 0]] - result.nodes[result.ends[:, 1]]).T)
    assert (shapely.length(result.lines) >= straight - 1e-9).all()


def test_lines_joined_at_vertices_meet_nowhere_else():
    """A way over another without a shared node joins nothing; one with a shared node does, on any layer."""
    over = roads([[(0, 0), (100, 0)], [(50, -50), (50, 50)]], joined_at=["vertices"] * 2)
    assert build_network(over).report.components == 2
    node = roads(
        [[(0, 0), (50, 0), (100, 0)], [(50, -50), (50, 0), (50, 50)]],
        joined_at=["vertices"] * 2,
        layer=[0, 1],
        bridge=[False, True],
    )
    assert (build_network(node).report.components, build_network(node).report.edges) == (1, 4)


def test_an_end_drawn_short_is_not_mended_where_lines_are_joined_at_vertices():
    short = [[(0, 0), (100, 0)], [(50, 0.3), (50, 50)]]
    assert build_network(roads(short)).report.mended_ends == 1
    assert build_network(roads(short, joined_at=["vertices"] * 2)).report.components == 2
