"""Class sizes: the bands on both sides, counted as they are defined, and from year to year."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.classes import classes_in_band, classes_over_cap, largest_class, mean_class
from layoutplan.rules.worked_examples import worked_example
from tests.examples import examples


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
    results = evaluate_rules(case, rules=[rule_spec(rule) for rule in rules])
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


@settings(max_examples=examples(8))
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


def two_years(now, before, *, profile="cn-tianshui-2010", **school):
    return worked_example(
        profile=profile,
        schools={"school_id": ["A"], "school_type": ["primary"], **school},
        classes={
            "school_id": ["A", "A"],
            "stage": ["primary"] * 2,
            "class_no": ["1", "1"],
            "pupils": [now, before],
            "year": [2025, 2024],
        },
    )


@pytest.mark.parametrize(("now", "before", "met"), [(60, 60, "met"), (50, 60, "met"), (60, 50, "missed")])
def test_oversized_classes_of_towns_must_not_rise(now, before, met):
    assert status(two_years(now, before, setting=["town"]), "classes.urban_change") == [met]
    village = evaluate_rules(
        two_years(now, before, setting=["village"]), rules=[rule_spec("classes.urban_change")]
    )
    assert village["status"].tolist() == ["no_data"]


def test_each_school_has_its_own_largest_class_and_share():
    case = worked_example(
        schools={"school_id": ["A", "B"], "school_type": ["primary"] * 2},
        classes={
            "school_id": ["A", "A", "B"],
            "stage": ["primary"] * 3,
            "class_no": ["1", "2", "1"],
            "pupils": [45, 46, 45],
        },
    )
    assert largest_class(case).set_index("area_id")["value"].to_dict() == {"city": 46, "A": 46, "B": 45}
    assert classes_over_cap(case).set_index("area_id")["numerator"].to_dict() == {"city": 1, "A": 1, "B": 0}
