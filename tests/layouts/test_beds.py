"""Beds divided among the stages of a school, and changed by projects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layoutplan.layouts.beds import divide_beds, old_enough
from layoutplan.standards import load_profile
from tests.balance.test_boarding import BOARDS, boarding_town
from tests.balance.towns import seats_of
from tests.small_city import small_city, small_profile, small_rule

counts = st.integers(0, 900).map(float)


@given(arrays(float, (2, 3), elements=counts), arrays(float, (3, 2, 3), elements=counts))
def test_beds_are_divided_whole_and_none_is_made_or_left_without_need(beds, seats):
    parts = divide_beds(beds, seats)
    assert (parts == np.floor(parts)).all()
    assert (parts <= seats).all()
    assert parts.sum(axis=0) == pytest.approx(np.minimum(beds, seats.sum(axis=0)))


def test_who_is_old_enough():
    national = load_profile("cn-national").at(2025)
    assert [old_enough(national, stage) for stage in ("kindergarten", "primary", "junior", "senior")] == [
        *(0.0, 0.5, 1.0, 1.0)
    ]
    assert old_enough(load_profile("ca-ontario").at(2025), "primary") == 0.0


def test_beds_are_there_only_where_the_plan_lets_pupils_board():
    city = boarding_town(S1=60, S2=100)
    assert seats_of(city).boarding is None
    boarding = seats_of(city, profile=BOARDS, boarding=True).boarding
    assert boarding.beds["primary"][2025].to_dict() == {"S1": 60, "S2": 40, "S3": 0}
    assert boarding.beds["junior"][2025].to_dict() == {"S1": 0, "S2": 60, "S3": 0}  # 600 seats and 405


def test_beds_without_a_seat_that_counts_are_none():
    boarding = seats_of(boarding_town(S3=60), profile=BOARDS, boarding=True)
    assert boarding.boarding.beds == {}
    assert [note.code for note in boarding.notes] == ["boarding_nowhere"]


def test_a_project_brings_its_beds_in_the_years_it_holds():
    started = {"name": "新", "state": "started", "seats_primary": 45}
    rows = [
        {"project_id": "P1", "kind": "new", "opening_year": 2027, "boarding_beds": 50, "x": 0.0, "y": 0.0},
        {"project_id": "P2", "kind": "expand", "school_id": "S1", "opening_year": 2028, "boarding_beds": 30},
        {"project_id": "P3", "kind": "cut", "school_id": "S2", "opening_year": 2029, "boarding_beds": 999},
    ]
    tables = small_city(tables={"projects": [{**started, **row} for row in rows]}).tables
    profile = small_profile(extra=(small_rule("boarding.first_grade", "primary", 4.0),))
    seats = seats_of(replace(boarding_town(S2=100), tables=tables), profile=profile, boarding=True)
    beds = seats.boarding.beds["primary"]
    assert beds.loc["P1"].tolist() == [0, 0, 45, 45, 45, 45]  # never more than seats
    assert beds.loc["S1"].tolist() == [0, 0, 0, 30, 30, 30]
    assert beds.loc["S2"].tolist() == [100, 100, 100, 100, 0, 0]


def test_a_grade_beyond_the_stage_lets_nobody_board():
    late = replace(BOARDS, rules=(*BOARDS.rules, small_rule("boarding.first_grade", "senior", 9.0)))
    assert old_enough(late.at(2025), "senior") == 0.0
