"""Local Moran against PySAL's esda, against every permutation there is, and its laws."""

from __future__ import annotations

import warnings
from itertools import combinations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import sparse

from layoutplan.hotspots import local_moran, nearest_neighbours
from layoutplan.hotspots.local_moran import CLASSES
from tests.examples import THOROUGH, examples
from tests.hotspots.test_gi_star import GRID, queen, random_case

ESDA_QUADRANTS = {1: "high_high", 2: "low_high", 3: "low_low", 4: "high_low"}


def esda_of(values: np.ndarray, weights: sparse.csr_array, *, permutations: int):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from esda.moran import Moran_Local  # noqa: PLC0415  (heavy, and only an oracle)
        from libpysal.weights import W  # noqa: PLC0415

        rows = [weights.indices[slice(*weights.indptr[place : place + 2])] for place in range(len(values))]
        others = {place: [int(other) for other in row if other != place] for place, row in enumerate(rows)}
        return Moran_Local(
            values,
            W(others, silence_warnings=True),
            transformation="r",
            permutations=permutations,
            seed=5,
            n_jobs=1,
        )


@pytest.mark.slow  # esda compiles for 15 CPU s
@pytest.mark.parametrize("seed", [0, 1])
def test_esda_agrees_on_scores_classes_and_probabilities(seed):
    values, weights = random_case(seed)
    dealt = 9999 if THOROUGH else 999
    oracle = esda_of(values, weights, permutations=dealt)
    found = local_moran(values, weights, permutations=dealt, seed=1)
    np.testing.assert_allclose(found.score, oracle.Is, rtol=1e-9, atol=1e-12)
    assert [CLASSES[place] for place in found.quadrant] == [ESDA_QUADRANTS[q] for q in oracle.q]
    # esda's p is one-sided, and as random as ours: some five standard errors of both are allowed.
    one_sided = np.minimum(2 * oracle.p_sim, 1.0)
    error = 5 * np.sqrt(2 * one_sided / dealt)
    assert (np.abs(found.p - one_sided) <= 2 * error + 10 / dealt).all()


def test_the_scores_add_up_to_the_published_global_moran():
    """STANDARDS 2.10: Moran's I of the 3 × 3 queen grid is 0.191198."""
    found = local_moran(GRID, queen(3), permutations=99, seed=1)
    assert found.score.sum() / 8 == pytest.approx(0.191198, abs=5e-7)


def test_p_is_the_share_of_all_the_ways_to_deal_out_the_neighbours():
    random = np.random.default_rng(2)
    values = random.gamma(1.0, 5.0, 12)
    weights = nearest_neighbours(random.uniform(0, 100, (12, 2)), 3)
    found = local_moran(values, weights, permutations=200_000, seed=3)
    for place in range(12):
        row = weights.indices[slice(*weights.indptr[place : place + 2])]
        mine = values[row[row != place]].sum()
        others = np.delete(values, place)
        dealt = np.array([sum(chosen) for chosen in combinations(others, len(row) - 1)])
        share = min((dealt >= mine - 1e-9).mean(), (dealt <= mine + 1e-9).mean())
        assert found.p[place] == pytest.approx(min(2 * share, 1.0), abs=0.006)


@settings(max_examples=examples(10))
@given(seed=st.integers(0, 999), factor=st.floats(1e-3, 1e3), offset=st.floats(-50, 50))
@example(seed=430, factor=4.809136088343074, offset=0.0)  # a place at the mean
def test_scaling_or_shifting_values_changes_neither_score_nor_class(seed, factor, offset):
    values, weights = random_case(seed)
    one = local_moran(values, weights, permutations=99, seed=1)
    other = local_moran(values * factor + offset, weights, permutations=99, seed=1)
    np.testing.assert_allclose(other.score, one.score, atol=1e-7)
    np.testing.assert_allclose(other.p, one.p, atol=0.021)  # a tie may fall either way by rounding
    assert (one.quadrant == other.quadrant).all()


def test_chance_alone_is_rarely_called_significant():
    """Values dealt out at random: about one p in twenty is below 0.05."""
    random = np.random.default_rng(8)
    weights = nearest_neighbours(random.uniform(0, 5000, (400, 2)), 8)
    shares = [
        (local_moran(random.gamma(2.0, 1.0, 400), weights, permutations=999, seed=run).p <= 0.05).mean()
        for run in range(20)
    ]
    assert 0.03 < np.mean(shares) < 0.07


def test_not_defined_where_all_values_are_equal_or_nobody_is_near():
    even = local_moran([3.0] * 9, queen(3), permutations=99, seed=1)
    assert np.isnan(even.score).all()
    assert np.isnan(even.p).all()
    assert (even.quadrant == -1).all()
    alone = local_moran([1.0, 2.0], sparse.csr_array(np.eye(2)), permutations=99, seed=1)
    assert np.isnan(alone.score).all()
    nothing = local_moran([], sparse.csr_array((0, 0)), permutations=99, seed=1)
    assert nothing.p.shape == (0,)


def test_values_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        local_moran([1.0, 2.0], queen(3), permutations=99, seed=1)
    with pytest.raises(ValueError, match="finite"):
        local_moran([np.nan, *GRID[1:]], queen(3), permutations=99, seed=1)
