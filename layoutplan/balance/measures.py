"""Walking distances and share of pupils within the service radius, by unit and by group of units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.assignment import NEGLIGIBLE_PUPILS, StagePlacement
from layoutplan.balance.nearest import NearestSchools


@dataclass(frozen=True)
class UnitMeasures:
    """Figures of one stage by unit and year; arrays, units × years.

    Attributes
    ----------
    children, demand, served, boarders
        Children of the stage's ages, pupils who need a seat, pupils placed in the optimal assignment, and the
        boarders among them; the others walk.
    near
        The part of ``demand`` with a school within the service radius on foot.
    near_circle
        The part of ``demand`` with a school within the service radius in a straight line.
    pupil_metres, longest_m
        Total distance walked by the pupils who walk, pupil-metres, and their longest walk, metres (0 where no
        pupil walks).
    nearest_m
        Walk to the nearest school with counted seats that teaches the grade, metres, mean of the pupils who
        have one; nan where none is known.
    to_nearest, to_own
        Pupil-metres of all pupils to that school, and to the nearest one of the own catchment; a pupil
        without one within the reach counts with the reach.
    reach_m
        Longest walk over which pupils may be placed, metres.
    """

    children: FloatArray
    demand: FloatArray
    served: FloatArray
    boarders: FloatArray
    near: FloatArray
    near_circle: FloatArray
    pupil_metres: FloatArray
    longest_m: FloatArray
    nearest_m: FloatArray
    to_nearest: FloatArray
    to_own: FloatArray
    reach_m: float

    @property
    def walking(self) -> FloatArray:
        """Pupils placed who walk."""
        return without_boarders(self.served, self.boarders)

    @property
    def walked_by_all(self) -> FloatArray:
        """Pupil-metres of all pupils where they are placed; those who do not walk count with the reach."""
        return self.pupil_metres + self.reach_m * np.maximum(self.demand - self.walking, 0.0)


@dataclass(frozen=True)
class GroupMeasures:
    """Figures of groups of units; arrays, groups × years. Shares and means with denominator 0 are nan.

    Attributes
    ----------
    children, demand, served, unserved, boarders
        Sums over the units of the group.
    share_within_radius
        Share of the demand with a school within the service radius on foot.
    share_within_circle
        The same in a straight line, the circle in which codes draw a service radius.
    mean_walk_m, mean_walk_nearest_m, mean_walk_own_m
        Mean walk, metres, over *all* pupils of the demand, so that building a school can not make a mean
        worse by counting more pupils: to the school where they are placed, to the nearest school, and to the
        nearest school of the own catchment. A pupil without such a school within the stage's reach, and one
        who boards or has no seat, counts with the reach.
    max_walk_m
        Longest walk of the pupils placed who walk, metres.
    """

    children: FloatArray
    demand: FloatArray
    served: FloatArray
    unserved: FloatArray
    boarders: FloatArray
    share_within_radius: FloatArray
    share_within_circle: FloatArray
    mean_walk_m: FloatArray
    mean_walk_nearest_m: FloatArray
    mean_walk_own_m: FloatArray
    max_walk_m: FloatArray


def measure_units(
    *,
    children: FloatArray,
    demand: FloatArray,
    placement: StagePlacement,
    nearest: NearestSchools,
    nearest_own: NearestSchools,
    straight: NearestSchools,
    reach_m: float,
    radius_m: FloatArray,
) -> UnitMeasures:
    """Compute the figures of every unit in every year.

    Parameters
    ----------
    children
        Children of the stage's ages, units × years.
    demand
        Pupils, units × years.
    placement
        Optimal placement of all years.
    nearest, nearest_own
        Walks, also beyond the stage's reach, to the nearest school with counted seats, and to that of the own
        catchment.
    straight
        Straight lines to the nearest school with counted seats.
    reach_m
        Longest walk over which pupils may be placed, metres.
    radius_m
        Service radius of each year, metres, shape ``(years,)``.

    Returns
    -------
    UnitMeasures
        Arrays, units × years.
    """
    pupil_metres, longest = np.zeros_like(demand), np.zeros_like(demand)
    for year, placed in enumerate(placement.years):
        units, metres = placed.walks.units, placed.walks.metres
        pupil_metres[:, year] = np.bincount(units, weights=placed.pupils * metres, minlength=len(demand))
        np.maximum.at(longest[:, year], units, metres)
    return UnitMeasures(
        children=children,
        demand=demand,
        served=placement.served,
        boarders=placement.boarding,
        near=demand * nearest.within(radius_m),
        near_circle=demand * straight.within(radius_m),
        pupil_metres=pupil_metres,
        longest_m=longest,
        nearest_m=nearest.mean_m,
        to_nearest=demand * nearest.mean_within(reach_m),
        to_own=demand * nearest_own.mean_within(reach_m),
        reach_m=reach_m,
    )


def measure_groups(units: UnitMeasures, group: IntArray, *, count: int) -> GroupMeasures:
    """Aggregate unit figures by group.

    Parameters
    ----------
    units
        Figures by unit.
    group
        Group of each unit, ``0 … count − 1``, or −1 for none.
    count
        Number of groups.

    Returns
    -------
    GroupMeasures
        Arrays, groups × years.
    """
    demand, served = sums(units.demand, group, count=count), sums(units.served, group, count=count)
    walking = sums(units.walking, group, count=count)
    longest = np.zeros_like(demand)
    inside = group >= 0
    np.maximum.at(longest, group[inside], units.longest_m[inside])
    return GroupMeasures(
        children=sums(units.children, group, count=count),
        demand=demand,
        served=served,
        unserved=sums(units.demand - units.served, group, count=count),
        boarders=sums(units.boarders, group, count=count),
        share_within_radius=ratio(sums(units.near, group, count=count), demand),
        share_within_circle=ratio(sums(units.near_circle, group, count=count), demand),
        mean_walk_m=ratio(sums(units.walked_by_all, group, count=count), demand),
        mean_walk_nearest_m=ratio(sums(units.to_nearest, group, count=count), demand),
        mean_walk_own_m=ratio(sums(units.to_own, group, count=count), demand),
        max_walk_m=np.where(walking > 0, longest, np.nan),
    )


def without_boarders(placed: FloatArray, boarders: FloatArray) -> FloatArray:
    """Return the placed pupils who walk; rounding residues are 0 where all pupils board.

    Parameters
    ----------
    placed
        Pupils placed.
    boarders
        Boarders among them, the same shape.

    Returns
    -------
    numpy.ndarray
        The difference, the same shape.
    """
    walking = placed - boarders
    return np.where((boarders > 0) & (walking <= NEGLIGIBLE_PUPILS), 0.0, walking)


def sums(values: FloatArray, group: IntArray, *, count: int) -> FloatArray:
    """Return the sums of rows by group.

    Parameters
    ----------
    values
        Rows × columns.
    group
        Group of each row, ``0 … count − 1``; rows of group −1 are ignored.
    count
        Number of groups.

    Returns
    -------
    numpy.ndarray
        Groups × columns.
    """
    rows = np.flatnonzero(group >= 0)
    ones = np.ones(len(rows))
    members = sparse.csr_array((ones, (group[rows], rows)), shape=(count, len(values)))
    return np.asarray(members @ values)


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return ``part / whole``; nan where ``whole`` is 0.

    Parameters
    ----------
    part, whole
        Arrays of one shape.

    Returns
    -------
    numpy.ndarray
        The ratio, the same shape.
    """
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
