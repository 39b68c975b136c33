"""The nearest school of every pupil: one that teaches the pupil's grade."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray
from layoutplan.balance.arcs import Walks
from layoutplan.balance.grade_bands import GradeBands
from layoutplan.layouts.seats import Seats
from layoutplan.study import Study
from layoutplan.travel.nearest import straight_nearest


@dataclass(frozen=True)
class NearestSchools:
    """Distances to the nearest school; arrays, bands of grades × units × years.

    Attributes
    ----------
    metres
        Metres; nan or infinite where there is none.
    share
        Share of each band in a unit's pupils; they sum to one.
    """

    metres: FloatArray
    share: FloatArray

    @property
    def mean_m(self) -> FloatArray:
        """Mean over the pupils of a unit who have such a school, units × years; nan where nobody has."""
        known = np.isfinite(self.metres)
        if len(self.metres) == 1:
            return np.asarray(np.where(known, self.metres, np.nan)[0])
        weight = np.where(known, self.share, 0.0)
        weight = np.where((weight == 0).all(axis=0), known, weight)  # a unit without pupils has a mean too
        total, walked = weight.sum(axis=0), (weight * np.where(known, self.metres, 0.0)).sum(axis=0)
        return np.asarray(np.divide(walked, total, out=np.full(total.shape, np.nan), where=total > 0))

    def within(self, radius_m: FloatArray | float) -> FloatArray:
        """Return the share of a unit's pupils with such a school within a radius, units × years.

        Parameters
        ----------
        radius_m
            Metres, of each year or of all.
        """
        return np.asarray((self.share * (self.metres <= radius_m)).sum(axis=0))

    def mean_within(self, reach_m: float) -> FloatArray:
        """Return the mean over all pupils of a unit, units × years; those without one count with the reach.

        Parameters
        ----------
        reach_m
            Longest distance that counts, metres.
        """
        return np.asarray((self.share * np.fmin(self.metres, reach_m)).sum(axis=0))


def nearest_school(walks: Walks, is_open: BoolArray, *, units: int) -> FloatArray:
    """Return the walk of each unit to its nearest open school in every year.

    Parameters
    ----------
    walks
        Unit-school pairs, nearest first within a unit.
    is_open
        Boolean, schools × years.
    units
        Number of units.

    Returns
    -------
    numpy.ndarray
        Metres, units × years; nan where no open school is known.
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


def nearest_on_foot(
    walks: Walks, is_open: BoolArray, *, units: int, grades: GradeBands | None
) -> NearestSchools:
    """Return the walks to the nearest school that is open and teaches the grade.

    Parameters
    ----------
    walks
        Unit-school pairs, nearest first within a unit.
    is_open
        Schools × years.
    units
        Number of units.
    grades
        Bands of grades that some schools do not teach; ``None`` if every school teaches all.
    """
    if grades is None:
        one = nearest_school(walks, is_open, units=units)
        return NearestSchools(one[None], np.ones((1, *one.shape)))
    taught = [grades.teaches(band, walks.schools) for band in range(len(grades.taught))]
    metres = [nearest_school(walks.where(own), is_open, units=units) for own in taught]
    return NearestSchools(np.stack(metres), grades.share)


def nearest_in_line(
    study: Study, seats: Seats, is_open: BoolArray, grades: GradeBands | None
) -> NearestSchools:
    """Return the straight lines to the nearest school that is open and teaches the grade.

    Parameters
    ----------
    study
        City.
    seats
        Schools of the layout.
    is_open, grades
        As for :func:`nearest_on_foot`.
    """
    homes, schools = study.city.units.geometry, seats.schools.geometry
    if grades is None:
        one = straight_nearest(homes, schools, is_open)
        return NearestSchools(one[None], np.ones((1, *one.shape)))
    every = np.arange(len(is_open))
    taught = [is_open & grades.teaches(band, every)[:, None] for band in range(len(grades.taught))]
    return NearestSchools(np.stack([straight_nearest(homes, schools, own) for own in taught]), grades.share)
