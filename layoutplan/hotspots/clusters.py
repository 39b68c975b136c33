"""Density clusters of unserved pupils."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree
from sklearn.cluster import DBSCAN

NO_CLUSTER = -1
_TOLERANCE = 1e-9


def cluster_pupils(
    points: npt.ArrayLike, pupils: npt.ArrayLike, *, radius_m: float, min_pupils: float
) -> npt.NDArray[np.int64]:
    """Gather pupils into density clusters (weighted DBSCAN).

    A point is dense when at least ``min_pupils`` pupils live within ``radius_m`` of it; dense points within
    ``radius_m`` of each other are one cluster; a point that is not dense joins its nearest dense point within
    ``radius_m``. Points without pupils, and points near no dense one, are in no cluster. A cluster that
    keeps fewer than ``min_pupils``, because its neighbours lie nearer to others, is none.

    Parameters
    ----------
    points
        Shape ``(n, 2)``, metres.
    pupils
        Shape ``(n,)``, not negative.
    radius_m, min_pupils
        As above.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``: the cluster of each point, or -1. Clusters are numbered by the most pupils, then from
        west to east; the order of the rows does not matter.

    Notes
    -----
    DBSCAN itself leaves a border point to whichever cluster is processed first; joining the nearest dense
    point makes the result independent of the order of the rows.

    Examples
    --------
    >>> cluster_pupils([[0, 0], [50, 0], [900, 0]], [30, 20, 40], radius_m=100, min_pupils=45).tolist()
    [0, 0, -1]
    """
    xy = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    weight = np.asarray(pupils, dtype=np.float64)
    labels = np.full(len(xy), NO_CLUSTER, dtype=np.int64)
    given = np.flatnonzero(weight > 0)
    if given.size == 0:
        return labels
    order = given[np.lexsort((xy[given, 1], xy[given, 0]))]
    places = xy[order] - xy[order].mean(axis=0)
    found = _dense_clusters(places, weight[order], radius_m=radius_m, min_pupils=min_pupils)
    labels[order] = _numbered(found, places, weight[order], min_pupils=min_pupils)
    return labels


def _dense_clusters(
    places: npt.NDArray[np.float64],
    weight: npt.NDArray[np.float64],
    *,
    radius_m: float,
    min_pupils: float,
) -> npt.NDArray[np.int64]:
    """Label dense points by DBSCAN and give every other point to its nearest dense one in reach."""
    # DBSCAN takes a whole number of samples; weights in units of min_pupils let it be any number.
    share = weight / min_pupils * (1 + _TOLERANCE) if min_pupils > 0 else np.ones_like(weight)
    model = DBSCAN(eps=radius_m, min_samples=1).fit(places, sample_weight=share)
    core = np.asarray(model.core_sample_indices_, dtype=np.int64)
    labels = np.full(len(places), NO_CLUSTER, dtype=np.int64)
    if core.size == 0:
        return labels
    metres, nearest = (np.asarray(part) for part in KDTree(places[core]).query(places))
    near = metres <= radius_m
    labels[near] = np.asarray(model.labels_)[core[nearest[near]]]
    labels[core] = np.asarray(model.labels_)[core]
    return labels


def _numbered(
    labels: npt.NDArray[np.int64],
    places: npt.NDArray[np.float64],
    weight: npt.NDArray[np.float64],
    *,
    min_pupils: float,
) -> npt.NDArray[np.int64]:
    """Return labels numbered by pupils, then by place; clusters that are too small are none."""
    kept = np.flatnonzero(labels >= 0)
    ids, inside = np.unique(labels[kept], return_inverse=True)
    totals = np.bincount(inside, weights=weight[kept], minlength=len(ids))
    # Places are sorted from west to east, so a cluster's first row is its western end.
    first = np.array([kept[inside == position][0] for position in range(len(ids))], dtype=np.int64)
    order = [
        position
        for position in np.lexsort((places[first, 1], places[first, 0], -np.round(totals, 6)))
        if totals[position] >= min_pupils * (1 - _TOLERANCE)
    ]
    number = np.full(len(ids), NO_CLUSTER, dtype=np.int64)
    number[order] = np.arange(len(order))
    numbered = np.full(len(labels), NO_CLUSTER, dtype=np.int64)
    numbered[kept] = number[inside]
    return numbered
