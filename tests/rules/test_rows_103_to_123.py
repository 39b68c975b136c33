"""Rows 103 to 123: the value on each side of what the place asks, judged there and in its year only."""

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.worked_examples import SEVEN_MET, worked_example
from layoutplan.standards import load_profile


def built(count, *, year=2025, **row):
    """Return a table of like projects under way in a year."""
    entry = {"kind": "new", "state": "started", "start_year": year, "opening_year": year + 1, "x": 1, "y": 1}
    entry |= row
    return {"projects": {"project_id": [f"P{rank}" for rank in range(count)]}
            | {name: [value] * count for name, value in entry.items()}}  # fmt: skip


def schools(count, kind="primary", **columns):
    """Return a table of like schools."""
    ids = [f"S{rank}" for rank in range(count)]
    return {"schools": {"school_id": ids, "school_type": [kind] * count}
            | {name: [value] * count for name, value in columns.items()}}  # fmt: skip


def some(count, of, yes, no):
    return [yes] * count + [no] * (of - count)


CLEARED = {"school_type": "primary", "setting": "village", "opening_year": 2006, "year": 2006}


def private(registered, of=4):
    table = schools(of, ownership="private")
    table["schools"]["registration_class"] = some(registered, of, "non_profit", None)
    return table


def newly(count, kind):
    table = schools(count + 1, kind, standardised=True)
    table["schools"]["standardised_before"] = [False] * count + [True]
    return table


def due(late, of=4, **row):
    table = built(of, due_year=2024, year=2022, **row)
    table["projects"]["opening_year"] = some(late, of, 2025, 2024)
    return table


def sporty(good):
    area = some(good, 2, 750, 749)
    return {"schools": {"school_id": ["A", "B"], "school_type": ["primary"] * 2},
            "resources": {**SEVEN_MET, "sports_area_m2": area}}  # fmt: skip


def grouped(gap):
    """Two schools of a group; their catchments touch, or lie ``gap`` metres apart."""
    place = {"x": [100, 700 + gap], "y": [100, 100]}
    return {
        "schools": {"school_id": ["A", "B"], "school_type": ["primary"] * 2, "group_id": ["G"] * 2, **place},
        "groups": {"group_id": ["G"], "name": ["g"]},
        "catchments": {
            "catchment_id": ["C1", "C2"],
            "stage": ["primary"] * 2,
            "box": [(0, 0, 600, 200), (600 + gap, 0, 900 + gap, 200)],
        },
    }


def risen(count):
    table = schools(count + 1, "kindergarten", kindergarten_grade="first")
    return {"schools": table["schools"]
            | {"kindergarten_grade_before": some(count, count + 1, "second", "first")}}  # fmt: skip


def partners(count):
    table = schools(count + 1)
    return {"schools": table["schools"] | {"partner_school_id": some(count, count + 1, "S0", None)}}


def opened(count, year):
    table = schools(5, opened_year=year)
    return {"schools": table["schools"] | {"partner_school_id": some(count, 5, "S0", None)}}


INFANTS = ("kindergarten",)
SENIOR = ("senior",)
# rule, profile, year, stages, a case that meets it, a case that misses it
CASES = (
    ("projects.new_private_compulsory", "cn-wenzhou-2022", 2022, (),
     built(1, school_type="primary", ownership="public", year=2022),
     built(1, school_type="primary", ownership="private", year=2022)),
    ("admission.private_registered", "cn-wenzhou-2022", 2022, (), private(4), private(3)),
    ("projects.new_seniors", "cn-kunming-2006", 2006, (),
     built(12, school_type="senior", year=2006), built(11, school_type="senior", year=2006)),
    ("projects.rebuilt_schools", "cn-kunming-2006", 2006, (),
     built(50, kind="relocate", school_type="junior", year=2006),
     built(49, kind="relocate", school_type="junior", year=2006)),
    ("projects.rural_kindergartens", "cn-kunming-2006", 2006, (),
     built(20, school_type="kindergarten", setting="village", year=2006),
     built(20, school_type="kindergarten", setting="city", year=2006)),
    ("rural.unsafe_cleared", "cn-kunming-2006", 2006, (),
     built(1, unsafe_cleared_m2=30762, **CLEARED),
     built(1, unsafe_cleared_m2=30761, **CLEARED)),
    ("projects.public_kindergartens", "cn-hefei-2013", 2013, (),
     built(51, school_type="kindergarten", year=2013), built(50, school_type="kindergarten", year=2013)),
    ("projects.schools", "cn-hefei-2013", 2013, (),
     built(10, school_type="junior", year=2013), built(9, school_type="junior", year=2013)),
    ("kindergarten.preschool_classes", "cn-hefei-2013", 2013, (),
     schools(2, preschool_classes=0), schools(2, preschool_classes=1)),
    ("layout.modern_schools", "cn-wenzhou-2022", 2022, (),
     schools(160, modern_school=True), schools(159, modern_school=True)),
    ("projects.special_on_time", "cn-tianshui-2010", 2010, (),
     built(1, kind="relocate", school_type="special", due_year=2010, opening_year=2010, year=2009),
     built(1, kind="relocate", school_type="special", due_year=2010, opening_year=2011, year=2009)),
    ("groups.adjoining", "cn-wenzhou-2022", 2022, (), grouped(0), grouped(50)),
    ("groups.partner_schools", "cn-zhengzhou-gaoxin-2020", 2022, (), partners(10), partners(9)),
    ("groups.new_with_partner", "cn-zhengzhou-gaoxin-2020", 2020, (), opened(4, 2020), opened(3, 2020)),
    ("equity.sports_arts", "cn-zhengzhou-gaoxin-2020", 2022, (), sporty(2), sporty(1)),
    ("projects.on_time", "cn-zhengzhou-jinshui-2024", 2024, (),
     due(0, school_type="primary"), due(1, school_type="primary")),
    ("projects.sped_up", "cn-zhengzhou-2014", 2014, (),
     built(5, school_type="senior", accelerated=True, year=2014),
     built(4, school_type="senior", accelerated=True, year=2014)),
    ("kindergarten.grades_risen", "cn-zhengzhou-2014", 2014, INFANTS, risen(150), risen(149)),
    ("layout.newly_standardised", "cn-zhengzhou-2014", 2014, SENIOR, newly(6, "senior"), newly(5, "senior")),
)  # fmt: skip


def status(rule, profile, year, stages, tables):
    case = worked_example(
        profile=profile,
        base_year=year,
        target_year=year,
        **({"stages": stages} if stages else {}),
        **tables,
    )
    results = evaluate_rules(case, rules=[rule_spec(rule)])
    whole = results[results["area_kind"] == "city"]
    return whole.sort_values("year")["status"].tolist()[-1]


def test_each_rule_on_each_side_of_what_its_place_asks():
    wrong = []
    for rule, profile, year, stages, good, bad in CASES:
        found = [status(rule, profile, year, stages, tables) for tables in (good, bad)]
        if found != ["met", "missed"]:
            wrong.append((rule, found))
    assert wrong == []


def test_another_place_sees_them_as_reported_elsewhere():
    wrong = []
    for rule, profile, year, stages, _, bad in CASES:
        place = "cn-hefei-2013" if profile != "cn-hefei-2013" else "cn-kunming-2006"
        if rule == "groups.partner_schools":
            continue
        found = status(rule, place, year, stages, bad)
        if found not in ("elsewhere", "reported"):
            wrong.append((rule, found))
    assert wrong == []


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
