"""Targets: the path, where a value stands on it, and targets that nothing measures."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.errors import InputError
from layoutplan.rules import check_targets, evaluate_rules, evaluate_targets, record_tables, rule_spec
from layoutplan.rules.targets import path_value
from layoutplan.rules.worked_examples import worked_example

SCHOOL = {
    "school_id": ["A"],
    "school_type": ["primary"],
    "enrolment_primary": [470],
    "classes_primary": [10],
}


def town(*targets, **more):
    names = ("indicator", "stage", "year", "target", "direction")
    return worked_example(
        schools=SCHOOL, targets=dict(zip(names, map(list, zip(*targets, strict=True)), strict=True)), **more
    )


def progress(case):
    return evaluate_targets(evaluate_rules(case, rules=[rule_spec("classes.mean")]), case)


corners = st.lists(
    st.tuples(st.integers(2000, 2060), st.floats(-1e3, 1e3)),
    min_size=1,
    max_size=6,
    unique_by=lambda one: one[0],
).map(sorted)


@given(corners, st.integers(1990, 2070))
def test_a_path_goes_through_its_corners_and_stays_between_them(points, year):
    assert [path_value(points, due) for due, _ in points] == [aim for _, aim in points]
    value = path_value(points, year)
    if value is None:
        assert year < points[0][0]
    else:
        aims = [aim for _, aim in points]
        assert min(aims) - 1e-6 <= value <= max(aims) + 1e-6


@pytest.mark.parametrize(
    ("targets", "status", "path"),
    [
        ([(2023, 50.0), (2027, 47.0)], ["reached", "reached"], [50, 48.5]),
        ([(2023, 48.0), (2027, 46.0)], ["reached", "ahead"], [48, 47]),
        ([(2023, 46.0), (2027, 45.0)], ["overdue", "behind"], [46, 45.5]),
        ([(2025, 47.0)], ["reached"], [47]),
        ([(2025, 46.9)], ["overdue"], [46.9]),
    ],
)
def test_a_mean_class_of_47_on_its_way_down(targets, status, path):
    case = town(*[("classes.mean", "primary", year, aim, None) for year, aim in targets])
    table = progress(case)
    assert table["status"].tolist() == status
    assert table["path"].tolist() == path
    assert (table["value"] == 47).all()


def test_before_the_first_target_there_is_no_path_but_a_pace():
    (row,) = progress(town(("classes.mean", "primary", 2027, 45.0, None))).to_dict("records")
    assert (row["status"], row["per_year"]) == ("not_due", -1.0)


def test_the_direction_written_wins():
    case = town(("classes.mean", "primary", 2025, 45.0, "at_least"))
    assert progress(case)["status"].tolist() == ["reached"]


def test_a_key_of_the_profile_stands_for_the_rules_judged_by_it():
    case = town(("class_size.cap", "primary", 2025, 45.0, None))
    table = evaluate_targets(evaluate_rules(case), case)
    assert set(table["rule"]) == {"classes.mean", "classes.largest"}
    assert table["status"].tolist() == ["overdue"] * 2


def test_of_a_rule_about_single_schools_the_worst_of_the_stage_counts():
    case = worked_example(
        schools={
            "school_id": ["A", "B", "N"],
            "school_type": ["primary", "primary", "nine_year"],
            "enrolment_primary": [1900, 2100, 2400],
        },
        targets={"indicator": ["size.school_cap"], "stage": ["primary"], "year": [2025], "target": [2000]},
    )
    table = evaluate_targets(evaluate_rules(case, rules=[rule_spec("size.school_cap")]), case)
    assert table[["value", "status"]].values.tolist() == [[2100, "overdue"]]


def test_a_target_of_a_district_is_held_against_the_district():
    case = worked_example(
        schools={
            "school_id": ["A", "B"],
            "school_type": ["primary"] * 2,
            "enrolment_primary": [400, 500],
            "classes_primary": [10, 10],
            "x": [100, 600],
            "y": [100, 100],
        },
        districts={
            "district_id": ["W", "E"],
            "name": ["w", "e"],
            "box": [(0, 0, 500, 500), (500, 0, 999, 500)],
        },
        targets={
            "indicator": ["classes.mean"] * 3,
            "stage": ["primary"] * 3,
            "district_id": ["E", "W", None],
            "year": [2025] * 3,
            "target": [45] * 3,
        },
    )
    table = progress(case).set_index("area")
    assert table["value"].to_dict() == {"e": 50, "w": 40, "Example": 45}
    assert table["status"].to_dict() == {"e": "overdue", "w": "reached", "Example": "reached"}
    judged = evaluate_rules(case, rules=[rule_spec("classes.mean"), rule_spec("governance.targets")])
    last = judged[(judged["rule"] == "governance.targets") & judged["stage"].isna()].set_index("area_id")
    assert last["value"].round(6).to_dict() == {"city": 0.666667, "W": 1, "E": 0}
    assert last["status"].to_dict() == {"city": "missed", "W": "met", "E": "missed"}
    assert last["case_ids"]["E"] == "classes.mean:primary:2025"


def test_a_rule_without_a_value_is_no_data():
    case = town(("equity.cv_books", "primary", 2027, 0.3, "at_most"))
    assert evaluate_targets(evaluate_rules(case), case)["status"].tolist() == ["no_data"]


def test_unknown_rules_and_rules_without_a_direction_are_told_together():
    case = town(
        ("classes.maen", "primary", 2025, 45.0, None),
        ("happiness", "primary", 2025, 1.0, None),
        ("equity.cv_books", "primary", 2025, 0.3, None),
        ("class_size.cap", "primary", 2025, 45.0, None),
    )
    with pytest.raises(InputError) as error:
        check_targets(case.city, case.profile)
    assert {fault.code for fault in error.value.faults} == {
        "target_unknown_near",
        "target_unknown",
        "target_direction",
    }
    said = {fault.params["indicator"]: fault for fault in error.value.faults}
    assert "classes.mean" in said["classes.maen"].remedy("en")
    assert "classes.mean" in said["classes.maen"].remedy("zh")
    check_targets(worked_example().city, case.profile)


def test_the_tables_behind_the_rules_hold_the_progress():
    case = town(("classes.mean", "primary", 2025, 45.0, None))
    results = evaluate_rules(case, rules=[rule_spec("classes.mean")])
    tables = record_tables(replace(case, results=results))
    assert tables["target_progress"]["status"].tolist() == ["overdue"]
    assert record_tables(case)["target_progress"]["status"].tolist() == ["no_data"]
