"""Nearest neighbours against brute force; ties do not depend on the order of the rows."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.hotspots import nearest_neighbours
from tests.examples import examples


def brute_force(points: np.ndarray, k: int) -> np.ndarray:
    metres = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    limit = np.sort(metres, axis=1)[:, min(k, len(points) - 1)]
    return metres <= limit[:, None] + 1e-3


@settings(max_examples=examples(50))
@given(
    places=st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=30),
    k=st.integers(1, 10),
    shift=st.tuples(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6)),
)
def test_brute_force_agrees_wherever_the_city_lies(places, k, shift):
    points = np.array(places, dtype=float) * 100.0 + np.array(shift)
    found = nearest_neighbours(points, k)
    assert (found.toarray() > 0).tolist() == brute_force(points, k).tolist()
    assert (found.diagonal() == 1).all()
    assert set(found.data) == {1.0}


@settings(max_examples=examples(30))
@given(seed=st.integers(0, 999), k=st.integers(1, 8))
def test_shuffling_points_changes_nothing(seed, k):
    random = np.random.default_rng(seed)
    points = random.integers(0, 8, (40, 2)) * 50.0
    order = random.permutation(40)
    whole = nearest_neighbours(points, k).toarray()
    assert (nearest_neighbours(points[order], k).toarray() == whole[np.ix_(order, order)]).all()


def test_on_a_lattice_eight_neighbours_are_the_queen_cells_inside():
    row, column = np.divmod(np.arange(25), 5)
    found = nearest_neighbours(np.column_stack([column, row]) * 500.0, 8).toarray()
    assert found[12].nonzero()[0].tolist() == [6, 7, 8, 11, 12, 13, 16, 17, 18]


def test_few_points():
    assert nearest_neighbours(np.empty((0, 2)), 8).shape == (0, 0)
    assert nearest_neighbours([[1.0, 2.0]], 8).toarray().tolist() == [[1.0]]
    assert nearest_neighbours([[1.0, 2.0], [5.0, 5.0]], 8).toarray().tolist() == [[1.0, 1.0]] * 2
