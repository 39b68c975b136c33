"""Exact re-optimisation of a few neighbouring districts, with inequalities of contiguity added as they break.

All other districts stay. Units of the chosen districts are assigned anew among the chosen schools by a binary
program; where its plan cuts a part off, separators forbid that, and it is solved again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.districting.problem import DistrictingProblem
from layoutplan.solve.districting.program import chosen, solve_binary
from layoutplan.solve.districting.separators import Cut, cut_off_cuts


@dataclass
class Part:
    """The binary program of some districts; cuts are kept from round to round.

    Attributes
    ----------
    arcs
        Places of the arcs among which is chosen.
    """

    problem: DistrictingProblem
    neighbours: Sequence[Sequence[int]]
    schools: IntArray
    arcs: IntArray
    room: FloatArray
    cuts: list[Cut] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Set what follows from the fields: rows and columns by number."""
        unit, school = self.problem.arc_unit[self.arcs], self.problem.arc_school[self.arcs]
        self.unit, self.school = unit, school
        self.units, self._row = np.unique(unit, return_inverse=True)
        self._place = np.searchsorted(self.schools, school)
        self._column = {
            (u, j): place for place, (u, j) in enumerate(zip(unit.tolist(), school.tolist(), strict=True))
        }
        self._allowed: dict[int, set[int]] = {j: set() for j in self.schools.tolist()}
        for u, j in self._column:
            self._allowed[j].add(u)

    def matrix(self, ceiling: float) -> tuple[csr_array, tuple[FloatArray, FloatArray]]:
        """Return the rows: each unit once, capacity by column, cost below the ceiling, cuts."""
        count, columns = len(self.arcs), self.problem.demand.shape[1]
        every = np.arange(count)
        rows, places, values = [self._row], [every], [np.ones(count)]
        at = len(self.units)
        for column in range(columns):
            rows.append(at + self._place)
            places.append(every)
            values.append(self.problem.demand[self.unit, column])
            at += len(self.schools)
        rows.append(np.full(count, at))
        places.append(every)
        values.append(self.problem.arc_cost[self.arcs])
        at += 1
        for school, unit, separator in self.cuts:
            inside = [self._column[other, school] for other in separator if (other, school) in self._column]
            rows.append(np.full(1 + len(inside), at))
            places.append(np.array([self._column[unit, school], *inside]))
            values.append(np.array([1.0, *(-1.0 for _ in inside)]))
            at += 1
        low, high = np.full(at, -np.inf), np.zeros(at)
        low[: len(self.units)] = high[: len(self.units)] = 1.0
        seats = len(self.units) + columns * len(self.schools)
        high[len(self.units) : seats] = self.room.T.ravel()
        high[seats] = ceiling
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(places)))
        return csr_array(entries, shape=(at, count)), (low, high)

    def break_at(self, values: FloatArray) -> bool:
        """Add the inequalities that a plan breaks; tell whether there are any."""
        before = len(self.cuts)
        for school in self.schools.tolist():
            members = set(self.unit[chosen(values) & (self.school == school)].tolist())
            own = int(self.problem.own[school])
            self.cuts += cut_off_cuts(
                self.neighbours, school, own, members=members, allowed=self._allowed[school]
            )
        return len(self.cuts) > before


def part_of_plan(
    problem: DistrictingProblem,
    neighbours: Sequence[Sequence[int]],
    plan: IntArray,
    *,
    schools: IntArray,
    usable: np.ndarray,
) -> Part:
    """Return the program that assigns the units of some districts anew, over usable arcs."""
    free = np.isin(plan, schools)
    target = problem.locked.copy()
    target[problem.own] = np.arange(problem.schools)
    unit, school = problem.arc_unit, problem.arc_school
    keep = usable & free[unit] & np.isin(school, schools)
    keep &= (target[unit] < 0) | (target[unit] == school)
    keep |= free[unit] & (school == plan[unit])
    chosen = np.sort(schools)
    return Part(problem, neighbours, chosen, np.flatnonzero(keep), problem.capacity[chosen])


def improve(
    part: Part, plan: IntArray, *, rounds: int, nodes: int, left_s: Callable[[], float]
) -> tuple[IntArray | None, bool]:
    """Return a cheaper connected plan (``None`` if none was found), and whether the part was solved."""
    problem = part.problem
    cost = problem.arc_cost[part.arcs]
    now = float(problem.cost_of(plan)[part.units].sum())
    for _ in range(rounds):
        matrix, limits = part.matrix(now - 1e-7 * abs(now))
        answer = solve_binary(cost, matrix, limits, nodes=nodes, time_s=left_s(), gap=2e-5)
        if answer.values is None:
            return None, answer.none_exists
        if not part.break_at(answer.values):
            changed = plan.copy()
            on = chosen(answer.values)
            changed[part.unit[on]] = part.school[on]
            return changed, True
    return None, False
