"""Enrolment, seats and optimal assignment of every school."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray
from layoutplan.balance.assignment import StagePlacement
from layoutplan.balance.boarding import Beds
from layoutplan.balance.measures import ratio, without_boarders
from layoutplan.city.city import City
from layoutplan.layouts.seats import Seats


@dataclass(frozen=True)
class SchoolMeasures:
    """Figures of the schools that teach one stage; arrays, ``len(rows)`` × years.

    Attributes
    ----------
    rows
        Positions of the schools in the layout.
    seats
        All seats, also those that do not count.
    enrolment
        Enrolment in the base year; nan in the other years.
    assigned, boarders
        Pupils placed in the optimal assignment, and the boarders among them.
    beds
        Beds that pupils of the stage may use.
    share_within_radius
        Share of the pupils who walk there with a walk within the service radius.
    mean_walk_m, max_walk_m
        Mean and longest walk of these pupils, metres.
    served_per_seat, saved_m_per_seat
        Marginal value of one more seat (:class:`~layoutplan.solve.Placement`); nan where the school does not
        count.
    """

    rows: npt.NDArray[np.int64]
    seats: FloatArray
    enrolment: FloatArray
    assigned: FloatArray
    beds: FloatArray
    boarders: FloatArray
    share_within_radius: FloatArray
    mean_walk_m: FloatArray
    max_walk_m: FloatArray
    served_per_seat: FloatArray
    saved_m_per_seat: FloatArray

    @property
    def over_capacity(self) -> FloatArray:
        """Enrolment above the seats; nan where enrolment is."""
        return np.maximum(self.enrolment - self.seats, 0.0)


def measure_schools(
    city: City,
    plan: Seats,
    *,
    stage: str,
    placement: StagePlacement,
    beds: Beds | None,
    radius_m: FloatArray,
) -> SchoolMeasures:
    """Compute the figures of every school that teaches the stage.

    A school teaches the stage if its type does, or if it has seats (in any year) or enrolment in it.

    Parameters
    ----------
    city
        Base-year enrolment.
    plan
        Seats of the layout.
    stage
        Stage.
    placement
        Optimal placement of all years.
    beds
        Beds of the stage; ``None`` if no pupil may board.
    radius_m
        Service radius of each year, walking metres, shape ``(years,)``.

    Returns
    -------
    SchoolMeasures
        Schools in the order of ``plan.schools``.
    """
    seats = plan.seats[stage].to_numpy(dtype=float)
    enrolment = np.full_like(seats, np.nan)
    enrolment[:, 0] = enrolment_of(city, plan, stage)
    teaches = city.schooling.are_taught(plan.schools["school_type"], stage).to_numpy()
    rows = np.flatnonzero(teaches | (seats > 0).any(axis=1) | (enrolment[:, 0] > 0))
    near, walked, longest = (np.zeros_like(seats) for _ in range(3))
    for year, placed in enumerate(placement.years):
        school, metres = placed.walks.schools, placed.walks.metres
        is_near = metres <= radius_m[year]
        near[:, year] = np.bincount(school, weights=placed.pupils * is_near, minlength=len(seats))
        walked[:, year] = np.bincount(school, weights=placed.pupils * metres, minlength=len(seats))
        np.maximum.at(longest[:, year], school, metres)
    assigned, counting = placement.assigned, plan.counting()
    walking = without_boarders(assigned, placement.boarding_at)
    return SchoolMeasures(
        rows=rows,
        seats=seats[rows],
        enrolment=enrolment[rows],
        assigned=assigned[rows],
        beds=np.zeros_like(seats)[rows] if beds is None else beds.beds[rows],
        boarders=placement.boarding_at[rows],
        share_within_radius=ratio(near[rows], walking[rows]),
        mean_walk_m=ratio(walked[rows], walking[rows]),
        max_walk_m=np.where(walking[rows] > 0, longest[rows], np.nan),
        served_per_seat=np.where(counting, placement.served_per_seat, np.nan)[rows],
        saved_m_per_seat=np.where(counting, placement.saved_m_per_seat, np.nan)[rows],
    )


def enrolment_of(city: City, plan: Seats, stage: str) -> FloatArray:
    """Return the base-year enrolment of each school of a layout in a stage.

    Parameters
    ----------
    city
        Schools with ``enrolment_<stage>``.
    plan
        Seats of the layout.
    stage
        Stage.

    Returns
    -------
    numpy.ndarray
        In the order of ``plan.schools``; nan where unknown, as for schools opened by projects.
    """
    return city.rolls(stage)["enrolment"].reindex(plan.schools.index).to_numpy()
