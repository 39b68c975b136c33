"""Demand: migrants apart, progression on each side of its floor."""

import pytest

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.demand import migrants
from layoutplan.rules.worked_examples import worked_example


def town(seats, migrants_there, **more):
    return worked_example(
        stages=["primary"],
        target_year=2025,
        schools={"school_id": ["A"], "school_type": ["primary"], "seats_primary": [seats]},
        units={
            "unit_id": ["U"],
            "x": [5],
            "y": [5],
            "age_6": [600],
            "migrants_primary": [migrants_there],
        },
        **more,
    )


@pytest.mark.parametrize(("seats", "theirs"), [(600, 0), (540, 60), (500, 100), (400, 100), (0, 100)])
def test_seats_short_because_of_migrants_are_at_most_theirs(seats, theirs):
    rows = migrants(town(seats, 100), subject="seats")
    assert rows["value"].tolist() == [theirs]


def test_land_and_cost_are_seats_times_the_profile():
    case = town(540, 100)
    for what, key in (("land", "land.per_seat"), ("cost", "cost.per_seat")):
        price = case.standards.number(key, "primary")
        assert migrants(case, subject=what)["value"].tolist() == [60 * price]


@pytest.mark.parametrize(("spare", "theirs"), [(900, 0), (630, 30), (600, 60)])
def test_seats_to_spare_next_door_are_used_before_new_ones(spare, theirs):
    """A has 540 seats for the 600 pupils beside it; B, 650 m on foot from them, has some to spare or none."""
    case = worked_example(
        stages=["primary"],
        target_year=2025,
        schools={
            "school_id": ["A", "B"],
            "school_type": ["primary"] * 2,
            "seats_primary": [540, spare],
            "x": [200, 700],
            "y": [500, 500],
        },
        units={
            "unit_id": ["U", "V"],
            "x": [200, 700],
            "y": [500, 500],
            "age_6": [600, 600],
            "migrants_primary": [100, 100],
        },
        catchments={
            "catchment_id": ["C1", "C2"],
            "stage": ["primary"] * 2,
            "box": [(0, 0, 500, 1000), (500, 0, 1000, 1000)],
        },
    )
    assert migrants(case, subject="seats")[["value", "denominator"]].values.tolist() == [[theirs, 200]]


def test_units_that_do_not_tell_are_named():
    case = worked_example(
        units={"unit_id": ["U", "V", "W"], "population": [9, 8, 0], "migrants_primary": [0, None, None]}
    )
    results = evaluate_rules(case, rules=[rule_spec("demand.migrants_counted")])
    assert results[["status", "case_ids"]].values.tolist() == [["missed", "V"]]
    silent = evaluate_rules(worked_example(), rules=[rule_spec("demand.migrants_counted")])
    assert silent["missing"].tolist() == ["units.migrants_{stage}"]


@pytest.mark.parametrize(("stayed", "status"), [(98, "met"), (97, "missed")])
def test_98_of_100_stay_to_the_end_of_junior(stayed, status):
    history = {
        "school_id": ["J"] * 3,
        "stage": ["junior"] * 3,
        "grade": [7, 8, 9],
        "year": [2023, 2024, 2025],
        "pupils": [100, 99, stayed],
    }
    case = worked_example(schools={"school_id": ["J"], "school_type": ["junior"]}, enrolment_history=history)
    results = evaluate_rules(case, rules=[rule_spec("demand.progression")])
    assert results[["status", "need"]].values.tolist() == [[status, 98 - stayed]]


def test_a_short_history_follows_the_cohort_as_far_as_it_reaches():
    history = {
        "school_id": ["P"] * 4,
        "stage": ["primary"] * 4,
        "grade": [5, 6, 5, 6],
        "year": [2024, 2024, 2025, 2025],
        "pupils": [200, 50, 40, 199],
    }
    case = worked_example(enrolment_history=history, schools={"school_id": ["P"], "school_type": ["primary"]})
    results = evaluate_rules(case, rules=[rule_spec("demand.progression")])
    assert results[["numerator", "denominator"]].values.tolist() == [[199, 200]]


def test_one_year_of_history_says_nothing():
    history = {"school_id": ["P"], "stage": ["primary"], "grade": [6], "year": [2025], "pupils": [50]}
    case = worked_example(enrolment_history=history, schools={"school_id": ["P"], "school_type": ["primary"]})
    assert evaluate_rules(case, rules=[rule_spec("demand.progression")])["status"].tolist() == ["no_data"]
