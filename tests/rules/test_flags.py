"""Flags against thresholds that can be counted by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.demand import Demand
from layoutplan.dictionary import result_table
from layoutplan.layouts import Seats
from layoutplan.rules import FLAG_RULES, flag_rule, flag_schools
from layoutplan.rules.school_sizes import over_capacity, oversized_schools
from layoutplan.standards import load_profile
from layoutplan.texts import LANGUAGES, text
from tests.examples import examples
from tests.small_city import YEARS, small_city, small_profile, small_rule
from tests.studies import study_of, supply_of

NOBODY = Demand(years=YEARS, children={}, pupils={})
"""Flags look at enrolment."""


def school(school_type: str = "primary", **columns: Any) -> dict[str, Any]:
    row = {"school_id": "S1", "name": "一小", "school_type": school_type, "ownership": "public"}
    return {**row, "x": 1500.0, "y": 2250.0, **columns}


def flags_of(*schools: dict[str, Any], profile: Any = None, **city: Any) -> pd.DataFrame:
    town = small_city(schools=schools, **city)
    return flag_schools(study_of(town, demand=NOBODY, profile=profile, reach_m={}))


def rules_of(flags: pd.DataFrame) -> set[str]:
    return set(flags["rule"])


@pytest.mark.parametrize(
    ("school_type", "pupils", "flagged"),
    [
        ("primary", {"enrolment_primary": 2000.0}, False),
        ("primary", {"enrolment_primary": 2001.0}, True),
        ("junior", {"enrolment_junior": 2000.0}, False),
        ("junior", {"enrolment_junior": 2001.0}, True),
        ("nine_year", {"enrolment_primary": 1500.0, "enrolment_junior": 1000.0}, False),
        ("nine_year", {"enrolment_primary": 1500.0, "enrolment_junior": 1001.0}, True),
        ("complete", {"enrolment_junior": 2001.0, "enrolment_senior": 900.0}, False),
    ],
)
def test_a_school_at_its_cap_is_allowed_and_one_pupil_more_is_not(school_type, pupils, flagged):
    flags = flags_of(school(school_type, **pupils))
    assert ("oversized_school" in rules_of(flags)) is flagged


def test_a_48_class_primary_of_2160_pupils_is_160_too_many():
    flags = flags_of(school(enrolment_primary=2160.0, classes_primary=48)).set_index("rule")
    row = flags.loc["oversized_school"]
    assert (row["value"], row["threshold"], row["excess_pupils"], row["seats_needed"]) == (
        *(2160, 2000),
        *(160, 160),
    )
    assert pd.isna(row["stage"])
    assert row["flag_id"] == "oversized_school:S1:all:2025"
    assert pd.isna(row["classes_needed"])
    assert rules_of(flags.reset_index()) == {"oversized_school"}  # 2,160 seats for 2,160 pupils, 45 a class


def test_an_oversized_school_over_capacity_is_not_told_to_add_classes():
    flags = flags_of(school(enrolment_primary=2176.0, seats_primary=1890.0)).set_index("rule")
    assert flags.loc["over_capacity", "seats_needed"] == 286
    assert pd.isna(flags.loc["over_capacity", "classes_needed"])


def test_a_54_class_nine_year_school_of_2520_pupils_breaks_its_cap():
    flags = flags_of(
        school(
            "nine_year",
            enrolment_primary=1620.0,
            enrolment_junior=900.0,
            classes_primary=36,
            classes_junior=18,
        ),
    )
    assert rules_of(flags) == {"oversized_school"}
    assert flags["excess_pupils"].tolist() == [20.0]


def test_a_senior_school_is_judged_by_its_own_pupils_where_the_profile_has_a_cap():
    profile = small_profile(extra=(small_rule("school_size.cap", "senior", 3000.0),))
    assert rules_of(flags_of(school("senior", enrolment_senior=3001.0), profile=profile)) == {
        "oversized_school",
    }


def test_more_pupils_than_seats_need_seats_and_classes():
    flags = flags_of(school(enrolment_primary=856.0, seats_primary=810.0))
    row = flags.iloc[0]
    assert row["rule"] == "over_capacity"
    assert (row["value"], row["threshold"], row["excess_pupils"], row["seats_needed"]) == (856, 810, 46, 46)
    assert row["classes_needed"] == 2
    assert row["source"] == "schools.seats_primary"
    assert flags_of(school(enrolment_primary=810.0, seats_primary=810.0)).empty


def test_seats_counted_from_classes_name_the_standard_class_size_as_source():
    flags = flags_of(school("nine_year", enrolment_junior=101.0, classes_junior=2)).set_index("rule")
    assert flags.loc["over_capacity", "source"] == "test"
    assert flags.loc["over_capacity", "confidence"] == "D"


@pytest.mark.parametrize(("pupils", "flagged"), [(0.0, False), (99.0, True), (100.0, False)])
def test_a_small_school_has_pupils_but_fewer_than_the_profile_says(pupils, flagged):
    flags = flags_of(school(enrolment_primary=pupils, seats_primary=200.0))
    assert ("small_school" in rules_of(flags)) is flagged
    if flagged:
        assert flags["excess_pupils"].isna().all()


def test_schools_not_yet_open_or_already_closed_are_not_judged():
    crowd = {"enrolment_primary": 3000.0, "seats_primary": 100.0}
    assert flags_of(school(**crowd, opened_year=2026)).empty
    assert flags_of(school(**crowd, closed_year=2025)).empty
    assert not flags_of(school(**crowd, opened_year=2025, closed_year=2026)).empty


def test_unknown_enrolment_flags_nobody_and_the_empty_table_has_all_columns():
    flags = flags_of(school(seats_primary=100.0))
    assert flags.empty
    assert tuple(flags.columns) == result_table("flags").column_names
    full = flags_of(school(enrolment_primary=3000.0))
    assert tuple(full.columns) == tuple(flags.columns)
    assert (full.dtypes == flags.dtypes).all()


def test_a_rule_the_profile_does_not_have_flags_nobody():
    profile = small_profile()
    bare = type(profile)(
        id="bare",
        name_en="",
        name_zh="",
        currency="",
        schooling=profile.schooling,
        rules=tuple(
            rule for rule in profile.rules if not rule.key.startswith(("class_size.", "school_size."))
        ),
    )
    town = small_city(schools=(school(enrolment_primary=5000.0, classes_primary=10, seats_primary=6000.0),))
    seats, zoning = supply_of(town)  # by the sizes of classes that the bare profile does not have
    study = study_of(town, demand=NOBODY, seats=seats, zoning=zoning, profile=bare, reach_m={})
    assert flag_schools(study).empty


def test_the_generation_in_force_in_the_base_year_judges():
    """The High-tech Zone has its own rule from 2020; before it the national one of 2017 holds, then none."""
    profile = load_profile("cn-zhengzhou-gaoxin-2020")
    big = school(enrolment_primary=2001.0, seats_primary=2100.0, classes_primary=48)
    sources = {}
    for year in (2010, 2018, 2025):
        flags = flags_of(big, profile=profile, years=tuple(range(year, year + 3))).set_index("rule")
        sources[year] = flags["source"].get("oversized_school", "")
    assert sources[2010] == ""
    assert "教督〔2017〕6号" in sources[2018]
    assert "高新区" in sources[2025]


def test_flags_carry_the_school_and_are_ordered_worst_first():
    rows = [{"school_id": "S1", "stage": "primary", "grade": 1, "class_no": "1", "pupils": 70.0}]
    flags = flags_of(
        school(enrolment_primary=2100.0, seats_primary=100.0, district_id="D1", responsible_unit="区教育局"),
        school(school_id="S2", enrolment_primary=2500.0),
        tables={"classes": rows},
    )
    places = {rule.id: place for place, rule in enumerate(FLAG_RULES)}
    assert flags["rule"].map(places).is_monotonic_increasing
    oversized = flags[flags["rule"] == "oversized_school"]
    assert oversized["school_id"].tolist() == ["S2", "S1"]  # most pupils in excess first
    assert flags["flag_id"].is_unique
    own = flags[flags["school_id"] == "S1"]
    assert set(own["district_id"]) == {"D1"}
    assert set(own["responsible_unit"]) == {"区教育局"}
    assert set(own["name"]) == {"一小"}


def test_every_rule_has_words_in_both_languages_and_worse_rules_exist():
    for rule in FLAG_RULES:
        assert all(text(f"review.rule.{rule.id}", lang) for lang in LANGUAGES)
        for worse in rule.worse:
            assert flag_rule(worse).severity > rule.severity
        assert rule.id in result_table("flags").column("rule").description.en


@settings(max_examples=examples(4))
@given(
    pupils=st.lists(st.integers(0, 4000), min_size=1, max_size=5),
    seats=st.integers(0, 3000),
    order=st.randoms(use_true_random=False),
)
def test_the_order_of_schools_does_not_matter(pupils, seats, order):
    rows = [
        school(school_id=f"S{place}", enrolment_primary=float(count), seats_primary=float(seats))
        for place, count in enumerate(pupils)
    ]
    shuffled = order.sample(rows, len(rows))
    pd.testing.assert_frame_equal(flags_of(*rows), flags_of(*shuffled))


@settings(max_examples=examples(40))
@given(pupils=st.integers(1, 4000), more=st.integers(0, 500), seats=st.integers(0, 3000))
def test_more_pupils_never_lift_a_flag_that_says_too_many(pupils, more, seats):
    index = pd.Index(["few", "many"], name="school_id")
    schools = pd.DataFrame(
        {
            "school_type": "primary",
            "enrolment_primary": [float(pupils), float(pupils + more)],
            "seats_primary": float(seats),
        },
        index=index,
    )
    offered = {"primary": pd.DataFrame({2025: [float(seats)] * 2}, index=index)}
    plan = Seats(years=(2025,), schools=schools, seats=offered)
    standards = small_profile().at(2025)
    for found in (
        oversized_schools(schools, standards),
        over_capacity(schools, plan, standards, stage="primary", year=2025),
    ):
        assert found["school_id"].tolist() in ([], ["many"], ["few", "many"])
        if len(found) == 2:
            assert found["excess_pupils"].is_monotonic_increasing
