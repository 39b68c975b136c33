"""Rows 103 to 123 that are reported and not judged; the judged ones are in ``test_thresholds``."""

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.worked_examples import worked_example
from layoutplan.standards import load_profile

SENIOR = ("senior",)


def test_quality_groups_and_demonstration_schools_are_reported():
    case = worked_example(groups={"group_id": ["G", "H"], "name": ["g", "h"], "grade": ["city", "province"]})
    for rule, count in (("groups.of_the_city", 2), ("groups.of_the_province", 1)):
        (row,) = evaluate_rules(case, rules=[rule_spec(rule)]).to_dict("records")
        assert (row["value"], row["denominator"], row["status"]) == (count, 2, "reported")
    senior = worked_example(
        stages=SENIOR,
        schools={
            "school_id": ["A", "B"],
            "school_type": ["senior"] * 2,
            "demonstration": ["city", None],
            "migrants_senior": [30, 10],
        },
    )
    (row,) = evaluate_rules(senior, rules=[rule_spec("migrants.senior_demonstration")]).to_dict("records")
    assert (row["numerator"], row["denominator"], row["value"]) == (30, 40, 0.75)


def test_posts_follow_the_pupils_with_the_seats_that_have_to_be_added():
    """39 pupils need 3 posts (2 × 19 < 39); a year later another 20 need 2 more: 59 / 19 = 3.1."""
    units = {"unit_id": ["U"], "x": [5], "y": [5], "age_5": [20], "age_6": [39], "age_11": [0]}
    case = worked_example(stages=["primary"], base_year=2025, target_year=2026, units=units)
    rows = evaluate_rules(case, rules=[rule_spec("layout.posts")])
    city = rows[rows["area_kind"] == "city"].set_index("year")
    assert city["value"].to_dict() == {2025: 3, 2026: 4}
    assert city["need"].to_dict() == {2025: 0, 2026: 1}
    assert load_profile("cn-national").at(2025).number("staff.pupils_per_teacher", "junior") == 13.5
