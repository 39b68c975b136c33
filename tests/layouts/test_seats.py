"""Seats: stated, or classes × standard; in the years a school is open."""

from dataclasses import replace

import pandas as pd
import pytest

from layoutplan.standards.rules import Rule
from tests.balance.towns import PLAIN, seats_of, town
from tests.small_city import SCHOOLS, YEARS, small_city, small_profile


def city_with(**school):
    return small_city(schools=({**SCHOOLS[0], **school}, *SCHOOLS[1:]))


@pytest.mark.parametrize(
    ("stage", "classes", "seats"),
    [("primary", 48, 2160), ("primary", 556, 25_020), ("junior", 212, 10_600), ("primary", 4_332, 194_940)],
)
def test_seats_are_classes_times_the_standard(stage, classes, seats):
    # 2,160 = 48 x 45 (four districts' tasks of 2024); the others: Zhengzhou 2011, Airport zone 2035
    made = seats_of(city_with(seats_primary=None, **{f"classes_{stage}": classes}))
    assert made.seats[stage].loc["S1"].tolist() == [seats] * 6


def test_stated_seats_win_over_classes():
    assert seats_of(PLAIN).seats["primary"].loc["S1"].tolist() == [810.0] * 6
    assert seats_of(city_with(seats_primary=0.0)).seats["primary"].loc["S1"].tolist() == [0.0] * 6


def test_a_standard_changes_in_its_year():
    old = Rule("class_size.standard", "primary", 45.0, "", "test", "D", 2000, 2027)
    new = replace(old, value=40.0, valid_from=2028, valid_to=None)
    made = seats_of(PLAIN, profile=small_profile(extra=(old, new)))
    assert made.seats["primary"].loc["S2"].tolist() == [405.0] * 3 + [360.0] * 3


def test_a_school_has_seats_only_while_it_is_open():
    made = seats_of(city_with(opened_year=2026, closed_year=2029))
    assert made.seats["primary"].loc["S1"].tolist() == [0, 810, 810, 810, 0, 0]
    assert made.schools.loc["S1", "status"] == "committed"


def test_ownership_decides_what_counts():
    made = seats_of(PLAIN)
    assert made.schools["counts"].tolist() == [True, True, False]
    assert made.seats["primary"].loc["S3"].tolist() == [180.0] * 6
    assert made.counted("primary").loc["S3"].tolist() == [0.0] * 6
    assert seats_of(PLAIN, ownership=("private",)).schools["counts"].tolist() == [False, False, True]


def test_schools_that_teach_without_seats_are_named():
    made = seats_of(city_with(seats_primary=None, classes_primary=None))
    (note,) = made.notes
    assert (note.code, note.rows, note.severity) == ("school_without_seats", ("S1",), "warning")
    assert "小学" in note.what("zh")
    assert seats_of(PLAIN).notes == ()
    assert seats_of(city_with(seats_primary=None, classes_primary=None, closed_year=2020)).notes == ()


def test_the_frames_are_aligned():
    made = seats_of(town())
    assert made.years == YEARS
    for frame in made.seats.values():
        assert frame.index.equals(made.schools.index)
        assert tuple(frame.columns) == YEARS
    assert made.schools.crs == PLAIN.crs


def test_arguments_are_not_changed():
    before = PLAIN.schools.copy(deep=True)
    made = seats_of(PLAIN)
    made.schools["counts"] = False
    pd.testing.assert_frame_equal(pd.DataFrame(PLAIN.schools), pd.DataFrame(before))
