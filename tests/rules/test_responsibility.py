"""Who answers for what, and what is put right in time."""

import pytest

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.responsibility import rectified, responsible
from layoutplan.rules.worked_examples import worked_example


def sites(*units):
    count = len(units)
    return worked_example(
        sites={"site_id": [f"L{rank}" for rank in range(count)], "responsible_unit": [*units],
               "x": [1] * count, "y": [1] * count}
    )  # fmt: skip


@pytest.mark.parametrize(("units", "status"), [(("教育局", "规划局"), "met"), (("教育局", None), "missed")])
def test_every_task_names_a_responsible_unit(units, status):
    results = evaluate_rules(sites(*units), rules=[rule_spec("governance.responsible_sites")])
    assert results["status"].tolist() == [status]


def test_an_empty_table_has_no_tasks():
    assert responsible(worked_example(), subject="sites").empty
    assert responsible(worked_example(), subject="ledger").empty


def test_the_ledger_is_by_the_district_of_the_school():
    case = worked_example(
        districts={"district_id": ["D1"], "name": ["a"], "box": [(0, 0, 999, 999)]},
        schools={"school_id": ["A"], "school_type": ["primary"], "enrolment_primary": [2100],
                 "seats_primary": [2100], "responsible_unit": ["教育局"]},
    )  # fmt: skip
    rows = responsible(case, subject="ledger")
    assert rows["area_id"].tolist() == ["city", "D1"]
    assert rows["value"].tolist() == [1, 1]


@pytest.mark.parametrize(("year", "share"), [(2024, 1.0), (2026, 0.0)])
def test_a_case_is_in_time_until_its_year_has_passed(year, share):
    schools = {"school_id": ["A"], "school_type": ["primary"], "enrolment_primary": [2100],
               "seats_primary": [2100]}  # fmt: skip
    case = worked_example(base_year=year, target_year=year, schools=schools)
    assert rectified(case)["value"].tolist() == [share, share]
