"""Density clusters of unserved pupils."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

NO_CLUSTER = -1
_TOLERANCE = 1e-9


def cluster_pupils(
    points: npt.ArrayLike, pupils: npt.ArrayLike, *, radius_m: float, min_pupils: float
) -> npt.NDArray[np.int64]:
    """Cluster pupils by density (weighted DBSCAN).

    A point is a core point if at least ``min_pupils`` pupils live within ``radius_m`` of it. Core points
    within ``radius_m`` of each other belong to the same cluster; any other point joins its nearest core point
    within ``radius_m``. Points without pupils, and points without a core point in reach, are in no cluster. A
    cluster that retains fewer than ``min_pupils``, because points in its reach are nearer to other clusters,
    is dropped.

    Parameters
    ----------
    points
        Shape ``(n, 2)``, metres.
    pupils
        Shape ``(n,)``, not negative.
    radius_m
        Neighbourhood radius, metres (DBSCAN's eps).
    min_pupils
        Minimum number of pupils of a neighbourhood and of a cluster.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``: the cluster of each point, or -1. Clusters are numbered by decreasing pupils, ties
        from west to east, independent of the order of the rows.

    Notes
    -----
    Ester, Kriegel, Sander & Xu 1996 (DBSCAN, KDD-96). Standard DBSCAN assigns a border point to whichever
    cluster is processed first; assigning it to the nearest core point makes the result independent of the
    order of the rows.

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
    """Label core points by DBSCAN and assign every other point to its nearest core point in reach."""
    from sklearn.cluster import DBSCAN  # noqa: PLC0415  half a second, and a city may have no pupil unserved

    # min_samples must be an integer; weights in units of min_pupils allow any threshold.
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
    """Renumber clusters by pupils, then location; clusters below the minimum size are dropped."""
    kept = np.flatnonzero(labels >= 0)
    ids, inside = np.unique(labels[kept], return_inverse=True)
    totals = np.bincount(inside, weights=weight[kept], minlength=len(ids))
    # Places are sorted from west to east, so the first row of a cluster is its westernmost.
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
