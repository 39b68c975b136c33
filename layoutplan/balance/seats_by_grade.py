"""Seats of catchments whose schools teach some grades of a stage only.

The seats of a part may suffice in all and yet not for the grades its schools teach. The pupils of a part who
find no seat are the most by which any set of grades exceeds the seats of the schools that teach one of them
(a minimum cut); of the sets, those matter that some kinds of school do not teach.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.balance.grade_bands import GradeBands
from layoutplan.balance.measures import sums
from layoutplan.solve.flow import Placement, assign_pupils


@dataclass(frozen=True)
class GradeLimits:
    """Sets of grades of each part, and the seats open to each; arrays, sets × parts × years.

    Attributes
    ----------
    share
        Share of the set in the pupils of the part.
    seats
        The part's seats in schools that teach any grade of the set.
    """

    share: FloatArray
    seats: FloatArray


@dataclass(frozen=True)
class SeatsByGrade:
    """Seats of parts, parts × years.

    Attributes
    ----------
    seated
        Pupils with a seat of their grade.
    seats
        Seats: those filled, and the spare ones. Seats of schools in no part belong to none.
    limits
        Sets of grades that may lack seats although the part has enough in all.
    """

    seated: FloatArray
    seats: FloatArray
    limits: GradeLimits


def seats_by_grade(
    links: tuple[IntArray, IntArray],
    seats: FloatArray,
    demand: FloatArray,
    part_of_unit: IntArray,
    grades: GradeBands,
    *,
    parts: int,
) -> SeatsByGrade:
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
    SeatsByGrade
        Of every part and year.
    """
    part, school = links
    bands = len(grades.taught)
    wanted = np.stack([sums(grades.share[band] * demand, part_of_unit, count=parts) for band in range(bands)])
    pair = [np.flatnonzero(grades.teaches(band, school)) for band in range(bands)]
    origin = np.concatenate([part[own] + band * parts for band, own in enumerate(pair)])
    link = np.concatenate(pair)
    years = demand.shape[1]
    seated, of_link = np.zeros((parts, years)), np.zeros((len(part), years))
    shared = np.maximum(np.bincount(school, minlength=len(seats)), 1)
    for year in range(years):
        found = assign_pupils(
            origin=origin,
            destination=school[link],
            metres=np.zeros(len(origin)),
            pupils=wanted[:, :, year].ravel(),
            seats=seats[:, year],
        )
        seated[:, year] = found.served.reshape(bands, parts).sum(axis=0)
        of_link[:, year] = _of_links(found, link, school, seats[:, year], shared)
    return SeatsByGrade(
        seated, sums(of_link, part, count=parts), _limits(wanted, of_link, links, grades, parts=parts)
    )


def _of_links(
    found: Placement, link: IntArray, school: IntArray, seats: FloatArray, shared: IntArray
) -> FloatArray:
    """Return the seats of each link: those its part fills, and an equal share of those left."""
    spare = (seats - found.filled) / shared
    return np.asarray(np.bincount(link, weights=found.pupils, minlength=len(school)) + spare[school])


def _limits(
    wanted: FloatArray,
    of_link: FloatArray,
    links: tuple[IntArray, IntArray],
    grades: GradeBands,
    *,
    parts: int,
) -> GradeLimits:
    """Return the limits of each part; a part without pupils has the shares of an even division."""
    part, school = links
    total = wanted.sum(axis=0)
    even = np.full(total.shape, 1.0 / len(wanted))
    share = np.stack([np.divide(own, total, out=even.copy(), where=total > 0) for own in wanted])
    shares, open_to = [], []
    for chosen in grades.cut_sets():
        teaching = np.any([grades.teaches(int(band), school) for band in np.flatnonzero(chosen)], axis=0)
        shares.append(share[chosen].sum(axis=0))
        open_to.append(sums(of_link * teaching[:, None], part, count=parts))
    return GradeLimits(np.stack(shares), np.stack(open_to))
