"""Why pupils are left above the seats: the schools that together lack seats, by a minimum cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from layoutplan.solve.max_flow import bottlenecks
from layoutplan.zoning.division import Division

_HALF_A_PUPIL: Final = 0.5


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
    """

    year: int
    zones: tuple[int, ...]
    pupils: float
    seats: float

    @property
    def lacks(self) -> float:
        """Seats that must be added to them, or pupils given another way out, whatever the division."""
        return self.pupils - self.seats


def lacking_seats(division: Division) -> Lacking | None:
    """Return the zones that together lack most seats in any year, or ``None`` where no set of them does.

    A set of zones lacks seats where the pupils of the units that can go to these zones only exceed their
    seats. The set is that of a minimum cut between units and zones over the permitted arcs: even without the
    rules that units are whole and catchments connected, that many pupils have no seat; and adding as many
    seats at any of these schools, if the pupils may go there, mends it.

    Parameters
    ----------
    division
        A stage divided.

    Returns
    -------
    Lacking or None
        Half a pupil or less is none.
    """
    problem = division.problem.problem
    worst: Lacking | None = None
    for column, year in enumerate(division.problem.zones.years):
        pupils, seats = problem.demand[:, column], problem.capacity[:, column]
        units, _ = bottlenecks(
            origin=problem.arc_unit, destination=problem.arc_school, pupils=pupils, seats=seats
        )
        zones = np.unique(problem.arc_school[units[problem.arc_unit]])
        zones = zones[np.argsort(-seats[zones], kind="stable")]
        found = Lacking(year, tuple(zones.tolist()), float(pupils[units].sum()), float(seats[zones].sum()))
        if found.lacks > _HALF_A_PUPIL and (worst is None or found.lacks > worst.lacks):
            worst = found
    return worst
