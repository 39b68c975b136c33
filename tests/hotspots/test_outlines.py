"""The polygon of a hotspot is valid, has an area and is made of polygons only."""

from __future__ import annotations

import geopandas as gpd
from shapely.geometry import Point, Polygon, box

from layoutplan.hotspots.outlines import hotspot_outline

PLACES = gpd.GeoSeries([Point(0, 0), Point(100, 0)])


def test_polygons_are_joined_and_points_among_them_passed_over():
    areas = gpd.GeoSeries([box(0, 0, 1, 1), box(1, 0, 2, 1), Point(9, 9), Polygon()])
    assert hotspot_outline(areas, PLACES, radius_m=800).equals(box(0, 0, 2, 1))


def test_areas_apart_are_a_multipolygon():
    shape = hotspot_outline(gpd.GeoSeries([box(0, 0, 1, 1), box(5, 0, 6, 1)]), PLACES, radius_m=800)
    assert shape.geom_type == "MultiPolygon"
    assert shape.area == 2


def test_a_ring_that_crosses_itself_is_mended():
    bow_tie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    shape = hotspot_outline(gpd.GeoSeries([bow_tie]), PLACES, radius_m=800)
    assert shape.is_valid
    assert shape.area == 2


def test_points_alone_have_a_hull_with_a_margin():
    for places in (PLACES, PLACES.iloc[:1], gpd.GeoSeries([Point(0, 0), Point(100, 0), Point(0, 100)])):
        shape = hotspot_outline(gpd.GeoSeries([Point(0, 0)]), places, radius_m=800)
        assert shape.is_valid
        assert shape.geom_type == "Polygon"
        assert all(abs(shape.exterior.distance(place) - 200) < 1 for place in places[:1])
