"""Spatial neighbours for Gi* and local Moran's I."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.spatial import KDTree

_TIE_M = 1e-3


def nearest_neighbours(points: npt.ArrayLike, k: int) -> sparse.csr_array:
    """Return the binary k-nearest-neighbour matrix, including each point itself and all ties.

    All points at the distance of the k-th neighbour are included, so that the result does not depend on the
    order of the rows. Distances that differ by less than a millimetre are ties.

    Parameters
    ----------
    points
        Shape ``(n, 2)``, metres.
    k
        Neighbours besides the point itself; all points if there are fewer.

    Returns
    -------
    scipy.sparse.csr_array
        Shape ``(n, n)``, ones; generally not symmetric.

    Examples
    --------
    >>> nearest_neighbours([[0, 0], [1, 0], [3, 0]], k=1).toarray().astype(int).tolist()
    [[1, 1, 0], [1, 1, 0], [0, 1, 1]]
    """
    xy = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    n = len(xy)
    if n == 0:
        return sparse.csr_array((0, 0), dtype=np.float64)
    # Centred coordinates lose fewer digits than national grid coordinates.
    tree = KDTree(xy - xy.mean(axis=0))
    metres, _ = tree.query(tree.data, k=[min(k + 1, n)])
    radius = np.asarray(metres)[:, 0] + _TIE_M
    found = tree.query_ball_point(tree.data, r=radius, return_sorted=True)
    counts = np.fromiter((len(row) for row in found), dtype=np.int64, count=n)
    columns = np.concatenate([np.asarray(row, dtype=np.int64) for row in found])
    starts = np.concatenate([[0], np.cumsum(counts)])
    return sparse.csr_array((np.ones(len(columns)), columns, starts), shape=(n, n))
