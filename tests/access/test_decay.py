"""Weights of distance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layoutplan.access import gaussian_m, steps_m, within_m
from tests.access.walks import laws

walked = st.lists(st.floats(0, 5000), min_size=1, max_size=20).map(lambda metres: np.sort(np.array(metres)))


@laws
@given(walked, st.floats(1, 3000))
def test_weights_fall_from_one_to_nothing_beyond_the_limit(metres, limit_m):
    for decay in (within_m(limit_m), gaussian_m(limit_m), steps_m((limit_m / 2, 1.0), (limit_m, 0.3))):
        weights = decay(metres)
        assert weights.shape == metres.shape
        assert ((weights >= 0) & (weights <= 1)).all()
        assert (np.diff(weights) <= 1e-12).all()
        assert (weights[metres > limit_m] == 0).all()
        assert decay(np.zeros(1))[0] == pytest.approx(1)


def test_zones_that_do_not_rise_are_refused():
    with pytest.raises(ValueError, match="rise"):
        steps_m((500, 1.0), (500, 0.5))
    with pytest.raises(ValueError, match="rise"):
        steps_m()
