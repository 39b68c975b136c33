"""Feeders and school districts: who goes where after primary, and what a school district lacks."""

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.feeders import feeder_load, feeders, school_district_balance
from layoutplan.rules.worked_examples import worked_example

HALVES = {"catchment_id": ["C1", "C2"], "stage": ["primary"] * 2}


def status(case, rule):
    return evaluate_rules(case, rules=[rule_spec(rule)]).set_index("area_id")["status"].to_dict()


def test_a_school_district_may_be_short_where_the_city_is_not():
    case = worked_example(
        stages=["primary"],
        schools={
            "school_id": ["A", "B"],
            "school_type": ["primary"] * 2,
            "seats_primary": [500, 900],
            "x": [200, 700],
            "y": [500, 500],
        },
        units={"unit_id": ["U", "V"], "x": [200, 700], "y": [500, 500], "age_6": [600, 600]},
        districts={
            "district_id": ["D", "X", "Y"],
            "name": ["d", "x", "y"],
            "kind": ["district", "school_district", "school_district"],
            "box": [(0, 0, 1000, 1000), (0, 0, 500, 1000), (500, 0, 1000, 1000)],
        },
        catchments={**HALVES, "box": [(0, 0, 500, 1000), (500, 0, 1000, 1000)]},
        target_year=2025,
    )
    assert status(case, "feeders.school_districts") == {"X": "missed", "Y": "met"}


def test_leavers_are_shared_over_the_junior_catchments_they_feed():
    stages = {"stage": ["primary", "junior", "junior"], "feeds_catchment_ids": ["J1;J2", None, None]}
    case = worked_example(
        target_year=2025,
        schools={
            "school_id": ["S", "T"],
            "school_type": ["junior"] * 2,
            "seats_junior": [300, 297],
            "catchment_junior": ["J1", "J2"],
        },
        units={"unit_id": ["U"], "x": [100], "y": [100], "age_6": [1200]},
        catchments={
            "catchment_id": ["P", "J1", "J2"],
            **stages,
            "box": [(0, 0, 1000, 1000), (0, 0, 500, 1000), (500, 0, 1000, 1000)],
        },
    )
    rows = evaluate_rules(case, rules=[rule_spec("feeders.load")]).set_index("area_id")
    assert rows["numerator"].to_dict() == {"J1": 100, "J2": 100}
    assert rows["status"].to_dict() == {"J1": "met", "J2": "missed"}
    assert status(case, "feeders.named") == {"city": "met"}


def test_without_junior_catchments_nothing_can_be_fed():
    case = worked_example(catchments={**HALVES, "box": [(0, 0, 500, 1000), (500, 0, 1000, 1000)]})
    assert feeders(case).empty
    assert feeder_load(case).empty
    assert school_district_balance(case).empty
