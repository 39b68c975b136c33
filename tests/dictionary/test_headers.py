"""Headers to columns."""

from __future__ import annotations

import pytest

from layoutplan.dictionary import input_table, input_tables
from layoutplan.dictionary.headers import match_headers, pattern_column, quoted
from layoutplan.dictionary.nearest import nearest
from layoutplan.dictionary.table_log import TableLog
from layoutplan.errors import FaultLog
from layoutplan.texts import LANGUAGES


def match(headers: list[str], table: str = "schools", **columns: str) -> tuple[dict[str, str], FaultLog]:
    """Return our column name = header, and the log."""
    log = FaultLog()
    found = match_headers(headers, input_table(table), columns=columns, log=TableLog(log, "f", table))
    return {name: one.header for name, one in found.items()}, log


@pytest.mark.parametrize("table", input_tables().values(), ids=lambda table: table.name)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_our_headers_in_either_language_are_recognised(table, lang):
    headers = [column.header.of(lang) for column in table.columns]
    found, log = match(headers, table.name)
    assert found == dict(zip(table.column_names, headers, strict=True))
    assert len(log) == 0


def test_every_alias_is_recognised():
    for table in input_tables().values():
        for column in table.columns:
            for alias in column.aliases:
                found, _ = match([alias], table.name)
                assert found == {column.name: alias}


@pytest.mark.parametrize(
    "header",
    [
        "School_ID",
        "学校 编号",
        "ｓｃｈｏｏｌ　ｉｄ",
        "学校（机构）标识码",
        "学校代码\n",
        "SchoolID",
        "学校编号（必填）",
    ],
)
def test_case_width_blanks_and_remarks_do_not_matter(header: str):
    found, _ = match([header])
    assert found == {"school_id": header}


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("0岁", "age_0"),
        ("12周岁", "age_12"),
        ("age 7", "age_7"),
        ("AGE_07", "age_7"),
        ("0-4岁", "age_0_4"),
        ("5～9岁", "age_5_9"),
        ("10至14岁人口", "age_10_14"),
        ("age_0_4", "age_0_4"),
        ("Age 0–4", "age_0_4"),
    ],
)
def test_ages(header: str, name: str):
    column = pattern_column(header, input_table("units"))
    assert column is not None
    assert column.name == name
    assert column.header.zh == name.removeprefix("age_").replace("_", "-") + "岁"


@pytest.mark.parametrize("header", ["岁", "age", "85岁及以上", "age_x", "男0岁", "age_1_2_3"])
def test_what_is_no_age(header: str):
    assert pattern_column(header, input_table("units")) is None


def test_patterns_follow_the_fixed_columns_in_natural_order():
    found, _ = match(["10岁", "unit_id", "2岁"], "units")
    assert list(found) == ["unit_id", "age_2", "age_10"]


def test_a_mapping_wins_and_needs_no_exact_spelling():
    found, log = match(
        ["Name", "校名", "School Type"], name="校名", school_id="name", school_type="schooltype"
    )
    assert found == {"school_id": "Name", "name": "校名", "school_type": "School Type"}
    assert log.errors == ()


def test_one_header_may_feed_two_columns_and_a_pattern_may_be_mapped():
    found, log = match(["DAUID", "POP"], "units", unit_id="DAUID", name="DAUID", age_0_14="POP")
    assert found == {"unit_id": "DAUID", "name": "DAUID", "age_0_14": "POP"}
    assert len(log) == 0


def test_the_columns_own_header_beats_an_alias():
    found, log = match(["名称", "学校名称", "school_id", "school_type"])
    assert found["name"] == "学校名称"
    assert [fault.code for fault in log] == ["weaker_header_ignored"]


def test_a_mapped_header_that_is_missing_is_not_reported_again_as_a_missing_column():
    _, log = match(["school_id", "school_type"], name="Name")
    assert [fault.code for fault in log.errors] == ["mapped_header_missing"]


def test_units_in_brackets():
    log = FaultLog()
    table = input_table("sites")
    found = match_headers(
        ["用地面积（公顷）", "土地成本[万元]", "建筑面积(㎡)"],
        table,
        columns={},
        log=TableLog(log, "f", "sites"),
    )
    assert {name: one.factor for name, one in found.items()} == {
        "area_m2": 10_000.0,
        "land_cost": 10_000.0,
        "floor_area_m2": 1.0,
    }
    assert [fault.code for fault in log.notes] == ["unit_converted", "unit_converted"]


def test_nearest():
    assert nearest("地趾", {"地址": "地址", "名称": "名称"}) == "地址"
    assert nearest("2024年小学学位数", {"小学学位数": "seats_primary"}) == "seats_primary"
    assert nearest("qwfpg", {"name": "name"}) is None
    assert nearest("", {"name": "name"}) is None


def test_quoted_is_short():
    assert len(quoted(["x" * 10_000] * 100)) < 700


@pytest.mark.parametrize(
    ("header", "near"),
    [
        ("在校生数", ["幼儿园在校生数", "小学在校生数", "初中在校生数", "高中在校生数"]),
        ("班级数", ["幼儿园班级数", "小学班级数", "初中班级数", "高中班级数"]),
        ("小学在校生数量", ["小学在校生数"]),
        ("在校生占比", []),
        ("小学在校生比例", []),
    ],
)
def test_a_header_that_names_no_stage_is_offered_every_stage_and_shares_no_counts(header, near):
    _, log = match(["学校编号", "学校名称", "学校类型", header])
    (told,) = log
    assert [part for part in str(told.params.get("near_zh", "")).split("”, “") if part] == near
    assert str(told.params.get("near_en", "")).isascii() or len(near) > 1


def test_a_header_that_where_uses_is_not_reported():
    log = FaultLog()
    headers = ["学校编号", "学校名称", "学校类型", "xqz"]
    match_headers(
        headers, input_table("schools"), columns={}, used=["xqz"], log=TableLog(log, "f", "schools")
    )
    assert not log
