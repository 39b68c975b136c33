"""Gi* against the published vector, PySAL's esda, and its laws; FDR against the step-up rule."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

from layoutplan.hotspots import false_discovery, gi_star, nearest_neighbours, one_sided_p
from tests.examples import examples

GRID = [1, 2, 3, 4, 5, 6, 7, 20, 30]
PUBLISHED = [
    *(-1.555938, -2.243081, -1.281361, -0.940647, np.nan, 1.013004),
    *(0.091526, 1.447149, 1.807634),
]


def queen(side: int) -> sparse.csr_array:
    """Return queen contiguity with each cell its own neighbour."""
    row, column = np.divmod(np.arange(side**2), side)
    near = np.maximum(abs(row[:, None] - row), abs(column[:, None] - column)) <= 1
    return sparse.csr_array(near.astype(float))


def random_case(seed: int, n: int = 60) -> tuple[np.ndarray, sparse.csr_array]:
    random = np.random.default_rng(seed)
    values = np.round(random.gamma(0.4, 30.0, n))
    return values, nearest_neighbours(random.uniform(0, 5000, (n, 2)), 8)


def test_the_published_vector_on_a_3_by_3_queen_grid():
    np.testing.assert_allclose(gi_star(GRID, queen(3)), PUBLISHED, atol=5e-7)


@pytest.mark.parametrize("seed", range(5))
def test_esda_agrees(seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda.getisord import G_Local  # noqa: PLC0415  (heavy, and only an oracle)
        from libpysal.weights import W  # noqa: PLC0415
    values, weights = random_case(seed)
    rows = {place: weights.indices[slice(*weights.indptr[place : place + 2])] for place in range(len(values))}
    others = {place: [int(other) for other in row if other != place] for place, row in rows.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        oracle = G_Local(values, W(others, silence_warnings=True), transform="B", star=True, permutations=0)
    z = gi_star(values, weights)
    np.testing.assert_allclose(z, oracle.Zs, rtol=1e-9)
    # esda's p is that of the nearer tail.
    np.testing.assert_allclose(np.minimum(one_sided_p(z), one_sided_p(-z)), oracle.p_norm, rtol=1e-9)


@settings(max_examples=examples(30))
@given(seed=st.integers(0, 999), factor=st.floats(1e-3, 1e6), offset=st.floats(-100, 100))
def test_scaling_or_shifting_values_leaves_z_unchanged(seed, factor, offset):
    values, weights = random_case(seed)
    z = gi_star(values, weights)
    np.testing.assert_allclose(gi_star(values * factor, weights), z, atol=1e-7)
    np.testing.assert_allclose(gi_star(values + offset, weights), z, atol=1e-7)
    np.testing.assert_allclose(gi_star(-values, weights), -z, atol=1e-7)


@settings(max_examples=examples(20))
@given(seed=st.integers(0, 999))
def test_shuffling_places_changes_nothing(seed):
    values, weights = random_case(seed)
    order = np.random.default_rng(seed).permutation(len(values))
    shuffled = sparse.csr_array(weights.toarray()[np.ix_(order, order)])
    np.testing.assert_allclose(gi_star(values[order], shuffled), gi_star(values, weights)[order], atol=1e-9)


def test_not_defined_where_all_values_are_equal_or_all_are_neighbours():
    assert np.isnan(gi_star([3.0] * 9, queen(3))).all()
    assert np.isnan(gi_star([0.1, 0.7, 0.4], sparse.csr_array(np.ones((3, 3))))).all()
    assert gi_star([], sparse.csr_array((0, 0))).shape == (0,)
    assert np.isnan(gi_star([5.0], sparse.csr_array(np.ones((1, 1))))).all()


def test_values_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        gi_star([1.0, 2.0], queen(3))
    with pytest.raises(ValueError, match="finite"):
        gi_star([np.nan, *GRID[1:]], queen(3))


def step_up(p: np.ndarray, alpha: float) -> np.ndarray:
    """Oracle: the rule as it is written in the paper."""
    tested = np.flatnonzero(np.isfinite(p))
    ranked = np.sort(p[tested])
    passing = [k for k in range(1, len(ranked) + 1) if ranked[k - 1] <= k * alpha / len(ranked)]
    rejected = np.zeros(len(p), dtype=bool)
    if passing:
        rejected[tested] = p[tested] <= ranked[max(passing) - 1]
    return rejected


@settings(max_examples=examples(200))
@given(
    p=st.lists(st.one_of(st.just(float("nan")), st.floats(0, 1), st.floats(0, 0.02)), max_size=30),
    alpha=st.sampled_from([0.01, 0.05, 0.1, 0.2]),
)
def test_q_rejects_what_the_step_up_rule_rejects(p, alpha):
    values = np.array(p, dtype=float)
    q = false_discovery(values)
    # A p exactly on the line may fall either way by rounding; such cases are none of the law.
    ranks = np.arange(1, np.isfinite(values).sum() + 1)
    lines = ranks * alpha / max(1, len(ranks))
    on_line = np.isclose(np.sort(values[np.isfinite(values)])[:, None], lines, rtol=1e-12, atol=0).any()
    if not on_line:
        assert (np.nan_to_num(q, nan=2.0) <= alpha).tolist() == step_up(values, alpha).tolist()
    np.testing.assert_array_equal(np.isnan(q), np.isnan(values))
    known = np.isfinite(values)
    assert (q[known] >= values[known] - 1e-15).all()
    assert (q[known] <= 1).all()


def test_p_is_the_upper_tail_of_the_normal():
    assert one_sided_p([1.959964])[0] == pytest.approx(0.025, abs=1e-7)
    assert one_sided_p([-8.0])[0] == pytest.approx(1.0)
    np.testing.assert_allclose(one_sided_p([0.3, 2.5]), 1 - stats.norm.cdf([0.3, 2.5]))
