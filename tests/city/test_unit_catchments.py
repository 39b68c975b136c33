"""Catchments that units name instead of polygons."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import box

from layoutplan.city.unit_catchments import _without_specks
from tests.city.office import SOUTH, WEST, Office

NAMES = ["南城九年制学校"] * 3 + ["北城小学"] * 3


@pytest.fixture
def office(tmp_path) -> Office:
    return Office(tmp_path)


def _named(office: Office, labels: list[object], *, points: bool = False) -> None:
    units = office.frames["units"].assign(对口小学=labels)
    if points:
        units = units.set_geometry(units.geometry.centroid)
    office.frames["units"] = units
    office.drop("catchments")
    del office.frames["catchments"]


@pytest.mark.parametrize("points", [False, True])
@pytest.mark.parametrize("labels", [NAMES, ["S2"] * 3 + ["s1"] * 3])
def test_units_name_the_school_that_serves_them(office, labels, points):
    plain = office.load()
    _named(office, labels, points=points)
    city = office.load()
    assert city.catchment_schools.to_numpy().tolist() == [["S1", "primary", "S1"], ["S2", "primary", "S2"]]
    for catchment, twin in (("S1", "C1"), ("S2", "C2")):
        held = city.units["residents"][city.unit_catchments["primary"] == catchment].sum()
        wanted = plain.units["residents"][plain.unit_catchments["primary"] == twin].sum()
        assert held == pytest.approx(wanted)
    assert "catchments_from_units" in {note.code for note in city.notes}
    assert city.catchments["name"].to_dict() == {"S1": "北城小学", "S2": "南城九年制学校"}


def test_codes_of_catchments_and_their_table_without_shapes(office):
    codes = ["K2"] * 3 + ["K1"] * 3
    catchments = "catchment_id,stage,name,school_ids\nK1,小学,北片,S1\nK2,小学,南片,S2\nK2,小学,南片,S1\n"
    units = office.frames["units"].assign(小学片区=codes)
    office.frames["units"] = units
    del office.frames["catchments"]
    office.replace('"catchments.gpkg"', '"catchments.csv"')
    office.after.append(lambda folder: (folder / "catchments.csv").write_text(catchments, "utf-8"))
    city = office.load()
    assert city.catchments["name"].to_dict() == {"K1": "北片", "K2": "南片"}
    links = city.catchment_schools[["catchment_id", "school_id"]].to_numpy().tolist()
    assert links == [["K1", "S1"], ["K2", "S1"], ["K2", "S2"]]
    assert city.catchments.geometry["K2"].area == pytest.approx(3000 * 1500)


def test_a_table_of_catchments_without_shapes_needs_units_that_name_them(office):
    del office.frames["catchments"]
    office.replace('"catchments.gpkg"', '"catchments.csv"')
    office.after.append(
        lambda folder: (folder / "catchments.csv").write_text("catchment_id,stage\nK1,小学\n", "utf-8")
    )
    assert "no_places" in {fault.code for fault in office.faults()}


def test_a_misspelt_school_is_named_with_the_nearest(office):
    _named(office, ["南城九年制学校"] * 3 + ["北城小学", "北成小学", "北城小学"])
    (fault,) = [fault for fault in office.faults() if fault.severity == "error"]
    assert fault.code == "unit_catchment_unknown_near"
    assert fault.rows == ("6",)
    assert "北城小学" in fault.what("zh")


def test_a_blank_is_no_catchment(office):
    _named(office, ["S2", "S2", None, "S1", "S1", "S1"])
    city = office.load()
    assert city.unit_catchments["primary"].isna().any()
    assert {"units_without_catchment", "residents_outside"} <= {note.code for note in city.notes}


def test_one_point_in_two_catchments_is_refused(office):
    _named(office, NAMES, points=True)
    units = office.frames["units"]
    units.loc[3, "geometry"] = gpd.points_from_xy([WEST + 500], [SOUTH + 750])[0]
    assert "unit_catchments_conflict" in {fault.code for fault in office.faults()}


def test_a_school_without_an_id_is_a_fault_and_no_defect(office):
    _named(office, ["南城九年制学校"] * 3 + ["北城小学"] * 3)
    office.frames["schools"].loc[0, "学校编号"] = None
    assert "missing_value" in {fault.code for fault in office.faults()}


def test_rounded_borders_leave_no_holes_in_a_catchment():
    """Four squares around a corner where one was rounded by a centimetre, beside a real enclave."""
    ring = box(0, 0, 100, 100).difference(box(50, 50, 50.05, 50.05)).difference(box(10, 10, 30, 30))
    (part,) = shapely.get_parts(_without_specks(ring))
    assert [shapely.polygons(hole).area for hole in part.interiors] == [400.0]
