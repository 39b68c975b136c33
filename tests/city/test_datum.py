"""GCJ-02 and BD-09: an independent program (prcoords) and the inverse as oracles."""

from __future__ import annotations

import numpy as np
import prcoords
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from layoutplan.city.datum import from_wgs84, shapes_to_wgs84, to_wgs84

LON, LAT = st.floats(73.5, 135.0), st.floats(3.5, 53.5)
PLACES = st.lists(st.tuples(LON, LAT), min_size=1, max_size=20)
ORACLES = {"gcj02": prcoords.wgs_gcj, "bd09": prcoords.wgs_bd}


def _columns(places):
    lon, lat = np.array(places, dtype=float).T
    return lon, lat


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
@given(places=PLACES)
def test_forward_agrees_with_prcoords(datum, places):
    lon, lat = from_wgs84(*_columns(places), datum=datum)
    expected = [ORACLES[datum]((y, x)) for x, y in places]
    np.testing.assert_allclose(lon, [point.lon for point in expected], atol=1e-11)
    np.testing.assert_allclose(lat, [point.lat for point in expected], atol=1e-11)


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000", "gcj02", "bd09"])
@given(places=PLACES)
def test_there_and_back_is_within_a_millimetre(datum, places):
    lon, lat = _columns(places)
    back = to_wgs84(*from_wgs84(lon, lat, datum=datum), datum=datum)
    np.testing.assert_allclose(back[0], lon, atol=1e-9)
    np.testing.assert_allclose(back[1], lat, atol=1e-9)


@pytest.mark.parametrize(("datum", "least", "most"), [("gcj02", 560, 585), ("bd09", 1240, 1310)])
def test_shift_at_zhengzhou(datum, least, most):
    """STANDARDS: GCJ-02 566-578 m to the east-south-east, BD-09 1,253-1,295 m."""
    lon, lat = np.array([113.55]), np.array([34.81])
    moved = from_wgs84(lon, lat, datum=datum)
    azimuth, _, metres = Geod(ellps="WGS84").inv(lon, lat, *moved)
    assert least <= metres[0] <= most
    if datum == "gcj02":
        assert 100 <= azimuth[0] <= 107


@given(st.floats(-179, -20), st.floats(-60, 60))
def test_nothing_changes_outside_china(lon, lat):
    for datum in ("gcj02", "bd09"):
        assert from_wgs84(np.array([lon]), np.array([lat]), datum=datum) == (lon, lat)


def test_every_vertex_of_a_shape_is_converted_and_the_input_kept():
    wgs = shapely.box(113.5, 34.7, 113.6, 34.8)
    lon, lat = shapely.get_coordinates(wgs).T
    shifted = shapely.polygons(np.column_stack(from_wgs84(lon, lat, datum="gcj02")))
    before = shifted.wkb
    shapes = np.array([shifted, None, shapely.Point(113.5, 34.7)], dtype=object)
    back = shapes_to_wgs84(shapes, datum="gcj02")
    np.testing.assert_allclose(shapely.get_coordinates(back[0]), shapely.get_coordinates(wgs), atol=1e-9)
    assert back[1] is None
    assert shifted.wkb == before
