"""Class-size bands: 56 is oversized and 55 is not, 66 is severely so and is counted once."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.rules.class_size_bands import class_bands, class_flags, find_class_sizes
from tests.examples import examples
from tests.small_city import small_city, small_profile

STANDARDS = small_profile().at(2025)
BANDS = class_bands(STANDARDS, "primary")
ORDER = ("class_over_cap", "oversized_class", "severely_oversized_class")


def sizes(*grades: list[int]) -> pd.DataFrame:
    """Return one school's classes, a list of sizes a grade."""
    rows = [("S1", str(place), float(size)) for place, grade in enumerate(grades, 1) for size in grade]
    frame = pd.DataFrame(rows, columns=["school_id", "grade", "pupils"])
    return frame.assign(count=1.0, basis="classes")


def flags(*grades: list[int]) -> pd.DataFrame:
    return class_flags(sizes(*grades), BANDS, stage="primary").set_index("rule")


@pytest.mark.parametrize(
    ("pupils", "rule"),
    [
        *((45, None), (46, "class_over_cap"), (55, "class_over_cap"), (56, "oversized_class")),
        *((65, "oversized_class"), (66, "severely_oversized_class"), (90, "severely_oversized_class")),
    ],
)
def test_each_size_lies_in_one_band(pupils, rule):
    assert list(flags([pupils]).index) == ([] if rule is None else [rule])


def test_bands_do_not_overlap_and_are_worst_first():
    assert [band.rule_id for band in BANDS] == list(reversed(ORDER))
    pupils = pd.Series(np.arange(0, 120), dtype=float)
    held = sum(band.holds(pupils).astype(int) for band in BANDS)
    assert held.max() == 1
    assert held[pupils > 45].min() == 1


def test_classes_of_the_worse_band_are_not_counted_twice():
    found = flags([70, 60, 58, 40], [50, 44])
    assert found.loc["severely_oversized_class", "cases"] == 1
    assert found.loc["oversized_class", "cases"] == 2
    assert found.loc["class_over_cap", "cases"] == 1
    assert found.loc["oversized_class", "value"] == 60
    assert found.loc["oversized_class", "threshold"] == 56
    assert found.loc["oversized_class", "excess_pupils"] == (60 - 55) + (58 - 55)
    assert found.loc["severely_oversized_class", "excess_pupils"] == 70 - 55


def test_a_grade_that_only_needs_evening_out_needs_no_class():
    found = flags([60, 50])
    assert found.loc["oversized_class", "classes_needed"] == 0
    assert found.loc["oversized_class", "seats_needed"] == 0
    assert found.loc["oversized_class", "excess_pupils"] == 5


def test_a_need_is_stated_once_for_a_grade_at_its_worst_band():
    found = flags([70, 60])  # 130 pupils: 3 classes of at most 55
    assert found.loc["severely_oversized_class", "classes_needed"] == 1
    assert found.loc["severely_oversized_class", "seats_needed"] == 20
    assert found.loc["oversized_class", "classes_needed"] == 0


def fewest_classes(grade: list[int], limit: float) -> int:
    """Oracle: try 0, 1, 2, … classes more, dealing pupils one by one to the smallest class."""
    for more in itertools.count():
        classes = [0] * (len(grade) + more)
        for _ in range(sum(grade)):
            classes[classes.index(min(classes))] += 1
        if max(classes) <= limit:
            return more
    raise AssertionError


@settings(max_examples=examples(20))
@given(grade=st.lists(st.integers(1, 80), min_size=1, max_size=4))
def test_classes_needed_are_the_fewest_that_fit(grade):
    found = flags(grade)
    if any(size >= 56 for size in grade):
        banded = found[found.index != "class_over_cap"]
        assert banded["classes_needed"].sum() == fewest_classes(grade, 55)
    if "class_over_cap" in found.index:
        assert found["classes_needed"].sum() == fewest_classes(grade, 45)


@settings(max_examples=examples(20))
@given(
    grades=st.lists(st.lists(st.integers(1, 80), min_size=1, max_size=4), min_size=1, max_size=3),
    data=st.data(),
)
def test_adding_pupils_to_a_class_never_lifts_a_flag(grades, data):
    """A flag may turn into a worse one; the worst flag of a school never gets milder."""
    before = flags(*grades)
    grade = data.draw(st.integers(0, len(grades) - 1))
    place = data.draw(st.integers(0, len(grades[grade]) - 1))
    grades[grade][place] += data.draw(st.integers(0, 40))
    after = flags(*grades)
    assert max(map(ORDER.index, before.index), default=-1) <= max(map(ORDER.index, after.index), default=-1)
    for rule in before.index:
        assert set(ORDER[ORDER.index(rule) :]) & set(after.index)
    assert before["cases"].sum() <= after["cases"].sum()


def test_the_mean_is_used_where_single_classes_are_not_known_and_says_so():
    schools = pd.DataFrame(
        {"enrolment_primary": [560.0, 550.0, 400.0, np.nan], "classes_primary": [10, 10, 10, 10]},
        index=pd.Index(["A", "B", "C", "D"], name="school_id"),
    )
    known = find_class_sizes(schools, small_city().tables["classes"], stage="primary", year=2025)
    found = class_flags(known, BANDS, stage="primary").set_index("school_id")
    assert found["rule"].to_dict() == {"A": "oversized_class", "B": "class_over_cap"}
    assert (found["basis"] == "mean").all()
    assert found["cases"].isna().all()
    assert found.loc["A", "value"] == 56
    assert found.loc["A", "excess_pupils"] == pytest.approx(10)
    assert found.loc["A", "classes_needed"] == 1


def test_the_classes_table_wins_over_the_mean_and_other_years_are_left_out():
    schools = pd.DataFrame(
        {"enrolment_primary": [600.0], "classes_primary": [10]}, index=pd.Index(["A"], name="school_id")
    )
    classes = pd.DataFrame(
        {
            "school_id": ["A", "A", "A", "Z"],
            "stage": "primary",
            "grade": pd.array([1, 1, 1, 1], dtype="Int64"),
            "class_no": ["1", "2", "3", "1"],
            "pupils": [40.0, 41.0, 70.0, 70.0],
            "year": pd.array([2025, None, 2024, 2025], dtype="Int64"),
        },
    )
    known = find_class_sizes(schools, classes, stage="primary", year=2025)
    assert known["pupils"].tolist() == [40.0, 41.0]
    assert class_flags(known, BANDS, stage="primary").empty
    assert find_class_sizes(schools, classes, stage="primary", year=2023)["basis"].tolist() == ["classes"]


def test_arguments_are_not_changed():
    given_sizes = sizes([70, 60], [46])
    copy = given_sizes.copy(deep=True)
    class_flags(given_sizes, BANDS, stage="primary")
    pd.testing.assert_frame_equal(given_sizes, copy)
