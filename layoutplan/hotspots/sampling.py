"""Random samples of places for permutation tests."""

from __future__ import annotations

import numpy as np

from layoutplan.arrays import IntArray


def sample_places(n: int, neighbours: int, *, permutations: int, seed: int) -> IntArray:
    """Return samples of ``neighbours + 1`` places without replacement; the last of each is the spare.

    Parameters
    ----------
    n
        Number of places; more than ``neighbours``.
    neighbours
        Places of a sample besides the spare.
    permutations
        Number of samples.
    seed
        The same arguments give the same samples.

    Returns
    -------
    numpy.ndarray
        Positions, permutations × (neighbours + 1). All subsets are equally likely, and the spare is drawn
        uniformly from the subset.

    References
    ----------
    Vectorised version of Floyd's algorithm: Bentley, J. and Floyd, B. (1987). A sample of brilliance.
    Communications of the ACM 30(9), 754-757. https://doi.org/10.1145/30401.315746
    """
    random = np.random.default_rng([seed, n, neighbours])
    size = neighbours + 1
    drawn = np.full((permutations, size), -1, dtype=np.int64)
    for place in range(size):
        last = n - size + place
        pick = random.integers(0, last + 1, permutations)
        taken = (drawn[:, :place] == pick[:, None]).any(axis=1)
        drawn[:, place] = np.where(taken, last, pick)
    rows, spare = np.arange(permutations), random.integers(0, size, permutations)
    chosen = drawn[rows, spare]
    drawn[rows, spare] = drawn[:, -1]
    drawn[:, -1] = chosen
    return drawn
