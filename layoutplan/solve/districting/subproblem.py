"""The binary program that reassigns some units exactly, with lazy contiguity inequalities.

Units with several candidate arcs are reassigned among their schools; all other units stay as they are. If a
district of the solution is not connected, violated inequalities are added and the program is solved again.
If the present assignment has overload, the program may reduce it, at a price per pupil, and never raises it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from layoutplan.arrays import BoolArray, FloatArray, IntArray
from layoutplan.solve.districting.budget import Allowance
from layoutplan.solve.districting.problem import DistrictingProblem
from layoutplan.solve.districting.program import is_one, solve_binary
from layoutplan.solve.districting.separators import ContiguityCut, contiguity_cuts

_GAP: Final = 2e-5
_LEAST_GAIN: Final = 1e-7


class Subproblem:
    """The binary program that reassigns some units.

    Parameters
    ----------
    problem
        The whole problem.
    neighbours
        Neighbours of each unit.
    assignment
        Current school of each unit, shape (units,); connected.
    candidates
        Arcs that may be used, shape (arcs,); those of ``assignment`` are always included.
    overload_price
        Price per pupil above capacity.

    Attributes
    ----------
    arcs
        Positions of the arcs that are columns: all candidates of the units that have several.
    unit, school
        Unit and school of each column.
    units
        Units with several candidates, ascending: the first rows.
    capacity
        Seats that the other units leave, shape (schools, columns of demand).
    overload
        Present overload of the schools of the columns, pupils.
    cuts
        Contiguity inequalities found so far.
    """

    def __init__(
        self,
        problem: DistrictingProblem,
        neighbours: Sequence[Sequence[int]],
        assignment: IntArray,
        *,
        candidates: BoolArray,
        overload_price: float,
    ) -> None:
        target = problem.locked.copy()
        target[problem.own] = np.arange(problem.schools)
        unit, school = problem.arc_unit, problem.arc_school
        keep = candidates & ((target[unit] < 0) | (target[unit] == school))
        keep |= school == assignment[unit]
        is_free = np.bincount(unit[keep], minlength=problem.units) > 1
        self.problem, self.neighbours, self.assignment = problem, neighbours, assignment
        self.arcs = np.flatnonzero(keep & is_free[unit])
        self.unit, self.school = unit[self.arcs], school[self.arcs]
        self.units, self._row = np.unique(self.unit, return_inverse=True)
        self._fixed_school = np.where(is_free, -1, assignment)
        self.capacity = problem.capacity - problem.load_of(self._fixed_school)
        self.overload_price = overload_price
        self.overload = self._overload_of(assignment)
        self.cuts: dict[ContiguityCut, None] = {}
        self._column = {
            pair: place
            for place, pair in enumerate(zip(self.unit.tolist(), self.school.tolist(), strict=True))
        }
        self._allowed: dict[int, set[int]] = {}
        for j in np.unique(self.school).tolist():
            self._allowed[j] = set(np.flatnonzero(self._fixed_school == j).tolist())
        for u, j in self._column:
            self._allowed[j].add(u)

    def add_cuts(self, cuts: Collection[ContiguityCut]) -> int:
        """Add those contiguity inequalities that the units that stay do not satisfy already.

        Parameters
        ----------
        cuts
            Inequalities valid for the whole problem.

        Returns
        -------
        int
            Number of inequalities that are new.
        """
        before = len(self.cuts)
        for cut in cuts:
            school, unit, separator = cut
            if (unit, school) not in self._column and self._fixed_school[unit] != school:
                continue
            if not any(self._fixed_school[other] == school for other in separator):
                self.cuts[cut] = None
        return len(self.cuts) - before

    @property
    def slacks(self) -> int:
        """Number of overload variables: the columns after the arcs."""
        return self.capacity.size if self.overload > 0 else 0

    def cost(self) -> FloatArray:
        """Return the cost of each column, overload variables included."""
        arcs = self.problem.arc_cost[self.arcs]
        return np.concatenate([arcs, np.full(self.slacks, self.overload_price)])

    def cost_of(self, assignment: IntArray) -> float:
        """Return the cost of the free units and of the overload of the schools of the columns.

        Parameters
        ----------
        assignment
            School of each unit, shape (units,).

        Returns
        -------
        float
            Overload at ``overload_price``.
        """
        used = assignment[self.unit] == self.school
        return float(self.problem.arc_cost[self.arcs[used]].sum()) + self.overload_price * self._overload_of(
            assignment
        )

    def _overload_of(self, assignment: IntArray) -> float:
        excess = np.maximum(self.problem.load_of(assignment) - self.problem.capacity, 0.0)
        return float(excess[np.unique(self.school)].sum())

    def constraints(self, cost_limit: float) -> tuple[csr_array, tuple[FloatArray, FloatArray]]:
        """Return the constraints: each unit once, capacities, total cost and overload, contiguity.

        Parameters
        ----------
        cost_limit
            Largest total cost of the columns used.

        Returns
        -------
        matrix : csr_array
            Shape (rows, columns).
        limits : tuple of FloatArray
            Lower and upper limit of each row.
        """
        count, schools, slacks = len(self.arcs), self.problem.schools, np.arange(self.slacks)
        arcs, every = np.arange(count), np.arange(count + len(slacks))
        units = len(self.units)
        entries = [(self._row, arcs, np.ones(count)), (units + slacks, count + slacks, -np.ones(len(slacks)))]
        row = units
        for column in range(self.problem.demand.shape[1]):
            entries.append((row + self.school, arcs, self.problem.demand[self.unit, column]))
            row += schools
        entries.append((np.full(len(every), row), every, self.cost()))
        entries.append((np.full(len(slacks), row + 1), count + slacks, np.ones(len(slacks))))
        row += 2
        high = [np.ones(units), self._seats(), np.array([cost_limit, self.overload])]
        rhs = []
        for cut in self.cuts:
            positions, signs, limit = self._cut_row(cut)
            entries.append((np.full(len(positions), row), positions, signs))
            rhs.append(limit)
            row += 1
        low = np.full(row, -np.inf)
        low[:units] = 1.0
        rows, columns, values = (np.concatenate(part) for part in zip(*entries, strict=True))
        matrix = csr_array((values, (rows, columns)), shape=(row, len(every)))
        return matrix, (low, np.concatenate([*high, rhs]))

    def _seats(self) -> FloatArray:
        """Return the limit of each capacity row; no limit for schools without a column."""
        seats = np.full_like(self.capacity, np.inf)
        active = np.unique(self.school)
        seats[active] = self.capacity[active]
        return seats.T.ravel()

    def _cut_row(self, cut: ContiguityCut) -> tuple[IntArray, FloatArray, float]:
        """Return columns, coefficients and upper limit of a contiguity inequality."""
        school, unit, separator = cut
        inside = [self._column[other, school] for other in separator if (other, school) in self._column]
        signs = [-1.0] * len(inside)
        own = self._column.get((unit, school))
        if own is None:
            return np.array(inside, dtype=np.int64), np.array(signs), -1.0
        return np.array([*inside, own], dtype=np.int64), np.array([*signs, 1.0]), 0.0

    def changed(self, values: FloatArray) -> IntArray:
        """Return the assignment of a solution.

        Parameters
        ----------
        values
            Value of each column, shape (columns,).

        Returns
        -------
        IntArray
            School of each unit, shape (units,).
        """
        assignment = self.assignment.copy()
        on = is_one(values)
        assignment[self.unit[on]] = self.school[on]
        return assignment

    def violated_by(self, assignment: IntArray) -> list[ContiguityCut]:
        """Return the contiguity inequalities that an assignment violates.

        Parameters
        ----------
        assignment
            School of each unit, shape (units,).

        Returns
        -------
        list of ContiguityCut
            Empty if all districts are connected.
        """
        cuts: list[ContiguityCut] = []
        for school, allowed in self._allowed.items():
            members = set(np.flatnonzero(assignment == school).tolist())
            own = int(self.problem.own[school])
            cuts += contiguity_cuts(self.neighbours, school, own, members=members, allowed=allowed)
        return cuts


def improve_districts(
    subproblem: Subproblem, *, rounds: int, nodes: int, allowance: Allowance
) -> tuple[IntArray | None, bool]:
    """Solve a subproblem for a cheaper connected assignment.

    Parameters
    ----------
    subproblem
        The subproblem; violated inequalities are added to it.
    rounds
        Largest number of solves.
    nodes
        Node limit of one solve.
    allowance
        Time and work; work is counted there.

    Returns
    -------
    assignment : IntArray or None
        A cheaper assignment; ``None`` if none was found.
    solved : bool
        Whether the result is proven: it is cheapest within the gap tolerance, or no cheaper one exists.
    """
    if not len(subproblem.arcs):
        return None, True
    present = subproblem.cost_of(subproblem.assignment)
    limit = present - _LEAST_GAIN * abs(present)
    for _ in range(rounds):
        matrix, limits = subproblem.constraints(limit)
        affordable = allowance.affordable_nodes(matrix.shape[1], most=nodes)
        if not affordable:
            return None, False
        answer = solve_binary(
            subproblem.cost(),
            matrix,
            limits,
            nodes=affordable,
            time_s=allowance.remaining_s(),
            gap=_GAP,
            continuous=subproblem.slacks,
        )
        allowance.spend_binary(matrix.shape[1], answer.nodes)
        if answer.values is None:
            return None, answer.is_infeasible
        changed = subproblem.changed(answer.values[: len(subproblem.arcs)])
        if subproblem.cost_of(changed) > limit:  # within the solver's tolerance only
            return None, True
        violated = subproblem.violated_by(changed)
        if not violated:
            return changed, True
        subproblem.add_cuts(violated)
    return None, False
