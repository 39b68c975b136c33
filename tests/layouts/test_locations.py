"""Where projects stand and what holds them."""

from shapely.geometry import Point, box

from layoutplan.layouts.locations import catchments_at, district_at, project_location
from tests.balance.towns import PLAIN
from tests.small_city import SOUTH, WEST, small_city

NORTH = Point(WEST + 100, SOUTH + 2900)


def test_a_project_stands_on_its_own_geometry_first():
    city = small_city(tables={"sites": [{"site_id": "L1", "x": 10.0, "y": 10.0}]})
    parcel = box(WEST, SOUTH, WEST + 100, SOUTH + 100)
    assert parcel.contains(project_location({"geometry": parcel, "site_id": "L1"}, city))
    assert project_location({"geometry": None, "site_id": "L1"}, city) == Point(WEST + 10, SOUTH + 10)
    assert project_location({"geometry": None, "site_id": "L2"}, city) is None
    assert project_location({"geometry": None, "site_id": None}, city) is None


def test_districts_hold_points():
    assert district_at(NORTH, PLAIN) == "D1"
    assert district_at(Point(WEST - 1, SOUTH), PLAIN) is None


def test_catchments_are_those_named_of_the_stage_else_the_one_that_holds_it():
    held = catchments_at(NORTH, PLAIN, named=(), stages=("primary", "junior"))
    assert held.to_numpy().tolist() == [["C1", "primary"]]
    named = catchments_at(NORTH, PLAIN, named=("C2", "C9"), stages=("primary",))
    assert named.to_numpy().tolist() == [["C2", "primary"]]
    border = catchments_at(Point(WEST + 100, SOUTH + 1500), PLAIN, named=(), stages=("primary",))
    assert border["catchment_id"].tolist() == ["C1"]
