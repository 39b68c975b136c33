"""Walking distances: figures by hand, laws, and another program's answer."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from shapely.affinity import rotate, translate
from shapely.geometry import LineString, MultiLineString, Point

import layoutplan.travel.search
from layoutplan.errors import DefectError, InputError
from layoutplan.travel import Network, build_network
from layoutplan.travel.distances import _check_lower_bound, walk_matrix
from layoutplan.travel.search import Triples
from tests.travel.drawn import CRS, clear_of_ties, laws, places, points, roads, street_maps, walk

STREET = [[(0, 0), (100, 0)]]
CROSS = [[(0, 100), (200, 100)], [(100, 0), (100, 200)]]


def metres(pairs) -> np.ndarray:
    """Return the pairs as a dense matrix, infinite where none is stored."""
    dense = np.full((len(pairs.origins), len(pairs.destinations)), np.inf)
    dense[pairs.rows, pairs.indices] = pairs.metres
    return dense


def one_piece(network: Network) -> Network:
    """Return the network with no part treated as an island."""
    return replace(network, islands=np.zeros_like(network.islands))


def matrix(lines, origins, destinations, *, limit_m=np.inf, snap_limit_m=500.0) -> np.ndarray:
    network = one_piece(build_network(roads(lines), tolerance_m=0.0))
    pairs = walk_matrix(
        points(origins), points(destinations), limit_m=limit_m, network=network, snap_limit_m=snap_limit_m
    )
    return metres(pairs)


# figures by hand


def test_two_points_on_one_street_walk_straight_between_their_feet():
    assert matrix(STREET, [(20, 3)], [(70, -4)]).tolist() == [[57.0]]


def test_a_walk_round_the_corner():
    assert matrix(CROSS, [(10, 107)], [(95, 190)]).tolist() == [[7 + 90 + 90 + 5]]


def test_home_and_school_at_one_place_are_no_walk_apart():
    assert matrix(STREET, [(30, 0)], [(30, 0)]).tolist() == [[0.0]]
    assert matrix(STREET, [(0, 0)], [(0, 0), (100, 0)]).tolist() == [[0.0, 100.0]]


def test_the_shorter_way_round_a_ring_is_taken():
    ring = [[(0, 0), (100, 0), (100, 100), (0, 100), (0, 0)]]
    assert matrix(ring, [(10, 0)], [(0, 10), (90, 0), (100, 60)]).tolist() == [[20.0, 80.0, 150.0]]


def test_between_points_of_one_street_another_way_may_be_shorter():
    hairpin = [[(0, 0), (300, 0), (300, 10), (0, 10)], [(0, 0), (0, 10)]]
    assert matrix(hairpin, [(20, 0)], [(20, 10)]).tolist() == [[50.0]]


def test_of_parallel_streets_each_keeps_its_own_length():
    detour = [[(0, 0), (100, 0)], [(0, 0), (0, 50), (100, 50), (100, 0)]]
    assert matrix(detour, [(50, 51)], [(0, 0), (50, -1)]).tolist() == [[101.0, 152.0]]


def test_nobody_crosses_where_a_bridge_passes_over():
    table = roads(CROSS, bridge=[True, False])
    network = one_piece(build_network(table))
    pairs = walk_matrix(points([(10, 100)]), points([(100, 10)]), limit_m=np.inf, network=network)
    assert len(pairs.metres) == 0


def test_the_limit_is_inclusive():
    assert matrix(STREET, [(0, 0)], [(60, 0)], limit_m=60).tolist() == [[60.0]]
    assert np.isinf(matrix(STREET, [(0, 0)], [(60, 0)], limit_m=59.999)).all()


def test_a_point_without_a_street_has_no_pairs_and_is_named():
    network = build_network(roads(STREET))
    pairs = walk_matrix(
        points([(0, 0), (0, 900)]), points([(50, 0), (50, 700)], "s"), limit_m=5000, network=network
    )
    assert pairs.unsnapped_origins == ("p1",)
    assert pairs.unsnapped_destinations == ("s1",)
    assert np.diff(pairs.indptr).tolist() == [1, 0]


def test_pairs_stand_nearest_first_and_ties_by_destination():
    pairs = walk_matrix(
        points([(50, 0)]),
        points([(90, 0), (60, 0), (10, 0), (40, 0)]),
        limit_m=1000,
        network=build_network(roads(STREET)),
    )
    assert pairs.indices.tolist() == [1, 3, 0, 2]
    assert pairs.metres.tolist() == [10, 10, 40, 40]
    assert pairs.metres.dtype == np.float32


def test_straight_lines_without_roads():
    pairs = walk_matrix(
        points([(0, 0), (0, 5000)]),
        points([(300, 400), (0, 0)]),
        limit_m=650,
        network=None,
        detour_factor=1.3,
    )
    assert (pairs.method, pairs.detour_factor) == ("straight", 1.3)
    assert metres(pairs).tolist() == [[650.0, 0.0], [np.inf, np.inf]]


@pytest.mark.parametrize("network", [None, build_network(roads(STREET)), build_network(roads([]))])
@pytest.mark.parametrize(("homes", "schools"), [([], [(1, 1)]), ([(1, 1)], []), ([], [])])
def test_no_points_no_pairs(network, homes, schools):
    pairs = walk_matrix(points(homes), points(schools), limit_m=100, network=network)
    assert len(pairs.metres) == 0
    assert len(pairs.indptr) == len(homes) + 1


def test_an_empty_network_reaches_nothing():
    pairs = walk_matrix(points([(0, 0)]), points([(1, 1)]), limit_m=100, network=build_network(roads([])))
    assert len(pairs.metres) == 0
    assert pairs.unsnapped_origins == ("p0",)


def test_unlimited_straight_lines():
    pairs = walk_matrix(
        points([(0, 0)]), points([(3e6, 4e6)]), limit_m=np.inf, network=None, detour_factor=1.0
    )
    assert pairs.metres.tolist() == [5e6]


# bad input


def test_mixed_coordinate_systems_are_refused():
    elsewhere = gpd.GeoSeries([Point(0, 0)], crs="EPSG:4546")
    with pytest.raises(InputError, match="different coordinate systems"):
        walk_matrix(points([(0, 0)]), elsewhere, limit_m=100, network=None)
    with pytest.raises(InputError, match="different coordinate systems"):
        walk_matrix(elsewhere, elsewhere, limit_m=100, network=build_network(roads(STREET)))


def test_degrees_are_refused():
    degrees = gpd.GeoSeries([Point(113.5, 34.7)], crs="EPSG:4326")
    with pytest.raises(InputError, match="not in metres"):
        walk_matrix(degrees, degrees, limit_m=1000, network=None)


def test_the_roads_of_another_city_are_refused():
    network = build_network(roads([[(90_000, 0), (91_000, 0)]]))
    with pytest.raises(InputError, match="another place"):
        walk_matrix(points([(0, 0)]), points([(1, 1)]), limit_m=1000, network=network)


def test_a_walk_below_the_straight_line_is_a_defect():
    short = Triples(np.array([0], np.int32), np.array([0], np.int32), np.array([4.99], np.float32))
    with pytest.raises(DefectError, match="straight line"):
        _check_lower_bound(short, np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]]))


# another program


@laws
@given(street_maps, places, places)
def test_equal_to_networkx_on_streets_noded_by_geos(lines, origins, destinations):
    assume(clear_of_ties(lines, [*origins, *destinations]))
    near = MultiLineString([line for line in lines if line.length]).buffer(60)
    assume(any(near.contains(Point(p)) for p in [*origins, *destinations]))  # else refused
    ours = matrix(lines, origins, destinations, snap_limit_m=60)
    theirs = [[walk(lines, start, goal, snap_limit_m=60) for goal in destinations] for start in origins]
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


# laws


@laws
@given(street_maps, places, places)
def test_walks_are_symmetric_and_never_shorter_than_the_straight_line(lines, origins, destinations):
    assume(clear_of_ties(lines, [*origins, *destinations]))
    there = matrix(lines, origins, destinations)
    back = matrix(lines, destinations, origins)
    np.testing.assert_allclose(there, back.T, rtol=1e-6)
    straight = np.hypot(*(np.array(origins)[:, None] - np.array(destinations)[None]).transpose(2, 0, 1))
    assert (there >= straight - 1e-3).all()


@laws
@given(street_maps, st.data())
def test_the_triangle_inequality_holds_between_places_on_streets(lines, data):
    places_on = [p for line in lines for p in line.coords]
    chosen = data.draw(st.lists(st.sampled_from(places_on), min_size=3, max_size=6))
    between = matrix(lines, chosen, chosen)
    assert (between[:, None, :] <= between[:, :, None] + between[None, :, :] + 1e-3).all()


@laws
@given(street_maps, places, places, st.floats(0, 360), st.tuples(*[st.floats(-1e6, 1e6)] * 2))
def test_moving_and_turning_the_city_changes_nothing(lines, origins, destinations, angle, shift):
    assume(clear_of_ties(lines, [*origins, *destinations]))

    def move(geometry):
        return translate(rotate(geometry, angle, origin=(0, 0)), *shift)

    def moved(xy):
        return [move(Point(p)).coords[0] for p in xy]

    plain = matrix(lines, origins, destinations)
    turned = matrix([move(line) for line in lines], moved(origins), moved(destinations))
    np.testing.assert_allclose(turned, plain, rtol=1e-6, atol=2e-2)  # a centimetre each end: EXACT_M


@laws
@given(street_maps, places, places, st.randoms(use_true_random=False))
def test_the_order_of_roads_and_points_changes_nothing(lines, origins, destinations, random):
    assume(clear_of_ties(lines, [*origins, *destinations]))
    plain = matrix(lines, origins, destinations)
    rows, columns = (random.sample(range(len(xy)), len(xy)) for xy in (origins, destinations))
    mixed = matrix(
        random.sample(lines, len(lines)), [origins[k] for k in rows], [destinations[k] for k in columns]
    )
    np.testing.assert_allclose(mixed, plain[np.ix_(rows, columns)], rtol=1e-6)


@laws
@given(street_maps, places, places, st.floats(0, 400), st.floats(0, 400))
def test_a_larger_limit_only_adds_pairs(lines, origins, destinations, one, other):
    small, large = sorted((one, other))
    few = matrix(lines, origins, destinations, limit_m=small)
    many = matrix(lines, origins, destinations, limit_m=large)
    kept = np.isfinite(few)
    np.testing.assert_array_equal(many[kept], few[kept])
    assert (many[~kept] >= np.float32(small)).all()


@laws
@given(street_maps, st.data())
def test_taking_a_street_away_never_shortens_a_walk(lines, data):
    chosen = data.draw(st.lists(st.sampled_from(list(lines[0].coords)), min_size=2, max_size=4))
    whole = matrix(lines, chosen, chosen)
    assume(lines[0].length > 0)
    left = matrix(lines[: data.draw(st.integers(1, len(lines)))], chosen, chosen)
    assert (left >= whole - 1e-3).all()


@laws
@given(street_maps, places, places, st.integers(1, 50), st.floats(20, 300))
def test_the_way_it_is_cut_into_batches_and_tiles_changes_nothing(
    lines, origins, destinations, cells, limit_m
):
    whole = matrix(lines, origins, destinations, limit_m=limit_m)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layoutplan.travel.search, "BATCH_CELLS", cells)
        np.testing.assert_array_equal(matrix(lines, origins, destinations, limit_m=limit_m), whole)
    unlimited = matrix(lines, origins, destinations)
    np.testing.assert_array_equal(whole, np.where(unlimited <= np.float32(limit_m), unlimited, np.inf))


def test_nothing_given_is_changed():
    table = roads(CROSS)
    homes, schools = points([(10, 100)]), points([(100, 10)], "s")
    before = table.copy(), homes.copy(), schools.copy()
    network = build_network(table)
    graph = network.graph.copy()
    walk_matrix(homes, schools, limit_m=500, network=network)
    pd.testing.assert_frame_equal(table, before[0])
    assert homes.equals(before[1])
    assert schools.equals(before[2])
    assert (network.graph != graph).nnz == 0


def test_a_long_street_whose_ends_are_beyond_the_limit_is_walked_all_the_same():
    road = [LineString([(0, 0), (50_000, 0)])]
    assert matrix(road, [(20_000, 0)], [(20_900, 0)], limit_m=1000).tolist() == [[900.0]]


def test_crs_may_be_unstated_on_either_side():
    homes = gpd.GeoSeries([Point(1, 0)])
    network = build_network(roads(STREET).set_crs(CRS))
    assert walk_matrix(homes, homes, limit_m=9, network=network).metres.tolist() == [0.0]


def test_a_frame_is_refused_in_words():
    place = points([(0, 0)])
    frame = gpd.GeoDataFrame(geometry=place)
    for pair in ((frame, place), (place, frame)):
        with pytest.raises(TypeError, match=r"GeoSeries of points .* not a GeoDataFrame"):
            walk_matrix(*pair, limit_m=100.0, network=None)
