"""Grades in a redraw: sets of grades that some schools do not teach, each with the seats open to it.

A zone holds its pupils where no set of grades exceeds the seats of its schools that teach one of them
(:meth:`~layoutplan.balance.grade_bands.GradeBands.cut_sets`). Each set and year is one more column of pupils
and seats beside the years themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.grade_bands import grade_bands
from layoutplan.layouts.layout import Layout
from layoutplan.study import Study
from layoutplan.zoning.zones import Zones, zone_seats


@dataclass(frozen=True)
class GradeColumns:
    """Columns of sets of grades: all years of the first set, then of the next.

    Attributes
    ----------
    share
        Units × columns: the share of the set in the unit's pupils of the year.
    seats
        Zones × columns: seats of schools that teach any grade of the set.
    """

    share: FloatArray
    seats: FloatArray

    @property
    def count(self) -> int:
        """Number of columns."""
        return int(self.share.shape[1])

    def pupils(self, by_year: FloatArray) -> FloatArray:
        """Return the pupils of each column, units × columns.

        Parameters
        ----------
        by_year
            Pupils of all grades, units × years.
        """
        sets = self.count // max(by_year.shape[1], 1)
        return np.asarray(self.share * np.tile(by_year, (1, sets)))


def grade_columns(study: Study, layout: Layout, zones: Zones) -> GradeColumns:
    """Return the columns of a stage; none where every school teaches all grades.

    Parameters
    ----------
    study
        Demand by age, and the grades of the schools.
    layout
        Seats.
    zones
        The zones of the stage.
    """
    bands = grade_bands(study, layout.seats, zones.stage)
    chosen = [] if bands is None else bands.cut_sets()
    none = np.zeros((0, 0))
    if bands is None or not chosen:
        return GradeColumns(none.reshape(len(zones.today), 0), none.reshape(len(zones.zones), 0))
    own = bands.of_years(zones.columns)
    counted = layout.seats.counted(zones.stage).to_numpy(dtype=float)[:, zones.columns]
    pupils = study.demand.pupils[zones.stage].to_numpy(dtype=float)[:, zones.columns]
    every: IntArray = np.arange(len(counted), dtype=np.int64)
    shares, seats = [], []
    for one in chosen:
        share = own.share[one].sum(axis=0)
        teaching = np.any([own.teaches(int(band), every) for band in np.flatnonzero(one)], axis=0)
        offered = counted * teaching[:, None]
        shares.append(share)
        seats.append(zone_seats(zones.zones, today=zones.today, demand=share * pupils, counted=offered))
    return GradeColumns(np.hstack(shares), np.hstack(seats))
