"""The City an office's files make: figures by hand, laws, datums, rasters."""

from __future__ import annotations

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from pandas.testing import assert_frame_equal
from rasterio.transform import from_origin
from shapely.geometry import Point

from layoutplan.city.datum import from_wgs84
from layoutplan.dictionary import input_tables
from layoutplan.errors import InputError
from tests.city.office import SOUTH, WEST, Office, rectangle


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path)


def _codes(city):
    return [note.code for note in city.notes]


def test_the_town_by_hand(office):
    city = office.load()
    assert city.crs.to_epsg() == 4547
    assert city.stages == ("primary", "junior")
    assert city.years == tuple(range(2025, 2031))
    assert city.schools.index.tolist() == ["S1", "S2"]
    assert city.schools["seats_primary"].tolist() == [810.0, 405.0]
    assert city.schools.geometry["S1"].distance(Point(WEST + 1500, SOUTH + 2250)) < 0.01
    assert city.schools["district_id"].tolist() == ["D1", "D2"]
    assert city.units["residents"].tolist() == [1000.0 * rank for rank in range(1, 7)]
    assert city.population.columns.tolist() == list(range(18))
    np.testing.assert_allclose(city.population[7], [10.0 * rank for rank in range(1, 7)])
    assert city.catchment_schools.to_dict("list") == {
        "catchment_id": ["C1", "C2"],
        "stage": ["primary", "primary"],
        "school_id": ["S1", "S2"],
    }
    assert city.unit_catchments["primary"].tolist() == ["C2"] * 3 + ["C1"] * 3
    assert city.unit_catchments["junior"].tolist() == [None] * 6
    assert city.districts["name"].to_dict() == {"D1": "北区", "D2": "南区"}
    assert city.tables["projects"]["seats_primary"].tolist() == [270.0]
    assert [note.severity for note in city.notes] == ["notice"] * len(city.notes)


def test_every_other_table_is_there_with_its_columns(office):
    city = office.load()
    for name, table in input_tables().items():
        if name in city.tables:
            assert set(table.column_names) <= set(city.tables[name].columns)
            spatial = isinstance(city.tables[name], gpd.GeoDataFrame)
            assert spatial == (table.geometry != "none"), name
    assert not city.tables["roads"].empty
    assert city.tables["births"].empty


def test_sources_are_recorded(office):
    sources = {source.table: source for source in office.load().sources}
    assert sources["schools"].encoding == "gb18030"
    assert sources["schools"].rows == 2
    assert "EPSG:4547" in sources["units"].crs
    assert all(len(source.sha256) == 64 for source in sources.values())


def test_order_of_rows_changes_nothing(office, tmp_path_factory):
    one = office.load()
    other = Office(tmp_path_factory.mktemp("shuffled"))
    for name, frame in other.frames.items():
        other.frames[name] = frame.iloc[::-1].reset_index(drop=True)
    two = other.load()
    assert_frame_equal(one.population, two.population.loc[one.population.index])
    assert_frame_equal(one.unit_catchments, two.unit_catchments.loc[one.unit_catchments.index])
    assert_frame_equal(one.catchment_schools, two.catchment_schools)


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "cgcs2000", "wgs84"])
def test_stated_datum_brings_points_home(office, datum):
    frame = office.frames["schools"]
    lon, lat = from_wgs84(frame["经度"].astype(float), frame["纬度"].astype(float), datum=datum)
    office.frames["schools"] = frame.assign(经度=lon, 纬度=lat)
    office.replace('datum = "wgs84"', f'datum = "{datum}"')
    city = office.load()
    assert city.schools.geometry["S1"].distance(Point(WEST + 1500, SOUTH + 2250)) < 0.01
    assert {s.table: s.datum for s in city.sources}["schools"] == datum


def test_datum_of_shapes_is_undone_too(office):
    frame = office.frames["districts"]
    shifted = frame.geometry.transform(
        lambda points: np.column_stack(from_wgs84(points[:, 0], points[:, 1], datum="gcj02"))
    )
    office.frames["districts"] = frame.set_geometry(shifted)
    office.replace('"districts.geojson"', '"districts.geojson"\ndatum="gcj02"')
    assert (
        office.load().districts.geometry["D1"].symmetric_difference(rectangle(0, 1500, 3000, 3000)).area < 10
    )


def test_tables_in_different_systems_meet(office):
    office.frames["units"] = office.frames["units"].to_crs(32649)
    office.frames["catchments"] = office.frames["catchments"].to_crs(4490)
    city = office.load()
    assert city.areas.geometry["U1"].symmetric_difference(rectangle(0, 0, 1000, 1500)).area < 10
    assert city.unit_catchments["primary"].tolist() == ["C2"] * 3 + ["C1"] * 3


def test_projected_columns_are_eastings_and_northings(office):
    frame = office.frames["schools"]
    office.frames["schools"] = frame.assign(经度=[WEST + 1500] * 2, 纬度=[SOUTH + 2250, SOUTH + 750])
    office.replace('"schools.csv"', '"schools.csv"\ncrs="EPSG:4547"')
    assert office.load().schools.geometry["S2"] == Point(WEST + 1500, SOUTH + 750)


def _grid_of_schools(office, *, shift=None, where="schools"):
    """Twelve schools, each near the east edge of its own small catchment (500 m wide)."""
    cells = [(x * 500.0, y * 750.0) for y in range(4) for x in range(6)]
    ids = [f"S{rank}" for rank in range(1, len(cells) + 1)]
    catchments = gpd.GeoDataFrame(
        {
            "catchment_id": [f"C{rank}" for rank in range(1, len(cells) + 1)],
            "stage": "primary",
            "school_ids": ids,
        },
        geometry=[rectangle(x, y, x + 500, y + 750) for x, y in cells],
        crs=4547,
    )
    points = gpd.GeoSeries([Point(WEST + x + 250, SOUTH + y + 400) for x, y in cells], crs=4547).to_crs(4326)
    lon, lat = points.x.to_numpy(), points.y.to_numpy()
    if shift and where == "schools":
        lon, lat = from_wgs84(lon, lat, datum=shift)
    if shift and where == "catchments":
        degrees = catchments.to_crs(4326)
        moved = degrees.geometry.transform(
            lambda vertices: np.column_stack(from_wgs84(vertices[:, 0], vertices[:, 1], datum=shift))
        )
        catchments = degrees.set_geometry(moved)
    office.frames["catchments"] = catchments
    office.frames["schools"] = pd.DataFrame(
        {
            "学校编号": ids,
            "学校名称": ids,
            "学校类型": "小学",
            "办学性质": "公办",
            "经度": lon,
            "纬度": lat,
            "小学学位数": 90,
        }
    )


@pytest.mark.parametrize(
    ("shift", "where"),
    [("gcj02", "schools"), ("bd09", "schools"), ("gcj02", "catchments"), ("bd09", "catchments"), (None, "")],
)
def test_unconverted_datum_is_suspected(office, shift, where):
    _grid_of_schools(office, shift=shift, where=where)
    found = [note for note in office.faults() if note.code == "datum_suspected"]
    if shift is None:
        assert not found
    else:
        assert found[0].params["culprit"] == where
        assert found[0].params["datum"] == shift
        assert found[0].severity == "warning"


def test_outlines_of_a_public_map_are_noticed_and_can_be_stated(office):
    office.frames["districts"] = office.frames["districts"].assign(cp="x", childNum=1)
    assert "public_map_outlines" in _codes(office.load())
    office.replace('"districts.geojson"', '"districts.geojson"\ndatum="wgs84"')
    assert "public_map_outlines" not in _codes(office.load())


def _without_crs(folder):
    path = folder / "districts.geojson"
    bare = {
        name: part for name, part in json.loads(path.read_text(encoding="utf-8")).items() if name != "crs"
    }
    path.write_text(json.dumps(bare), encoding="utf-8")


def test_degrees_in_china_whose_datum_nobody_states_are_noticed(office):
    def tables():
        return [note.table for note in office.load().notes if note.code == "datum_not_stated"]

    assert tables() == []  # stated by the plan, or by the file
    office.after.append(_without_crs)
    office.replace('datum = "wgs84"', "")
    assert tables() == ["districts", "schools"]
    office.replace('"schools.csv"', '"schools.csv"\ncrs = "EPSG:4326"')
    office.replace('"districts.geojson"', '"districts.geojson"\ndatum = "wgs84"')
    assert tables() == []


def test_a_plan_without_catchments_is_judged_by_district(office):
    office.drop("catchments")
    city = office.load()
    assert city.catchments.empty
    assert "stage" in city.catchments
    assert city.catchment_schools.empty
    assert city.unit_catchments.isna().all(axis=None)
    note = next(note for note in city.notes if note.code == "catchments_not_given")
    assert note.severity == "notice"
    assert not {"residents_outside", "catchment_gaps"} & set(_codes(city))


def test_a_plan_with_neither_catchments_nor_districts_is_judged_whole(office):
    office.drop("catchments")
    office.drop("districts")
    city = office.load()
    assert city.catchments.empty
    assert city.districts.empty


def test_a_raster_needs_the_outline_of_the_city(office):
    for table in ("catchments", "districts", "units"):
        office.drop(table)
    office.plan += '[population]\nraster = "people.tif"\n'
    assert "raster_without_outlines" in [fault.code for fault in office.faults()]


def test_links_by_place_where_nothing_is_stated(office):
    office.frames["catchments"] = office.frames["catchments"].drop(columns="school_ids")
    assert office.load().catchment_schools["school_id"].tolist() == ["S1", "S2"]


def test_links_stated_by_the_schools(office):
    office.frames["catchments"] = office.frames["catchments"].drop(columns="school_ids")
    office.frames["schools"]["小学招生片区"] = ["C2", "C1;C2"]
    links = office.load().catchment_schools
    assert links[["catchment_id", "school_id"]].to_numpy().tolist() == [
        ["C1", "S2"],
        ["C2", "S1"],
        ["C2", "S2"],
    ]


def test_stage_no_school_teaches_is_left_out_unless_the_plan_names_it(office):
    office.set("schools", 1, "学校类型", "小学")
    office.frames["schools"] = office.frames["schools"].drop(columns="初中学位数")
    assert office.load().stages == ("primary", "junior")
    office.replace('stages = ["primary", "junior"]\n', "")
    city = office.load()
    assert city.stages == ("primary",)
    assert _codes(city).count("stage_without_schools") == 3


def test_dwellings_gather_the_residents(office):
    office.plan += '[tables.dwellings]\nfile = "dwellings.csv"\ncrs = "EPSG:4547"\n'
    office.frames["dwellings"] = pd.DataFrame(
        {"x": [WEST + 100, WEST + 900, WEST + 950], "y": [SOUTH + 100] * 3, "套数": [30, 40, 30]}
    )
    city = office.load()
    own = city.units[city.units["area_id"] == "U1"]
    assert own["residents"].tolist() == [300.0, 700.0]
    assert own.index.tolist() == ["U1#1", "U1#2"]
    assert city.population.sum().sum() == pytest.approx(21 * 150)
    assert city.areas.index.tolist() == [f"U{rank}" for rank in range(1, 7)]


def _raster(folder, values, **profile):
    shape = np.array(values, dtype="float32")
    settings = {
        "driver": "GTiff",
        "height": shape.shape[0],
        "width": shape.shape[1],
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:4547",
        "transform": from_origin(WEST - 500, SOUTH + 3500, 500, 500),
        "nodata": -99,
        **profile,
    }
    with rasterio.open(folder / "people.tif", "w", **settings) as file:
        file.write(shape, 1)


def _raster_plan(office, extra=""):
    office.replace('[tables.units]\nfile = "units.gpkg"\n', "")
    office.plan += f'[population]\nraster = "people.tif"\n{extra}age_shares = {{ "6-11" = 0.06 }}\n'


def test_raster_cells_inside_are_units_and_keep_their_people(office):
    values = np.full((8, 8), -99.0)
    values[1:3, 1:3] = [[10, 20], [0, np.nan]]
    values[0, 0] = 1000  # outside the catchments
    _raster_plan(office)
    office.after.append(lambda folder: _raster(folder, values))
    city = office.load()
    assert city.units.index.tolist() == ["R1C1", "R1C2"]
    assert city.units["residents"].tolist() == [10.0, 20.0]
    assert city.population.sum().sum() == pytest.approx(30 * 0.06)
    assert city.units.geometry["R1C1"].distance(Point(WEST + 250, SOUTH + 2750)) < 0.01
    assert {source.table for source in city.sources} >= {"units", "schools"}


@pytest.mark.parametrize(
    ("profile", "extra", "code"),
    [
        ({"crs": None}, "", "crs_missing"),
        ({"crs": None}, 'raster_crs = "EPSG:4547"\n', None),
        ({"transform": from_origin(0, 0, 500, 500)}, "", "raster_elsewhere"),
        (None, "", "content_other"),
    ],
)
def test_bad_rasters(office, profile, extra, code):
    _raster_plan(office, extra)
    if profile is None:
        office.after.append(lambda folder: (folder / "people.tif").write_bytes(b"no raster"))
    else:
        office.after.append(lambda folder: _raster(folder, np.full((8, 8), 5.0), **profile))
    codes = [fault.code for fault in office.faults() if fault.severity == "error"]
    assert codes == ([code] if code else [])


def test_environment_variables_in_paths(office, monkeypatch):
    monkeypatch.setenv("OFFICE_FILES", str(office.folder))
    office.replace('"schools.csv"', '"${OFFICE_FILES}/schools.csv"')
    city = office.load()
    assert {source.table: source.file for source in city.sources}["schools"] == "${OFFICE_FILES}/schools.csv"


def test_loading_twice_gives_the_same(office):
    one, two = office.load(), office.load()
    assert_frame_equal(one.population, two.population)
    assert [note.code for note in one.notes] == [note.code for note in two.notes]
    assert one.units.geometry.geom_equals_exact(two.units.geometry, 0).all()


def test_an_error_is_also_a_value_error(office):
    office.set("schools", 0, "小学学位数", "x")
    with pytest.raises(ValueError, match=r"schools\.csv") as caught:
        office.load()
    assert isinstance(caught.value, InputError)


def test_field_names_that_a_shapefile_cut_are_said_to_be(office):
    office.frames["units"] = office.frames["units"].rename(columns={"population": "常住人口总数"})
    office.replace('"units.gpkg"', '"units.shp"')
    office.after.append(lambda folder: office.frames["units"].to_file(folder / "units.shp", encoding="utf-8"))
    fault = next(fault for fault in office.faults() if fault.code == "field_names_cut")
    assert fault.params["names"] == "常住人"
