"""Bad input, end to end: one thing broken in an office's files, one fault that names it.

``CASES`` is the list of the documentation (docs/faults.md): what is broken, the code of the fault, and the
place that the report must name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from shapely.geometry import LineString, Point, Polygon

from layoutplan.city import load_city
from layoutplan.errors import InputError
from layoutplan.plan import load_plan
from layoutplan.texts import LANGUAGES
from tests.city.office import SOUTH, WEST, Office, rectangle


@dataclass(frozen=True)
class Case:
    """One broken thing: ``spoil`` breaks it, the fault has ``code`` and names the given place."""

    name: str
    spoil: Callable[[Office], object]
    code: str
    table: str | None = None
    row: str | None = None
    column: str | None = None
    severity: str = "error"


def _after(change: Callable[[Path], object]) -> Callable[[Office], object]:
    return lambda office: office.after.append(change)


def _cut(name: str, share: float = 0.5) -> Callable[[Office], object]:
    def cut(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: int(len(data) * share)])

    return _after(cut)


def _bytes(name: str, data: bytes) -> Callable[[Office], object]:
    return _after(lambda folder: (folder / name).write_bytes(data))


def _folder(name: str) -> Callable[[Office], object]:
    def make(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return _after(make)


def _rename(name: str, new: str) -> Callable[[Office], object]:
    def rename(office: Office) -> None:
        office.replace(name, new)
        office.after.append(lambda folder: (folder / name).rename(folder / new))

    return rename


def _line(name: str, number: int, change: Callable[[str], str]) -> Callable[[Office], object]:
    """Change line ``number`` (header = 1) of a GBK text file."""

    def edit(folder: Path) -> None:
        lines = (folder / name).read_text(encoding="gbk").splitlines()
        lines[number - 1] = change(lines[number - 1])
        (folder / name).write_text("\n".join(lines), encoding="gbk")

    return _after(edit)


def _more_sheets(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "classes.xlsx")
    sheet = book.create_sheet("说明")
    sheet.append(["注", "释"])
    book.save(folder / "classes.xlsx")


def _more_layers(folder: Path) -> None:
    gpd.GeoDataFrame({"a": [1]}, geometry=[rectangle(0, 0, 1, 1)], crs=4547).to_file(
        folder / "units.gpkg", layer="other"
    )


def _plan(old: str, new: str) -> Callable[[Office], object]:
    return lambda office: office.replace(old, new)


def _shape(table: str, row: int, shape: object) -> Callable[[Office], object]:
    def spoil(office: Office) -> None:
        frame = office.frames[table]
        shapes = list(frame.geometry)
        shapes[row] = shape
        office.frames[table] = gpd.GeoDataFrame(
            frame.drop(columns="geometry"), geometry=shapes, crs=frame.crs
        )

    return spoil


def _crs(table: str, crs: object) -> Callable[[Office], object]:
    def spoil(office: Office) -> None:
        office.frames[table] = office.frames[table].set_crs(crs, allow_override=True)

    return spoil


def _cell(table: str, row: int, column: str, value: object) -> Callable[[Office], object]:
    return lambda office: office.set(table, row, column, value)


def _swap(office: Office) -> None:
    frame = office.frames["schools"]
    office.frames["schools"] = frame.assign(经度=frame["纬度"], 纬度=frame["经度"])


def _swap_far_west(office: Office) -> None:
    """Move the town to 79.9° west, 43.2° north, where swapped degrees are still degrees."""
    for name in ("units", "catchments", "districts", "roads"):
        frame = office.frames[name].to_crs(4547)
        moved = frame.geometry.translate(592_000 - WEST, 4_789_000 - SOUTH)
        office.frames[name] = frame.set_geometry(moved).set_crs(26917, allow_override=True)
    degrees = gpd.GeoSeries([Point(592_500, 4_790_000), Point(592_600, 4_790_200)], crs=26917).to_crs(4326)
    office.frames["schools"] = office.frames["schools"].assign(经度=degrees.y, 纬度=degrees.x)


def _drop(table: str, column: str) -> Callable[[Office], object]:
    def spoil(office: Office) -> None:
        office.frames[table] = office.frames[table].drop(columns=column)

    return spoil


def _twice(office: Office) -> None:
    frame = office.frames["schools"]
    office.frames["schools"] = frame.assign(名称=frame["学校名称"], 校名=frame["学校名称"]).drop(
        columns="学校名称"
    )


BOW_TIE = Polygon([(WEST, SOUTH), (WEST + 3000, SOUTH + 1500), (WEST + 3000, SOUTH), (WEST, SOUTH + 1500)])

CASES = (
    # files
    Case("a missing file", _after(lambda f: (f / "schools.csv").unlink()), "missing_file", "schools"),
    Case("an empty file", _bytes("schools.csv", b""), "empty_file", "schools"),
    Case("blank lines only", _bytes("schools.csv", b"\n\n  \n"), "empty_file", "schools"),
    Case("a header without rows", _bytes("projects.csv", "编号,名称\n".encode()), "no_records", "projects"),
    Case("a folder where a file should be", _folder("schools.csv"), "is_folder", "schools"),
    Case("an unknown kind of file", _rename("schools.csv", "schools.rar"), "unknown_format", "schools"),
    Case("an old .xls", _rename("classes.xlsx", "classes.xls"), "old_workbook", "classes"),
    Case(
        "an .xls under a new name",
        _bytes("classes.xlsx", b"\xd0\xcf\x11\xe0" * 99),
        "workbook_locked",
        "classes",
    ),
    Case("a truncated workbook", _cut("classes.xlsx"), "workbook_damaged", "classes"),
    Case(
        "a sheet that is not there",
        _plan('"classes.xlsx"', '"classes.xlsx"\nsheet="一年级"'),
        "sheet_missing",
        "classes",
    ),
    Case("several sheets, none named", _after(_more_sheets), "sheet_not_named", "classes"),
    Case("a truncated GeoPackage", _cut("units.gpkg"), "file_truncated", "units"),
    Case("a GeoPackage that is none", _bytes("units.gpkg", b"hello"), "content_other", "units"),
    Case(
        "a layer that is not there",
        _plan('"units.gpkg"', '"units.gpkg"\nlayer="x"'),
        "layer_missing",
        "units",
    ),
    Case("several layers, none named", _after(_more_layers), "layer_not_named", "units"),
    Case("a truncated GeoJSON", _cut("districts.geojson"), "vector_damaged", "districts"),
    Case(
        "a shapefile without .shx",
        _after(lambda f: (f / "roads.shx").unlink()),
        "shapefile_part_missing",
        "roads",
    ),
    Case(
        "a shapefile without .dbf",
        _after(lambda f: (f / "roads.dbf").unlink()),
        "shapefile_part_missing",
        "roads",
    ),
    Case("a truncated .shp", _cut("roads.shp", 0.9), "file_truncated", "roads"),
    # text
    Case(
        "text in an encoding that its few letters do not show",
        _bytes("projects.csv", "project_id,name\nP1,喆堃镕\n".encode("gbk")),
        "encoding_unclear",
        "projects",
    ),
    Case(
        "a stated encoding that does not fit",
        _plan('"schools.csv"', '"schools.csv"\nencoding="utf-8"'),
        "encoding_wrong",
        "schools",
    ),
    Case(
        "a quotation mark that never closes",
        _line("schools.csv", 2, lambda t: t.replace("北城", '"北城', 1)),
        "broken_quotes",
        "schools",
        "2",
    ),
    Case(
        "a row with a value too many",
        _line("schools.csv", 3, lambda t: t + ",9"),
        "row_too_long",
        "schools",
        "3",
    ),
    Case(
        "a row cut short",
        _line("schools.csv", 3, lambda t: t.rsplit(",", 2)[0]),
        "row_too_short",
        "schools",
        "3",
    ),
    Case(
        "two equal headers",
        _line("schools.csv", 1, lambda t: t.replace("学校类型", "学校名称")),
        "header_twice",
        "schools",
        "1",
        "学校名称",
    ),
    Case(
        "values without a header",
        _line("schools.csv", 1, lambda t: t.replace("学校类型", "")),
        "header_blank",
        "schools",
        "2",
    ),
    Case(
        "a cell of 200,000 characters",
        _cell("schools", 0, "学校名称", "长" * 200_000),
        "cell_too_long",
        "schools",
        "2",
    ),
    Case(
        "a cell of 32,768 characters",
        _cell("units", 0, "name", "x" * 32_768),
        "cell_too_long",
        "units",
        "2",
        "name",
    ),
    Case(
        "the error value of a formula",
        _cell("schools", 1, "小学学位数", "#REF!"),
        "error_value",
        "schools",
        "3",
        "小学学位数",
    ),
    Case(
        "a cell that begins with =",
        _cell("schools", 1, "学校名称", "=cmd|' /C calc'!A0"),
        "formula_as_text",
        "schools",
        "3",
        "学校名称",
        "warning",
    ),
    # where, constants
    Case(
        "`where` with a column that is not there",
        _plan('"schools.csv"', '"schools.csv"\nwhere={"年份"=2025}'),
        "where_unknown_column",
        "schools",
        None,
        "年份",
    ),
    Case(
        "`where` that keeps nothing",
        _plan('"schools.csv"', '"schools.csv"\nwhere={"学校类型"="高中"}'),
        "where_keeps_nothing",
        "schools",
    ),
    # columns and cells
    Case(
        "a required column missing", _drop("schools", "学校名称"), "missing_column", "schools", None, "name"
    ),
    Case("two headers for one column", _twice, "duplicate_column", "schools", None, "name"),
    Case(
        "a mapped header that is not there",
        _plan('"schools.csv"', '"schools.csv"\ncolumns={address="住址所在"}'),
        "mapped_header_missing",
        "schools",
    ),
    Case(
        "a header nobody knows",
        lambda o: o.frames["schools"].insert(0, "天气", "晴"),
        "unknown_columns",
        "schools",
        None,
        None,
        "warning",
    ),
    Case(
        "text in a number",
        _cell("schools", 0, "小学学位数", "约八百"),
        "text_in_number",
        "schools",
        "2",
        "小学学位数",
    ),
    Case(
        "negative seats",
        _cell("schools", 1, "小学学位数", -5),
        "negative_value",
        "schools",
        "3",
        "小学学位数",
    ),
    Case(
        "an unknown school type",
        _cell("schools", 1, "学校类型", "飞行学校"),
        "bad_choice",
        "schools",
        "3",
        "学校类型",
    ),
    Case(
        "a school without an id",
        _cell("schools", 1, "学校编号", None),
        "missing_value",
        "schools",
        "3",
        "学校编号",
    ),
    Case("two schools with one id", _cell("schools", 1, "学校编号", "S1"), "duplicate_key", "schools", "3"),
    Case(
        "a project of a school that is not there",
        _cell("projects", 0, "school_id", "S9"),
        "dangling_reference",
        "projects",
        "2",
        "school_id",
    ),
    Case(
        "a catchment of a school that is not there",
        _cell("catchments", 1, "school_ids", "X77"),
        "dangling_reference",
        "catchments",
        "3",
        "school_ids",
    ),
    Case(
        "a year that is none",
        _cell("projects", 0, "opening_year", "后年"),
        "bad_year",
        "projects",
        "2",
        "opening_year",
    ),
    # places
    Case("no coordinates at all", _drop("schools", ["经度", "纬度"]), "no_places", "schools"),
    Case("a coordinate missing", _cell("schools", 1, "纬度", None), "place_missing", "schools", "3"),
    Case(
        "a coordinate that is no number",
        _cell("schools", 1, "纬度", "NaN度"),
        "text_in_number",
        "schools",
        "3",
        "纬度",
    ),
    Case(
        "zero, zero",
        lambda o: (o.set("schools", 1, "经度", 0), o.set("schools", 1, "纬度", 0)),
        "coordinates_zero",
        "schools",
        "3",
    ),
    Case("a latitude of 134", _cell("schools", 1, "纬度", 1341.7), "coordinates_off_earth", "schools", "3"),
    Case("longitude and latitude swapped", _swap, "lon_lat_swapped", "schools", "2"),
    Case("swapped where both are possible", _swap_far_west, "lon_lat_swapped", "schools", "2"),
    Case(
        "one school in another province", _cell("schools", 1, "经度", 121.47), "far_from_city", "schools", "3"
    ),
    Case("a shapefile without .prj", _after(lambda f: (f / "roads.prj").unlink()), "crs_missing", "roads"),
    Case("a layer without a CRS", _crs("units", None), "crs_missing", "units"),
    Case("metres called degrees", _crs("units", 4490), "metres_as_degrees", "units"),
    Case(
        "degrees called metres",
        lambda o: o.frames.update(units=o.frames["units"].to_crs(4326).set_crs(4547, allow_override=True)),
        "degrees_as_metres",
        "units",
    ),
    Case(
        "file and plan of two minds",
        _plan('"units.gpkg"', '"units.gpkg"\ncrs="EPSG:4548"'),
        "crs_conflict",
        "units",
    ),
    Case("a table in the wrong zone", _crs("units", 4540), "far_from_city", "units"),
    Case(
        "Web Mercator as working CRS",
        _plan("[tables.schools]", '[space]\ncrs="EPSG:3857"\n[tables.schools]'),
        "working_crs_stretches",
        None,
        None,
        "space.crs",
    ),
    # shapes
    Case("a bow-tie", _shape("catchments", 1, BOW_TIE), "shape_crosses_itself", "catchments", "3"),
    Case("an empty shape", _shape("catchments", 1, Polygon()), "place_missing", "catchments", "3"),
    Case("no shape", _shape("units", 4, None), "place_missing", "units", "6"),
    Case(
        "a line among polygons",
        _shape("catchments", 1, LineString([(WEST, SOUTH), (WEST, SOUTH + 9)])),
        "shape_not_polygon",
        "catchments",
        "3",
    ),
    Case("points as roads", _shape("roads", 0, Point(WEST, SOUTH)), "shape_not_line", "roads", "2"),
    Case(
        "a polygon of no area",
        _shape("units", 1, Polygon([(WEST, SOUTH), (WEST + 9, SOUTH), (WEST, SOUTH)])),
        "polygon_without_area",
        "units",
        "3",
    ),
    Case("the same unit twice", lambda o: o.add_row("units", unit_id="U7"), "polygons_equal", "units", "8"),
    Case(
        "catchments that overlap",
        _shape("catchments", 1, rectangle(0, 0, 3000, 2600)),
        "catchments_overlap",
        "catchments",
    ),
    Case(
        "a gap between catchments",
        _shape("catchments", 1, rectangle(0, 0, 3000, 1500).difference(rectangle(900, 100, 950, 150))),
        "catchment_gaps",
        "catchments",
        None,
        None,
        "warning",
    ),
    Case(
        "residents outside the catchments",
        _shape("catchments", 1, rectangle(0, 0, 1400, 1500)),
        "residents_outside",
        "units",
        None,
        None,
        "warning",
    ),
    Case(
        "residents outside, not allowed",
        lambda o: (
            _shape("catchments", 1, rectangle(0, 0, 1400, 1500))(o),
            o.replace("[tables.schools]", '[space]\noutside_residents="error"\n[tables.schools]'),
        ),
        "residents_outside",
        "units",
    ),
    Case(
        "one school outside",
        _cell("schools", 1, "经度", 114.9),
        "schools_outside",
        "schools",
        "3",
        None,
        "warning",
    ),
    Case(
        "all schools outside",
        lambda o: [o.set("schools", row, "经度", 114.9) for row in (0, 1)],
        "most_schools_outside",
        "schools",
        "2",
    ),
    # schools, catchments, residents
    Case(
        "a school without seats and classes",
        _cell("schools", 0, "小学学位数", None),
        "school_seats_unknown",
        "schools",
        "2",
    ),
    Case(
        "a catchment without a school",
        _cell("catchments", 1, "school_ids", None),
        "catchment_without_school",
        "catchments",
        "3",
        None,
        "warning",
    ),
    Case(
        "a junior school for a primary catchment",
        _cell("schools", 0, "学校类型", "初中"),
        "school_teaches_other_stage",
        "catchments",
    ),
    Case(
        "a unit without population",
        lambda o: [o.set("units", 2, c, None) for c in ("population", "age_0_5", "age_6_11", "age_12_14")],
        "unit_without_population",
        "units",
        "4",
    ),
    Case(
        "a unit without ages",
        lambda o: [o.set("units", 2, c, None) for c in ("age_0_5", "age_6_11", "age_12_14")],
        "children_unknown",
        "units",
        "4",
        None,
        "warning",
    ),
    Case(
        "totals without ages", _drop("units", ["age_0_5", "age_6_11", "age_12_14"]), "ages_unknown", "units"
    ),
    Case(
        "no residents at all",
        _drop("units", ["population", "age_0_5", "age_6_11", "age_12_14"]),
        "no_population",
        "units",
    ),
    Case(
        "bands that cross", lambda o: o.frames["units"].insert(1, "age_4_8", 50.0), "age_bands_cross", "units"
    ),
    Case(
        "a band smaller than its parts",
        lambda o: o.frames["units"].insert(1, "age_0_14", 100.0),
        "age_bands_disagree",
        "units",
        "2",
    ),
    Case(
        "residents given twice",
        _plan("[tables.schools]", '[population]\nraster="people.tif"\n[tables.schools]'),
        "units_and_raster",
        "units",
    ),
    Case(
        "more children than residents",
        _cell("units", 0, "population", 100),
        "children_exceed_residents",
        "units",
        "2",
        None,
        "warning",
    ),
    # the plan
    Case("an unknown key", _plan('name = "小镇"', 'nmae = "小镇"'), "plan_unknown_key"),
    Case("an unknown profile", _plan("cn-national", "cn-nationl"), "profile_unknown"),
    Case("a horizon before the base year", _plan("2030", "2020"), "plan_horizon_before_base"),
    Case("a table nobody knows", _plan("[tables.projects]", "[tables.project]"), "plan_table_unknown"),
    Case(
        "no schools in the plan", _plan('[tables.schools]\nfile = "schools.csv"\n', ""), "plan_table_missing"
    ),
    Case("no plan at all", _after(lambda f: (f / "plan.toml").unlink()), "toml_missing"),
)


def test_there_are_forty_distinct_faults():
    assert len({case.name for case in CASES}) == len(CASES)
    assert len({case.code for case in CASES}) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fault_is_named_with_its_place(case: Case, tmp_path: Path, capfd):
    office = Office(tmp_path)
    case.spoil(office)
    faults = office.faults()
    found = [fault for fault in faults if fault.code == case.code]
    assert found, f"wanted {case.code}"
    fault = found[0]
    assert fault.severity == case.severity
    assert fault.table == case.table or case.code.startswith(("plan_", "profile_", "toml_"))
    if case.table:
        assert Path(fault.file or "").stem in (case.table, "people")
    if case.row:
        assert case.row in fault.rows
    if case.column:
        assert fault.column == case.column
    for lang in LANGUAGES:
        assert fault.what(lang)
        assert fault.remedy(lang)
        assert "{" not in fault.what(lang)
    assert capfd.readouterr().err == "", "nothing but the report reaches the user"
    errors = [fault.code for fault in faults if fault.severity == "error"]
    assert len(errors) <= 2, "one broken thing is no avalanche of faults"


def test_all_faults_of_all_tables_come_in_one_report(tmp_path: Path):
    office = Office(tmp_path)
    office.set("schools", 0, "小学学位数", "约八百")
    _shape("catchments", 1, BOW_TIE)(office)
    office.set("projects", 0, "school_id", "S9")
    _drop("units", ["age_0_5", "age_6_11", "age_12_14"])(office)
    _cut("districts.geojson")(office)
    _after(lambda folder: (folder / "roads.prj").unlink())(office)
    with pytest.raises(InputError) as caught:
        office.load()
    places = {(fault.table, fault.code) for fault in caught.value.faults if fault.severity == "error"}
    assert places == {
        ("schools", "text_in_number"),
        ("catchments", "shape_crosses_itself"),
        ("projects", "dangling_reference"),
        ("units", "ages_unknown"),
        ("districts", "vector_damaged"),
        ("roads", "crs_missing"),
    }
    for lang in LANGUAGES:
        assert len(caught.value.report(lang).splitlines()) == len(places)


def test_markup_in_a_name_is_kept_as_text(tmp_path: Path):
    office = Office(tmp_path)
    office.set("schools", 0, "学校名称", "<script>alert(1)</script>")
    assert office.load().schools["name"].iloc[0] == "<script>alert(1)</script>"


def test_unreadable_file_is_reported(tmp_path: Path, monkeypatch):
    office = Office(tmp_path)
    office.write()
    plan = load_plan(tmp_path / "plan.toml")
    opened = Path.open

    def refuse(path: Path, *args, **kwargs):
        if path.name == "schools.csv":
            raise PermissionError(13, "Permission denied")
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError) as caught:
        load_city(plan)
    assert [(fault.code, fault.table) for fault in caught.value.faults if fault.severity == "error"] == [
        ("file_unreadable", "schools")
    ]


def test_a_line_is_no_school(tmp_path: Path):
    office = Office(tmp_path)
    frame = office.frames["schools"].drop(columns=["经度", "纬度"])
    shapes = [LineString([(WEST, SOUTH), (WEST + 1, SOUTH)]), Point(WEST + 1500, SOUTH + 750)]
    office.replace("schools.csv", "schools.gpkg")
    plain = pd.DataFrame({name: frame[name].astype(str) for name in frame})
    layer = gpd.GeoDataFrame(plain, geometry=shapes, crs=4547)
    office.after.append(lambda folder: layer.to_file(folder / "schools.gpkg"))
    assert "shape_not_point" in {fault.code for fault in office.faults()}
