"""How far pupils walk, and how many have a school within the service radius; by unit and group of units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.arcs import Walks
from layoutplan.balance.assignment import NEGLIGIBLE_PUPILS, StagePlacement


@dataclass(frozen=True)
class UnitMeasures:
    """One stage's figures of every unit and year: arrays, units × years.

    Attributes
    ----------
    children, demand, served, boarders
        Children of the stage's ages, pupils who need a seat, pupils placed in the best assignment, and those
        of them who board; the others walk.
    near
        The part of ``demand`` with a school within the service radius.
    pupil_metres, longest_m
        What the pupils who walk do so in all, and the longest single walk (0 where nobody walks).
    nearest_m
        The walk to the nearest school with seats that count; null where none is known.
    """

    children: FloatArray
    demand: FloatArray
    served: FloatArray
    boarders: FloatArray
    near: FloatArray
    pupil_metres: FloatArray
    longest_m: FloatArray
    nearest_m: FloatArray

    @property
    def walking(self) -> FloatArray:
        """Pupils placed who walk."""
        return without_boarders(self.served, self.boarders)


@dataclass(frozen=True)
class GroupMeasures:
    """The same, of groups of units: arrays, groups × years; shares and means are null over nothing."""

    children: FloatArray
    demand: FloatArray
    served: FloatArray
    unserved: FloatArray
    boarders: FloatArray
    share_within_radius: FloatArray
    mean_walk_m: FloatArray
    max_walk_m: FloatArray


def measure_units(
    *,
    children: FloatArray,
    demand: FloatArray,
    seats: FloatArray,
    walks: Walks,
    placement: StagePlacement,
    radius_m: FloatArray,
) -> UnitMeasures:
    """Measure every unit in every year.

    Parameters
    ----------
    seats
        Seats that count, schools × years.
    walks
        All walks known, also beyond the stage's reach.
    radius_m
        Service radius of each year, walking metres.
    """
    nearest = nearest_school(walks, seats > 0, units=len(demand))
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
        near=np.where(nearest <= radius_m[None, :], demand, 0.0),
        pupil_metres=pupil_metres,
        longest_m=longest,
        nearest_m=nearest,
    )


def nearest_school(walks: Walks, is_open: npt.NDArray[np.bool_], *, units: int) -> FloatArray:
    """Return the walk of every unit to its nearest open school in every year; null where there is none.

    Parameters
    ----------
    is_open
        Schools × years.
    """
    nearest = np.full((units, is_open.shape[1]), np.nan)
    first_like: dict[bytes, int] = {}
    for year in range(is_open.shape[1]):
        same = first_like.setdefault(is_open[:, year].tobytes(), year)
        if same < year:
            nearest[:, year] = nearest[:, same]
            continue
        usable = walks.where(is_open[walks.schools, year])
        first = np.flatnonzero(np.diff(usable.units, prepend=-1))  # walks are nearest first within a unit
        nearest[usable.units[first], year] = usable.metres[first]
    return nearest


def measure_groups(units: UnitMeasures, group: IntArray, *, count: int) -> GroupMeasures:
    """Measure groups of units.

    Parameters
    ----------
    group
        The group of every unit, ``0 … count − 1``, or −1 for none.
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
        mean_walk_m=ratio(sums(units.pupil_metres, group, count=count), walking),
        max_walk_m=np.where(walking > 0, longest, np.nan),
    )


def without_boarders(placed: FloatArray, boarders: FloatArray) -> FloatArray:
    """Return the pupils placed who walk; what arithmetic leaves of them where all board is nobody."""
    walking = placed - boarders
    return np.where((boarders > 0) & (walking <= NEGLIGIBLE_PUPILS), 0.0, walking)


def sums(values: FloatArray, group: IntArray, *, count: int) -> FloatArray:
    """Return the sums of rows by group: groups × years; rows of group −1 are left out."""
    rows = np.flatnonzero(group >= 0)
    ones = np.ones(len(rows))
    members = sparse.csr_array((ones, (group[rows], rows)), shape=(count, len(values)))
    return np.asarray(members @ values)


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return ``part / whole``; null where the whole is 0."""
    return np.divide(part, whole, out=np.full_like(whole, np.nan), where=whole > 0)
