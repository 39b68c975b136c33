"""Special education: five pupils include five, 300,000 residents include 300,000."""

import pytest

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.special import enrolment, resource_rooms, special_schools
from layoutplan.rules.worked_examples import worked_example


@pytest.mark.parametrize(("pupils", "due"), [(5, 1), (4, 0)])
def test_a_room_is_due_from_five_pupils_on(pupils, due):
    case = worked_example(
        schools={
            "school_id": ["A"],
            "school_type": ["primary"],
            "sen_pupils": [pupils],
            "resource_room": [False],
        }
    )
    rows = resource_rooms(case)
    assert len(rows) == due
    assert rows["need"].sum() == due


@pytest.mark.parametrize(("pupils", "status"), [(41, "met"), (40, "missed")])
def test_82_percent_of_registered_children(pupils, status):
    case = worked_example(
        profile="cn-tianshui-2010",
        units={"unit_id": ["U"], "age_8": [100], "disabled_children": [50]},
        schools={"school_id": ["A"], "school_type": ["primary"], "sen_pupils": [pupils]},
    )
    assert evaluate_rules(case, rules=[rule_spec("special.enrolment")])["status"].tolist() == [status]
    assert enrolment(case)["denominator"].tolist() == [50.0]


@pytest.mark.parametrize(
    ("residents", "types", "status"),
    [
        (300_000, ["primary", "special"], "met"),
        (300_000, ["primary", "primary"], "missed"),
        (299_999, ["primary", "primary"], "no_data"),
    ],
)
def test_one_school_from_300000_residents_on(residents, types, status):
    case = worked_example(
        units={"unit_id": ["U"], "population": [residents], "age_8": [3000]},
        schools={"school_id": ["A", "B"], "school_type": types},
    )
    assert evaluate_rules(case, rules=[rule_spec("special.school_of_the_city")])["status"].tolist() == [
        status
    ]
    assert len(special_schools(case)) == (residents >= 300_000)
