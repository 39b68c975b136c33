"""Division of a cluster that extends over too wide an area, by a fixed rule."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from scipy.spatial import KDTree

from layoutplan.arrays import FloatArray, IntArray

_MILLIMETRES = 3


def divide_cluster(
    points: npt.ArrayLike,
    pupils: npt.ArrayLike,
    catchment: npt.ArrayLike,
    *,
    largest_m: float,
    min_pupils: float,
) -> IntArray:
    """Return the part of each point of a cluster.

    A cluster whose two farthest points are more than ``largest_m`` apart is divided by catchment; the points
    of a catchment with fewer than ``min_pupils`` join the nearest point of one with enough. A part that is
    still too wide is split across its longer side (east-west or north-south) into two parts of about equal
    pupils, and so on recursively, as long as both retain ``min_pupils``. The rule also divides clusters that
    density cannot divide because the shortage is widespread. Each point is in exactly one part.

    Parameters
    ----------
    points
        Shape ``(n, 2)``, metres.
    pupils
        Shape ``(n,)``, above 0.
    catchment
        Shape ``(n,)``, integers: equal for points of one catchment; one value for all points outside.
    largest_m
        Largest extent of a part, metres.
    min_pupils
        Minimum number of pupils of a part.

    Returns
    -------
    numpy.ndarray
        Shape ``(n,)``: parts numbered from 0, west to east; all 0 if the cluster is not too wide.

    Examples
    --------
    Four homes in a row, 400 m apart, in two catchments:

    >>> row = [[0, 0], [400, 0], [800, 0], [1200, 0]]
    >>> divide_cluster(row, [50, 60, 70, 80], [7, 7, 9, 9], largest_m=1000, min_pupils=45).tolist()
    [0, 0, 1, 1]
    >>> divide_cluster(row, [50, 60, 70, 80], [7, 7, 9, 9], largest_m=1300, min_pupils=45).tolist()
    [0, 0, 0, 0]
    """
    xy = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    weight = np.asarray(pupils, dtype=np.float64)
    groups = np.asarray(catchment)
    parts = np.zeros(len(xy), dtype=np.int64)
    if _width(xy) <= largest_m:
        return parts
    order = np.lexsort((xy[:, 1], xy[:, 0]))  # makes the result independent of the order of the rows
    places, weight = xy[order] - xy.mean(axis=0), weight[order]
    pieces = []
    for piece in _by_catchment(places, weight, groups[order], min_pupils=min_pupils):
        pieces += _halved(places, weight, piece, largest_m=largest_m, min_pupils=min_pupils)
    for number, piece in enumerate(sorted(pieces, key=lambda piece: int(piece[0]))):
        parts[order[piece]] = number
    return parts


def _width(places: FloatArray) -> float:
    """Return the largest distance between two points, metres."""
    hull = shapely.get_coordinates(shapely.MultiPoint(places).convex_hull)
    apart = hull[None, :, :] - hull[:, None, :]
    return float(np.round(np.hypot(apart[..., 0], apart[..., 1]).max(), _MILLIMETRES))


def _by_catchment(
    places: FloatArray, weight: FloatArray, catchment: npt.NDArray[np.generic], *, min_pupils: float
) -> list[IntArray]:
    """Return the rows of each catchment with enough pupils; other rows join their nearest."""
    ids, of = np.unique(catchment, return_inverse=True)
    enough = np.bincount(of, weights=weight) >= min_pupils
    if enough.sum() < 2:  # noqa: PLR2004  a single part is not a division
        return [np.arange(len(places))]
    kept = np.flatnonzero(enough[of])
    rest = np.flatnonzero(~enough[of])
    joined = of.copy()
    if len(rest):
        joined[rest] = of[kept[KDTree(places[kept]).query(places[rest])[1]]]
    return [np.flatnonzero(joined == number) for number in range(len(ids)) if enough[number]]


def _halved(
    places: FloatArray, weight: FloatArray, rows: IntArray, *, largest_m: float, min_pupils: float
) -> list[IntArray]:
    """Split rows recursively across their longer side."""
    if _width(places[rows]) <= largest_m:
        return [rows]
    inside = np.round(places[rows], _MILLIMETRES)
    along = int(np.ptp(inside, axis=0).argmax())
    order = np.argsort(inside[:, along], kind="stable")
    before = np.cumsum(weight[rows][order])
    cut = int(np.abs(before[:-1] - before[-1] / 2).round(6).argmin()) + 1
    if min(before[cut - 1], before[-1] - before[cut - 1]) < min_pupils:
        return [rows]
    halves = (np.sort(rows[order[:cut]]), np.sort(rows[order[cut:]]))
    return [
        piece
        for half in halves
        for piece in _halved(places, weight, half, largest_m=largest_m, min_pupils=min_pupils)
    ]
