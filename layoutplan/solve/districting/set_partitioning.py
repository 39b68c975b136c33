"""Set partitioning over the districts that the search has found.

A column is a district (school, units, cost); the rows are units and schools, each covered exactly once. The
linear relaxation is solved by column generation from the pool. Only columns whose reduced cost is at most the
gap ``best − LP`` can be part of a better solution, so the integer program is small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csc_array, vstack

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.districting.budget import Allowance
from layoutplan.solve.districting.compiled_arrays import ColumnPool
from layoutplan.solve.districting.problem import DistrictingProblem
from layoutplan.solve.districting.program import is_one, solve_binary, solve_linear
from layoutplan.solve.outcome import Outcome

_COLUMNS_PER_ROUND: Final = 800
_MAX_ROUNDS: Final = 12
_MAX_COLUMNS: Final = 3_000


@dataclass(frozen=True)
class DistrictColumns:
    """Districts as columns of the set partitioning problem.

    Attributes
    ----------
    school, cost
        School and cost of each district.
    first
        First unit of each district in ``units``, followed by the number of entries; shape (districts + 1,).
    units
        Units of all districts, district by district.
    """

    school: IntArray
    cost: FloatArray
    first: IntArray
    units: IntArray

    def __len__(self) -> int:
        """Return the number of districts."""
        return len(self.school)

    def sum_over_units(self, value: FloatArray) -> FloatArray:
        """Return the sum of a value over the units of each district.

        Parameters
        ----------
        value
            Value of each unit, shape (units,).

        Returns
        -------
        FloatArray
            Shape (districts,).
        """
        return np.add.reduceat(value[self.units], self.first[:-1]) if len(self) else np.zeros(0)

    def subset(self, positions: IntArray) -> DistrictColumns:
        """Return some of the districts.

        Parameters
        ----------
        positions
            Positions of the districts, in the order wanted.

        Returns
        -------
        DistrictColumns
            The districts at these positions.
        """
        sizes = (self.first[1:] - self.first[:-1])[positions]
        first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        inside = np.repeat(self.first[positions] - first[:-1], sizes) + np.arange(first[-1])
        return DistrictColumns(self.school[positions], self.cost[positions], first, self.units[inside])

    def cover_matrix(self, units: int, schools: int) -> csc_array:
        """Return the matrix of the cover constraints.

        Parameters
        ----------
        units, schools
            Numbers of units and schools.

        Returns
        -------
        csc_array
            Shape (units + schools, districts); 1 where a district contains the unit or belongs to the school.
        """
        ends = self.first + np.arange(len(self) + 1)
        rows = np.empty(ends[-1], dtype=np.int64)
        rows[ends[1:] - 1] = units + self.school
        inside = np.ones(len(rows), dtype=bool)
        inside[ends[1:] - 1] = False
        rows[inside] = self.units
        return csc_array((np.ones(len(rows)), rows, ends), shape=(units + schools, len(self)))


def merge_pools(pools: Sequence[ColumnPool]) -> DistrictColumns:
    """Return the districts of several pools, each once.

    Parameters
    ----------
    pools
        Column pools.

    Returns
    -------
    DistrictColumns
        In the order of the pools.
    """
    school, cost, sizes, units, keys = [], [], [], [], []
    for pool in pools:
        count = int(pool.length[0])
        school.append(pool.school[:count])
        cost.append(pool.cost[:count])
        sizes.append(np.diff(pool.first[: count + 1]))
        units.append(pool.units[: pool.first[count]])
        keys.append(pool.district_hash[:count] * np.uint64(4097) + pool.school[:count].astype(np.uint64))
    size = np.concatenate(sizes)
    every = DistrictColumns(
        np.concatenate(school),
        np.concatenate(cost),
        np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        np.concatenate(units),
    )
    _, positions = np.unique(np.concatenate(keys), return_index=True)
    return every.subset(np.sort(positions))


def columns_of_assignments(problem: DistrictingProblem, assignments: Sequence[IntArray]) -> DistrictColumns:
    """Return the districts of assignments.

    Parameters
    ----------
    problem
        The problem.
    assignments
        School of each unit, shape (units,) each; complete.

    Returns
    -------
    DistrictColumns
        One per school and assignment.
    """
    school, cost, sizes, units = [], [], [], []
    for assignment in assignments:
        order = np.argsort(assignment, kind="stable")
        school.append(np.arange(problem.schools))
        cost.append(np.bincount(assignment, weights=problem.cost_of(assignment), minlength=problem.schools))
        sizes.append(np.bincount(assignment, minlength=problem.schools))
        units.append(order)
    first = np.concatenate([[0], np.cumsum(np.concatenate(sizes))]).astype(np.int64)
    return DistrictColumns(np.concatenate(school), np.concatenate(cost), first, np.concatenate(units))


def concatenate_columns(first: DistrictColumns, second: DistrictColumns) -> DistrictColumns:
    """Return the districts of both arguments.

    Parameters
    ----------
    first, second
        Districts; duplicates are kept.

    Returns
    -------
    DistrictColumns
        Those of ``first``, then those of ``second``.
    """
    return DistrictColumns(
        np.concatenate([first.school, second.school]),
        np.concatenate([first.cost, second.cost]),
        np.concatenate([first.first, first.first[-1] + second.first[1:]]),
        np.concatenate([first.units, second.units]),
    )


@dataclass(frozen=True)
class PartitionResult:
    """Result of set partitioning.

    Attributes
    ----------
    assignment
        School of each unit, shape (units,); ``None`` if no better solution was found.
    cost
        Its cost; inf without a solution.
    linear_cost
        Optimal value of the linear relaxation; inf if it was not solved.
    unit_dual, school_dual
        Dual values of the cover constraints, shapes (units,) and (schools,).
    """

    assignment: IntArray | None
    cost: float
    linear_cost: float
    unit_dual: FloatArray
    school_dual: FloatArray


def solve_set_partitioning(
    problem: DistrictingProblem,
    columns: DistrictColumns,
    *,
    best: float,
    duals: tuple[FloatArray, FloatArray],
    nodes: int,
    allowance: Allowance,
) -> PartitionResult:
    """Return the best assignment composed of pooled districts.

    Parameters
    ----------
    problem
        The problem.
    columns
        Districts; the first ones form a complete assignment, so that the linear relaxation is feasible.
    best
        Cost of the best known solution; only cheaper ones are searched.
    duals
        Initial dual values of units and schools, shapes (units,) and (schools,).
    nodes
        Node limit of the integer program.
    allowance
        Time and work; work is counted there.

    Returns
    -------
    PartitionResult
        Assignment, if a cheaper one was found, and dual values.
    """
    units, schools = problem.units, problem.schools
    matrix = columns.cover_matrix(units, schools)
    found = _solve_master(columns, matrix, np.concatenate(duals), schools=schools, allowance=allowance)
    if found is None:
        return PartitionResult(None, np.inf, np.inf, *duals)
    dual, linear_cost = found
    reduced = columns.cost - matrix.T @ dual
    usable = np.flatnonzero(reduced <= best - linear_cost)
    usable = usable[np.argsort(reduced[usable], kind="stable")[:_MAX_COLUMNS]]
    assignment, cost = _solve_integer(columns, matrix, usable, best=best, nodes=nodes, allowance=allowance)
    return PartitionResult(assignment, cost, linear_cost, dual[:units], dual[units:])


def _solve_master(
    columns: DistrictColumns, matrix: csc_array, guess: FloatArray, *, schools: int, allowance: Allowance
) -> tuple[FloatArray, float] | None:
    """Solve the linear relaxation by column generation; return its duals and value, ``None`` if it failed."""
    active = np.zeros(len(columns), dtype=bool)
    active[:schools] = True
    reduced = columns.cost - matrix.T @ guess
    active[np.argsort(reduced, kind="stable")[:_COLUMNS_PER_ROUND]] = True
    dual, value = guess, np.inf
    for _ in range(_MAX_ROUNDS):
        positions = np.flatnonzero(active)
        allowance.spend_linear(len(positions))
        found = solve_linear(
            columns.cost[positions],
            matrix[:, positions],
            equal_rhs=np.ones(matrix.shape[0]),
            time_s=allowance.remaining_s(),
        )
        if isinstance(found, Outcome):
            return None
        dual, value = found.equal_dual, found.cost
        reduced = columns.cost - matrix.T @ dual
        joining = np.flatnonzero((reduced < -1e-7 * abs(value)) & ~active)
        if not len(joining):
            break
        active[joining[np.argsort(reduced[joining], kind="stable")[:_COLUMNS_PER_ROUND]]] = True
    return dual, value


def _solve_integer(
    columns: DistrictColumns,
    matrix: csc_array,
    usable: IntArray,
    *,
    best: float,
    nodes: int,
    allowance: Allowance,
) -> tuple[IntArray | None, float]:
    """Solve the integer program over the usable columns; return the assignment and its cost."""
    affordable = allowance.affordable_nodes(len(usable), most=nodes)
    if len(usable) == 0 or not affordable:
        return None, np.inf
    rows = matrix.shape[0]
    schools = int(columns.school.max()) + 1
    cost = columns.cost[usable]
    stacked = vstack([matrix[:, usable], csc_array(cost[None, :])], format="csc")
    low, high = np.ones(rows + 1), np.ones(rows + 1)
    low[rows], high[rows] = -np.inf, best * (1 - 1e-9)
    answer = solve_binary(cost, stacked, (low, high), nodes=affordable, time_s=allowance.remaining_s())
    allowance.spend_binary(len(usable), answer.nodes)
    if answer.values is None:
        return None, np.inf
    assignment = np.full(rows - schools, -1, dtype=np.int64)
    for place in usable[is_one(answer.values)]:
        assignment[columns.units[columns.first[place] : columns.first[place + 1]]] = columns.school[place]
    return assignment, float(cost @ answer.values)
