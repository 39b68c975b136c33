"""The ledger across years: new, closed and dated cases."""

import pytest

from layoutplan.rules.measures.ledger import closed_cases, dated_cases, new_cases
from layoutplan.rules.worked_examples import worked_example
from tests.rules.test_classes import one_school, status, two_years


@pytest.mark.parametrize(
    ("now", "before", "new", "opened", "closed"),
    [
        (60, 60, "met", 2024, None),
        (60, 50, "missed", 2025, None),
        (50, 60, "met", 2024, 2025),
    ],
)
def test_the_ledger_knows_last_years_classes(now, before, new, opened, closed):
    case = two_years(now, before, profile="cn-zhengzhou-gaoxin-2020")  # whose rule it is
    assert status(case, "ledger.new_cases") == [new]
    ledger = case.ledger[case.ledger["rule"] == "oversized_class"]
    assert ledger["opened"].tolist() == [opened]
    assert ledger["closed"].fillna(0).tolist() == [closed or 0]


def test_no_growth_is_asked_where_it_is_another_places_rule():
    assert status(two_years(60, 50), "ledger.new_cases") == ["elsewhere"]


def test_a_ledger_that_begins_this_year_calls_no_case_new():
    assert status(one_school([60]), "ledger.new_cases") == ["no_data"]


def test_closed_cases_are_counted_once_closed():
    assert closed_cases(two_years(40, 60))["value"].tolist() == [1.0]
    assert closed_cases(two_years(60, 60))["value"].tolist() == [0.0]
    assert new_cases(two_years(40, 40))["value"].tolist() == [0.0]


def test_a_broken_limit_needs_a_date_a_small_school_does_not():
    assert status(one_school([60]), "ledger.dated_cases") == ["met"]
    school = {"school_id": ["A"], "school_type": ["primary"], "seats_primary": [90]}
    full = worked_example(schools={**school, "enrolment_primary": [95]})
    assert status(full, "ledger.dated_cases") == ["missed"]
    assert dated_cases(worked_example(schools={**school, "enrolment_primary": [50]})).empty
