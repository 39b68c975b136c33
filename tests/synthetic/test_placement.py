from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from layoutplan.synthetic.placement import nearest_free, place_sites
from tests.examples import examples


@given(seed=st.integers(0, 10_000), count=st.integers(1, 12))
@settings(max_examples=examples(40))
def test_sites_are_distinct_and_free(seed, count):
    rng = np.random.default_rng(seed)
    place, weight, free = rng.uniform(0, 9_000, (80, 2)), rng.uniform(0, 5, 80), rng.random(80) < 0.5
    free[:count] = True
    chosen = place_sites(count, place=place, weight=weight, free=free, rng=rng)
    assert len(set(chosen.tolist())) == count
    assert free[chosen].all()


def test_two_hamlets_get_a_site_each():
    place = np.array([[0.0, 0], [50, 0], [9_000, 0], [9_050, 0]])
    chosen = place_sites(
        2, place=place, weight=np.ones(4), free=np.ones(4, dtype=bool), rng=np.random.default_rng(1)
    )
    assert sorted(place[chosen][:, 0] > 5_000) == [False, True]


def test_more_wishes_than_neighbours_still_get_a_place():
    place = np.column_stack([np.arange(90.0), np.zeros(90)])
    chosen = nearest_free(np.zeros((90, 2)), place=place, free=np.ones(90, dtype=bool))
    assert sorted(chosen.tolist()) == list(range(90))
