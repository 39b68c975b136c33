"""Barriers are crossed at crossings, on bridges and through underpasses only."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from layoutplan.travel import build_network, keep_to_bridges, keep_to_side
from layoutplan.travel.barriers import apply_barriers
from layoutplan.travel.distances import walk_matrix
from tests.travel.drawn import CRS, lattice, laws, points, roads, street_maps

TRUNK = LineString([(-500, 0), (500, 0)])
TOWN = [
    TRUNK,
    *(LineString([(x, -300), (x, 300)]) for x in range(-400, 401, 200)),
    *(LineString([(-400, y), (400, y)]) for y in (-200, 200)),
]
NONE = gpd.GeoSeries([], crs=CRS)


def shapes(*found: shapely.Geometry) -> gpd.GeoSeries:
    return gpd.GeoSeries(list(found), crs=CRS)


def walk(network, start, goal, limit_m=5000.0) -> float:
    pairs = walk_matrix(points([start]), points([goal], "s"), limit_m=limit_m, network=network)
    return float(pairs.metres[0]) if len(pairs.metres) else np.inf


def town():
    return build_network(roads(TOWN))


def test_a_trunk_road_is_walked_along_on_ones_own_side():
    whole, sided = town(), apply_barriers(town(), shapes(TRUNK), crossings=NONE, crossing_m=30)
    assert (sided.report.barrier_corners, sided.report.barrier_cuts) == (5, 0)
    for start, goal in (((0, 100), (200, 100)), ((100, 5), (300, 3)), ((0, 100), (10, 5))):
        assert walk(sided, start, goal) == pytest.approx(walk(whole, start, goal), abs=0.5)


def test_its_other_side_is_reached_round_its_end_or_at_a_crossing():
    """From (0, 100) to (0, -100): 200 m straight over, 1,200 m round the end, 1,000 m by the crossing."""
    sided = apply_barriers(town(), shapes(TRUNK), crossings=NONE, crossing_m=30)
    assert walk(town(), (0, 100), (0, -100)) == 200
    assert walk(sided, (0, 100), (0, -100)) == pytest.approx(1200, abs=1)
    crossed = apply_barriers(town(), shapes(TRUNK), crossings=shapes(Point(400, 25)), crossing_m=30)
    assert crossed.report.barrier_crossings == 1
    assert walk(crossed, (0, 100), (0, -100)) == pytest.approx(1000, abs=1)


def test_homes_at_the_trunk_road_are_on_one_side_of_it():
    sided = apply_barriers(town(), shapes(TRUNK), crossings=NONE, crossing_m=30)
    assert walk(town(), (100, 5), (100, -5)) == 10
    assert walk(sided, (100, 5), (100, -5)) == pytest.approx(810, abs=1)


def test_a_crossing_serves_as_far_as_it_is_told_to():
    gate = shapes(Point(400, 25))
    assert (
        apply_barriers(town(), shapes(TRUNK), crossings=gate, crossing_m=24.9).report.barrier_crossings == 0
    )
    assert (
        apply_barriers(town(), shapes(TRUNK), crossings=gate, crossing_m=25.0).report.barrier_crossings == 1
    )


def test_walking_along_may_be_forbidden_too():
    shut = apply_barriers(town(), shapes(TRUNK), crossings=NONE, crossing_m=30, walk_along=False)
    assert shut.report.metres == pytest.approx(town().report.metres - 1000)
    assert walk(shut, (0, 100), (0, -100)) == np.inf
    assert walk(shut, (0, 100), (200, 100)) == 400


def test_a_street_over_a_railway_is_cut_there():
    railway = shapes(LineString([(-600, 50), (600, 50)]))
    cut = apply_barriers(town(), railway, crossings=NONE, crossing_m=30)
    assert (cut.report.barrier_cuts, cut.report.barrier_corners) == (5, 0)
    assert cut.report.metres == pytest.approx(town().report.metres)
    assert walk(cut, (0, 100), (0, -100)) == np.inf
    assert walk(cut, (0, 40), (200, 40)) == 280
    crossed = apply_barriers(town(), railway, crossings=shapes(Point(200, 60)), crossing_m=30)
    assert walk(crossed, (0, 100), (0, -100)) == 100 + 200 + 200 + 200 + 100


@pytest.mark.parametrize("column", [{"bridge": [False, True]}, {"tunnel": [False, True]}, {"layer": [0, 1]}])
def test_bridges_and_underpasses_are_left_whole(column):
    streets = roads([[(0, -100), (0, 100)], [(50, -100), (50, 100)]], **column)
    cut = apply_barriers(build_network(streets), shapes(TRUNK), crossings=NONE, crossing_m=30)
    assert sorted(cut.edge_metres) == [100, 100, 200]


def test_a_river_drawn_as_an_area_is_crossed_on_neither_bank():
    cut = apply_barriers(town(), shapes(box(-600, 40, 600, 60)), crossings=NONE, crossing_m=30)
    assert cut.report.barrier_cuts == 10
    assert walk(cut, (0, 100), (0, 0)) == np.inf


def test_where_trunk_roads_meet_every_corner_is_its_own():
    other = LineString([(0, -500), (0, 500)])
    cross = build_network(roads([TRUNK, other]))
    sided = apply_barriers(cross, shapes(TRUNK, other), crossings=NONE, crossing_m=30)
    assert sided.report.nodes == 4 + 4  # four ends, four corners
    assert walk(sided, (100, 5), (5, 100)) == pytest.approx(walk(cross, (100, 5), (5, 100)), abs=0.2)
    assert walk(sided, (100, 5), (-5, 100)) == pytest.approx(5 + 100 + 500 + 400 + 5, abs=1)


def barriers(*rows) -> gpd.GeoDataFrame:
    kinds, places, crossable = zip(*rows, strict=True)
    return gpd.GeoDataFrame(
        {"kind": kinds, "crossable": np.array(crossable, dtype=object)}, geometry=list(places), crs=CRS
    )


RIVER = LineString([(-600, 100), (600, 100)])


def test_each_network_keeps_to_its_own_kinds():
    table = barriers(("river", RIVER, False), ("trunk_road", TRUNK, None), ("crossing", Point(0, 0), True))
    marked = build_network(roads([*TOWN, [(900, 0), (950, 0)]], bridge=[False] * len(TOWN) + [True]))
    base = keep_to_bridges(marked, table, crossing_m=30)
    assert (base.report.barrier_cuts, base.report.barrier_corners) == (5, 0)
    sided = keep_to_side(marked, table, crossing_m=30)
    assert (sided.report.barrier_cuts, sided.report.barrier_corners, sided.report.barrier_crossings) == (
        0,
        4,
        1,
    )


def test_what_can_be_crossed_anywhere_is_no_barrier():
    assert keep_to_side(town(), barriers(("trunk_road", TRUNK, True)), crossing_m=30).report.nodes == 27


def test_roads_that_mark_no_bridge_anywhere_are_left_whole_and_counted():
    base = keep_to_bridges(town(), barriers(("river", RIVER, False)), crossing_m=30)
    assert (base.report.barrier_cuts, base.report.unmarked_bridges) == (0, 5)
    assert walk(base, (0, 150), (0, 50)) == 100


def test_without_barriers_the_network_is_the_one_given():
    network = town()
    assert apply_barriers(network, NONE, crossings=NONE, crossing_m=30) is network


@laws
@given(street_maps, st.lists(lattice, min_size=2, max_size=4), st.lists(lattice, max_size=2))
def test_barriers_only_part_and_crossings_only_join(lines, wall, gates):
    network = build_network(roads(lines))
    wall = shapes(LineString(wall))
    closed = apply_barriers(network, wall, crossings=NONE, crossing_m=5)
    opened = apply_barriers(network, wall, crossings=shapes(*map(Point, gates)), crossing_m=5)
    assert closed.report.components >= opened.report.components >= network.report.components
    assert closed.report.barrier_cuts >= opened.report.barrier_cuts
    assert closed.report.barrier_corners >= opened.report.barrier_corners
    straight = np.hypot(*(closed.nodes[closed.edge_ends[:, 0]] - closed.nodes[closed.edge_ends[:, 1]]).T)
    assert (closed.edge_metres >= straight - 1e-6).all()
    assert (closed.edge_ends[:, 0] < closed.edge_ends[:, 1]).all()


@laws
@given(street_maps, st.lists(lattice, min_size=2, max_size=4))
def test_no_walk_on_a_barred_network_is_shorter_than_the_straight_line(lines, wall):
    """``walk_matrix`` itself refuses if one is."""
    barred = apply_barriers(
        build_network(roads(lines)), shapes(LineString(wall)), crossings=NONE, crossing_m=5
    )
    homes = points([(13.7, 8.1), (128.3, 91.7), (233.1, 201.9)])
    assert walk_matrix(homes, homes, limit_m=np.inf, network=barred, snap_limit_m=np.inf).origins.size == 3
