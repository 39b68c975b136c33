"""The nearest destinations of each origin, without the matrix of all pairs."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from scipy.spatial import KDTree

from layoutplan.arrays import FloatArray
from layoutplan.travel.distances import walk_matrix
from layoutplan.travel.matrix import WalkMatrix, compress
from layoutplan.travel.network import Network
from layoutplan.travel.snapping import point_positions

_FIRST: Final = 1.5  # walks are seldom longer than this multiple of the straight line


def walking_nearest(
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    *,
    k: int = 1,
    limit_m: float,
    network: Network | None,
    snap_limit_m: float = 500.0,
    detour_factor: float = 1.3,
) -> WalkMatrix:
    """Return the ``k`` nearest destinations of each origin: the rows of :func:`walk_matrix`, truncated.

    The search begins with a short limit and doubles it for the origins that have not yet found ``k``
    destinations: an origin with ``k`` destinations within a limit has found its ``k`` nearest. Time and
    memory therefore grow with the distance to the nearest destinations, not with ``limit_m``, which may be
    infinite.

    Parameters
    ----------
    origins, destinations
        Points in one projected CRS in metres, the network's; their index holds the ids.
    k
        Number of destinations per origin, at least one; ties go to those first in ``destinations``.
    limit_m
        Longest walk, metres; may be infinite.
    network
        Streets, or ``None`` for straight lines.
    snap_limit_m
        Longest straight line from a point to a street, metres.
    detour_factor
        Walking metres per metre of straight line; used without a network only.

    Returns
    -------
    WalkMatrix
        At most ``k`` pairs per origin, nearest first.

    Raises
    ------
    ValueError
        If ``k`` is less than one.
    InputError, TypeError, DefectError
        As :func:`walk_matrix`.

    Examples
    --------
    >>> from shapely import Point
    >>> home = gpd.GeoSeries([Point(0, 0)], index=["u1"])
    >>> schools = gpd.GeoSeries([Point(900, 0), Point(0, 200)], index=["s1", "s2"])
    >>> walking_nearest(home, schools, limit_m=9000, network=None).to_frame()
      origin destination  metres
    0     u1          s2   260.0
    """
    if k < 1:
        raise ValueError("k must be at least one")
    homes, schools = point_positions(origins), point_positions(destinations)
    bound = min(limit_m, _longest_m(homes, schools, network, detour_factor=detour_factor))
    within_m = min(bound, _first_limit_m(homes, schools, k=k))
    open_, near = np.arange(len(origins)), np.arange(len(destinations))
    rows, columns, metres = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)], [np.zeros(0, np.float32)]
    first: WalkMatrix | None = None
    while first is None or len(open_):
        found = walk_matrix(
            origins.iloc[open_],
            destinations.iloc[near],
            limit_m=within_m,
            network=network,
            snap_limit_m=snap_limit_m,
            detour_factor=detour_factor,
        )
        first = first or found
        lost = origins.index[open_].astype(str).isin(first.unsnapped_origins)
        settled = (np.diff(found.indptr) >= k) | (within_m >= bound) | lost
        rank = np.arange(len(found.metres)) - found.indptr[found.rows]
        kept = found.keep(settled[found.rows] & (rank < k))
        rows.append(open_[kept.rows])
        columns.append(near[kept.indices].astype(np.int32))
        metres.append(kept.metres)
        open_ = open_[~settled]
        within_m = min(bound, 2 * within_m)
        near = _within(schools, homes[open_], distance_m=within_m)
    indptr, indices, walked = compress(
        np.concatenate(rows), np.concatenate(columns), np.concatenate(metres), rows=len(origins)
    )
    return replace(first, indptr=indptr, indices=indices, metres=walked, limit_m=limit_m)


def _longest_m(
    homes: FloatArray, schools: FloatArray, network: Network | None, *, detour_factor: float
) -> float:
    """Return an upper bound of all walks, metres: all streets plus twice the extent of the points."""
    everything = np.concatenate([homes, schools])
    if not np.isfinite(everything).any():
        return 0.0
    width = float(np.hypot(*(np.nanmax(everything, axis=0) - np.nanmin(everything, axis=0))))
    streets = 0.0 if network is None else network.report.metres + 2 * width
    return streets + width * detour_factor + 1.0


def _first_limit_m(homes: FloatArray, schools: FloatArray, *, k: int) -> float:
    """Return a limit within which most origins find ``k`` destinations: 1.5 × median k-th straight line."""
    known, places = (xy[np.isfinite(xy).all(axis=1)] for xy in (homes, schools))
    if not len(known) or not len(places):
        return 1.0
    straight = KDTree(places).query(known, k=[min(k, len(places))])[0]
    return max(1.0, _FIRST * float(np.median(straight)))


def _within(schools: FloatArray, homes: FloatArray, *, distance_m: float) -> npt.NDArray[np.int64]:
    """Return the destinations within a straight line of some origin."""
    known = homes[np.isfinite(homes).all(axis=1)]
    there = np.flatnonzero(np.isfinite(schools).all(axis=1))
    if not len(known) or not len(there):
        return there[:0]
    return there[KDTree(known).query(schools[there])[0] <= distance_m]


def straight_nearest(
    origins: gpd.GeoSeries, destinations: gpd.GeoSeries, is_open: npt.NDArray[np.bool_]
) -> FloatArray:
    """Return the straight line from each origin to its nearest open destination, by column of ``is_open``.

    The straight line is the metric of a service radius drawn as a circle; a walk is never shorter.

    Parameters
    ----------
    origins, destinations
        Points in one projected CRS in metres; missing ones are near nothing.
    is_open
        Which destinations are open, shape (destinations, columns), such as years.

    Returns
    -------
    numpy.ndarray
        Metres, shape (origins, columns); infinite where nothing is open or the place is not known.

    Examples
    --------
    >>> import shapely
    >>> homes = gpd.GeoSeries(shapely.points([[0.0, 0.0]]))
    >>> schools = gpd.GeoSeries(shapely.points([[3.0, 4.0], [6.0, 8.0]]))
    >>> straight_nearest(homes, schools, np.array([[True, False], [True, True]])).tolist()
    [[5.0, 10.0]]
    """
    metres = np.full((len(origins), is_open.shape[1]), np.inf)
    homes, places = point_positions(origins), point_positions(destinations)
    known, placed = np.isfinite(homes).all(axis=1), np.isfinite(places).all(axis=1)
    found: dict[bytes, FloatArray] = {}
    for column in range(is_open.shape[1]):
        chosen = is_open[:, column] & placed
        if not (chosen.any() and known.any()):
            continue
        key = chosen.tobytes()
        if key not in found:
            found[key] = np.asarray(KDTree(places[chosen]).query(homes[known])[0])
        metres[known, column] = found[key]
    return metres
