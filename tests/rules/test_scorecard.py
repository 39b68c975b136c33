"""One line a rule and stage: the city's figures, else the worst single one; worst first."""

import pandas as pd
import pytest

from layoutplan.dictionary import result_table
from layoutplan.rules import evaluate_rules, make_scorecard, rule_spec
from layoutplan.rules.rule_spec import RULE_STATUSES
from layoutplan.rules.worked_examples import worked_example


@pytest.fixture(scope="module")
def schools():
    case = worked_example(
        schools={
            "school_id": ["A", "B", "C"],
            "school_type": ["primary", "primary", "nine_year"],
            "enrolment_primary": [2160, 1900, 1620],
            "enrolment_junior": [None, None, 900],
        }
    )
    return evaluate_rules(case, rules=[rule_spec("size.school_cap")])


def line(**changes):
    known = {
        "rule": "r",
        "section": "A",
        "stage": "primary",
        "year": 2025,
        "status": "met",
        "area_kind": "city",
        "area_id": "city",
        "margin": 1.0,
    }
    return {**known, **changes}


def results(*rows):
    return pd.DataFrame(rows).reindex(columns=list(result_table("rule_results").column_names))


def test_a_rule_about_schools_shows_the_worst_and_counts_the_rest(schools):
    (row,) = make_scorecard(schools).to_dict("records")
    assert (row["status"], row["area_id"], row["judged"], row["missed"]) == ("missed", "A", 3, 2)
    assert (row["need"], row["need_unit"]) == (160 + 20, "pupils")


def test_the_city_row_speaks_for_the_rule_and_districts_are_counted():
    rows = results(line(), line(area_kind="district", area_id="D1", status="missed", margin=-1.0))
    (row,) = make_scorecard(rows).to_dict("records")
    assert (row["status"], row["area_id"], row["missed"], row["judged"]) == ("met", "city", 1, 1)


def test_the_worst_year_is_shown_and_the_earliest_of_equals():
    rows = results(line(year=2025), line(year=2030, status="missed"), line(year=2028, status="missed"))
    assert make_scorecard(rows)["year"].tolist() == [2028]


def test_worst_status_first_then_the_order_of_the_book():
    rows = results(
        *(
            line(rule=name, status=status)
            for name, status in zip("abcdef", reversed(RULE_STATUSES), strict=True)
        )
    )
    assert make_scorecard(rows)["status"].tolist() == list(RULE_STATUSES)
    assert make_scorecard(results()).empty
