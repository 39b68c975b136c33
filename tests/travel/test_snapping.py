"""Points find the nearest place on a street."""

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import assume, given
from shapely.geometry import MultiLineString, Point, Polygon

from layoutplan.travel import Footing, build_network, snap_points
from tests.travel.drawn import CRS, clear_of_ties, laws, places, points, roads, street_maps

STREET = [[(0, 0), (100, 0)]]


def test_a_point_meets_the_middle_of_a_street():
    snaps = snap_points(points([(30, 40)]), build_network(roads(STREET)), limit_m=50)
    assert snaps.offset_m.tolist() == [40.0]
    assert snaps.along_m.tolist() == [[30.0, 70.0]]
    assert snaps.footing.tolist() == [Footing.STREET]


def test_the_limit_is_inclusive_and_beyond_it_is_nothing():
    network = build_network(roads(STREET))
    snaps = snap_points(points([(50, 40), (50, 40.01), (50, 9999)]), network, limit_m=40)
    assert snaps.footing.tolist() == [Footing.STREET, Footing.NONE, Footing.NONE]
    assert snaps.standing(Footing.NONE) == ("p1", "p2")
    assert np.isinf(snaps.offset_m[1:]).all()


def test_missing_points_meet_nothing():
    series = gpd.GeoSeries([None, Point(), Point(1, 1)], index=["a", "b", "c"], crs=CRS)
    snaps = snap_points(series, build_network(roads(STREET)), limit_m=np.inf)
    assert snaps.standing(Footing.NONE) == ("a", "b")


def test_areas_are_refused():
    area = gpd.GeoSeries([Polygon([(0, 0), (1, 0), (1, 1)])], crs=CRS)
    with pytest.raises(ValueError, match="points"):
        snap_points(area, build_network(roads(STREET)), limit_m=9)


def test_nothing_snaps_to_a_street_nobody_walks_on():
    table = roads([[(0, 0), (100, 0)], [(0, 50), (100, 50)]], road_class=["motorway", "street"])
    network = build_network(table, exclude_classes=["motorway"])
    assert snap_points(points([(50, 1)]), network, limit_m=60).offset_m.tolist() == [49.0]


def test_a_point_beside_an_island_goes_to_the_larger_network_if_it_is_near_enough():
    main, yard = [(0, 0), (100, 0)], [(0, 30), (20, 30)]
    network = build_network(roads([main, yard]))
    point = points([(10, 29)])
    near = snap_points(point, network, limit_m=500)
    assert (near.footing.tolist(), near.offset_m.tolist()) == ([Footing.MOVED], [pytest.approx(29.0)])
    far = snap_points(point, network, limit_m=20)
    assert (far.footing.tolist(), far.offset_m.tolist()) == ([Footing.ISLAND], [pytest.approx(1.0)])


def test_a_second_town_of_its_own_is_no_island():
    network = build_network(roads([[(0, 0), (9000, 0)], [(0, 300), (6000, 300)]]))
    snaps = snap_points(points([(10, 299)]), network, limit_m=500)
    assert (snaps.footing.tolist(), snaps.offset_m.tolist()) == ([Footing.STREET], [pytest.approx(1.0)])


@laws
@given(street_maps, places)
def test_the_offset_is_the_distance_to_all_streets(lines, xy):
    assume(clear_of_ties(lines, xy))
    network = build_network(roads(lines), tolerance_m=0.0)
    snaps = snap_points(points(xy), network, limit_m=np.inf)
    streets = MultiLineString([lines[k] for k in range(len(lines)) if lines[k].length])
    larger = MultiLineString(list(network.edges[network.larger_edges]))
    for k, place in enumerate(map(Point, xy)):
        nearest = streets if snaps.footing[k] == Footing.STREET else larger
        assert snaps.offset_m[k] == pytest.approx(place.distance(nearest), abs=1e-6)
        foot = network.edges[snaps.edge[k]].interpolate(snaps.along_m[k, 0])
        assert foot.distance(place) == pytest.approx(snaps.offset_m[k], abs=1e-6)
    np.testing.assert_allclose(snaps.along_m.sum(axis=1), network.edge_metres[snaps.edge], atol=1e-6)
