"""Admission: own catchments, plans of private schools, senior entrants."""

import pytest

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.admission import private_plan, private_share, senior_local_share
from layoutplan.rules.worked_examples import worked_example


def status(case, rule):
    return evaluate_rules(case, rules=[rule_spec(rule)]).set_index("area_id")["status"].to_dict()


@pytest.mark.parametrize(("own", "met"), [(95, "met"), (94, "missed")])
def test_95_of_100_junior_entrants_from_the_own_catchment(own, met):
    schools = {
        "school_id": ["A", "P"],
        "school_type": ["junior"] * 2,
        "ownership": ["public", "private"],
        "intake_junior": [100, 100],
        "intake_own_junior": [own, 0],
    }
    case = worked_example(schools=schools)
    assert status(case, "admission.entry_share") == {"city": met}


def test_entrants_unknown_are_no_data_and_none_divide_nothing():
    case = worked_example(schools={"school_id": ["A"], "school_type": ["primary"], "intake_primary": [90]})
    (row,) = evaluate_rules(case, rules=[rule_spec("admission.entry_share")]).to_dict("records")
    assert (row["status"], row["missing"]) == ("no_data", "schools.intake_own_{stage}")
    zero = {"intake_primary": [0], "intake_own_primary": [0]}
    case = worked_example(schools={"school_id": ["A"], "school_type": ["primary"], **zero})
    assert status(case, "admission.entry_share") == {"city": "no_data"}


@pytest.mark.parametrize(("entrants", "met"), [(90, "met"), (91, "missed")])
def test_a_private_school_keeps_to_its_plan(entrants, met):
    school = {"school_id": ["A"], "school_type": ["primary"], "ownership": ["private"]}
    case = worked_example(schools={**school, "enrolment_plan_primary": [90], "intake_primary": [entrants]})
    assert status(case, "admission.private_intake") == {"A": met}
    public = worked_example(
        schools={
            **school,
            "ownership": ["public"],
            "enrolment_plan_primary": [90],
            "intake_primary": [entrants],
        }
    )
    assert status(public, "admission.private_intake") == {"city": "no_data"}


def test_the_plan_of_a_private_school_is_held_against_its_first_grade_seats():
    school = {"school_id": ["A"], "school_type": ["junior"], "ownership": ["private"], "seats_junior": [300]}
    case = worked_example(schools={**school, "enrolment_plan_junior": [100]})
    assert private_plan(case)[["numerator", "denominator", "need"]].to_numpy().tolist() == [[100, 100, 0]]
    assert status(case, "admission.private_plan") == {"A": "met"}
    more = worked_example(schools={**school, "enrolment_plan_junior": [101]})
    assert status(more, "admission.private_plan") == {"A": "missed"}


def test_private_share_counts_every_pupil_once():
    case = worked_example(
        schools={
            "school_id": ["A", "B", "C"],
            "school_type": ["primary", "nine_year", "primary"],
            "ownership": ["public", "private", "inclusive"],
            "enrolment_primary": [100, 20, 30],
            "enrolment_junior": [None, 10, None],
        }
    )
    rows = private_share(case).set_index("stage")
    assert rows["numerator"].to_dict() == {"primary": 50, "junior": 10}
    assert rows["denominator"].to_dict() == {"primary": 150, "junior": 10}


def test_a_plan_without_senior_schools_has_no_senior_entrants():
    assert senior_local_share(worked_example()).empty
