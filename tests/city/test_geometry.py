"""Shapes repaired or refused."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import GeometryCollection, LineString, MultiPoint, Point, Polygon, box

from layoutplan.city.geometry import clean_shapes, report_twins
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog

SPIKE = Polygon([(0, 0), (100, 0), (100, 100), (50, 100), (50, 200), (50, 100), (0, 100)])
TOUCHING = Polygon([(0, 0), (10, 0), (10, 10), (5, 10), (5, 5), (5, 10), (0, 10)])
BOW_TIE = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


def _clean(*shapes, kind="polygon"):
    log = FaultLog()
    series = gpd.GeoSeries(list(shapes), index=range(2, len(shapes) + 2), crs=4547)
    before = series.copy()
    cleaned = clean_shapes(series, kind=kind, log=TableLog(log, "f", "t"))
    assert series.equals(before)
    return cleaned, {fault.code: fault for fault in log}


@pytest.mark.parametrize("shape", [SPIKE, TOUCHING])
def test_harmless_faults_are_repaired_and_said(shape):
    cleaned, faults = _clean(shape, box(0, 0, 1, 1))
    assert cleaned.is_valid.all()
    assert cleaned.geom_type.isin(["Polygon", "MultiPolygon"]).all()
    assert cleaned.iloc[0].area == pytest.approx(shape.area)
    assert faults["shape_repaired"].severity == "notice"
    assert faults["shape_repaired"].rows == ("2",)


def test_bow_tie_is_refused_with_its_row():
    cleaned, faults = _clean(box(0, 0, 1, 1), BOW_TIE)
    assert cleaned is None
    assert faults["shape_crosses_itself"].rows == ("3",)


def test_heights_are_dropped():
    cleaned, faults = _clean(Point(1, 2, 3), kind="point")
    assert not cleaned.has_z.any()
    assert faults["z_dropped"].severity == "notice"


def test_collections_keep_the_parts_of_the_kind():
    cleaned, _ = _clean(GeometryCollection([box(0, 0, 2, 2), LineString([(0, 0), (9, 9)])]))
    assert cleaned.iloc[0].area == 4


def test_multipoint_of_one_is_a_point_and_short_lines_go():
    assert _clean(MultiPoint([(1, 2)]), kind="point")[0].iloc[0] == Point(1, 2)
    cleaned, faults = _clean(LineString([(1, 1), (1, 1)]), LineString([(0, 0), (1, 1)]), kind="line")
    assert cleaned.index.tolist() == [3]
    assert "lines_without_length" in faults


def test_missing_places_pass_and_sound_shapes_are_untouched():
    cleaned, faults = _clean(None, box(0, 0, 1, 1))
    assert not faults
    assert cleaned.iloc[0] is None
    assert cleaned.iloc[1] == box(0, 0, 1, 1)


def test_what_is_of_another_kind_is_no_twin():
    """A township that is one school district is drawn twice, and rightly."""
    log = FaultLog()
    shapes = gpd.GeoSeries([box(0, 0, 1, 1)] * 3, index=[2, 3, 4])
    kinds = pd.Series(["township", "school_district", "township"], index=shapes.index)
    report_twins(shapes, by=kinds, log=TableLog(log, "f", "t"))
    assert [(fault.code, fault.rows) for fault in log] == [("polygons_equal", ("4",))]


def test_twins_are_found_whatever_their_first_corner():
    log = FaultLog()
    square = box(0, 0, 1, 1)
    turned = Polygon(np.roll(np.array(square.exterior.coords)[:-1], 1, axis=0))
    shapes = gpd.GeoSeries([square, turned, Point(0, 0), Point(0, 0)], index=[2, 3, 4, 5])
    report_twins(shapes, log=TableLog(log, "f", "t"))
    assert {(f.code, f.severity, f.rows) for f in log} == {
        ("polygons_equal", "error", ("3",)),
        ("points_equal", "notice", ("5",)),
    }
