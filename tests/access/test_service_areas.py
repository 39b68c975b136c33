"""Service areas: clean polygons along the streets."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.access import service_areas
from layoutplan.access.service_areas import SIMPLE_M
from layoutplan.travel import build_network
from tests.travel.drawn import CRS, laws, places, points, roads, street_maps

GRID = [[(x, 0), (x, 1000)] for x in range(0, 1001, 100)] + [[(0, y), (1000, y)] for y in range(0, 1001, 100)]


@laws
@given(street_maps, places, st.integers(30, 300), st.integers(1, 200))
def test_areas_are_valid_polygons_inside_the_circle_and_grow_with_the_walk(lines, xy, radius_m, more):
    schools, network = points(xy), build_network(roads(lines))
    near = service_areas(schools, network, radius_m=radius_m)
    far = service_areas(schools, network, radius_m=radius_m + more)
    assert near.index.equals(schools.index)
    known = near.notna()
    assert near[known].is_valid.all()
    assert (near[known].geom_type == "Polygon").all()
    circles = schools.buffer(radius_m, quad_segs=32)
    assert shapely.covers(shapely.buffer(circles[known].array, 1e-6), near[known].array).all()
    assert far[known].notna().all()
    assert far[known].buffer(2 * SIMPLE_M).covers(near[known]).all()


def test_on_a_grid_of_streets_the_area_is_the_diamond_with_its_blocks_filled():
    school = points([(500, 500)])
    area = service_areas(school, build_network(roads(GRID)), radius_m=300, street_side_m=20).iloc[0]
    diamond = shapely.Point(500, 500).buffer(300, quad_segs=1)
    assert area.symmetric_difference(diamond).area < 0.25 * diamond.area
    assert not area.interiors
    assert area.covers(school.iloc[0])


def test_a_lake_stays_out_and_a_block_is_filled():
    ring = [
        [(0, 0), (400, 0), (400, 400), (0, 400), (0, 0)],
        [(0, 0), (0, -120), (-120, -120), (-120, 0), (0, 0)],
    ]
    network = build_network(roads(ring))
    area = service_areas(points([(0, 10)]), network, radius_m=2000, street_side_m=20).iloc[0]
    assert len(area.interiors) == 1
    assert not area.covers(shapely.Point(200, 200))
    assert area.covers(shapely.Point(-60, -60))


def test_the_order_of_schools_changes_nothing():
    network = build_network(roads(GRID))
    schools = points([(130, 40), (500, 560), (910, 330), (500, 560)])
    whole = service_areas(schools, network, radius_m=350)
    order = [2, 0, 3, 1]
    mixed = service_areas(schools.iloc[order], network, radius_m=350)
    assert shapely.equals_identical(whole.iloc[order].array, mixed.array).all()
    assert whole.iloc[1] == whole.iloc[3]


def test_without_streets_the_area_is_a_circle_short_of_the_detour():
    schools = gpd.GeoSeries([shapely.Point(0, 0), None], index=["a", "b"], crs=CRS)
    found = service_areas(schools, None, radius_m=650, detour_factor=1.3)
    assert found["a"].area == pytest.approx(np.pi * 500**2, rel=1e-3)
    assert found["b"] is None


def test_schools_without_a_street_have_no_area():
    network = build_network(roads([[(0, 0), (100, 0)]]))
    schools = gpd.GeoSeries([shapely.Point(50, 5), shapely.Point(50, 4000), None], index=list("abc"), crs=CRS)
    assert service_areas(schools, network, radius_m=300).notna().tolist() == [True, False, False]
    assert service_areas(schools.iloc[:0], network, radius_m=300).empty
    assert service_areas(schools, build_network(roads([])), radius_m=300).isna().all()
