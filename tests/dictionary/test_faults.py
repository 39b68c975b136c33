"""Every fault of the tables: a case that triggers it, and a text in both languages that can be filled."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from shapely.geometry import box

from layoutplan.dictionary import (
    check_frame,
    check_references,
    input_table,
    input_tables,
    result_table,
    write_templates,
)
from layoutplan.dictionary.merged import MergedCells
from layoutplan.errors import Fault, FaultLog, Severity
from layoutplan.standards import load_profile
from layoutplan.texts import LANGUAGES, keys

NATIONAL = load_profile("cn-national").schooling

SCHOOL = {"school_id": "S1", "name": "一小", "school_type": "小学", "ownership": "公办"}
PROJECT = {
    "project_id": "P1",
    "name": "三小",
    "kind": "新建",
    "state": "续建",
    "opening_year": 2027,
}
HOUSING = {"housing_id": "H1", "dwellings": 100, "first_occupancy_year": 2027}
HISTORY = {"school_id": "S1", "stage": "小学", "grade": "一年级", "year": 2025, "pupils": 40}
DISTRICT = {"district_id": "D1", "name": "东区"}
UNIT = {"unit_id": "U1"}


def faults(table: str, *rows: dict[str, Any], **options: Any) -> list[Fault]:
    """Return the faults of a table given as rows; row labels begin at 2."""
    log = FaultLog()
    columns = list(dict.fromkeys(name for row in rows for name in row))
    raw = pd.DataFrame(
        [[row.get(name) for name in columns] for row in rows],
        columns=columns,
        index=range(2, 2 + len(rows)),
        dtype=object,
    )
    check_frame(raw, input_table(table), file="f.xlsx", log=log, **options)
    return list(log)


@dataclass(frozen=True)
class Case:
    """A table that has one fault, and what the fault must say."""

    code: str
    table: str
    raw: list[dict[str, Any]]
    severity: Severity
    rows: tuple[str, ...]
    column: str | None
    options: dict[str, Any]


def case(
    code: str,
    table: str,
    *raw: dict[str, Any],
    severity: Severity = "error",
    rows: tuple[str, ...] = ("2",),
    column: str | None = None,
    **options: Any,
) -> Case:
    return Case(code, table, [*raw], severity, rows, column, options)


CASES = [
    case("unknown_columns", "schools", {**SCHOOL, "qwfpg": 1}, severity="warning", rows=()),
    case(
        "unknown_column_near",
        "schools",
        {**SCHOOL, "小学学位数量": 1},
        severity="warning",
        rows=(),
        column="小学学位数量",
    ),
    case(
        "duplicate_column",
        "schools",
        {**SCHOOL, "编号": 1, "学校代码": 2} | {"x": 1, "X坐标": 2},
        rows=(),
        column="lon",
    ),
    case(
        "weaker_header_ignored",
        "schools",
        {**SCHOOL, "校名": "一小"},
        severity="warning",
        rows=(),
        column="name",
    ),
    case("mapped_header_missing", "districts", DISTRICT, rows=(), column="kind", columns={"kind": "Stufe"}),
    case(
        "mapped_header_missing_near",
        "districts",
        {**DISTRICT, "Klasse": 1},
        rows=(),
        column="kind",
        columns={"kind": "Klase"},
    ),
    case("mapping_unknown_column", "districts", DISTRICT, rows=(), columns={"qwfpg": "name"}),
    case("mapping_unknown_column_near", "districts", DISTRICT, rows=(), values={"kindd": {"a": "b"}}),
    case("missing_column", "districts", {"district_id": "D1"}, rows=(), column="name"),
    case(
        "missing_column_near", "districts", {"district_id": "D1", "区域名程": "东区"}, rows=(), column="name"
    ),
    case(
        "unit_converted",
        "schools",
        {**SCHOOL, "占地面积（亩）": 33},
        severity="notice",
        rows=(),
        column="占地面积（亩）",
    ),
    case("unit_wrong", "schools", {**SCHOOL, "占地面积(万元)": 33}, rows=(), column="占地面积(万元)"),
    case("empty_table", "births", rows=()),
    case(
        "value_mapping_unused",
        "schools",
        SCHOOL,
        severity="warning",
        rows=(),
        column="ownership",
        values={"ownership": {"Catholic": "private"}},
    ),
    case("text_in_number", "schools", {**SCHOOL, "小学学位数": "约900"}, column="小学学位数"),
    case("not_finite", "schools", {**SCHOOL, "小学学位数": "inf"}, column="小学学位数"),
    case("fractional_integer", "schools", {**SCHOOL, "小学班级数": 12.5}, column="小学班级数"),
    case("bad_year", "schools", {**SCHOOL, "建校年份": "去年"}, column="建校年份"),
    case("year_out_of_range", "schools", {**SCHOOL, "建校年份": 20255}, column="建校年份"),
    case("bad_flag", "schools", {**SCHOOL, "优质学校": "也许"}, column="优质学校"),
    case("bad_choice", "schools", {**SCHOOL, "school_type": "大学城"}, column="school_type"),
    case("bad_choice_near", "schools", {**SCHOOL, "school_type": "完全小雪"}, column="school_type"),
    case(
        "implausible_value",
        "schools",
        {**SCHOOL, "小学学位数": 9000},
        severity="warning",
        column="小学学位数",
    ),
    case("impossible_value", "schools", {**SCHOOL, "小学学位数": 1_080_000}, column="小学学位数"),
    case(
        "fraction_of_whole",
        "schools",
        {**SCHOOL, "小学学位数": 810.5},
        severity="warning",
        column="小学学位数",
    ),
    case(
        "suppressed_counts",
        "enrolment_history",
        {**HISTORY, "pupils": "<5"},
        severity="warning",
        column="pupils",
    ),
    case(
        "header_for_two_columns",
        "schools",
        {**SCHOOL, "学位": 900},
        severity="warning",
        rows=(),
        column="学位",
        columns={"seats_primary": "学位", "seats_junior": "学位"},
    ),
    case("negative_value", "schools", {**SCHOOL, "小学学位数": -1}, column="小学学位数"),
    case("below_minimum", "sites", {"site_id": "L1", "最大班数": 0}, column="最大班数"),
    case("above_maximum", "housing", {**HOUSING, "入住率": 86}, column="入住率"),
    case("missing_value", "schools", SCHOOL, {**SCHOOL, "school_id": "-"}, rows=("3",), column="school_id"),
    case(
        "default_used",
        "schools",
        SCHOOL,
        {**SCHOOL, "school_id": "S2", "ownership": ""},
        severity="notice",
        rows=("3",),
        column="ownership",
    ),
    case("text_too_long", "schools", {**SCHOOL, "name": "x" * 200000}, column="name"),
    case("control_characters", "schools", {**SCHOOL, "name": "一\x07小"}, column="name"),
    case("scientific_code", "schools", {**SCHOOL, "school_id": "4.1E+11"}, column="school_id"),
    case(
        "duplicate_key",
        "schools",
        SCHOOL,
        SCHOOL | {"school_id": "S9"},
        SCHOOL,
        rows=("2", "4"),
        column="school_id",
    ),
    case(
        "closed_before_opened",
        "schools",
        {**SCHOOL, "opened_year": 2020, "closed_year": 2020},
        column="opened_year, closed_year",
    ),
    case(
        "stage_not_taught",
        "schools",
        {**SCHOOL, "seats_junior": 50},
        severity="warning",
        column="school_type, seats_junior",
    ),
    case(
        "part_exceeds_whole",
        "schools",
        {**SCHOOL, "migrants_primary": 9, "enrolment_primary": 8},
        column="migrants_primary, enrolment_primary",
    ),
    case(
        "project_ends_before_opening",
        "projects",
        {**PROJECT, "closing_year": 2026},
        column="opening_year, closing_year",
    ),
    case(
        "project_opens_before_start",
        "projects",
        {**PROJECT, "start_year": 2028},
        column="opening_year, start_year",
    ),
    case(
        "closure_without_successor",
        "projects",
        {**PROJECT, "kind": "撤并", "successor_school_id": ""},
        severity="warning",
        column="kind, successor_school_id",
    ),
    case(
        "temporary_without_end",
        "projects",
        {**PROJECT, "kind": "临时班", "closing_year": None},
        severity="warning",
        column="kind, closing_year",
    ),
    case(
        "successor_opens_later",
        "projects",
        {**PROJECT, "kind": "撤并", "successor_school_id": "P2"},
        {**PROJECT, "project_id": "P2", "opening_year": 2028},
        {**PROJECT, "project_id": "P3", "kind": "撤并", "successor_school_id": "P4"},
        {**PROJECT, "project_id": "P4", "state": "取消"},
        {**PROJECT, "project_id": "P5", "kind": "撤并", "successor_school_id": "P1"},
        severity="warning",
        rows=("2", "4"),
        column="project_id, kind, state, successor_school_id, opening_year",
    ),
    case(
        "occupied_before_built",
        "housing",
        {**HOUSING, "completed_year": 2028},
        column="first_occupancy_year, completed_year",
    ),
    case("history_without_place", "enrolment_history", {**HISTORY, "school_id": None}, column="year"),
    case("split_by_sex", "units", {**UNIT, "0-4岁(男)": 5, "0-4岁(女)": 4}, rows=(), column="age_0_4"),
    case("one_sex_only", "units", {**UNIT, "0-4岁(男)": 5}, rows=(), column="0-4岁(男)"),
    case(
        "headers_added",
        "units",
        {**UNIT, "0-4岁(男)": 5, "0-4岁(女)": 4},
        severity="notice",
        rows=(),
        column="age_0_4",
        add_up=["age_0_4"],
    ),
    case(
        "header_for_two_columns",
        "schools",
        {**SCHOOL, "cap": 400},
        severity="warning",
        rows=(),
        column="cap",
        columns={"seats_primary": "cap", "enrolment_primary": "cap"},
    ),
    case("formula_syntax", "units", UNIT, rows=(), columns={"children_primary": "a ** 2 + 1"}),
    case("formula_unknown_header", "units", {**UNIT, "a": 1}, rows=(), columns={"children_primary": "a + b"}),
    case("formula_not_number", "units", {**UNIT, "a": 1}, rows=(), columns={"name": "a + a"}),
    case(
        "sum_with_blanks",
        "units",
        {**UNIT, "a": 1, "b": None},
        severity="warning",
        column="a + b",
        columns={"children_primary": "a + b"},
    ),
    case("sum_not_finite", "units", {**UNIT, "a": 1, "b": 0}, columns={"children_primary": "a / b"}),
    case("sum_not_whole", "schools", {**SCHOOL, "a": 1}, columns={"classes_primary": "a / 2"}),
    case("compatibility_in_number", "schools", {**SCHOOL, "小学学位数": "810①"}, column="小学学位数"),
    case("compatibility_in_code", "schools", {**SCHOOL, "school_id": "S①"}, column="school_id"),
    case("date_in_code", "schools", {**SCHOOL, "school_id": dt.date(2025, 3, 5)}, column="school_id"),
    case("grouping_unclear", "schools", {**SCHOOL, "小学学位数": "1.080"}, column="小学学位数"),
    case("decimal_comma", "schools", {**SCHOOL, "建筑面积": "1.080,5"}, severity="notice", rows=()),
    case(
        "merged_quantity",
        "schools",
        {**SCHOOL, "小学学位数": 800},
        column="小学学位数",
        merged=[MergedCells(("小学学位数", "小学在校生数"), (2,))],
    ),
    case(
        "merged_expanded",
        "units",
        {**UNIT, "街道": "东街道"},
        {**UNIT, "unit_id": "U2", "街道": "东街道"},
        severity="notice",
        rows=("2", "3"),
        column="街道",
        merged=[MergedCells(("街道",), (2, 3))],
    ),
    case(
        "blank_below",
        "units",
        *({"unit_id": f"U{place}", "街道": street} for place, street in enumerate(("东", None, "西", None))),
        severity="warning",
        rows=("3", "5"),
        column="街道",
    ),
    case("graduation_year", "schools", {**SCHOOL, "建校年份": "2025届"}, column="建校年份"),
    case("year_of_date_unclear", "enrolment_history", {**HISTORY, "year": "2026年春季"}, column="year"),
    case("month_unclear", "schools", {**SCHOOL, "opened_year": 2025.1}, column="opened_year"),
    case("date_order_unclear", "schools", {**SCHOOL, "opened_year": "05/12/2025"}, column="opened_year"),
    case(
        "date_order_mixed",
        "schools",
        {**SCHOOL, "opened_year": "25/12/2025"},
        {**SCHOOL, "school_id": "S2", "opened_year": "12/25/2025"},
        rows=(),
    ),
    case(
        "serial_dates", "schools", {**SCHOOL, "opened_year": 45901}, severity="notice", column="opened_year"
    ),
    case(
        "opens_next_year",
        "schools",
        {**SCHOOL, "opened_year": "2025年12月"},
        severity="notice",
        column="opened_year",
    ),
    case(
        "parts_united",
        "districts",
        {**DISTRICT, "geometry": box(0, 0, 1, 1)},
        {**DISTRICT, "geometry": box(1, 0, 2, 1)},
        severity="notice",
        rows=("2", "3"),
        column="district_id",
    ),
]


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.code)
def test_fault(one: Case):
    found = faults(one.table, *one.raw, **one.options)
    assert one.code in [fault.code for fault in found]
    fault = next(fault for fault in found if fault.code == one.code)
    assert (fault.severity, fault.file, fault.table) == (one.severity, "f.xlsx", one.table)
    assert fault.rows == one.rows
    assert one.column is None or fault.column == one.column
    _assert_says_so(fault)


def test_dangling_reference_and_catchment_of_another_stage():
    log = FaultLog()
    schools = checked("schools", {**SCHOOL, "catchment_primary": "C1;C2", "district_id": "D7"})
    catchments = checked(
        "catchments",
        {"catchment_id": "C1", "stage": "初中", "school_ids": "S01"},
        {"catchment_id": "C3", "stage": "小学", "school_ids": "qwfpg"},
        {"catchment_id": "C4", "stage": "小学", "school_ids": "S1"},
    )
    districts = checked("districts", DISTRICT | {"district_id": "Nord"})
    frames = {"schools": schools, "catchments": catchments, "districts": districts}
    check_references(frames, NATIONAL, files={"schools": "s.csv", "catchments": "c.gpkg"}, log=log)
    found = {(fault.code, fault.table, fault.column): fault for fault in log}
    assert set(found) == {
        ("dangling_reference", "schools", "catchment_primary"),
        ("dangling_reference", "schools", "district_id"),
        ("dangling_reference_near", "catchments", "school_ids"),
        ("catchment_of_other_stage", "schools", "catchment_primary"),
    }
    near = found["dangling_reference_near", "catchments", "school_ids"]
    assert near.rows == ("2", "3")
    assert near.params["near"] == "S1"
    assert near.file == "c.gpkg"
    for fault in log:
        _assert_says_so(fault)


def test_templates_are_never_written_over_a_file(tmp_path: Path):
    (tmp_path / "schools.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(ValueError, match=r"schools\.csv exist already") as refused:
        write_templates(tmp_path, lang="zh")
    assert [path.name for path in tmp_path.iterdir()] == ["schools.csv"]
    assert (tmp_path / "schools.csv").read_text(encoding="utf-8") == "mine"
    _assert_says_so(refused.value.faults[0])


def test_templates_where_no_folder_can_be(tmp_path: Path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="cannot be written") as refused:
        write_templates(tmp_path / "file" / "folder", lang="en")
    assert refused.value.faults[0].code == "template_not_written"
    _assert_says_so(refused.value.faults[0])


def test_every_text_has_its_case():
    """A code with a text but no test here, or the other way round, is a mistake."""
    file = resources.files("layoutplan.texts") / "faults-tables.toml"
    written = set(tomllib.loads(file.read_text(encoding="utf-8")))
    elsewhere = {
        "bad_date",  # no input column holds dates; the ledger's do, see test_convert
        "dangling_reference",
        "dangling_reference_near",
        "catchment_of_other_stage",
        "template_exists",
        "template_not_written",
    }
    assert written == {one.code for one in CASES} | elsewhere
    for code in written:
        assert {f"faults.{code}.what", f"faults.{code}.remedy"} <= set(keys("faults."))


def checked(table: str, *rows: dict[str, Any]) -> pd.DataFrame:
    log = FaultLog()
    raw = pd.DataFrame([*rows], index=range(2, 2 + len(rows)), dtype=object)
    frame = check_frame(raw, input_table(table), file="f.xlsx", log=log)
    assert log.errors == ()
    return frame


def _assert_says_so(fault: Fault) -> None:
    for lang in LANGUAGES:
        for words in (fault.what(lang), fault.remedy(lang)):
            assert words
            assert "{" not in words.replace("{ ", "")
            assert "None" not in words
            assert len(words) < 700


def test_the_place_of_a_fault_names_the_table_as_the_dictionary_does():
    for table in (*input_tables().values(), result_table("ledger")):
        fault = Fault("no_records", table=table.name)
        assert fault.place("en") == f"table “{table.title.en}” ({table.name})"
        assert fault.place("zh") == f"“{table.title.zh}”表（{table.name}）"
    assert Fault("no_records", table="other").place("en") == "table other"
    assert Fault("no_records").place("zh") == ""
