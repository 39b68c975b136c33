"""Exact re-optimisation of a few districts by a binary program with lazy contiguity inequalities.

The units of the chosen districts are reassigned among their schools; all other districts stay as they are. If
a district of the solution is not connected, violated inequalities are added and the program is solved again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.solve.districting.problem import DistrictingProblem
from layoutplan.solve.districting.program import is_one, solve_binary
from layoutplan.solve.districting.separators import ContiguityCut, contiguity_cuts


@dataclass
class Subproblem:
    """The binary program of a few districts.

    Attributes
    ----------
    problem
        The whole problem.
    neighbours
        Neighbours of each unit.
    schools
        Schools whose districts are re-optimised, ascending.
    arcs
        Positions of the candidate arcs: the columns of the program.
    capacity
        Seats of ``schools``, shape (schools, columns).
    cuts
        Contiguity inequalities found so far.
    """

    problem: DistrictingProblem
    neighbours: Sequence[Sequence[int]]
    schools: IntArray
    arcs: IntArray
    capacity: FloatArray
    cuts: list[ContiguityCut] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Index the units and the columns."""
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

    def constraints(self, cost_limit: float) -> tuple[csr_array, tuple[FloatArray, FloatArray]]:
        """Return the constraints: each unit once, capacities, total cost, contiguity inequalities.

        Parameters
        ----------
        cost_limit
            Largest total cost of the arcs used.

        Returns
        -------
        matrix : csr_array
            Shape (rows, arcs).
        limits : tuple of FloatArray
            Lower and upper limit of each row.
        """
        count, columns = len(self.arcs), self.problem.demand.shape[1]
        columns_of_arcs = np.arange(count)
        rows, positions, values = [self._row], [columns_of_arcs], [np.ones(count)]
        row = len(self.units)
        for column in range(columns):
            rows.append(row + self._place)
            positions.append(columns_of_arcs)
            values.append(self.problem.demand[self.unit, column])
            row += len(self.schools)
        rows.append(np.full(count, row))
        positions.append(columns_of_arcs)
        values.append(self.problem.arc_cost[self.arcs])
        row += 1
        for school, unit, separator in self.cuts:
            inside = [self._column[other, school] for other in separator if (other, school) in self._column]
            rows.append(np.full(1 + len(inside), row))
            positions.append(np.array([self._column[unit, school], *inside]))
            values.append(np.array([1.0, *(-1.0 for _ in inside)]))
            row += 1
        low, high = np.full(row, -np.inf), np.zeros(row)
        low[: len(self.units)] = high[: len(self.units)] = 1.0
        seats = len(self.units) + columns * len(self.schools)
        high[len(self.units) : seats] = self.capacity.T.ravel()
        high[seats] = cost_limit
        entries = (np.concatenate(values), (np.concatenate(rows), np.concatenate(positions)))
        return csr_array(entries, shape=(row, count)), (low, high)

    def add_violated(self, values: FloatArray) -> bool:
        """Add the contiguity inequalities that a solution violates.

        Parameters
        ----------
        values
            Value of each column, shape (arcs,).

        Returns
        -------
        bool
            Whether any was violated.
        """
        before = len(self.cuts)
        for school in self.schools.tolist():
            members = set(self.unit[is_one(values) & (self.school == school)].tolist())
            own = int(self.problem.own[school])
            self.cuts += contiguity_cuts(
                self.neighbours, school, own, members=members, allowed=self._allowed[school]
            )
        return len(self.cuts) > before


def make_subproblem(
    problem: DistrictingProblem,
    neighbours: Sequence[Sequence[int]],
    assignment: IntArray,
    *,
    schools: IntArray,
    usable: BoolArray,
) -> Subproblem:
    """Return the program that reassigns the units of some districts among their schools.

    Parameters
    ----------
    problem
        The whole problem.
    neighbours
        Neighbours of each unit.
    assignment
        Current school of each unit, shape (units,); connected.
    schools
        Schools whose districts are re-optimised.
    usable
        Arcs that a better solution can use, shape (arcs,); those of ``assignment`` are always included.

    Returns
    -------
    Subproblem
        Without contiguity inequalities yet.
    """
    free = np.isin(assignment, schools)
    target = problem.locked.copy()
    target[problem.own] = np.arange(problem.schools)
    unit, school = problem.arc_unit, problem.arc_school
    keep = usable & free[unit] & np.isin(school, schools)
    keep &= (target[unit] < 0) | (target[unit] == school)
    keep |= free[unit] & (school == assignment[unit])
    chosen = np.sort(schools)
    return Subproblem(problem, neighbours, chosen, np.flatnonzero(keep), problem.capacity[chosen])


def improve_districts(
    subproblem: Subproblem, assignment: IntArray, *, rounds: int, nodes: int, remaining_s: Callable[[], float]
) -> tuple[IntArray | None, bool]:
    """Solve a subproblem for a cheaper connected assignment.

    Parameters
    ----------
    subproblem
        The subproblem; violated inequalities are added to it.
    assignment
        Current school of each unit, shape (units,).
    rounds
        Largest number of solves.
    nodes
        Node limit of one solve.
    remaining_s
        Returns the remaining time, seconds.

    Returns
    -------
    assignment : IntArray or None
        A cheaper assignment; ``None`` if none was found.
    solved : bool
        Whether the result is proven: it is cheapest within the gap tolerance, or no cheaper one exists.
    """
    problem = subproblem.problem
    cost = problem.arc_cost[subproblem.arcs]
    current = float(problem.cost_of(assignment)[subproblem.units].sum())
    for _ in range(rounds):
        matrix, limits = subproblem.constraints(current - 1e-7 * abs(current))
        answer = solve_binary(cost, matrix, limits, nodes=nodes, time_s=remaining_s(), gap=2e-5)
        if answer.values is None:
            return None, answer.is_infeasible
        if not subproblem.add_violated(answer.values):
            changed = assignment.copy()
            on = is_one(answer.values)
            changed[subproblem.unit[on]] = subproblem.school[on]
            return changed, True
    return None, False
