"""Construction and repair of connected assignments by region growing; capacity is left to the search."""

from __future__ import annotations

import heapq

import numpy as np

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.districting.problem import DistrictingProblem


class RegionGrower:
    """Constructs and repairs connected assignments of one problem.

    Parameters
    ----------
    problem
        The problem, restricted to usable arcs (:func:`~layoutplan.solve.districting.problem.reachable_arcs`).
    reduced
        Reduced cost of each arc; districts grow in its ascending order.
    """

    def __init__(self, problem: DistrictingProblem, reduced: FloatArray) -> None:
        self._problem = problem
        self.neighbours = [
            problem.edge_to[a:b].tolist()
            for a, b in zip(problem.edge_first[:-1], problem.edge_first[1:], strict=True)
        ]
        self._reduced: list[dict[int, float]] = [
            dict(zip(problem.arc_school[a:b].tolist(), reduced[a:b].tolist(), strict=True))
            for a, b in zip(problem.arc_first[:-1], problem.arc_first[1:], strict=True)
        ]
        target = problem.locked.copy()
        target[problem.own] = np.arange(problem.schools)
        self._fixed = target

    def grow(self, target: IntArray, *, tries: int = 50) -> IntArray | None:
        """Return a connected assignment close to a target.

        The component of each target district that contains the own unit is kept; the remaining units are
        assigned to adjacent districts, cheapest arc first. Units that cannot be reached are connected along a
        path, and units that are disconnected by that are assigned again.

        Parameters
        ----------
        target
            Preferred school of each unit, shape (units,).
        tries
            Largest number of such paths (twice as many if some unit is unassigned), besides one per unit.

        Returns
        -------
        IntArray or None
            School of each unit; ``None`` if none was found.
        """
        assignment = np.where(self._fixed >= 0, self._fixed, target)
        assignment = self._own_components(assignment)
        forced: dict[tuple[int, int], int] = {}
        for _ in range(tries * (1 + int((assignment < 0).any())) + self._problem.units):
            assignment = self._grow(assignment)
            unassigned = np.flatnonzero(assignment < 0)
            if not len(unassigned):
                return assignment
            unit = int(unassigned[0])
            school = min(
                self._reduced[unit],
                key=lambda j: (forced.get((unit, j), 0), self._reduced[unit][j]),
            )
            forced[unit, school] = forced.get((unit, school), 0) + 1
            assignment = self._own_components(self._path(assignment, unit, school))
        return None

    def reassign_unit(self, assignment: IntArray, unit: int, school: int) -> IntArray | None:
        """Return the assignment with a unit in another district, connected to it by a path of units.

        Parameters
        ----------
        assignment
            School of each unit, shape (units,).
        unit
            Position of the unit.
        school
            Its new school.

        Returns
        -------
        IntArray or None
            School of each unit; ``None`` if the other units could not be assigned.
        """
        return self.grow(self._path(assignment, unit, school))

    def _path(self, assignment: IntArray, unit: int, school: int) -> IntArray:
        """Assign the units of the cheapest path from a district to a unit to that district."""
        done: dict[int, int] = {}
        queue = [(0.0, unit, -1)]
        while queue:
            length, current, previous = heapq.heappop(queue)
            if current in done:
                continue
            done[current] = previous
            if assignment[current] == school:
                changed = assignment.copy()
                while current >= 0:
                    changed[current] = school
                    current = done[current]
                return changed
            for other in self.neighbours[current]:
                if other in done or school not in self._reduced[other]:
                    continue
                if self._fixed[other] in (-1, school):
                    step = 1e-9 if assignment[other] == school else self._reduced[other][school] + 1e-6
                    heapq.heappush(queue, (length + step, other, current))
        return assignment

    def _own_components(self, assignment: IntArray) -> IntArray:
        """Keep of each district the component that contains its own unit; -1 elsewhere."""
        kept = np.full(len(assignment), -1, dtype=np.int64)
        for school, own in enumerate(self._problem.own.tolist()):
            kept[own] = school
            stack = [own]
            while stack:
                for other in self.neighbours[stack.pop()]:
                    if assignment[other] == school and kept[other] < 0:
                        kept[other] = school
                        stack.append(other)
        return kept

    def _grow(self, assignment: IntArray) -> IntArray:
        """Assign the unassigned units to adjacent districts, cheapest arc first."""
        assignment = assignment.copy()
        queue: list[tuple[float, int, int]] = []

        def offer(unit: int) -> None:
            for other in self.neighbours[unit]:
                if assignment[other] < 0:
                    self._offer(queue, other, int(assignment[unit]))

        for unit in np.flatnonzero(assignment >= 0).tolist():
            offer(unit)
        while queue:
            _, unit, school = heapq.heappop(queue)
            if assignment[unit] < 0:
                assignment[unit] = school
                offer(unit)
        return assignment

    def _offer(self, queue: list[tuple[float, int, int]], unit: int, school: int) -> None:
        price = self._reduced[unit].get(school)
        if price is not None and self._fixed[unit] in (-1, school):
            heapq.heappush(queue, (price, unit, school))


def cheapest_schools(problem: DistrictingProblem, reduced: FloatArray) -> IntArray:
    """Return the school of each unit's cheapest arc.

    Parameters
    ----------
    problem
        The problem.
    reduced
        Reduced cost of each arc, shape (arcs,).

    Returns
    -------
    IntArray
        School of each unit, shape (units,).
    """
    order = np.lexsort((reduced, problem.arc_unit))
    return problem.arc_school[order[problem.arc_first[:-1]]]
