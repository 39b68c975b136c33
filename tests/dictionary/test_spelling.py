"""Numbers, years and codes as files of many offices write them: read right or named, never guessed."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pandas as pd
import pytest

from layoutplan.dictionary import check_frame, input_table, input_tables
from layoutplan.errors import FaultLog

SCHOOL = {"school_id": "S1", "name": "一小", "school_type": "小学", "ownership": "公办"}
AREA = "floor_area_m2"
PLAUSIBLE = {"implausible_value", "impossible_value", "fraction_of_whole"}
"""What is said of a value once it is read."""


def read(table: str, column: str, cells: list[Any], **others: Any) -> tuple[list[Any], dict[str, str]]:
    """Return a column as checked, and the faults with their severity."""
    base = SCHOOL if table == "schools" else {"school_id": "S1", "stage": "小学", "grade": 1, "pupils": 3}
    options = {name: others.pop(name) for name in ("decimal", "date_order") if name in others}
    rows = [
        {**base, "school_id": f"S{place}", **{name: values[place] for name, values in others.items()}}
        for place in range(len(cells))
    ]
    frame = pd.DataFrame(rows, dtype=object).assign(**{column: cells})
    log = FaultLog()
    checked = check_frame(
        frame.set_axis(range(2, len(frame) + 2), axis=0), input_table(table), file="f", log=log, **options
    )
    said = {fault.code: fault.severity for fault in log if fault.code not in PLAUSIBLE}
    return checked[column].tolist(), said


def same(got: list[Any], wanted: list[Any]) -> bool:
    return all(
        (one is None and pd.isna(other)) or (one is not None and not pd.isna(other) and one == other)
        for one, other in zip(wanted, got, strict=True)
    )


SEATS = [
    (["1 080", "1'080", "1’080", "1\u202f080", "1\xa0080", "1\u2009080"], [1080] * 6, None),
    (["1,080", "12,160"], [1080, 12160], None),
    (["1,08,000", "12,34,567"], [108_000, 1_234_567], None),
    (["1.080", "810"], [None, 810], "grouping_unclear"),
    (["2,160", "1.080"], [2160, None], "grouping_unclear"),
    (["1.080,5"], [1080.5], "decimal_comma"),
    (["1,080.5"], [1080.5], None),
    (["1,08"], [None], "text_in_number"),
    (["2万", "1.2亿", "3千", "1080人"], [20_000, 120_000_000, 3000, 1080], None),
    (["86%"], [None], "text_in_number"),
    (["１０８０", "１，０８０", "١٠٨٠"], [1080] * 3, None),
    (["810①"], [None], "compatibility_in_number"),
    (["810²"], [None], "compatibility_in_number"),
    (["㊿"], [None], "compatibility_in_number"),
    (["3½"], [None], "compatibility_in_number"),
    (["(12)"], [-12], "negative_value"),
    (["（1,080）"], [-1080], "negative_value"),
    (["−5"], [-5], "negative_value"),
]


def test_seats_in_every_form():
    """Thousands of seats are thousands: no form of 1,080 is read as 1.08, and a footnote is no digit."""
    wrong = []
    for cells, wanted, code in SEATS:
        got, faults = read("schools", "seats_primary", cells)
        if not same(got, wanted) or (code is None and faults) or (code and code not in faults):
            wrong.append((cells, got, faults))
    assert not wrong


def test_one_decimal_mark_for_a_file():
    comma = {"lon": ["113,5554", "113,6"], "lat": ["34,81", "34,8"]}
    assert read("schools", "seats_primary", ["1.080", "2.160"], **comma)[0] == [1080, 2160]
    degrees = {"lon": ["113,555", "113,561"], "lat": ["34,805", "34,812"]}
    assert read("schools", "lon", degrees["lon"], lat=degrees["lat"])[0] == [113.555, 113.561]
    metres = {"lon": ["113,555", "113,600"], "lat": ["463,000", "463,500"]}
    assert read("schools", "lon", metres["lon"], lat=metres["lat"])[0] == [113_555, 113_600]
    point = {"lon": ["113.5554", "113.6"], "lat": ["34.81", "34.8"]}
    got, faults = read("schools", "seats_primary", ["1.080", "810"], **point)
    assert math.isnan(got[0])
    assert "grouping_unclear" in faults
    assert read("schools", AREA, ["1.080", "2.5"])[0] == [1.08, 2.5]
    assert "grouping_unclear" in read("schools", AREA, ["1.080", "2.160"])[1]


def test_the_plan_states_the_decimal_mark():
    assert read("schools", AREA, ["1.080", "2.160"], decimal=",")[0] == [1080, 2160]
    assert read("schools", AREA, ["1.080", "2.160"], decimal=".")[0] == [1.08, 2.16]
    assert read("schools", "seats_primary", ["1.080"], decimal=",")[0] == [1080]
    assert "grouping_unclear" in read("schools", "seats_primary", ["1.080"], decimal=".")[1]


def test_parts_of_a_hundred_and_a_thousand_keep_their_digits():
    tables, log = input_tables().values(), FaultLog()
    table, share = next((one, column) for one in tables for column in one.columns if column.unit == "share")
    raw = pd.DataFrame({share.name: ["57%", "５７％", "57 percent", "8‰", "0.57"]}, dtype=object)
    got = check_frame(raw, table, file="f", log=log)[share.name].tolist()
    assert got == [0.57, 0.57, 0.57, 0.008, 0.57]


YEARS = [
    ("2025学年", 2025, 2025, None),
    ("2025级", 2025, 2025, None),
    ("2025届", None, None, "graduation_year"),
    ("2025-12-01", 2026, 2025, "opens_next_year"),
    ("2025年12月", 2026, 2025, "opens_next_year"),
    ("2025-12", 2026, 2025, "opens_next_year"),
    ("202512", 2026, 2025, "opens_next_year"),
    (2025.12, 2026, 2025, "opens_next_year"),
    (dt.datetime(2025, 12, 1), 2026, 2025, "opens_next_year"),  # noqa: DTZ001  a calendar date has no zone
    ("1 December 2025", 2026, 2025, "opens_next_year"),
    ("Dec 1, 2025", 2026, 2025, "opens_next_year"),
    ("25/12/2025", 2026, 2025, "opens_next_year"),
    ("2025-12-01T00:00:00Z", 2026, 2025, "opens_next_year"),
    (45992, 2026, 2025, "serial_dates"),
    ("2025-09-01", 2025, 2025, None),
    ("2025-09", 2025, 2025, None),
    ("2025-26", 2025, 2025, None),
    ("2025-2026学年", 2025, 2025, None),
    ("2025.1", 2025, None, None),
    (2025.1, None, None, "month_unclear"),
    ("05/12/2025", None, 2025, "date_order_unclear"),
    ("2025①", None, None, "compatibility_in_number"),
    ("25年", None, None, "bad_year"),
]


def test_years_of_openings_and_of_counts():
    """A building opened in December serves the next school year; a count in December belongs to this one."""
    wrong = []
    for cell, opened, counted, code in YEARS:
        got, faults = read("schools", "opened_year", [cell])
        if not same(got, [opened]) or (code is None and faults) or (code and code not in faults):
            wrong.append(("opened", cell, got, faults))
        got, faults = read("enrolment_history", "year", [cell])
        if cell != "05/12/2025" and not same(got, [counted]):
            wrong.append(("counted", cell, got, faults))
    assert not wrong


def test_a_count_in_spring_is_asked_about():
    for cell in ("2026-03-05", "2026年春季"):
        got, faults = read("enrolment_history", "year", [cell])
        assert pd.isna(got[0])
        assert faults == {"year_of_date_unclear": "error"}
    assert read("enrolment_history", "year", ["2025-01-01"])[0] == [2025], "years exported as dates"


def test_day_and_month_are_ordered_once_for_a_file():
    got, _ = read("schools", "opened_year", ["05/12/2025", "31/08/2025"])
    assert got == [2026, 2025]
    got, _ = read("schools", "opened_year", ["05/12/2025", "08/31/2025"])
    assert got == [2025, 2025]
    assert read("schools", "opened_year", ["05/12/2025"], date_order="dmy")[0] == [2026]
    faults = read("schools", "opened_year", ["31/08/2025", "08/31/2025"])[1]
    assert faults["date_order_mixed"] == "error"


def test_codes_are_never_folded_into_each_other():
    """S① is not S1; a width form is; a code that a spreadsheet made a date is refused."""
    for cell, wanted, code in [
        ("Ｓ０１", "S01", None),
        ("S①", None, "compatibility_in_code"),
        ("S²", None, "compatibility_in_code"),
        (dt.datetime(2025, 3, 5), None, "date_in_code"),  # noqa: DTZ001
    ]:
        log = FaultLog()
        raw = pd.DataFrame([{**SCHOOL, "school_id": cell}], dtype=object)
        checked = check_frame(raw, input_table("schools"), file="f", log=log)
        assert same(checked["school_id"].tolist(), [wanted])
        assert [fault.code for fault in log] == ([code] if code else [])


@pytest.mark.parametrize("header", ["①岁", "²岁"])
def test_a_header_with_a_footnote_is_no_age(header):
    log = FaultLog()
    raw = pd.DataFrame([{"unit_id": "U1", header: 5}])
    assert "age_1" not in check_frame(raw, input_table("units"), file="f", log=log)
