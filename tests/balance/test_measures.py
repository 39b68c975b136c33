"""Walks and coverage of units and groups."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layoutplan.balance.arcs import Walks
from layoutplan.balance.assignment import PlacedYear, StagePlacement
from layoutplan.balance.grade_bands import GradeBands
from layoutplan.balance.measures import measure_groups, measure_units, ratio, sums
from layoutplan.balance.nearest import NearestSchools, nearest_on_foot, nearest_school

# unit 0: 100 m to school 0, 400 m to school 1; unit 1: 700 m to school 1; unit 2: no walk
WALKS = Walks(units=np.array([0, 0, 1]), schools=np.array([0, 1, 1]), metres=np.array([100.0, 400.0, 700.0]))


# unit 2 may board at school 1
BED = Walks(units=np.array([2]), schools=np.array([1]), metres=np.array([9000.0]))


def on_foot(walks, grades=None):
    return nearest_on_foot(walks, np.array([[True], [True]]), units=3, grades=grades)


def measured(radius=500.0, boarders=0.0):
    placement = StagePlacement(
        years=(
            PlacedYear(
                walks=WALKS, pupils=np.array([30.0, 10.0, 5.0]), ways=BED, boarders=np.array([boarders])
            ),
        ),
        served=np.array([[40.0], [5.0], [boarders]]),
        boarding=np.array([[0.0], [0.0], [boarders]]),
        assigned=np.array([[30.0], [15.0 + boarders]]),
        boarding_at=np.array([[0.0], [boarders]]),
        served_per_seat=np.zeros((2, 1)),
        saved_m_per_seat=np.zeros((2, 1)),
    )
    return measure_units(
        children=np.array([[50.0], [30.0], [20.0]]),
        demand=np.array([[40.0], [20.0], [10.0]]),
        placement=placement,
        nearest=on_foot(WALKS),
        nearest_own=on_foot(WALKS.where(np.array([False, True, True]))),
        straight=NearestSchools(np.array([[[80.0], [500.0], [800.0]]]), np.ones((1, 3, 1))),
        reach_m=1000.0,
        radius_m=np.array([radius]),
    )


def test_nearest_is_the_nearest_school_that_is_open():
    is_open = np.array([[True, False], [True, True]])
    nearest = nearest_school(WALKS, is_open, units=3)
    assert nearest[:2].tolist() == [[100.0, 400.0], [700.0, 700.0]]
    assert np.isnan(nearest[2]).all()


def test_the_nearest_school_is_one_that_teaches_the_grade():
    # school 0 teaches the lower band alone; of unit 0 a quarter is in the upper band, of the others all
    share = np.array([[[0.75], [0.0], [0.0]], [[0.25], [1.0], [1.0]]])
    grades = GradeBands(share=share, taught=np.array([[True, True], [False, True]]))
    found = on_foot(WALKS, grades)
    assert found.mean_m[:2].tolist() == [[0.75 * 100 + 0.25 * 400], [700.0]]
    assert np.isnan(found.mean_m[2]).all()
    assert found.within(300.0).tolist() == [[0.75], [0.0], [0.0]]
    assert found.mean_within(300.0).tolist() == [[0.75 * 100 + 0.25 * 300], [300.0], [300.0]]


def test_boarders_are_served_and_in_no_walk():
    units, plain = measured(boarders=6.0), measured()
    assert units.walking.tolist() == [[40.0], [5.0], [0.0]]
    everyone, before = (measure_groups(one, np.zeros(3, dtype=int), count=1) for one in (units, plain))
    assert (everyone.boarders.item(), everyone.served.item()) == (6.0, before.served.item() + 6.0)
    assert everyone.mean_walk_m.item() == before.mean_walk_m.item()  # in a bed or without a seat: the reach
    assert everyone.max_walk_m.item() == before.max_walk_m.item()
    alone = measure_groups(units, np.array([-1, -1, 0]), count=1)
    assert (alone.served.item(), alone.mean_walk_m.item()) == (6.0, 1000.0)
    assert np.isnan(alone.max_walk_m.item())


def test_means_and_shares_are_over_the_whole_demand():
    everyone = measure_groups(measured(), np.zeros(3, dtype=int), count=1)
    assert everyone.demand.item() == 70.0
    assert everyone.unserved.item() == 25.0
    assert everyone.mean_walk_m.item() == pytest.approx((30 * 100 + 10 * 400 + 5 * 700 + 25 * 1000) / 70)
    assert everyone.mean_walk_nearest_m.item() == pytest.approx((40 * 100 + 20 * 700 + 10 * 1000) / 70)
    assert everyone.mean_walk_own_m.item() == pytest.approx((40 * 400 + 20 * 700 + 10 * 1000) / 70)
    assert everyone.max_walk_m.item() == 700.0
    assert everyone.share_within_radius.item() == pytest.approx(40 / 70)
    assert everyone.share_within_circle.item() == pytest.approx(60 / 70)


def test_a_group_of_nobody_has_no_means():
    figures = measure_groups(measured(), np.array([0, 0, 1]), count=3)
    assert np.isnan(figures.max_walk_m[1:]).all()  # unit 2 is not served; group 2 is empty
    for means in (figures.mean_walk_m, figures.mean_walk_nearest_m, figures.mean_walk_own_m):
        assert means[1].item() == 1000.0
        assert np.isnan(means[2].item())
    assert figures.share_within_radius[1].item() == 0.0
    assert np.isnan(figures.share_within_radius[2])


def test_units_of_no_group_are_left_out():
    figures = measure_groups(measured(), np.array([0, -1, -1]), count=1)
    assert (figures.demand.item(), figures.max_walk_m.item()) == (40.0, 400.0)


@settings(deadline=None)
@given(
    arrays(float, (7, 2), elements=st.integers(0, 99).map(float)), arrays(int, 7, elements=st.integers(-1, 3))
)
def test_sums_equal_a_plain_loop(values, group):
    expected = np.zeros((4, 2))
    for row, place in zip(values, group, strict=True):
        if place >= 0:
            expected[place] += row
    assert sums(values, group, count=4).tolist() == expected.tolist()


def test_a_ratio_over_nothing_is_null():
    assert np.isnan(ratio(np.array([3.0]), np.array([0.0])))[0]
