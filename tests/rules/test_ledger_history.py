"""The ledger of earlier years, from the classes and the pupils of those years."""

import pandas as pd

from layoutplan.dictionary import empty_frame, result_table
from layoutplan.rules import earlier_ledger, has_history
from layoutplan.rules.worked_examples import worked_example

SCHOOL = {"school_id": ["A"], "school_type": ["primary"], "enrolment_primary": [2100]}


def classes(pupils):
    return {
        "school_id": ["A"] * len(pupils),
        "stage": ["primary"] * len(pupils),
        "class_no": ["1"] * len(pupils),
        "pupils": list(pupils.values()),
        "year": list(pupils),
    }


def ledger(case):
    return earlier_ledger(case.city, case.profile, lang="en")


def test_no_classes_of_earlier_years_no_ledger():
    assert ledger(worked_example(schools=SCHOOL)) is None
    assert ledger(worked_example(schools=SCHOOL, classes=classes({2025: 60}))) is None


def test_each_year_is_carried_on():
    case = worked_example(schools=SCHOOL, classes=classes({2021: 60, 2022: 50, 2023: 60, 2024: 66}))
    rows = ledger(case).set_index("case_id")
    assert rows["opened"].to_dict() == {
        "severely_oversized_class:A:primary": 2024,
        "oversized_class:A:primary#2": 2023,
        "class_over_cap:A:primary": 2022,
        "oversized_class:A:primary": 2021,
    }
    assert rows["closed"]["oversized_class:A:primary"] == 2022


def test_pupils_are_those_of_the_year_where_the_history_has_them():
    history = {
        "school_id": ["A"] * 2,
        "stage": ["primary"] * 2,
        "grade": [1, 2],
        "year": [2024] * 2,
        "pupils": [1000, 1001],
    }
    small = classes({2024: 40})
    assert ledger(worked_example(schools=SCHOOL, classes=small)).empty
    found = ledger(worked_example(schools=SCHOOL, classes=small, enrolment_history=history))
    (case,) = found.to_dict("records")
    assert (case["rule"], case["opened"], case["excess_pupils"]) == ("oversized_school", 2024, 1)


def test_a_ledger_goes_back_if_it_has_earlier_cases_or_was_kept_without_any():
    blank = empty_frame(result_table("ledger"))
    assert not has_history(None, year=2025)
    assert has_history(blank, year=2025)
    this_year = pd.DataFrame({"opened": ["2025"]})
    assert not has_history(this_year, year=2025)
    assert has_history(this_year, year=2026)
