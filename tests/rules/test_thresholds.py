"""Every judged rule just inside and just outside its threshold: the value, the status and the need."""

import math

import pytest

from layoutplan.rules import evaluate_rules, rule_spec, rule_specs
from layoutplan.rules.worked_examples import worked_example
from layoutplan.standards import load_profile
from tests.rules.thresholds import TOWNS


def name_of(town):
    return f"{next(iter(town.rules))}-{town.profile}"


@pytest.mark.parametrize("town", TOWNS, ids=name_of)
def test_a_rule_is_met_inside_its_threshold_and_missed_outside(town):
    inside, outside = town.judged(outside=False), town.judged(outside=True)
    wrong = []
    for rule, sides in town.rules.items():
        met, missed = inside.loc[rule], outside.loc[rule]
        figures = [
            float(row.get(name, math.nan))
            for row, name in ((met, "value"), (missed, "value"), (missed, "need"))
        ]
        found = (met["status"], missed["status"], *figures)
        need = math.nan if sides.need is None else float(sides.need)
        if not (
            found[:2] == ("met", "missed")
            and figures == pytest.approx([sides.inside, sides.outside, need], rel=1e-9, abs=1e-6, nan_ok=True)
        ):
            wrong.append((rule, found))
    assert wrong == []


def test_every_judged_rule_has_a_case_on_each_side():
    judged = {spec.id for spec in rule_specs() if spec.threshold}
    assert {rule for town in TOWNS for rule in town.rules} <= judged
    assert judged - {rule for town in TOWNS for rule in town.rules} == set()


def test_another_place_reports_what_a_place_asks_for_itself():
    """The task of one place is no reason to call the rule missed in another."""
    own = [town for town in TOWNS if town.profile in ("cn-kunming-2006", "cn-wenzhou-2022")]
    other = load_profile("cn-zhengzhou-2014")
    for town in own[::3]:
        case = town.case(outside=True)
        for rule in town.rules:
            if any(one.key == rule_spec(rule).threshold for one in other.rules):
                continue
            rows = evaluate_rules(case, profile=other, rules=[rule_spec(rule)])
            assert set(rows["status"]) <= {"elsewhere", "reported"}, rule
            assert rows.loc[rows["status"] == "elsewhere", "need"].isna().all()


def test_a_school_that_has_closed_is_not_judged_by_its_size():
    schools = {"school_id": ["A", "B"], "school_type": ["primary"] * 2, "enrolment_primary": [2001, 100],
               "closed_year": [2024, None]}  # fmt: skip
    rows = evaluate_rules(worked_example(schools=schools), rules=[rule_spec("size.school_cap")])
    assert rows[["area_id", "status"]].to_numpy().tolist() == [["B", "met"]]


def test_pupils_who_have_no_seat_at_all_miss_a_rule_of_pupils_per_seat():
    """Entrants where the plan allows none, leavers where no seat waits: no ratio, and a rule missed."""
    schools = {"school_id": ["A"], "school_type": ["primary"], "ownership": ["private"],
               "enrolment_plan_primary": [0], "intake_primary": [9]}  # fmt: skip
    rows = evaluate_rules(worked_example(schools=schools), rules=[rule_spec("admission.private_intake")])
    assert rows[["status", "need"]].to_numpy().tolist() == [["missed", 9]]
    assert rows["value"].isna().all()
    whole = (0, 0, 1000, 1000)
    town = worked_example(
        target_year=2025,
        units={"unit_id": ["U"], "x": [500], "y": [500], "age_6": [600]},
        catchments={"catchment_id": ["P", "J"], "stage": ["primary", "junior"],
                    "feeds_catchment_ids": ["J", None], "box": [whole, whole]},
    )  # fmt: skip
    rows = evaluate_rules(town, rules=[rule_spec("feeders.load")])
    assert rows[["status", "need"]].to_numpy().tolist() == [["missed", 100]]
