"""Walking pairs joined: the same pairs, in the same order as if measured at once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.small_city import CRS, straight_pairs


def points(random, names):
    return gpd.GeoSeries.from_xy(
        random.uniform(0, 4000, len(names)),
        random.uniform(0, 4000, len(names)),
        index=pd.Index(names),
        crs=CRS,
    )


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(0, 4), st.integers(1, 4))
def test_joined_pairs_are_those_measured_at_once(seed, units, schools, new):
    random = np.random.default_rng(seed)
    homes = points(random, [f"U{number}" for number in range(units)])
    old = points(random, [f"S{number}" for number in range(schools)])
    added = points(random, [f"N{number}" for number in range(new)])
    joined = straight_pairs(homes, old).with_destinations(straight_pairs(homes, added))
    at_once = straight_pairs(homes, pd.concat([old, added]))
    np.testing.assert_array_equal(joined.indptr, at_once.indptr)
    np.testing.assert_array_equal(joined.indices, at_once.indices)
    np.testing.assert_array_equal(joined.metres, at_once.metres)
    assert joined.destinations.tolist() == at_once.destinations.tolist()


def test_pairs_of_other_origins_are_refused():
    random = np.random.default_rng(1)
    first = straight_pairs(points(random, ["U1"]), points(random, ["S1"]))
    second = straight_pairs(points(random, ["U2"]), points(random, ["S2"]))
    with pytest.raises(ValueError, match="origins"):
        first.with_destinations(second)
