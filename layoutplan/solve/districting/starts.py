"""Plans to begin with: every unit assigned, every district connected; overload is left to the search."""

from __future__ import annotations

import heapq

import numpy as np
import numpy.typing as npt

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.districting.problem import DistrictingProblem


class Grower:
    """Makes and repairs connected plans of one problem.

    Parameters
    ----------
    problem
        With useful arcs only (:func:`~layoutplan.solve.districting.problem.reachable_arcs`).
    reduced
        Per arc, what it costs more than the unit's best: the order of growth.
    """

    def __init__(self, problem: DistrictingProblem, reduced: FloatArray) -> None:
        self._problem = problem
        self.neighbours = [
            problem.edge_to[a:b].tolist()
            for a, b in zip(problem.edge_first[:-1], problem.edge_first[1:], strict=True)
        ]
        self._price: list[dict[int, float]] = [
            dict(zip(problem.arc_school[a:b].tolist(), reduced[a:b].tolist(), strict=True))
            for a, b in zip(problem.arc_first[:-1], problem.arc_first[1:], strict=True)
        ]
        target = problem.locked.copy()
        target[problem.own] = np.arange(problem.schools)
        self._fixed = target

    def grow(self, wish: IntArray, *, tries: int = 50) -> IntArray | None:
        """Return a connected plan near a wish, or ``None`` if none was found.

        Of each wished district the part joined to the own unit stays; the rest is joined cheapest first.
        Units that nothing reaches are forced in along a path; what that cuts off is joined again.
        """
        plan = np.where(self._fixed >= 0, self._fixed, wish)
        plan = self._joined(plan)
        forced: dict[tuple[int, int], int] = {}
        for _ in range(tries * (1 + int((plan < 0).any())) + self._problem.units):
            plan = self._filled(plan)
            left = np.flatnonzero(plan < 0)
            if not len(left):
                return plan
            unit = int(left[0])
            school = min(
                self._price[unit],
                key=lambda j: (forced.get((unit, j), 0), self._price[unit][j]),
            )
            forced[unit, school] = forced.get((unit, school), 0) + 1
            plan = self._joined(self._path(plan, unit, school))
        return None

    def force(self, plan: IntArray, unit: int, school: int) -> IntArray | None:
        """Return the plan with one unit in another district, joined to it by a path of units."""
        return self.grow(self._path(plan, unit, school))

    def _path(self, plan: IntArray, unit: int, school: int) -> IntArray:
        """Give a district the units of the cheapest path from it to a unit."""
        done: dict[int, int] = {}
        queue = [(0.0, unit, -1)]
        while queue:
            length, current, previous = heapq.heappop(queue)
            if current in done:
                continue
            done[current] = previous
            if plan[current] == school:
                changed = plan.copy()
                while current >= 0:
                    changed[current] = school
                    current = done[current]
                return changed
            for other in self.neighbours[current]:
                if other in done or school not in self._price[other]:
                    continue
                if self._fixed[other] in (-1, school):
                    step = 1e-9 if plan[other] == school else self._price[other][school] + 1e-6
                    heapq.heappush(queue, (length + step, other, current))
        return plan

    def _joined(self, plan: IntArray) -> IntArray:
        """Keep of each district what is joined to its own unit; -1 elsewhere."""
        kept = np.full(len(plan), -1, dtype=np.int64)
        for school, own in enumerate(self._problem.own.tolist()):
            kept[own] = school
            stack = [own]
            while stack:
                for other in self.neighbours[stack.pop()]:
                    if plan[other] == school and kept[other] < 0:
                        kept[other] = school
                        stack.append(other)
        return kept

    def _filled(self, plan: IntArray) -> IntArray:
        """Join the units that are left, the cheapest arc first."""
        plan = plan.copy()
        queue: list[tuple[float, int, int]] = []

        def offer(unit: int) -> None:
            for other in self.neighbours[unit]:
                if plan[other] < 0:
                    self._offer(queue, other, int(plan[unit]))

        for unit in np.flatnonzero(plan >= 0).tolist():
            offer(unit)
        while queue:
            _, unit, school = heapq.heappop(queue)
            if plan[unit] < 0:
                plan[unit] = school
                offer(unit)
        return plan

    def _offer(self, queue: list[tuple[float, int, int]], unit: int, school: int) -> None:
        price = self._price[unit].get(school)
        if price is not None and self._fixed[unit] in (-1, school):
            heapq.heappush(queue, (price, unit, school))


def cheapest(problem: DistrictingProblem, reduced: npt.NDArray[np.float64]) -> IntArray:
    """Return the school of each unit's cheapest arc."""
    order = np.lexsort((reduced, problem.arc_unit))
    return problem.arc_school[order[problem.arc_first[:-1]]]
