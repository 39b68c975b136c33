"""Blanks in the tables of rules: estimated or left out, and named; never counted as 0."""

import math

import pytest

from layoutplan.rules.measures.demand import progression
from layoutplan.rules.measures.kindergarten import with_nursery
from layoutplan.rules.measures.land import education_land
from layoutplan.rules.measures.migrants import placed, public_share, unplaced
from layoutplan.rules.measures.rural import seats_at_risk, unsafe_floor
from layoutplan.rules.measures.special import enrolment, resource_rooms
from layoutplan.rules.worked_examples import worked_example

FIGURES = ["numerator", "denominator", "missing"]


def primary(**columns):
    return {"school_id": ["A", "B", "C"], "school_type": ["primary"] * 3, **columns}


def test_migrants_at_home_and_at_school_are_estimated_from_the_others():
    """30 of 300 children are migrants where known, so 20 of the 200 of W; 25 of 500 pupils, so 20 of 400."""
    case = worked_example(
        stages=["primary"],
        units={"unit_id": ["U", "V", "W"], "age_8": [100, 200, 200], "migrants_primary": [10, 20, None]},
        schools=primary(enrolment_primary=[200, 300, 400], migrants_primary=[25, 0, None]),
    )
    (row,) = placed(case).to_dict("records")
    assert [row[name] for name in FIGURES] == [
        pytest.approx(45), pytest.approx(50), "schools.migrants_primary;units.migrants_primary",
    ]  # fmt: skip
    assert unplaced(case)["value"].tolist() == [pytest.approx(5)]


def test_migrants_at_school_without_enrolment_are_unknown():
    case = worked_example(
        stages=["primary"],
        units={"unit_id": ["U"], "age_8": [100], "migrants_primary": [10]},
        schools=primary(enrolment_primary=[200, 300, None], migrants_primary=[5, 5, None]),
    )
    (row,) = placed(case).to_dict("records")
    assert math.isnan(row["value"])
    assert row["missing"] == "schools.migrants_primary"


def test_a_school_without_a_figure_is_on_neither_side_of_the_public_share():
    case = worked_example(
        stages=["primary"],
        schools=primary(ownership=["public", "private", "public"], migrants_primary=[60, 40, None]),
    )
    assert public_share(case)[FIGURES].values.tolist() == [[60.0, 100.0, "schools.migrants_primary"]]


def test_pupils_with_special_needs_are_estimated_and_a_special_school_without_figures_is_unknown():
    """10 of 1,000 pupils where it is known, so 4 of the 400 at C; 10 of 100 children, so 20 of 200."""
    units = {"unit_id": ["U", "V"], "age_8": [100, 200], "disabled_children": [10, None]}
    schools = primary(enrolment_primary=[600, 400, 400], sen_pupils=[10, 0, None])
    (row,) = enrolment(worked_example(stages=["primary"], units=units, schools=schools)).to_dict("records")
    assert [row[name] for name in FIGURES] == [
        pytest.approx(14), pytest.approx(30), "schools.sen_pupils;units.disabled_children",
    ]  # fmt: skip
    special = {
        **schools,
        "school_type": ["primary", "primary", "special"],
        "enrolment_primary": [600, 400, None],
    }
    (row,) = enrolment(worked_example(stages=["primary"], units=units, schools=special)).to_dict("records")
    assert math.isnan(row["value"])


def test_a_school_that_does_not_say_whether_it_has_a_room_is_not_one_without():
    case = worked_example(schools=primary(sen_pupils=[6, 7, None], resource_room=[True, None, None]))
    assert resource_rooms(case)[FIGURES].values.tolist() == [
        [1.0, 1.0, "schools.resource_room;schools.sen_pupils"]
    ]


def test_a_cohort_with_a_blank_year_is_left_out_and_one_that_left_is_not():
    """B has no figure for grade 9 of 2025 while it reports grade 8; C closed, and its pupils went to A."""
    rows = [
        ("A", 7, 2023, 100), ("B", 7, 2023, 50), ("C", 7, 2023, 30),
        ("A", 9, 2025, 128), ("B", 8, 2025, 49),
    ]  # fmt: skip
    school, grade, year, pupils = zip(*rows, strict=True)
    history = {"school_id": school, "stage": ["junior"] * 5, "grade": grade, "year": year, "pupils": pupils}
    case = worked_example(
        schools={"school_id": ["A", "B", "C"], "school_type": ["junior"] * 3}, enrolment_history=history
    )
    found = progression(case)[FIGURES].values.tolist()
    assert found == [[128.0, 130.0, "enrolment_history.pupils"]]


def test_floor_area_of_unknown_safety_is_neither_safe_nor_unsafe():
    case = worked_example(
        stages=["primary"],
        schools=primary(
            seats_primary=[540] * 3, floor_area_m2=[6000, 4000, 9000], unsafe_floor_area_m2=[0, 500, None]
        ),
    )
    assert unsafe_floor(case)[FIGURES].values.tolist() == [[500.0, 10_000.0, "schools.unsafe_floor_area_m2"]]
    assert seats_at_risk(case)[["value", "missing"]].values.tolist() == [
        [67.5, "schools.unsafe_floor_area_m2"]
    ]


def test_land_of_unknown_area_and_nurseries_not_stated_are_left_out():
    case = worked_example(
        sites={
            "site_id": ["L1", "L2"], "education_land": [True, True], "area_m2": [20_000, None],
            "x": [1, 2], "y": [1, 2], "proposed_use": ["shops", "shops"], "rezoned_area_m2": [None, None],
            "consent": [None, None],
        }
    )  # fmt: skip
    assert education_land(case)[FIGURES].values.tolist() == [[20_000.0, 20_000.0, "sites.area_m2"]]
    case = worked_example(
        stages=["kindergarten"],
        schools={
            "school_id": ["A", "B", "C"],
            "school_type": ["kindergarten"] * 3,
            "nursery_classes": [2, 0, None],
        },
    )
    assert with_nursery(case)[FIGURES].values.tolist() == [[1.0, 2.0, "schools.nursery_classes"]]
