"""Sparse pairs as a value."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.travel.distances import walk_matrix
from layoutplan.travel.matrix import WalkMatrix, compress
from tests.travel.drawn import laws, places, points

HOMES = points([(0, 0), (1000, 0), (9000, 0)], "u")
SCHOOLS = points([(0, 300), (1000, 100)], "s")


def straight(destinations, limit_m=2000.0) -> WalkMatrix:
    return walk_matrix(HOMES, destinations, limit_m=limit_m, network=None, detour_factor=1.0)


def test_nearest_metres():
    pairs = straight(SCHOOLS, limit_m=1020)
    assert pairs.nearest().tolist() == [300.0, 100.0, np.inf]
    among = pairs.nearest(np.array([False, True])).round(1)
    pd.testing.assert_index_equal(among.index, HOMES.index)
    assert among.tolist() == [1005.0, 100.0, np.inf]


def test_within_keeps_the_near_ones():
    assert straight(SCHOOLS).within(300).to_frame().to_dict("list") == {
        "origin": ["u0", "u1"],
        "destination": ["s0", "s1"],
        "metres": [300.0, 100.0],
    }


@laws
@given(places, places, places)
def test_joined_pairs_are_those_of_all_destinations(homes, schools, sites):
    def search(destinations):
        return walk_matrix(points(homes), destinations, limit_m=150, network=None)

    every = search(points([*schools, *sites]))
    more = points([*schools, *sites])[len(schools) :]
    joined = search(points(schools)).join(search(more))
    assert joined.destinations.equals(every.destinations)
    np.testing.assert_array_equal(joined.indptr, every.indptr)
    np.testing.assert_array_equal(joined.indices, every.indices)
    np.testing.assert_array_equal(joined.metres, every.metres)


def test_join_refuses_what_does_not_fit():
    pairs = straight(SCHOOLS)
    with pytest.raises(ValueError, match="both"):
        pairs.join(pairs)
    with pytest.raises(ValueError, match="limit"):
        pairs.join(straight(points([(5, 5)], "x"), limit_m=999))


def test_a_distance_of_zero_is_stored():
    pairs = straight(points([(0, 0)], "s"))
    assert pairs.metres[0] == 0.0
    assert pairs.to_csr().nnz == len(pairs.metres)


@laws
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 9)), max_size=30))
def test_compress_sorts_by_row_then_metres_then_column(triples):
    row, column, metres = (np.array([t[k] for t in triples], dtype=np.int64) for k in range(3))
    indptr, indices, kept = compress(row, column, metres.astype(float), rows=6)
    found = [(r, kept[k], indices[k]) for r in range(6) for k in range(indptr[r], indptr[r + 1])]
    assert found == sorted((r, m, c) for r, c, m in triples)
