"""Governance: the share of targets that are kept, of the city, its districts and stages."""

from dataclasses import replace

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.governance import targets_on_path
from layoutplan.rules.worked_examples import worked_example


def judged(case, *rules):
    return evaluate_rules(case, rules=[rule_spec(rule) for rule in (*rules, "governance.targets")])


def test_targets_count_once_they_are_on_a_path_and_by_stage():
    """Primary 47 of 45 is overdue, junior 49 of 50 reached; what is due in 2028 has no path yet."""
    case = worked_example(
        schools={
            "school_id": ["A"],
            "school_type": ["nine_year"],
            "enrolment_primary": [470],
            "classes_primary": [10],
            "enrolment_junior": [490],
            "classes_junior": [10],
        },
        targets={
            "indicator": ["classes.mean", "classes.mean", "classes.largest"],
            "stage": ["primary", "junior", "primary"],
            "year": [2025, 2025, 2028],
            "target": [45, 50, 45],
        },
    )
    rows = judged(case, "classes.mean", "classes.largest")
    rows = rows[rows["rule"] == "governance.targets"].fillna({"stage": "all"}).set_index("stage")
    assert rows["numerator"].to_dict() == {"all": 1, "primary": 0, "junior": 1}
    assert rows["denominator"].to_dict() == {"all": 2, "primary": 1, "junior": 1}
    assert rows["status"].to_dict() == {"all": "missed", "primary": "missed", "junior": "met"}
    assert rows["case_ids"]["primary"] == "classes.mean:primary:2025"


def test_without_targets_or_results_there_is_nothing_to_judge():
    case = worked_example()
    assert judged(case)["missing"].tolist() == ["targets.target"]
    assert targets_on_path(case).empty
    assert targets_on_path(replace(case, results=judged(case).iloc[:0])).empty
