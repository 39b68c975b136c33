"""The one checker: what it returns, and that it is quick."""

from __future__ import annotations

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point

from layoutplan.dictionary import DTYPES, check_frame, empty_frame, input_table, input_tables, result_tables
from layoutplan.errors import FaultLog


def test_a_real_looking_table():
    raw = pd.DataFrame(
        {
            "学校标识码": ["0012", "0013", "0014"],
            "学校名称": ["<script>alert(1)</script>", "=cmd|'/C calc'!A0", "三小 "],
            "办学类型": ["完全小学", "九年一贯制", "初级中学"],
            "举办者性质": ["公办", "普惠性民办", None],
            "占地面积（亩）": ["33", "45.0", None],
            "小学在校生数": ["1,120人", 600.0, None],
            "初中在校生数": [None, "450", "900"],
            "对口": [1, 2, 3],
        },
        index=[2, 3, 5],
        dtype=object,
    )
    log = FaultLog()
    got = check_frame(raw, input_table("schools"), file="学校.xlsx", log=log)
    assert log.errors == ()
    assert got.index.tolist() == [2, 3, 5]
    assert tuple(got.columns) == input_table("schools").column_names
    assert got["school_id"].tolist() == ["0012", "0013", "0014"]
    assert got["name"].tolist() == ["<script>alert(1)</script>", "=cmd|'/C calc'!A0", "三小"]
    assert got["school_type"].tolist() == ["primary", "nine_year", "junior"]
    assert got["ownership"].tolist() == ["public", "inclusive", "public"]
    assert got["site_area_m2"].tolist()[:2] == pytest.approx([22_000, 30_000])
    assert got["enrolment_primary"].tolist()[:2] == [1120, 600]
    assert got["seats_primary"].isna().all()


@pytest.mark.parametrize(
    "table", [*input_tables().values(), *result_tables().values()], ids=lambda table: table.name
)
def test_an_empty_frame_has_the_dtypes_of_a_checked_one(table):
    empty = empty_frame(table)
    assert tuple(empty.columns) == table.column_names
    assert len(empty) == 0
    assert [str(dtype) for dtype in empty.dtypes] == [DTYPES[column.dtype] for column in table.columns]


def test_geometry_is_passed_through():
    shapes = gpd.GeoDataFrame(
        {"site_id": ["L1", "L2"], "用地面积": ["1000", "2000"]},
        geometry=[Point(0, 0), None],
        crs="EPSG:4547",
        index=[2, 3],
    )
    log = FaultLog()
    got = check_frame(shapes, input_table("sites"), file="f", log=log)
    assert got["geometry"].tolist() == [Point(0, 0), None]
    assert list(got.columns)[-1] == "geometry"
    assert log.errors == ()


def test_a_bad_cell_is_reported_once_and_null_in_the_result():
    raw = pd.DataFrame({"housing_id": ["H1"], "dwellings": ["many"], "first_occupancy_year": ["soon"]})
    log = FaultLog()
    got = check_frame(raw, input_table("housing"), file="f", log=log)
    assert [fault.code for fault in log.errors] == ["text_in_number", "bad_year"]
    assert got["dwellings"].isna().all()
    assert got["first_occupancy_year"].isna().all()


def test_all_faults_of_a_table_come_together():
    raw = pd.DataFrame(
        {
            "school_id": ["S1", "S1", None],
            "school_type": ["小学", "大学", "初中"],
            "seats_primary": ["-1", "x", 5],
            "seats_junior": [None, None, "1e999"],
        },
        index=[2, 3, 4],
        dtype=object,
    )
    log = FaultLog()
    check_frame(raw, input_table("schools"), file="f", log=log)
    assert {fault.code for fault in log.errors} == {
        *("missing_column", "text_in_number", "not_finite", "missing_value"),
        *("bad_choice_near", "negative_value", "duplicate_key"),
    }


def test_an_empty_area_is_a_key_of_births_like_any_other():
    raw = pd.DataFrame({"年份": [2023, 2024, 2024], "出生人口": [1, 2, 3]})
    log = FaultLog()
    check_frame(raw, input_table("births"), file="f", log=log)
    assert [fault.code for fault in log.errors] == ["duplicate_key"]
    raw = raw.assign(区县=["D1", None, "D1"])
    log = FaultLog()
    check_frame(raw, input_table("births"), file="f", log=log)
    assert log.errors == ()


def test_row_labels_may_be_anything_even_not_unique():
    raw = pd.DataFrame({"district_id": ["D1", None], "name": ["a", "b"]}, index=["x", "x"])
    log = FaultLog()
    got = check_frame(raw, input_table("districts"), file="f", log=log)
    assert log.errors[0].rows == ("x",)
    assert got.index.tolist() == ["x", "x"]


def test_many_faults_stay_short():
    rows = 20_000
    raw = pd.DataFrame({"site_id": [f"L{row}" for row in range(rows)], "area_m2": ["x" * 300] * rows})
    log = FaultLog()
    check_frame(raw, input_table("sites"), file="f", log=log)
    fault = log.errors[0]
    assert fault.row_count == rows
    assert len(fault.rows) == 5
    assert len(fault.what("zh")) < 100


def test_a_hundred_thousand_rows_are_quick():
    rows = 100_000
    numbers = np.arange(rows)
    raw = pd.DataFrame(
        {
            "单元编号": np.char.mod("U%06d", numbers),
            "经度": np.char.mod("%.6f", 113 + numbers / rows),
            "纬度": np.char.mod("%.6f", 34 + numbers / rows),
            "总人口": np.char.mod("%d", numbers % 5000),
            **{f"{age}岁": np.char.mod("%d", numbers * age % 90) for age in range(6)},
        },
        dtype=object,
    )
    log = FaultLog()
    start = time.process_time()
    check_frame(raw, input_table("units"), file="f", log=log)
    assert log.errors == ()
    assert (
        time.process_time() - start < 5
    )  # about 0.7 s alone; the limit only catches a slip to row-by-row work
