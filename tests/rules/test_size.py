"""Size of schools: the caps on both sides, the traps of 48 and 54 classes, small schools."""

import pytest

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.size import pupils_in_oversized, school_size, small_schools, teaching_points
from layoutplan.rules.worked_examples import worked_example
from layoutplan.standards import load_profile

GAOXIN = load_profile("cn-zhengzhou-gaoxin-2020").at(2025)


def test_54_nine_year_and_48_primary_classes_are_refused_with_the_reason_45_fit():
    assert [rule.key for rule in GAOXIN.broken_by("nine_year", 54)] == [
        "school_size.cap",
        "school.max_classes",
    ]
    assert [rule.key for rule in GAOXIN.broken_by("primary", 48)] == ["school_size.cap", "school.max_classes"]
    assert GAOXIN.broken_by("nine_year", 45) == ()


@pytest.mark.parametrize(
    ("kind", "classes", "met"),
    [("primary", 48, "missed"), ("nine_year", 54, "missed"), ("nine_year", 45, "met")],
)
def test_full_to_the_last_seat_they_break_the_cap_or_not(kind, classes, met):
    seats = GAOXIN.level_seats(kind, classes)
    case = worked_example(
        schools={
            "school_id": ["A"],
            "school_type": [kind],
            **{f"enrolment_{stage}": [count] for stage, count in seats.items()},
        }
    )
    (row,) = evaluate_rules(case, rules=[rule_spec("size.school_cap")]).to_dict("records")
    assert (row["value"], row["status"]) == (sum(seats.values()), met)
    assert sum(seats.values()) == {48: 2160, 54: 2520, 45: 2100}[classes]


@pytest.mark.parametrize(("pupils", "met"), [(2000, "met"), (2001, "missed")])
def test_pupils_in_oversized_schools(pupils, met):
    case = worked_example(
        schools={"school_id": ["A"], "school_type": ["primary"], "enrolment_primary": [pupils]}
    )
    results = evaluate_rules(
        case, rules=[rule_spec("size.school_cap"), rule_spec("size.pupils_in_oversized")]
    )
    assert results["status"].tolist() == [met, met]
    assert school_size(case)["need"].tolist() == pupils_in_oversized(case)["need"].tolist() == [pupils - 2000]


def test_small_schools_and_teaching_points_are_shares_of_schools_with_primary_pupils():
    case = worked_example(
        schools={
            "school_id": ["A", "B", "C", "J"],
            "school_type": ["primary", "primary", "nine_year", "junior"],
            "enrolment_primary": [99, 100, 500, None],
            "enrolment_junior": [None, None, 40, 60],
            "grades": ["1;2;3", None, None, None],
        }
    )
    for rows in (small_schools(case), teaching_points(case)):
        assert rows[["numerator", "denominator"]].to_numpy().tolist() == [[1, 3]]
        assert rows["case_ids"].tolist() == ["A"]


def test_small_schools_are_those_of_the_first_compulsory_stage_of_the_profile():
    case = worked_example(
        profile="us",
        stages=["elementary", "high"],
        schools={
            "school_id": ["A", "B", "H"],
            "school_type": ["elementary", "elementary", "high"],
            "enrolment_elementary": [40, 400, None],
            "enrolment_high": [None, None, 30],
            "grades": ["K;1", None, None],
        },
    )
    rows = teaching_points(case)
    assert rows[["stage", "numerator", "denominator", "case_ids"]].to_numpy().tolist() == [
        ["elementary", 1.0, 2.0, "A"]
    ]
