"""The pipeline: states, seats by year, size refusals, slip, gates, money; totals."""

from dataclasses import replace

import pytest

from layoutplan.dictionary import result_table
from layoutplan.plan import SupplySettings
from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.project_counts import count, seats_added, senior_seats
from layoutplan.rules.measures.projects import (
    accepted,
    at_risk,
    cost,
    size_allowed,
    spending,
    years_late,
)
from layoutplan.rules.programme import programme, programme_totals
from layoutplan.rules.worked_examples import worked_example
from layoutplan.standards import load_profile
from tests.studies import with_plan

NEW = {"kind": "new", "state": "started", "opening_year": 2027, "school_type": "primary", "x": 1, "y": 1}


def pipeline(*rows, stages=("primary", "junior"), **more):
    full = [{"project_id": f"P{rank}", **NEW, **row} for rank, row in enumerate(rows, start=1)]
    names = dict.fromkeys(name for one in full for name in one)
    table = {name: [one.get(name) for one in full] for name in names}
    return worked_example(stages=stages, target_year=2029, projects=table, **more)


def status_of(case, rule, **options):
    results = evaluate_rules(case, rules=[rule_spec(rule)], **options)
    return dict(zip(results["area_id"], results["status"], strict=True))


SORTS = (
    ("starts", {"start_year": 2025}),
    ("", {"start_year": 2024}),
    ("", {"start_year": 2025, "school_type": "kindergarten", "ownership": "private", "kind": "expand"}),
    ("continued", {"state": "continued"}),
    ("", {"state": "cancelled", "start_year": 2025}),
    ("planned_moves", {"kind": "relocate", "state": "planned", "school_id": "S0"}),
    ("handed_over_kindergartens", {"state": "handed_over", "school_type": "kindergarten"}),
    ("special_schools", {"school_type": "special"}),
    ("purchase", {"kind": "purchase", "school_id": "S0"}),
    ("squeeze", {"kind": "add_classes", "school_id": "S0"}),
    ("convert", {"kind": "convert", "school_id": "S0", "ownership": "public"}),
    ("cut", {"kind": "close", "school_id": "S0"}),
)


def test_each_sort_of_project_is_counted_once():
    case = pipeline(*[row for _, row in SORTS])
    ids = {sort: f"P{rank}" for rank, (sort, _) in enumerate(SORTS, start=1) if sort}
    for sort, project in ids.items():
        found = count(case, subject=sort).iloc[0]
        assert (found["value"], found["case_ids"], found["denominator"]) == (1, project, len(SORTS) - 1)
    assert count(case, subject="new_kindergartens")["case_ids"].tolist() == ["P7"]
    under_way = [rank for rank, (_, row) in enumerate(SORTS, start=1) if row.get("state") != "cancelled"]
    built = [rank for rank in under_way if rank not in (3, 6, 7, 8, 9, 10, 11, 12)]
    assert count(case, subject="schools")["case_ids"].tolist() == [";".join(f"P{one}" for one in built)]
    assert count(case, subject="public_kindergartens")["case_ids"].tolist() == ["P7"]


def test_a_promise_is_judged_where_the_profile_has_it():
    """30 starts were promised for 2014: met then, not judged a year later, and nobody else's promise."""
    promised = load_profile("cn-zhengzhou-2014")
    then = pipeline(*[{"start_year": 2014, "opening_year": 2016}] * 30, base_year=2014)
    fewer = pipeline(*[{"start_year": 2014, "opening_year": 2016}] * 29, base_year=2014)
    after = pipeline(*[{"start_year": 2015, "opening_year": 2016}] * 29, base_year=2015)
    cases = (then, fewer, after)
    found = [status_of(case, "projects.starts", profile=promised)["city"] for case in cases]
    assert found == ["met", "missed", "reported"]
    assert status_of(then, "projects.new_kindergartens", profile=promised)["city"] == "missed"
    assert status_of(then, "projects.starts")["city"] == "elsewhere"


def test_cost_is_that_of_the_schools_that_state_one():
    case = pipeline({"cost": 42e6}, {"cost": None}, {"cost": 1e6, "school_type": "kindergarten"})
    assert cost(case, subject="total")["value"].tolist() == [42e6]
    programme_of_130 = pipeline(*[{"cost": 4.2e9 / 130}] * 130, base_year=2022)
    plans = load_profile("cn-wenzhou-2022")
    per_project = cost(programme_of_130, subject="per_project")["value"].item()
    assert per_project == pytest.approx(32_307_692, abs=1)  # 3,231万
    assert status_of(programme_of_130, "projects.schools", profile=plans)["city"] == "met"
    assert status_of(programme_of_130, "projects.cost", profile=plans)["city"] == "met"


def test_the_traps_of_2160_seats_and_54_classes_are_refused_with_the_reason():
    case = pipeline(
        {"classes_primary": 48},
        {"classes_primary": 24},
        {"school_type": "nine_year", "classes_primary": 36, "classes_junior": 18},
        {"school_type": "nine_year", "classes_primary": 30, "classes_junior": 15},
    )
    assert programme(case)["size_broken"].fillna("").tolist() == [
        "school_size.cap 2160 > 2000; school.max_classes 48 > 42",
        "",
        "school_size.cap 2520 > 2500; school.max_classes 54 > 45",
        "",
    ]
    assert size_allowed(case)["value"].tolist() == [2, 0, 2, 0]
    statuses = status_of(case, "projects.size_allowed")
    assert statuses == {"P1": "missed", "P2": "met", "P3": "missed", "P4": "met"}


def test_an_enlargement_is_judged_by_the_whole_school():
    school = {"school_id": ["S"], "school_type": ["primary"], "seats_primary": [1800]}
    grown = {"kind": "expand", "school_id": "S", "school_type": None, "seats_primary": 270}
    assert size_allowed(pipeline({**grown}, schools=school))["value"].tolist() == [2]


def test_seats_are_added_by_opening_year_and_only_by_what_counts():
    case = pipeline(
        {"classes_primary": 24},
        {"classes_primary": 24},
        {"classes_primary": 24, "state": "planned"},
        {"kind": "close", "school_id": "S0", "seats_primary": None},
    )
    rows = seats_added(case)
    primary = rows[rows["stage"] == "primary"].set_index("year")["value"]
    assert primary.to_dict() == {2025: 0, 2026: 0, 2027: 2160, 2028: 0, 2029: 0}
    assert rows.loc[rows["stage"] == "junior", "value"].tolist() == [0] * 5


@pytest.mark.parametrize(("classes", "status"), [(48, "met"), (47, "missed")])
def test_2160_seats_are_the_task_of_primary_schools_in_2024_alone(classes, status):
    rows = [
        {"classes_primary": classes, "opening_year": 2024},
        {"classes_junior": 9, "school_type": "junior"},
    ]
    case = pipeline(*rows, base_year=2024)
    results = evaluate_rules(case, rules=[rule_spec("projects.seats_added")])
    judged = results[results["status"].isin(["met", "missed"])]
    assert judged[["stage", "year", "value", "status"]].values.tolist() == [
        ["primary", 2024, classes * 45, status]
    ]
    others = results[~results["status"].isin(["met", "missed"])]
    assert set(others["status"]) == {"reported"}


def test_a_conversion_brings_the_seats_of_its_school():
    private = {"school_id": ["S"], "school_type": ["primary"], "seats_primary": [540],
               "ownership": ["private"]}  # fmt: skip
    case = pipeline({"kind": "convert", "school_id": "S", "ownership": "public"}, schools=private)
    assert seats_added(case).set_index(["stage", "year"])["value"]["primary", 2027] == 540


SLIPS = (
    ("done", {"state": "handed_over"}),
    ("cancelled", {"state": "cancelled"}),
    ("overdue", {"opening_year": 2024}),
    ("late", {"due_year": 2026}),
    ("on_time", {"due_year": 2027}),
    ("at_risk", {"start_year": 2023, "cost": 100.0, "paid": 49.0}),
    ("on_time", {"start_year": 2023, "cost": 100.0, "paid": 50.0}),
    ("at_risk", {"state": "approved", "opening_year": 2025}),
    ("on_time", {"opening_year": None}),
)


def test_how_the_opening_year_stands():
    found = programme(pipeline(*[row for _, row in SLIPS]))
    assert found["slip"].tolist() == [slip for slip, _ in SLIPS]


def test_years_late_and_the_share_at_risk():
    case = pipeline({"due_year": 2026}, {"due_year": 2027}, {})
    rows = years_late(case).set_index("area_id")
    assert rows["value"].to_dict() == {"P1": 1, "P2": 0}
    assert rows["need"].to_dict() == {"P1": 365, "P2": 0}
    assert status_of(case, "projects.years_late") == {"P1": "missed", "P2": "met"}
    assert at_risk(case)[["value", "case_ids"]].to_numpy().tolist() == [[1 / 3, "P1"]]


GATES = ("procedures_complete", "construction_accepted", "title_clear")


def test_all_three_gates_must_be_passed():
    flags = ((True, True, True), (True, None, True), (False, False, False))
    case = pipeline(*[{"state": "handed_over", **dict(zip(GATES, one, strict=True))} for one in flags])
    assert accepted(case)["numerator"].tolist() == [3, 2, 0]
    assert status_of(case, "projects.accepted") == {"P1": "met", "P2": "missed", "P3": "missed"}
    required = with_plan(case.study, sections={"supply": SupplySettings(require_acceptance=True)})
    assert programme(replace(case, study=required))["counts"].tolist() == [True, False, False]


def test_senior_seats_are_net_of_those_taken_away():
    schools = {"school_id": ["A"], "school_type": ["senior"], "seats_senior": [1500]}
    move = {"kind": "cut", "school_id": "A", "seats_senior": 300, "school_type": "senior"}
    case = pipeline({"school_type": "senior", "classes_senior": 36}, move, stages=["senior"], schools=schools)
    assert senior_seats(case)["value"].max() == 1800 - 300


def test_spending_is_held_against_the_time_gone_by():
    row = {"start_year": 2023, "cost": 100.0, "paid": 60.0}
    case = pipeline(row, {**row, "start_year": 2025}, {**row, "paid": None})
    assert spending(case)[["area_id", "value", "need"]].to_numpy().tolist() == [["P1", 1.2, 0]]


def test_totals_are_the_sums_of_their_parts():
    states = ["planned", "approved", "started", "started", "opened", "cancelled"]
    case = pipeline(*[{"state": state, "cost": 1000.0, "seats_primary": 45} for state in states])
    totals = programme_totals(case)
    assert tuple(totals.columns) == result_table("programme_totals").column_names
    whole = totals[totals["grouped_by"] == "all"]
    assert whole[["projects", "counting", "seats", "cost"]].to_numpy().tolist() == [[5, 3, 225, 5000]]
    by_state = totals[totals["grouped_by"] == "state"]
    assert dict(zip(by_state["value"], by_state["projects"], strict=True))["started"] == 2
    for column in ("projects", "seats", "cost"):
        assert by_state[column].sum() == whole[column].sum()


def test_a_town_without_projects_has_no_programme():
    plain = worked_example()
    assert programme(plain).empty
    assert programme_totals(plain).empty
    assert set(evaluate_rules(plain, rules=[rule_spec("projects.started")])["status"]) == {"no_data"}
