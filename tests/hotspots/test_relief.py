"""What is at hand for a hotspot: spare seats, schools on the way, temporary or lasting seats."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from layoutplan.dictionary import empty_frame, input_table
from tests.hotspots.lattice import hotspots_of, lattice_city, unit_id
from tests.small_city import CRS, SOUTH, WEST

CITY = lattice_city()
HERE = {"primary": {unit_id(0, 0): 60.0}}  # at 250, 250 metres from the corner


def school(school_id: str, x: float, spare: float, **more: Any) -> dict[str, Any]:
    row = {"school_id": school_id, "x": x, "y": 250.0, "stage": "primary", "seats": [900.0] * 3}
    return {**row, "spare": spare, **more}


def only(found: Any) -> pd.Series:
    assert len(found.hotspots) == 1
    return found.hotspots.iloc[0]


def test_the_nearest_school_with_a_seat_to_spare_on_foot():
    schools = [
        school("full", 450.0, 0.0),
        school("private", 500.0, 300.0, counts=False),
        school("junior", 500.0, 300.0, stage="junior"),
        school("far", 1750.0, 200.0),
        school("near", 1250.0, 80.0),
    ]
    row = only(hotspots_of(CITY, HERE, schools=schools, lang="en"))
    assert row["nearest_spare_school_id"] == "near"
    assert row["nearest_spare_school"] == "near学校"
    assert row["nearest_spare_seats"] == 80
    assert row["nearest_spare_m"] == pytest.approx(1300, abs=0.5)
    assert row["at_hand"] == "spare_seats"
    assert "80 at near学校, 1,300 m on foot" in row["remedy"]
    assert "60 more seats are needed" in row["remedy"]


def test_beyond_the_matrix_the_straight_line_is_given_and_labelled():
    row = only(hotspots_of(CITY, HERE, schools=[school("far", 3250.0, 80.0)], lang="en"))
    assert row["nearest_spare_school"] == "far学校"
    assert pd.isna(row["nearest_spare_m"])
    assert row["at_hand"] == "nothing"
    assert "3,000 m in a straight line" in row["remedy"]


def test_no_spare_seat_anywhere():
    row = only(hotspots_of(CITY, HERE, schools=[school("full", 450.0, 0.0)]))
    assert pd.isna(row["nearest_spare_school"])
    assert pd.isna(row["nearest_spare_seats"])
    assert "全域学校均无余位" in row["remedy"]


def test_part_of_a_seat_is_no_seat():
    row = only(hotspots_of(CITY, HERE, schools=[school("a", 450.0, 0.4)]))
    assert pd.isna(row["nearest_spare_school_id"])


def test_schools_on_the_way_are_named_whether_counted_already_or_too_late():
    schools = [
        school("C", 450.0, 0.0, status="committed", seats=[0.0, 450.0, 450.0]),
        school("L", 650.0, 0.0, status="committed", seats=[0.0, 0.0, 450.0]),
        school("X", 3900.0, 0.0, status="committed", seats=[0.0, 450.0, 450.0]),
    ]
    row = only(hotspots_of(CITY, HERE, schools=schools, year=2026, lang="en"))
    remedy = row["remedy"]
    assert row["at_hand"] == "project"
    assert "Already counted here: C学校 (450 seats)" in remedy
    assert "too late: L学校, from 2027" in remedy
    assert "X学校" not in remedy


def test_a_planned_project_near_is_named_unless_it_is_counted_or_cancelled():
    def project(project_id: str, x: float, **more: Any) -> dict[str, Any]:
        row = {"project_id": project_id, "name": f"{project_id}小学", "kind": "new", "state": "planned"}
        return {**row, "seats_primary": 900.0, "place": Point(WEST + x, SOUTH + 250), **more}

    rows = [
        project("near", 600.0),
        project("far", 3900.0),
        project("gone", 600.0, state="cancelled"),
        project("junior", 600.0, seats_primary=None, seats_junior=600.0),
        project("counted", 600.0),
    ]
    blank = empty_frame(input_table("projects"))
    frame = pd.DataFrame(rows).reindex(columns=[*blank.columns, "place"])
    projects = gpd.GeoDataFrame(
        frame[list(blank.columns)].astype(blank.dtypes), geometry=gpd.GeoSeries(frame["place"], crs=CRS)
    )
    city = lattice_city(tables=MappingProxyType({**CITY.tables, "projects": projects}))
    schools = [school("counted", 600.0, 0.0, status="committed")]
    remedy = only(hotspots_of(city, HERE, schools=schools))["remedy"]
    assert "尚有未落定项目near小学（未计入）" in remedy


def test_a_shortage_that_ends_inside_the_plan_needs_temporary_classes():
    passing = {"primary": {unit_id(0, 0): (60.0, 50.0, 10.0)}}
    row = only(hotspots_of(CITY, passing, year=2025, lang="en"))
    assert "the shortage ends by 2027: temporary classes may do" in row["remedy"]
    lasting = {"primary": {unit_id(0, 0): (60.0, 10.0, 50.0)}}
    assert "temporary" not in only(hotspots_of(CITY, lasting, year=2025, lang="en"))["remedy"]
