"""Standards by grade: both sides of those that are reported, and what is left out. Figures by hand."""

import pytest

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.worked_examples import worked_example

INFANTS = {"school_id": ["A", "B"], "school_type": ["kindergarten"] * 2}


def figures(case, rule):
    rows = evaluate_rules(case, rules=[rule_spec(rule)])
    return rows.loc[rows["area_id"] == "city", ["status", "numerator", "denominator"]].to_numpy().tolist()


def infants(*classes, **schools):
    """Classes (age group, pupils) of kindergarten A."""
    table = {"school_id": ["A"] * len(classes), "stage": ["kindergarten"] * len(classes),
             "grade": [grade for grade, _ in classes], "class_no": [*map(str, range(len(classes)))],
             "pupils": [pupils for _, pupils in classes]}  # fmt: skip
    return worked_example(stages=["kindergarten"], schools={**INFANTS, **schools}, classes=table)


def test_a_kindergarten_class_is_small_below_the_size_of_its_age_group():
    """20, 26 and 31 are the least (JGJ 39-2016); no text asks for a share, so it is reported."""
    least = infants((1, 20), (2, 26), (3, 31))
    fewer = infants((1, 19), (2, 25), (3, 30))
    assert figures(least, "kindergarten.small_classes") == [["reported", 0, 3]]
    assert figures(fewer, "kindergarten.small_classes") == [["reported", 3, 3]]


def test_a_class_without_an_age_group_is_judged_by_the_widest_size():
    """Nobody may have more than 35 pupils, and nobody is designed for fewer than 20."""
    case = infants((None, 35), (None, 36), (None, 20), (None, 19))
    assert figures(case, "kindergarten.class_size") == [["missed", 3, 4]]
    assert figures(case, "kindergarten.small_classes") == [["reported", 1, 4]]


def test_a_mean_above_every_size_counts_as_one_class():
    case = infants((1, 25), enrolment_kindergarten=[None, 360], classes_kindergarten=[None, 10])
    assert figures(case, "kindergarten.class_size") == [["met", 10, 11]]
    rows = evaluate_rules(case, rules=[rule_spec("kindergarten.class_size")])
    assert set(rows["missing"]) == {"classes.pupils"}


@pytest.mark.parametrize(("metres", "near"), [(769, 97.0), (770, 0.0)])
def test_the_youngest_of_hamilton_walk_one_kilometre(metres, near):
    """769 m in a straight line are 999.7 m on foot, 770 m are 1,001 m; grade 1 walks 1.6 km."""
    case = worked_example(
        profile="ca-ontario",
        stages=["elementary"],
        schools={"school_id": ["A"], "school_type": ["elementary"], "seats_elementary": [400],
                 "x": [0], "y": [0]},
        units={"unit_id": ["U"], "x": [metres], "y": [0], "age_4": [100], "age_6": [300]},
    )  # fmt: skip
    assert figures(case, "layout.youngest_near") == [["reported", near, 97.0]]
    assert figures(case, "layout.coverage")[0] == ["reported", 388.0, 388.0]


def test_a_school_that_does_not_teach_kindergarten_serves_no_child_of_it():
    schools = {"school_id": ["A"], "school_type": ["elementary"], "seats_elementary": [400], "x": [0],
               "y": [0], "grades": ["1-8"]}  # fmt: skip
    units = {"unit_id": ["U"], "x": [100], "y": [0], "age_4": [100], "age_6": [300]}
    case = worked_example(profile="ca-ontario", stages=["elementary"], schools=schools, units=units)
    assert figures(case, "layout.youngest_near") == [["reported", 0.0, 97.0]]


def test_a_profile_without_such_standards_has_no_figure():
    schools = {"school_id": ["A"], "school_type": ["elementary"], "seats_elementary": [400]}
    case = worked_example(profile="us", stages=["elementary"], schools=schools)
    for rule in ("classes.early_over", "classes.early_largest", "layout.youngest_near"):
        assert evaluate_rules(case, rules=[rule_spec(rule)])["status"].tolist() == ["does_not_apply"]
