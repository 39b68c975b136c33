"""Every fault of the tables: a case that triggers it, and a text in both languages that can be filled."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from layoutplan.errors import Fault, FaultLog, Severity
from layoutplan.tables import check_frame, check_references, input_table, write_templates
from layoutplan.texts import LANGUAGES, keys

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


# code, severity, table, rows, options, row labels, column as the fault names it
CASES: list[tuple[str, Severity, str, list[dict[str, Any]], dict[str, Any], tuple[str, ...], str | None]] = [
    ("unknown_columns", "warning", "schools", [{**SCHOOL, "qwfpg": 1}], {}, (), None),
    ("unknown_column_near", "warning", "schools", [{**SCHOOL, "小学学位数量": 1}], {}, (), "小学学位数量"),
    ("duplicate_column", "error", "schools", [{**SCHOOL, "编号": 1, "学校代码": 2} | {"x": 1, "X坐标": 2}], {}, (), "lon"),
    ("weaker_header_ignored", "warning", "schools", [{**SCHOOL, "校名": "一小"}], {}, (), "name"),
    ("mapped_header_missing", "error", "districts", [DISTRICT], {"columns": {"kind": "Stufe"}}, (), "kind"),
    ("mapped_header_missing_near", "error", "districts", [{**DISTRICT, "Klasse": 1}], {"columns": {"kind": "Klase"}}, (), "kind"),
    ("mapping_unknown_column", "error", "districts", [DISTRICT], {"columns": {"qwfpg": "name"}}, (), None),
    ("mapping_unknown_column_near", "error", "districts", [DISTRICT], {"values": {"kindd": {"a": "b"}}}, (), None),
    ("missing_column", "error", "districts", [{"district_id": "D1"}], {}, (), "name"),
    ("missing_column_near", "error", "districts", [{"district_id": "D1", "区域名程": "东区"}], {}, (), "name"),
    ("unit_converted", "notice", "schools", [{**SCHOOL, "占地面积（亩）": 33}], {}, (), "占地面积（亩）"),
    ("unit_wrong", "error", "schools", [{**SCHOOL, "占地面积(万元)": 33}], {}, (), "占地面积(万元)"),
    ("empty_table", "error", "births", [], {}, (), None),
    ("value_mapping_unused", "warning", "schools", [SCHOOL], {"values": {"ownership": {"Catholic": "private"}}}, (), "ownership"),
    ("text_in_number", "error", "schools", [{**SCHOOL, "小学学位数": "约900"}], {}, ("2",), "小学学位数"),
    ("not_finite", "error", "schools", [{**SCHOOL, "小学学位数": "inf"}], {}, ("2",), "小学学位数"),
    ("fractional_integer", "error", "schools", [{**SCHOOL, "小学班级数": 12.5}], {}, ("2",), "小学班级数"),
    ("bad_year", "error", "schools", [{**SCHOOL, "建校年份": "去年"}], {}, ("2",), "建校年份"),
    ("year_out_of_range", "error", "schools", [{**SCHOOL, "建校年份": 20255}], {}, ("2",), "建校年份"),
    ("bad_flag", "error", "schools", [{**SCHOOL, "优质学校": "也许"}], {}, ("2",), "优质学校"),
    ("bad_choice", "error", "schools", [{**SCHOOL, "school_type": "大学城"}], {}, ("2",), "school_type"),
    ("bad_choice_near", "error", "schools", [{**SCHOOL, "school_type": "完全小雪"}], {}, ("2",), "school_type"),
    ("negative_value", "error", "schools", [{**SCHOOL, "小学学位数": -1}], {}, ("2",), "小学学位数"),
    ("below_minimum", "error", "sites", [{"site_id": "L1", "最大班数": 0}], {}, ("2",), "最大班数"),
    ("above_maximum", "error", "housing", [{**HOUSING, "入住率": 86}], {}, ("2",), "入住率"),
    ("missing_value", "error", "schools", [SCHOOL, {**SCHOOL, "school_id": "-"}], {}, ("3",), "school_id"),
    ("default_used", "notice", "schools", [SCHOOL, {**SCHOOL, "school_id": "S2", "ownership": ""}], {}, ("3",), "ownership"),
    ("text_too_long", "error", "schools", [{**SCHOOL, "name": "x" * 200_000}], {}, ("2",), "name"),
    ("control_characters", "error", "schools", [{**SCHOOL, "name": "一\x07小"}], {}, ("2",), "name"),
    ("scientific_code", "error", "schools", [{**SCHOOL, "school_id": "4.1E+11"}], {}, ("2",), "school_id"),
    ("duplicate_key", "error", "schools", [SCHOOL, SCHOOL | {"school_id": "S9"}, SCHOOL], {}, ("2", "4"), "school_id"),
    ("closed_before_opened", "error", "schools", [{**SCHOOL, "opened_year": 2020, "closed_year": 2020}], {}, ("2",), "opened_year, closed_year"),
    ("stage_not_taught", "warning", "schools", [{**SCHOOL, "seats_junior": 50}], {}, ("2",), "school_type, seats_junior"),
    ("part_exceeds_whole", "error", "schools", [{**SCHOOL, "migrants_primary": 9, "enrolment_primary": 8}], {}, ("2",), "migrants_primary, enrolment_primary"),
    ("project_ends_before_opening", "error", "projects", [{**PROJECT, "closing_year": 2026}], {}, ("2",), "opening_year, closing_year"),
    ("project_opens_before_start", "error", "projects", [{**PROJECT, "start_year": 2028}], {}, ("2",), "opening_year, start_year"),
    ("closure_without_successor", "warning", "projects", [{**PROJECT, "kind": "撤并", "successor_school_id": ""}], {}, ("2",), "kind, successor_school_id"),
    ("occupied_before_built", "error", "housing", [{**HOUSING, "completed_year": 2028}], {}, ("2",), "first_occupancy_year, completed_year"),
    ("history_without_place", "error", "enrolment_history", [{**HISTORY, "school_id": None}], {}, ("2",), "year"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "severity", "table", "rows", "options", "labels", "column"),
    CASES,
    ids=[case[0] for case in CASES],
)
def test_fault(  # noqa: PLR0917  the columns of the table above
    code: str,
    severity: Severity,
    table: str,
    rows: list[dict[str, Any]],
    options: dict[str, Any],
    labels: tuple[str, ...],
    column: str | None,
):
    found = [fault for fault in faults(table, *rows, **options) if fault.code == code]
    assert found, [fault.code for fault in faults(table, *rows, **options)]
    fault = found[0]
    assert (fault.severity, fault.file, fault.table) == (severity, "f.xlsx", table)
    assert fault.rows == labels
    assert column is None or fault.column == column
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
    check_references(frames, files={"schools": "s.csv", "catchments": "c.gpkg"}, log=log)
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
    assert written == {case[0] for case in CASES} | elsewhere
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
