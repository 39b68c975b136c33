"""The engine: thresholds by year, statuses, margins, missing tables."""

import pandas as pd
import pytest

from layoutplan.dictionary import result_table
from layoutplan.dictionary.schema import Words
from layoutplan.rules import RuleSpec, evaluate_rules, rule_spec, rule_specs
from layoutplan.rules.evaluate import missing_columns
from layoutplan.rules.measured import by_area, measured
from layoutplan.rules.worked_examples import worked_example

SCHOOLS = {
    "school_id": ["A", "B", "C"],
    "school_type": ["primary", "primary", "nine_year"],
    "enrolment_primary": [2001, 2000, 1620],
    "enrolment_junior": [None, None, 900],
}


@pytest.fixture(scope="module")
def case():
    return worked_example(schools=SCHOOLS)


def spec(**changes):
    words = {
        "id": "test.rule",
        "section": "D",
        "rows": (37,),
        "title": Words("t", "t"),
        "document": "S3",
        "quote": "q",
        "measure": "size:school_size",
        "threshold": "school_size.cap",
        "of": "school_type",
        "direction": "at_most",
        "unit": "pupils",
    }
    return RuleSpec(**{**words, **changes})


def test_status_margin_and_threshold_of_each_school(case):
    results = evaluate_rules(case, rules=[rule_spec("size.school_cap")]).set_index("area_id")
    assert results["status"].to_dict() == {"A": "missed", "B": "met", "C": "missed"}
    assert results["threshold"].to_dict() == {"A": 2000, "B": 2000, "C": 2500}
    assert results["margin"].to_dict() == {"A": -1, "B": 0, "C": -20}
    assert results["due_year"].tolist() == [2025] * 3
    assert tuple(evaluate_rules(case).columns) == result_table("rule_results").column_names


def test_strict_directions_refuse_the_threshold_itself(case):
    strict = evaluate_rules(case, rules=[spec(direction="below")]).set_index("area_id")
    assert strict["status"]["B"] == "missed"


def test_no_threshold_in_force_is_reported_not_judged(case):
    results = evaluate_rules(case, rules=[spec(threshold="school_size.unknown")])
    assert set(results["status"]) == {"reported"}


def test_missing_columns_are_named_and_the_rule_is_no_data(case):
    absent = spec(needs=("resources.books", "classes.pupils|schools.enrolment_{stage}"), stages=("primary",))
    assert missing_columns(absent, case) == ("resources.books",)
    (row,) = evaluate_rules(case, rules=[absent]).to_dict("records")
    assert (row["status"], row["missing"], row["area_kind"]) == ("no_data", "resources.books", "city")


def test_by_area_adds_up_to_the_city():
    case = worked_example(
        districts={
            "district_id": ["D1", "D2"],
            "name": ["a", "b"],
            "box": [(0, 0, 500, 900), (500, 0, 999, 900)],
        }
    )
    things = pd.DataFrame(
        {
            "numerator": [1, 2, 4],
            "denominator": [2, 4, 8],
            "district_id": ["D1", "D2", None],
            "case": [True, False, None],
        },
        index=["x", "y", "z"],
    )
    rows = by_area(case, things).set_index("area_id")
    assert rows["numerator"].to_dict() == {"city": 7, "D1": 1, "D2": 2}
    assert rows["case_ids"].to_dict() == {"city": "x", "D1": "x", "D2": None}


def test_a_zero_denominator_gives_no_value():
    assert measured([{"numerator": 1, "denominator": 0}])["value"].isna().all()


def test_ids_are_unique_and_titles_in_both_languages():
    ids = [rule.id for rule in rule_specs()]
    assert len(set(ids)) == len(ids)
    assert all(rule.title.en and rule.title.zh for rule in rule_specs())


def test_a_rule_quotes_the_document_whose_rows_it_answers_and_no_other():
    assert all(bool(rule.rows) == bool(rule.quote) == bool(rule.document) for rule in rule_specs())
