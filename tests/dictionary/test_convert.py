"""Columns to their kinds."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from layoutplan.dictionary import DTYPES, Column, Words, input_table
from layoutplan.dictionary.convert import Converted, convert, empty_column


def read(cells: list[object] | pd.Series, dtype: str = "text", **options: object) -> Converted:
    words = Words(en="column", zh="列")
    column = Column(name="column", header=words, description=words, dtype=dtype, **options)
    raw = (
        cells
        if isinstance(cells, pd.Series)
        else pd.Series(cells, index=range(2, 2 + len(cells)), dtype=object)
    )
    return convert(raw, column, is_key=False, factor=1.0, values={})


@pytest.mark.parametrize("dtype", DTYPES)
def test_nothing_is_null_of_the_right_kind(dtype: str):
    got = read([None, np.nan, pd.NA, pd.NaT, "", " "], dtype).series
    assert str(got.dtype) == DTYPES[dtype]
    assert got.tolist() == [()] * 6 if dtype == "list" else got.isna().all()
    pd.testing.assert_series_equal(
        got,
        empty_column(Column("column", Words("", ""), Words("", ""), dtype=dtype), got.index),
        check_names=False,
    )


def test_numbers_as_they_come():
    assert read([1, "2", 3.5, "4,000", None], "number").series.tolist()[:4] == [1, 2, 3.5, 4000]
    whole = read(pd.Series([1.0, np.nan, 3.0]), "integer").series
    assert whole.dtype == "Int64"
    assert whole[0] == 1
    assert whole.isna().tolist() == [False, True, False]


def test_a_bool_is_no_number():
    assert read([True, 2], "number").faults["text_in_number"].tolist() == [True, False]


@pytest.mark.parametrize("dtype", ["integer", "year"])
def test_numbers_too_large_for_an_integer(dtype: str):
    got = read(["1e300", 9e18], dtype)
    assert got.series.isna().all()
    assert got.faults["not_finite"].all()


def test_grades_by_name_or_number():
    grade = input_table("classes").column("grade")
    cells = pd.Series(["一年级", "初一", "高三", 5, "6", "小班", "十三年级"], dtype=object)
    got = convert(cells, grade, is_key=True, factor=1.0, values={})
    assert got.series.tolist()[:6] == [1, 7, 12, 5, 6, 1]
    assert got.faults["text_in_number"].tolist() == [False] * 6 + [True]


def test_a_known_spelling_is_unified_and_an_unknown_one_kept():
    road_class = input_table("roads").column("road_class")
    got = convert(
        pd.Series(["主干路", "Arterial", "林荫道", "-"]), road_class, is_key=False, factor=1.0, values={}
    )
    assert got.series.tolist() == ["primary", "primary", "林荫道", None]


def test_the_plans_values_come_first():
    kind = input_table("districts").column("kind")
    cells = pd.Series(["A", 2016.0, "区"], dtype=object)
    got = convert(
        cells, kind, is_key=False, factor=1.0, values={" a": "学区", "2016": "township", "z": "area"}
    )
    assert got.series.tolist() == ["school_district", "township", "district"]
    assert got.unused == ("z",)


def test_none_written_out():
    """无 is 'no' in a flag, a choice where the column has it, nothing in a code, and a text in a text."""
    assert read(["无"], "flag").series.tolist() == [False]
    assert read(["无"]).series.tolist() == ["无"]
    assert read(["无"], "number").series.isna().all()
    assert read(["无"], reference="groups.group_id").series.tolist() == [None]
    state = input_table("housing").column("kindergarten_state")
    assert convert(pd.Series(["无"]), state, is_key=False, factor=1.0, values={}).series.tolist() == ["none"]


def test_lists():
    got = read(["S1；S2", None, ["S3"], np.array(["S4", "S5"]), 7.0, "无"], "list").series
    assert got.tolist() == [("S1", "S2"), (), ("S3",), ("S4", "S5"), ("7",), ()]


def test_list_of_choices():
    types = input_table("sites").column("school_types")
    got = convert(pd.Series(["小学、九年制", "初中"]), types, is_key=False, factor=1.0, values={})
    assert got.series.tolist() == [("primary", "nine_year"), ("junior",)]


def test_dates():
    got = read(["2025-09-01", dt.date(2025, 9, 2), "someday"], "date")
    assert got.series[:2].tolist() == [pd.Timestamp("2025-09-01"), pd.Timestamp("2025-09-02")]
    assert got.faults["bad_date"].tolist() == [False, False, True]


def test_the_headers_factor():
    area = input_table("sites").column("area_m2")
    got = convert(
        pd.Series(["33", 33, "22000㎡"], dtype=object), area, is_key=False, factor=10_000 / 15, values={}
    )
    assert got.series.tolist() == pytest.approx([22_000] * 3)
