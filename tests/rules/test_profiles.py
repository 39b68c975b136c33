"""One city under several profiles: thresholds and what hangs on them, and nothing else, changes."""

from dataclasses import replace

import pytest

from layoutplan.dictionary import result_table
from layoutplan.errors import InputError
from layoutplan.plan import load_plan
from layoutplan.rules import compare_profiles, rule_spec, rule_specs
from layoutplan.rules.worked_examples import SEVEN_MET, worked_example
from layoutplan.standards import load_profile
from tests.studies import with_plan

NATIONAL = load_profile("cn-national")


@pytest.fixture(scope="module")
def comparison():
    """Balanced as of 2012; by the rule of 2017 three indicators differ too much between the two schools."""
    uneven = {"sports_area_m2": [150, 1500], "multimedia_rooms": [1, 9], "teachers_backbone": [1, 9]}
    rest = {"teachers": [10, 10], "teachers_mid_title": [5, 5], "computers": [9, 9], "books": [99, 99]}
    case = worked_example(
        schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2},
        resources={**SEVEN_MET, **rest, **uneven},
    )
    return compare_profiles(
        case, [NATIONAL.as_of(2012), NATIONAL], rules=[spec for spec in rule_specs() if spec.section == "E"]
    )


def test_met_under_2012_three_indicators_missed_under_2017(comparison):
    equity = comparison[comparison["section"] == "E"].set_index(["profile", "rule"])["status"]
    assert equity["cn-national@2012", "equity.composite_2012"] == "met"
    now = equity["cn-national"]
    missed = [rule for rule in now.index if rule.startswith("equity.cv_") and now[rule] == "missed"]
    assert sorted(missed) == [
        "equity.cv_backbone_teachers",
        "equity.cv_multimedia_rooms",
        "equity.cv_sports_area",
    ]
    then = equity["cn-national@2012"]
    assert {then[rule] for rule in then.index if rule.startswith("equity.cv_")} == {"reported"}


def test_the_own_profile_comes_first_and_differs_from_itself_nowhere(comparison):
    assert tuple(comparison.columns) == result_table("profile_comparison").column_names
    own = comparison[comparison["profile"] == "cn-zhengzhou-gaoxin-2020"]
    assert not own["differs"].any()
    first = comparison.groupby(["rule", "stage"], dropna=False, sort=False)["profile"].first()
    assert set(first) == {"cn-zhengzhou-gaoxin-2020"}
    goal = comparison[comparison["rule"] == "equity.composite_goal"].set_index("profile")
    assert goal["status"].to_dict() == {
        "cn-zhengzhou-gaoxin-2020": "met", "cn-national@2012": "elsewhere", "cn-national": "elsewhere",
    }  # fmt: skip


def test_flags_are_found_anew():
    """Before 2002 no class was too large; the flags of the run do not stand for those of another profile."""
    case = worked_example(
        schools={"school_id": ["A"], "school_type": ["primary"]},
        classes={"school_id": ["A"], "stage": ["primary"], "class_no": ["1"], "pupils": [60]},
    )
    before = with_plan(case.study, profile=NATIONAL.as_of(2001))
    then = replace(case, study=before, flags=case.flags.iloc[:0])
    table = compare_profiles(then, [NATIONAL], rules=[rule_spec("classes.oversized_share")]).set_index(
        ["rule", "profile"]
    )["value"]
    assert table["classes.oversized_share", "cn-national@2001"] == 0
    assert table["classes.oversized_share", "cn-national"] == 1


def test_nothing_to_compare_with_is_an_empty_table():
    assert compare_profiles(worked_example(), []).empty


def test_a_plan_names_profiles_and_years(tmp_path):
    head = "[plan]\nbase_year = 2025\nhorizon_year = 2030\ncompare_profiles = [{}]\n"
    tables = '[tables.schools]\nfile = "s.csv"\n[tables.units]\nfile = "u.csv"\n'
    path = tmp_path / "plan.toml"
    other = "cn-zhengzhou-gaoxin-2020"
    path.write_text(head.format(f'"cn-national@2012", "{other}"') + tables, encoding="utf-8")
    assert [profile.id for profile in load_plan(path).compared] == ["cn-national@2012", other]
    path.write_text(head.format('"cn-natoinal", "cn-national@12"') + tables, encoding="utf-8")
    with pytest.raises(InputError) as error:
        load_plan(path)
    assert [fault.code for fault in error.value.faults] == ["profile_unknown", "profile_year"]
    assert all(fault.rows for fault in error.value.faults)
