"""Pupils, seats and priced ways between them, by stage and year: the markets of the expansion problem.

Places are the schools of today's layout, then the candidate locations, then the private schools once more
that may sell spare seats. A way within the stage's reach is free; beyond it, up to the limit of buses, it
costs a bus; to a school that does not serve the own catchment it costs the price of redrawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.balance.grade_bands import grades_in_year
from layoutplan.siting.candidates import Candidate
from layoutplan.siting.prices import Prices
from layoutplan.siting.reach import stage_reach
from layoutplan.solve.expansion import Market
from layoutplan.study import Study

_BUS_LIMIT: Final = 1.5
"""How far buses go where the plan does not say, in reaches."""


@dataclass(frozen=True)
class Ways:
    """Ways from units to places in one stage.

    Attributes
    ----------
    unit, place, metres
        Ends and walking metres of each way; ``unit`` is a group of units.
    bus
        Whether it is beyond the reach, so that a bus goes.
    outside
        Whether it leads out of the own catchment, from units that have a school of their own.
    sold
        Whether the place sells seats.
    group
        Group of each unit: units of one catchment with the same ways, walks apart. Walks of a group are
        means over its units, so that only the last objective is approximate.
    home
        Catchment of each group, a position in :meth:`SitingPlaces.catchments`; −1 without one.
    """

    unit: IntArray
    place: IntArray
    metres: FloatArray
    bus: BoolArray
    outside: BoolArray
    sold: BoolArray
    group: IntArray
    home: IntArray

    def pupils(self, of_unit: FloatArray) -> FloatArray:
        """Return pupils by group.

        Parameters
        ----------
        of_unit
            Pupils of each unit.
        """
        groups = int(self.group.max(initial=-1)) + 1
        return np.bincount(self.group, weights=of_unit, minlength=groups).astype(np.float64)

    def used(self, pupils: FloatArray) -> Ways:
        """Return the ways of the groups with pupils.

        Parameters
        ----------
        pupils
            Pupils of each group.
        """
        kept = pupils[self.unit] > 0
        return replace(
            self,
            unit=self.unit[kept],
            place=self.place[kept],
            metres=self.metres[kept],
            bus=self.bus[kept],
            outside=self.outside[kept],
            sold=self.sold[kept],
        )


@dataclass(frozen=True)
class SitingPlaces:
    """All places of the problem.

    Attributes
    ----------
    study
        City, demand and today's layout.
    candidates
        New locations, in order; their places follow the schools.
    sellers
        Positions of the schools that may sell seats; their places follow the candidates.
    prices
        Prices.
    years
        Years of the plan, the first in which something can change first.
    """

    study: Study
    candidates: tuple[Candidate, ...]
    sellers: IntArray
    prices: Prices
    years: tuple[int, ...]

    @property
    def schools(self) -> int:
        """Number of schools."""
        return len(self.study.today.seats.schools)

    @property
    def count(self) -> int:
        """Number of places."""
        return self.schools + len(self.candidates) + len(self.sellers)

    def bus_limit_m(self, stage: str) -> float:
        """Return how far a pupil may be taken by bus; the reach where there are no buses.

        Parameters
        ----------
        stage
            Stage id.
        """
        reach = self.study.reach_m[stage]
        if self.prices.bus is None:
            return reach
        given = {str(name): metres for name, metres in self.study.plan.siting.bus_limit_m.items()}
        return max(reach, given.get(stage, _BUS_LIMIT * reach))

    def ways(self, stage: str, teaching: Sequence[bool], changing: Sequence[int] = ()) -> Ways:
        """Return the ways of a stage.

        Parameters
        ----------
        stage
            Stage id.
        teaching
            Whether each candidate could teach the stage.
        changing
            Positions of the schools of today that could begin to.
        """
        study, limit = self.study, self.bus_limit_m(stage)
        seats = study.today.seats
        taught = np.flatnonzero((seats.seats[stage] > 0).to_numpy().any(axis=1))
        offering = np.union1d(taught, np.array(changing, dtype=np.int64))
        new = np.flatnonzero(np.array(teaching, dtype=bool))
        points = gpd.GeoSeries(
            pd.concat(
                [
                    seats.schools.geometry.iloc[offering],
                    gpd.GeoSeries.from_xy(
                        [self.candidates[one].x for one in new],
                        [self.candidates[one].y for one in new],
                        index=pd.Index([self.candidates[one].school_id for one in new], dtype=object),
                        crs=study.city.crs,
                    ),
                ]
            ),
            crs=study.city.crs,
        )
        walks = study.walking.pairs(study.city.units.geometry, points, limit_m=limit)
        places = np.concatenate([offering, self.schools + new]).astype(np.int64)
        unit, place = walks.rows.astype(np.int64), places[walks.indices]
        metres = walks.metres.astype(np.float64)
        sold = np.isin(place, self.sellers)
        number = np.full(self.schools, -1, dtype=np.int64)
        number[self.sellers] = np.arange(len(self.sellers))
        bought = self.schools + len(self.candidates) + number[place[sold]]
        own = self._own(stage, unit, place, changing)
        has_own = np.zeros(len(study.city.units), dtype=bool)
        has_own[unit[own]] = True
        outside = has_own[unit] & ~own
        none = np.zeros(int(sold.sum()), dtype=bool)
        return _grouped(
            Ways(
                unit=np.concatenate([unit, unit[sold]]),
                place=np.concatenate([place, bought]),
                metres=np.concatenate([metres, metres[sold]]),
                bus=np.concatenate([metres, metres[sold]]) > study.reach_m[stage],
                outside=np.concatenate([outside, none]),
                sold=np.concatenate([np.zeros(len(unit), dtype=bool), ~none]),
                group=np.arange(len(study.city.units)),
                home=self._home(stage),
            )
        )

    def catchments(self, stage: str) -> pd.Index:
        """Return the ids of the catchments of a stage that hold units.

        Parameters
        ----------
        stage
            Stage id.
        """
        found: pd.Index = pd.Index(self.study.today.zoning.held(stage).dropna().unique())
        return found

    def _home(self, stage: str) -> IntArray:
        """Return the catchment of each unit, numbered; −1 without one."""
        held = self.study.today.zoning.held(stage)
        names = self.catchments(stage)
        found: IntArray = names.get_indexer(pd.Index(held.to_numpy())).astype(np.int64)
        return found

    def _own(self, stage: str, unit: IntArray, place: IntArray, changing: Sequence[int]) -> BoolArray:
        """Return which ways lead to a school that serves the unit's own catchment, or a new one inside it.

        A school that serves no catchment of the stage today is a new one where it may begin to teach it.
        """
        zoning, schools = self.study.today.zoning, self.study.today.seats.schools
        home = self._home(stage)
        names = self.catchments(stage)
        links = zoning.links(stage)
        catchment = names.get_indexer(pd.Index(links["catchment_id"]))
        school = schools.index.get_indexer(pd.Index(links["school_id"]))
        keys = [catchment * self.count + school]
        began = [one for one in changing if one not in set(school)]
        if len(self.candidates) or began:
            of_schools = schools.geometry.iloc[began]
            points = gpd.GeoDataFrame(
                geometry=gpd.GeoSeries.from_xy(
                    [*(one.x for one in self.candidates), *of_schools.x],
                    [*(one.y for one in self.candidates), *of_schools.y],
                    index=[*range(self.schools, self.schools + len(self.candidates)), *began],
                    crs=self.study.city.crs,
                )
            )
            inside = gpd.sjoin(points, zoning.of_stage(stage)[["geometry"]], predicate="intersects")
            inside = inside[~inside.index.duplicated()]
            within = names.get_indexer(pd.Index(inside.iloc[:, -1]))
            keys.append(within * self.count + inside.index.to_numpy())
        wanted = np.concatenate(keys)
        return np.isin(home[unit] * self.count + place, wanted[wanted >= 0]) & (home[unit] >= 0)

    def _walkers(self, stage: str, year: int) -> tuple[FloatArray, FloatArray]:
        """Return the pupils of each unit and the seats of each school, less those who board today."""
        study = self.study
        pupils = study.demand.pupils[stage][year].to_numpy(dtype=np.float64)
        seats = study.today.seats.counted(stage)[year].to_numpy(dtype=np.float64)
        if study.today.seats.boarding is None:
            return pupils, seats
        reach = stage_reach(
            stage,
            study.today.seats,
            study.today.walks,
            units=study.city.units,
            pupils=pupils,
            counted=seats,
            reach_m=study.reach_m[stage],
            year=year,
            grades=grades_in_year(study, study.today.seats, stage, year),
        )
        placed = reach.placed(seats)
        walking = np.bincount(reach.unit, weights=placed.pupils, minlength=len(pupils))
        taken = np.bincount(reach.place, weights=placed.pupils, minlength=len(seats))
        boarders, beds = placed.served - walking, placed.filled - taken
        return np.maximum(pupils - boarders, 0.0), np.maximum(seats - beds, 0.0)

    def outside_price(self, stage: str, ways: Ways, position: int) -> FloatArray:
        """Return what a pupil on each way counts for leaving the own catchment; 0 on ways that do not.

        Parameters
        ----------
        stage
            Stage id.
        ways
            Ways of the stage.
        position
            Position of the year.
        """
        price = np.where(ways.outside, self.prices.redraw, 0.0)
        more = self.prices.unzoned.get(stage)
        if more is not None:
            home = ways.home[ways.unit]
            price += np.where(ways.outside & (home >= 0), more[home, position], 0.0)
        return price

    def market(self, position: int, stage: str, ways: Ways, *, stage_number: int) -> Market:
        """Return the market of a stage in one year.

        Parameters
        ----------
        position
            Position of the year.
        stage, stage_number
            Stage id and its position.
        ways
            Ways of the stage.
        """
        study, prices, year = self.study, self.prices, self.years[position]
        of_unit, in_schools = self._walkers(stage, year)
        pupils = ways.pupils(of_unit)
        seats = np.zeros(self.count)
        seats[: self.schools] = in_schools
        seats[self.schools + len(self.candidates) :] = sellable_seats(study, stage, year)[self.sellers]
        ways = ways.used(pupils)
        cost = np.where(ways.bus, prices.bus or 0.0, 0.0) + self.outside_price(stage, ways, position)
        cost += np.where(ways.sold, prices.purchased_seat.get(stage, 0.0), 0.0)
        return Market(
            year=position,
            stage=stage_number,
            origin=ways.unit,
            destination=ways.place,
            cost=cost * prices.discount(position),
            walk=ways.metres,
            pupils=pupils,
            seats=seats,
            region=_regions(ways, seats > 0, units=len(pupils)),
        )


def sellable_seats(study: Study, stage: str, year: int) -> FloatArray:
    """Return the seats that schools whose seats do not count could sell: seats less enrolment.

    Parameters
    ----------
    study
        Schools, and their enrolment in the base year.
    stage
        Stage id.
    year
        The year.

    Returns
    -------
    FloatArray
        Shape (schools,); 0 where the enrolment is not known.
    """
    seats = study.today.seats
    offered = (seats.seats[stage] - seats.counted(stage))[year]
    enrolled = study.city.rolls(stage)["enrolment"].reindex(offered.index)
    spare = (offered - enrolled).clip(lower=0.0)
    found: FloatArray = spare.fillna(0.0).to_numpy(dtype=np.float64)
    return found


def _grouped(ways: Ways) -> Ways:
    """Return ways of groups of units from the ways of units, each a group of its own."""
    kind = ways.place * 8 + ways.bus * 4 + ways.outside * 2 + ways.sold
    order = np.lexsort((kind, ways.unit))
    starts = np.searchsorted(ways.unit[order], np.arange(len(ways.group) + 1))
    numbers: dict[tuple[int, bytes], int] = {}
    sorted_ = kind[order]
    group = np.array(
        [
            numbers.setdefault((int(home), sorted_[starts[unit] : starts[unit + 1]].tobytes()), len(numbers))
            for unit, home in enumerate(ways.home)
        ],
        dtype=np.int64,
    )
    key = group[ways.unit] * (int(kind.max(initial=0)) + 1) + kind
    _, first, at = np.unique(key, return_index=True, return_inverse=True)
    metres = np.bincount(at, weights=ways.metres) / np.bincount(at) if len(at) else ways.metres
    return Ways(
        unit=group[ways.unit[first]],
        place=ways.place[first],
        metres=np.asarray(metres, dtype=np.float64),
        bus=ways.bus[first],
        outside=ways.outside[first],
        sold=ways.sold[first],
        group=group,
        home=ways.home[np.unique(group, return_index=True)[1]],
    )


def _regions(ways: Ways, offering: BoolArray, *, units: int) -> IntArray:
    """Return the region of each unit: its nearest place with seats, numbered without gaps."""
    near = offering[ways.place]
    unit, place, metres = ways.unit[near], ways.place[near], ways.metres[near]
    order = np.lexsort((place, metres, unit))
    first = order[np.flatnonzero(np.diff(unit[order], prepend=-1))]
    nearest = np.full(units, -1, dtype=np.int64)
    nearest[unit[first]] = place[first]
    _, numbered = np.unique(nearest, return_inverse=True)
    return numbered.astype(np.int64)
