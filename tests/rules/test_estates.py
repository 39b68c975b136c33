"""Estates: seats they can count on, and those without a school near."""

import pytest

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.estates import estate_seats, estates_without_school
from layoutplan.rules.worked_examples import worked_example

HOUSING = {
    "housing_id": ["H", "J"],
    "dwellings": [1000, 500],
    "first_occupancy_year": [2024, 2024],
    "occupancy": [1.0, 1.0],
    "yield_primary": [0.2, 0.2],
    "x": [1, 1],
    "y": [1, 1],
}


def case(seats=600, *, x=0, schools=None, **housing):
    return worked_example(
        stages=["primary"],
        target_year=2026,
        schools=schools
        or {"school_id": ["A"], "school_type": ["primary"], "seats_primary": [seats], "x": [x], "y": [0]},
        housing={**HOUSING, **housing},
    )


@pytest.mark.parametrize(("seats", "status"), [(300, "met"), (299, "missed")])
def test_estates_that_name_one_school_share_its_seats_by_what_they_need(seats, status):
    town = case(seats, school_ids=["A", "A"])
    rows = estate_seats(town).set_index("area_id")
    assert rows["denominator"].to_dict() == {"H": 200, "J": 100}
    assert rows["numerator"].sum() == pytest.approx(seats)
    assert set(evaluate_rules(town, rules=[rule_spec("layout.estate_seats")])["status"]) == {status}


def test_spare_seats_within_the_radius_count_and_those_beyond_do_not():
    assert estate_seats(case(600))["numerator"].tolist() == [600, 600]
    town = case(600, x=2000)
    assert estate_seats(town)["numerator"].tolist() == [0, 0]
    assert estate_seats(town)["need"].tolist() == [5, 3]  # 200 / 45, 100 / 45


def test_an_estate_without_dwellings_needs_nothing():
    assert estate_seats(case(dwellings=[0, 0])).empty


def test_estates_without_a_school_near_are_named():
    assert estates_without_school(case(600))["value"].tolist() == [0]
    far = estates_without_school(case(600, x=2000))
    assert far[["value", "case_ids"]].to_numpy().tolist() == [[2, "H;J"]]
    empty = estates_without_school(case(0))
    assert empty["value"].tolist() == [2]
    nothing = evaluate_rules(worked_example(), rules=[rule_spec("layout.estates_without_school")])
    assert nothing["status"].tolist() == ["no_data"]
