"""Sums of columns, boys and girls, one header for two columns, and records drawn in parts."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import Point, box

from layoutplan.dictionary import check_frame, input_table
from layoutplan.dictionary.formulas import Formula, parse_formula
from layoutplan.errors import FaultLog

UNITS = pd.DataFrame(
    {"unit_id": ["U1", "U2", "U3"], "basez": ["10", None, "1"], "student_gen": ["1,000", "100", "2"]},
    index=[2, 3, 4],
    dtype=object,
)


def check(raw: pd.DataFrame, table: str = "units", **options):
    log = FaultLog()
    return check_frame(raw, input_table(table), file="f", log=log, **options), {
        fault.code: fault for fault in log
    }


def test_a_sum_of_columns_with_a_blank_is_missing_and_told():
    frame, faults = check(UNITS, columns={"children_primary": "basez + 0.15 * student_gen"})
    assert frame["children_primary"].tolist()[::2] == [160.0, 1.3]
    assert pd.isna(frame["children_primary"].iloc[1])
    assert faults["sum_with_blanks"].rows == ("3",)
    assert set(faults) == {"sum_with_blanks"}


def test_faults_of_sums_say_what_is_wrong():
    for text, code in [
        ("basez + student_gem", "formula_unknown_header"),
        ("basez ** 2 + 1", "formula_syntax"),
        ("basez + (lambda: 1)()", "formula_syntax"),
        ("basez + student_gen.real", "formula_syntax"),
        ("basez + [1][0]", "formula_syntax"),
        ("nothing + neither", "mapped_header_missing"),
        ("basez / (student_gen - 2)", "sum_not_finite"),
        ("basez if basez else 1 + 1", "formula_syntax"),
    ]:
        _, faults = check(UNITS, columns={"children_primary": text})
        assert code in faults, text
        assert faults[code].severity == "error"
        assert faults[code].what("zh")
        assert faults[code].remedy("en")
    _, faults = check(UNITS, columns={"name": "basez + student_gen"})
    assert "formula_not_number" in faults


@given(st.text(max_size=60))
def test_no_text_is_run(text):
    found = parse_formula(text, ["a", "b"])
    assert not isinstance(found, Formula) or set(found.headers) <= {"a", "b"}


def test_a_header_with_signs_is_taken_as_it_is():
    raw = UNITS.rename(columns={"basez": "a + b"})
    assert check(raw, columns={"children_primary": "a + b"})[0]["children_primary"].iloc[0] == 10
    both = check(raw, columns={"children_primary": "`a + b` + student_gen"})
    assert both[0]["children_primary"].iloc[0] == 1010


@pytest.mark.parametrize(
    ("boys", "girls"),
    [("0-4岁（男）", "0-4岁（女）"), ("0-4岁男", "0-4岁女"), ("boys age 0-4", "age 0-4 (girls)")],
)
def test_boys_and_girls_are_added_on_request(boys, girls):
    raw = pd.DataFrame({"unit_id": ["U1"], boys: [100], girls: [90]}, dtype=object)
    _, faults = check(raw)
    assert set(faults) == {"split_by_sex"}
    assert "add_up" in faults["split_by_sex"].remedy("en")
    frame, faults = check(raw, add_up=["age_0_4"])
    assert frame["age_0_4"].tolist() == [190]
    assert {fault.severity for fault in faults.values()} == {"notice"}


def test_one_sex_alone_is_refused_and_beside_the_whole_ignored():
    alone = pd.DataFrame({"unit_id": ["U1"], "0-4岁(男)": [100]}, dtype=object)
    assert check(alone)[1]["one_sex_only"].severity == "error"
    whole = pd.DataFrame({"unit_id": ["U1"], "0-4岁(女)": [90], "0-4岁": [190]}, dtype=object)
    frame, faults = check(whole)
    assert frame["age_0_4"].tolist() == [190]
    assert faults["weaker_header_ignored"].severity == "warning"


def test_one_header_for_two_columns_is_told():
    raw = pd.DataFrame(
        {
            "school_id": ["S1"],
            "name": ["N"],
            "school_type": ["nine_year"],
            "ownership": ["public"],
            "Cap": [400],
        }
    )
    columns = {"seats_primary": "Cap", "seats_junior": "Cap"}
    assert check(raw, "schools", columns=columns)[1]["header_for_two_columns"].severity == "warning"
    shared = {"seats_primary": "0.6 * Cap", "seats_junior": "0.4 * Cap"}
    frame, faults = check(raw, "schools", columns=shared)
    assert frame[["seats_primary", "seats_junior"]].to_numpy().tolist() == [[240, 160]]
    assert not faults


def test_parts_of_a_catchment_are_united():
    left, right = box(0, 0, 1, 2), box(1, 0, 2, 2)
    raw = pd.DataFrame(
        {
            "catchment_id": ["C1", "C2", "C1"],
            "stage": ["primary"] * 3,
            "school_ids": ["S1", "S2", "S3"],
            "geometry": [left, box(5, 5, 6, 6), right],
        },
        index=[2, 3, 4],
    )
    frame, faults = check(raw, "catchments")
    assert set(faults) == {"parts_united"}
    assert frame.index.tolist() == [2, 3]
    assert frame["school_ids"].tolist() == [("S1", "S3"), ("S2",)]
    assert frame["geometry"].loc[2].equals(box(0, 0, 2, 2))
    other_stage = check(raw.assign(stage=["primary", "primary", "junior"]), "catchments")
    assert other_stage[1]["duplicate_key"].severity == "error"
    not_an_area = check(raw.assign(geometry=[left, right, Point(0, 0)]), "catchments")
    assert "duplicate_key" in not_an_area[1]
