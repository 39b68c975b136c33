"""The stretches of street reached, against the walk to points along every street."""

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from layoutplan.access.reached import reached_streets, street_lines
from layoutplan.travel import build_network, snap_points
from layoutplan.travel.distances import walk_matrix
from tests.examples import examples
from tests.travel.drawn import clear_of_ties, laws, places, points, roads, street_maps


def reach(network, xy, *, limit_m):
    starts = snap_points(points(xy), network, limit_m=500)
    return reached_streets(network, starts, limit_m=limit_m)


@settings(max_examples=examples(20))
@given(street_maps, places, st.integers(20, 400))
def test_a_place_on_a_street_is_reached_if_its_walk_is_short_enough(lines, xy, limit_m):
    assume(clear_of_ties(lines, xy))
    network = build_network(roads(lines), tolerance_m=0.0)
    network = replace(network, islands=np.zeros_like(network.islands))  # no point is moved off its street
    # Where two streets lie on each other, a point is on both.
    assume(shapely.union_all(network.edges).length > network.edge_metres.sum() - 1e-6)
    found = reach(network, xy, limit_m=limit_m)
    edge = np.repeat(np.arange(len(network.edges)), 7)
    along = np.tile(np.linspace(0.04, 0.97, 7), len(network.edges)) * network.edge_metres[edge]
    feet = shapely.get_coordinates(shapely.line_interpolate_point(network.edges[edge], along))
    pairs = walk_matrix(points(feet, "f"), points(xy), limit_m=np.inf, network=network)
    walk = np.full((len(feet), len(xy)), np.inf)
    walk[pairs.rows, pairs.indices] = pairs.metres
    for start in range(len(xy)):
        own = found.start == start
        inside = (
            (found.edge[own] == edge[:, None])
            & (found.begin_m[own] <= along[:, None])
            & (along[:, None] <= found.end_m[own])
        ).any(axis=1)
        clear = np.abs(walk[:, start] - limit_m) > 0.01
        assert (inside[clear] == (walk[clear, start] <= limit_m)).all()


@laws
@given(street_maps, places, st.integers(20, 400))
def test_lines_are_as_long_as_their_stretches_and_lie_on_the_street(lines, xy, limit_m):
    network = build_network(roads(lines))
    found = reach(network, xy, limit_m=limit_m)
    drawn = street_lines(network, found)
    np.testing.assert_allclose(shapely.length(drawn), found.end_m - found.begin_m, atol=1e-6)
    ends = shapely.line_interpolate_point(drawn, 1.0, normalized=True)
    there = shapely.line_interpolate_point(network.edges[found.edge], found.end_m)
    assert (shapely.distance(ends, there) < 1e-6).all()


def test_a_walk_ends_where_the_limit_says():
    network = build_network(roads([[(0, 0), (100, 0)], [(100, 0), (200, 0), (200, 300)]]))
    found = reach(network, [(50, 20)], limit_m=120)
    drawn = shapely.union_all(street_lines(network, found))
    assert drawn.equals(shapely.LineString([(0, 0), (150, 0)]))


def test_a_school_too_far_from_its_street_reaches_nothing():
    network = build_network(roads([[(0, 0), (100, 0)]]))
    assert len(reach(network, [(50, 90)], limit_m=80).start) == 0
    assert len(reach(network, [(50, 900)], limit_m=80).start) == 0


@pytest.mark.parametrize("lines", [[], [[(0, 0), (100, 0)]]])
def test_no_school_and_no_street_reach_nothing(lines):
    assert len(reach(build_network(roads(lines)), [], limit_m=100).start) == 0
