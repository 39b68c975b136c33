"""Why pupils are left above the seats: the schools that together lack seats, by a minimum cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from layoutplan.arrays import FloatArray
from layoutplan.solve.districting import DistrictingProblem
from layoutplan.solve.max_flow import bottlenecks

_HALF_A_PUPIL: Final = 0.5
_TIMES_THE_MEAN: Final = 2.0
_WEIGHT: Final = 0.25


@dataclass(frozen=True)
class Lacking:
    """A set of zones that lack seats together.

    Attributes
    ----------
    year
        School year.
    zones
        Positions of the zones, those with most seats first.
    pupils, seats
        Pupils of the units that can go to no other zone, and the seats of these zones.
    column
        Column of the problem.
    of_grades
        Whether only a set of grades is meant, and the seats of the schools that teach them.
    """

    year: int
    zones: tuple[int, ...]
    pupils: float
    seats: float
    column: int
    of_grades: bool = False

    @property
    def lacks(self) -> float:
        """Seats that must be added to them, or pupils given another way out, whatever the division."""
        return self.pupils - self.seats


def lacking_seats(problem: DistrictingProblem, years: Sequence[int], *, plain: int) -> tuple[Lacking, ...]:
    """Return for each year the zones that together lack most seats; nothing for years without such a set.

    A set of zones lacks seats where the pupils of the units that can go to these zones only exceed their
    seats. The set is that of a minimum cut between units and zones over the permitted arcs: even without the
    rules that units are whole and catchments connected, that many pupils have no seat; and adding as many
    seats at any of these schools, if the pupils may go there, mends it.

    Parameters
    ----------
    problem
        Units, zones, arcs.
    years
        School year of each column of the problem.
    plain
        Number of columns of all grades; the further ones are of sets of grades. Of the columns of a year the
        one that lacks most is returned.

    Returns
    -------
    tuple of Lacking
        Half a pupil or less is none.
    """
    found: dict[int, Lacking] = {}
    for column, year in enumerate(years):
        pupils, seats = problem.demand[:, column], problem.capacity[:, column]
        units, _ = bottlenecks(
            origin=problem.arc_unit, destination=problem.arc_school, pupils=pupils, seats=seats
        )
        zones = np.unique(problem.arc_school[units[problem.arc_unit]])
        zones = zones[np.argsort(-seats[zones], kind="stable")]
        sizes = float(pupils[units].sum()), float(seats[zones].sum())
        one = Lacking(year, tuple(zones.tolist()), *sizes, column, column >= plain)
        if one.lacks > max(_HALF_A_PUPIL, found[year].lacks if year in found else 0.0):
            found[year] = one
    return tuple(found.values())


def evenly_spread(
    problem: DistrictingProblem,
    lacking: Sequence[Lacking],
    *,
    seats: FloatArray,
    stay: FloatArray,
) -> DistrictingProblem:
    """Return the problem in which unavoidable overload is shared by the schools.

    Where seats lack, some pupils are above the seats of some school, and the sum does not tell which. A
    further column holds the same pupils with more seats: as many as if each of the zones that lack seats
    together had twice its mean share of what they lack. A pupil above them counts a quarter more: no school
    bears more than twice its share where that can be avoided. Below it walking and moves decide.

    Parameters
    ----------
    problem
        Columns of years and of sets of grades.
    lacking
        Zones that lack seats together.
    seats
        Zones × columns: all seats.
    stay
        Zones × columns: pupils who stay there.

    Returns
    -------
    DistrictingProblem
        The problem itself where no seats lack; its first columns are the same always.
    """
    demand, capacity = [problem.demand], [problem.capacity]
    for one in lacking:
        column = one.column
        share = one.lacks / max(one.seats, 1.0)
        room = np.maximum(seats[:, column] * (1 + _TIMES_THE_MEAN * share) - stay[:, column], 0.0)
        demand.append(_WEIGHT * problem.demand[:, [column]])
        capacity.append(_WEIGHT * np.maximum(room, problem.capacity[:, column])[:, None])
    if len(demand) == 1:
        return problem
    return replace(problem, demand=np.hstack(demand), capacity=np.hstack(capacity))
