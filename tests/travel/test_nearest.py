"""The nearest destinations, against the full matrix."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.travel import build_network, walking_nearest
from layoutplan.travel.distances import walk_matrix
from layoutplan.travel.nearest import straight_nearest
from tests.travel.drawn import laws, places, points, roads, street_maps


@laws
@given(
    street_maps,
    st.tuples(places, places),
    st.integers(1, 3),
    st.sampled_from([60, 250, np.inf]),
    st.booleans(),
)
def test_they_are_the_first_of_the_full_matrix(lines, xy, k, limit_m, straight):
    network = None if straight else build_network(roads(lines))
    ends = points(xy[0], "u"), points(xy[1], "s")
    chosen = {"limit_m": limit_m, "network": network, "snap_limit_m": np.inf}
    every, near = walk_matrix(*ends, **chosen), walking_nearest(*ends, k=k, **chosen)
    rank = np.arange(len(every.metres)) - every.indptr[every.rows]
    first = every.keep(rank < k)
    np.testing.assert_array_equal(near.indptr, first.indptr)
    np.testing.assert_array_equal(near.indices, first.indices)
    np.testing.assert_array_equal(near.metres, first.metres)
    assert near.limit_m == limit_m
    assert near.moved_origins == every.moved_origins


def test_homes_without_a_street_have_none():
    network = build_network(roads([[(0, 0), (100, 0)]]))
    homes, schools = points([(5, 5), (5000, 5000)], "u"), points([(90, 0)], "s")
    near = walking_nearest(homes, schools, limit_m=np.inf, network=network)
    assert near.nearest().tolist() == [90.0, np.inf]
    assert near.unsnapped_origins == ("u1",)


def test_no_destinations_and_no_origins_are_no_pairs():
    none, some = points([]), points([(0, 0)])
    for ends in ((none, some), (some, none), (none, none)):
        assert len(walking_nearest(*ends, limit_m=100, network=None).metres) == 0


def test_k_is_at_least_one():
    with pytest.raises(ValueError, match="at least one"):
        walking_nearest(points([(0, 0)]), points([(0, 0)]), k=0, limit_m=9, network=None)


@laws
@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), min_size=1, max_size=6),
    st.integers(0, 63),
)
def test_straight_lines_are_those_of_brute_force(homes, schools, mask):
    is_open = np.array([[bool(mask >> place & 1), True] for place in range(len(schools))])
    ends = [gpd.GeoSeries(shapely.points(np.array(xy, dtype=float))) for xy in (homes, schools)]
    found = straight_nearest(*ends, is_open)
    apart = np.hypot(*(np.array(homes)[:, None, :] - np.array(schools)[None, :, :]).transpose(2, 0, 1))
    for column in range(2):
        some = is_open[:, column]
        expected = apart[:, some].min(axis=1) if some.any() else np.full(len(homes), np.inf)
        np.testing.assert_allclose(found[:, column], expected)


def test_a_place_not_known_is_near_nothing():
    homes = gpd.GeoSeries([shapely.Point(0, 0), None])
    schools = gpd.GeoSeries([None, shapely.Point(3, 4)])
    assert straight_nearest(homes, schools, np.array([[True], [True]])).tolist() == [[5.0], [np.inf]]
    assert np.isinf(straight_nearest(homes, schools, np.array([[True], [False]]))).all()
