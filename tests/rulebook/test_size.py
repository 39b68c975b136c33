"""Size of schools and classes, and the ledger across years: each threshold on both sides."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.rulebook import judge_rules, rule_spec
from layoutplan.rulebook.measures.classes import classes_in_band, classes_over_cap, mean_class
from layoutplan.rulebook.worked import worked_example
from layoutplan.standards import load_profile

GAOXIN = load_profile("cn-zhengzhou-gaoxin-2020").at(2025)


def one_school(pupils, stage="primary"):
    """A school with one class of each size, a grade each."""
    count = len(pupils)
    return worked_example(
        schools={"school_id": ["A"], "school_type": [stage]},
        classes={
            "school_id": ["A"] * count,
            "stage": [stage] * count,
            "class_no": [str(number) for number in range(count)],
            "pupils": pupils,
        },
    )


def status(case, *rules):
    results = judge_rules(case, rules=[rule_spec(rule) for rule in rules])
    return list(results["status"][results["area_kind"] == "city"])


@pytest.mark.parametrize(
    ("size", "oversized", "severe"),
    [(55, "met", "met"), (56, "missed", "met"), (65, "missed", "met"), (66, "missed", "missed")],
)
def test_56_and_66_are_in_their_bands(size, oversized, severe):
    assert status(one_school([size]), "classes.oversized", "classes.severely_oversized") == [
        oversized,
        severe,
    ]


@pytest.mark.parametrize(
    ("stage", "size", "met"),
    [("primary", 45, "met"), ("primary", 46, "missed"), ("junior", 50, "met"), ("junior", 51, "missed")],
)
def test_45_and_50_are_the_caps(stage, size, met):
    case = one_school([size, 20], stage)
    assert status(case, "classes.largest", "classes.over_cap") == [met, met]
    assert status(case, "classes.mean") == ["met"]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 80), min_size=1, max_size=6))
def test_bands_are_counted_as_they_are_defined(pupils):
    case = one_school(pupils)
    count = {
        band: classes_in_band(case, subject=band)["value"][0] for band in ("oversized", "severely_oversized")
    }
    assert count == {
        "oversized": sum(size >= 56 for size in pupils),
        "severely_oversized": sum(size >= 66 for size in pupils),
    }
    assert classes_over_cap(case)["value"][0] == pytest.approx(
        sum(size > 45 for size in pupils) / len(pupils)
    )
    assert mean_class(case)["value"][0] == pytest.approx(sum(pupils) / len(pupils))


def test_54_nine_year_and_48_primary_classes_are_refused_with_the_reason_45_fit():
    assert [rule.key for rule in GAOXIN.broken_by("nine_year", 54)] == [
        "school_size.cap",
        "school.max_classes",
    ]
    assert [rule.key for rule in GAOXIN.broken_by("primary", 48)] == ["school_size.cap", "school.max_classes"]
    assert GAOXIN.broken_by("nine_year", 45) == ()
    case = worked_example(
        projects={
            "project_id": ["P48", "N54", "N45"],
            "name": ["p", "n", "m"],
            "kind": ["new"] * 3,
            "state": ["started"] * 3,
            "school_type": ["primary", "nine_year", "nine_year"],
            "classes_primary": [48, 36, 30],
            "classes_junior": [None, 18, 15],
            "opening_year": [2026] * 3,
            "x": [100, 500, 900],
            "y": [100, 500, 900],
        }
    )
    rows = judge_rules(case, rules=[rule_spec("size.planned_size")]).set_index("area")
    assert rows["value"].to_dict() == {"p": 2160, "n": 2520, "m": 2100}
    assert rows["threshold"].to_dict() == {"p": 2000, "n": 2500, "m": 2500}
    assert rows["status"].to_dict() == {"p": "missed", "n": "missed", "m": "met"}
    assert rows["need"].to_dict() == {"p": 160, "n": 20, "m": 0}


@pytest.mark.parametrize(("pupils", "met"), [(2000, "met"), (2001, "missed")])
def test_pupils_in_oversized_schools(pupils, met):
    case = worked_example(
        schools={"school_id": ["A"], "school_type": ["primary"], "enrolment_primary": [pupils]}
    )
    assert status(case, "size.pupils_in_oversized") == [met]


def test_a_mean_in_the_band_counts_as_one_class():
    case = worked_example(
        schools={
            "school_id": ["A"],
            "school_type": ["primary"],
            "enrolment_primary": [570],
            "classes_primary": [10],
        }
    )
    assert classes_in_band(case, subject="oversized")[["value", "denominator"]].values.tolist() == [[1, 10]]


def two_years(now, before, **school):
    return worked_example(
        schools={"school_id": ["A"], "school_type": ["primary"], **school},
        classes={
            "school_id": ["A", "A"],
            "stage": ["primary"] * 2,
            "class_no": ["1", "1"],
            "pupils": [now, before],
            "year": [2025, 2024],
        },
    )


@pytest.mark.parametrize(
    ("now", "before", "new", "opened", "closed"),
    [
        (60, 60, "met", 2024, None),
        (60, 50, "missed", 2025, None),
        (50, 60, "met", 2024, 2025),
    ],
)
def test_the_ledger_knows_last_years_classes(now, before, new, opened, closed):
    case = two_years(now, before)
    assert status(case, "ledger.new_cases") == [new]
    ledger = case.ledger[case.ledger["rule"] == "oversized_class"]
    assert ledger["opened"].tolist() == [opened]
    assert ledger["closed"].fillna(0).tolist() == [closed or 0]


def test_a_ledger_that_begins_this_year_calls_no_case_new():
    assert status(one_school([60]), "ledger.new_cases") == ["no_data"]


def test_every_case_to_clear_has_a_date():
    assert status(one_school([60]), "ledger.dated_cases") == ["met"]


@pytest.mark.parametrize(("now", "before", "met"), [(60, 60, "met"), (50, 60, "met"), (60, 50, "missed")])
def test_oversized_classes_of_towns_must_not_rise(now, before, met):
    assert status(two_years(now, before, setting=["town"]), "classes.urban_change") == [met]
    village = judge_rules(
        two_years(now, before, setting=["village"]), rules=[rule_spec("classes.urban_change")]
    )
    assert village["status"].tolist() == ["no_data"]
