"""The working coordinate system."""

from __future__ import annotations

import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.city.crs import choose_crs, crs_name, same_crs, stretch, working_crs
from layoutplan.errors import FaultLog


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ((113.6, 34.75), 4547),  # Zhengzhou
        ((112.6, 34.6), 4547),  # the west of the prefecture: one zone for the whole city
        ((87.6, 43.8), 4538),  # Ürümqi
        ((126.6, 45.75), 4551),  # Harbin
        ((-79.9, 43.2), 32617),  # Hamilton
        ((-51.2, -30.0), 32722),  # Porto Alegre
        ((127.0, 37.5), 32652),  # Seoul is not in a Chinese zone
        ((106.9, 47.9), 32648),  # nor is Ulaanbaatar
    ],
)
def test_known_cities(place, code):
    assert choose_crs(*place).to_epsg() == code


@given(st.floats(-180, 180), st.floats(-70, 70))
def test_chosen_crs_is_in_metres_and_true_to_scale(lon, lat):
    crs = choose_crs(lon, lat)
    assert crs.is_projected
    assert crs.axis_info[0].unit_name == "metre"
    assert stretch(crs, lon=lon, lat=lat) < 0.005


def test_chosen_crs_is_announced():
    log = FaultLog()
    crs = working_crs(None, lon=113.6, lat=34.75, file="plan.toml", log=log)
    assert [(note.code, note.severity) for note in log] == [("working_crs_chosen", "notice")]
    assert "EPSG:4547" in log.notes[0].what("zh")
    assert crs.to_epsg() == 4547


@pytest.mark.parametrize(
    ("stated", "percent"), [("EPSG:3857", "21."), ("EPSG:26917", None), ("EPSG:4528", "")]
)
def test_stated_crs_is_kept_unless_it_stretches_lengths(stated, percent):
    """At Zhengzhou Web Mercator stretches by a fifth; UTM 17 is the wrong side of the Earth."""
    log = FaultLog()
    crs = working_crs(stated, lon=113.6, lat=34.75, file="plan.toml", log=log)
    if percent == "":
        assert crs == pyproj.CRS(stated)
        assert not log.errors
    else:
        assert [fault.code for fault in log.errors] == ["working_crs_stretches"]
        assert (percent or "%") in log.errors[0].what("en")
        assert "EPSG:4547" in log.errors[0].remedy("en")


def test_same_crs_looks_at_numbers_not_at_names():
    assert same_crs(pyproj.CRS(4326), pyproj.CRS("OGC:CRS84"))
    assert same_crs(pyproj.CRS(4547), pyproj.CRS(pyproj.CRS(4547).to_wkt("WKT1_ESRI")))
    assert not same_crs(pyproj.CRS(4547), pyproj.CRS(4548))
    assert crs_name(pyproj.CRS(4547)).startswith("EPSG:4547 (CGCS2000")
