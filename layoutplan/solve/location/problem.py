"""The capacitated location problem as a value: units with pupils, sites with seats and a fixed cost, arcs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.errors import DefectError
from layoutplan.solve import checks
from layoutplan.solve.districting.problem import DistrictingProblem, districting_problem


@dataclass(frozen=True)
class LocationProblem:
    """Open sites so that all pupils have a seat, at least fixed cost plus cost of the arcs used.

    Attributes
    ----------
    pupils
        Pupils of each unit, shape (units,).
    seats, fixed
        Seats and fixed cost of each site, shape (sites,).
    unit, site, cost
        Ends of each arc and its cost for one pupil, shape (arcs,).
    own
        Unit at which each site stands, shape (sites,); no two at one.
    edges
        Pairs of adjacent units, shape (edges, 2), where the district of a site must be connected; ``None``
        where it need not.
    count
        Number of sites to open; ``None`` for any number.
    split
        Whether the pupils of a unit may be divided between sites.
    """

    pupils: FloatArray
    seats: FloatArray
    fixed: FloatArray
    unit: IntArray
    site: IntArray
    cost: FloatArray
    own: IntArray
    edges: IntArray | None = None
    count: int | None = None
    split: bool = False

    @cached_property
    def sites(self) -> int:
        """Number of sites."""
        return len(self.seats)

    def districts_of(self, opened: BoolArray) -> DistrictingProblem:
        """Return the districting problem of the sites that are open, numbered in their order.

        Without edges, the unit of every open site is adjacent to all units, so that every district is
        connected that holds the unit of its own site.

        Parameters
        ----------
        opened
            Whether each site is open, shape (sites,).
        """
        number = np.cumsum(opened) - 1
        used = opened[self.site]
        cost = self.cost[used] * self.pupils[self.unit[used]]
        own = self.own[opened]
        edges = self.edges
        if edges is None:
            hubs, others = (ends.ravel() for ends in np.meshgrid(own, np.arange(len(self.pupils))))
            edges = np.unique(np.sort(np.stack([hubs, others], axis=1)[hubs != others], axis=1), axis=0)
        arcs = (self.unit[used], number[self.site[used]], cost)
        return districting_problem(self.pupils, self.seats[opened], own=own, arcs=arcs, edges=edges)


def check_location(problem: LocationProblem) -> None:
    """Check that the arrays of a problem fit each other.

    Parameters
    ----------
    problem
        The problem.

    Raises
    ------
    DefectError
        If a number is negative, a position points outside, or more sites are to be opened than there are.
    """
    units, sites = len(checks.amounts("pupils", problem.pupils)), len(checks.amounts("seats", problem.seats))
    checks.amounts("fixed costs", problem.fixed, count=sites)
    tail = checks.places("units", problem.unit, below=max(units, 1))
    checks.places("sites", problem.site, below=max(sites, 1), count=len(tail))
    checks.amounts("costs of arcs", problem.cost, count=len(tail))
    checks.places("units of sites", problem.own, below=max(units, 1), count=sites)
    if problem.count is not None and not 0 < problem.count <= sites:
        raise DefectError(f"{problem.count} of {sites} sites cannot be opened")
