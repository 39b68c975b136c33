"""Walking distances from origins to destinations within a limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
from scipy.spatial import KDTree

from layoutplan.errors import DefectError, Fault, FaultLog
from layoutplan.travel.gates import gates_of
from layoutplan.travel.matrix import WalkMatrix, compress
from layoutplan.travel.matrix_store import WalkMatrixStore
from layoutplan.travel.network import Network, refuse_other_than_metres
from layoutplan.travel.notes import travel_notes
from layoutplan.travel.search import search_pairs
from layoutplan.travel.search_task import Triples
from layoutplan.travel.snapping import Footing, Snaps, point_positions, snap_points

SLACK_M: Final = 1e-3
"""Tolerance by which rounding may make a walk shorter than the straight line: a millimetre."""


def walk_matrix(
    origins: gpd.GeoSeries,
    destinations: gpd.GeoSeries,
    *,
    limit_m: float | npt.NDArray[np.float64],
    network: Network | None,
    snap_limit_m: float = 500.0,
    detour_factor: float = 1.3,
    store: WalkMatrixStore | None = None,
    cores: int | None = None,
) -> WalkMatrix:
    """Return the walking distance of every pair within ``limit_m``.

    On the network a walk consists of the straight line from the origin to its nearest street, the shortest
    path along the streets, and the straight line from the street to the destination. Points are snapped to
    the nearest position on any street (:func:`~layoutplan.travel.snapping.snap_points`). Without a network:
    straight line × detour factor.

    Parameters
    ----------
    origins, destinations
        Points in one projected CRS in metres, the network's; their index holds the ids. Missing points have
        no pairs. A destination may be a multipoint of gates: the walk ends at the nearest.
    limit_m
        Longest walk, metres; may be infinite. Or the longest walk to each destination, shape (m,), which
        avoids searching all destinations at the longest of several limits.
    network
        Streets, or ``None`` for straight lines.
    snap_limit_m
        Longest straight line from a point to a street, metres.
    detour_factor
        Walking metres per metre of straight line; used without a network only.
    store
        Disk cache of pairs found; used with a network only.
    cores
        Number of processes; ``None`` for all cores where the search is large, else one.

    Returns
    -------
    WalkMatrix
        One row per origin and one column per destination, with the ids that could not be snapped or stand on
        islands.

    Raises
    ------
    InputError
        If the coordinate systems differ or are not in metres, or if there are streets but none near any point
        (the roads of another place).
    TypeError
        If origins or destinations are not a GeoSeries (of a GeoDataFrame, pass ``.geometry``).
    ValueError
        If a geometry is not a point.
    DefectError
        If a walk is shorter than the straight line.

    Examples
    --------
    >>> from shapely import Point
    >>> home = gpd.GeoSeries([Point(0, 0)], index=["u1"])
    >>> school = gpd.GeoSeries([Point(300, 400)], index=["s1"])
    >>> walk_matrix(home, school, limit_m=1000, network=None).to_frame()
      origin destination  metres
    0     u1          s1   650.0
    """
    for name, points in (("origins", origins), ("destinations", destinations)):
        if not isinstance(points, gpd.GeoSeries):
            raise TypeError(
                f"{name} must be a GeoSeries of points indexed by id (frame.geometry), "
                f"not a {type(points).__name__}"
            )
    _refuse_mixed_crs(origins.crs, destinations.crs, network.crs if network else None)
    limits = np.broadcast_to(np.asarray(limit_m, dtype=np.float64), len(destinations))
    gates = gates_of(destinations)
    if network is None:
        starts, goals = point_positions(origins), point_positions(gates.points)
        found = _by_limit(
            limits[gates.owner],
            lambda group, limit: _straight_pairs(
                starts, goals[group], limit_m=limit, detour_factor=detour_factor
            ),
        )
        homes = schools = None
    else:
        homes = snap_points(origins, network, limit_m=snap_limit_m)
        schools = snap_points(gates.points, network, limit_m=snap_limit_m)
        _refuse_roads_elsewhere(homes, schools, network, snap_limit_m=snap_limit_m)
        found = _by_limit(
            limits[gates.owner],
            lambda group, limit: search_pairs(
                network, homes, schools.at(group), limit_m=limit, store=store, cores=cores
            ),
        )
        _check_lower_bound(found, homes.xy, schools.xy)
    if gates.several:
        found = gates.nearest(found)
    reached = None if schools is None else gates.best(schools.footing, destinations=len(destinations))
    indptr, indices, metres = compress(found.origin, found.destination, found.metres, rows=len(origins))
    return WalkMatrix(
        origins=origins.index,
        destinations=destinations.index,
        indptr=indptr,
        indices=indices,
        metres=metres,
        limit_m=float(limits.max()) if len(limits) else float(np.max(limit_m, initial=0.0)),
        method="straight" if network is None else "network",
        unsnapped_origins=_standing(homes, Footing.NONE),
        unsnapped_destinations=_with_footing(destinations.index, reached, Footing.NONE),
        island_origins=_standing(homes, Footing.ISLAND),
        island_destinations=_with_footing(destinations.index, reached, Footing.ISLAND),
        moved_origins=_standing(homes, Footing.MOVED),
        moved_destinations=_with_footing(destinations.index, reached, Footing.MOVED),
        detour_factor=detour_factor if network is None else None,
    )


def _by_limit(
    limits: npt.NDArray[np.float64], search: Callable[[npt.NDArray[np.int64], float], Triples]
) -> Triples:
    """Search the destinations of each limit together; return all pairs found."""
    groups = [np.flatnonzero(limits == limit) for limit in np.unique(limits)]
    found = [Triples(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32))]
    for group in groups:
        part = search(group, float(limits[group[0]]))
        found.append(replace(part, destination=group[part.destination].astype(np.int32)))
    return Triples(
        origin=np.concatenate([part.origin for part in found]),
        destination=np.concatenate([part.destination for part in found]),
        metres=np.concatenate([part.metres for part in found]),
    )


def _standing(snaps: Snaps | None, footing: Footing) -> tuple[str, ...]:
    """Return the ids of the points with a footing; none without streets."""
    return () if snaps is None else snaps.standing(footing)


def _with_footing(ids: pd.Index, footing: npt.NDArray[np.int8] | None, wanted: Footing) -> tuple[str, ...]:
    """Return the ids of the destinations with a footing; none without streets."""
    return () if footing is None else tuple(str(one) for one in ids[footing == wanted])


def _straight_pairs(
    starts: npt.NDArray[np.float64], goals: npt.NDArray[np.float64], *, limit_m: float, detour_factor: float
) -> Triples:
    """Return the pairs within the limit by straight line × detour factor."""
    start = np.flatnonzero(np.isfinite(starts).all(axis=1))
    goal = np.flatnonzero(np.isfinite(goals).all(axis=1))
    found = KDTree(starts[start]).sparse_distance_matrix(
        KDTree(goals[goal]), limit_m / detour_factor, output_type="ndarray"
    )
    return Triples(
        origin=start[found["i"]].astype(np.int32),
        destination=goal[found["j"]].astype(np.int32),
        metres=(found["v"] * detour_factor).astype(np.float32),
    )


def _check_lower_bound(
    found: Triples, starts: npt.NDArray[np.float64], goals: npt.NDArray[np.float64]
) -> None:
    """Raise ``DefectError`` if a walk is shorter than the straight line, beyond rounding."""
    straight = np.hypot(*(starts[found.origin] - goals[found.destination]).T)
    short = straight - found.metres > SLACK_M + np.spacing(found.metres)
    if short.any():
        worst = float((straight - found.metres)[short].max())
        raise DefectError(f"{int(short.sum())} walks are shorter than the straight line, by up to {worst} m")


def check_streets(
    homes: gpd.GeoSeries, schools: gpd.GeoSeries, network: Network, *, snap_limit_m: float
) -> tuple[Fault, ...]:
    """Return the warnings of :func:`~layoutplan.travel.notes.travel_notes` without measuring any walk.

    Parameters
    ----------
    homes, schools
        Points in the network's CRS; their index holds the ids.
    network
        Walking network.
    snap_limit_m
        Longest straight line from a point to a street, metres.

    Returns
    -------
    tuple of Fault
        Warnings and notices; no errors.

    Raises
    ------
    InputError
        As :func:`walk_matrix`: coordinate systems differ, or no street is near any of the points.
    """
    _refuse_mixed_crs(homes.crs, schools.crs, network.crs)
    starts = snap_points(homes, network, limit_m=snap_limit_m)
    gates = gates_of(schools)
    goals = snap_points(gates.points, network, limit_m=snap_limit_m)
    reached = gates.best(goals.footing, destinations=len(schools))
    _refuse_roads_elsewhere(starts, goals, network, snap_limit_m=snap_limit_m)
    nothing = np.zeros(0, dtype=np.int32)
    return travel_notes(
        WalkMatrix(
            origins=homes.index,
            destinations=schools.index,
            indptr=np.zeros(len(homes) + 1, dtype=np.int64),
            indices=nothing,
            metres=nothing.astype(np.float32),
            limit_m=0.0,
            method="network",
            unsnapped_origins=starts.standing(Footing.NONE),
            unsnapped_destinations=_with_footing(schools.index, reached, Footing.NONE),
            island_origins=starts.standing(Footing.ISLAND),
            island_destinations=_with_footing(schools.index, reached, Footing.ISLAND),
            moved_origins=starts.standing(Footing.MOVED),
            moved_destinations=_with_footing(schools.index, reached, Footing.MOVED),
            detour_factor=None,
        ),
        network,
    )


def _refuse_mixed_crs(*systems: pyproj.CRS | None) -> None:
    """Raise ``InputError`` if coordinate systems differ or are not in metres; ``None`` is not checked."""
    known = [crs for crs in systems if crs is not None]
    for crs in known:
        refuse_other_than_metres(crs)
    if any(crs != known[0] for crs in known):
        log = FaultLog()
        log.add("travel_crs_differ", names=", ".join(dict.fromkeys(crs.name for crs in known)))
        log.raise_if_errors()


def _refuse_roads_elsewhere(homes: Snaps, schools: Snaps, network: Network, *, snap_limit_m: float) -> None:
    """Raise ``InputError`` if there are streets and points, but no point is near any street."""
    points = len(homes.edge) + len(schools.edge)
    if len(network.edges) and points and not ((homes.edge >= 0).any() or (schools.edge >= 0).any()):
        log = FaultLog()
        log.add("roads_elsewhere", table="roads", points=points, limit_m=f"{snap_limit_m:g}")
        log.raise_if_errors()
