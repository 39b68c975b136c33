"""Kindergartens: two definitions of 普惠率, generations of thresholds, estates, townships."""

import pytest

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.kindergarten import (
    by_township,
    estate_opened,
    estates_with_one,
    first_grade_by_pupils,
    gross_enrolment,
    inclusive_by_count,
    inclusive_by_pupils,
    public_by_pupils,
    quality_by_pupils,
    unlicensed,
    with_nursery,
)
from layoutplan.rules.worked_examples import worked_example
from layoutplan.standards import load_profile

FOUR = {
    "school_id": ["A", "B", "C", "D"],
    "school_type": ["kindergarten"] * 4,
    "ownership": ["public", "inclusive", "private", "private"],
    "enrolment_kindergarten": [500, 430, 40, 30],
    "kindergarten_grade": ["first", "second", "third", None],
    "nursery_classes": [1, 0, 0, 0],
    "licensed": [True, True, True, False],
}


def kindergartens(**changes):
    return worked_example(stages=["kindergarten"], schools={**FOUR, **changes})


def test_inclusive_by_pupils_and_by_count_are_two_indicators():
    case = kindergartens()
    assert inclusive_by_pupils(case)[["numerator", "denominator"]].to_numpy().tolist() == [[930.0, 1000.0]]
    assert inclusive_by_count(case)[["numerator", "denominator"]].to_numpy().tolist() == [[2.0, 4.0]]
    rules = [rule_spec("kindergarten.inclusive_pupils"), rule_spec("kindergarten.inclusive_count")]
    assert evaluate_rules(case, rules=rules)["status"].tolist() == ["met", "elsewhere"]
    hefei = load_profile("cn-hefei-2013")  # which asks for 65 % of the kindergartens
    assert evaluate_rules(case, profile=hefei, rules=rules[1:])["status"].tolist() == ["missed"]


@pytest.mark.parametrize(("private", "status", "need"), [(40, "met", 0), (41, "missed", 1)])
def test_93_percent_is_met_at_93_percent(private, status, need):
    case = kindergartens(enrolment_kindergarten=[500, 430, private, 30])
    (row,) = evaluate_rules(case, rules=[rule_spec("kindergarten.inclusive_pupils")]).to_dict("records")
    assert (row["status"], row["need"], row["threshold"]) == (status, need, 0.93)


def test_each_year_has_its_own_generation_of_the_rule():
    """65 % by number in Hefei 2013, 80 % of pupils in 2020, 93 % in the zone from 2024 on."""
    zone = load_profile("cn-zhengzhou-gaoxin-2020")
    assert zone.at(2013).find("kindergarten.inclusive_share") is None
    assert load_profile("cn-hefei-2013").at(2013).number("kindergarten.inclusive_share_by_count") == 0.65
    assert [zone.at(year).number("kindergarten.inclusive_share") for year in (2020, 2023, 2024)] == [
        0.8,
        0.8,
        0.93,
    ]
    assert zone.at(2020).number("kindergarten.gross_enrolment") == 0.9
    assert load_profile("cn-kunming-2006").at(2006).number("kindergarten.gross_enrolment") == 0.65


def test_shares_of_pupils_by_owner_and_grade():
    case = kindergartens()
    assert public_by_pupils(case)["value"].tolist() == [0.5]
    assert quality_by_pupils(case)["value"].tolist() == [0.93]
    assert first_grade_by_pupils(case)["value"].tolist() == [0.5]
    assert with_nursery(case)[["numerator", "denominator"]].to_numpy().tolist() == [[1.0, 1.0]]
    assert unlicensed(case)[["value", "need", "case_ids"]].to_numpy().tolist() == [[1.0, 30.0, "D"]]


def test_a_city_without_kindergartens_has_no_figures():
    case = worked_example(stages=["kindergarten"])
    assert inclusive_by_pupils(case)["value"].isna().all()
    assert evaluate_rules(case, rules=[rule_spec("kindergarten.inclusive_pupils")])["status"].tolist() == [
        "no_data"
    ]


def test_gross_enrolment_counts_children_at_home_and_pupils_at_school():
    case = worked_example(
        stages=["kindergarten"],
        schools={
            "school_id": ["A"],
            "school_type": ["kindergarten"],
            "enrolment_kindergarten": [90],
            "x": [100],
            "y": [100],
        },
        units={"unit_id": ["U", "V"], "age_3": [60, 40], "x": [100, 900], "y": [100, 100]},
        districts={
            "district_id": ["D", "E"],
            "name": ["d", "e"],
            "box": [(0, 0, 500, 500), (500, 0, 999, 500)],
        },
    )
    rows = gross_enrolment(case).set_index("area_id")
    assert rows[["numerator", "denominator"]].to_numpy().tolist() == [[90, 100], [90, 60], [0, 40]]


@pytest.mark.parametrize(("dwellings", "due"), [(1000, 1.0), (999, 0.0)])
def test_phases_of_an_estate_count_together(dwellings, due):
    case = worked_example(
        stages=["kindergarten"],
        housing={
            "housing_id": ["H", "H", "I"],
            "phase": ["1", "2", None],
            "dwellings": [500, dwellings - 500, 3000],
            "first_occupancy_year": [2024] * 3,
            "kindergarten_state": ["none", "none", "delivered"],
        },
    )
    rows = estates_with_one(case)
    assert rows["denominator"].tolist() == [1.0 + due]
    assert rows["need"].tolist() == [due]
    assert estate_opened(case)[["numerator", "denominator"]].to_numpy().tolist() == [[0.0, 1.0]]


def test_townships_need_an_outlook_that_has_drawn():
    assert by_township(worked_example(stages=["kindergarten"])).empty
