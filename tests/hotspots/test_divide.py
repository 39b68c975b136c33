"""Wide clusters are divided by the stated rule; nobody is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import pdist

from layoutplan.hotspots import divide_cluster


@st.composite
def clusters(draw):
    count = draw(st.integers(1, 40))
    random = np.random.default_rng(draw(st.integers(0, 999)))
    points = random.uniform(0, 6000, (count, 2)).round(1)
    return points, random.integers(1, 60, count).astype(float), random.integers(-1, 3, count)


def parts_of(case, **more):
    points, pupils, catchment = case
    chosen = {"largest_m": 2000.0, "min_pupils": 45.0, **more}
    return divide_cluster(points, pupils, catchment, **chosen)


@given(clusters())
def test_every_part_keeps_the_least_pupils_or_is_the_whole(case):
    parts = parts_of(case)
    assert set(parts) == set(range(parts.max() + 1))
    if parts.max():
        assert (np.bincount(parts, weights=case[1]) >= 45.0).all()


@given(clusters())
def test_a_part_is_narrow_unless_a_half_would_be_too_small(case):
    points, pupils, _ = case
    parts = parts_of(case)
    for number in range(parts.max() + 1):
        inside = parts == number
        if inside.sum() > 1 and pdist(points[inside]).max() > 2000.1:
            heaviest = pupils[inside].max()
            assert pupils[inside].sum() < 2 * 45.0 + heaviest


@given(clusters())
def test_the_order_of_the_rows_does_not_matter(case):
    order = np.random.default_rng(1).permutation(len(case[0]))
    one = parts_of(case)
    other = parts_of(tuple(values[order] for values in case))
    assert (one[order] == other).all()


@given(clusters())
def test_a_cluster_that_is_not_too_wide_stays_whole(case):
    assert parts_of(case, largest_m=9000.0).max() == 0


def test_catchments_divide_first_and_small_ones_join_their_nearest():
    row = [[0, 0], [500, 0], [1000, 0], [1500, 0], [2000, 0]]
    parts = divide_cluster(row, [50, 50, 10, 60, 60], [4, 4, 2, 3, 3], largest_m=1800, min_pupils=45)
    assert parts.tolist() == [0, 0, 0, 1, 1]


def test_even_shortage_is_halved_until_it_is_narrow():
    side = np.arange(0, 4000, 250.0)
    points = np.array([(x, y) for x in side for y in side])
    parts = divide_cluster(
        points, np.full(len(points), 10.0), np.zeros(len(points)), largest_m=2900.0, min_pupils=45.0
    )
    assert np.bincount(parts) == pytest.approx([64] * 4)
    for number in range(4):
        assert pdist(points[parts == number]).max() <= 2900.0
