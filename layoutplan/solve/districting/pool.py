"""Set partitioning over the districts that the search has met.

Columns are districts (school, units, cost), rows are units and schools, each covered once. The linear program
is solved by column generation from the pool; a whole plan can only be better than the best one known with
columns whose reduced cost is at most ``best − LP``, so the integer program is small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csc_array, vstack

from layoutplan.arrays import FloatArray, IntArray
from layoutplan.solve.districting.arrays import Pool
from layoutplan.solve.districting.problem import DistrictingProblem
from layoutplan.solve.districting.program import chosen, solve_binary, solve_linear

_JOINING: Final = 800
_ROUNDS: Final = 12
_MOST: Final = 3_000


@dataclass(frozen=True)
class Columns:
    """Districts: school, cost, and units from ``first[i]`` to ``first[i + 1]``."""

    school: IntArray
    cost: FloatArray
    first: IntArray
    units: IntArray

    def __len__(self) -> int:
        """Return the number of districts."""
        return len(self.school)

    def sums(self, value: FloatArray) -> FloatArray:
        """Return the sum of a value over the units of each district."""
        return np.add.reduceat(value[self.units], self.first[:-1]) if len(self) else np.zeros(0)

    def at(self, places: IntArray) -> Columns:
        """Return some of the districts."""
        sizes = (self.first[1:] - self.first[:-1])[places]
        first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        inside = np.repeat(self.first[places] - first[:-1], sizes) + np.arange(first[-1])
        return Columns(self.school[places], self.cost[places], first, self.units[inside])

    def matrix(self, units: int, schools: int) -> csc_array:
        """Return (units + schools, districts): what each covers."""
        ends = self.first + np.arange(len(self) + 1)
        rows = np.empty(ends[-1], dtype=np.int64)
        rows[ends[1:] - 1] = units + self.school
        inside = np.ones(len(rows), dtype=bool)
        inside[ends[1:] - 1] = False
        rows[inside] = self.units
        return csc_array((np.ones(len(rows)), rows, ends), shape=(units + schools, len(self)))


def columns_of_pools(pools: Sequence[Pool]) -> Columns:
    """Return the districts of several pools, each once."""
    school, cost, sizes, units, keys = [], [], [], [], []
    for pool in pools:
        count = int(pool.filled[0])
        school.append(pool.school[:count])
        cost.append(pool.cost[:count])
        sizes.append(np.diff(pool.first[: count + 1]))
        units.append(pool.units[: pool.first[count]])
        keys.append(pool.key[:count] * np.uint64(4097) + pool.school[:count].astype(np.uint64))
    size = np.concatenate(sizes)
    every = Columns(
        np.concatenate(school),
        np.concatenate(cost),
        np.concatenate([[0], np.cumsum(size)]).astype(np.int64),
        np.concatenate(units),
    )
    _, places = np.unique(np.concatenate(keys), return_index=True)
    return every.at(np.sort(places))


def columns_of_plans(problem: DistrictingProblem, plans: Sequence[IntArray]) -> Columns:
    """Return the districts of plans."""
    school, cost, sizes, units = [], [], [], []
    for plan in plans:
        order = np.argsort(plan, kind="stable")
        school.append(np.arange(problem.schools))
        cost.append(np.bincount(plan, weights=problem.cost_of(plan), minlength=problem.schools))
        sizes.append(np.bincount(plan, minlength=problem.schools))
        units.append(order)
    first = np.concatenate([[0], np.cumsum(np.concatenate(sizes))]).astype(np.int64)
    return Columns(np.concatenate(school), np.concatenate(cost), first, np.concatenate(units))


def joined(one: Columns, other: Columns) -> Columns:
    """Return the districts of both."""
    return Columns(
        np.concatenate([one.school, other.school]),
        np.concatenate([one.cost, other.cost]),
        np.concatenate([one.first, one.first[-1] + other.first[1:]]),
        np.concatenate([one.units, other.units]),
    )


@dataclass(frozen=True)
class Partition:
    """What the pool gives: a plan (or ``None``), its cost, the LP's value and its duals of the units."""

    plan: IntArray | None
    cost: float
    relaxed: float
    unit_dual: FloatArray
    school_dual: FloatArray


def partition(
    problem: DistrictingProblem,
    columns: Columns,
    *,
    best: float,
    duals: tuple[FloatArray, FloatArray],
    nodes: int,
    time_s: float,
) -> Partition:
    """Return the best plan made of pooled districts, searched for ``nodes`` nodes.

    Parameters
    ----------
    columns
        Begins with the districts of a plan (so the LP has a solution).
    best
        Cost of the best plan known: only cheaper ones are looked for.
    duals
        First guess of the duals of units and schools.
    """
    units, schools = problem.units, problem.schools
    matrix = columns.matrix(units, schools)
    found = _linear(columns, matrix, np.concatenate(duals), schools=schools, time_s=time_s)
    if found is None:
        return Partition(None, np.inf, np.inf, *duals)
    dual, relaxed = found
    reduced = columns.cost - matrix.T @ dual
    usable = np.flatnonzero(reduced <= best - relaxed)
    usable = usable[np.argsort(reduced[usable], kind="stable")[:_MOST]]
    plan, cost = _whole(columns, matrix, usable, best=best, nodes=nodes, time_s=time_s)
    return Partition(plan, cost, relaxed, dual[:units], dual[units:])


def _linear(
    columns: Columns, matrix: csc_array, guess: FloatArray, *, schools: int, time_s: float
) -> tuple[FloatArray, float] | None:
    """Return duals and value of the linear program, which is solved over more and more of the columns."""
    active = np.zeros(len(columns), dtype=bool)
    active[:schools] = True
    reduced = columns.cost - matrix.T @ guess
    active[np.argsort(reduced, kind="stable")[:_JOINING]] = True
    dual, value = guess, np.inf
    for _ in range(_ROUNDS):
        places = np.flatnonzero(active)
        found = solve_linear(
            columns.cost[places], matrix[:, places], right=np.ones(matrix.shape[0]), time_s=time_s
        )
        if isinstance(found, bool):
            return None
        dual, value = found.equal_dual, found.cost
        reduced = columns.cost - matrix.T @ dual
        joining = np.flatnonzero((reduced < -1e-7 * abs(value)) & ~active)
        if not len(joining):
            break
        active[joining[np.argsort(reduced[joining], kind="stable")[:_JOINING]]] = True
    return dual, value


def linear_partition(
    problem: DistrictingProblem, columns: Columns, *, guess: FloatArray, time_s: float
) -> tuple[FloatArray, float] | None:
    """Return duals (units, then schools) and value of set partitioning as a linear program."""
    matrix = columns.matrix(problem.units, problem.schools)
    return _linear(columns, matrix, guess, schools=problem.schools, time_s=time_s)


def _whole(
    columns: Columns, matrix: csc_array, usable: IntArray, *, best: float, nodes: int, time_s: float
) -> tuple[IntArray | None, float]:
    """Choose whole districts among the usable columns."""
    if len(usable) == 0:
        return None, np.inf
    rows = matrix.shape[0]
    schools = int(columns.school.max()) + 1
    cost = columns.cost[usable]
    stacked = vstack([matrix[:, usable], csc_array(cost[None, :])], format="csc")
    low, high = np.ones(rows + 1), np.ones(rows + 1)
    low[rows], high[rows] = -np.inf, best * (1 - 1e-9)
    answer = solve_binary(cost, stacked, (low, high), nodes=nodes, time_s=time_s)
    if answer.values is None:
        return None, np.inf
    plan = np.full(rows - schools, -1, dtype=np.int64)
    for place in usable[chosen(answer.values)]:
        plan[columns.units[columns.first[place] : columns.first[place + 1]]] = columns.school[place]
    return plan, float(cost @ answer.values)
