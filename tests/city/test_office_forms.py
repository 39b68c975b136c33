"""Sheets and text files as offices lay them out: merged cells, header rows, several files, joins, wide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd

from layoutplan.city import load_city
from layoutplan.city.several_files import read_files
from layoutplan.city.tables import _columns
from layoutplan.dictionary import check_frame, input_table
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import Fault, FaultLog
from layoutplan.plan import load_plan
from layoutplan.plan.settings import TableSettings
from tests.city.office import Office

HEAD = ["学校编号", "学校名称", "学校类型", "办学性质", "小学学位数", "小学在校生数"]
ONE = ["S1", "一小", "小学", "公办", 800, 700]
TWO = ["S2", "二小", "小学", "公办", 300, 200]


def book(
    path: Path,
    rows: Sequence[Sequence[Any]],
    *,
    merged: Sequence[str] = (),
    change: Callable[[openpyxl.Workbook], object] | None = None,
) -> None:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    for area in merged:
        made.active.merge_cells(area)
    if change is not None:
        change(made)
    made.save(path)


def load(folder: Path, table: str, **settings: Any) -> tuple[pd.DataFrame | None, dict[str, Fault]]:
    """Read and check a table as a plan with these settings does."""
    stated = TableSettings.model_validate(settings)
    known, log = input_table(table), FaultLog()
    raw = read_files(known, stated, folder, log=TableLog(log, "table", table))
    frame = None
    if raw is not None:
        frame = check_frame(
            raw.frame,
            known,
            file="table",
            columns=_columns(stated),
            add_up=stated.add_up,
            merged=raw.merged,
            log=log,
        )
    return frame, {fault.code: fault for fault in log}


def test_a_merged_word_holds_for_every_row_and_a_merged_quantity_is_asked_about(tmp_path):
    rows = [["单元编号", "乡镇街道", "总人口"], ["U1", "东街道", 10], ["U2", None, 20], ["U3", "西街道", 30]]
    book(tmp_path / "a.xlsx", rows, merged=["B2:B3"])
    frame, faults = load(tmp_path, "units", file="a.xlsx")
    assert frame["township"].tolist() == ["东街道", "东街道", "西街道"]
    assert set(faults) == {"merged_expanded"}
    assert faults["merged_expanded"].rows == ("2", "3")
    rows[2][1:] = ["东街道", None]
    book(tmp_path / "a.xlsx", rows, merged=["C2:C3"])
    faults = load(tmp_path, "units", file="a.xlsx")[1]
    assert faults["merged_quantity"].rows == ("2", "3")
    book(tmp_path / "a.xlsx", [HEAD, ONE[:5]], merged=["E2:F2"])
    assert load(tmp_path, "schools", file="a.xlsx")[1]["merged_quantity"].severity == "error"


def test_header_rows_are_joined(tmp_path):
    above = ["学校编号", "学校名称", "学校类型", "办学性质", "小学", None, "用地面积"]
    below = [None, None, None, None, "学位数", "在校生数", "亩"]
    merged = ["A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:F1"]
    book(tmp_path / "a.xlsx", [above, below, [*ONE, 30]], merged=merged)
    frame, faults = load(tmp_path, "schools", file="a.xlsx")
    assert frame[["seats_primary", "enrolment_primary", "site_area_m2"]].to_numpy().tolist() == [
        [800, 700, 20_000]
    ]
    assert "header_rows_joined" in faults
    text = (
        "编号,名称,类型,小学,,初中,\n,,,学位数,在校生数,学位数,在校生数\nS1,一小,九年一贯制,800,700,300,200\n"
    )
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    frame, faults = load(tmp_path, "schools", file="a.csv")
    assert frame[["seats_primary", "enrolment_junior"]].to_numpy().tolist() == [[800, 200]]
    assert frame.index.tolist() == [3]
    years = "编号,在校生,\n,2023,2024\nS1,40,42\n"
    (tmp_path / "a.csv").write_text(years, encoding="utf-8")
    faults = load(tmp_path, "enrolment_history", file="a.csv")[1]
    assert "header_rows" in faults["row_too_long"].remedy("en")
    long = {"into": "year", "headers": {"pupils": {"在校生 2023": "2023", "在校生 2024": "2024"}}}
    frame, _ = load(tmp_path, "enrolment_history", file="a.csv", header_rows=2, long=long)
    assert frame[["year", "pupils"]].to_numpy().tolist() == [[2023, 40], [2024, 42]]


def test_a_header_merged_into_the_rows_swallows_none(tmp_path):
    rows = [["编号", "名称", "备注"], ["S1", "一小", None], ["S2", "二小", None], ["S3", "三小", None]]
    book(tmp_path / "a.xlsx", rows, merged=["C1:C3"])
    frame, _ = load(tmp_path, "schools", file="a.xlsx")
    assert frame["school_id"].tolist() == ["S1", "S2", "S3"]


def test_polygons_from_several_files(tmp_path):
    office = Office(tmp_path)
    office.write()
    whole = gpd.read_file(tmp_path / "catchments.gpkg")
    for place, name in enumerate(("north.gpkg", "south.gpkg")):
        whole.iloc[[place]].to_file(tmp_path / name)
    office.replace('"catchments.gpkg"', '["north.gpkg", "south.gpkg"]')
    (tmp_path / "plan.toml").write_text(office.plan, encoding="utf-8")
    city = load_city(load_plan(tmp_path / "plan.toml"))
    assert city.catchments.index.tolist() == ["C1", "C2"]
    assert {source.table: source.file for source in city.sources}["catchments"] == "north.gpkg, south.gpkg"


def test_a_plain_header_stays_one_row(tmp_path):
    (tmp_path / "a.csv").write_text("编号,名称,备注\nS1,一小,\nS2,二小,x\n", encoding="utf-8")
    frame, faults = load(tmp_path, "schools", file="a.csv")
    assert frame["school_id"].tolist() == ["S1", "S2"]
    assert "header_rows_joined" not in faults


def test_a_formula_never_computed_is_named(tmp_path):
    book(tmp_path / "a.xlsx", [HEAD, [*ONE[:4], "=400*2", 700]])
    frame, faults = load(tmp_path, "schools", file="a.xlsx")
    assert frame is None
    assert "E2" in faults["formula_without_value"].what("en")


def test_hidden_rows_and_sheets_are_told(tmp_path):
    def hide(made: openpyxl.Workbook) -> None:
        made.active.row_dimensions[3].hidden = True
        old = made.create_sheet("old")
        old.append(HEAD)
        old.append(["S9", *TWO[1:]])
        old.sheet_state = "hidden"

    book(tmp_path / "a.xlsx", [HEAD, ONE, TWO], change=hide)
    frame, faults = load(tmp_path, "schools", file="a.xlsx")
    assert frame["school_id"].tolist() == ["S1", "S2"]
    assert faults["hidden_rows_read"].rows == ("3",)
    assert faults["hidden_sheets_left_out"].severity == "warning"
    frame, faults = load(tmp_path, "schools", file="a.xlsx", sheet="old")
    assert frame["school_id"].tolist() == ["S9"]
    assert faults["hidden_sheet_read"].severity == "warning"


def test_a_cell_shown_in_per_cent_is_not_divided_again(tmp_path):
    def show(made: openpyxl.Workbook) -> None:
        made.active["D2"].number_format = "0.0%"

    rows = [["housing id", "dwellings", "first occupancy year", "小学公办比例(%)"], ["H1", 10, 2026, 0.57]]
    book(tmp_path / "a.xlsx", rows, change=show)
    raw = read_files(
        input_table("housing"),
        TableSettings(file=Path("a.xlsx")),
        tmp_path,
        log=TableLog(FaultLog(), "a.xlsx", "housing"),
    )
    assert raw.frame["小学公办比例(%)"].tolist() == ["57%"]


def test_several_files_are_one_table(tmp_path):
    book(tmp_path / "east.xlsx", [HEAD, ONE])
    (tmp_path / "west.csv").write_text("\n".join([",".join(HEAD[:5]), "S2,二小,小学,公办,x"]), "utf-8")
    frame, faults = load(tmp_path, "schools", file=["east.xlsx", "west.csv"])
    assert frame.index.tolist() == ["east.xlsx:2", "west.csv:2"]
    assert frame["enrolment_primary"].tolist()[0] == 700
    assert pd.isna(frame["enrolment_primary"].iloc[1])
    assert faults["text_in_number"].rows == ("west.csv:2",)
    assert "小学在校生数" in faults["file_lacks_columns"].what("zh")
    assert load(tmp_path, "schools", file=["east.xlsx", "none.csv"])[1]["missing_file"].file == "none.csv"


def test_wide_grades_become_rows(tmp_path):
    rows = [["学校编号", "学段", "学年", "一年级", "二年级", "一年级班数"]]
    rows += [["S1", "小学", 2025, 40, None, 1], ["S2", "小学", 2025, 0, 35, None]]
    book(tmp_path / "a.xlsx", rows)
    long = {
        "into": "grade",
        "headers": {"pupils": {"一年级": "1", "二年级": "2"}, "classes": {"一年级班数": "1"}},
    }
    frame, faults = load(tmp_path, "enrolment_history", file="a.xlsx", long=long)
    assert frame[["school_id", "grade", "pupils"]].to_numpy().tolist() == [
        ["S1", 1, 40],
        ["S2", 1, 0],
        ["S2", 2, 35],
    ]
    assert frame["classes"].iloc[0] == 1
    assert frame["classes"].iloc[1:].isna().all()
    assert set(faults) == {"long_rows"}
    long["headers"]["pupils"]["三年级"] = "3"
    assert "long_header_missing" in load(tmp_path, "enrolment_history", file="a.xlsx", long=long)[1]


def test_capacity_is_joined_by_name_and_near_names_are_offered(tmp_path):
    book(
        tmp_path / "s.xlsx",
        [HEAD[:4], ["S1", "North Hill School", "小学", "公办"], ["S2", "Lake View", "小学", "公办"]],
    )
    book(tmp_path / "c.xlsx", [["Facility", "Seats"], ["NORTH HILL  SCHOOL", 400], ["Lake Veiw", 200]])
    join: dict[str, Any] = {"file": "c.xlsx", "on": "学校名称", "to": "Facility"}
    columns = {"seats_primary": "Seats"}
    frame, faults = load(tmp_path, "schools", file="s.xlsx", join=join, columns=columns)
    assert frame["seats_primary"].tolist()[0] == 400
    assert pd.isna(frame["seats_primary"].iloc[1])
    assert "Lake View" in faults["join_unused_near"].what("en")
    assert faults["join_without_partner"].rows == ("3",)
    join["names"] = {"Lake Veiw": "Lake View"}
    frame, faults = load(tmp_path, "schools", file="s.xlsx", join=join, columns=columns)
    assert frame["seats_primary"].tolist() == [400, 200]
    assert not faults
    book(tmp_path / "s.xlsx", [HEAD[:4], ["S1", "Hill", "小学", "公办"], ["S2", "HILL", "小学", "公办"]])
    book(tmp_path / "c.xlsx", [["Facility", "Seats"], ["Hill", 400]])
    faults = load(tmp_path, "schools", file="s.xlsx", join=join, columns=columns)[1]
    assert faults["join_partner_twice"].severity == "error", "400 seats would count twice"


def test_equal_headers_are_added_on_request(tmp_path):
    (tmp_path / "a.csv").write_text("unit_id,0-4岁,0-4岁\nU1,100,90\n", encoding="utf-8")
    assert "header_twice" in load(tmp_path, "units", file="a.csv")[1]
    frame, _ = load(tmp_path, "units", file="a.csv", add_up=["age_0_4"])
    assert frame["age_0_4"].tolist() == [190]


def test_a_header_that_means_something_else_is_left_out(tmp_path):
    (tmp_path / "a.csv").write_text("unit_id,population,Dwellings\nU1,900,see map\n", encoding="utf-8")
    assert "text_in_number" in load(tmp_path, "units", file="a.csv")[1]
    frame, faults = load(tmp_path, "units", file="a.csv", ignore=["Dwellings"])
    assert not faults
    assert frame["population"].tolist() == [900.0]
    assert "dwellings" not in frame or frame["dwellings"].isna().all()
    assert "ignored_unknown_column" in load(tmp_path, "units", file="a.csv", ignore=["Homes"])[1]


def test_rows_left_out_are_said(tmp_path):
    text = "unit_id,population,x\nU1,900,5\nU2,800,\nTotal,1700,\nU3,700,6\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    frame, faults = load(tmp_path, "units", file="a.csv", without={"x": ""})
    assert frame["unit_id"].tolist() == ["U1", "U3"]
    assert faults["rows_without"].rows == ("3", "4")
    frame, _ = load(
        tmp_path, "units", file="a.csv", without={"unit_id": ["Total", "U3"]}, where={"x": [5, 6]}
    )
    assert frame["unit_id"].tolist() == ["U1"]
    assert "without_unknown_column" in load(tmp_path, "units", file="a.csv", without={"y": ""})[1]
    assert "where_keeps_nothing" in load(tmp_path, "units", file="a.csv", without={"x": ["", "5", "6"]})[1]
