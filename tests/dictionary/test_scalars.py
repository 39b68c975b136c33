"""Single cells, as offices write them."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.dictionary.dates import read_date, read_year
from layoutplan.dictionary.scalars import (
    Unreadable,
    is_blank,
    read_flag,
    read_list,
    read_number,
    read_text,
)

SEPTEMBER = dt.datetime(2025, 9, 1)  # noqa: DTZ001  a calendar date has no zone


@pytest.mark.parametrize(
    ("cell", "unit", "number"),
    [
        ("1080", "seats", 1080),
        ("１０８０", "seats", 1080),
        ("1,080", "seats", 1080),
        ("1，080", "seats", 1080),
        ("12,345,678.5", "currency", 12_345_678.5),
        ("1 080", "seats", 1080),
        ("'1080", "seats", 1080),
        (" 1080\u3000", "seats", 1080),
        ("-3", "seats", -3),
        ("1e3", "seats", 1000),
        ("1080人", "pupils", 1080),
        ("1080 个", "seats", 1080),
        ("2.2万", "m²", 22_000),
        ("9600万元", "currency", 96_000_000),
        ("¥9,600", "currency", 9600),
        ("33亩", "m²", 22_000),
        ("2.2公顷", "m²", 22_000),
        ("22000㎡", "m²", 22_000),
        ("86%", "share", 0.86),
        (0.5, "share", 0.5),
        (7, "classes", 7),
    ],
)
def test_numbers(cell: object, unit: str, number: float):
    assert read_number(cell, unit=unit) == pytest.approx(number)


@pytest.mark.parametrize(
    "cell",
    ["约40", "1,08", "1.080,5", "四十", "40+", "33亩", "86%", "0x10", "1_000", True, dt.date(2025, 3, 5)],
)
def test_what_is_no_number_of_pupils(cell: object):
    assert read_number(cell, unit="pupils") == Unreadable("text_in_number")


def test_the_headers_factor_holds_unless_the_cell_has_its_own_unit():
    assert read_number("33", unit="m²", factor=10_000 / 15) == pytest.approx(22_000)
    assert read_number("22000平方米", unit="m²", factor=10_000 / 15) == 22_000


def test_infinity_is_read_so_that_it_can_be_refused():
    assert read_number("inf", unit="seats") == math.inf


@pytest.mark.parametrize(
    ("cell", "year"),
    [
        (2025, 2025),
        (2025.0, 2025),
        ("2025", 2025),
        ("2025年", 2025),
        ("２０２５年", 2025),
        ("2025学年", 2025),
        ("2025-2026", 2025),
        ("2025-2026学年", 2025),
        ("2025—2026学年度", 2025),
        ("2025-26", 2025),
        ("1999-00", 1999),
        ("2025年9月", 2025),
        ("2025.9", 2025),
        ("2025/9/1", 2025),
        ("2025-09-01 00:00:00", 2025),
        (202509, 2025),
        ("20250901", 2025),
        (SEPTEMBER, 2025),
        ("2025年秋", 2025),
    ],
)
def test_years(cell: object, year: int):
    assert read_year(cell) == year


@pytest.mark.parametrize("cell", ["25年", "2025-2030", "明年", "2025/2023", True, "Q3 2025"])
def test_what_is_no_year(cell: object):
    got = read_year(cell)
    assert got == Unreadable("bad_year")


@pytest.mark.parametrize("cell", ["是", "YES", "y", "√", 1, 1.0, True, "１", "true", "有"])
def test_yes(cell: object):
    assert read_flag(cell) is True


@pytest.mark.parametrize("cell", ["否", "No", "n", "×", 0, False, "无", "FALSE", "没有"])
def test_no(cell: object):
    assert read_flag(cell) is False


@pytest.mark.parametrize("cell", ["可能", 2, "-1", "yes and no"])
def test_neither_yes_nor_no(cell: object):
    assert read_flag(cell) == Unreadable("bad_flag")


@pytest.mark.parametrize(
    "cell",
    ["2025-09-01", "2025/9/1", "2025年9月1日", "2025.9.1", "20250901", 20250901, dt.date(2025, 9, 1)],
)
def test_dates(cell: object):
    assert read_date(cell) == SEPTEMBER


@pytest.mark.parametrize("cell", ["2025-13-01", "9月1日", "2025-09", "soon"])
def test_what_is_no_date(cell: object):
    assert read_date(cell) == Unreadable("bad_date")


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", "实验小学（东校区）", "@a", "+1", "O'Neill"]
)
def test_a_text_survives_as_it_is(text: str):
    assert read_text(text, is_code=False) == text


def test_codes_are_unified_and_lost_digits_noticed():
    assert read_text("Ｓ００１", is_code=True) == "S001"
    assert read_text(10115.0, is_code=True) == "10115"
    assert read_text("0012", is_code=True) == "0012"
    assert read_text("1E10", is_code=True) == "1E10"
    for lost in ("4.10105E+11", 4.101050101010203e17):
        assert read_text(lost, is_code=True) == Unreadable("scientific_code")


def test_line_breaks_become_a_blank_and_control_characters_are_refused():
    assert read_text("实验\r\n小学", is_code=False) == "实验 小学"
    assert read_text("实验\x00小学", is_code=False) == Unreadable("control_characters")


@pytest.mark.parametrize("code", [0x00, 0x08, 0x0B, 0x1F, 0x7F, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF])
def test_what_xml_cannot_hold_is_refused_in_texts_codes_and_lists(code):
    cell = f"实验{chr(code)}小学"
    assert read_text(cell, is_code=False) == Unreadable("control_characters")
    assert read_text(cell, is_code=True) == Unreadable("control_characters")
    assert read_list(cell) == Unreadable("control_characters")


def test_a_cell_too_long_for_a_spreadsheet():
    assert read_text("长" * 32_767, is_code=False) == "长" * 32_767
    assert read_text("长" * 200_000, is_code=False) == Unreadable("text_too_long")


@pytest.mark.parametrize(
    "cell", ["S1;S2", "S1；S2", "S1, S2", "S1、S2", "S1|S2;", ["S1", "S2"], ("S1", " S2", "S1")]
)
def test_lists(cell: object):
    assert read_list(cell) == ("S1", "S2")


def test_blanks():
    assert all(is_blank(cell, marks=False) for cell in (None, math.nan, "", " \u3000", "\ufeff"))
    assert all(is_blank(cell, marks=True) for cell in ("-", "—", "无", "N/A", "NULL", "/"))
    assert not any(is_blank(cell, marks=False) for cell in ("-", "无", 0, False))


@given(
    st.floats(allow_nan=False, allow_infinity=False, width=32), st.sampled_from(["{:r}", "{:,.6f}", " {:r} "])
)
def test_a_number_written_is_read_back(number: float, layout: str):
    written = layout.replace("{:r}", "{!r}").format(number)
    assert read_number(written, unit="pupils") == pytest.approx(number, abs=1e-6, rel=1e-6)


@given(st.text(max_size=60))
def test_no_text_breaks_a_reader(cell: str):
    for read in (read_year, read_flag, read_date, read_list):
        read(cell)
    read_number(cell, unit="share")
    read_text(cell, is_code=True)
