"""Seats of catchments whose schools teach some grades of a stage only."""

from __future__ import annotations

import numpy as np

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.grade_bands import GradeBands
from layoutplan.balance.measures import sums
from layoutplan.solve.flow import assign_pupils


def seats_by_grade(
    links: tuple[IntArray, IntArray],
    seats: FloatArray,
    demand: FloatArray,
    part_of_unit: IntArray,
    grades: GradeBands,
    *,
    parts: int,
) -> tuple[FloatArray, FloatArray]:
    """Return the pupils of each part with a seat of their grade, and the seats of each part.

    As many pupils as possible are seated: a flow from the bands of each part to its schools. A seat that is
    left belongs to the parts of its school in equal shares.

    Parameters
    ----------
    links
        Part and school of each link.
    seats
        Counted seats, schools × years.
    demand
        Pupils, units × years.
    part_of_unit
        Part of each unit.
    grades
        Bands of grades.
    parts
        Number of parts.

    Returns
    -------
    seated, seats
        Parts × years. Seats of schools in no part belong to none.
    """
    part, school = links
    bands = len(grades.taught)
    wanted = np.stack([sums(grades.share[band] * demand, part_of_unit, count=parts) for band in range(bands)])
    ends = [(part[own] + band * parts, school[own]) for band in range(bands)
            for own in [np.flatnonzero(grades.teaches(band, school))]]  # fmt: skip
    origin, destination = (np.concatenate([end[side] for end in ends]) for side in (0, 1))
    years = demand.shape[1]
    seated, offered = np.zeros((2, parts, years))
    linked = np.maximum(np.bincount(school, minlength=len(seats)), 1)
    for year in range(years):
        found = assign_pupils(
            origin=origin,
            destination=destination,
            metres=np.zeros(len(origin)),
            pupils=wanted[:, :, year].ravel(),
            seats=seats[:, year],
        )
        seated[:, year] = found.served.reshape(bands, parts).sum(axis=0)
        spare = (seats[:, year] - found.filled) / linked
        offered[:, year] = seated[:, year] + np.bincount(part, weights=spare[school], minlength=parts)
    return seated, offered
