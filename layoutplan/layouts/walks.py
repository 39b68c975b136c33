"""Which walks a plan must know: each school as far as its stages look, and every home's nearest school."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from layoutplan.arrays import IntArray
from layoutplan.city.city import City
from layoutplan.layouts.layout import Zoning
from layoutplan.layouts.seats import Seats
from layoutplan.standards.rules import SCHOOL_TYPE_STAGES
from layoutplan.travel import Network, walking_nearest
from layoutplan.travel.distances import walk_matrix
from layoutplan.travel.distinct import distinct
from layoutplan.travel.matrix import WalkMatrix
from layoutplan.travel.matrix_store import WalkMatrixStore

KNOWN_M: Final = 3_000.0
"""Walks are known this far to every school, whatever its stages ask for."""


@dataclass(frozen=True)
class WalkSettings:
    """How walks are measured; as the parameters of :func:`~layoutplan.travel.walk_matrix`."""

    network: Network | None
    snap_limit_m: float
    detour_factor: float
    store: WalkMatrixStore | None = None

    def pairs(
        self,
        origins: gpd.GeoSeries,
        destinations: gpd.GeoSeries,
        *,
        limit_m: float | npt.NDArray[np.float64],
    ) -> WalkMatrix:
        """Return the walks of at most ``limit_m``, one for all destinations or one for each."""
        return walk_matrix(
            origins,
            destinations,
            limit_m=limit_m,
            network=self.network,
            snap_limit_m=self.snap_limit_m,
            detour_factor=self.detour_factor,
            store=self.store,
        )


def known_walks(
    city: City, seats: Seats, zoning: Zoning, *, needed_m: Mapping[str, float], ways: WalkSettings
) -> WalkMatrix:
    """Measure the walks from every unit to the schools that a rule may ask about.

    These are, for every school, the walks as far as the stages it has seats in, or by its type teaches, look
    (at least :data:`KNOWN_M`); and, as far as the longest of these limits, the walks to the schools of the
    own catchment and to the nearest school with seats that count, in every stage and year. A few senior
    schools far away thus do not make every kindergarten be looked at from as far.

    Parameters
    ----------
    needed_m
        How far each stage looks: placement, service radius, access; walking metres.

    Returns
    -------
    Pairs
        Origins ``city.units``, destinations ``seats.schools``, in their order; ``limit_m`` is the longest
        limit.
    """
    pairs = ways.pairs(city.units.geometry, seats.schools.geometry, limit_m=_limits(seats, needed_m))
    pairs = _with_own_schools(pairs, city, seats, ways=ways, own=_own_schools(city, seats, zoning))
    return _with_nearest(pairs, city, seats, ways)


def _limits(seats: Seats, needed_m: Mapping[str, float]) -> npt.NDArray[np.float64]:
    """Return how far each school is looked at from."""
    limits = np.full(len(seats.schools), KNOWN_M)
    for stage, metres in needed_m.items():
        taught = [stage in SCHOOL_TYPE_STAGES.get(str(kind), ()) for kind in seats.schools["school_type"]]
        asked = np.array(taught, dtype=bool) | (seats.seats[stage] > 0).any(axis=1).to_numpy()
        limits[asked] = np.maximum(limits[asked], metres)
    return limits


def _with_own_schools(
    pairs: WalkMatrix, city: City, seats: Seats, *, ways: WalkSettings, own: IntArray
) -> WalkMatrix:
    """Return the pairs with the walks to the schools of the own catchment that are farther than its limit."""
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
    """Return unit × schools + school of every unit and school of its catchment, ascending."""
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
    """Return the pairs with the walk to the nearest school with seats, where none is known yet."""
    for stage in seats.seats:
        offered = seats.counted(stage).to_numpy(dtype=float) > 0
        for is_open in np.unique(offered, axis=1).T:
            lone = np.flatnonzero(np.isinf(pairs.nearest(is_open).to_numpy()))
            if not len(lone) or not is_open.any():
                continue
            schools = np.flatnonzero(is_open)
            near = walking_nearest(
                city.units.geometry.iloc[lone],
                seats.schools.geometry.iloc[schools],
                limit_m=pairs.limit_m,
                network=ways.network,
                snap_limit_m=ways.snap_limit_m,
                detour_factor=ways.detour_factor,
            )
            pairs = pairs.with_pairs(lone[near.rows], schools[near.indices], near.metres)
    return pairs
