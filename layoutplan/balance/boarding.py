"""Boarding (寄宿) of pupils who cannot be served within walking reach, as part of the transport problem.

A boarder needs a seat and a bed, a day pupil only a seat. A school with beds is therefore split into two
destinations: as many of its seats as it has beds, open to both, and its other seats, open to day pupils only.
A unit with eligible boarders is split into two origins: the pupils old enough to board, and the others. Thus
the boarders of a school never exceed its beds, all pupils never exceed its seats, and every boarder is old
enough, and the problem remains a transport problem that is solved exactly. The cost of boarding exceeds that
of every walk and increases with the straight-line distance: no pupil boards who could have a free seat on
foot, and the nearest beds are filled first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.arcs import Walks
from layoutplan.layouts.seats import Seats
from layoutplan.travel.distinct import distinct


@dataclass(frozen=True)
class Beds:
    """Beds of one stage and eligibility for them.

    Attributes
    ----------
    beds
        Schools × years; 0 for schools without beds.
    share
        For each year the share of a unit's pupils who are old enough to board.
    ways
        Pairs of a unit and a school with beds (in some year) beyond its walking reach; straight-line metres.
    counts_m
        Metres added to the straight-line distance when boarding is compared with walking.
    """

    beds: FloatArray
    share: FloatArray
    ways: Walks
    counts_m: float

    def of_years(self, years: npt.NDArray[np.bool_]) -> Beds:
        """Return the beds of selected years, with all pairs.

        Parameters
        ----------
        years
            Boolean mask of the years.

        Returns
        -------
        Beds
            Arrays of the selected years.
        """
        return replace(self, beds=self.beds[:, years], share=self.share[years])

    def in_year(self, at: int) -> Beds:
        """Return the beds of one year, with the pairs to schools that have beds in it.

        Parameters
        ----------
        at
            Position of the year.

        Returns
        -------
        Beds
            Arrays with one year.
        """
        there = self.beds[:, at] > 0
        ways = self.ways.where(there[self.ways.schools])
        return replace(self, beds=self.beds[:, [at]], share=self.share[[at]], ways=ways)


def stage_beds(
    stage: str, seats: Seats, *, units: gpd.GeoDataFrame, near: Walks, farthest_m: float
) -> Beds | None:
    """Return the beds of a stage; ``None`` if no pupil of the stage may board.

    Pupils board within their own district only; a unit or a school without a district is not restricted.

    Parameters
    ----------
    stage
        Stage.
    seats
        Seats of the layout, with ``boarding``.
    units
        Residential units, points in metres, with ``district_id``.
    near
        Walks within reach; these pairs are excluded from boarding.
    farthest_m
        Highest cost of a walk, metres; becomes ``counts_m``.

    Returns
    -------
    Beds or None
        Schools in the order of ``seats.schools``.
    """
    if seats.boarding is None or stage not in seats.boarding.beds:
        return None
    beds = seats.boarding.beds[stage].reindex(seats.schools.index, fill_value=0.0).to_numpy(dtype=float)
    ways = _ways(units, seats.schools, with_beds=np.flatnonzero(beds.any(axis=1)), near=near)
    share = np.asarray(seats.boarding.share[stage], dtype=np.float64)
    return Beds(beds=beds, share=share, ways=ways, counts_m=farthest_m)


def _ways(units: gpd.GeoDataFrame, schools: gpd.GeoDataFrame, *, with_beds: IntArray, near: Walks) -> Walks:
    """Return the pairs of a unit and a school with beds beyond walking reach, nearest first in a unit."""
    x, y = units.geometry.x.to_numpy(), units.geometry.y.to_numpy()
    home, free = units["district_id"].to_numpy(dtype=object), units["district_id"].isna().to_numpy()
    origin, place, metres = [], [], []
    for school in with_beds:
        district, point = schools["district_id"].iloc[school], schools.geometry.iloc[school]
        may = np.ones(len(units), dtype=bool) if pd.isna(district) else free | (home == district)
        may[near.units[near.schools == school]] = False
        rows = np.flatnonzero(may)
        origin.append(rows)
        place.append(np.full(len(rows), school, dtype=np.int64))
        metres.append(np.hypot(x[rows] - point.x, y[rows] - point.y))
    if not origin:
        return Walks(units=np.zeros(0, np.int64), schools=np.zeros(0, np.int64), metres=np.zeros(0))
    all_of = Walks(units=np.concatenate(origin), schools=np.concatenate(place), metres=np.concatenate(metres))
    return all_of.where(np.lexsort((all_of.schools, all_of.metres, all_of.units)))


@dataclass(frozen=True)
class BoardingSplit:
    """Transport problem of a stage, in which units and schools may be split into two origins or destinations.

    The first origins and destinations are the units and schools with their remaining pupils and seats. They
    are followed by the second ones: pupils old enough to board (of the units ``old``) and seats with a bed
    (of the schools ``bedded``). Without ``beds`` nothing is split.

    Attributes
    ----------
    walks
        Pairs within reach.
    compared
        Cost of each walk, metres (with the handicap of foreign catchments).
    beds
        Beds and eligibility; ``None`` without boarding.
    units, schools
        Number of units and schools.
    """

    walks: Walks
    compared: FloatArray
    beds: Beds | None
    units: int
    schools: int

    @cached_property
    def old(self) -> IntArray:
        """Positions of the units with pupils who may board."""
        return np.zeros(0, np.int64) if self.beds is None else distinct(self.beds.ways.units)

    @cached_property
    def bedded(self) -> IntArray:
        """Positions of the schools with beds in some year."""
        return np.zeros(0, np.int64) if self.beds is None else np.flatnonzero(self.beds.beds.any(axis=1))

    @cached_property
    def arcs(self) -> tuple[IntArray, IntArray, IntArray]:
        """Origin, destination and pair of each arc; boarding pairs are numbered after the walks."""
        unit, school, way = self.walks.units, self.walks.schools, np.arange(len(self.walks.units))
        if self.beds is None:
            return unit, school, way
        second = np.full(self.units, -1, dtype=np.int64)
        second[self.old] = self.units + np.arange(len(self.old))
        with_bed = np.full(self.schools, -1, dtype=np.int64)
        with_bed[self.bedded] = self.schools + np.arange(len(self.bedded))
        parts = [
            (tail[keep], head[keep], way[keep])
            for tail in (unit, second[unit])
            for head in (school, with_bed[school])
            for keep in [(tail >= 0) & (head >= 0)]
        ]
        ways = self.beds.ways
        parts.append((second[ways.units], with_bed[ways.schools], len(way) + np.arange(len(ways.units))))
        tails, heads, of = zip(*parts, strict=True)
        return np.concatenate(tails), np.concatenate(heads), np.concatenate(of)

    @cached_property
    def metres(self) -> FloatArray:
        """Cost of each arc, metres."""
        if self.beds is None:
            return self.compared
        return np.concatenate([self.compared, self.beds.counts_m + self.beds.ways.metres])[self.arcs[2]]

    def pupils(self, demand: FloatArray) -> FloatArray:
        """Return the pupils of each origin.

        Parameters
        ----------
        demand
            Pupils, units × years.

        Returns
        -------
        numpy.ndarray
            Origins × years.
        """
        if self.beds is None:
            return demand
        old = demand[self.old] * self.beds.share
        first = demand.copy()
        first[self.old] -= old
        return np.vstack([first, old])

    def seats(self, seats: FloatArray) -> FloatArray:
        """Return the seats of each destination.

        Parameters
        ----------
        seats
            Counted seats, schools × years.

        Returns
        -------
        numpy.ndarray
            Destinations × years.
        """
        if self.beds is None:
            return seats
        with_bed = np.minimum(self.beds.beds[self.bedded], seats[self.bedded])
        first = seats.copy()
        first[self.bedded] -= with_bed
        return np.vstack([first, with_bed])

    def by_unit(self, values: FloatArray) -> FloatArray:
        """Return the sums by unit of a value per origin.

        Parameters
        ----------
        values
            Origins, or origins × years.

        Returns
        -------
        numpy.ndarray
            Units, or units × years.
        """
        return _joined(values, self.old, self.units)

    def by_school(self, values: FloatArray) -> FloatArray:
        """Return the sums by school of a value per destination.

        Parameters
        ----------
        values
            Destinations, or destinations × years.

        Returns
        -------
        numpy.ndarray
            Schools, or schools × years.
        """
        return _joined(values, self.bedded, self.schools)

    def by_way(self, flows: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Aggregate the flows on arcs to walks and boarding pairs.

        Parameters
        ----------
        flows
            Pupils on each arc.

        Returns
        -------
        walking, boarding
            Pupils on each walk, and on each boarding pair.
        """
        ways = 0 if self.beds is None else len(self.beds.ways.units)
        of = np.bincount(self.arcs[2], weights=flows, minlength=len(self.walks.units) + ways)
        walking, boarding = np.split(np.asarray(of, dtype=np.float64), [len(self.walks.units)])
        return walking, boarding


def _joined(values: FloatArray, second: npt.NDArray[np.int64], count: int) -> FloatArray:
    """Return the first ``count`` values, with those of the second origins or destinations added."""
    whole = values[:count].copy()
    whole[second] += values[count:]
    return whole
