"""Grades that a school does not teach, through every view: infant schools beside pupils of six grades."""

import numpy as np
import pandas as pd
import pytest

import layoutplan as lp
from layoutplan.access import measure_access, service_area_table
from layoutplan.balance.grade_bands import GradeBands
from layoutplan.dictionary import check_frame, input_table
from layoutplan.enrolment.reading import read_history
from layoutplan.errors import FaultLog
from layoutplan.outlook import estimate_outlook
from layoutplan.standards import load_profile
from tests.schooling.cities import of_age, write_city


@pytest.fixture(scope="module")
def infant(tmp_path_factory):
    """Four schools of grades 1-3 with 400 seats, and beside each 400 pupils of grades 1-6: 800 lack one."""
    school = {"school_type": "primary", "ownership": "public", "grades": "1;2;3"}
    figures = {"seats_primary": 400, "enrolment_primary": 200}
    schools = [{"school_id": f"S{k}", "name": f"S{k}", **school, **figures} for k in range(4)]
    units = [{"unit_id": f"U{k}", "catchment_primary": f"S{k}", **of_age(400 / 6, 6, 11)} for k in range(4)]
    path = write_city(
        tmp_path_factory.mktemp("infant"), "cn-national", stages=("primary",), schools=schools, units=units
    )
    path.write_text(path.read_text().replace("enabled = false\n[siting]", "draws = 50\n[siting]"))
    study = lp.make_study(lp.load_plan(path))
    return study, lp.evaluate(study)


def test_half_of_the_pupils_have_a_school_of_their_grade_in_reach(infant):
    study, balance = infant
    access = measure_access(study, balance)
    (city,) = access.coverage.query("level == 'city'").to_dict("records")
    assert [city[name] for name in ("demand", "near", "near_circle", "seated")] == pytest.approx(
        [1600.0, 800.0, 800.0, 800.0]
    )
    # the 800 pupils of grades 1-3 compete for 1,600 seats, those of grades 4-6 for none
    mean = (access.units["access_2sfca"] * access.units["demand"]).sum() / 1600
    assert mean == pytest.approx(1600 / 1600)
    (place,) = access.places.query("level == 'city'").to_dict("records")
    (whole,) = access.inequality.to_dict("records")
    assert place["mean_access"] == pytest.approx(whole["mean_access"])


def test_the_balance_counts_walks_to_schools_of_the_grade(infant):
    study, balance = infant
    (row,) = balance.city.to_dict("records")
    assert row["share_within_radius"] == pytest.approx(0.5)
    assert row["share_within_circle"] == pytest.approx(0.5)
    own_m = balance.units["nearest_school_m"].max()
    reach_m = study.reach_m["primary"]
    assert row["mean_walk_nearest_m"] == pytest.approx((own_m + reach_m) / 2, rel=1e-6)


def test_the_outlook_is_certain_of_the_pupils_without_a_grade(infant):
    found = estimate_outlook(infant[0])
    assert found.peaks["peak_shortfall"].tolist() == pytest.approx([200.0] * 4)
    assert found.bands["probability_short"].tolist() == [1.0] * 4
    assert found.bands["expected_shortfall"].tolist() == pytest.approx([200.0] * 4, rel=0.05)
    (city,) = found.totals.query("level == 'city'").to_dict("records")
    assert city["probability_short"] == 1.0
    assert city["expected_shortfall"] == pytest.approx(800.0, rel=0.05)


def test_sets_of_grades_that_may_lack_seats_are_those_some_schools_do_not_teach():
    # bands: grades 1-3, 4-6; an infant school, a junior school and one of both
    bands = GradeBands(share=np.ones((2, 1, 1)), taught=np.array([[True, False, True], [False, True, True]]))
    assert [one.tolist() for one in bands.cut_sets()] == [[False, True], [True, False]]
    assert GradeBands(share=np.ones((1, 1, 1)), taught=np.ones((1, 3), dtype=bool)).cut_sets() == []


def test_a_service_area_counts_the_pupils_of_its_grades(infant):
    table = service_area_table(infant[0])  # within the radius live the next units too, each 200 pupils
    assert table["pupils_within"].tolist() == pytest.approx([400.0, 600.0, 600.0, 400.0])


@pytest.mark.slow  # compiles the search
def test_a_redraw_gives_nobody_to_a_school_of_other_grades_where_another_is_open(tmp_path):
    # A teaches grades 1-3, B all six; a unit has 20 pupils a grade. Of those of A today 120 lack a seat of
    # grades 4-6, though there are seats in all. A keeps the unit it stands in, so that 60 stay without.
    school = {"school_type": "primary", "ownership": "public"}
    path = write_city(
        tmp_path,
        "cn-national",
        stages=("primary",),
        schools=[
            {"school_id": "A", "name": "A", **school, "seats_primary": 300, "grades": "1-3", "place": 0},
            {"school_id": "B", "name": "B", **school, "seats_primary": 480, "grades": None, "place": 3},
        ],
        units=[
            {"unit_id": f"U{k}", "catchment_primary": name, **of_age(20, 6, 11)}
            for k, name in enumerate("AABB")
        ],
    )
    found = lp.redraw(lp.make_study(lp.load_plan(path)))
    (outcome,) = found.outcome.to_dict("records")
    assert [outcome[name] for name in ("overload_before", "overload")] == [120.0, 60.0]
    assert found.moves[["unit_id", "from_id", "to_id"]].to_numpy().tolist() == [["U1", "A", "B"]]


def test_a_redraw_says_that_no_school_teaches_the_upper_grades(infant):
    (outcome,) = lp.redraw(infant[0]).outcome.to_dict("records")
    assert [outcome[name] for name in ("overload_before", "overload", "overload_bound")] == pytest.approx(
        [800.0] * 3
    )
    assert "grades that some schools do not teach" in outcome["message"]


@pytest.mark.parametrize(
    ("profile", "labels", "numbers"),
    [
        ("ca-ontario", ["JK", "sk", "1", "8", "12"], [-1, 0, 1, 8, 12]),
        ("us", ["K", "5", "9"], [0, 5, 9]),
        ("england", ["R", "6", "13"], [0, 6, 13]),
        ("scotland", ["P1", "p7", "S1", "S6"], [1, 7, 8, 13]),
        ("cn-national", ["一年级", "初一", "10"], [1, 7, 10]),
    ],
)
def test_pupils_by_grade_may_name_the_grades_of_the_profile(profile, labels, numbers):
    schooling = load_profile(profile).schooling
    raw = pd.DataFrame({"area_id": "A", "stage": schooling.compulsory[0], "grade": labels, "year": 2024,
                        "pupils": 10})  # fmt: skip
    log = FaultLog()
    frame = check_frame(raw, input_table("enrolment_history", schooling), file="h.csv", log=log)
    assert list(log.errors) == []
    assert frame["grade"].tolist() == numbers


def test_junior_kindergarten_is_the_first_age_of_an_ontario_school():
    """JK to grade 8 are ages 4 to 13: −1 to 8, where six-year-olds are in grade 1."""
    standards = load_profile("ca-ontario").at(2025)
    grades = [*range(-1, 9)]
    table = pd.DataFrame(
        {
            "school_id": None,
            "area_id": "A",
            "stage": "elementary",
            "grade": grades * 2,
            "year": [2023] * 10 + [2024] * 10,
            "pupils": [10.0 + grade for grade in grades] * 2,
        }
    )
    known = read_history(table, standards, origin=None, log=FaultLog())
    assert [grade.age for grade in known.grades] == [*range(4, 14)]
