"""Rural schools: who is too far to walk, who may board, what is unsafe."""

import pytest

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.rural import (
    beyond_walk,
    boarding_beds,
    boarding_projects,
    bus_need,
    seats_at_risk,
    unsafe_floor,
    urban_partners,
)
from layoutplan.rules.worked_examples import worked_example


def valley(metres, *, setting="village", beds=0):
    return worked_example(
        stages=["primary"],
        units={
            "unit_id": ["U"],
            "x": [metres],
            "y": [0],
            "setting": [setting],
            **{f"age_{age}": [10] for age in range(3, 18)},
        },
        schools={
            "school_id": ["A"],
            "school_type": ["primary"],
            "seats_primary": [540],
            "boarding_beds": [beds],
            "x": [0],
            "y": [0],
        },
    )


def test_the_walking_time_decides_on_each_side_of_it():
    case = valley(1000)
    standards = case.standards
    limit = standards.number("walking.rural_time", "primary") * 60 * standards.number("walking.speed")
    straight = limit / standards.number("walking.detour_factor")
    assert beyond_walk(valley(straight - 1))["value"].tolist() == [0.0]
    assert beyond_walk(valley(straight + 1))["value"].tolist() == [1.0]


def test_only_village_pupils_count():
    assert beyond_walk(valley(9000, setting="town")).empty


@pytest.mark.parametrize(("beds", "status"), [(1000, "met"), (0, "missed")])
def test_beds_are_held_against_those_old_enough_to_board(beds, status):
    case = valley(9000, beds=beds)
    pupils = float(beyond_walk(case)["numerator"].iloc[0])
    row = boarding_beds(case).iloc[0]
    assert row["denominator"] == pytest.approx(pupils * 3 / 6)  # grades 4 to 6 of six
    judged = evaluate_rules(case, rules=[rule_spec("rural.boarding_beds")])
    assert judged["status"].tolist() == [status]


def test_beds_lower_the_need_of_buses_by_no_more_than_those_old_enough_to_board():
    """Of 60 pupils in six grades the 30 of grades 4 to 6 may board; the younger ride whatever the beds."""
    need = [float(bus_need(valley(9000, beds=beds))["value"].iloc[0]) for beds in (0, 10, 30, 10_000)]
    assert need == pytest.approx([60, 50, 30, 30])
    assert bus_need(valley(100))["value"].tolist() == [0.0]


def test_cost_of_a_bed_leaves_out_what_is_cancelled():
    projects = {
        "project_id": ["X", "Y"],
        "kind": ["new", "new"],
        "state": ["planned", "cancelled"],
        "opening_year": [2026, 2026],
        "boarding_beds": [4000, 10],
        "cost": [10_000_000, 10_000_000],
    }
    assert boarding_projects(worked_example(projects=projects))["value"].tolist() == [2500.0]


def test_unsafe_floor_counts_where_the_floor_is_known():
    case = worked_example(
        schools={
            "school_id": ["A", "B", "C"],
            "school_type": ["primary"] * 3,
            "seats_primary": [900, 900, 900],
            "floor_area_m2": [1000, 1000, None],
            "unsafe_floor_area_m2": [500, None, 500],
        }
    )
    assert unsafe_floor(case)[["numerator", "denominator"]].to_numpy().tolist() == [
        [500.0, 1000.0]
    ]  # B's blank is not 0
    assert seats_at_risk(case)[["value", "case_ids"]].to_numpy().tolist() == [[450.0, "A"]]


def test_a_partner_in_another_village_is_none():
    case = worked_example(
        schools={
            "school_id": ["A", "B"],
            "school_type": ["primary"] * 2,
            "setting": ["village", "village"],
            "partner_school_id": ["B", None],
        }
    )
    assert urban_partners(case)[["value", "case_ids"]].to_numpy().tolist() == [[0.0, "A;B"]]


def test_beds_of_senior_schools_serve_no_younger_pupil():
    """60 pupils in 6 grades, 30 old enough; the 600 beds of the senior school are not theirs."""
    case = worked_example(
        stages=["primary", "senior"],
        units={"unit_id": ["U"], "x": [9000], "y": [0], "setting": ["village"], "age_6": [60]},
        schools={
            "school_id": ["A", "S", "Z"],
            "school_type": ["primary", "senior", "primary"],
            "seats_primary": [540, None, 540],
            "seats_senior": [None, 900, None],
            "boarding_beds": [29, 600, 99],
            "closed_year": [None, None, 2024],
            "x": [0, 0, 0],
            "y": [0, 0, 0],
        },
    )
    (row,) = boarding_beds(case).to_dict("records")
    assert (row["stage"], row["numerator"], row["denominator"], row["need"]) == ("primary", 29, 30, 1)
    (bus,) = bus_need(case).to_dict("records")
    assert (bus["numerator"], bus["denominator"]) == (31, 60)


def test_who_needs_a_bus_is_beyond_the_reach_of_the_own_stage():
    """2,500 m straight are 3,250 m on foot: beyond the 2,000 m of primary, though seniors walk 10 km."""
    case = worked_example(
        stages=["primary", "senior"],
        units={"unit_id": ["U"], "x": [2500], "y": [0], "age_6": [60]},
        schools={
            "school_id": ["A", "S"],
            "school_type": ["primary", "senior"],
            "seats_primary": [540, None],
            "seats_senior": [None, 900],
            "x": [0, 0],
            "y": [0, 0],
        },
    )
    assert bus_need(case)[["stage", "value"]].values.tolist() == [["primary", 60]]
