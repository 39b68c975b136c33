"""Walking distances that a plan needs: to schools within reach, and to the nearest school."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from layoutplan.arrays import IntArray
from layoutplan.cards import Outlined
from layoutplan.city.city import City
from layoutplan.layouts.layout import Zoning
from layoutplan.layouts.seats import Seats
from layoutplan.standards import Schooling
from layoutplan.travel import Network, walking_nearest
from layoutplan.travel.distances import walk_matrix
from layoutplan.travel.distinct import distinct
from layoutplan.travel.gates import at_gates, gates_of
from layoutplan.travel.matrix import WalkMatrix
from layoutplan.travel.matrix_store import WalkMatrixStore

KNOWN_M: Final = 3_000.0
"""Minimum limit, metres, of the walks to every school, whatever its stages require."""


@dataclass(frozen=True, repr=False)
class WalkSettings(Outlined):
    """How walks are measured; the fields are parameters of :func:`~layoutplan.travel.walk_matrix`.

    Attributes
    ----------
    network
        Walking network; ``None``: straight lines × detour factor.
    snap_limit_m
        Largest distance from a point to the network, metres.
    detour_factor
        Walking distance per straight-line distance.
    store
        Cache of walks between runs; ``None`` for none.
    gates
        Gates of the schools that have several (multipoints, index ``school_id``); ``None`` for none.
    """

    network: Network | None
    snap_limit_m: float
    detour_factor: float
    store: WalkMatrixStore | None = None
    gates: gpd.GeoSeries | None = None

    def pairs(
        self,
        origins: gpd.GeoSeries,
        destinations: gpd.GeoSeries,
        *,
        limit_m: float | npt.NDArray[np.float64],
    ) -> WalkMatrix:
        """Return the walks of at most ``limit_m``.

        Parameters
        ----------
        origins, destinations
            Points in the city's CRS.
        limit_m
            Limit of a walk, metres: one for all destinations or one per destination.

        Returns
        -------
        WalkMatrix
            Walking metres of every pair within the limit.
        """
        return walk_matrix(
            origins,
            at_gates(destinations, self.gates),
            limit_m=limit_m,
            network=self.network,
            snap_limit_m=self.snap_limit_m,
            detour_factor=self.detour_factor,
            store=self.store,
        )


def known_walks(
    city: City, seats: Seats, zoning: Zoning, *, needed_m: Mapping[str, float], ways: WalkSettings
) -> WalkMatrix:
    """Measure the walks from every unit to the schools that any stage of a run may use.

    For every school these are the walks within the distance required by the stages that it has seats in or
    that its type teaches (at least :data:`KNOWN_M`). In addition, up to the largest of these distances: the
    walks to the schools of the unit's own catchments, and to the nearest school with seats that count, in
    every stage and year. A few distant senior schools therefore do not enlarge the search radius of every
    kindergarten.

    Parameters
    ----------
    city
        The city with its units.
    seats
        Seats by school, stage and year.
    zoning
        Catchments and the schools that serve them.
    needed_m
        Distance required by each stage (placement, service radius, access), walking metres.
    ways
        How walks are measured.

    Returns
    -------
    WalkMatrix
        Origins ``city.units``, destinations ``seats.schools``, in their order; ``limit_m`` is the largest
        limit.
    """
    pairs = ways.pairs(
        city.units.geometry, seats.schools.geometry, limit_m=_limits(seats, needed_m, city.schooling)
    )
    pairs = _with_own_schools(pairs, city, seats, ways=ways, own=_own_schools(city, seats, zoning))
    return _with_nearest(pairs, city, seats, ways)


def _limits(seats: Seats, needed_m: Mapping[str, float], schooling: Schooling) -> npt.NDArray[np.float64]:
    """Return the search limit of each school, metres."""
    limits = np.full(len(seats.schools), KNOWN_M)
    for stage, metres in needed_m.items():
        taught = schooling.are_taught(seats.schools["school_type"], stage)
        asked = taught.to_numpy(dtype=bool) | (seats.seats[stage] > 0).any(axis=1).to_numpy()
        limits[asked] = np.maximum(limits[asked], metres)
    return limits


def _with_own_schools(
    pairs: WalkMatrix, city: City, seats: Seats, *, ways: WalkSettings, own: IntArray
) -> WalkMatrix:
    """Return the pairs with missing walks to schools of the unit's own catchments added."""
    count = len(pairs.destinations)
    known = pairs.rows * count + pairs.indices
    missing = np.setdiff1d(own, known, assume_unique=True)
    if not len(missing):
        return pairs
    units, schools = distinct(missing // count), distinct(missing % count)
    found = ways.pairs(
        city.units.geometry.iloc[units], seats.schools.geometry.iloc[schools], limit_m=pairs.limit_m
    )
    rows, columns = units[found.rows], schools[found.indices]
    wanted = np.isin(rows * count + columns, missing)
    return pairs.with_pairs(rows[wanted], columns[wanted], found.metres[wanted])


def _own_schools(city: City, seats: Seats, zoning: Zoning) -> IntArray:
    """Return unit × (number of schools) + school of every unit and school of its catchments, ascending."""
    found = [np.zeros(0, dtype=np.int64)]
    for stage, held in zoning.unit_catchments.items():
        own = zoning.links(str(stage))
        at = own.assign(place=seats.schools.index.get_indexer(own["school_id"]))[["catchment_id", "place"]]
        homes = held.rename("catchment_id").dropna().to_frame()
        homes["unit"] = city.units.index.get_indexer(homes.index)
        met = homes.merge(at[at["place"] >= 0], on="catchment_id")
        found.append((met["unit"].to_numpy() * len(seats.schools) + met["place"].to_numpy()).astype(np.int64))
    return distinct(np.concatenate(found))


def _with_nearest(pairs: WalkMatrix, city: City, seats: Seats, ways: WalkSettings) -> WalkMatrix:
    """Return the pairs with the walk to the nearest school with seats added where none is known."""
    for stage in seats.seats:
        offered = seats.counted(stage).to_numpy(dtype=float) > 0
        for is_open in np.unique(offered, axis=1).T:
            lone = np.flatnonzero(np.isinf(pairs.nearest(is_open).to_numpy()))
            if not len(lone) or not is_open.any():
                continue
            schools = np.flatnonzero(is_open)
            gates = gates_of(at_gates(seats.schools.geometry.iloc[schools], ways.gates))
            near = walking_nearest(
                city.units.geometry.iloc[lone],
                gates.points,
                limit_m=pairs.limit_m,
                network=ways.network,
                snap_limit_m=ways.snap_limit_m,
                detour_factor=ways.detour_factor,
            )
            pairs = pairs.with_pairs(lone[near.rows], schools[gates.owner[near.indices]], near.metres)
    return pairs
