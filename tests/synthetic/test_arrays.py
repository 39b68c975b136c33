from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layoutplan.synthetic.arrays import ragged_ranges, whole_parts


@given(
    weights=hnp.arrays(float, st.integers(1, 30), elements=st.floats(0.01, 1e6)), total=st.integers(0, 10**7)
)
def test_whole_parts_add_up_and_are_within_one_of_exact(weights, total):
    parts = whole_parts(weights, total=total)
    assert parts.sum() == total
    assert (np.abs(parts - weights / weights.sum() * total) < 1 + 1e-6).all()


@given(pairs=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=12))
def test_ragged_ranges_are_the_ranges(pairs):
    starts = np.array([a for a, _ in pairs], dtype=np.int64)
    ends = np.array([b for _, b in pairs], dtype=np.int64)
    index, owner = ragged_ranges(starts, ends)
    expected = [(i, k) for k, (a, b) in enumerate(pairs) for i in range(a, b)]
    assert list(zip(index.tolist(), owner.tolist(), strict=True)) == expected
