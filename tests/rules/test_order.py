"""Order rules: who has no seat in which year; the walk before and after."""

import pytest

from layoutplan.dictionary import result_table
from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.closures import closure_walks
from layoutplan.rules.measures.order import (
    build_first,
    built_together,
    closure_distance,
    delivered_together,
    planned_together,
)
from layoutplan.rules.order import order_breaches
from layoutplan.rules.worked_examples import worked_example

CATCHMENTS = {
    "catchment_id": ["C1", "C2"],
    "stage": ["primary"] * 2,
    "name": ["a", "b"],
    "box": [(0, 0, 500, 999), (500, 0, 999, 999)],
    "school_ids": ["A", "A;B"],
}
SCHOOLS = {
    "school_id": ["A", "B"],
    "school_type": ["primary"] * 2,
    "seats_primary": [270, 540],
    "enrolment_primary": [200, 500],
    "x": [100, 900],
    "y": [100, 100],
}
UNITS = {"unit_id": ["U", "V"], "x": [110, 890], "y": [100, 100], "age_6": [300, 100]}


def closing(*, successor=None, others=(), **row):
    rows = [{"project_id": "P", "kind": "close", "state": "approved", "opening_year": 2027,
             "school_id": "A", "successor_school_id": successor, "x": 1, "y": 1, **row}, *others]  # fmt: skip
    names = dict.fromkeys(name for one in rows for name in one)
    return worked_example(
        stages=["primary"],
        target_year=2029,
        schools=SCHOOLS,
        units=UNITS,
        catchments=CATCHMENTS,
        projects={name: [one.get(name) for one in rows] for name in names},
    )


NEW = {
    "project_id": "Q",
    "kind": "new",
    "school_id": None,
    "state": "started",
    "school_type": "primary",
    "seats_primary": 270,
    "x": 1,
    "y": 1,
}


def pupils(case):
    return order_breaches(case).groupby("year")["pupils"].sum().round(6).to_dict()


def test_without_a_successor_nobody_has_a_seat_from_the_closure_on():
    case = closing()
    assert pupils(case) == {2027: 200, 2028: 200, 2029: 200}
    found = order_breaches(case)
    assert set(found["reason"]) == {"no_successor"}
    assert tuple(found.columns) == result_table("order_breaches").column_names


def test_the_pupils_are_divided_over_the_catchments_by_demand():
    case = closing()
    found = order_breaches(case)
    one = found[found["year"] == 2027].set_index("catchment_id")
    assert set(one.index) == {"C1", "C2"}
    assert one.loc["C1", "pupils"] > one.loc["C2", "pupils"]
    balance = case.balance.catchments.set_index(["catchment_id", "year"])["shortfall"]
    assert one.loc["C1", "catchment_shortfall"] == balance["C1", 2027]


@pytest.mark.parametrize(
    ("opening", "missing"),
    [(2027, {}), (2028, {2027: 200}), (2035, {2027: 200, 2028: 200, 2029: 200})],
)
def test_a_school_closes_only_when_its_successor_has_opened(opening, missing):
    case = closing(successor="Q", others=[{**NEW, "opening_year": opening}])
    assert pupils(case) == missing
    status = evaluate_rules(case, rules=[rule_spec("layout.build_first")])["status"]
    assert set(status) == {"missed" if missing else "met"}


def test_a_successor_that_is_full_takes_those_it_has_room_for():
    case = closing(successor="B")
    assert pupils(case) == {2027: 160, 2028: 160, 2029: 160}
    assert set(order_breaches(case)["reason"]) == {"successor_full"}


def test_two_schools_share_the_room_of_one_successor():
    second = {"project_id": "R", "kind": "close", "state": "approved", "opening_year": 2028,
              "school_id": "B", "successor_school_id": "Q", "x": 1, "y": 1}  # fmt: skip
    case = closing(successor="Q", others=[{**NEW, "opening_year": 2026}, second])
    rows = build_first(case).set_index("area_id")
    assert rows["value"].to_dict() == {"P": 0, "R": 430, "city": 430}
    assert rows.loc["city", "case_ids"] == "R"


def test_cancelled_projects_close_nothing_and_succeed_nobody():
    assert order_breaches(closing(state="cancelled")).empty
    dead = {**NEW, "opening_year": 2026, "state": "cancelled"}
    assert pupils(closing(successor="Q", others=[dead])) == {2027: 200, 2028: 200, 2029: 200}


def test_a_school_that_the_schools_table_closes_has_no_successor():
    case = worked_example(
        stages=["primary"], target_year=2027, schools={**SCHOOLS, "closed_year": [2026, None]}, units=UNITS
    )
    assert pupils(case) == {2026: 200, 2027: 200}


ESTATE = {"housing_id": ["H"], "dwellings": [1000], "first_occupancy_year": [2026], "x": [400], "y": [400]}


def estate(opening, *, state="started", **housing):
    return worked_example(
        stages=["primary"],
        target_year=2029,
        schools=SCHOOLS,
        units=UNITS,
        catchments=CATCHMENTS,
        housing={**ESTATE, "school_ids": ["Q"], **housing},
        projects={name: [value] for name, value in {**NEW, "state": state, "opening_year": opening}.items()},
    )


@pytest.mark.parametrize(("opening", "late", "years"), [(2026, 0, []), (2029, 3, [2026, 2027, 2028])])
def test_an_estates_pupils_have_no_school_until_it_opens(opening, late, years):
    case = estate(opening)
    assert delivered_together(case)["value"].tolist() == [late]
    found = order_breaches(case)
    assert found["year"].tolist() == years
    assert found["catchment_id"].isin(["C1"]).all()
    assert (found["pupils"] > 0).all()
    growing = found["pupils"].tolist()
    assert growing == sorted(growing)
    status = evaluate_rules(case, rules=[rule_spec("layout.delivered_together")])["status"]
    assert status.tolist() == ["missed" if late else "met"]


def test_a_school_that_was_cancelled_is_attached_no_more():
    case = estate(2029, state="cancelled")
    assert delivered_together(case).empty
    assert order_breaches(case).empty


def test_a_school_begun_after_the_homes_are_finished_is_not_built_together():
    case = worked_example(
        stages=["primary"],
        housing={**ESTATE, "completed_year": [2026], "school_ids": ["Q"]},
        projects={"project_id": ["Q", "R"], "kind": ["new"] * 2, "state": ["planned"] * 2,
                  "start_year": [2025, 2027], "opening_year": [2027, 2029], "housing_id": [None, "H"],
                  "seats_primary": [90, 90], "school_type": ["primary"] * 2, "x": [1, 1], "y": [1, 1]},
    )  # fmt: skip
    rows = built_together(case).set_index("case_ids")["value"]
    assert rows.to_dict() == {"Q": 0, "R": 1}


def test_what_the_office_says_of_estates_is_counted():
    case = worked_example(housing={**ESTATE, "education_share": [False]})
    assert planned_together(case)["value"].tolist() == [0]
    assert planned_together(worked_example(housing=ESTATE)).empty


def test_walks_before_and_after_a_closure():
    case = worked_example(
        stages=["primary"],
        target_year=2026,
        schools={**SCHOOLS, "x": [0, 1000], "y": [0, 0]},
        units={"unit_id": ["U"], "x": [0], "y": [0], "age_6": [60]},
        projects={"project_id": ["P"], "kind": ["close"], "state": ["planned"], "opening_year": [2025],
                  "school_id": ["A"], "successor_school_id": ["B"]},
    )  # fmt: skip
    (row,) = closure_walks(case).to_dict("records")
    assert (row["pupils"], row["mean_walk_before_m"]) == (60, 0)
    assert row["mean_walk_after_m"] == pytest.approx(1300)
    assert (row["beyond_before"], row["beyond_after"]) == (0, 0)
    assert closure_distance(case)["value"].tolist() == [0]
    assert evaluate_rules(case, rules=[rule_spec("layout.closure_distance")])["status"].tolist() == ["met"]


def test_without_projects_there_is_nothing_to_judge():
    plain = worked_example()
    assert order_breaches(plain).empty
    assert closure_walks(plain).empty
    (row,) = evaluate_rules(plain, rules=[rule_spec("layout.build_first")]).to_dict("records")
    assert row["missing"] == "projects.kind|schools.closed_year"
