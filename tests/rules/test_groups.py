"""Groups and quality schools: what counts as a live group, a quality school, a cross-stage group, a pair."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measured import measured
from layoutplan.rules.measures.groups import (
    communities,
    coverage_by_pupils,
    coverage_by_schools,
    leading_schools,
    new_quality_schools,
    partnered_schools,
    quality_catchments,
    quality_children,
    quality_pupils,
    quality_senior_intake,
    quality_senior_intake_core,
    size_of_groups,
    spread_of_groups,
    stages_of_groups,
    suggested_pairs,
)
from layoutplan.rules.membership import live_groups, quality_schools
from layoutplan.rules.worked_examples import worked_example
from tests.examples import examples

THREE = {
    "school_id": ["A", "B", "C"],
    "school_type": ["primary", "primary", "junior"],
    "enrolment_primary": [600, 300, None],
    "enrolment_junior": [None, None, 100],
    "quality": [True, False, False],
    "x": [0, 600, 1200],
    "y": [0, 0, 0],
}


def groups(**changes):
    return {"group_id": ["G"], "core_school_id": ["A"], "school_ids": ["A;B"], **changes}


def test_875_of_1439_and_875_of_1367_keep_their_denominators():
    rows = measured([{"numerator": 875, "denominator": total} for total in (1439, 1367)])
    assert rows["value"].round(3).tolist() == [0.608, 0.640]


@pytest.mark.parametrize(
    ("changes", "alive"),
    [
        ({}, 1),
        ({"dissolved_year": [2025]}, 0),
        ({"dissolved_year": [2026]}, 1),
        ({"approved_year": [2026]}, 0),
        ({"approved_year": [2025]}, 1),
    ],
)
def test_a_group_lives_from_its_approval_until_it_is_dissolved(changes, alive):
    case = worked_example(schools=THREE, groups=groups(**changes))
    assert len(live_groups(case)) == alive
    assert coverage_by_schools(case)["numerator"].tolist() == [2.0 * alive]
    assert coverage_by_pupils(case)["value"].round(6).tolist() == [0.9 * alive]


def test_members_named_by_the_school_or_the_group_or_as_core_are_counted_once():
    case = worked_example(schools={**THREE, "group_id": ["G", None, "G"]}, groups=groups(school_ids=["B"]))
    assert live_groups(case)[0].members == ("A", "B", "C")
    assert size_of_groups(case)["value"].tolist() == [3.0]
    assert spread_of_groups(case)["value"].tolist() == [1200.0]


@pytest.mark.parametrize(
    ("members", "approved", "status"),
    [("A;C", 2024, "missed"), ("A;B", 2024, "met"), ("A;C", 2023, "reported")],
)
def test_cross_stage_groups_are_refused_from_2024_on(members, approved, status):
    case = worked_example(schools=THREE, groups=groups(school_ids=[members], approved_year=[approved]))
    results = evaluate_rules(case, rules=[rule_spec("groups.one_stage")])
    assert results["status"].tolist() == [status]
    assert stages_of_groups(case)["value"].tolist() == [2.0 if members == "A;C" else 1.0]


@pytest.mark.parametrize(("pupils", "status", "need"), [(850, "met", 0), (849, "missed", 1)])
def test_quality_groups_need_85_percent_of_pupils(pupils, status, need):
    schools = {
        "school_id": ["A", "B"],
        "school_type": ["primary"] * 2,
        "enrolment_primary": [pupils, 1000 - pupils],
    }
    jinshui = "cn-zhengzhou-jinshui-2024"
    case = worked_example(profile=jinshui, schools=schools, groups=groups(school_ids=["A"], quality=[True]))
    (row,) = evaluate_rules(case, rules=[rule_spec("groups.quality_pupils")]).to_dict("records")
    assert (row["status"], row["need"], row["threshold"]) == (status, need, 0.85)
    assert quality_pupils(case)["denominator"].tolist() == [1000.0]


def test_a_member_of_a_quality_group_is_a_quality_school():
    case = worked_example(schools={**THREE, "quality": [False] * 3}, groups=groups(quality=[True]))
    assert quality_schools(case) == ["A", "B"]


def test_catchments_and_children_are_two_shares():
    case = worked_example(
        schools={**THREE, "school_type": ["primary"] * 3},
        catchments={
            "catchment_id": ["C1", "C2", "C3", "C4"],
            "stage": ["primary"] * 4,
            "school_ids": ["A", "B", "C", "B"],
            "box": [(0, 0, 100, 100), (100, 0, 200, 100), (200, 0, 300, 100), (300, 0, 400, 100)],
        },
        units={"unit_id": ["U", "V"], "x": [50, 150], "y": [50, 50], "age_6": [90, 10]},
    )
    assert quality_catchments(case)[["numerator", "denominator"]].to_numpy().tolist() == [[1.0, 4.0]]
    assert quality_children(case)["value"].round(9).tolist() == [0.9]


def test_partners_and_suggested_pairs_complete_each_other():
    schools = {**THREE, "school_type": ["primary"] * 3, "partner_school_id": [None, "A", None]}
    case = worked_example(schools=schools)
    assert partnered_schools(case)["case_ids"].tolist() == ["C"]
    assert suggested_pairs(case)[["area_id", "case_ids"]].to_numpy().tolist() == [["C", "A"]]


def test_no_pair_of_another_stage_is_suggested():
    case = worked_example(schools={**THREE, "school_type": ["primary", "junior", "junior"]})
    assert suggested_pairs(case).empty


def test_titles_communities_and_senior_entrants():
    case = worked_example(
        profile="cn-kunming-2006",
        stages=["senior"],
        schools={
            "school_id": ["A", "B"],
            "school_type": ["senior"] * 2,
            "quality": [True, False],
            "quality_level": ["leading", "new_quality"],
            "community": ["东", None],
            "intake_senior": [69, 31],
            "setting": ["city", "city"],
        },
    )
    assert new_quality_schools(case)["value"].tolist() == [2.0]
    assert leading_schools(case)["value"].tolist() == [1.0]
    assert communities(case)["value"].tolist() == [1.0]
    assert quality_senior_intake(case)["need"].tolist() == [0.0]
    assert quality_senior_intake_core(case)["need"].tolist() == [1.0]


@pytest.mark.parametrize(
    ("year", "names", "status"),
    [(2024, ["东", "西"], "met"), (2024, ["东", "东"], "missed"), (2023, ["东", "西"], "reported"),
     (2025, ["东", "东"], "reported")],
)  # fmt: skip
def test_two_communities_were_the_task_of_2024(year, names, status):
    schools = {"school_id": ["A", "B"], "school_type": ["primary"] * 2, "community": names}
    case = worked_example(base_year=year, schools=schools)
    (row,) = evaluate_rules(case, rules=[rule_spec("groups.communities")]).to_dict("records")
    assert (row["status"], row["value"]) == (status, len(set(names)))


@settings(max_examples=examples(10))
@given(st.lists(st.tuples(st.integers(1, 3000), st.booleans()), min_size=1, max_size=4))
def test_shares_lie_between_nought_and_one(rows):
    ids = [f"S{place}" for place in range(len(rows))]
    inside = [name for name, (_, member) in zip(ids, rows, strict=True) if member] or [ids[0]]
    case = worked_example(
        schools={
            "school_id": ids,
            "school_type": ["primary"] * len(ids),
            "enrolment_primary": [pupils for pupils, _ in rows],
        },
        groups={"group_id": ["G"], "core_school_id": [inside[0]], "school_ids": [";".join(inside)]},
    )
    for measure in (coverage_by_schools, coverage_by_pupils):
        assert measure(case)["value"].between(0, 1).all()
