"""Land: need against reserve, education land, titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.rules import evaluate_rules, rule_spec
from layoutplan.rules.measures.land import education_land, land_m2, land_need, schools_for, titled
from layoutplan.rules.worked_examples import worked_example
from layoutplan.standards import load_profile

STANDARDS = load_profile("cn-zhengzhou-gaoxin-2020").at(2025)


@given(st.floats(50, 20_000), st.sampled_from(["primary", "junior"]))
def test_new_schools_hold_the_pupils_are_as_few_as_can_be_and_break_no_rule(seats, kind):
    schools = schools_for(seats, STANDARDS, kind)
    held = sum(STANDARDS.level_seats(kind, classes)[kind] for classes in schools)
    largest = STANDARDS.level_seats(kind, STANDARDS.allowed_levels(kind)[-1])[kind]
    assert held >= seats - 1e-9
    assert (len(schools) - 1) * largest < seats
    assert not any(STANDARDS.broken_by(kind, classes) for classes in schools)


def test_less_than_a_class_needs_no_school():
    assert schools_for(44, STANDARDS, "primary") == ()
    assert schools_for(45, STANDARDS, "primary") == (12,)


def test_2160_seats_are_two_schools_and_never_one():
    assert len(schools_for(2160, STANDARDS, "primary")) == 2


def test_larger_schools_take_less_land_a_seat():
    norms = [land_m2(classes, STANDARDS, "primary") / (classes * 45) for classes in (12, 18, 24, 30)]
    assert norms == sorted(norms, reverse=True)


def reserve(*areas, status="reserved", pupils=540):
    return worked_example(
        stages=["primary"],
        target_year=2025,
        units={"unit_id": ["U"], "x": [100], "y": [100], "age_6": [pupils]},
        districts={"district_id": ["D1", "D2"], "name": ["a", "b"],
                   "box": [(0, 0, 500, 900), (500, 0, 999, 900)]},
        sites={
            "site_id": [f"L{rank}" for rank in range(len(areas))],
            "status": [status] * len(areas),
            "area_m2": [area for area, _ in areas],
            "x": [x for _, x in areas],
            "y": [100] * len(areas),
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    ("area", "status", "uncovered"),
    [
        ((13_068, 100), "reserved", 0),
        ((14_000, 900), "reserved", 13_068),  # land in the other district
        ((8_000, 100), "reserved", 13_068),  # too small for any school
        ((14_000, 100), "occupied", 13_068),
    ],
)
def test_land_is_needed_and_kept_in_the_district(area, status, uncovered):
    case = reserve(area, status=status)
    assert land_need(case)["value"].iloc[0] == pytest.approx(uncovered)
    found = evaluate_rules(case, rules=[rule_spec("layout.land_need")])["status"].iloc[0]
    assert found == ("met" if uncovered == 0 else "missed")


def rezoned(*, consent, use="商业"):
    return worked_example(
        sites={"site_id": ["L1"], "education_land": [True], "area_m2": [10_000], "proposed_use": [use],
               "rezoned_area_m2": [4_000], "consent": [consent], "x": [1], "y": [1]}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("site", "lost", "status"),
    [
        ({"consent": False}, 4_000, "missed"),
        ({"consent": None}, 4_000, "missed"),
        ({"consent": True}, 0, "met"),
        ({"consent": False, "use": None}, 0, "met"),
    ],
)
def test_education_land_is_lost_only_without_consent(site, lost, status):
    case = rezoned(**site)
    assert education_land(case)["value"].tolist() == [lost]
    assert evaluate_rules(case, rules=[rule_spec("layout.education_land")])["status"].tolist() == [status]


def test_titles_are_counted_where_stated():
    case = worked_example(
        sites={"site_id": ["L1", "L2", "L3"], "titled": [True, False, None], "x": [1] * 3, "y": [1] * 3}
    )
    assert titled(case)[["numerator", "denominator", "case_ids"]].to_numpy().tolist() == [[1, 2, "L2"]]
    nothing = evaluate_rules(worked_example(), rules=[rule_spec("layout.titled")])
    assert nothing[["status", "missing"]].to_numpy().tolist() == [["no_data", "sites.titled"]]
