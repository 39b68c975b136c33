"""The nearest few schools."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.access import count_within, mean_of_nearest
from tests.access.walks import laws, pairs_of, scenes


@laws
@given(scenes(), st.integers(1, 4), st.integers(0, 1200))
def test_brute_force_gives_the_same(scene, k, limit_m):
    ordered = np.sort(np.column_stack([scene.metres, np.full((len(scene.pupils), 4), np.inf)]), axis=1)
    np.testing.assert_allclose(mean_of_nearest(scene.pairs, k=k), ordered[:, :k].mean(axis=1), rtol=1e-6)
    assert (count_within(scene.pairs, limit_m) == (scene.metres <= limit_m).sum(axis=1)).all()
    assert mean_of_nearest(scene.pairs, k=1).equals(scene.pairs.nearest())


def test_none_of_the_nearest_is_refused():
    with pytest.raises(ValueError, match="1 or more"):
        mean_of_nearest(pairs_of(np.zeros((1, 1))), k=0)
