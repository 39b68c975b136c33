"""Pupils whom no seat within walking reach can serve may board (寄宿): still a transport problem, exactly.

Boarders need a seat and a bed, pupils who walk a seat. A school with beds is therefore two destinations: as
many of its seats as it has beds, which both may take, and its other seats, which only walkers may. A unit
from which some may board is two origins: its pupils old enough to board, and the others. So boarders never
exceed the beds, nor all pupils the seats, and a boarder is never too young; and the flow that serves the most
is found as ever. To board counts as a walk longer than any, by the straight line to the bed: nobody boards
who could have a free seat on foot, and the nearest beds fill first.
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
    """Beds of one stage, and who may take them.

    Attributes
    ----------
    beds
        Schools × years; schools that are not among the rows have none.
    share
        For each year the share of a unit's pupils old enough to board.
    ways
        Pairs of a unit and a school with beds (in some year) beyond its walking reach; straight metres.
    counts_m
        Metres that boarding counts for beside those of its way, when it is compared to walks.
    """

    beds: FloatArray
    share: FloatArray
    ways: Walks
    counts_m: float

    def of_years(self, years: npt.NDArray[np.bool_]) -> Beds:
        """Return those of some years; all ways."""
        return replace(self, beds=self.beds[:, years], share=self.share[years])

    def in_year(self, at: int) -> Beds:
        """Return those of one year (a position), still with an axis of years."""
        there = self.beds[:, at] > 0
        ways = self.ways.where(there[self.ways.schools])
        return replace(self, beds=self.beds[:, [at]], share=self.share[[at]], ways=ways)


def stage_beds(
    stage: str, seats: Seats, *, units: gpd.GeoDataFrame, near: Walks, farthest_m: float
) -> Beds | None:
    """Return the beds of a stage; ``None`` where nobody of it may board.

    Pupils board in their own district. A unit or a school without one is bound to none.

    Parameters
    ----------
    units
        Points, with ``district_id``.
    near
        Walks within reach: nobody boards at a school to which he can walk.
    farthest_m
        The longest a walk may count for.
    """
    if seats.boarding is None or stage not in seats.boarding.beds:
        return None
    beds = seats.boarding.beds[stage].reindex(seats.schools.index, fill_value=0.0).to_numpy(dtype=float)
    ways = _ways(units, seats.schools, with_beds=np.flatnonzero(beds.any(axis=1)), near=near)
    share = np.asarray(seats.boarding.share[stage], dtype=np.float64)
    return Beds(beds=beds, share=share, ways=ways, counts_m=farthest_m)


def _ways(units: gpd.GeoDataFrame, schools: gpd.GeoDataFrame, *, with_beds: IntArray, near: Walks) -> Walks:
    """Return the pairs of a unit and a school with beds that are not walks; nearest first within a unit."""
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
    """The transport problem of a stage: units and schools as origins and destinations, some of them split.

    The first origins and destinations are the units and schools, with what is left to them; then come the
    second ones, of pupils old enough to board (``old``: their units) and of seats with a bed (``bedded``:
    their schools). Without ``beds`` nothing is split. ``compared`` are the metres each walk counts for.
    """

    walks: Walks
    compared: FloatArray
    beds: Beds | None
    units: int
    schools: int

    @cached_property
    def old(self) -> IntArray:
        """The units from which some may board."""
        return np.zeros(0, np.int64) if self.beds is None else distinct(self.beds.ways.units)

    @cached_property
    def bedded(self) -> IntArray:
        """The schools with beds in some year."""
        return np.zeros(0, np.int64) if self.beds is None else np.flatnonzero(self.beds.beds.any(axis=1))

    @cached_property
    def arcs(self) -> tuple[IntArray, IntArray, IntArray]:
        """The origin, the destination and the way of each arc: a walk, or after all walks a way to a bed."""
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
        """The metres each arc counts for."""
        if self.beds is None:
            return self.compared
        return np.concatenate([self.compared, self.beds.counts_m + self.beds.ways.metres])[self.arcs[2]]

    def pupils(self, demand: FloatArray) -> FloatArray:
        """Return the pupils of each origin from those of the units: both by year."""
        if self.beds is None:
            return demand
        old = demand[self.old] * self.beds.share
        first = demand.copy()
        first[self.old] -= old
        return np.vstack([first, old])

    def seats(self, seats: FloatArray) -> FloatArray:
        """Return the seats of each destination from those of the schools: both by year."""
        if self.beds is None:
            return seats
        with_bed = np.minimum(self.beds.beds[self.bedded], seats[self.bedded])
        first = seats.copy()
        first[self.bedded] -= with_bed
        return np.vstack([first, with_bed])

    def by_unit(self, values: FloatArray) -> FloatArray:
        """Return the sums by unit of a value of each origin."""
        return _joined(values, self.old, self.units)

    def by_school(self, values: FloatArray) -> FloatArray:
        """Return the sums by school of a value of each destination."""
        return _joined(values, self.bedded, self.schools)

    def by_way(self, flows: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the pupils on each walk, and on each way to a bed, from those on each arc."""
        ways = 0 if self.beds is None else len(self.beds.ways.units)
        of = np.bincount(self.arcs[2], weights=flows, minlength=len(self.walks.units) + ways)
        walking, boarding = np.split(np.asarray(of, dtype=np.float64), [len(self.walks.units)])
        return walking, boarding


def _joined(values: FloatArray, second: npt.NDArray[np.int64], count: int) -> FloatArray:
    """Return the first ``count`` values, those of the second ends added."""
    whole = values[:count].copy()
    whole[second] += values[count:]
    return whole
