"""What is measured at a school."""

import numpy as np
import pytest

from layoutplan.balance.arcs import walks_of
from layoutplan.balance.assignment import place_stage
from layoutplan.balance.school_view import enrolment_of, measure_schools
from tests.balance.towns import PLAIN, demand_of, seats_of
from tests.small_city import small_city, straight_pairs


def measured(city, stage="primary"):
    seats = seats_of(city)
    walks = walks_of(straight_pairs(city.units.geometry, seats.schools.geometry, limit_m=2000.0))
    demand = demand_of(city).pupils[stage].to_numpy()
    placement = place_stage(demand, seats.counted(stage).to_numpy(), walks)
    radius = np.full(len(city.years), 500.0)
    return seats, measure_schools(city, seats, stage=stage, placement=placement, beds=None, radius_m=radius)


def test_schools_are_those_that_teach_the_stage():
    seats, primary = measured(PLAIN)
    assert seats.schools.index[primary.rows].tolist() == ["S1", "S2", "S3"]
    _, junior = measured(PLAIN, "junior")
    assert seats.schools.index[junior.rows].tolist() == ["S2"]


def test_enrolment_is_that_of_the_base_year_and_none_of_new_schools():
    new = {"project_id": "P1", "name": "新", "kind": "new", "state": "started", "opening_year": 2026}
    city = small_city(
        tables={"projects": [{**new, "school_type": "primary", "classes_primary": 6, "x": 1.0, "y": 1.0}]}
    )
    seats, figures = measured(city)
    assert enrolment_of(city, seats, "primary")[:3].tolist() == [840.0, 380.0, 120.0]
    assert np.isnan(figures.enrolment[3]).all()
    assert np.isnan(figures.enrolment[:, 1:]).all()
    assert figures.over_capacity[:3, 0].tolist() == [30.0, 0.0, 0.0]


def test_walks_are_of_the_pupils_placed_there():
    _, figures = measured(PLAIN)
    # S2: 120 pupils of U2 at its door, 60 of U1 and 180 of U3 at 1,300 m, 45 from the north at 1,950 m
    assert figures.assigned[1, 0] == 405.0
    assert figures.mean_walk_m[1, 0] == pytest.approx((240 * 1300 + 45 * 1950) / 405)
    assert figures.max_walk_m[1, 0] == 1950.0
    assert figures.share_within_radius[1, 0] == pytest.approx(120 / 405)
    assert np.isnan(figures.mean_walk_m[2]).all()  # nobody is placed where seats do not count
