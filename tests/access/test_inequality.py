"""Inequality: the published vectors, another program, brute force, and laws."""

import inequality.gini
import inequality.theil
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from layoutplan.access import gini, mismatch, theil
from tests.access.walks import laws

amounts = st.one_of(st.just(0.0), st.floats(0.01, 1000))
rows = st.lists(st.tuples(amounts, amounts, st.sampled_from(["a", "b", None])), min_size=1, max_size=12)


def columns(drawn):
    """Return values, weights and groups of drawn rows that weigh something."""
    values, weights, groups = zip(*drawn, strict=True)
    x, w = np.array(values), np.array(weights)
    assume((x * w).sum() > 0)
    return x, w, np.array(groups, dtype=object)


def test_the_vectors_of_the_standards():
    assert gini([1, 2, 3, 4, 10]) == pytest.approx(0.4, abs=1e-6)
    assert theil([1, 2, 3, 4, 10]).total == pytest.approx(0.276364, abs=1e-6)


@laws
@given(rows)
def test_gini_is_the_mean_difference_of_all_pairs(drawn):
    x, w, _ = columns(drawn)
    share = w / w.sum()
    differences = (share[:, None] * share[None, :] * np.abs(x[:, None] - x[None, :])).sum()
    found = gini(x, w)
    assert found == pytest.approx(differences / (2 * (share * x).sum()), abs=1e-9)
    assert -1e-12 <= found < 1


@laws
@given(st.lists(st.floats(0.01, 1000), min_size=2, max_size=12), st.data())
def test_pysal_inequality_gives_the_same(values, data):
    groups = data.draw(st.lists(st.sampled_from(["a", "b"]), min_size=len(values), max_size=len(values)))
    x, g = np.array(values), np.array(groups)
    assert gini(x) == pytest.approx(inequality.gini.Gini(x).g, abs=1e-9)
    theirs = inequality.theil.TheilD(x, g)
    found = theil(x, groups=g)
    assert found.total == pytest.approx(float(theirs.T), abs=1e-9)
    assert found.between == pytest.approx(float(np.ravel(theirs.bg)[0]), abs=1e-9)


@laws
@given(rows)
def test_theil_is_what_lies_between_districts_and_within_them(drawn):
    x, w, groups = columns(drawn)
    found = theil(x, w, groups=groups)
    assert found.total == pytest.approx(found.between + found.within, abs=1e-9)
    assert min(found.total, found.between, found.within) >= -1e-12
    assert theil(x, w).between == pytest.approx(0, abs=1e-12)


@laws
@given(rows, st.floats(0.1, 100), st.integers(1, 5))
def test_neither_money_nor_size_matters(drawn, factor, copies):
    x, w, groups = columns(drawn)
    for one, other in (((factor * x, w), (x, w)), ((x, factor * w), (x, w))):
        assert gini(*one) == pytest.approx(gini(*other), abs=1e-9)
        assert theil(*one, groups=groups).between == pytest.approx(
            theil(*other, groups=groups).between, abs=1e-9
        )
    assert gini(np.tile(x, copies), np.tile(w, copies)) == pytest.approx(gini(x, w), abs=1e-9)
    # A place of weight 2 is two places of weight 1.
    assert gini(np.append(x, x[0]), np.append(w, w[0])) == pytest.approx(
        gini(x, np.concatenate([[2 * w[0]], w[1:]])), abs=1e-9
    )


def test_equal_shares_are_equal_and_nothing_is_undefined():
    assert gini([2, 2, 2], [5, 1, 3]) == pytest.approx(0, abs=1e-15)
    assert theil([2, 2, 2], groups=["a", "b", "b"]).total == pytest.approx(0, abs=1e-15)
    for nothing in ([], [0, 0]):
        assert np.isnan(gini(nothing))
        assert np.isnan(theil(nothing).total)
    assert np.isnan(gini([3.0], [0.0]))


@laws
@given(rows)
def test_mismatch_is_the_share_of_seats_to_move(drawn):
    seats, pupils, _ = columns(drawn)
    found = mismatch(seats, pupils)
    surplus = np.maximum(seats / seats.sum() - pupils / pupils.sum(), 0).sum()
    assert found == pytest.approx(surplus, abs=1e-9)
    assert mismatch(3 * pupils, pupils) == pytest.approx(0, abs=1e-12)


def test_mismatch_of_all_elsewhere_is_one_and_of_nothing_undefined():
    assert mismatch([100, 0], [0, 30]) == 1
    assert np.isnan(mismatch([0, 0], [1, 2]))


@pytest.mark.parametrize(("values", "weights"), [([1, -1], None), ([1, np.nan], None), ([1, 2], [1])])
def test_figures_without_sense_are_refused(values, weights):
    with pytest.raises(ValueError, match="figures and their weights"):
        gini(values, weights)
